"""A job's events as messages of a WebSocket: the same events as those of the stream, each as one JSON text.

A handshake is a request like any other: its key stands in a header, and what is refused is refused by an HTTP status
and a problem. Nothing but that header opens a socket, and no page in a browser can set it; so no page of a stranger
opens one in the name of who looks at it, whatever its `Origin`.

What a reader says is not listened to; api/socket_links.py bounds how much it may say.
"""

import asyncio
from contextlib import aclosing, suppress
from enum import IntEnum
from typing import Final

import structlog
from fastapi import WebSocket
from starlette.requests import HTTPConnection
from starlette.types import ASGIApp, Message, Receive, Scope, Send
from starlette.websockets import WebSocketDisconnect
from uvicorn.protocols.utils import ClientDisconnected

from api import problems
from api.streams import Stream, Streams
from orchestrator.errors import NotFound

log = structlog.get_logger()


class Code(IntEnum):
    """Why a socket was closed (RFC 6455, section 7.4, and IANA's registry). Only `ENDED` means that nothing follows."""

    ENDED = 1000
    COME_BACK = 1001  # it has lasted long enough, or its job is no more: who comes back is told
    SAYS_TOO_MUCH = 1008
    SAYS_TOO_MUCH_AT_ONCE = 1009
    DEFECT = 1011  # ours; also of a reader that answers no ping, which will never read it
    RESTART = 1012  # this process ends; another goes on


_WORDS: Final = {
    Code.ENDED: "the job has ended",
    Code.COME_BACK: "come back with the version of the last event",
    Code.RESTART: "this process ends: come back with the version of the last event",
}


async def tell(socket: WebSocket, streams: Streams, stream: Stream) -> None:
    """Open the socket, tell the stream's events as they come, and close it."""
    await socket.accept()
    tasks = [asyncio.create_task(_tell(socket, streams, stream)), asyncio.create_task(_hear(socket))]
    try:
        done, _ = await asyncio.wait(tasks, return_when=asyncio.FIRST_COMPLETED)
    finally:
        for task in tasks:
            task.cancel()
        await asyncio.wait(tasks)
    codes = [code for task in done if (code := task.result()) is not None]
    if len(codes) == len(done):
        with suppress(WebSocketDisconnect):
            await socket.close(codes[0], _WORDS[codes[0]])


async def _tell(socket: WebSocket, streams: Streams, stream: Stream) -> Code | None:
    """With which code to close; None: the reader has gone."""
    async with aclosing(streams.events(stream)) as told:
        async for event in told:
            if event is None:
                continue  # pings go by themselves
            try:
                await socket.send_text(event.model_dump_json())
            except WebSocketDisconnect:
                return None
    if stream.story.ended:
        return Code.ENDED
    return Code.RESTART if streams.is_ending else Code.COME_BACK


async def _hear(socket: WebSocket) -> None:
    """Let what the reader says fall, until it has gone."""
    while (await socket.receive())["type"] != "websocket.disconnect":
        pass


async def nowhere(_: WebSocket) -> None:
    """All other addresses. Raises NotFound."""
    raise NotFound("There is no WebSocket at this address.")


class Defects:
    """ASGI middleware: a defect of ours is told to who opens a socket as it is to others, by status or by code."""

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "websocket":
            await self._app(scope, receive, send)
            return
        is_answered = False

        async def note(message: Message) -> None:
            nonlocal is_answered
            is_answered = True
            await send(message)

        try:
            await self._app(scope, receive, note)
        except (WebSocketDisconnect, ClientDisconnected):
            return  # the reader has gone
        except Exception as error:  # noqa: BLE001 - logged whole
            answer = problems.unforeseen(HTTPConnection(scope), error)
            if is_answered:
                await send({"type": "websocket.close", "code": int(Code.DEFECT)})
            else:
                await answer(scope, receive, send)
