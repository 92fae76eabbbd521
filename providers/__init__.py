"""A small model library: calls in, replies out, over the wire of each vendor. It has never heard of jobs or tables."""
