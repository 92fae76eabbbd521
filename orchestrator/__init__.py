"""The brain: what a job is, what runs, in which order, on which queue, at which price, and what is true afterwards."""
