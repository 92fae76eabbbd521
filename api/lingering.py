"""An answer that ends the connection reaches a caller who is still sending.

A socket that is closed while bytes of the caller stand unread in it is reset, and the reset may overtake the answer
(RFC 9112, section 9.6): a caller who reads once all is sent would see a broken pipe and never the reason. So what still
comes is read and thrown away, for a short time and up to an amount, and the connection is closed then. The caller has
the whole answer meanwhile; one that reads it and leaves ends the wait at once.
"""

import asyncio
import contextlib
from typing import Final

from starlette.types import ASGIApp, Message, Receive, Scope, Send

LONGEST_S: Final = 5.0  # some round trips; no way to hold a connection that a slow body would not be the better for
MOST_BYTES: Final = 64 * 1024 * 1024  # more than a link of 100 Mbit/s brings in that time

_THE_END: Final = {"type": "http.response.body", "body": b"", "more_body": False}


class Lingering:
    """ASGI middleware, the outermost: by then the request is logged, and holds nothing but its connection.

    Args:
        longest_s: how long what still comes is read.
        most_bytes: how much of it.
    """

    def __init__(self, app: ASGIApp, longest_s: float = LONGEST_S, most_bytes: int = MOST_BYTES) -> None:
        self._app = app
        self._longest_s = longest_s
        self._most_bytes = most_bytes

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        exchange = _Exchange(receive, send)
        await self._app(scope, exchange.receive, exchange.send)
        if exchange.is_held:
            await self._discard(exchange)
            await send(_THE_END)

    async def _discard(self, exchange: "_Exchange") -> None:
        left = self._most_bytes
        with contextlib.suppress(TimeoutError):
            async with asyncio.timeout(self._longest_s):
                while left > 0 and not exchange.is_read:
                    left -= len((await exchange.receive()).get("body", b""))


class _Exchange:
    """A request and its answer, as they pass. An answer that ends the connection is sent whole, but not as its end."""

    def __init__(self, receive: Receive, send: Send) -> None:
        self._receive = receive
        self._send = send
        self._closes = False
        self.is_read = False
        self.is_held = False

    async def receive(self) -> Message:
        message = await self._receive()
        self.is_read = self.is_read or message["type"] == "http.disconnect" or not message.get("more_body", False)
        return message

    async def send(self, message: Message) -> None:
        if message["type"] == "http.response.start":
            self._closes = (b"connection", b"close") in message.get("headers", ())
        elif self._closes and not self.is_read and not message.get("more_body", False):
            self.is_held = True
            message = {**message, "more_body": True}
        await self._send(message)
