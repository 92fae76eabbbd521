"""One request over a socket of its own: to whom it goes, how long it may take, what of the answer counts."""

import socket
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from http.server import BaseHTTPRequestHandler
from ipaddress import ip_network
from itertools import count

import pytest

from ops.drills.receiver import Received, answering, receiving
from orchestrator.delivery.endpoints import endpoint
from providers.sockets import Address, Cancel, Exchange
from tasks.posting import Answer, Poster, retry_after_s

LOOPBACK = (ip_network("127.0.0.0/8"), ip_network("::1/128"))
OTHER_ONLY = (ip_network("127.0.0.2/32"),)
NOW = datetime(2026, 11, 28, 9, 30, tzinfo=UTC)


def post(url: str, timeout_s: float = 5.0, **more: object) -> Answer:
    poster = Poster(LOOPBACK, timeout_s, Cancel(), **more)  # type: ignore[arg-type]  # what a test names
    return poster.post(endpoint(url, LOOPBACK), b'{"a":1}', {"webhook-id": "evt_1"})


@contextmanager
def saying(*pieces: bytes, pause_s: float = 0.0, forever: bool = False) -> Iterator[str]:
    """A server that says these bytes to whoever comes, whatever it is asked; its URL."""
    ended = threading.Event()

    def serve() -> None:
        while not ended.is_set():
            try:
                link, _ = listener.accept()
            except OSError:
                return
            with link:
                link.recv(65_536)
                try:
                    for number in count():
                        if number >= len(pieces) and not forever:
                            break
                        link.sendall(pieces[min(number, len(pieces) - 1)])
                        if ended.wait(pause_s):
                            return
                except OSError:
                    continue

    with socket.create_server(("127.0.0.1", 0)) as listener:
        thread = threading.Thread(target=serve, daemon=True)
        thread.start()
        yield f"http://127.0.0.1:{listener.getsockname()[1]}/"
        ended.set()


def test_a_request_is_whole_and_its_status_counts() -> None:
    with receiving(answering(202, Retry_After="7")) as receiver:
        answer = post(receiver.url)

    assert answer == Answer(status=202, retry_after="7")
    (seen,) = receiver.seen
    assert (seen.path, seen.body) == ("/hooks?x=1", b'{"a":1}')
    assert seen.headers["host"] in receiver.url
    assert (seen.headers["content-type"], seen.headers["webhook-id"]) == ("application/json", "evt_1")


@pytest.mark.parametrize("status", [301, 302, 307, 308])
def test_no_redirect_is_followed(status: int) -> None:
    with receiving() as target, receiving(answering(status, Location=target.url)) as receiver:
        assert post(receiver.url).status == status

    assert not target.seen


def test_no_proxy_is_asked(monkeypatch: pytest.MonkeyPatch) -> None:
    with receiving() as proxy, receiving() as receiver:
        for name in ("http_proxy", "HTTP_PROXY", "https_proxy", "ALL_PROXY"):
            monkeypatch.setenv(name, proxy.url)
        assert post(receiver.url).status == 204

    assert not proxy.seen


@pytest.mark.parametrize(
    ("pieces", "pause_s", "forever", "error"),
    [
        ((b"H",), 0.1, True, "no answer in time"),  # a byte at a time, and never a line
        ((b"HTTP/1.1 100 Continue\r\n\r\n",), 0.01, True, "no answer in time"),
        ((b"HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\na", b""), 5.0, False, "no answer in time"),
        ((b"",), 5.0, False, "no answer in time"),
        ((b"\x16\x03 this is no HTTP\r\n\r\n",), 0.0, False, "the answer is not HTTP"),
        ((b"HTTP/1.1 200 OK\r\nX: " + b"a" * 100_000,), 0.0, False, "the answer is not HTTP"),
    ],
)
def test_what_is_no_answer_has_a_word_in_the_log(
    pieces: tuple[bytes, ...], pause_s: float, error: str, *, forever: bool
) -> None:
    with saying(*pieces, pause_s=pause_s, forever=forever) as url:
        began = time.monotonic()
        answer = post(url, timeout_s=0.5)

    assert answer == Answer(error=error)
    assert time.monotonic() - began < 5


def test_a_body_without_end_is_left() -> None:
    with saying(b"HTTP/1.1 200 OK\r\n\r\n", b"a" * 4_096, forever=True) as url:
        assert post(url).status == 200


def test_nobody_there_and_no_such_name_have_words_of_their_own() -> None:
    with socket.create_server(("127.0.0.1", 0)) as listener:
        port = listener.getsockname()[1]

    assert post(f"http://127.0.0.1:{port}/").error == "the connection was refused"
    assert post("http://nowhere.invalid:9/").error == "the host is not known"


def test_a_name_that_answers_otherwise_each_time_is_never_followed_inside() -> None:
    """Two addresses by turns, as a name with no lifetime has them: the one may be reached, the other must not be."""
    turns = count()

    def flipping(_host: str, port: int, _exchange: Exchange) -> list[Address]:
        return [(socket.AF_INET, (f"127.0.0.{2 - next(turns) % 2}", port))]

    with receiving(host="127.0.0.2") as outside:
        port = int(outside.url.split(":")[2].split("/")[0])
        with receiving(port=port) as inside:
            poster = Poster(OTHER_ONLY, 5.0, Cancel(), resolver=flipping)
            where = endpoint(f"http://hooks.example.com:{port}/", OTHER_ONLY)
            answers = [poster.post(where, b"{}", {}) for _ in range(1_000)]

    assert not inside.seen
    assert len(outside.seen) == 500 == sum(answer.status == 204 for answer in answers)
    assert {answer.error for answer in answers if answer.status is None} == {
        "the host has an address that is not of the public internet"
    }


def test_a_name_with_an_address_of_each_kind_is_refused() -> None:
    def both(_host: str, port: int, _exchange: Exchange) -> list[Address]:
        return [(socket.AF_INET, ("127.0.0.2", port)), (socket.AF_INET, ("127.0.0.1", port))]

    poster = Poster(OTHER_ONLY, 5.0, Cancel(), resolver=both)
    with receiving(host="127.0.0.2") as outside:
        port = int(outside.url.split(":")[2].split("/")[0])
        answer = poster.post(endpoint(f"http://hooks.example.com:{port}/", OTHER_ONLY), b"{}", {})

    assert answer.status is None
    assert not outside.seen


def test_without_tls_only_a_network_that_was_named_is_reached() -> None:
    def public(_host: str, port: int, _exchange: Exchange) -> list[Address]:
        return [(socket.AF_INET, ("8.8.8.8", port))]

    poster = Poster(LOOPBACK, 1.0, Cancel(), resolver=public)

    answer = poster.post(endpoint("http://hooks.example.com/", LOOPBACK), b"{}", {})
    assert answer.error == "Outside of the networks that were allowed a URL must be https on port 443."


def test_a_cancel_cuts_what_is_under_way() -> None:
    cancel, answers = Cancel(), list[Answer]()
    came = threading.Event()

    def hang(_handler: BaseHTTPRequestHandler, _: Received) -> None:
        came.set()
        time.sleep(3)

    with receiving(hang) as receiver:
        poster = Poster(LOOPBACK, 30.0, cancel)
        where = endpoint(receiver.url, LOOPBACK)
        thread = threading.Thread(target=lambda: answers.append(poster.post(where, b"{}", {})))
        thread.start()
        assert came.wait(10)
        cancel.cancel()
        thread.join(2)
        assert answers == [Answer(error="the sender had to end")]


@pytest.mark.parametrize(
    ("value", "expected_s"),
    [
        (None, None),
        ("120", 120.0),
        (" 5 ", 5.0),
        ("-5", None),
        ("soon", None),
        ("Sat, 28 Nov 2026 09:31:00 GMT", 60.0),
        ("Sat, 28 Nov 2026 09:00:00 GMT", 0.0),
        ("Sat, 28 Nov 2026 09:31:00 -0000", None),
        ("9" * 100, float("9" * 100)),
    ],
)
def test_how_long_a_receiver_asks_us_to_wait(value: str | None, expected_s: float | None) -> None:
    assert retry_after_s(value, NOW) == expected_s
    assert retry_after_s((NOW + timedelta(seconds=9)).strftime("%a, %d %b %Y %H:%M:%S GMT"), NOW) == 9
