"""The client over real sockets: what breaks, when it ends, what it says, and what never leaves it."""

import gzip
import json
import re
import socket
import ssl
import subprocess
import threading
import time
import traceback
from base64 import b64encode, urlsafe_b64encode
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack, suppress
from pathlib import Path
from urllib.parse import quote

import pytest
from pydantic import SecretStr

from providers.calls import LimitReading
from providers.catalog import load
from providers.client import Client, ProviderAccess
from providers.errors import (
    BadReply,
    Canceled,
    DeadlineExceeded,
    Interrupted,
    ProviderError,
    RateLimited,
    Refused,
    Unauthenticated,
    Unreachable,
)
from providers.lines import Lines
from providers.sockets import Cancel
from providers.transport import KEEPALIVE_EXPIRY_S
from tests.integration.provider_in_test import (
    ANSWER,
    KEY,
    TARGET,
    Script,
    answering,
    breaking_off,
    call,
    client_of,
    failure,
    http,
    read_request,
    serving,
    silent,
    until,
)


def resetting(connection: socket.socket, _: bytes) -> bool:
    connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, b"\x01\x00\x00\x00\x00\x00\x00\x00")
    return False


def test_a_question_arrives_as_the_dialect_writes_it_and_the_answer_comes_back() -> None:
    with serving(answering(http(headers="x-request-id: r-9\r\n"))) as server, client_of(server.port) as client:
        reply = client.ask(TARGET, call(), cancel=Cancel())

    head, _, body = server.requests[0].partition(b"\r\n\r\n")
    assert reply.text == "hello"
    assert reply.model_served == "gpt-6-luna-2026-09-22"
    assert reply.request_id == "r-9"
    assert head.startswith(b"POST /v1/chat/completions HTTP/1.1\r\n")
    assert f"authorization: Bearer {KEY}".encode() in head
    assert b"x-client-request-id: c-1" in head
    assert json.loads(body)["model"] == "gpt-6-luna"


def test_created_is_a_success_as_well() -> None:
    with serving(answering(http(status="201 Created"))) as server, client_of(server.port) as client:
        assert client.ask(TARGET, call(), cancel=Cancel()).text == "hello"


def test_a_model_that_is_not_named_is_the_one_that_was_asked() -> None:
    body = json.dumps({"choices": [{"message": {"content": "x"}}]}).encode()
    with serving(answering(http(body))) as server, client_of(server.port) as client:
        assert client.ask(TARGET, call(), cancel=Cancel()).model_served == "gpt-6-luna"


def test_the_key_that_is_asked_for_is_the_one_that_is_sent() -> None:
    with serving(answering(http())) as server, client_of(server.port, keys=(KEY, "second-key")) as client:
        for key in (1, 0):
            client.ask(TARGET, call(), cancel=Cancel(), key=key)

    assert b"authorization: Bearer second-key" in server.requests[0]
    assert f"authorization: Bearer {KEY}".encode() in server.requests[1]


def test_a_key_that_is_not_there_is_a_mistake_of_the_caller_and_sends_nothing() -> None:
    with serving(answering(http())) as server, client_of(server.port) as client:
        with pytest.raises(IndexError):
            client.ask(TARGET, call(), cancel=Cancel(), key=1)

        assert server.accepted == 0


def test_a_server_of_our_own_gets_no_key_where_it_wants_none() -> None:
    with serving(answering(http())) as server, client_of(server.port, keys=("",)) as client:
        client.ask(TARGET, call(), cancel=Cancel())

    assert b"authorization" not in server.requests[0].lower()


LIMITS = "x-ratelimit-limit-requests: 60\r\nx-ratelimit-remaining-requests: 59\r\nx-ratelimit-reset-requests: 1s\r\n"


def test_a_good_answer_says_what_is_left_of_the_rate_limits() -> None:
    with serving(answering(http(headers=LIMITS))) as server, client_of(server.port) as client:
        reply = client.ask(TARGET, call(), cancel=Cancel())

    assert reply.limits == (LimitReading(of="requests", limit=60, remaining=59, reset_s=1.0),)


@pytest.mark.parametrize(
    "refusal",
    [
        pytest.param(http(b"{}", status="429 Slow", headers=LIMITS), id="by its status"),
        pytest.param(http(b'{"choices": []}', headers=LIMITS), id="within a success"),
    ],
)
def test_a_bad_answer_says_what_is_left_of_the_rate_limits(refusal: bytes) -> None:
    with serving(answering(refusal)) as server, client_of(server.port) as client:
        failed = failure(client)

    assert failed.limits == (LimitReading(of="requests", limit=60, remaining=59, reset_s=1.0),)


def test_without_an_answer_nothing_is_known_of_the_limits() -> None:
    with serving(resetting) as server, client_of(server.port) as client:
        assert failure(client).limits == ()


MODEL_LISTS: dict[str, bytes] = {
    "openai": b'{"object": "list", "data": [{"id": "m-1", "object": "model"}, {"id": "m-2"}]}',
    "google": b'{"models": [{"name": "models/m-1", "displayName": "One"}, {"name": "models/m-2"}]}',
}


@pytest.mark.parametrize("vendor", MODEL_LISTS)
def test_the_list_of_models_is_fetched_with_the_key_and_read(vendor: str) -> None:
    with serving(answering(http(MODEL_LISTS[vendor]))) as server, client_of(server.port, keys=(KEY, "two")) as client:
        models = client.list_models("openai", key=1, timeout_s=5)

    head, _, body = server.requests[0].partition(b"\r\n\r\n")
    assert models == ("m-1", "m-2")
    assert head.startswith(b"GET /v1/models HTTP/1.1\r\n")
    assert b"authorization: Bearer two" in head
    assert body == b""


def test_the_list_of_built_in_models_needs_no_wire() -> None:
    assert "cue-rules" in Client({}, load()).list_models("extractive", timeout_s=1)


def test_a_probe_without_access_is_unauthenticated() -> None:
    with pytest.raises(Unauthenticated) as failed:
        Client({}, load()).list_models("openai", timeout_s=1)

    assert failed.value.provider == "openai"


PROBES: dict[str, tuple[Script, type[ProviderError]]] = {
    "wrong key": (
        answering(http(f'{{"error": {{"message": "no: {KEY}"}}}}'.encode(), status="401 No")),
        Unauthenticated,
    ),
    "no list": (answering(http(b'{"data": "none"}')), BadReply),
    "redirect": (answering(http(b"", status="302 Found", headers="location: http://127.0.0.1:1/\r\n")), Refused),
    "silence": (silent, DeadlineExceeded),
    "reset": (resetting, Interrupted),
}


@pytest.mark.parametrize("probe", PROBES)
def test_a_probe_fails_as_a_call_does_and_is_never_billed(probe: str) -> None:
    script, kind = PROBES[probe]
    with serving(script) as server, client_of(server.port) as client, pytest.raises(ProviderError) as failed:
        client.list_models("openai", timeout_s=0.3)

    assert type(failed.value) is kind
    assert failed.value.provider == "openai"
    assert not failed.value.may_be_billed
    assert KEY not in f"{failed.value!r} {vars(failed.value)!r}"
    assert len(server.requests) == 1


def test_a_refused_connection_is_tried_again_within_a_second_and_then_unreachable() -> None:
    with socket.socket() as unused:
        unused.bind(("127.0.0.1", 0))
        with client_of(unused.getsockname()[1]) as client:
            began = time.monotonic()
            failed = failure(client)

    assert type(failed) is Unreachable
    assert not failed.may_be_billed
    assert failed.retryable
    assert failed.provider == "openai"
    assert time.monotonic() - began < 1.2


def test_a_provider_that_restarts_within_the_second_is_reached() -> None:
    with socket.socket() as held:
        held.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        held.bind(("127.0.0.1", 0))
        port = held.getsockname()[1]
        sent: list[float] = []
        late = threading.Timer(0.02, held.listen)
        late.start()
        with client_of(port) as client, ThreadPoolExecutor(1) as pool:
            asked = pool.submit(client.ask, TARGET, call(), cancel=Cancel(), on_sent=lambda: sent.append(1))
            connection, _ = accept(held)
            with connection:
                read_request(connection)
                connection.sendall(http())
                assert asked.result(5).text == "hello"

    assert len(sent) == 1


def accept(listener: socket.socket) -> tuple[socket.socket, object]:
    ends_at = time.monotonic() + 5
    while True:
        try:
            return listener.accept()
        except OSError:  # not listening yet
            assert time.monotonic() < ends_at
            time.sleep(0.002)


def test_a_host_that_does_not_exist_is_unreachable() -> None:
    access = ProviderAccess(
        provider="openai", base_url="http://no-such-host.invalid", keys=(SecretStr(KEY),), timeout_s=5
    )
    client = Client({"openai": access}, load())

    assert type(failure(client)) is Unreachable


def test_a_connection_that_is_never_accepted_can_be_canceled() -> None:
    with socket.socket() as full:
        full.bind(("127.0.0.1", 0))
        full.listen(0)
        fillers = [socket.socket() for _ in range(4)]
        for filler in fillers:
            filler.setblocking(False)
            with suppress(BlockingIOError):
                filler.connect(full.getsockname())
        cancel = Cancel()
        timer = threading.Timer(0.3, cancel.cancel)
        with client_of(full.getsockname()[1]) as client:
            began = time.monotonic()
            timer.start()
            failed = failure(client, cancel=cancel)
            took_s = time.monotonic() - began
        for filler in fillers:
            filler.close()

    assert type(failed) is Canceled
    assert not failed.may_be_billed
    assert took_s < 0.3 + 0.25


@pytest.mark.parametrize(
    "script",
    [
        pytest.param(resetting, id="reset"),
        pytest.param(breaking_off(b""), id="closed without a byte"),
        pytest.param(breaking_off(http()[:-5]), id="closed in mid-body"),
        pytest.param(breaking_off(b"HTTP/1.1 2"), id="closed in mid-head"),
        pytest.param(breaking_off(b"rubbish\r\n\r\n"), id="no HTTP"),
        pytest.param(breaking_off(b"HTTP/1.1 200 OK\r\nx: " + b"y" * 300_000), id="endless head"),
    ],
)
def test_a_break_after_the_first_byte_is_interrupted_and_not_repeated(script: Script) -> None:
    with serving(script) as server, client_of(server.port) as client:
        failed = failure(client)

    assert type(failed) is Interrupted
    assert failed.may_be_billed
    assert len(server.requests) == 1


def test_a_provider_that_drips_is_cut_at_the_total_deadline() -> None:
    def drip(connection: socket.socket, _: bytes) -> bool:
        connection.sendall(b"HTTP/1.1 200 OK\r\ncontent-length: 1000\r\n\r\n")
        while True:
            connection.sendall(b" ")
            time.sleep(0.05)

    with serving(drip) as server, client_of(server.port) as client:
        began = time.monotonic()
        failed = failure(client, timeout_s=0.7)
        took_s = time.monotonic() - began

    assert type(failed) is DeadlineExceeded
    assert failed.may_be_billed
    assert abs(took_s - 0.7) < 0.3


def test_a_provider_that_takes_no_bytes_is_cut_at_the_total_deadline() -> None:
    with socket.create_server(("127.0.0.1", 0)) as deaf, client_of(deaf.getsockname()[1]) as client:
        deaf.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4_096)
        began = time.monotonic()
        failed = failure(client, timeout_s=1, text="x" * 8_000_000)  # twice what a sender may have under way
        took_s = time.monotonic() - began

    assert type(failed) is DeadlineExceeded
    assert 0.9 < took_s < 2.0  # 8 MB are copied on the way, on a machine that is shared


def test_a_cancel_ends_the_wait_for_the_first_byte_on_a_reused_connection_within_250_ms() -> None:
    def first_then_silence(connection: socket.socket, request: bytes) -> bool:
        return answering(http())(connection, request) if len(server.requests) == 1 else silent(connection, request)

    with serving(first_then_silence) as server, client_of(server.port) as client, ThreadPoolExecutor(1) as pool:
        cancel = Cancel()
        pool.submit(client.ask, TARGET, call(), cancel=cancel).result(5)
        asked = pool.submit(failure, client, cancel=cancel)
        until(lambda: len(server.requests) == 2)
        began = time.monotonic()
        cancel.cancel()
        failed = asked.result(5)
        took_s = time.monotonic() - began

    assert type(failed) is Canceled
    assert failed.may_be_billed
    assert server.accepted == 1
    assert took_s < 0.25


def test_a_cancel_that_came_before_sends_nothing() -> None:
    cancel = Cancel()
    cancel.cancel()
    with serving(answering(http())) as server, client_of(server.port) as client:
        failed = failure(client, cancel=cancel)

    assert type(failed) is Canceled
    assert not failed.may_be_billed
    assert server.requests == []


def test_a_cancel_after_the_answer_does_not_cut_the_next_call_on_the_connection() -> None:
    with serving(answering(http())) as server, client_of(server.port) as client:
        over = Cancel()
        client.ask(TARGET, call(), cancel=over)
        over.cancel()

        assert client.ask(TARGET, call(), cancel=Cancel()).text == "hello"
        assert server.accepted == 1


def test_a_cancel_does_not_pass_for_the_end_of_an_answer_without_a_length() -> None:
    begun = threading.Event()

    def endless(connection: socket.socket, request: bytes) -> bool:
        connection.sendall(b"HTTP/1.1 200 OK\r\n\r\n" + ANSWER)
        begun.set()
        return silent(connection, request)

    with serving(endless) as server, client_of(server.port) as client, ThreadPoolExecutor(1) as pool:
        cancel = Cancel()
        asked = pool.submit(failure, client, cancel=cancel)
        assert begun.wait(5)
        cancel.cancel()

        assert type(asked.result(5)) is Canceled


def test_one_cancel_stops_all_calls_that_work_under_it() -> None:
    with serving(silent) as server, client_of(server.port) as client, ThreadPoolExecutor(8) as pool:
        cancel = Cancel()
        asked = [pool.submit(failure, client, cancel=cancel) for _ in range(8)]
        until(lambda: len(server.requests) == 8)
        began = time.monotonic()
        cancel.cancel()

        assert {type(one.result(5)) for one in asked} == {Canceled}
        assert time.monotonic() - began < 0.25


def test_a_gzip_bomb_is_stopped_at_the_cap() -> None:
    bomb = gzip.compress(bytes(100_000_000))
    with (
        serving(answering(http(bomb, headers="content-encoding: gzip\r\n"))) as server,
        client_of(server.port) as client,
    ):
        failed = failure(client)

        assert type(failed) is BadReply
        assert "larger than" in failed.message


def test_an_endless_body_is_stopped_at_the_cap() -> None:
    def pour(connection: socket.socket, _: bytes) -> bool:
        connection.sendall(b"HTTP/1.1 200 OK\r\n\r\n")
        while True:
            connection.sendall(bytes(65_536))

    with serving(pour) as server, client_of(server.port) as client:
        assert type(failure(client)) is BadReply


def test_a_compressed_answer_is_read() -> None:
    reply = http(gzip.compress(ANSWER), headers="content-encoding: gzip\r\n")
    with serving(answering(reply)) as server, client_of(server.port) as client:
        assert client.ask(TARGET, call(), cancel=Cancel()).text == "hello"


def test_a_redirect_is_refused_and_the_key_does_not_travel() -> None:
    with serving(answering(http())) as elsewhere:
        redirect = http(b"", status="307 Moved", headers=f"location: http://127.0.0.1:{elsewhere.port}/v1\r\n")
        with serving(answering(redirect)) as server, client_of(server.port) as client:
            failed = failure(client)

        assert type(failed) is Refused
        assert failed.status == 307
        assert elsewhere.accepted == 0


def test_proxies_of_the_environment_are_ignored(monkeypatch: pytest.MonkeyPatch) -> None:
    with serving(answering(http(b"", status="502 Proxy"))) as proxy, serving(answering(http())) as server:
        for name in ("HTTP_PROXY", "http_proxy", "ALL_PROXY", "all_proxy"):
            monkeypatch.setenv(name, f"http://127.0.0.1:{proxy.port}")
        for name in ("NO_PROXY", "no_proxy"):
            monkeypatch.delenv(name, raising=False)

        with client_of(server.port) as client:
            assert client.ask(TARGET, call(), cancel=Cancel()).text == "hello"

        assert proxy.accepted == 0


def test_a_refusal_that_comes_before_the_whole_request_was_read_is_heard() -> None:
    with (
        socket.create_server(("127.0.0.1", 0)) as listener,
        client_of(listener.getsockname()[1]) as client,
        ThreadPoolExecutor(1) as pool,
    ):
        asked = pool.submit(failure, client, text="x" * 8_000_000)
        connection, _ = listener.accept()
        with connection:
            connection.recv(1)
            connection.sendall(http(b'{"error": {"message": "too long"}}', status="413 Too Long"))

        assert asked.result(5).status == 413


def test_a_header_that_comes_twice_is_one_list() -> None:
    doubled = http(headers="x-request-id: r-1\r\nX-Request-Id: r-2\r\n")
    with serving(answering(doubled)) as server, client_of(server.port) as client:
        assert client.ask(TARGET, call(), cancel=Cancel()).request_id == "r-1, r-2"


@pytest.mark.parametrize("url", ["ftp://127.0.0.1/v1", "127.0.0.1/v1", "http:///v1", "http://127.0.0.1:99999/", "/v1"])
def test_an_address_that_leads_nowhere_is_unreachable(url: str) -> None:
    line = Lines().mine()

    with pytest.raises(Unreachable) as failed:
        line.post(url, {}, b"", timeout_s=5, cancel=Cancel())

    assert not failed.value.may_be_billed


def test_a_line_keeps_its_eight_latest_connections() -> None:
    with ExitStack() as servers:
        nine = [servers.enter_context(serving(answering(http()))) for _ in range(9)]
        line = Lines().mine()
        for server in (*nine, *nine[1:], nine[0]):
            line.post(f"http://127.0.0.1:{server.port}/", {}, b"", timeout_s=5, cancel=Cancel())
        line.close()

        assert [server.accepted for server in nine] == [2, 1, 1, 1, 1, 1, 1, 1, 1]


def test_a_line_that_is_closed_opens_no_connection() -> None:
    with serving(answering(http())) as server:
        line = Lines().mine()
        line.close()

        with pytest.raises(RuntimeError, match="closed"):
            line.post(f"http://127.0.0.1:{server.port}/", {}, b"", timeout_s=5, cancel=Cancel())
        assert server.accepted == 0


def test_a_cookie_is_not_kept() -> None:
    with serving(answering(http(headers="set-cookie: id=1; path=/\r\n"))) as server, client_of(server.port) as client:
        for _ in range(2):
            client.ask(TARGET, call(), cancel=Cancel())

    assert b"cookie" not in server.requests[1].lower()


def test_a_thread_keeps_its_connection_over_fifty_calls() -> None:
    with serving(answering(http())) as server, client_of(server.port) as client:
        for _ in range(50):
            client.ask(TARGET, call(), cancel=Cancel())

    assert len(server.requests) == 50
    assert server.accepted == 1


def test_fifty_threads_have_a_connection_each_and_every_call_its_own_answer() -> None:
    def echo(connection: socket.socket, request: bytes) -> bool:
        asked = json.loads(request.partition(b"\r\n\r\n")[2])["messages"][-1]["content"]
        body = json.dumps({"choices": [{"message": {"content": asked}}], "model": "m"}).encode()
        return answering(http(body))(connection, request)

    gate = threading.Barrier(50)

    def work(thread: int) -> bool:
        gate.wait(10)
        texts = [f"{thread}-{turn}" for turn in range(10)]
        return [client.ask(TARGET, call(text=text), cancel=Cancel()).text for text in texts] == texts

    with serving(echo) as server, client_of(server.port) as client, ThreadPoolExecutor(50) as pool:
        assert all(pool.map(work, range(50)))

    assert server.accepted == 50


def test_a_connection_that_the_server_closed_while_idle_is_not_used_again() -> None:
    with serving(answering(http())) as server, client_of(server.port) as client:
        client.ask(TARGET, call(), cancel=Cancel())
        server.drop()

        assert client.ask(TARGET, call(), cancel=Cancel()).text == "hello"
        assert server.accepted == 2


def test_a_reused_connection_that_the_server_closes_under_the_request_is_interrupted() -> None:
    def once(connection: socket.socket, request: bytes) -> bool:
        return answering(http())(connection, request) if len(server.requests) == 1 else False

    with serving(once) as server, client_of(server.port) as client:
        client.ask(TARGET, call(), cancel=Cancel())
        failed = failure(client)

    assert type(failed) is Interrupted
    assert failed.may_be_billed
    assert server.accepted == 1
    assert len(server.requests) == 2


def test_an_idle_connection_is_given_up_before_servers_do() -> None:
    with serving(answering(http())) as server:
        line = Lines(keepalive_s=0.05).mine()
        url = f"http://127.0.0.1:{server.port}/"
        line.post(url, {}, b"", timeout_s=5, cancel=Cancel())
        time.sleep(0.1)  # the pool's own clock decides, and takes no other
        line.post(url, {}, b"", timeout_s=5, cancel=Cancel())
        line.close()

    assert server.accepted == 2
    assert KEEPALIVE_EXPIRY_S < 5  # uvicorn's


def test_on_sent_is_called_once_before_the_server_has_seen_a_byte() -> None:
    seen: list[int] = []
    with serving(answering(http())) as server, client_of(server.port) as client:
        for _ in range(2):
            client.ask(TARGET, call(), cancel=Cancel(), on_sent=lambda: seen.append(len(server.requests)))

    assert seen == [0, 1]


@pytest.mark.parametrize("kind", [RuntimeError, OSError, TimeoutError])
def test_what_on_sent_raises_goes_up_unchanged_and_nothing_is_sent(kind: type[Exception]) -> None:
    def no_row() -> None:
        raise kind("the row could not be written")

    with serving(answering(http())) as server, client_of(server.port) as client:
        with pytest.raises(kind, match="the row could not be written"):
            client.ask(TARGET, call(), cancel=Cancel(), on_sent=no_row)

        assert client.ask(TARGET, call(), cancel=Cancel()).text == "hello"
        assert len(server.requests) == 1


def test_an_error_answer_is_named_and_the_connection_kept() -> None:
    slow = http(b'{"error": {"message": "slow down"}}', status="429 Slow", headers="retry-after: 7\r\n")
    with serving(answering(slow)) as server, client_of(server.port) as client:
        failed = failure(client)
        failure(client)

    assert isinstance(failed, RateLimited)
    assert failed.retry_after_s == 7
    assert server.accepted == 1


ECHO = f"you sent Bearer {KEY}, that is {KEY} and sk-other-key-123456789, " + "x" * 1_000
LEAKING: dict[str, bytes] = {
    "error body": http(json.dumps({"error": {"message": ECHO, "code": "invalid_api_key"}}).encode(), status="401 No"),
    "page": http(f"<html>{ECHO}</html>".encode(), status="500 No"),
    "refusal": http(json.dumps({"choices": [{"message": {"refusal": ECHO}}]}).encode()),
    "request id": http(b"{}", status="500 No", headers=f"x-request-id: {KEY}\r\n"),
    "encoding": http(b"x", headers=f"content-encoding: {KEY}\r\n"),
    "status line": f"HTTP/1.1 {KEY}\r\n\r\n".encode(),
    "header": f"HTTP/1.1 200 OK\r\n{KEY} {KEY}\r\n\r\n".encode(),
}


@pytest.mark.parametrize("leak", LEAKING)
def test_no_failure_holds_the_key_in_its_text_its_fields_or_its_chain(leak: str) -> None:
    with serving(answering(LEAKING[leak])) as server, client_of(server.port) as client:
        failed = failure(client)

    everything = "".join((*traceback.format_exception(failed), repr(failed), str(failed), repr(vars(failed))))
    assert KEY.lower() not in everything.lower()
    assert "sk-other" not in everything
    assert len(failed.message) <= 300
    assert failed.__cause__ is None
    assert failed.__context__ is None


ODD_KEYS = ("Az+ur/e=key==with/signs+09", "another:key;of&the same%provider".replace(" ", "_"))


def echoes(key: str) -> dict[str, str]:
    """How a provider may write a key back."""
    coded = {f"base64 after {before!r}": before + key for before in ("", "u:", "Bearer ", "user:")}
    return {
        "plain": key,
        "quoted": quote(key, safe=""),
        "quoted but for slashes": quote(key),
        "quoted small": re.sub("%..", lambda sign: sign[0].lower(), quote(key, safe="")),
        "quoted twice": quote(quote(key, safe=""), safe=""),
        **{name: b64encode(text.encode()).decode() for name, text in coded.items()},
        **{f"url {name}": urlsafe_b64encode(text.encode()).decode().rstrip("=") for name, text in coded.items()},
    }


@pytest.mark.parametrize("key", ODD_KEYS)
@pytest.mark.parametrize("spelling", echoes("x"))
def test_no_failure_holds_any_key_of_any_provider_in_any_spelling(spelling: str, key: str) -> None:
    echo = echoes(key)[spelling]
    page = http(f"<html>forwarded [{echo}] to upstream</html>".encode(), status="500 No")
    with (
        serving(answering(page)) as server,
        client_of(server.port, keys=(KEY, *ODD_KEYS)) as client,
    ):
        failed = failure(client)

    assert "***" in failed.message
    assert echo not in failed.message
    assert echo[-12:-6] not in failed.message  # the tail is the key's, whatever stood before it


@pytest.fixture(scope="module")
def certificate(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A certificate of nobody's, for 127.0.0.1, with its key in the same file."""
    place = tmp_path_factory.mktemp("tls") / "both.pem"
    key = place.with_name("key.pem")
    subprocess.run(
        [
            *("openssl", "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-nodes"),
            *("-subj", "/CN=127.0.0.1", "-addext", "subjectAltName=IP:127.0.0.1", "-days", "2"),
            *("-keyout", str(key), "-out", str(place)),
        ],
        check=True,
        capture_output=True,
    )
    place.write_text(place.read_text() + key.read_text())
    return place


def server_tls(certificate: Path) -> ssl.SSLContext:
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(certificate)
    return context


def test_an_answer_comes_over_tls_on_one_connection(certificate: Path) -> None:
    trusted = ssl.create_default_context(cafile=str(certificate))
    with (
        serving(answering(http()), server_tls(certificate)) as server,
        client_of(server.port, scheme="https", tls=trusted) as client,
    ):
        texts = [client.ask(TARGET, call(), cancel=Cancel()).text for _ in range(3)]

    assert texts == ["hello"] * 3
    assert server.accepted == 1


def test_a_cancel_cuts_a_tls_connection_within_250_ms(certificate: Path) -> None:
    trusted = ssl.create_default_context(cafile=str(certificate))
    with (
        serving(silent, server_tls(certificate)) as server,
        client_of(server.port, scheme="https", tls=trusted) as client,
        ThreadPoolExecutor(1) as pool,
    ):
        cancel = Cancel()
        asked = pool.submit(failure, client, cancel=cancel)
        until(lambda: len(server.requests) == 1)
        began = time.monotonic()
        cancel.cancel()

        assert type(asked.result(5)) is Canceled
        assert time.monotonic() - began < 0.25


def test_a_certificate_of_nobodys_is_refused_before_anything_is_sent_and_not_tried_again(certificate: Path) -> None:
    with (
        serving(answering(http()), server_tls(certificate)) as server,
        client_of(server.port, scheme="https") as client,
    ):
        failed = failure(client)

    assert type(failed) is Unreachable
    assert not failed.retryable
    assert server.requests == []
    assert server.accepted == 1


def test_a_handshake_that_never_ends_can_be_canceled() -> None:
    with socket.create_server(("127.0.0.1", 0)) as mute, client_of(mute.getsockname()[1], scheme="https") as client:
        cancel = Cancel()
        with ThreadPoolExecutor(1) as pool:
            asked = pool.submit(failure, client, cancel=cancel)
            connection, _ = mute.accept()
            with connection:
                connection.recv(1)
                began = time.monotonic()
                cancel.cancel()
                failed = asked.result(5)
                took_s = time.monotonic() - began

    assert type(failed) is Canceled
    assert not failed.may_be_billed
    assert took_s < 0.25


def test_a_server_that_speaks_no_tls_is_unreachable() -> None:
    with socket.create_server(("127.0.0.1", 0)) as listener:
        threading.Thread(target=greet, args=(listener,), daemon=True).start()
        with client_of(listener.getsockname()[1], scheme="https") as client:
            failed = failure(client)

    assert type(failed) is Unreachable
    assert not failed.may_be_billed


def greet(listener: socket.socket) -> None:
    with suppress(OSError):
        while True:
            connection, _ = listener.accept()
            connection.sendall(b"HTTP/1.1 400 Bad Request\r\n\r\n")
            connection.close()


def test_a_thread_that_ends_leaves_no_connection_open() -> None:
    closed = threading.Event()

    def watch(connection: socket.socket, request: bytes) -> bool:
        connection.sendall(http())
        if not connection.recv(1):
            closed.set()
        return False

    with serving(watch) as server, client_of(server.port) as client:
        worker = threading.Thread(target=client.ask, args=(TARGET, call()), kwargs={"cancel": Cancel()})
        worker.start()
        worker.join(5)

        assert closed.wait(5)


def test_a_wrong_key_says_so() -> None:
    body = b'{"error": {"message": "Incorrect API key provided", "code": "invalid_api_key"}}'
    with serving(answering(http(body, status="401 No"))) as server, client_of(server.port) as client:
        failed = failure(client)

    assert type(failed) is Unauthenticated
    assert failed.status == 401
    assert not failed.retryable
