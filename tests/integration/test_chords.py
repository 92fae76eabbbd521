"""The chord that is counted in rows: when its body is published, and what copies of its messages change."""

import re

import pytest

from orchestrator import names
from orchestrator.storage import results
from orchestrator.work.jobs import JobStatus
from orchestrator.work.seats import SeatStatus
from tests.acceptance.processes import until
from tests.integration.workers_in_test import LUNA, SEAL, THREE, Work, attempts_of, end_of, events_of, seats_of

ALONE = {"allow_substitution": False, "allow_extractive": False}
ASKS = ("ask.openai", "ask.aimlapi", "ask.extractive")


def answered(work: Work, job: str) -> int:
    return [seat.status for seat in seats_of(work.database, job)].count(SeatStatus.ANSWERED)


def test_the_body_is_published_once_when_the_last_seat_has_ended_and_not_before(work: Work) -> None:
    work.emulator.order("latency", model="gpt-6.1-terra", median_ms=1_500)
    work.listen(*ASKS)

    job = work.submit(*THREE)
    until(lambda: answered(work, job) == 2, "two seats have answered")
    before = work.queues.read("synthesis")
    until(lambda: work.queues.read("synthesis"), "the body stands in its queue")
    returned = until(lambda: told if len(told := work.returned()) == 3 else None, "three asks have returned")

    assert before == []
    assert answered(work, job) == 3
    assert [message.kwargs["job"] for message in work.queues.read("synthesis")] == [job]
    assert sorted(returned) == ["False", "False", "True"]


@pytest.mark.parametrize("copies", [2, 6])
def test_asks_that_come_several_times_at_once_are_answered_and_paid_once(work: Work, copies: int) -> None:
    work.emulator.order("latency", median_ms=300)
    job = work.submit(*THREE)
    for message in work.queues.read("ask.openai"):
        work.queues.push("ask.openai", *(message.copy() for _ in range(copies - 1)))

    work.listen(*ASKS)
    work.start("synthesis", "delivery")
    ended = end_of(work.database, job)
    until(lambda: len(work.returned()) == 3 * copies, "every copy was worked on")

    assert ended.status is JobStatus.SUCCEEDED
    assert [seat.attempts for seat in seats_of(work.database, job)] == [1, 1, 1]
    assert len(work.emulator.requests()) == 3
    assert ended.spent_micro_usd == work.emulator.billed_micro_usd() > 0
    assert events_of(work.database, job).count("job.succeeded") == 1
    assert set(work.returned()) == {"True", "False"}


def test_a_body_that_comes_three_times_makes_one_result(work: Work) -> None:
    work.listen(*ASKS)
    job = work.submit(LUNA, LUNA)
    body = until(lambda: work.queues.read("synthesis"), "the body stands in its queue")[0]
    work.queues.push("synthesis", body.copy(), body.copy())

    work.start("synthesis", "delivery")
    end_of(work.database, job)
    until(work.queues.are_empty, "every copy was worked on")

    told = events_of(work.database, job)
    with work.database.tenant_of(job) as connection:
        assert results.read_result(connection, job) is not None
    assert (told.count("job.synthesizing"), told.count("job.succeeded")) == (1, 1)


def test_a_late_copy_of_an_ask_after_the_end_changes_nothing(work: Work) -> None:
    job = work.submit(LUNA)
    late = work.queues.read("ask.openai")[0].copy()
    work.listen(*ASKS)
    work.start("synthesis", "delivery")
    ended = end_of(work.database, job)

    work.queues.push("ask.openai", late)
    until(lambda: len(work.returned()) == 2, "the copy was worked on")

    assert work.returned() == ["True", "False"]
    assert end_of(work.database, job) == ended
    assert len(work.emulator.requests()) == 1


@pytest.mark.parametrize("seats", [1, 3])
def test_a_seat_that_fails_over_keeps_its_task_and_its_place_in_the_chord(work: Work, seats: int) -> None:
    work.emulator.order("faults", match={"persona": "openai"}, fault="500")
    job = work.submit(*[LUNA] * seats)
    first = {message.kwargs["seat"]: message for message in work.queues.read("ask.openai")}

    work.listen("ask.openai")
    until(lambda: len(work.queues.read("ask.aimlapi")) == seats, "every seat stands at the next provider's queue")
    moved = {message.kwargs["seat"]: message for message in work.queues.read("ask.aimlapi")}

    kept = ("id", "root_id", "group", "group_index", "task")
    assert moved.keys() == first.keys() == set(range(seats))
    for seat, message in moved.items():
        told: dict[str, str | int] = {"job": job, "seat": seat, "epoch": 1, "schema": names.MESSAGE_SCHEMA}
        assert message.kwargs == SEAL.on(names.ASK, told)
        assert [message.headers[name] for name in kept] == [first[seat].headers[name] for name in kept]
        assert message.chord == first[seat].chord
        assert (message.headers["retries"], message.headers["eta"]) == (1, None)
        assert set(re.findall(r"[\w-]+", message.headers["kwargsrepr"])) <= {
            "job",
            job,
            "seat",
            str(seat),
            "schema",
            "1",
        }
    assert [seat.rung for seat in seats_of(work.database, job)] == [1] * seats


def test_a_seat_that_waits_does_not_ring(work: Work) -> None:
    work.emulator.order("faults", match={}, fault="429", count=1, args={"retry_after": "5"})
    work.listen(*ASKS)

    job = work.submit(LUNA, **ALONE)
    until(work.returned, "the ask has returned")

    assert work.returned() == ["False"]
    assert [attempt.state for attempt in attempts_of(work.database, job)] == ["refused"]
    assert work.queues.read("synthesis") == []


def test_fifty_jobs_leave_nothing_in_redis_but_the_names_of_the_queues(work: Work) -> None:
    work.start("ask", "synthesis", "delivery")

    ids = [work.submit("extractive/cue-rules", "extractive/central-sentences") for _ in range(50)]
    for job in ids:
        assert end_of(work.database, job).status is JobStatus.SUCCEEDED
    until(work.queues.are_empty, "only the names of the queues are left")

    heard = [str(channel) for channel in work.queues.redis.pubsub_channels(f"*{work.queues.prefix}*")]
    weight = sum(work.queues.redis.memory_usage(f"{work.queues.prefix}{key}") or 0 for key in work.queues.left())
    assert [channel for channel in heard if "celery-task-meta" in channel or "job_" in channel] == []
    assert len(heard) < 10
    assert weight < 64_000
