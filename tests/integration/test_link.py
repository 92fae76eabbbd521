"""The link of drills and benches, over real sockets: each manner does what it says, and nothing is left behind."""

import gc
import logging
import socket
import threading
import time
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path

import pytest

from ops.drills.link import BLACK_HOLE, CUT, REPLIES_LOST, REQUESTS_LOST, Link, Manner, postgres_target, redis_target

SILENCE_S = 0.3


class Echo:
    """A server that answers every line with the same line, and remembers what it has heard."""

    def __init__(self, door: socket.socket) -> None:
        self._door = door
        self.heard: list[bytes] = []
        threading.Thread(target=self._serve, daemon=True).start()

    def _serve(self) -> None:
        with suppress(OSError):
            while True:
                near, _ = self._door.accept()
                threading.Thread(target=self._answer, args=(near,), daemon=True).start()

    def _answer(self, near: socket.socket) -> None:
        with near, suppress(OSError):
            while data := near.recv(65_536):
                self.heard.append(data)
                near.sendall(data)


@pytest.fixture
def door() -> Iterator[socket.socket]:
    with socket.create_server(("127.0.0.1", 0)) as door:
        yield door


@pytest.fixture
def echo(door: socket.socket) -> Echo:
    return Echo(door)


@pytest.fixture
def link(door: socket.socket, echo: Echo) -> Iterator[Link]:
    with Link(door.getsockname()) as link:
        yield link


def call(link: Link, timeout_s: float = 5.0) -> socket.socket:
    return socket.create_connection(("127.0.0.1", link.port), timeout=timeout_s)


def ask(caller: socket.socket, words: bytes = b"ping") -> bytes:
    caller.sendall(words)
    return caller.recv(65_536)


def is_refused(link: Link) -> bool:
    try:
        call(link).close()
    except ConnectionRefusedError:
        return True
    return False


def is_reset(caller: socket.socket) -> bool:
    try:
        return caller.recv(1) == b""
    except ConnectionResetError:
        return True


def test_open_it_carries_everything_both_ways(link: Link) -> None:
    words = bytes(range(256)) * 4_000
    with call(link) as caller:
        threading.Thread(target=caller.sendall, args=(words,)).start()
        found = b""
        while len(found) < len(words):
            found += caller.recv(65_536)

    assert found == words
    assert (link.done.accepted, link.done.vanished, link.done.cuts) == (1, 0, 0)


def test_it_leads_to_a_socket_with_a_path(tmp_path: Path) -> None:
    path = tmp_path / "s"
    with socket.socket(socket.AF_UNIX) as door:
        door.bind(str(path))
        door.listen()
        Echo(door)
        with Link(str(path)) as link, call(link) as caller:
            assert ask(caller) == b"ping"


def test_a_server_that_is_away_resets_the_caller() -> None:
    with socket.create_server(("127.0.0.1", 0)) as door:
        nowhere = door.getsockname()
    with Link(nowhere) as link, call(link) as caller:
        assert is_reset(caller)


def test_cut_it_resets_what_stands_and_refuses_what_comes_until_it_is_mended(link: Link) -> None:
    with call(link) as standing:
        ask(standing)

        link.cut()

        assert is_reset(standing)
        assert is_refused(link)
    link.mend()
    with call(link) as caller:
        assert ask(caller) == b"ping"


def test_it_may_be_cut_from_the_start(door: socket.socket, echo: Echo) -> None:
    with Link(door.getsockname(), CUT) as link:
        assert is_refused(link)


def test_a_delay_holds_for_each_way_and_does_not_add_up(link: Link) -> None:
    link.treat(Manner(delay_s=0.1))
    with call(link) as caller:
        began = time.monotonic()
        for _ in range(5):
            caller.sendall(b"x" * 1_000)
            time.sleep(0.01)
        found = b""
        while len(found) < 5_000:
            found += caller.recv(65_536)
        took_s = time.monotonic() - began

    assert 0.2 <= took_s < 0.6


def test_a_black_hole_accepts_and_says_nothing_and_resets_once_it_is_gone(link: Link, echo: Echo) -> None:
    link.treat(BLACK_HOLE)
    with call(link, SILENCE_S) as caller:
        with pytest.raises(TimeoutError):
            ask(caller)

        link.mend()

        assert is_reset(caller)
    assert echo.heard == []
    assert link.done.resets == 1


def test_a_connection_that_has_lost_nothing_outlives_a_black_hole(link: Link) -> None:
    with call(link) as caller:
        ask(caller)
        link.treat(BLACK_HOLE)
        link.mend()

        assert ask(caller) == b"ping"


def test_lost_requests_never_reach_the_server(link: Link, echo: Echo) -> None:
    link.treat(REQUESTS_LOST)
    with call(link, SILENCE_S) as caller, pytest.raises(TimeoutError):
        ask(caller)

    assert (echo.heard, link.done.vanished) == ([], 1)


def test_of_lost_replies_the_requests_have_been_heard(link: Link, echo: Echo) -> None:
    link.treat(REPLIES_LOST)
    with call(link, SILENCE_S) as caller, pytest.raises(TimeoutError):
        ask(caller)

    assert (echo.heard, link.done.vanished) == ([b"ping"], 1)


def test_of_cut_replies_the_request_arrives_and_the_connection_is_lost_with_the_reply(link: Link, echo: Echo) -> None:
    link.treat(Manner(reply_cut_share=1.0))
    with call(link) as caller:
        caller.sendall(b"ping")

        assert is_reset(caller)
    assert (echo.heard, link.done.cuts) == ([b"ping"], 1)


def test_the_same_seed_cuts_the_same_replies(door: socket.socket, echo: Echo) -> None:
    def cuts(seed: int) -> list[bool]:
        with Link(door.getsockname(), Manner(reply_cut_share=0.5), seed=seed) as link:
            return [_is_cut(link) for _ in range(24)]

    assert cuts(1) == cuts(1) != cuts(2)
    assert {*cuts(1)} == {True, False}


def test_a_trickle_brings_replies_piece_by_piece(link: Link) -> None:
    link.treat(Manner(trickle_bytes=2, trickle_every_s=0.05))
    with call(link) as caller:
        began = time.monotonic()
        pieces = [ask(caller, b"abcdef")]
        while len(b"".join(pieces)) < 6:
            pieces.append(caller.recv(65_536))
        took_s = time.monotonic() - began

    assert pieces == [b"ab", b"cd", b"ef"]
    assert took_s >= 0.1


def test_what_a_server_said_last_arrives_before_its_end() -> None:
    slow = Manner(delay_s=0.05)
    with socket.create_server(("127.0.0.1", 0)) as door, Link(door.getsockname(), slow) as link, call(link) as caller:
        far, _ = door.accept()
        far.sendall(b"bye" * 20_000)
        far.close()
        found = b""
        while data := caller.recv(65_536):
            found += data

    assert found == b"bye" * 20_000


def test_it_ends_in_the_midst_of_everything_and_leaves_no_task_behind(
    door: socket.socket, echo: Echo, caplog: pytest.LogCaptureFixture
) -> None:
    with caplog.at_level(logging.DEBUG, logger="asyncio"):
        with Link(door.getsockname(), Manner(delay_s=0.01)) as link:
            callers = [call(link) for _ in range(50)]
            for caller in callers:
                caller.sendall(b"ping")
            gc.collect()
        gc.collect()

    assert all(is_reset_in_the_end(caller) for caller in callers)
    assert [record.getMessage() for record in caplog.records if record.levelno >= logging.WARNING] == []
    assert "link" not in {thread.name for thread in threading.enumerate()}


def test_addresses_of_stores_lead_to_sockets_or_to_hosts() -> None:
    assert redis_target("redis+socket:///run/x/valkey.sock?virtual_host=0") == "/run/x/valkey.sock"
    assert redis_target("redis://127.0.0.1:7000/0") == ("127.0.0.1", 7000)
    assert postgres_target("postgresql+psycopg://m@/m?host=%2Frun%2Fpg") == "/run/pg/.s.PGSQL.5432"
    assert postgres_target("postgresql://m@127.0.0.1:7001/m") == ("127.0.0.1", 7001)


def is_reset_in_the_end(caller: socket.socket) -> bool:
    """Whatever was still under way may arrive first."""
    with caller, suppress(ConnectionResetError):
        while caller.recv(65_536):
            pass
    return True


def _is_cut(link: Link) -> bool:
    with call(link) as caller:
        caller.sendall(b"ping")
        try:
            return caller.recv(16) != b"ping"
        except ConnectionResetError:
            return True
