"""Every bad input of the tables has its exact status and code, is never our fault, is no matter of anybody else, and
leaves one line in the log and the process as it was.
"""

import json
import re
from collections import Counter
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import httpx
import pytest

from orchestrator.storage.engine import connect
from tests.acceptance.bad_inputs import Bad, answers
from tests.acceptance.bad_rows import REQUESTED
from tests.acceptance.processes import Processes, Product, closing, until
from tests.servers import Addresses, environment_of, fresh_database, fresh_prefix, impatient, new_tenant

PATIENCE_S = 45.0  # a body has thirty seconds
WARM_UPS = 40  # good calls, after which what a process takes once and keeps has been taken
MOST_GROWTH_KB = 50 * 1024  # of what the process holds once all has been sent; 27 to 41 MB were measured
PASSES = 3
MOST_GROWTH_OF_A_PASS_KB = 10 * 1024  # of the last of them: what leaks grows each time
CONTINUE = b"HTTP/1.1 100 Continue\r\n\r\n"
BELOW = "Invalid HTTP request received."
GOOD = {"transcript": {"content": "Ann: We ship on Friday."}}
SLOW = [bad for bad in REQUESTED if bad.status == 408]

pytestmark = pytest.mark.timeout(400)  # all of them three times over, on a machine with two busy cores


@dataclass
class Alone:
    """The API process alone; the jobs and keys that the tables mean; the request ids of all that was answered."""

    product: Product
    http: httpx.Client
    key: str
    stranger: str
    neighbour: str
    places: dict[str, str]
    base_kb: int = 0
    named: list[str] = field(default_factory=list)
    below: int = 0


@dataclass(frozen=True)
class Answer:
    status: int
    headers: dict[str, str]
    content: bytes

    @property
    def code(self) -> str | None:
        if "problem+json" not in self.headers.get("content-type", ""):
            return None
        found: str = json.loads(self.content)["code"]
        return found


@pytest.fixture(scope="module")
def alone(addresses: Addresses, template: str, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Alone]:
    with ExitStack() as stack:
        url = stack.enter_context(fresh_database(addresses, template))
        settings = impatient(addresses, url, stack.enter_context(fresh_prefix(addresses)))
        database = stack.enter_context(closing(connect(url, pool_size=2, name="test")))
        keys = [new_tenant(database, name).key for name in ("acme", "globex", "initech")]
        processes = Processes(tmp_path_factory.mktemp("api"), environment_of(settings))
        product = stack.enter_context(closing(Product(processes, keys[0])))
        processes.start("api", "api", "--port", str(product.port))
        processes.await_ready("api")
        jobs = [product.submit(**GOOD)["id"] for _ in range(WARM_UPS)]
        cursor = product.http.get("/v1/jobs", params={"limit": 1}).json()["next_cursor"]
        places = {"{job}": jobs[0], "{cursor}": cursor, "{host}": f"127.0.0.1:{product.port}"}
        http = stack.enter_context(httpx.Client(base_url=product.url, timeout=70.0, trust_env=False))
        made = Alone(product, http, keys[0], keys[1], keys[2], places)
        made.base_kb = rss_kb(made)  # before the first bad one: what brings in code that was not needed counts, too
        yield made


def send(alone: Alone, bad: Bad) -> Answer:
    if bad.first is not None:
        send(alone, bad.first)
    answer = _raw(alone, bad) if bad.raw else _request(alone, bad)
    if "x-request-id" in answer.headers:
        alone.named.append(answer.headers["x-request-id"])
    else:
        alone.below += 1
    alone.below += bad.goes_on
    return answer


def _raw(alone: Alone, bad: Bad) -> Answer:
    return _read(b"".join(_until_whole(answers(alone.product.port, alone.key, bad, PATIENCE_S))))


def _request(alone: Alone, bad: Bad) -> Answer:
    headers = {**bad.headers}
    if not bad.keyless:
        headers.setdefault("Authorization", f"Bearer {alone.stranger if bad.stranger else alone.key}")
    path, content = bad.path, bad.content
    for place, meant in alone.places.items():
        path = path.replace(place, meant)
        content = content and content.replace(place.encode(), meant.encode())
    answer = alone.http.request(bad.method, path, content=content, headers=headers)
    return Answer(answer.status_code, {name.lower(): value for name, value in answer.headers.items()}, answer.content)


def _until_whole(pieces: Iterator[bytes]) -> Iterator[bytes]:
    """Up to the end of the first answer that is no interim one."""
    seen = b""
    for piece in pieces:
        seen += piece
        yield piece
        head, split, rest = seen.removeprefix(CONTINUE).partition(b"\r\n\r\n")
        length = re.search(rb"content-length: (\d+)", head.lower())
        if split and length and len(rest) >= int(length.group(1)):
            return


def _read(raw: bytes) -> Answer:
    head, _, content = raw.removeprefix(CONTINUE).partition(b"\r\n\r\n")
    first, *lines = head.decode("latin-1").split("\r\n")
    headers = {name.lower(): value.strip() for name, _, value in (line.partition(":") for line in lines)}
    return Answer(int(first.split()[1]), headers, content)


def rss_kb(alone: Alone) -> int:
    pid = alone.product.processes.running["api"].pid
    status = Path(f"/proc/{pid}/status").read_text("ascii")
    return int(re.findall(r"VmRSS:\s+(\d+)", status)[0])


def given_back(alone: Alone, earlier_kb: list[int]) -> int:
    """What the process holds, once that is not too much."""
    seen_kb: list[int] = []

    def look() -> bool:
        seen_kb.append(rss_kb(alone))
        return seen_kb[-1] < alone.base_kb + MOST_GROWTH_KB

    try:
        until(look, "the memory is given back")
    except AssertionError as late:
        raise AssertionError(f"{late}: {earlier_kb} KB earlier, now {min(seen_kb)} to {max(seen_kb)}") from None
    return seen_kb[-1]


def logged(alone: Alone) -> list[dict[str, Any]]:
    return [json.loads(line) for line in alone.product.processes.log("api").splitlines()]


def neighbours(alone: Alone, http: httpx.Client) -> tuple[int, int]:
    """What another tenant is answered, and what anybody is who asks whether the process lives."""
    listed = http.get("/v1/jobs", headers={"Authorization": f"Bearer {alone.neighbour}"})
    return http.get("/health/live").status_code, listed.status_code


@pytest.mark.parametrize("bad", REQUESTED, ids=lambda bad: f"{bad.row} {bad.name}")
def test_it_has_its_status_and_its_code_and_others_are_served_meanwhile(alone: Alone, bad: Bad) -> None:
    with ThreadPoolExecutor(1) as other, httpx.Client(base_url=alone.product.url, trust_env=False) as http:
        sending = other.submit(send, alone, bad)
        served = [neighbours(alone, http)]
        while not sending.done():
            served.append(neighbours(alone, http))
        answer = sending.result()

    assert (answer.status, answer.code) == (bad.status, bad.code), answer.content[:500]
    assert set(served) == {(200, 200)}
    if answer.code is not None:
        problem = json.loads(answer.content)
        assert problem["request_id"] == answer.headers["x-request-id"]
        assert problem["status"] == answer.status
        assert problem["type"] == f"urn:meetingmind:problem:{answer.code}"
    if bad.holds:
        document = json.loads(answer.content)
        assert {name: document[name] for name in bad.holds} == bad.holds


def test_the_memory_is_given_back(alone: Alone) -> None:
    """All but the slow ones again and again, for what grows."""
    quick = [bad for bad in REQUESTED if bad not in SLOW]
    held_kb = [alone.base_kb]
    for _ in range(PASSES):
        for bad in quick:
            send(alone, bad)
        held_kb.append(given_back(alone, held_kb))

    assert held_kb[-1] < held_kb[-2] + MOST_GROWTH_OF_A_PASS_KB, held_kb
    good = alone.http.post("/v1/jobs", json=GOOD, headers={"Authorization": f"Bearer {alone.key}"})
    assert good.status_code == 202


def test_each_leaves_one_line_in_the_log_and_none_of_them_is_a_fault_of_ours(alone: Alone) -> None:
    for bad in REQUESTED:
        if bad not in SLOW:
            send(alone, bad)

    until(lambda: set(alone.named) <= _lines(alone).keys(), "each has a line")
    counted = _lines(alone)
    assert [name for name in alone.named if counted[name] != 1] == []
    assert sum(line["event"] == BELOW for line in logged(alone)) == alone.below
    assert "Traceback" not in alone.product.processes.log("api")
    faults = [line for line in logged(alone) if line["event"] == "api.unforeseen" or line.get("status") == 500]
    assert faults == []


def _lines(alone: Alone) -> Counter[str]:
    """A request that was answered has the one, and one whose head never became whole the other."""
    ends = {"api.request", "api.head_refused"}
    return Counter(line["request_id"] for line in logged(alone) if line["event"] in ends)
