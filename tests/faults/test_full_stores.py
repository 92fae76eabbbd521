"""Stores that are full: PostgreSQL's disk, Redis' memory. Nothing is half done, nothing is lost, all goes on with room.

PostgreSQL's own word for a full disk (SQLSTATE 53100) is raised where it would be: by whatever would write a row.
"""

from collections.abc import Iterator
from contextlib import contextmanager

import pytest
from redis import Redis
from sqlalchemy import text

from orchestrator.broker import redis_py_url
from orchestrator.storage.engine import Database
from orchestrator.work.attempts import AttemptState
from orchestrator.work.jobs import JobStatus
from tests.acceptance.callers import Alone, api_alone
from tests.acceptance.processes import until
from tests.faults.town import Town, judged
from tests.integration.workers_in_test import job_of
from tests.servers import Addresses

WRITTEN = ("transcripts", "jobs", "seats", "attempts", "candidates", "ledger", "events")
BODY = {"transcript": {"content": "Ann: We will ship on Friday.\nBob: I'll write the notes."}}
KEY = {"Idempotency-Key": "once"}
THINKS_MS = 1_500

_FULL = """
CREATE FUNCTION disk_is_full() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN RAISE EXCEPTION 'could not extend file: No space left on device' USING ERRCODE = 'disk_full'; END $$
"""


@contextmanager
def full_disk(database: Database) -> Iterator[None]:
    """No row can be written meanwhile."""
    with database.system() as connection:
        connection.execute(text("SET LOCAL role NONE"))
        connection.execute(text(_FULL))
        for table in WRITTEN:
            connection.execute(
                text(f"CREATE TRIGGER full_disk BEFORE INSERT OR UPDATE ON {table} EXECUTE FUNCTION disk_is_full()")
            )
    try:
        yield
    finally:
        with database.system() as connection:
            connection.execute(text("SET LOCAL role NONE"))
            connection.execute(text("DROP FUNCTION disk_is_full CASCADE"))


@pytest.fixture(scope="module")
def api(addresses: Addresses, template: str, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Alone]:
    with api_alone(addresses, template, tmp_path_factory.mktemp("api")) as alone:
        yield alone


def test_a_submit_to_a_full_disk_is_told_to_come_back_and_leaves_nothing(api: Alone) -> None:
    caller = api.tenant("submit", "read")
    headers = {"Authorization": f"Bearer {caller.tenant.key}", **KEY}

    with full_disk(api.database):
        refused = caller.http.post("/v1/jobs", json=BODY, headers=headers)
        listed = caller.read("/v1/jobs")
    taken = caller.http.post("/v1/jobs", json=BODY, headers=headers)

    assert (refused.status_code, refused.json()["code"]) == (503, "unavailable")
    assert 1 <= int(refused.headers["retry-after"]) <= 10
    assert listed["data"] == []
    assert taken.status_code == 202
    assert "idempotent-replayed" not in taken.headers
    with api.database.tenant(caller.tenant.id) as connection:
        counts = [connection.execute(text(f"SELECT count(*) FROM {table}")).scalar_one() for table in WRITTEN[:2]]  # noqa: S608 - ours
    assert counts == [1, 1]


@pytest.mark.timeout(180)
def test_answers_that_find_the_disk_full_are_booked_when_there_is_room_and_paid_once(town: Town) -> None:
    town.emulator.order("latency", median_ms=THINKS_MS)
    town.processes.environment["MEETINGMIND_LEASE_S"] = "60"  # who holds the answer keeps its seat
    town.start()
    (job,) = town.submit(jobs=1)
    until(lambda: town.emulator.waiting() == 2, "both calls are under way")

    with full_disk(town.database):
        until(lambda: town.processes.log("ask").count("money.kept") == 2, "both answers wait in their worker")
    calls = judged(town, [job])

    assert [call.state for call in calls] == [AttemptState.ANSWERED] * 2
    assert job_of(town.database, job).status is JobStatus.SUCCEEDED


@pytest.mark.timeout(180)
def test_while_redis_is_full_jobs_are_taken_in_and_they_go_on_when_it_has_room(town: Town) -> None:
    town.start()
    town.processes.await_ready("ask", "synthesis", "maintenance")
    with Redis.from_url(redis_py_url(town.settings.redis_url.get_secret_value())) as redis:
        before = redis.config_get("maxmemory")["maxmemory"]
        redis.config_set("maxmemory", 1)
        try:
            jobs = town.submit()
            waiting = {job_of(town.database, job).status for job in jobs}
        finally:
            redis.config_set("maxmemory", before)
    judged(town, jobs)

    assert waiting == {JobStatus.QUEUED}
    assert {job_of(town.database, job).status for job in jobs} == {JobStatus.SUCCEEDED}
