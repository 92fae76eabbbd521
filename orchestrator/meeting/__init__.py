"""The meeting as text: reading it, measuring it."""
