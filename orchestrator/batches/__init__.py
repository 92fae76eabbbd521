"""Many jobs that are handed in together: taken in line by line, held back, let go on, canceled and retried together."""
