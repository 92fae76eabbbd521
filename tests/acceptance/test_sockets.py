"""A job's events over WebSockets, by a client that is not ours: the same as the stream's, refused like a request."""

import asyncio
import json
import random
import re
import socket
import struct
from contextlib import AsyncExitStack, suppress
from pathlib import Path
from signal import SIGTERM
from typing import Any

import pytest
from websockets.asyncio import client as aio
from websockets.exceptions import ConnectionClosed, InvalidStatus
from websockets.sync.client import ClientConnection, connect

from api.streams import MOST_OF_TENANT
from orchestrator.storage.engine import Database
from orchestrator.tenancy.keys import add_tenant, generate
from tests.acceptance.conftest import Town
from tests.acceptance.processes import Product, until
from tests.acceptance.test_events import POOL, held_by_the_api, key_of, submit
from tests.servers import PEPPER, new_tenant

PATIENCE_S = 30.0
PAGE = (Path(__file__).resolve().parents[2] / "ops" / "handbook" / "events.md").read_text("utf-8")


def opened(product: Product, job: str, after: int | None = None, **more: Any) -> ClientConnection:
    seen = {} if after is None else {"Last-Event-ID": str(after)}
    headers = {"Authorization": f"Bearer {key_of(product)}"} | seen
    link: ClientConnection = connect(
        f"ws://127.0.0.1:{product.port}/v1/jobs/{job}/events",
        **{"additional_headers": headers, "proxy": None, "compression": None, "legacy": True, **more},
    )
    return link


def told(link: ClientConnection) -> tuple[list[dict[str, Any]], int]:
    """The events until the socket is closed, and with which code."""
    found: list[dict[str, Any]] = []
    with link:
        with suppress(ConnectionClosed):
            while True:
                found.append(json.loads(link.recv(PATIENCE_S)))
        assert link.close_code is not None
        return found, link.close_code


def streamed(product: Product, job: str, after: int = 0) -> list[dict[str, Any]]:
    answer = product.http.get(f"/v1/jobs/{job}/events", headers={"Last-Event-ID": str(after)})
    return [json.loads(line[6:]) for line in answer.text.splitlines() if line.startswith("data: ")]


def test_a_socket_tells_a_job_from_its_beginning_to_its_end_as_the_stream_does(town: Town) -> None:
    (job,) = submit(town.product)

    link = opened(town.product, job)
    events, code = told(link)

    assert code == 1000
    assert (events[0]["type"], events[-1]["type"]) == ("job.queued", "job.succeeded")
    assert [one["version"] for one in events] == list(range(1, len(events) + 1))
    assert events == streamed(town.product, job)
    assert link.response is not None
    assert link.response.headers["X-Request-Id"].startswith("req_")
    assert "Sec-WebSocket-Extensions" not in link.response.headers


def test_a_socket_goes_on_after_any_event_and_is_closed_at_once_if_nothing_follows(town: Town) -> None:
    (job,) = submit(town.product)
    whole, _ = told(opened(town.product, job))

    for seen in range(len(whole) + 1):
        assert told(opened(town.product, job, after=seen)) == (whole[seen:], 1000)


def test_nothing_is_lost_or_told_twice_over_fifty_links_that_are_reset(town: Town) -> None:
    chance, cuts = random.Random(7), 0

    while cuts < 50:
        (job,) = submit(town.product)
        events: list[dict[str, Any]] = []
        while not (events and events[-1]["type"] == "job.succeeded"):
            link = opened(town.product, job, after=len(events))
            with suppress(ConnectionClosed):
                events += [json.loads(link.recv(PATIENCE_S)) for _ in range(chance.randint(0, 2))]
            cuts += was_reset(link)

        assert events == streamed(town.product, job)


def was_reset(link: ClientConnection) -> bool:
    """Break it off; False: it had come to its end by itself."""
    try:
        link.socket.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
    except OSError:
        return False
    link.socket.close()
    return True


def test_the_story_of_an_erased_job_is_the_same_on_both_ways(town: Town) -> None:
    (job,) = submit(town.product)
    town.product.end_of(job)
    assert town.product.http.delete(f"/v1/jobs/{job}").status_code == 202

    events, code = told(opened(town.product, job))

    assert (events[-1]["type"], code) == ("job.erased", 1000)
    assert events == streamed(town.product, job)


def refused(product: Product, job: str, **more: Any) -> tuple[int, dict[str, Any]]:
    """Status and problem of a handshake."""
    with pytest.raises(InvalidStatus) as caught:
        opened(product, job, **more)
    answer = caught.value.response
    assert answer.headers["Content-Type"] == "application/problem+json"
    problem: dict[str, Any] = json.loads(answer.body)
    assert answer.headers["X-Request-Id"] == problem["request_id"] != ""
    return answer.status_code, problem


def bearer(key: str) -> list[tuple[str, str]]:
    return [("Authorization", f"Bearer {key}")]


def test_a_key_opens_a_socket_by_its_header_alone(town: Town) -> None:
    (job,) = submit(town.product)
    key = key_of(town.product)
    address = f"ws://127.0.0.1:{town.product.port}/v1/jobs/{job}/events?access_token={key}&token={key}&after=0"

    for headers in ([], bearer("mm_test_none"), bearer(key) * 2, [("Cookie", f"key={key}")]):
        status, problem = refused(town.product, job, additional_headers=headers)
        assert (status, problem["code"]) == (401, "unauthenticated")
    with pytest.raises(InvalidStatus, match="401"):
        connect(address, proxy=None)
    assert key not in town.product.processes.log("api")


def test_a_page_of_a_stranger_opens_nothing_and_a_program_may_name_any_origin(town: Town) -> None:
    (job,) = submit(town.product)
    stranger: dict[str, Any] = {"origin": "https://stranger.example"}

    status, _ = refused(town.product, job, additional_headers=[], **stranger)
    _, code = told(opened(town.product, job, **stranger))

    assert (status, code) == (401, 1000)


def test_what_a_request_would_be_refused_for_a_handshake_is_too(town: Town) -> None:
    (job,) = submit(town.product)
    stranger = new_tenant(town.database, "globex")
    writer = generate("test")
    add_tenant(town.database, "initech", writer, PEPPER, scopes=("submit",))
    unknown = f"job_{'0' * 26}"

    asked = {
        "foreign": refused(town.product, job, additional_headers=bearer(stranger.key)),
        "unknown": refused(town.product, unknown, additional_headers=bearer(stranger.key)),
        "no id": refused(town.product, "job_%00"),
        "scope": refused(town.product, job, additional_headers=bearer(writer)),
        "ahead": refused(town.product, job, after=99),
        "headers": refused(town.product, job, additional_headers=[*bearer(stranger.key), *[("X-Much", "x")] * 100]),
        "a line": refused(town.product, job, additional_headers=[*bearer(stranger.key), ("X-Much", "x" * 9_000)]),
    }

    assert {name: (status, problem["code"]) for name, (status, problem) in asked.items()} == {
        "foreign": (404, "not-found"),
        "unknown": (404, "not-found"),
        "no id": (404, "not-found"),
        "scope": (403, "forbidden"),
        "ahead": (422, "invalid-request"),
        "headers": (431, "headers-too-large"),
        "a line": (431, "headers-too-large"),
    }
    assert asked["foreign"][1]["detail"].replace(job, unknown) == asked["unknown"][1]["detail"]


def test_there_is_a_socket_at_no_other_address(town: Town) -> None:
    for path in ("/v1/jobs", "/v1/events", "/health/live", "/", "/v1/jobs/x/y/events"):
        with pytest.raises(InvalidStatus) as caught:
            connect(f"ws://127.0.0.1:{town.product.port}{path}", proxy=None)
        assert caught.value.response.status_code == 404
        assert json.loads(caught.value.response.body)["code"] == "not-found"


def test_what_a_reader_says_is_not_listened_to_and_too_much_ends_it(with_emulator: Product) -> None:
    product = with_emulator.start("ask")  # nobody asks: the job has a beginning, and no end
    (job,) = submit(product)

    def ended(*said: str | bytes) -> tuple[list[str], int]:
        link = opened(product, job)
        with suppress(ConnectionClosed):
            for one in said:
                link.send(one)
        events, code = told(link)
        return [one["type"] for one in events], code

    begun = ["job.queued"]
    assert ended("x" * 1_025) == (begun, 1009)
    assert ended(b"x" * 5_000_000) == (begun, 1009)
    assert ended(*["x" * 1_000] * 70) == (begun, 1008)
    with opened(product, job) as quiet:
        for one in ("", "hello", b"\0", "x" * 1_024):
            quiet.send(one)
        assert quiet.ping().wait(PATIENCE_S)
        assert json.loads(quiet.recv(PATIENCE_S))["type"] == "job.queued"
        product.http.post(f"/v1/jobs/{job}/cancel")
        events, code = told(quiet)
    assert ([one["type"] for one in events], code) == (["job.canceled"], 1000)


def test_a_socket_is_one_of_the_streams_that_a_tenant_may_have(with_emulator: Product, database: Database) -> None:
    product = with_emulator.start("ask")
    (job,) = submit(product)

    async def course() -> None:
        async with AsyncExitStack() as held:
            sockets = [await held.enter_async_context(waiting(product, job)) for _ in range(MOST_OF_TENANT)]
            status, problem = await asyncio.to_thread(refused, product, job)
            answer = await asyncio.to_thread(product.http.get, f"/v1/jobs/{job}/events")

            assert (status, problem["code"]) == (503, "overloaded")
            assert (answer.status_code, answer.json()["code"]) == (503, "overloaded")
            assert held_by_the_api(database) <= POOL
            await sockets.pop().close()
            await asyncio.to_thread(until, lambda: not is_full(product, job), "a place is free again")

    asyncio.run(course())


def is_full(product: Product, job: str) -> bool:
    try:
        opened(product, job).close()
    except InvalidStatus as refusal:
        return refusal.response.status_code == 503
    return False


def waiting(product: Product, job: str) -> aio.connect:
    return aio.connect(
        f"ws://127.0.0.1:{product.port}/v1/jobs/{job}/events",
        additional_headers=bearer(key_of(product)),
        proxy=None,
        compression=None,
    )


def test_an_api_that_stops_says_so_and_another_goes_on_where_it_was(with_emulator: Product, emulator: Any) -> None:
    emulator.order("latency", median_ms=3_000)
    product = with_emulator.start()
    (job,) = submit(product)
    link = opened(product, job)
    first = json.loads(link.recv(PATIENCE_S))

    stopped = product.processes.stop("api")
    before, code = told(link)
    product.processes.start("api", "api", "--port", str(product.port))
    product.processes.await_ready("api")
    seen = [first, *before]
    after, last = told(opened(product, job, after=seen[-1]["version"]))

    assert (stopped, code, last) == (-SIGTERM, 1012, 1000)
    assert seen + after == streamed(product, job)
    assert after[-1]["type"] == "job.succeeded"
    assert "Traceback" not in product.processes.log("api")


def test_a_socket_in_which_nothing_happens_is_pinged_within_fifteen_seconds(with_emulator: Product) -> None:
    product = with_emulator.start("ask")
    (job,) = submit(product)
    asked = (
        f"GET /v1/jobs/{job}/events HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer {key_of(product)}\r\n"
        "Upgrade: websocket\r\nConnection: Upgrade\r\nSec-WebSocket-Version: 13\r\n"
        "Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n\r\n"
    )

    with socket.create_connection(("127.0.0.1", product.port), timeout=20) as link:
        link.sendall(asked.encode())
        received = b""
        while b"\x89\x04" not in received:  # FIN and ping, of four bytes
            piece = link.recv(4_096)
            assert piece
            received += piece

    assert received.startswith(b"HTTP/1.1 101 ")
    assert b"s3pPLMBiTxaQ9kYGzzhZRbK+xOo=" in received  # RFC 6455, section 1.3


def test_the_reader_of_the_handbook_reads_a_job_to_its_end(town: Town, capsys: pytest.CaptureFixture[str]) -> None:
    (job,) = submit(town.product)
    [code] = [block for block in re.findall(r"```python\n(.+?)```", PAGE, re.DOTALL) if "def follow" in block]
    here = {"http://127.0.0.1:8787": town.product.url, "mm_dev_...": key_of(town.product), "job_...": job}
    for placeholder, meant in here.items():
        assert placeholder in code
        code = code.replace(placeholder, meant)

    exec(compile(code, "events.md", "exec"), {})  # noqa: S102 - the handbook's own example

    printed = [line.split(" ", 2)[:2] for line in capsys.readouterr().out.splitlines()]
    assert printed == [[str(one["version"]), one["type"]] for one in streamed(town.product, job)]
