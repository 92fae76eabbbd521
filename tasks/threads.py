"""Threads that a worker process has beside its tasks."""

import threading
from collections.abc import Callable
from typing import Final

STOP_S: Final = 5.0  # a round of any of them is shorter; a process that ends does not wait for more


class Background:
    """A daemon thread that runs until it is told to stop.

    Args:
        run: gets the event that tells it; it looks at it between its rounds, and waits by it.
    """

    def __init__(self, name: str, run: Callable[[threading.Event], None]) -> None:
        self._stopping = threading.Event()
        self._thread = threading.Thread(target=run, args=(self._stopping,), name=name, daemon=True)

    def start(self) -> None:
        self._thread.start()

    def stop(self) -> None:
        """Tell it, and wait a moment for it. Safe to repeat, and before a start."""
        self._stopping.set()
        if self._thread.is_alive():
            self._thread.join(timeout=STOP_S)
