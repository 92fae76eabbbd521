"""Keys that were good a moment ago, so that a caller's next request need not ask PostgreSQL again.

A revoked key is refused everywhere within `KEPT_S`. Only digests are kept, and only of keys that were good.
"""

import threading
import time
from collections.abc import Callable
from typing import Final

from orchestrator.tenancy.keys import Principal

KEPT_S: Final = 2.0  # the promise is five seconds
MAX_KEPT: Final = 10_000  # callers at once; above it everything is forgotten, which costs a look-up each


class KnownKeys:
    """Digest -> who it is. May be used from any thread."""

    def __init__(self, clock: Callable[[], float] = time.monotonic) -> None:
        self._clock = clock
        self._known: dict[bytes, tuple[float, Principal]] = {}
        self._lock = threading.Lock()

    def find(self, digest: bytes) -> Principal | None:
        """Whose key it was within the last `KEPT_S` seconds."""
        kept = self._known.get(digest)
        return kept[1] if kept is not None and kept[0] > self._clock() else None

    def keep(self, digest: bytes, principal: Principal) -> None:
        with self._lock:
            if len(self._known) >= MAX_KEPT:
                self._known.clear()
            self._known[digest] = (self._clock() + KEPT_S, principal)
