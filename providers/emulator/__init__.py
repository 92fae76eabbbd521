"""A separate process that plays the providers: the independent witness of what was asked and billed."""
