"""WebSockets on the wire: uvicorn's own protocol, with bounds to what a reader may say and to what it leaves unread.

No connection is waited for without an end: one whose reader takes nothing for `STUCK_S` is cut, as is one whose reader
answers no ping (uvicorn's part), and one that was told goodbye and stays. A handshake that is none is refused with a
problem, as any other request is.
"""

import asyncio
import json
import logging
from asyncio.transports import BaseTransport
from http import HTTPStatus
from typing import Any, Final

import structlog
from uvicorn._types import ASGISendEvent
from uvicorn.protocols.utils import ClientDisconnected
from uvicorn.protocols.websockets.websockets_sansio_impl import WebSocketsSansIOProtocol
from websockets.datastructures import Headers
from websockets.exceptions import SecurityError
from websockets.http11 import Request, Response
from websockets.server import ServerProtocol

from api import problems
from api.sockets import Code
from orchestrator.errors import DomainError, Unavailable
from orchestrator.ids import new_id

log = structlog.get_logger()

PING_EVERY_S: Final = 15.0  # and as long may the answer take; proxies cut what is silent for a minute
STUCK_S: Final = 30.0  # an event is a kilobyte or less: who cannot take one within that time takes none
GOODBYE_S: Final = 1.0  # what the reader has sent meanwhile is read, else it might lose our last words
MOST_AT_ONCE: Final = 1_024  # bytes of a message, of which none is needed
# Bytes of a connection, which lasts for ten minutes. Pings and answers to ours, ten bytes each, are among them.
MOST_SAID: Final = 64 * 1_024

# It says who came and what for, whole addresses and headers among it; our own line says what may be said.
_QUIET: Final = logging.getLogger("uvicorn.websockets")


class SocketLink(WebSocketsSansIOProtocol):
    """One connection, from the request that asks for a WebSocket on."""

    stuck_s = STUCK_S

    def __init__(self, *given: Any, **more: Any) -> None:
        super().__init__(*given, **more)
        self.logger = self.conn.logger = _QUIET
        self._said = 0
        self._stuck: asyncio.TimerHandle | None = None
        self._is_over = False

    def connection_made(self, transport: BaseTransport) -> None:
        super().connection_made(transport)
        self.transport.set_write_buffer_limits(high=0)  # so that whatever the reader does not take pauses the writing

    def connection_lost(self, exc: Exception | None) -> None:
        self._is_taken()
        super().connection_lost(exc)

    def pause_writing(self) -> None:
        super().pause_writing()
        self._stuck = self.loop.call_later(self.stuck_s, self.transport.abort)

    def resume_writing(self) -> None:
        self._is_taken()
        super().resume_writing()

    def data_received(self, data: bytes) -> None:
        if self._is_over:
            return
        self._said += len(data) if self.handshake_initiated else 0
        if self._said > MOST_SAID:
            self.conn.fail(int(Code.SAYS_TOO_MUCH), "a reader has nothing to say")
            self._say_goodbye()
            return
        super().data_received(data)
        if not (self.handshake_initiated or self._is_over):
            self._refuse(_flaw(self.conn.handshake_exc), _path(data))

    def handle_connect(self, event: Request) -> None:
        path = event.path.partition("?")[0]
        # The library judges by itself, and would say it in its own words.
        if ServerProtocol().accept(event).status_code != HTTPStatus.SWITCHING_PROTOCOLS:
            self._refuse(_flaw(None), path)
        elif self.config.limit_concurrency is not None and len(self.connections) > self.config.limit_concurrency:
            self._refuse(Unavailable("More connections are open than can be."), path)
        else:
            super().handle_connect(event)

    def handle_parser_exception(self) -> None:
        """What was said is too much at once, or no WebSocket's: the library has laid down the words to end with."""
        self._say_goodbye()

    async def send(self, message: ASGISendEvent) -> None:
        """Raises ClientDisconnected: the reader has gone, or was told to go."""
        if self.close_sent:
            raise ClientDisconnected
        await super().send(message)

    def shutdown(self) -> None:
        # Before it is open, the application is at it: it refuses, or ends what it has just opened.
        if self.handshake_complete:
            super().shutdown()

    def _is_taken(self) -> None:
        if self._stuck is not None:
            self._stuck.cancel()
            self._stuck = None

    def _refuse(self, error: DomainError, path: str) -> None:
        request_id = new_id("req")
        document, status, more = problems.of(error, request_id, path)
        body = json.dumps(document).encode()
        told = {
            "Content-Type": problems.MEDIA_TYPE,
            "Content-Length": str(len(body)),
            "Connection": "close",
            "X-Request-Id": request_id,
            **more,
        }
        self.handshake_initiated = self.handshake_complete = True
        self.conn.data_to_send()  # where the library refused, too, its words
        self.transport.write(Response(int(status), status.phrase, Headers(told), body).serialize())
        self._say_goodbye()
        log.info("api.request", request_id=request_id, method="GET", path=path, status=int(status), took_ms=0.0)

    def _say_goodbye(self) -> None:
        """Send what is laid down, and hang up in a moment, as the reader may before."""
        self._is_over = self.close_sent = True
        self.stop_keepalive()
        self.queue.put_nowait({"type": "websocket.disconnect", "code": 1006})
        self.transport.write(b"".join(self.conn.data_to_send()))
        if self.read_paused:
            self.read_paused = False
            self.transport.resume_reading()
        if self.close_timer is not None:
            self.close_timer.cancel()
        self.close_timer = self.loop.call_later(GOODBYE_S, self.transport.close)


def _flaw(found: Exception | None) -> DomainError:
    if isinstance(found, SecurityError):
        return problems.HeadersTooLarge("A handshake has lines of 8 KiB at most.")
    return problems.BadHandshake("A WebSocket is opened as RFC 6455, section 4.1, has it: by a GET, version 13.")


def _path(head: bytes) -> str:
    return head.split(b" ", 2)[1].partition(b"?")[0].decode("latin-1")
