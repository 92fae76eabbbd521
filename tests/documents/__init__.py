"""README and handbook as examples: read whole, so that tests/house and tests/acceptance can let none of them escape."""
