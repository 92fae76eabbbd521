"""A line to the providers for each thread. Built after a fork, never before: a connection has one owner."""

import ssl
import threading
import time
import weakref
from collections.abc import Callable

from providers.transport import KEEPALIVE_EXPIRY_S, Line, trusted


class Lines:
    """Gives every thread that asks its own line, and closes them all."""

    def __init__(
        self,
        *,
        tls: ssl.SSLContext | None = None,
        clock: Callable[[], float] = time.monotonic,
        keepalive_s: float = KEEPALIVE_EXPIRY_S,
    ) -> None:
        self._tls = tls or trusted()  # dear to build, safe to share
        self._clock = clock
        self._keepalive_s = keepalive_s
        self._own = threading.local()
        self._lock = threading.Lock()
        self._all: weakref.WeakSet[Line] = weakref.WeakSet()

    def mine(self) -> Line:
        """The calling thread's own line."""
        line: Line | None = getattr(self._own, "line", None)
        if line is None:
            line = self._own.line = Line(self._tls, clock=self._clock, keepalive_s=self._keepalive_s)
            with self._lock:
                self._all.add(line)
        return line

    def close(self) -> None:
        """Close all connections. Only when no call is under way."""
        with self._lock:
            for line in tuple(self._all):
                line.close()
