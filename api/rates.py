"""How many requests a key may make: a bucket that fills evenly and holds a minute's worth, as one process counts them
for itself. `api/shared_rates.py` counts them for all processes, and goes by these buckets while Redis is away.

The headers are those of the IETF draft "RateLimit header fields for HTTP" (version 10), and the three older ones that
most clients still read.
"""

import math
import threading
import time
from collections.abc import Callable
from typing import Final, NamedTuple

WINDOW_S: Final = 60.0
MAX_KEYS: Final = 10_000  # at once; above it everything is forgotten, which gives each a full bucket


class Left(NamedTuple):
    """What a key has left. `fits` False: this request was not let in; one will be after `reset_s`."""

    fits: bool
    quota: int
    remaining: int
    reset_s: int

    @property
    def headers(self) -> dict[str, str]:
        return {
            "RateLimit-Policy": f'"key";q={self.quota};w={WINDOW_S:.0f}',
            "RateLimit": f'"key";r={self.remaining};t={self.reset_s}',
            "RateLimit-Limit": str(self.quota),
            "RateLimit-Remaining": str(self.remaining),
            "RateLimit-Reset": str(self.reset_s),
        }


class Rates:
    """May be used from any thread. `per_minute` 0: nobody is counted."""

    def __init__(self, per_minute: int, clock: Callable[[], float] = time.monotonic) -> None:
        self._quota = per_minute
        self._clock = clock
        self._levels: dict[str, tuple[float, float]] = {}
        self._lock = threading.Lock()

    def take(self, key_id: str, processes: int = 1) -> Left | None:
        """Count one request of a key, of which each of so many processes lets in its share. None: nobody is counted."""
        if not self._quota:
            return None
        share = max(1, self._quota // processes)
        with self._lock:
            if len(self._levels) >= MAX_KEYS and key_id not in self._levels:
                self._levels.clear()
            level = self._filled(key_id, share)
            fits = level >= 1
            level -= fits
            self._levels[key_id] = (level, self._clock())
        return Left(fits, self._quota, int(level), _reset_s(level, share))

    def _filled(self, key_id: str, share: int) -> float:
        level, at = self._levels.get(key_id, (float(share), self._clock()))
        return min(float(share), level + (self._clock() - at) * share / WINDOW_S)


def _reset_s(level: float, share: int) -> int:
    """Until the bucket is full again; of an empty one, until it holds a request."""
    lacking = 1 - level if level < 1 else share - level
    return max(1, math.ceil(lacking * WINDOW_S / share))
