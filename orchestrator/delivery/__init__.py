"""What a webhook delivery is made of, and where it may go. All of it is pure; `tasks/sending.py` does it."""
