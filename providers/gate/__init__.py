"""The gate between a seat and a provider: circuits, limits and permits that all workers share in Redis."""
