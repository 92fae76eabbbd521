"""Keys that were good a moment ago, so that a caller's next request need not ask PostgreSQL again.

A revoked key is refused everywhere within `KEPT_S`, counted from before PostgreSQL was asked; by the process that
revokes it at once. Only digests are kept, and only of keys that were good. Whether one has come to its end since then,
the caller sees from the answer.
"""

import math
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
        self._forgotten: dict[str, float] = {}  # key -> when
        self._lock = threading.Lock()

    def find(self, digest: bytes) -> Principal | None:
        """Whose key it was within the last `KEPT_S` seconds."""
        kept = self._known.get(digest)
        return kept[1] if kept is not None and kept[0] > self._clock() else None

    def moment(self) -> float:
        """To be handed to `keep`: taken before the question is asked whose answer is kept."""
        return self._clock()

    def keep(self, digest: bytes, principal: Principal, asked_at: float) -> None:
        """Unless the key was forgotten since `asked_at`: then the answer may be older than that."""
        with self._lock:
            if self._forgotten.get(principal.key_id, -math.inf) >= asked_at:
                return
            if len(self._known) >= MAX_KEPT:
                self._known.clear()
            self._known[digest] = (asked_at + KEPT_S, principal)

    def forget(self, key_id: str) -> None:
        """Have PostgreSQL asked at the next request of this key: it has been changed."""
        now = self._clock()
        with self._lock:
            self._known = {name: kept for name, kept in self._known.items() if kept[1].key_id != key_id}
            # A question that was asked longer ago than that is not kept anyway.
            self._forgotten = {name: at for name, at in self._forgotten.items() if at > now - KEPT_S} | {key_id: now}
