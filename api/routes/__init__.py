"""One resource a room."""
