"""Callers who connect and do not ask, ask without end, or hand in what never comes: the API stays open for others."""

import contextlib
import resource
import time
from collections.abc import Iterator
from contextlib import ExitStack
from pathlib import Path

import httpx
import pytest

from api.arriving import PIECE_WITHIN_S
from api.edge import HEAD_WITHIN_S, MOST_OF_HEAD, MOST_PIPELINED
from api.uploads import MOST_OF_TENANT
from tests.acceptance.callers import Alone, api_alone
from tests.acceptance.processes import until
from tests.acceptance.wires import Answer, Wire, request
from tests.servers import Addresses

CONNECTIONS = 40
AT_ONCE = CONNECTIONS // 2
MOST_SENT = 60_000_000
LATE_S = 5.0  # what a busy machine adds to a time limit
LIVE = request("/health/live")
JOB = b'{"transcript": {"content": "Ann: We will ship on Friday."}}\n'


@pytest.fixture(scope="module")
def api(addresses: Addresses, template: str, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Alone]:
    with api_alone(
        addresses, template, tmp_path_factory.mktemp("api"), MEETINGMIND_CONNECTIONS=str(CONNECTIONS)
    ) as alone:
        yield alone


@pytest.fixture
def stack() -> Iterator[ExitStack]:
    with ExitStack() as opened:
        yield opened


def port(api: Alone) -> int:
    return api.product.port


def process_id(api: Alone) -> int:
    return api.product.processes.running["api"].pid


def memory_mb(pid: int) -> int:
    lines = Path(f"/proc/{pid}/status").read_text("utf-8").splitlines()
    return next(int(line.split()[1]) for line in lines if line.startswith("VmRSS")) // 1024


def asked(api: Alone, path: str = "/health/live", key: str | None = None) -> httpx.Response:
    """On a connection of its own."""
    headers = {} if key is None else {"Authorization": f"Bearer {key}"}
    return httpx.get(f"{api.product.url}{path}", headers=headers, trust_env=False, timeout=20)


def assert_problem(answer: Answer | None, status: int, code: str) -> None:
    assert answer is not None
    assert (answer.status, answer.headers["content-type"]) == (status, "application/problem+json")
    problem = answer.json()
    assert (problem["code"], problem["status"]) == (code, status)
    assert problem["request_id"] == answer.headers["x-request-id"]


def test_sockets_that_ask_nothing_push_out_each_other_and_nobody_else(api: Alone, stack: ExitStack) -> None:
    silent = []

    for _ in range(5):
        silent += [stack.enter_context(Wire(port(api))) for _ in range(CONNECTIONS)]
        answer = asked(api)
        assert (answer.status_code, answer.headers["x-request-id"][:4]) == (200, "req_")

    left = until(lambda: [one for one in silent if one.is_open()][:CONNECTIONS], "those that are left")
    assert 0 < len(left) <= CONNECTIONS
    assert not silent[0].is_open()
    assert "api.crowded" in api.product.processes.log("api")


def test_a_connection_has_ten_seconds_to_ask_and_what_it_dribbles_prolongs_nothing(
    api: Alone, stack: ExitStack
) -> None:
    silent, begun, dribbling = (stack.enter_context(Wire(port(api))) for _ in range(3))
    begun.send(LIVE[:-2])
    dribbling.send(LIVE[:-2])
    ended = time.monotonic() + HEAD_WITHIN_S - 1
    while time.monotonic() < ended:  # a byte of a header each half second: what such a caller does
        dribbling.send(b"x")
        time.sleep(0.5)

    for late in (begun, dribbling):
        answer = late.answer()
        assert_problem(answer, 408, "request-timeout")
        assert answer is not None
        assert answer.headers["connection"] == "close"
        assert HEAD_WITHIN_S <= late.closed_after_s() <= HEAD_WITHIN_S + LATE_S
    assert HEAD_WITHIN_S <= silent.closed_after_s() <= HEAD_WITHIN_S + LATE_S
    assert "api.head_refused" in api.product.processes.log("api")


def test_a_head_without_end_is_refused_at_its_cap_and_costs_no_memory(api: Alone) -> None:
    before = memory_mb(process_id(api))

    with Wire(port(api)) as endless:
        endless.send(LIVE[:-2])
        with contextlib.suppress(ConnectionError):  # it may still be sent for a moment, to nobody
            for _ in range(MOST_SENT // 8_000):
                endless.send(b"X-A: " + b"y" * 7_993 + b"\r\n")
    with Wire(port(api)) as one_header:
        one_header.send(LIVE[:-2] + b"X-A: ")
        for _ in range(2):
            one_header.send(b"y" * MOST_OF_HEAD)
        assert_problem(one_header.answer(), 431, "headers-too-large")

    assert memory_mb(process_id(api)) - before < 10
    assert asked(api).status_code == 200


def test_a_head_in_pieces_is_taken_up_to_the_cap_of_one_in_a_piece(api: Alone) -> None:
    with Wire(port(api)) as slow:
        for size in (30_000, 33_000):
            slow.send(LIVE[:-2] + b"X-A: ")
            for at in range(0, size, 10_000):
                slow.send(b"y" * min(10_000, size - at))
            slow.send(b"\r\n\r\n")

            answer = slow.answer()

            assert answer is not None
            assert answer.status == (200 if size == 30_000 else 431)


def test_requests_that_are_sent_at_once_are_answered_in_their_order_on_one_connection(api: Alone) -> None:
    with Wire(port(api)) as caller:
        caller.send(LIVE + request("/v1/nowhere") + LIVE[:20])
        first, second = caller.answer(), caller.answer()
        caller.send(LIVE[20:])
        third = caller.answer()
        caller.send(LIVE)
        fourth = caller.answer()

    found = [answer and answer.status for answer in (first, second, third, fourth)]
    assert found == [200, 404, 200, 200]


def test_what_is_owed_is_answered_before_a_connection_ends_for_what_follows(api: Alone) -> None:
    for wrong in (b"GARBLED\r\n\r\n", LIVE[:-2] + b"X-A: " + b"y" * 400_000, LIVE * (3 * MOST_PIPELINED)):
        with Wire(port(api)) as caller:
            caller.send(LIVE + wrong)

            answers = list(iter(caller.answer, None))

        statuses = [answer.status for answer in answers if answer]
        assert statuses[0] == 200
        assert set(statuses) <= {200, 400, 431}
        assert len(statuses) <= 1 + MOST_PIPELINED + 1


def test_a_body_that_still_comes_after_its_answer_holds_no_connection(api: Alone) -> None:
    head = request("/v1/jobs", "POST", Content_Type="application/json", Content_Length="1000000")
    with Wire(port(api)) as caller:
        caller.send(head)
        assert_problem(caller.answer(), 401, "unauthenticated")
        caller.send(b"{")

        assert caller.closed_after_s() <= 15 + LATE_S


def held_open(api: Alone, stack: ExitStack, key: str, count: int) -> list[Wire]:
    """Requests that are under way until they are cut: bodies of which the end does not come."""
    head = request(
        "/v1/jobs", "POST", Authorization=f"Bearer {key}", Content_Type="application/json", Content_Length="9"
    )
    wires = [stack.enter_context(Wire(port(api))) for _ in range(count)]
    for wire in wires:
        wire.send(head + b"{")
    return wires


def test_above_so_many_requests_at_once_callers_are_told_to_come_back_and_health_is_answered(
    api: Alone, stack: ExitStack
) -> None:
    caller, other, watcher = api.tenant("submit", "read"), api.tenant("submit"), api.tenant("ops")
    for one in (caller, other):  # neither of them may have all places
        held_open(api, stack, one.tenant.key, AT_ONCE // 2)

    full = until(lambda: it if (it := asked(api, "/v1/jobs")).status_code == 503 else None, "it is full")
    health = [
        asked(api, path, watcher.tenant.key).status_code for path in ("/health/live", "/health/ready", "/metrics")
    ]
    stack.close()

    assert full.headers["content-type"] == "application/problem+json"
    assert full.json()["code"] == "overloaded"
    assert full.json()["request_id"] == full.headers["x-request-id"]
    assert 1 <= int(full.headers["retry-after"]) <= 5
    assert health == [200, 200, 200]
    until(lambda: caller.ask("/v1/jobs").status_code == 200, "there is room again")


def batch_head(key: str) -> bytes:
    return request(
        "/v1/batches",
        "POST",
        Authorization=f"Bearer {key}",
        Content_Type="application/x-ndjson",
        Transfer_Encoding="chunked",
    )


def handed_in(api: Alone, key: str) -> httpx.Response:
    headers = {"Authorization": f"Bearer {key}", "Content-Type": "application/x-ndjson"}
    return httpx.post(f"{api.product.url}/v1/batches", content=JOB, headers=headers, trust_env=False, timeout=20)


def test_uploads_that_lie_still_leave_room_for_other_tenants_and_end(api: Alone, stack: ExitStack) -> None:
    lazy, other = (api.tenant("submit", "read").tenant.key for _ in range(2))
    idle = [stack.enter_context(Wire(port(api))) for _ in range(MOST_OF_TENANT)]
    for one in idle:
        one.send(batch_head(lazy) + b"%x\r\n%s\r\n" % (len(JOB), JOB))

    full = until(lambda: it if (it := handed_in(api, lazy)).status_code == 429 else None, "its places are taken")
    served = handed_in(api, other)
    answers = [one.answer() for one in idle]

    assert full.json()["code"] == "queue-full"
    assert int(full.headers["retry-after"]) >= 1
    assert (served.status_code, served.json()["jobs"]) == (202, 1)
    for answer in answers:
        assert_problem(answer, 408, "request-timeout")
    assert handed_in(api, lazy).status_code == 202
    assert time.monotonic() - idle[0].opened_at <= PIECE_WITHIN_S + 2 * LATE_S


def test_when_the_process_has_no_more_files_callers_are_turned_away_and_afterwards_all_is_well(
    api: Alone, stack: ExitStack
) -> None:
    pid = process_id(api)
    before = resource.prlimit(pid, resource.RLIMIT_NOFILE)
    opened = len(list(Path(f"/proc/{pid}/fd").iterdir()))

    resource.prlimit(pid, resource.RLIMIT_NOFILE, (opened + 4, before[1]))
    try:
        crowd = [stack.enter_context(Wire(port(api))) for _ in range(12)]
        until(lambda: any(not one.is_open() for one in crowd), "some are turned away")
    finally:
        resource.prlimit(pid, resource.RLIMIT_NOFILE, before)

    assert until(lambda: asked(api).status_code == 200, "it takes callers again")
