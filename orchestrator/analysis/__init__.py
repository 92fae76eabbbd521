"""What is asked of a model and what of its answer can be believed."""
