"""The protocol on real sockets with an application that takes its time: what comes in which order, and what is cut."""

import asyncio
import socket
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager

import uvicorn
from starlette.types import Receive, Scope, Send

from api import edge
from api.crowd import Crowd
from api.edge import MOST_OF_HEAD, MOST_PIPELINED, Edge
from tests.acceptance.processes import until
from tests.acceptance.wires import Wire, request

SLOW = request("/slow")


class Hasty(Edge):
    """With time limits that a test can wait for."""

    head_within_s = 0.3
    unread_s = 0.5


class House:
    """Answers `/slow` once it is let go, `/large` with more than a socket holds, and anything else at once."""

    def __init__(self) -> None:
        self.go = asyncio.Event()
        self.asked: list[str] = []
        self.ended: list[str] = []

    async def __call__(self, scope: Scope, _receive: Receive, send: Send) -> None:
        path = scope["path"]
        self.asked.append(path)
        body = path.encode()
        if path == "/slow":
            await self.go.wait()
        headers = [(b"content-length", b"%d" % (len(body) if path != "/large" else 1_000 * 65_536))]
        await send({"type": "http.response.start", "status": 200, "headers": headers})
        try:
            for _ in range(1_000 if path == "/large" else 0):
                await send({"type": "http.response.body", "body": b"x" * 65_536, "more_body": True})
            await send({"type": "http.response.body", "body": body if path != "/large" else b""})
        finally:
            self.ended.append(path)


class Served:
    """The application on a port, in a thread of its own."""

    def __init__(self, most: int) -> None:
        self.house = House()
        config = uvicorn.Config(
            self.house,
            lifespan="off",
            log_config=None,
            timeout_keep_alive=1,
            http=edge.protocol(Crowd(most, time.monotonic), Hasty),
        )
        self.server = uvicorn.Server(config)
        self._socket = socket.create_server(("127.0.0.1", 0))
        self.port: int = self._socket.getsockname()[1]
        self._loop: asyncio.AbstractEventLoop | None = None
        self._thread = threading.Thread(target=self._run)

    def let_go(self) -> None:
        assert self._loop is not None
        self._loop.call_soon_threadsafe(self.house.go.set)

    def is_deaf(self) -> bool:
        return all(one.is_deaf for one in self.server.server_state.connections if isinstance(one, Edge))

    def _run(self) -> None:
        with asyncio.Runner(loop_factory=self.server.config.get_loop_factory()) as runner:
            self._loop = runner.get_loop()
            runner.run(self.server.serve([self._socket]))

    @contextmanager
    def running(self) -> Iterator["Served"]:
        self._thread.start()
        try:
            yield self
        finally:
            self.server.should_exit = self.server.force_exit = True
            self._thread.join(30)


def test_pipelined_requests_are_answered_one_after_the_other_and_a_half_one_may_wait_for_them() -> None:
    with Served(100).running() as served, Wire(served.port) as caller:
        caller.send(SLOW + request("/first") + request("/second") + request("/third")[:20])
        until(lambda: served.house.asked == ["/slow"], "the first is under way")
        time.sleep(3 * Hasty.head_within_s)  # the half head is late, and nobody could have been told so yet
        served.let_go()
        found = [caller.answer() for _ in range(3)]
        caller.send(request("/third")[20:])
        found.append(caller.answer())

    assert [answer and answer.body for answer in found] == [b"/slow", b"/first", b"/second", b"/third"]
    assert served.house.ended == ["/slow", "/first", "/second", "/third"]


def test_a_half_head_that_stays_one_after_the_answers_before_it_is_late() -> None:
    with Served(100).running() as served, Wire(served.port) as caller:
        caller.send(request("/first") + SLOW[:20])

        found = [caller.answer() for _ in range(3)]

    assert [answer and answer.status for answer in found] == [200, 408, None]


def test_what_ends_a_connection_waits_for_the_answers_that_are_owed() -> None:
    wrong = {
        "garbled": b"GARBLED\r\n\r\n",
        "an endless head": SLOW[:-2] + b"X-A: " + b"y" * (3 * MOST_OF_HEAD),
        "too many": request("/more") * (2 * MOST_PIPELINED),
    }
    for name, then in wrong.items():
        with Served(100).running() as served, Wire(served.port) as caller:
            caller.send(SLOW)
            until(lambda served=served: served.house.asked == ["/slow"], "it is under way")  # type: ignore[misc]
            caller.send(then)
            until(lambda served=served: served.is_deaf(), "no more is read")  # type: ignore[misc]
            served.let_go()

            found = [answer for answer in iter(caller.answer, None) if answer]

        assert [answer.body for answer in found] == [b"/slow", *[b"/more"] * (MOST_PIPELINED * (name == "too many"))]
        assert found[-1].headers["connection"] == "close"


def test_an_idle_connection_ends_after_its_answer_as_before() -> None:
    with Served(100).running() as served, Wire(served.port) as caller:
        for _ in range(3):
            caller.send(request("/"))
            assert caller.answer() is not None
            time.sleep(2 * Hasty.head_within_s)  # longer than a head may take: nothing has begun

        assert caller.closed_after_s() < 20


def test_a_request_at_work_has_all_its_time_and_is_not_pushed_out() -> None:
    with Served(2).running() as served, Wire(served.port) as caller:
        caller.send(SLOW)
        until(lambda: served.house.asked == ["/slow"], "it is under way")
        others = [Wire(served.port) for _ in range(10)]
        until(lambda: sum(other.is_open() for other in others) <= 1, "the others pushed out each other")
        time.sleep(3 * Hasty.head_within_s)
        served.let_go()
        answer = caller.answer()
        for other in others:
            with other:
                pass

    assert answer is not None
    assert answer.body == b"/slow"


def test_an_answer_that_is_not_read_ends_and_one_that_is_read_slowly_does_not() -> None:
    with Served(100).running() as served, Wire(served.port) as lazy, Wire(served.port) as slow:
        lazy.send(request("/large"))
        slow.send(request("/large"))
        until(lambda: served.house.asked == ["/large"] * 2, "both are answered")
        read = 0
        for _ in range(30):
            read += slow.read(2 * 65_536)
            time.sleep(Hasty.unread_s / 10)
        until(lambda: len(served.house.ended) == 1, "the one that nobody reads has ended")
        read += sum(iter(lambda: slow.read(1024 * 1024), 0))

    assert read > 1_000 * 65_536
