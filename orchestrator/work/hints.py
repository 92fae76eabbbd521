"""Where hints are heard: one Redis channel for all jobs, its messages job ids. Lost hints cost two seconds."""


def channel(redis_prefix: str) -> str:
    """The channel's name, under the house's own prefix."""
    return f"{redis_prefix}jobs"
