"""Puts a parcel on the wire, or breaks the wire on purpose."""

import asyncio
import socket
import struct
from collections.abc import Callable
from contextlib import suppress
from datetime import datetime
from email.utils import format_datetime
from typing import Final

from starlette.types import ASGIApp, Message, Receive, Scope, Send
from uvicorn.protocols.http.httptools_impl import HttpToolsProtocol

from providers.emulator.parcels import Parcel

_LINGER_ZERO: Final = struct.pack("ii", 1, 0)  # closing then sends RST and drops what was not yet acknowledged


class WitnessProtocol(HttpToolsProtocol):
    """uvicorn's protocol, with the connection within the application's reach: ASGI has no word for a reset."""

    def on_message_begin(self) -> None:
        super().on_message_begin()
        self.scope["state"]["transport"] = self.transport


def is_gone(scope: Scope) -> bool:
    """Whether the client has hung up."""
    transport: asyncio.Transport = scope["state"]["transport"]
    return transport.is_closing()


class Dated:
    """Puts the emulator's own time into the Date header: times in an answer are read against it (section 2.4)."""

    def __init__(self, app: ASGIApp, now: Callable[[], datetime]) -> None:
        self._app = app
        self._now = now

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        async def dated(message: Message) -> None:
            if message["type"] == "http.response.start":
                date = format_datetime(self._now(), usegmt=True).encode("ascii")
                message = {**message, "headers": [*message.get("headers", ()), (b"date", date)]}
            await send(message)

        await self._app(scope, receive, dated)


class Delivery:
    """An ASGI response that sends a parcel piece by piece and stops when nobody listens any more."""

    def __init__(self, parcel: Parcel) -> None:
        self._parcel = parcel

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        try:
            await self._deliver(scope, receive, send)
        finally:
            # Whoever was counted as inside (`admission.let_in`) is inside until the last byte is out.
            scope["state"].pop("leave", _nothing)()

    async def _deliver(self, scope: Scope, receive: Receive, send: Send) -> None:
        parcel = self._parcel
        if parcel.wait_s:
            await _wait(receive, parcel.wait_s)
        if parcel.status is not None:
            await self._send_pieces(scope, send)
        transport: asyncio.Transport = scope["state"]["transport"]
        if parcel.ending not in ("close", "reset") and not is_gone(scope):
            await send({"type": "http.response.body", "body": b"", "more_body": False})
            _part(transport, parcel)
            return
        _hang_up(transport, reset=parcel.ending == "reset")
        await _end(receive)

    async def _send_pieces(self, scope: Scope, send: Send) -> None:
        parcel = self._parcel
        lines = dict(parcel.headers)
        if parcel.length is not None:
            lines["content-length"] = str(parcel.length)
        headers = [(name.encode("latin-1"), value.encode("latin-1", "replace")) for name, value in lines.items()]
        await send({"type": "http.response.start", "status": parcel.status, "headers": headers})
        for piece in parcel.pieces:
            if is_gone(scope):
                return
            if piece:
                await send({"type": "http.response.body", "body": piece, "more_body": True})
            await asyncio.sleep(parcel.pause_s)


def _nothing() -> None:
    """Nobody was counted."""


async def _end(receive: Receive) -> None:
    while (await receive())["type"] != "http.disconnect":
        pass


async def _wait(receive: Receive, seconds: float) -> None:
    """Let time pass, but not for a client that has hung up."""
    with suppress(TimeoutError):
        async with asyncio.timeout(seconds):
            await _end(receive)


def _part(transport: asyncio.Transport, parcel: Parcel) -> None:
    """Close a connection whose answer is complete: at once, or when it has been idle for a while, or not at all."""
    if parcel.ending == "hang_up":
        transport.close()
    elif parcel.ending == "idle":
        asyncio.get_running_loop().call_later(parcel.idle_s, _close_if_idle, transport)


def _close_if_idle(transport: asyncio.Transport) -> None:
    protocol = transport.get_protocol()
    if isinstance(protocol, WitnessProtocol) and (protocol.cycle is None or protocol.cycle.response_complete):
        transport.close()


def _hang_up(transport: asyncio.Transport, *, reset: bool) -> None:
    if not reset:
        transport.close()
        return
    connection: socket.socket | None = transport.get_extra_info("socket")
    if connection is not None:
        connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, _LINGER_ZERO)
    transport.abort()
