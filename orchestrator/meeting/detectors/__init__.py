"""What finds out the circumstances of a meeting from its words and turns, one kind of finding to a file."""
