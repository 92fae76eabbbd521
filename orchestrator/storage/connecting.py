"""New connections whose makers can be let go.

A driver that connects hears of nothing until its own time limit, of whole seconds: there is no socket yet that could be
shut under it. So a thread connects, and who wants the connection leaves when there is nothing to wait for any more.
What the thread brings after that is closed.
"""

import threading
from collections.abc import Callable
from typing import Any, Final, TypeAlias

import psycopg

LOOK_EVERY_S: Final = 0.05

Connected: TypeAlias = psycopg.Connection[Any]


class _Attempt:
    """One connection being made by a thread."""

    def __init__(self, make: Callable[[], Connected]) -> None:
        self.done = threading.Event()
        self._make = make
        self._lock = threading.Lock()
        self._left = False
        self._made: Connected | None = None
        self._error: Exception | None = None

    def run(self) -> None:
        try:
            made = self._make()
        except Exception as error:  # noqa: BLE001 - whoever waits raises it
            self._error = error
        else:
            with self._lock:
                if self._left:
                    made.close()
                else:
                    self._made = made
        self.done.set()

    def take(self) -> Connected:
        """What was made by now; what comes later is nobody's. Raises what connecting raised."""
        with self._lock:
            self._left = True
        if self._error is not None:
            raise self._error
        if self._made is None:
            raise psycopg.OperationalError("the server does not answer")
        return self._made


def connect(make: Callable[[], Connected], is_over: Callable[[], bool]) -> Connected:
    """The connection that `make` makes.

    Args:
        make: connects, or raises.
        is_over: asked every `LOOK_EVERY_S`: whether there is nothing to wait for any more.

    Raises:
        psycopg.OperationalError: there was not; and what `make` raises.
    """
    attempt = _Attempt(make)
    threading.Thread(target=attempt.run, name="connect", daemon=True).start()
    while not attempt.done.wait(LOOK_EVERY_S) and not is_over():
        continue
    return attempt.take()
