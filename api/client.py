"""A typed client for the HTTP contract: what upstream services, the command line and our own tests use.

`api.async_client` has the same calls to be awaited. What a call may end with is in `api.client_errors`.
"""

import time
from collections.abc import AsyncGenerator, AsyncIterator, Callable, Iterable, Iterator, Mapping
from contextlib import asynccontextmanager
from typing import Self

from api import client_answers
from api.client_calls import TIMEOUT_S
from api.client_errors import NotInTime, Problem, Silent, Trouble, Unreachable
from api.client_verbs import Blocking
from api.job_client import Filter
from api.service_calls import ServiceCalls
from providers.http import Answer, Http, Opened, open_http

# A caller writes one import for the client and for what its calls end with.
__all__ = ["Client", "Filter", "NotInTime", "Problem", "Silent", "Trouble", "Unreachable"]


class Client(Blocking, ServiceCalls):
    """One service, one key. Not shared between threads."""

    def __init__(
        self,
        url: str,
        key: str,
        *,
        http: Http | None = None,
        clock: Callable[[], float] = time.monotonic,
        sleep: Callable[[float], None] = time.sleep,
    ) -> None:
        """Open the client; `http` stands in for the connection that it would open.

        Raises:
            ValueError: the address is none, or the key holds what no key may.
        """
        self._http = http or open_http(url.rstrip("/"), client_answers.bearer(key), TIMEOUT_S)

        async def rest(seconds: float) -> None:
            sleep(seconds)

        super().__init__(url.rstrip("/"), _Wire(self._http), clock=clock, sleep=rest)

    def close(self) -> None:
        self._http.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()


class _Wire:
    """Http in the words of an event loop. Whoever awaits it is never suspended: it is done when it returns."""

    def __init__(self, http: Http) -> None:
        self._http = http

    async def send(
        self, method: str, path: str, body: bytes | Iterable[bytes], headers: Mapping[str, str], timeout_s: float
    ) -> Answer:
        return self._http.send(method, path, body, headers, timeout_s)

    @asynccontextmanager
    async def open(
        self, path: str, headers: Mapping[str, str], silent_s: float
    ) -> AsyncGenerator[Opened[AsyncIterator[bytes]], None]:
        with self._http.open(path, headers, silent_s) as opened:
            yield Opened(opened.status, opened.headers, _each(opened.pieces))


async def _each(pieces: Iterator[bytes]) -> AsyncGenerator[bytes, None]:
    for piece in pieces:
        yield piece
