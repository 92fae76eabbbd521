"""States of jobs, seats and attempts, and the moves between them."""
