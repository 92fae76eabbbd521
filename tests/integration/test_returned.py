"""Messages of a newer release, met by a worker of this one: they come back, and are sent again until they are known."""

import pytest
from sqlalchemy import func, select, update

from ops.drills.link import Link, postgres_target, postgres_through
from orchestrator import broker, names
from orchestrator.settings import Settings
from orchestrator.storage import returned as rows
from orchestrator.storage.house_tables import returned_messages
from orchestrator.work.jobs import JobStatus
from tasks import returned
from tests.acceptance.processes import until
from tests.integration.workers_in_test import (
    SEAL,
    Message,
    Work,
    end_of,
    opened,
)

TOMORROW = "meetingmind.of_tomorrow"


def newer(work: Work, **arguments: str | int) -> dict[str, str | int]:
    """The arguments of an ask as the next release may send them."""
    job = work.submit("extractive/cue-rules")
    said: dict[str, str | int] = {"job": job, "seat": 0, "epoch": 0, "schema": names.MESSAGE_SCHEMA + 1}
    return SEAL.on(names.ASK, said | arguments)


def taken(work: Work) -> Message:
    """The ask of a job, which its queue has no more."""
    work.submit("extractive/cue-rules")
    mine = work.queues.read("ask.extractive")[0]
    work.queues.drop("ask.extractive")
    return mine


def kept(work: Work) -> int:
    with work.database.system() as connection:
        return int(connection.execute(select(func.count()).select_from(returned_messages)).scalar_one())


def test_a_newer_message_and_one_for_an_unknown_task_come_back_whole(work: Work, settings: Settings) -> None:
    arguments = newer(work, more="of tomorrow")
    mine = work.queues.read("ask.extractive")[0]
    work.queues.drop("ask.extractive")
    tomorrow = SEAL.on(TOMORROW, {"job": "job_1", "schema": 9})
    first = mine.copy(body=[[], arguments, mine.body[2]])
    second = mine.copy(task=TOMORROW, body=[[], tomorrow, {}])
    work.start("ask")

    work.queues.push("ask.extractive", first, second)
    until(lambda: kept(work) == 2, "both were given back")
    until(work.queues.are_empty, "the broker has forgotten them")
    work.processes.kill("ask")
    with opened(settings) as here:
        with work.database.system() as connection:
            connection.execute(update(returned_messages).values(due_at=func.clock_timestamp()))
            found = rows.due(connection, 10)
        for parcel in found:
            returned.send_on(parcel)
        counted = broker.message_counts(here.redis, settings.redis_prefix)

    again = {message.headers["task"]: message for message in work.queues.read("ask.extractive")}
    assert kept(work) == 0
    assert counted == {"returned": 2}
    assert again[names.ASK].body == [[], arguments, mine.body[2]]
    assert again[TOMORROW].body == [[], tomorrow, {}]
    assert {message.headers["returned"] for message in again.values()} == {1}
    assert again[names.ASK].headers["id"] == mine.headers["id"]


def test_a_message_that_comes_back_again_waits_longer(work: Work) -> None:
    mine = taken(work)
    work.start("ask")

    work.queues.push(
        "ask.extractive", mine.copy(task=TOMORROW, returned=3, body=[[], SEAL.on(TOMORROW, {"schema": 9}), {}])
    )
    until(lambda: kept(work) == 1, "it was given back")

    wait_s = func.extract("epoch", returned_messages.c.due_at - returned_messages.c.created_at)
    with work.database.system() as connection:
        times, waits_s = connection.execute(select(returned_messages.c.times, wait_s)).one()
    assert times == 3
    assert float(waits_s) == pytest.approx(8 * returned.FIRST_WAIT_S, abs=1.0)


def test_waits_double_up_to_five_minutes() -> None:
    assert [returned.wait_s(times) for times in (0, 1, 2, 3, 6, 1_000)] == [5.0, 10.0, 20.0, 40.0, 300.0, 300.0]


def test_an_unknown_task_without_a_seal_is_refused(work: Work) -> None:
    mine = taken(work)
    work.start("ask")

    work.queues.push("ask.extractive", mine.copy(task=TOMORROW))
    until(lambda: "message.refused" in work.processes.log("ask"), "it was refused")

    assert kept(work) == 0
    until(work.queues.are_empty, "nothing of it is left")


def test_while_postgresql_is_away_it_waits_in_the_worker_and_the_worker_goes_on(
    work: Work, settings: Settings, environment: dict[str, str]
) -> None:
    arguments = newer(work)
    mine = work.queues.read("ask.extractive")[0]
    work.queues.drop("ask.extractive")
    with Link(postgres_target(settings.database_url.get_secret_value())) as link:
        url = postgres_through(link, settings.database_url.get_secret_value())
        work.processes.start("ask", "workers", "ask", DATABASE_URL=url)
        work.processes.await_ready("ask")
        link.cut()
        work.queues.push("ask.extractive", mine.copy(body=[[], arguments, mine.body[2]]))
        until(lambda: not work.queues.read("ask.extractive"), "the worker has it")
        assert kept(work) == 0

        link.mend()
        until(lambda: kept(work) == 1, "it was given back")
        work.start("synthesis", "delivery")
        job = work.submit("extractive/cue-rules")
        ended = end_of(work.database, job)

    assert ended.status is JobStatus.SUCCEEDED
    until(work.queues.are_empty, "the broker has forgotten it")
