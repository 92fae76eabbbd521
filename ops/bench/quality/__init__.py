"""How good analyses are, measured against people's annotations of real meetings; see `__main__`."""
