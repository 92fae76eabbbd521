"""The phrases of each language, one table to a file; `cues.py` lists them."""
