"""WebSockets on the wire, against an application of a few lines: bounds, refusals, ends. A reader is a bare socket."""

import asyncio
import json
import socket
from collections.abc import AsyncIterator, Coroutine
from contextlib import asynccontextmanager
from typing import Any

import pytest
import uvicorn
from starlette.types import ASGIApp, Receive, Scope, Send
from websockets.asyncio.client import connect
from websockets.exceptions import ConnectionClosed, InvalidStatus

from api.socket_links import MOST_AT_ONCE, MOST_SAID, SocketLink
from api.sockets import Defects

PATIENCE_S = 20.0
KEY = "dGhlIHNhbXBsZSBub25jZQ=="
HANDSHAKE = {
    "Host": "x",
    "Upgrade": "websocket",
    "Connection": "Upgrade",
    "Sec-WebSocket-Version": "13",
    "Sec-WebSocket-Key": KEY,
}


class Impatient(SocketLink):
    stuck_s = 0.3


class App:
    """Opens every socket, and notes what became of it.

    Args:
        sends: how many messages of a kilobyte it sends as fast as they are taken.
        fails: "before" or "after" it has opened one.
    """

    def __init__(self, sends: int = 0, fails: str = "", opens: asyncio.Event | None = None) -> None:
        self._sends, self._fails, self._opens = sends, fails, opens
        self.asked = asyncio.Event()
        self.sent = 0
        self.over = asyncio.Event()

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        assert scope["type"] == "websocket"
        self.asked.set()
        try:
            await self._serve(receive, send)
        finally:
            self.over.set()

    async def _serve(self, receive: Receive, send: Send) -> None:
        await receive()
        if self._opens is not None:
            await self._opens.wait()
        if self._fails == "before":
            raise ZeroDivisionError
        await send({"type": "websocket.accept"})
        if self._fails == "after":
            raise ZeroDivisionError
        for _ in range(self._sends):
            await send({"type": "websocket.send", "text": "x" * 1_000})
            self.sent += 1
        while (await receive())["type"] != "websocket.disconnect":
            pass


@asynccontextmanager
async def serving(app: ASGIApp, link: type[SocketLink] = SocketLink, **more: Any) -> AsyncIterator[uvicorn.Server]:
    config = uvicorn.Config(
        app,
        port=0,
        lifespan="off",
        log_config=None,
        ws=link,
        ws_max_size=MOST_AT_ONCE,
        ws_per_message_deflate=False,
        timeout_graceful_shutdown=10,
        **more,
    )
    server = uvicorn.Server(config)
    running = asyncio.create_task(server._serve())
    while not server.started:
        await asyncio.sleep(0.01)
    try:
        yield server
    finally:
        server.should_exit = True
        await running


def port_of(server: uvicorn.Server) -> int:
    port: int = server.servers[0].sockets[0].getsockname()[1]
    return port


def run(course: Coroutine[Any, Any, None]) -> None:
    async def bounded() -> None:
        async with asyncio.timeout(PATIENCE_S):
            await course

    asyncio.run(bounded())


def request(line: str = "GET /v1/somewhere?a=b HTTP/1.1", **headers: str | None) -> bytes:
    told = HANDSHAKE | {name.replace("_", "-"): value for name, value in headers.items()}
    return "\r\n".join(
        [line, *(f"{name}: {value}" for name, value in told.items() if value is not None), "", ""]
    ).encode()


async def answered(server: uvicorn.Server, asked: bytes) -> tuple[int, dict[str, str], bytes]:
    """Status, headers and all that comes until the connection is closed."""
    reader, writer = await asyncio.open_connection("127.0.0.1", port_of(server))
    writer.write(asked)
    status, *lines = (await reader.readuntil(b"\r\n\r\n")).decode().strip().split("\r\n")
    rest = await reader.read()
    writer.close()
    return int(status.split(" ")[1]), dict(line.lower().split(": ", 1) for line in lines), rest


def frame(kind: int, payload: bytes) -> bytes:
    """A reader's frame, masked with zeros (RFC 6455, section 5.2); of 125 bytes at most."""
    return bytes([kind, 0x80 | len(payload), 0, 0, 0, 0]) + payload


FLAWS = {
    "method": request("POST /v1/somewhere HTTP/1.1", Content_Length="0"),
    "version": request(Sec_WebSocket_Version="12"),
    "no version": request(Sec_WebSocket_Version=None),
    "no key": request(Sec_WebSocket_Key=None),
    "short key": request(Sec_WebSocket_Key="c2hvcnQ="),
    "no base64": request(Sec_WebSocket_Key="!" * 24),
    "a body": request(Content_Length="5") + b"hello",
}


@pytest.mark.parametrize("flaw", FLAWS)
def test_what_opens_no_socket_is_refused_with_a_problem_before_the_application_is_asked(flaw: str) -> None:
    async def course() -> None:
        app = App()
        async with serving(app) as server:
            status, headers, body = await answered(server, FLAWS[flaw])

            problem = json.loads(body)
            assert (status, problem["code"], problem["instance"]) == (400, "bad-handshake", "/v1/somewhere")
            assert headers["content-type"] == "application/problem+json"
            assert headers["x-request-id"] == problem["request_id"]
            assert not app.asked.is_set()

    run(course())


def test_a_line_that_is_too_long_is_refused_as_too_much() -> None:
    async def course() -> None:
        async with serving(App()) as server:
            status, _, body = await answered(server, request(X_Much="x" * 9_000))

            assert (status, json.loads(body)["code"]) == (431, "headers-too-large")

    run(course())


def test_sockets_are_among_the_connections_that_a_process_takes() -> None:
    async def course() -> None:
        async with serving(App(), limit_concurrency=2) as server:
            async with connect(f"ws://127.0.0.1:{port_of(server)}"), connect(f"ws://127.0.0.1:{port_of(server)}"):
                status, headers, body = await answered(server, request())

            assert (status, json.loads(body)["code"], headers["retry-after"]) == (503, "unavailable", "2")

    run(course())


async def code_of(server: uvicorn.Server, said: bytes) -> int:
    """The code with which a socket is closed whose reader says that after its handshake."""
    reader, writer = await asyncio.open_connection("127.0.0.1", port_of(server))
    writer.write(request())
    await reader.readuntil(b"\r\n\r\n")
    writer.write(said)
    received = await reader.read()
    writer.close()
    place = received.rindex(b"\x88")  # FIN and close; what comes before are answers to pings
    return int.from_bytes(received[place + 2 : place + 4], "big")


@pytest.mark.parametrize(
    ("said", "code"),
    [
        (frame(0x81, b"x" * 100) * 700, 1008),
        (frame(0x89, b"x" * 100) * 700, 1008),  # pings
        (frame(0x01, b"") + frame(0x00, b"") * 20_000, 1008),  # a message of pieces, and without an end
        (frame(0x01, b"x" * 100) + frame(0x00, b"x" * 100) * 11, 1009),
        (b"\x81\xff" + (2**40).to_bytes(8, "big") + b"\0" * 2_000_000, 1009),
        (frame(0x81, b"\xff\xff"), 1007),  # no UTF-8
        (b"\xff\xff\xff\xff", 1002),
        (b"\x81\x05hello", 1002),  # not masked
    ],
)
def test_who_says_too_much_or_no_websocket_is_told_so_and_let_go(said: bytes, code: int) -> None:
    async def course() -> None:
        app = App()
        async with serving(app) as server:
            assert await code_of(server, said) == code
            await app.over.wait()

    run(course())


def test_pings_are_answered_and_small_messages_do_not_matter() -> None:
    async def course() -> None:
        async with serving(App()) as server, connect(f"ws://127.0.0.1:{port_of(server)}") as reader:
            for _ in range(MOST_SAID // 2_000):
                await reader.send("x" * 1_000)
            await (await reader.ping())

    run(course())


def narrow(server: uvicorn.Server) -> socket.socket:
    """An open socket whose reader takes nothing, and whose system keeps little for it."""
    link = socket.socket()
    link.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4_096)
    link.connect(("127.0.0.1", port_of(server)))
    link.sendall(request())
    return link


def test_a_reader_that_takes_nothing_is_cut() -> None:
    async def course() -> None:
        app = App(sends=100_000)
        async with serving(app, Impatient) as server:
            with narrow(server):
                await app.over.wait()

                assert 0 < app.sent < 100_000
            assert not server.server_state.connections

    run(course())


def test_a_reader_that_is_slow_and_takes_all_is_not() -> None:
    async def course() -> None:
        app = App(sends=20_000)
        async with serving(app, Impatient) as server, connect(f"ws://127.0.0.1:{port_of(server)}") as reader:
            for place in range(20_000):
                await reader.recv()
                if place % 1_000 == 0:
                    await asyncio.sleep(0.05)  # more than three times `stuck_s` in all

            assert app.sent == 20_000

    run(course())


def test_a_reader_that_answers_no_ping_is_let_go() -> None:
    async def course() -> None:
        app = App()
        async with serving(app, ws_ping_interval=0.1, ws_ping_timeout=0.2) as server:
            assert await code_of(server, b"") == 1011
            await app.over.wait()

    run(course())


@pytest.mark.parametrize("fails", ["before", "after"])
def test_a_defect_is_told_by_status_or_by_code(fails: str) -> None:
    async def course() -> None:
        async with serving(Defects(App(fails=fails))) as server:
            address = f"ws://127.0.0.1:{port_of(server)}"
            if fails == "before":
                with pytest.raises(InvalidStatus) as caught:
                    await connect(address)
                assert caught.value.response.status_code == 500
                assert json.loads(caught.value.response.body)["code"] == "internal-error"
            else:
                async with connect(address) as reader:
                    with pytest.raises(ConnectionClosed, match="1011"):
                        await reader.recv()

    run(course())


def test_a_handshake_that_is_under_way_when_the_server_stops_is_answered_by_the_application() -> None:
    async def course() -> None:
        opens = asyncio.Event()
        app = App(opens=opens)
        async with serving(app) as server:
            opening = asyncio.create_task(_opened(port_of(server)))
            await app.asked.wait()
            server.should_exit = True
            while server.servers[0].is_serving():
                await asyncio.sleep(0.01)
            opens.set()

            assert await opening == b"HTTP/1.1 101"

    run(course())


async def _opened(port: int) -> bytes:
    reader, writer = await asyncio.open_connection("127.0.0.1", port)
    writer.write(request())
    head = await reader.readuntil(b"\r\n\r\n")
    writer.close()
    return head[:12]


def test_open_sockets_are_told_that_the_server_stops() -> None:
    async def course() -> None:
        async with serving(App()) as server, connect(f"ws://127.0.0.1:{port_of(server)}") as reader:
            server.should_exit = True
            with pytest.raises(ConnectionClosed, match="1012"):
                await reader.recv()

    run(course())
