"""How long calls take, as one process has seen, and how many second ones it has made: the memory behind hedging."""

import threading
from collections import Counter, deque
from typing import Final

from orchestrator.routing import hedging as rules
from providers.calls import Target

REMEMBERED: Final = 200  # answers of each target: what it was like an hour ago says little


class Hedges:
    """What one process knows of its calls. All methods may be called from any thread."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._seen_s: dict[Target, deque[float]] = {}
        self._count: Counter[str] = Counter()

    def answered(self, target: Target, took_s: float) -> None:
        with self._lock:
            self._seen_s.setdefault(target, deque(maxlen=REMEMBERED)).append(took_s)

    def begin(self, target: Target) -> float | None:
        """A call leaves; after how long it will be slow. None: nobody knows yet."""
        with self._lock:
            self._count["calls"] += 1
            return rules.slow_after_s([*self._seen_s.get(target, ())])

    def take(self) -> bool:
        """Count a second call, if one more is within the share."""
        with self._lock:
            allowed = rules.may_hedge(self._count["calls"], self._count["hedges"])
            self._count["hedges"] += allowed
            return allowed
