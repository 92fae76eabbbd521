"""Queue doors: thin shells that fetch facts, call pure code and write facts back."""
