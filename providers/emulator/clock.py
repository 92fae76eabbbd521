"""The emulator's own time: the real one, or moved to where a test wants it, and running on from there.

Prices, retirements, caches and batches follow it; waits and latencies take real seconds.
"""

from collections.abc import Callable
from datetime import datetime, timedelta


class Clock:
    """Runs as fast as `base`."""

    def __init__(self, base: Callable[[], datetime]) -> None:
        self._base = base
        self._ahead = timedelta(0)

    def now(self) -> datetime:
        return self._base() + self._ahead

    def advance(self, seconds: float) -> None:
        """Let so much time pass at once."""
        self._ahead += timedelta(seconds=seconds)

    def set(self, at: datetime) -> None:
        """Let it be that time now, so that a test of prices and retirements means the same in any year."""
        self._ahead = at - self._base()

    def reset(self) -> None:
        """Back to the real time."""
        self._ahead = timedelta(0)
