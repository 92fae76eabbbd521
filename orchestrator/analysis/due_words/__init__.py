"""Due dates in Spanish, French and German: each a table that turns their words into the English ones."""
