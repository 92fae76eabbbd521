"""Which settings the promises need: rules that judge facts, and rooms that read them of stores and of Celery."""
