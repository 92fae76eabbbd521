"""What the rest of the world feels meanwhile: somebody else's reads, one after the other."""

import threading
import time
from contextlib import closing
from typing import Final, Self

from api.client import Client
from ops.bench.slice_rig import Product

LOOK_EVERY_S: Final = 0.1


class Others:
    """Reads in a thread of their own; how long each took, in milliseconds."""

    def __init__(self, product: Product) -> None:
        self._product = product
        self._stop = threading.Event()
        self._thread = threading.Thread(target=self._look, daemon=True)
        self._took_ms: list[float] = []

    def __enter__(self) -> Self:
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._stop.set()
        self._thread.join(10)

    def told(self) -> str:
        found = sorted(self._took_ms) or [0.0]
        return f"{found[len(found) // 2]:.0f} ms at the median, {found[int(0.99 * (len(found) - 1))]:.0f} ms at p99"

    def _look(self) -> None:
        with closing(Client(self._product.url, self._product.key)) as client:
            while not self._stop.wait(LOOK_EVERY_S):
                began = time.monotonic()
                client.jobs(limit=1)
                self._took_ms.append(1e3 * (time.monotonic() - began))
