"""The laws: what must hold of the whole house, whoever changes which room."""
