"""A plain HTTP client for a service of our own, for threads and for event loops. Not for providers.

Nothing here is leased, cut or billed, so the API's own client may use it without learning how a model is asked.
Redirects are not followed (a key must not travel), proxies and certificates named in the environment are ignored.

Of either kind, ConnectionError says that there was no connection, or that it broke, and TimeoutError that the service
fell silent.
"""

from collections.abc import AsyncGenerator, AsyncIterator, Iterable, Iterator, Mapping
from contextlib import asynccontextmanager, contextmanager
from typing import Final, Generic, NamedTuple, TypedDict, TypeVar

import httpx

from providers.sockets import CONNECT_TIMEOUT_S

# A client in an event loop has as many connections as calls at once: did a call wait for another's, fifty followed
# streams would keep the one call from coming through that cancels their job. Twenty are kept for the next calls.
_LIMITS: Final = httpx.Limits(max_connections=None, max_keepalive_connections=20)

Pieces = TypeVar("Pieces")


class Answer(NamedTuple):
    """What a service of ours answered, of whatever status. Header names are lower-case."""

    status: int
    headers: Mapping[str, str]
    body: bytes


class Opened(NamedTuple, Generic[Pieces]):
    """An answer whose body is still coming: `pieces` raise as `open` does. Header names are lower-case."""

    status: int
    headers: Mapping[str, str]
    pieces: Pieces


class Http:
    """An open way to one service: answers are read whole unless they are opened, nothing is retried."""

    def __init__(self, client: httpx.Client) -> None:
        self._client = client

    def send(
        self,
        method: str,
        path: str,
        body: bytes | Iterable[bytes],
        headers: Mapping[str, str],
        timeout_s: float | None = None,
    ) -> Answer:
        """A body of many pieces is sent while they are made. Raises ConnectionError and TimeoutError."""
        timeout = _timeout(self._client.timeout, timeout_s)
        with _plainly():
            reply = self._client.request(method, path, content=body, headers=dict(headers), timeout=timeout)
        return _whole(reply)

    def get(self, path: str, *, timeout_s: float | None = None) -> Answer:
        """Raises as `send` does."""
        return self.send("GET", path, b"", {}, timeout_s)

    def post(
        self, path: str, body: bytes | Iterable[bytes], headers: Mapping[str, str], *, timeout_s: float | None = None
    ) -> Answer:
        """Raises as `send` does."""
        return self.send("POST", path, body, headers, timeout_s)

    @contextmanager
    def open(self, path: str, headers: Mapping[str, str], silent_s: float) -> Iterator[Opened[Iterator[bytes]]]:
        """A body read as it comes; what is left unread ends with the block. Raises as `send` does.

        Args:
            silent_s: how long the service may be silent, before its answer and within.
        """
        timeout = _timeout(self._client.timeout, silent_s)
        with _plainly(), self._client.stream("GET", path, headers=dict(headers), timeout=timeout) as reply:
            yield Opened(reply.status_code, _lowered(reply.headers), _pieces(reply))

    def close(self) -> None:
        self._client.close()


class AsyncHttp:
    """The same for one event loop. A call that is canceled closes its connection."""

    def __init__(self, client: httpx.AsyncClient) -> None:
        self._client = client

    async def send(
        self,
        method: str,
        path: str,
        body: bytes | Iterable[bytes],
        headers: Mapping[str, str],
        timeout_s: float | None = None,
    ) -> Answer:
        """Raises as `Http.send` does. The loop stands still while a piece of a body is made."""
        timeout = _timeout(self._client.timeout, timeout_s)
        content = body if isinstance(body, bytes) else _given(body)
        with _plainly():
            reply = await self._client.request(method, path, content=content, headers=dict(headers), timeout=timeout)
        return _whole(reply)

    @asynccontextmanager
    async def open(
        self, path: str, headers: Mapping[str, str], silent_s: float
    ) -> AsyncGenerator[Opened[AsyncIterator[bytes]], None]:
        """As `Http.open`."""
        timeout = _timeout(self._client.timeout, silent_s)
        with _plainly():
            async with self._client.stream("GET", path, headers=dict(headers), timeout=timeout) as reply:
                yield Opened(reply.status_code, _lowered(reply.headers), _pieces_to_come(reply))

    async def close(self) -> None:
        await self._client.aclose()


def open_http(
    base_url: str,
    headers: Mapping[str, str],
    timeout_s: float,
    uds: str | None = None,
    *,
    wire: httpx.BaseTransport | None = None,
) -> Http:
    """Open a client for a service of ours. `uds` is a unix socket to go through; `wire` stands in for the network.

    Raises:
        ValueError: `base_url` is no http or https address, or a header holds what no header may.
    """
    transport = wire or (httpx.HTTPTransport(uds=uds) if uds else None)
    return Http(httpx.Client(transport=transport, **_settings(base_url, headers, timeout_s)))


def open_async_http(
    base_url: str, headers: Mapping[str, str], timeout_s: float, *, wire: httpx.AsyncBaseTransport | None = None
) -> AsyncHttp:
    """As `open_http`; to be used in one event loop, and closed in it."""
    return AsyncHttp(httpx.AsyncClient(transport=wire, limits=_LIMITS, **_settings(base_url, headers, timeout_s)))


class _Settings(TypedDict):
    base_url: httpx.URL
    headers: dict[str, str]
    timeout: httpx.Timeout
    follow_redirects: bool
    trust_env: bool


def _settings(base_url: str, headers: Mapping[str, str], timeout_s: float) -> _Settings:
    return {
        "base_url": _address(base_url),
        "headers": {"user-agent": "meetingmind", **headers},
        "timeout": httpx.Timeout(timeout_s, connect=CONNECT_TIMEOUT_S),
        "follow_redirects": False,
        "trust_env": False,
    }


def _address(text: str) -> httpx.URL:
    try:
        url = httpx.URL(text)
    except httpx.InvalidURL as error:
        raise ValueError(str(error)) from None
    if url.scheme not in ("http", "https") or not url.host:
        raise ValueError("the address must begin with http:// or https://")
    return url


def _timeout(usual: httpx.Timeout, timeout_s: float | None) -> httpx.Timeout:
    return usual if timeout_s is None else httpx.Timeout(timeout_s, connect=CONNECT_TIMEOUT_S)


def _whole(reply: httpx.Response) -> Answer:
    return Answer(reply.status_code, _lowered(reply.headers), reply.content)


async def _given(pieces: Iterable[bytes]) -> AsyncGenerator[bytes, None]:
    for piece in pieces:
        yield piece


def _pieces(reply: httpx.Response) -> Iterator[bytes]:
    with _plainly():
        yield from reply.iter_bytes()


async def _pieces_to_come(reply: httpx.Response) -> AsyncGenerator[bytes, None]:
    with _plainly():
        async for piece in reply.aiter_bytes():
            yield piece


def _lowered(headers: httpx.Headers) -> dict[str, str]:
    return {name.lower(): value for name, value in headers.items()}


@contextmanager
def _plainly() -> Iterator[None]:
    """What goes wrong on the wire, in Python's own words."""
    try:
        yield
    except httpx.TimeoutException as error:
        raise TimeoutError(str(error)) from None
    except (httpx.HTTPError, httpx.InvalidURL, httpx.CookieConflict) as error:
        raise ConnectionError(str(error)) from None
