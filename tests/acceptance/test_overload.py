"""What callers are told when too much waits, too much comes at once, or PostgreSQL is away; and that reads go on."""

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack
from pathlib import Path
from typing import Any

import httpx
import pytest

from ops.drills.link import BLACK_HOLE, Link, postgres_target, postgres_through
from orchestrator.settings import Settings
from orchestrator.storage import fleet, lane_figures
from orchestrator.storage.engine import Database
from orchestrator.storage.lane_figures import Queue
from orchestrator.work.pace import Pace
from tests.acceptance.callers import Alone, Caller, api_alone
from tests.acceptance.processes import Processes, Product, closing, until
from tests.servers import Addresses, Tenant, environment_of

BODY: dict[str, Any] = {
    "transcript": {"content": "Ann: We will ship on Friday.\nBob: I'll write the notes."},
    "panel": {"size": 2},
}
MOST_WAITING = 3
GONE_AT_ONCE = 8  # jobs of two seats in a lane's smallest window
CROWD = 60
AWAY_S = 1.0 + 0.5  # the promise, and what a busy machine adds to both ends of it


@pytest.fixture(scope="module")
def api(addresses: Addresses, template: str, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Alone]:
    with api_alone(
        addresses, template, tmp_path_factory.mktemp("api"), MEETINGMIND_TENANT_WAITING=str(MOST_WAITING)
    ) as alone:
        yield alone


@pytest.fixture
def caller(api: Alone) -> Iterator[Caller]:
    """A new tenant, in a house in which nothing waits any more afterwards."""
    made = api.tenant("submit", "read")
    yield made
    with api.database.system() as connection:
        connection.exec_driver_sql("DELETE FROM workers; DELETE FROM lanes")
        connection.exec_driver_sql("UPDATE seats SET status = 'canceled' WHERE status = 'pending'")
        connection.exec_driver_sql("UPDATE jobs SET status = 'canceled', finished_at = now() WHERE finished_at IS NULL")


def submit(caller: Caller, **wish: Any) -> httpx.Response:
    return caller.ask("/v1/jobs", "POST", **BODY, **wish)


def fill(caller: Caller, *, waiting: int) -> None:
    for _ in range(GONE_AT_ONCE + waiting):
        assert submit(caller).status_code == 202


def told_of_a_slow_lane(database: Database, jobs_per_s: float) -> None:
    with database.system() as connection:
        fleet.seen(connection, "a worker", "ask", 5)
        queue = Queue(jobs=2, weights=1.0, crowds={})
        lane_figures.tell(connection, "standard", queue, Pace(seconds=1.0, jobs=jobs_per_s, asks=1.0), 1.0)


def test_a_tenant_with_its_queue_full_is_told_so_and_when_to_come_back(caller: Caller) -> None:
    fill(caller, waiting=MOST_WAITING)

    refused = submit(caller)

    assert refused.status_code == 429
    assert refused.headers["content-type"] == "application/problem+json"
    assert refused.json()["code"] == "queue-full"
    assert 1 <= int(refused.headers["retry-after"]) <= 600
    assert len(caller.read("/v1/jobs?limit=200")["data"]) == GONE_AT_ONCE + MOST_WAITING


def test_a_lane_that_would_take_too_long_is_closed_and_the_others_are_open(caller: Caller) -> None:
    fill(caller, waiting=1)
    told_of_a_slow_lane(caller.database, 0.001)

    refused, urgent = submit(caller, deadline_s=86_400), submit(caller, priority="interactive")

    assert refused.status_code == 503
    assert refused.json()["code"] == "overloaded"
    assert 1 <= int(refused.headers["retry-after"]) <= 600
    assert urgent.status_code == 202


def test_a_job_that_would_expire_is_refused_and_its_plan_says_so(caller: Caller) -> None:
    fill(caller, waiting=1)
    told_of_a_slow_lane(caller.database, 0.01)

    refused, accepted = submit(caller, deadline_s=60), submit(caller, deadline_s=1_000)
    planned = caller.ask("/v1/plans", "POST", **BODY, deadline_s=60)

    assert (refused.status_code, refused.json()["code"]) == (503, "overloaded")
    assert "deadline" in refused.json()["detail"]
    assert accepted.status_code == 202
    assert planned.json()["refusal"]["code"] == "overloaded"


def test_a_key_finds_its_job_while_its_lane_is_closed(caller: Caller) -> None:
    def keyed() -> httpx.Response:
        headers = {"Authorization": f"Bearer {caller.tenant.key}", "Idempotency-Key": "mine"}
        return caller.http.post("/v1/jobs", json=BODY, headers=headers)

    first = keyed()
    fill(caller, waiting=MOST_WAITING - 1)
    refused = submit(caller)

    again = keyed()

    assert (first.status_code, refused.status_code, again.status_code) == (202, 429, 202)
    assert again.json()["id"] == first.json()["id"]


def test_while_a_crowd_hands_in_more_than_is_taken_reads_cancels_and_health_are_answered(api: Alone) -> None:
    callers = [api.tenant("submit", "read") for _ in range(CROWD)]
    first = submit(callers[0])
    words = "\n".join(f"Ann: This is sentence {number} of a long meeting." for number in range(20_000))
    large = {"transcript": {"content": words}}

    with ThreadPoolExecutor(CROWD) as pool:
        crowd = [pool.submit(one.ask, "/v1/jobs", "POST", **large) for one in callers]
        answers = []
        while not all(one.done() for one in crowd):
            answers += [callers[0].ask(path) for path in (f"/v1/jobs/{first.json()['id']}", "/health/ready")]
        canceled = callers[0].ask(f"/v1/jobs/{first.json()['id']}/cancel", "POST")

    codes = {one.result().status_code for one in crowd}
    assert codes == {202, 503}
    assert {one.result().json()["code"] for one in crowd if one.result().status_code == 503} == {"overloaded"}
    assert all("retry-after" in one.result().headers for one in crowd if one.result().status_code == 503)
    assert answers
    assert {answer.status_code for answer in answers} == {200}
    assert canceled.status_code == 200
    assert submit(callers[1]).status_code == 202


@pytest.fixture
def linked(tmp_path: Path, settings: Settings, tenant: Tenant) -> Iterator[tuple[Link, Product]]:
    """The API, and the link by which it reaches PostgreSQL."""
    url = settings.database_url.get_secret_value()
    with ExitStack() as stack:
        link = stack.enter_context(Link(postgres_target(url)))
        environment = environment_of(settings) | {"DATABASE_URL": postgres_through(link, url)}
        product = stack.enter_context(closing(Product(Processes(tmp_path, environment), tenant.key)))
        product.processes.start("api", "api", "--port", str(product.port))
        product.processes.await_ready("api")
        with ThreadPoolExecutor(8) as pool:  # connections that stand when it happens
            assert {each.status_code for each in pool.map(lambda _: product.http.get("/v1/jobs"), range(8))} == {200}
        yield link, product


@pytest.mark.parametrize("how", ["refuses", "is silent"])
def test_while_postgresql_is_away_callers_are_told_so_within_a_second_and_afterwards_all_is_well(
    linked: tuple[Link, Product], how: str
) -> None:
    link, product = linked
    if how == "refuses":
        link.cut()
    else:
        link.treat(BLACK_HOLE)  # takes every byte and answers none, as a server that is frozen

    took_s = []
    for _ in range(12):
        for answer in (product.http.post("/v1/jobs", json=BODY), product.http.get("/v1/jobs")):
            took_s.append(answer.elapsed.total_seconds())
            assert (answer.status_code, answer.json()["code"]) == (503, "unavailable")
            assert 1 <= int(answer.headers["retry-after"]) <= 5
    health = [product.http.get(f"/health/{what}").status_code for what in ("live", "ready")]
    link.mend()
    until(lambda: product.http.post("/v1/jobs", json=BODY).status_code == 202, "jobs are taken in again")

    assert max(took_s) < AWAY_S
    assert health == [200, 503]
    assert product.http.get("/health/ready").status_code == 200
