"""Who may call, and the chain of what was changed."""
