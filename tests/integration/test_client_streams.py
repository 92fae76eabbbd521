"""Streams over real sockets: when one is alive, when it is at its end, and what a broken one is still worth."""

import gzip
import json
import socket
import struct
import threading
import time
import zlib
from collections.abc import Iterable
from concurrent.futures import ThreadPoolExecutor
from itertools import count, repeat

import pytest

from providers.calls import Finish, Target
from providers.catalog import Catalog, ModelCard, Price, ProviderCard
from providers.client import STREAM_ABOVE_TOKENS
from providers.dialects.openai_chat import OpenAIChat
from providers.errors import BadReply, Canceled, CutOff, DeadlineExceeded, Interrupted, Overloaded, Refused, Stalled
from providers.lines import Lines
from providers.sockets import Cancel
from providers.streams import StreamWatch
from tests.integration.provider_in_test import (
    KEY,
    TARGET,
    Script,
    answering,
    breaking_off,
    call,
    client_of,
    failure,
    http,
    serving,
    silent,
    until,
)

SERVED = "gpt-6-luna-2026-09-22"
TEXT = "Zürich\u2028 and so on"  # a line separator to Unicode, and to no stream
HEAD = b"HTTP/1.1 200 OK\r\ncontent-type: text/event-stream\r\ntransfer-encoding: chunked\r\n\r\n"
LAST = b"0\r\n\r\n"


def event(**fields: object) -> bytes:
    return f"data: {json.dumps({'model': SERVED, **fields}, ensure_ascii=False)}\n\n".encode()


def word(text: str) -> bytes:
    return event(choices=[{"delta": {"content": text}}])


PING = b": ping\n\n"
ROLE = event(choices=[{"delta": {"role": "assistant"}}])
FINISH = event(choices=[{"delta": {}, "finish_reason": "stop"}])
USAGE = event(choices=[], usage={"prompt_tokens": 3, "completion_tokens": 4})
DONE = b"data: [DONE]\n\n"
WHOLE = ROLE + PING + word(TEXT[:9]) + word(TEXT[9:]) + FINISH + USAGE + DONE


def chunk(data: bytes) -> bytes:
    return b"%x\r\n%b\r\n" % (len(data), data)


def streaming(pieces: Iterable[bytes], *, every_s: float = 0, then: Script | None = None) -> Script:
    """A script that sends the pieces as chunks and then the end of the body, or does what `then` says."""

    def script(connection: socket.socket, request: bytes) -> bool:
        connection.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        connection.sendall(HEAD)
        for piece in pieces:
            connection.sendall(chunk(piece))
            time.sleep(every_s)
        if then is not None:
            return then(connection, request)
        connection.sendall(LAST)
        return True

    return script


def test_a_stream_is_asked_for_as_one_and_gives_the_reply_that_a_whole_answer_would() -> None:
    with serving(streaming([WHOLE])) as server, client_of(server.port) as client:
        reply = client.ask(TARGET, call(stream=True), cancel=Cancel())

    head, _, body = server.requests[0].partition(b"\r\n\r\n")
    assert (reply.text, reply.finish, reply.model_served) == (TEXT, Finish.STOP, SERVED)
    assert (reply.usage.input_tokens, reply.usage.output_tokens, reply.usage.estimated) == (3, 4, False)
    assert b"accept: text/event-stream" in head
    assert b"accept-encoding: identity" in head
    assert json.loads(body)["stream"] is True


@pytest.mark.parametrize("size", [1, 2, 3, 7, 64])
def test_a_stream_may_be_cut_into_packets_anywhere(size: int) -> None:
    sent = HEAD + b"".join(chunk(WHOLE[at : at + 5]) for at in range(0, len(WHOLE), 5)) + LAST

    def in_bits(connection: socket.socket, _: bytes) -> bool:
        connection.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        for at in range(0, len(sent), size):
            connection.sendall(sent[at : at + size])
        return True

    with serving(in_bits) as server, client_of(server.port) as client:
        assert client.ask(TARGET, call(stream=True), cancel=Cancel()).text == TEXT


def test_a_compressed_stream_is_read_as_it_comes() -> None:
    def compressed(connection: socket.socket, _: bytes) -> bool:
        squeeze = zlib.compressobj(wbits=zlib.MAX_WBITS | 16)
        connection.sendall(HEAD.replace(b"\r\n\r\n", b"\r\ncontent-encoding: gzip\r\n\r\n"))
        for piece in (ROLE, word("hello"), FINISH, DONE):
            connection.sendall(chunk(squeeze.compress(piece) + squeeze.flush(zlib.Z_SYNC_FLUSH)))
        return silent(connection, b"")  # the end of the answer is seen although that of the encoding never comes

    with serving(compressed) as server, client_of(server.port) as client:
        assert client.ask(TARGET, call(stream=True), cancel=Cancel()).text == "hello"


def test_a_stream_that_gets_on_may_take_many_times_the_progress_timeout() -> None:
    words = [word(f"{number} ") for number in range(20)]
    slow = streaming([*words, FINISH, USAGE, DONE], every_s=0.06)
    with serving(slow) as server, client_of(server.port, progress_timeout_s=0.4) as client:
        began = time.monotonic()
        reply = client.ask(TARGET, call(stream=True), cancel=Cancel())

    assert time.monotonic() - began > 0.8
    assert reply.text.split() == [str(number) for number in range(20)]


def test_a_stream_that_gets_on_for_ever_is_cut_at_the_total_deadline_and_says_what_it_cost() -> None:
    with (
        serving(streaming(repeat(word("and so on ")), every_s=0.05)) as server,
        client_of(server.port, progress_timeout_s=0.4) as client,
    ):
        began = time.monotonic()
        failed = failure(client, timeout_s=0.8, stream=True)
        took_s = time.monotonic() - began

    assert type(failed) is DeadlineExceeded
    assert abs(took_s - 0.8) < 0.3
    assert failed.usage is not None
    assert failed.usage.estimated
    assert failed.usage.output_tokens > 0
    assert failed.model_served == SERVED


STALLS: dict[str, Script] = {
    "comments": streaming(repeat(PING), every_s=0.05),
    "events without content": streaming([word("hel"), *[ROLE] * 200], every_s=0.05),
    "white space": streaming(repeat(b" "), every_s=0.05),
    "nothing after some words": streaming([word("hel")], then=silent),
    "nothing after the head": streaming([], then=silent),
    "nothing at all": silent,
}


@pytest.mark.parametrize("stall", STALLS)
def test_a_stream_without_progress_is_stalled_however_alive_it_looks(stall: str) -> None:
    with serving(STALLS[stall]) as server, client_of(server.port, progress_timeout_s=0.5) as client:
        began = time.monotonic()
        failed = failure(client, stream=True)
        took_s = time.monotonic() - began

    assert type(failed) is Stalled
    assert (failed.code, failed.type, failed.may_be_billed) == ("stalled", "timeout", True)
    assert 0.4 < took_s < 0.9


def test_a_stalled_stream_says_what_had_been_used_and_by_which_model() -> None:
    counted = event(choices=[{"delta": {"content": "hel"}}], usage={"prompt_tokens": 30, "completion_tokens": 2})
    with (
        serving(streaming([counted], then=silent)) as server,
        client_of(server.port, progress_timeout_s=0.2) as client,
    ):
        failed = failure(client, stream=True)

    assert type(failed) is Stalled
    assert failed.usage is not None
    assert (failed.usage.input_tokens, failed.usage.output_tokens) == (30, 2)
    assert failed.model_served == SERVED


def test_a_call_at_the_flex_tier_may_wait_for_its_turn_without_a_word() -> None:
    def late(connection: socket.socket, request: bytes) -> bool:
        time.sleep(0.5)
        return streaming([WHOLE])(connection, request)

    patient = call(stream=True).model_copy(update={"service_tier": "flex"})
    with serving(late) as server, client_of(server.port, progress_timeout_s=0.2) as client:
        assert client.ask(TARGET, patient, cancel=Cancel()).text == TEXT


def resetting(connection: socket.socket, _: bytes) -> bool:
    time.sleep(0.05)  # a reset overtakes the bytes before it
    connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
    return False


@pytest.mark.parametrize("end", [breaking_off(b""), resetting, breaking_off(b"7f\r\ndata: {"), breaking_off(LAST)])
def test_a_stream_that_breaks_in_the_middle_is_interrupted_and_says_what_it_cost(end: Script) -> None:
    with serving(streaming([ROLE, word("half an ans")], then=end)) as server, client_of(server.port) as client:
        failed = failure(client, stream=True)

    assert type(failed) is Interrupted
    assert failed.may_be_billed
    assert failed.usage is not None
    assert failed.usage.output_tokens > 0
    assert failed.model_served == SERVED
    assert failed.__context__ is None
    assert len(server.requests) == 1


@pytest.mark.parametrize("end", [breaking_off(b""), resetting, silent])
def test_an_answer_that_was_whole_before_its_stream_broke_or_stood_still_is_an_answer(end: Script) -> None:
    pieces = [word("hello"), FINISH, USAGE]
    with (
        serving(streaming(pieces, then=end)) as server,
        client_of(server.port, progress_timeout_s=0.3) as client,
    ):
        reply = client.ask(TARGET, call(stream=True), cancel=Cancel())

    assert reply.text == "hello"
    assert reply.usage.output_tokens == 4


def test_an_error_within_a_stream_is_named_whatever_becomes_of_the_connection() -> None:
    told = b'data: {"error": {"message": "The engine is overloaded", "code": 503}}\n\n'
    with serving(streaming([word("hel"), told], then=resetting)) as server, client_of(server.port) as client:
        failed = failure(client, stream=True)

    assert type(failed) is Overloaded
    assert failed.usage is not None


def test_an_answer_that_its_limit_ended_is_cut_off_although_the_stream_broke_after_that() -> None:
    full = event(choices=[{"delta": {}, "finish_reason": "length"}])
    with serving(streaming([word("hel"), full], then=resetting)) as server, client_of(server.port) as client:
        assert type(failure(client, stream=True)) is CutOff


def test_no_error_within_a_stream_holds_the_key() -> None:
    told = f'data: {{"error": {{"message": "bad key {KEY}", "code": "invalid_api_key"}}, "model": "{KEY}"}}\n\n'
    with serving(streaming([told.encode()])) as server, client_of(server.port) as client:
        failed = failure(client, stream=True)

    assert KEY not in f"{failed!r} {vars(failed)!r}"


@pytest.mark.parametrize("pieces", [[word("hel")], repeat(PING + b" " * 2), repeat(word("on "))])
def test_a_cancel_cuts_a_stream_within_250_ms_and_says_what_it_cost(pieces: Iterable[bytes]) -> None:
    begun = threading.Event()

    def stream(connection: socket.socket, request: bytes) -> bool:
        connection.sendall(HEAD + chunk(word("first")))
        begun.set()
        for piece in pieces:
            connection.sendall(chunk(piece))
            time.sleep(0.001)
        return silent(connection, request)

    with serving(stream) as server, client_of(server.port) as client, ThreadPoolExecutor(1) as pool:
        cancel = Cancel()
        asked = pool.submit(failure, client, cancel=cancel, stream=True)
        assert begun.wait(5)
        time.sleep(0.1)  # so that the client stands in the stream, and not before it
        began = time.monotonic()
        cancel.cancel()
        failed = asked.result(5)
        took_s = time.monotonic() - began

    assert type(failed) is Canceled
    assert failed.may_be_billed
    assert failed.usage is not None
    assert took_s < 0.25


def test_a_flood_of_tiny_chunks_gives_way_to_a_deadline() -> None:
    flood = chunk(b"xy") * 4_000  # no line ever ends

    def pour(connection: socket.socket, _: bytes) -> bool:
        connection.sendall(HEAD)
        while True:
            connection.sendall(flood)

    with serving(pour) as server, client_of(server.port) as client:
        began = time.monotonic()
        failed = failure(client, timeout_s=1, stream=True)
        took_s = time.monotonic() - began

    assert type(failed) is DeadlineExceeded
    assert took_s < 1.5


def test_the_deadline_is_asked_for_at_each_chunk_and_not_only_at_each_read() -> None:
    ticks = count()
    watch = StreamWatch(OpenAIChat(), 60)
    line = Lines(clock=lambda: next(ticks) * 0.001).mine()  # a millisecond for each look at it
    one_packet = HEAD + chunk(b" ") * 2_000 + chunk(WHOLE) + LAST
    with serving(answering(one_packet)) as server, pytest.raises(DeadlineExceeded):
        line.post(f"http://127.0.0.1:{server.port}/", {}, b"", timeout_s=1, cancel=Cancel(), watch=watch)


def test_a_gzip_bomb_in_a_stream_is_stopped_at_the_cap() -> None:
    bomb = gzip.compress(bytes(100_000_000))
    headers = "content-encoding: gzip\r\ncontent-type: text/event-stream\r\n"
    with serving(answering(http(bomb, headers=headers))) as server, client_of(server.port) as client:
        failed = failure(client, stream=True)

    assert type(failed) is BadReply
    assert "larger than" in failed.message


def test_an_endless_stream_is_stopped_at_the_cap_and_says_what_it_cost() -> None:
    with (
        serving(streaming(repeat(word("on and " * 10_000)))) as server,
        client_of(server.port) as client,
    ):
        failed = failure(client, timeout_s=20, stream=True)

    assert type(failed) is BadReply
    assert "larger than" in failed.message
    assert failed.usage is not None
    assert failed.usage.output_tokens > 100_000


def test_the_last_event_ends_the_wait_though_the_connection_stays_open() -> None:
    with serving(streaming([WHOLE], then=silent)) as server, client_of(server.port) as client:
        began = time.monotonic()
        reply = client.ask(TARGET, call(stream=True), cancel=Cancel())
        took_s = time.monotonic() - began

    assert reply.text == TEXT
    assert took_s < 0.5


def test_nothing_that_comes_after_the_last_event_counts() -> None:
    with (
        serving(streaming([WHOLE, *repeat(word("and more ") * 1_000, 20_000)])) as server,
        client_of(server.port) as client,
    ):
        began = time.monotonic()
        reply = client.ask(TARGET, call(stream=True), cancel=Cancel())

    assert reply.text == TEXT
    assert time.monotonic() - began < 1


def test_a_cancel_that_comes_after_the_last_event_takes_no_answer_away() -> None:
    cancel = Cancel()

    def script(connection: socket.socket, request: bytes) -> bool:
        connection.sendall(HEAD + chunk(WHOLE))
        time.sleep(0.02)
        cancel.cancel()
        return silent(connection, request)

    with serving(script) as server, client_of(server.port) as client:
        assert client.ask(TARGET, call(stream=True), cancel=cancel).text == TEXT


@pytest.mark.parametrize("kind", ["application/json", "Application/JSON; charset=utf-8"])
def test_an_answer_that_comes_as_json_after_all_is_read_whole_and_not_watched(kind: str) -> None:
    def dripping(connection: socket.socket, _: bytes) -> bool:
        sent = http(headers=f"content-type: {kind}\r\n")
        connection.sendall(sent[:-40])
        for place in range(-40, 0, 2):
            time.sleep(0.03)
            connection.sendall(sent[place : place + 2 or None])
        return True

    with serving(dripping) as server, client_of(server.port, progress_timeout_s=0.2) as client:
        assert client.ask(TARGET, call(stream=True), cancel=Cancel()).text == "hello"


def test_a_refusal_of_a_stream_is_named_as_ever() -> None:
    refusal = http(
        b'{"error": {"message": "no such parameter", "code": "unknown_parameter"}}',
        status="400 Bad",
        headers="content-type: text/event-stream\r\n",
    )
    with serving(answering(refusal)) as server, client_of(server.port) as client:
        failed = failure(client, stream=True)

    assert type(failed) is Refused
    assert failed.status == 400


def test_a_redirected_stream_is_refused_and_the_key_does_not_travel() -> None:
    with serving(streaming([WHOLE])) as elsewhere:
        redirect = http(b"", status="308 Moved", headers=f"location: http://127.0.0.1:{elsewhere.port}/v1\r\n")
        with serving(answering(redirect)) as server, client_of(server.port) as client:
            failed = failure(client, stream=True)

        assert type(failed) is Refused
        assert elsewhere.accepted == 0


def test_a_stream_ignores_the_proxies_of_the_environment(monkeypatch: pytest.MonkeyPatch) -> None:
    with serving(answering(http(b"", status="502 Proxy"))) as proxy, serving(streaming([WHOLE])) as server:
        for name in ("HTTP_PROXY", "http_proxy", "ALL_PROXY", "all_proxy"):
            monkeypatch.setenv(name, f"http://127.0.0.1:{proxy.port}")
        for name in ("NO_PROXY", "no_proxy"):
            monkeypatch.delenv(name, raising=False)

        with client_of(server.port) as client:
            assert client.ask(TARGET, call(stream=True), cancel=Cancel()).text == TEXT

        assert proxy.accepted == 0


def ending_late(connection: socket.socket, _: bytes) -> bool:
    """The end of the body comes in a packet of its own."""
    time.sleep(0.005)
    connection.sendall(LAST)
    return True


@pytest.mark.parametrize("end", [None, ending_late])
def test_a_connection_serves_the_next_call_after_a_stream_that_was_read_to_its_end(end: Script | None) -> None:
    with serving(streaming([WHOLE], then=end)) as server, client_of(server.port) as client:
        texts = [client.ask(TARGET, call(stream=True), cancel=Cancel()).text for _ in range(5)]

    assert texts == [TEXT] * 5
    assert server.accepted == 1


def test_a_connection_is_not_used_again_after_a_stream_without_an_end() -> None:
    with serving(streaming([WHOLE], then=silent)) as server, client_of(server.port) as client:
        texts = [client.ask(TARGET, call(stream=True), cancel=Cancel()).text for _ in range(3)]

    assert texts == [TEXT] * 3
    assert server.accepted == 3


def test_a_connection_is_not_used_again_after_a_stream_that_was_cut() -> None:
    def first_stalls(connection: socket.socket, request: bytes) -> bool:
        end = silent if len(server.requests) == 1 else None
        return streaming([word("hel")] if end else [WHOLE], then=end)(connection, request)

    with serving(first_stalls) as server, client_of(server.port, progress_timeout_s=0.2) as client:
        assert type(failure(client, stream=True)) is Stalled
        assert client.ask(TARGET, call(stream=True), cancel=Cancel()).text == TEXT
        assert server.accepted == 2


def test_a_socket_of_a_stream_that_was_cut_is_closed() -> None:
    gone = threading.Event()

    def watch(connection: socket.socket, request: bytes) -> bool:
        silent(connection, request)
        gone.set()
        return False

    with (
        serving(streaming([word("hel")], then=watch)) as server,
        client_of(server.port, progress_timeout_s=0.2) as client,
    ):
        failure(client, stream=True)

        assert gone.wait(5)


def gemini(**quirks: object) -> Catalog:
    """A catalog of one provider and one model, of a vendor whose dialect has streams as a matter of course."""
    card = {"id": "google", "name": "Google", "dialect": "gemini_generate", "key_header": "x-goog-api-key", **quirks}
    price = Price.model_validate(
        dict.fromkeys(("input_micro_usd", "cached_input_micro_usd", "cache_write_micro_usd", "output_micro_usd"), 1)
        | {"since": "2026-11-20"}
    )
    model = ModelCard(
        provider="google",
        id="gemini-x",
        tier="economy",
        window_tokens=1_000_000,
        max_output_tokens=64_000,
        equivalent="economy",
        prices=(price,),
    )
    return Catalog(version="test", providers=(ProviderCard.model_validate(card),), models=(model,))


GEMINI = Target.parse("google/gemini-x")
GEMINI_ANSWER = {
    "candidates": [{"content": {"role": "model", "parts": [{"text": "hello"}]}, "finishReason": "STOP"}],
    "usageMetadata": {"promptTokenCount": 3, "candidatesTokenCount": 1, "totalTokenCount": 4},
    "modelVersion": "gemini-x-001",
}


def test_a_long_answer_is_asked_for_as_a_stream_with_the_providers_own_query_and_headers() -> None:
    catalog = gemini(query={"api version": "1&2"}, headers={"x-extra": "yes"})
    pieces = [f"data: {json.dumps(GEMINI_ANSWER)}\r\n\r\n".encode()]
    with (
        serving(streaming(pieces)) as server,
        client_of(server.port, catalog=catalog, provider="google") as client,
    ):
        reply = client.ask(GEMINI, call(max_output_tokens=STREAM_ABOVE_TOKENS + 1), cancel=Cancel())

    head = server.requests[0].partition(b"\r\n\r\n")[0].decode()
    assert reply.text == "hello"
    assert reply.model_served == "gemini-x-001"
    assert "/models/gemini-x:streamGenerateContent?alt=sse&api+version=1%262 HTTP/1.1" in head
    assert f"x-goog-api-key: {KEY}" in head
    assert "x-extra: yes" in head
    assert "authorization" not in head.lower()


def test_a_short_answer_comes_whole() -> None:
    with (
        serving(answering(http(json.dumps(GEMINI_ANSWER).encode()))) as server,
        client_of(server.port, catalog=gemini(query={"v": "1"}), provider="google") as client,
    ):
        reply = client.ask(GEMINI, call(max_output_tokens=STREAM_ABOVE_TOKENS), cancel=Cancel())

    assert reply.text == "hello"
    assert b"/models/gemini-x:generateContent?v=1 HTTP/1.1" in server.requests[0]


def test_a_copy_of_chat_completions_streams_only_when_it_is_asked_to() -> None:
    with serving(answering(http())) as server, client_of(server.port) as client:
        client.ask(TARGET, call(max_output_tokens=STREAM_ABOVE_TOKENS + 1), cancel=Cancel())

    assert "stream" not in json.loads(server.requests[0].partition(b"\r\n\r\n")[2])


def test_fifty_threads_stream_at_once_and_every_call_gets_its_own_answer() -> None:
    def echo(connection: socket.socket, request: bytes) -> bool:
        asked = json.loads(request.partition(b"\r\n\r\n")[2])["messages"][-1]["content"]
        return streaming([word(asked[:2]), word(asked[2:]), FINISH, DONE])(connection, request)

    def work(thread: int) -> bool:
        texts = [f"{thread}-{turn}" for turn in range(5)]
        return [client.ask(TARGET, call(text=text, stream=True), cancel=Cancel()).text for text in texts] == texts

    with serving(echo) as server, client_of(server.port) as client, ThreadPoolExecutor(50) as pool:
        assert all(pool.map(work, range(50)))
        until(lambda: len(server.requests) == 250)

    assert server.accepted <= 50


def test_a_whole_answer_is_not_watched_for_progress() -> None:
    def late(connection: socket.socket, request: bytes) -> bool:
        time.sleep(0.4)
        return answering(http())(connection, request)

    with serving(late) as server, client_of(server.port, progress_timeout_s=0.1) as client:
        assert client.ask(TARGET, call(), cancel=Cancel()).text == "hello"
