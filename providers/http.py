"""A plain HTTP client for a service of our own. Not for providers.

Nothing here is leased, cut or billed, so the API's own client may use it without learning how a model is asked.
Redirects are not followed (a key must not travel), proxies and certificates named in the environment are ignored.
"""

from collections.abc import Mapping
from typing import NamedTuple

import httpx

from providers.sockets import CONNECT_TIMEOUT_S


class Answer(NamedTuple):
    """What a service of ours answered, of whatever status. Header names are lower-case."""

    status: int
    headers: Mapping[str, str]
    body: bytes


class Http:
    """An open way to one service: answers are read whole, nothing is retried."""

    def __init__(self, client: httpx.Client) -> None:
        self._client = client

    def get(self, path: str, *, timeout_s: float | None = None) -> Answer:
        """Raises ConnectionError (no connection, or it broke) and TimeoutError (the service fell silent)."""
        return self._send("GET", path, b"", {}, timeout_s)

    def post(self, path: str, body: bytes, headers: Mapping[str, str], *, timeout_s: float | None = None) -> Answer:
        """Raises as `get` does."""
        return self._send("POST", path, body, headers, timeout_s)

    def put(self, path: str, body: bytes, headers: Mapping[str, str], *, timeout_s: float | None = None) -> Answer:
        """Raises as `get` does."""
        return self._send("PUT", path, body, headers, timeout_s)

    def close(self) -> None:
        self._client.close()

    def _send(self, method: str, path: str, body: bytes, headers: Mapping[str, str], timeout_s: float | None) -> Answer:
        timeout = self._client.timeout if timeout_s is None else httpx.Timeout(timeout_s, connect=CONNECT_TIMEOUT_S)
        try:
            reply = self._client.request(method, path, content=body, headers=dict(headers), timeout=timeout)
        except httpx.TimeoutException as error:
            raise TimeoutError(str(error)) from None
        except (httpx.HTTPError, httpx.InvalidURL, httpx.CookieConflict) as error:
            raise ConnectionError(str(error)) from None
        return Answer(reply.status_code, {name.lower(): value for name, value in reply.headers.items()}, reply.content)


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
    try:
        client = httpx.Client(
            base_url=base_url,
            headers={"user-agent": "meetingmind", **headers},
            timeout=httpx.Timeout(timeout_s, connect=CONNECT_TIMEOUT_S),
            transport=wire or (httpx.HTTPTransport(uds=uds) if uds else None),
            follow_redirects=False,
            trust_env=False,
        )
    except httpx.InvalidURL as error:
        raise ValueError(str(error)) from None
    if client.base_url.scheme not in ("http", "https") or not client.base_url.host:
        client.close()
        raise ValueError("the address must begin with http:// or https://")
    return Http(client)
