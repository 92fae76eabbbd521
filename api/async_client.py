"""The client for programs with an event loop: the calls of `api.client`, to be awaited.

No thread stands behind it. A call that is canceled closes its connection; what the service was asked for it may do all
the same.
"""

import asyncio
import time
from collections.abc import Awaitable, Callable
from typing import Self

from api import client_answers
from api.client_calls import TIMEOUT_S
from api.client_verbs import Awaiting
from api.service_calls import ServiceCalls
from providers.http import AsyncHttp, open_async_http


class AsyncClient(Awaiting, ServiceCalls):
    """One service, one key, one event loop, whose tasks may share it; each call has a connection to itself.

    Calls that bring many things are asynchronous generators: leave one early by `aclose()`, or by
    `contextlib.aclosing`. A batch's jobs, and what is called back, are given and run in the loop: let neither block.
    """

    def __init__(
        self,
        url: str,
        key: str,
        *,
        http: AsyncHttp | None = None,
        clock: Callable[[], float] = time.monotonic,
        sleep: Callable[[float], Awaitable[None]] = asyncio.sleep,
    ) -> None:
        """Open the client; `http` stands in for the connections that it would open.

        Raises:
            ValueError: the address is none, or the key holds what no key may.
        """
        self._http = http or open_async_http(url.rstrip("/"), client_answers.bearer(key), TIMEOUT_S)
        super().__init__(url.rstrip("/"), self._http, clock=clock, sleep=sleep)

    async def close(self) -> None:
        await self._http.close()

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(self, *_: object) -> None:
        await self.close()
