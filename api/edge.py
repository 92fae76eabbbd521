"""A caller's connection before and between its requests: what it may take of time and memory until a head is whole.

Uvicorn's own protocol has a time limit only for the pause after an answer, each byte ends even that, and a head may
grow without end. This one adds what is lacking, and leaves requests that keep the rules to it.

A connection is at work from the end of a request's head to the end of its answer. Otherwise it waits for its caller,
and has a time by which something must have come of it. That is one clock for all states: `_due`, and an alarm that
rings when it may have come, so that a request moves a number and no timer.
"""

import sys
from asyncio import AbstractEventLoop, TimerHandle, Transport
from functools import partial
from typing import Any, ClassVar, Final

import structlog
from uvicorn.config import Config
from uvicorn.protocols.http.httptools_impl import HttpToolsProtocol
from uvicorn.server import ServerState

from api import problems
from api.crowd import Crowd
from api.header_cap import MAX_BYTES, MAX_HEADERS
from api.raw_answers import refusal
from api.unread import unread
from orchestrator.errors import DomainError
from orchestrator.ids import new_id

log = structlog.get_logger()

HEAD_WITHIN_S: Final = 10.0  # from its first byte; and what a new connection may be silent
UNREAD_S: Final = 60.0  # in which an answer that its caller does not read must become shorter
LINGER_S: Final = 2.0  # after a refusal, while the caller still sends: closed at once, it would not read it
# A head as it comes: what its headers may have, their separators, and a line for the method and the address.
MOST_OF_HEAD: Final = MAX_BYTES + 4 * MAX_HEADERS + 8 * 1024
MOST_PIPELINED: Final = 100  # requests that wait for the answers of others before them; a few bytes each to send


class TooManyPipelinedError(Exception):
    """Stops the parser; the answers that are owed are still sent."""


class Edge(HttpToolsProtocol):
    """HTTP/1.1 with an end to everything that a caller can leave undone."""

    head_within_s: ClassVar[float] = HEAD_WITHIN_S
    unread_s: ClassVar[float] = UNREAD_S

    def __init__(
        self,
        config: Config,
        server_state: ServerState,
        app_state: dict[str, Any],
        _loop: AbstractEventLoop | None = None,
        *,
        crowd: Crowd,
    ) -> None:
        super().__init__(config, server_state, app_state, _loop)
        self.crowd = crowd
        self._alarm: TimerHandle | None = None
        self._due: float | None = None
        self._unread = sys.maxsize  # bytes of answers, when they were last looked at
        self.is_deaf = False  # whatever comes is thrown away
        self._heads = 0  # that have begun
        self._in_head = False
        self._in_message = False
        self._head_bytes = 0

    # The transport's side

    def connection_made(self, transport: Transport) -> None:  # type: ignore[override]  # as uvicorn has it
        super().connection_made(transport)
        self._wait(self.head_within_s)
        self.crowd.make_room(len(self.connections))

    def connection_lost(self, exc: Exception | None) -> None:
        self._leave()
        super().connection_lost(exc)

    def data_received(self, data: bytes) -> None:
        if self.is_deaf:
            return
        heads, between = self._heads, not self._in_message
        super().data_received(data)
        if self.transport.is_closing():
            return
        if self._is_at_work:
            self._work()
        elif self._in_head and heads != self._heads:
            self._due_in(self.head_within_s)
        if self._in_head and not self.is_deaf:
            self._count(len(data), self._heads - heads, between=between)

    def pause_writing(self) -> None:
        super().pause_writing()
        self._unread = unread(self.transport)
        self._due_in(self.unread_s)

    def resume_writing(self) -> None:
        super().resume_writing()
        if self._is_at_work:
            self._due = None

    def handle_websocket_upgrade(self) -> None:
        self._leave()
        super().handle_websocket_upgrade()

    # The parser's side

    def on_message_begin(self) -> None:
        self._heads += 1
        self._in_head = self._in_message = True
        super().on_message_begin()

    def on_headers_complete(self) -> None:
        self._in_head = False
        if len(self.pipeline) >= MOST_PIPELINED:
            raise TooManyPipelinedError
        super().on_headers_complete()

    def on_message_complete(self) -> None:
        self._in_message = False
        super().on_message_complete()

    def send_400_response(self, msg: str) -> None:
        """Not in the middle of answers to requests that were whole: those are sent, and end the connection."""
        if self._is_at_work and not self.cycle.more_body:
            self._end_with_answers()
        else:
            super().send_400_response(msg)

    # The answer's side

    def on_response_complete(self) -> None:
        super().on_response_complete()
        if not self._is_at_work:
            self._unread = sys.maxsize
            self._wait(self.head_within_s if self._in_head else self.timeout_keep_alive)

    def timeout_keep_alive_handler(self) -> None:
        """Uvicorn's timer, which each byte unsets: ours does not go by it."""

    # Ours

    def give_way(self) -> None:
        """Close at once, for somebody else."""
        self.transport.abort()

    @property
    def _is_at_work(self) -> bool:
        return self.cycle is not None and not self.cycle.response_complete

    def _work(self) -> None:
        self.crowd.works(self)
        if not self.flow.write_paused:
            self._due = None

    def _wait(self, within_s: float) -> None:
        self.crowd.waits(self)
        self._due_in(within_s)

    def _leave(self) -> None:
        self.crowd.works(self)
        self._due = None
        if self._alarm is not None:
            self._alarm.cancel()
            self._alarm = None

    def _due_in(self, within_s: float) -> None:
        self._due = self.loop.time() + within_s
        if self._alarm is not None and self._alarm.when() > self._due:
            self._alarm.cancel()
            self._alarm = None
        if self._alarm is None:
            self._alarm = self.loop.call_at(self._due, self._ring)

    def _ring(self) -> None:
        self._alarm = None
        if self._due is None:
            return
        if self.loop.time() < self._due:
            self._alarm = self.loop.call_at(self._due, self._ring)
        else:
            self._expire()

    def _expire(self) -> None:
        if self.transport.get_write_buffer_size():
            self._await_reader(unread(self.transport))
        elif self._is_at_work:
            self._due = None
        elif self._in_head and not self.is_deaf:
            self._refuse(problems.BodyTooSlow(f"A head must have come within {self.head_within_s:g} seconds."))
        else:  # a caller who has asked nothing is told nothing: it might take that for the answer to what it asks next
            self.transport.close()

    def _await_reader(self, left: int) -> None:
        if left >= self._unread:
            self.transport.abort()
            return
        self._unread = left
        self._due_in(self.unread_s)

    def _count(self, arrived: int, begun: int, *, between: bool) -> None:
        """How long the open head is by now. Of a piece in which other messages end, its part is not known."""
        if begun == 0:
            self._head_bytes += arrived
        else:
            self._head_bytes = arrived if begun == 1 and between else 0
        if self._head_bytes > MOST_OF_HEAD:
            self._refuse(
                problems.HeadersTooLarge(f"A request may have {MAX_HEADERS} headers of {MAX_BYTES} bytes together.")
            )

    def _refuse(self, error: DomainError) -> None:
        """Answer a head that never became a request, and read no more; answers that are owed come first, and alone."""
        if self._is_at_work:
            self._end_with_answers()
            return
        self.is_deaf = True
        request_id = new_id("req")
        status, written = refusal(error, request_id, self.server_state.default_headers)
        self.transport.write(written)
        self.transport.write_eof()
        self._due_in(LINGER_S)
        log.info("api.head_refused", request_id=request_id, status=status, code=error.code)

    def _end_with_answers(self) -> None:
        self.is_deaf = True
        self.cycle.keep_alive = False


def protocol(crowd: Crowd, kind: type[Edge] = Edge) -> type[Edge]:
    """What uvicorn is given: it makes one for each connection."""
    return partial(kind, crowd=crowd)  # type: ignore[return-value]  # it only ever calls it
