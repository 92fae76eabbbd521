"""A seat that is asked in parts: each part is a call like any other, none is paid twice, none is left out."""

from collections.abc import Iterator
from contextlib import suppress

import pytest
from celery.exceptions import Retry

from orchestrator.analysis.items import KINDS, Candidate
from orchestrator.meeting import cuts
from orchestrator.routing.replays import ReplayRequest
from orchestrator.routing.request import AnalysisRequest
from orchestrator.settings import Settings
from orchestrator.storage import candidates, interventions, parts, transcripts
from orchestrator.storage.engine import Database
from orchestrator.work.attempts import AttemptState
from orchestrator.work.jobs import JobStatus
from orchestrator.work.seats import Reason, SeatStatus
from providers.calls import Reply
from providers.catalog import load
from providers.sockets import Cancel
from tasks import ask, keeping, preparing, recording, synthesize
from tasks.keeping import Kept
from tasks.resources import Resources
from tasks.work import Work
from tests.acceptance import narrow
from tests.acceptance.narrow import BLUE, RED, STAND_IN
from tests.acceptance.processes import Emulator
from tests.integration.workers_in_test import attempts_of, events_of, job_of, opened_with, request, seats_of
from tests.servers import Tenant

CATALOG = load(narrow.CATALOG)
ALONE = {"allow_extractive": False, "allow_substitution": False}
MEETING = "transcripts/ami-ts3005d.json"  # 9,900 words: two parts


@pytest.fixture
def worker(settings: Settings, emulator: Emulator) -> Iterator[Resources]:
    with opened_with(CATALOG, settings, narrow.providers(emulator)) as held:
        yield held


@pytest.fixture(autouse=True)
def books(database: Database, emulator: Emulator, tenant: Tenant) -> Iterator[None]:
    """After each test: the bank is the ledger but for calls of unknown fate, and so are the sums of seats and jobs."""
    yield
    with database.tenant(tenant.id) as connection:
        sums = [
            connection.exec_driver_sql(f"SELECT coalesce(sum({column}), 0) FROM {table}").scalar_one()  # noqa: S608 - our own names
            for table, column in (
                ("ledger", "cost_micro_usd"),
                ("attempts", "cost_micro_usd"),
                ("seats", "cost_micro_usd"),
                ("jobs", "spent_micro_usd"),
            )
        ]
        unknown = connection.exec_driver_sql(
            "SELECT coalesce(sum(cost_micro_usd), 0) FROM attempts WHERE state = 'ambiguous'"
        ).scalar_one()
    assert len(set(sums)) == 1
    assert sums[0] - unknown == emulator.billed_micro_usd()


def wish(*models: str, **fields: object) -> AnalysisRequest:
    transcript = {"utterances": list(narrow.utterances(MEETING))}
    return request(*models, transcript=transcript, strategy="single", **fields)


def submit(worker: Resources, tenant: Tenant, *models: str, **fields: object) -> str:
    return worker.dispatch.submit(tenant.id, wish(*(models or (RED,)), **fields)).job_id


def asked(worker: Resources, job: str) -> bool | None:
    """One ask of the only seat, by the epoch that it stands at; None where it goes on."""
    (seat,) = seats_of(worker.database, job)
    with suppress(Retry):
        return bool(ask.ask(job=job, seat=0, epoch=seat.epoch))
    return None


def planned(worker: Resources, job: str) -> int:
    (seat,) = seats_of(worker.database, job)
    return len(seat.plan.cut)


def candidate(database: Database, job: str) -> Candidate:
    with database.tenant_of(job) as connection:
        return Candidate.model_validate(candidates.read(connection, job)[0])


def answered_parts(database: Database, job: str) -> frozenset[int]:
    with database.tenant_of(job) as connection:
        return parts.answered(connection, job, 0)


def test_each_part_is_a_call_and_the_ask_after_the_last_ends_the_seat(
    worker: Resources, tenant: Tenant, emulator: Emulator, database: Database
) -> None:
    job = submit(worker, tenant, **ALONE)
    count = planned(worker, job)

    goes_on = [asked(worker, job) for _ in range(count)]
    (midway,) = seats_of(database, job)
    closed = asked(worker, job)

    (seat,), calls = seats_of(database, job), attempts_of(database, job)
    assert count >= 2
    assert goes_on == [None] * count
    assert (midway.status, midway.parts_served) == (SeatStatus.PENDING, (RED,) * count)
    assert closed is True
    assert (seat.status, seat.served, seat.attempts) == (SeatStatus.ANSWERED, RED, count)
    assert [call.part for call in calls] == list(range(1, count + 1))
    assert [call.state for call in calls] == [AttemptState.ANSWERED] * count
    assert len(emulator.requests()) == count
    assert seat.cost_micro_usd == emulator.billed_micro_usd() == sum(call.cost_micro_usd for call in calls)
    assert seat.usage["input_tokens"] == sum(one["prompt_tokens"] for one in emulator.requests())
    assert events_of(database, job).count("seat.attempted") == count
    assert events_of(database, job).count("seat.answered") == 1
    assert events_of(database, job).count("items.found") == 1
    assert job_of(database, job).open_seats == 0


def test_what_the_seat_answers_is_proved_by_all_parts_and_no_item_by_none_of_its_own(
    worker: Resources, tenant: Tenant, emulator: Emulator, database: Database
) -> None:
    job = submit(worker, tenant, **ALONE)
    count = planned(worker, job)
    for _ in range(count + 1):
        asked(worker, job)

    (seat,) = seats_of(database, job)
    with database.tenant_of(job) as connection:
        transcript = transcripts.read(connection, job_of(database, job).transcript_id)
        found = parts.of_seat(connection, job, 0)
    made = cuts.parts(seat.plan.cut, transcript)
    names = [{transcript.utterances[place].id for place in part.places} for part in made]
    for row, own in zip(found, names, strict=True):
        answer = Candidate.model_validate(row.document)
        items = [item for kind in KINDS for item in answer.of(kind)]
        assert items
        assert all({name for piece in item.evidence for name in piece.utterances} & own for item in items)
    whole = [item for kind in KINDS for item in candidate(database, job).of(kind)]
    cited = {name for item in whole for piece in item.evidence for name in piece.utterances}
    assert all(cited & own for own in names)
    synthesize.synthesize(job=job)
    ended = job_of(database, job)
    assert (ended.status, ended.label) == (
        JobStatus.SUCCEEDED,
        f"single model: {RED}, 1 shown the meeting in parts",
    )


def test_a_message_that_comes_twice_asks_no_part_twice(
    worker: Resources, tenant: Tenant, emulator: Emulator, database: Database
) -> None:
    job = submit(worker, tenant, **ALONE)

    asked(worker, job)
    again = ask.ask(job=job, seat=0, epoch=0)

    assert again is False
    assert len(emulator.requests()) == 1
    assert answered_parts(database, job) == {1}


def test_a_part_that_fails_moves_on_and_the_rest_stays_where_it_was_answered(
    worker: Resources, tenant: Tenant, emulator: Emulator, database: Database
) -> None:
    job = submit(worker, tenant, allow_extractive=False)
    count = planned(worker, job)
    asked(worker, job)
    emulator.order("faults", match={"model": RED.removeprefix("acme/")}, fault="404")

    for _ in range(count + 1):
        asked(worker, job)

    (seat,) = seats_of(database, job)
    assert seat.status is SeatStatus.ANSWERED
    assert seat.parts_served == (RED, *(STAND_IN,) * (count - 1))
    assert seat.failovers == 1
    targets = [(call.part, call.target) for call in attempts_of(database, job)]
    assert targets == [(1, RED), (2, RED), *((part, STAND_IN) for part in range(2, count + 1))]
    synthesize.synthesize(job=job)
    codes = [one["code"] for one in job_of(database, job).degradations if isinstance(one, dict)]
    assert codes == ["substituted", "in-parts"]


def test_a_built_in_model_stands_in_for_one_part_and_the_next_is_asked_from_the_top(
    worker: Resources, tenant: Tenant, emulator: Emulator, database: Database
) -> None:
    job = submit(worker, tenant, BLUE)
    count = planned(worker, job)
    emulator.order("faults", match={"model": BLUE.removeprefix("acme/")}, fault="400_filter", count=1)

    for _ in range(count + 2):
        asked(worker, job)

    (seat,) = seats_of(database, job)
    assert seat.status is SeatStatus.ANSWERED
    assert [one.split("/")[0] for one in seat.parts_served] == ["extractive", *["acme"] * (count - 1)]


def test_a_part_that_nobody_answers_leaves_the_seat_without_an_answer_and_a_retry_asks_for_that_part_alone(
    worker: Resources, tenant: Tenant, emulator: Emulator, database: Database
) -> None:
    job = submit(worker, tenant, **ALONE)
    count = planned(worker, job)
    asked(worker, job)
    emulator.order("faults", match={}, fault="400_context", count=1)

    ended = asked(worker, job)
    synthesize.synthesize(job=job)
    (lost,), failed = seats_of(database, job), job_of(database, job)
    worker.dispatch.retry(tenant.id, job)
    for _ in range(count):
        asked(worker, job)

    (seat,) = seats_of(database, job)
    assert (ended, lost.status, lost.reason, lost.parts_served) == (True, SeatStatus.FAILED, Reason.EXHAUSTED, (RED,))
    assert failed.status is JobStatus.FAILED
    assert (seat.status, seat.parts_served) == (SeatStatus.ANSWERED, (RED,) * count)
    assert [one["status"] for one in emulator.requests()].count(200) == count


def test_an_answer_that_came_when_the_seat_was_lost_is_adopted_for_its_part_and_not_paid_again(
    worker: Resources, tenant: Tenant, emulator: Emulator, database: Database
) -> None:
    job = submit(worker, tenant, **ALONE)
    count = planned(worker, job)
    work = claimed(worker, job)
    reply = reply_to(worker, work)
    take_away(database, work)
    document = preparing.read(work, reply).model_dump(mode="json")
    keeping.book(Kept(paid=work.paid, reply=reply, latency_s=0.1, document=document), work.account, on_wait=nothing)

    for _ in range(count):
        asked(worker, job)

    (seat,) = seats_of(database, job)
    assert seat.status is SeatStatus.ANSWERED
    assert len(emulator.requests()) == count
    assert [call.part for call in attempts_of(database, job)] == list(range(1, count + 1))
    with database.tenant_of(job) as connection:
        kinds = connection.exec_driver_sql("SELECT kind FROM ledger ORDER BY kind").scalars().all()
    assert kinds.count("adoption") == 1


def test_an_answer_that_is_booked_twice_is_one(
    worker: Resources, tenant: Tenant, emulator: Emulator, database: Database
) -> None:
    job = submit(worker, tenant, **ALONE)
    work = claimed(worker, job)
    reply = reply_to(worker, work)
    kept = Kept(
        paid=work.paid, reply=reply, latency_s=0.1, document=preparing.read(work, reply).model_dump(mode="json")
    )
    laid_down = Kept.model_validate_json(kept.model_dump_json())

    for _ in range(2):
        laid_down.book(work.account)

    assert answered_parts(database, job) == {1}
    assert seats_of(database, job)[0].parts_served == (RED,)


def test_a_canceled_job_asks_about_no_further_part(
    worker: Resources, tenant: Tenant, emulator: Emulator, database: Database
) -> None:
    job = submit(worker, tenant, **ALONE)
    asked(worker, job)

    worker.dispatch.cancel(tenant.id, job)
    asked(worker, job)

    assert len(emulator.requests()) == 1
    assert seats_of(database, job)[0].status is SeatStatus.CANCELED


def test_a_holder_that_dies_between_two_parts_costs_one_part_at_most(
    worker: Resources, tenant: Tenant, emulator: Emulator, database: Database
) -> None:
    job = submit(worker, tenant, **ALONE)
    count = planned(worker, job)
    asked(worker, job)
    lost = claimed(worker, job)
    recording.sent(lost)
    lapse(database, lost)

    for _ in range(count + 1):
        asked(worker, job)

    (seat,) = seats_of(database, job)
    assert seat.status is SeatStatus.ANSWERED
    states = [(call.part, call.state) for call in attempts_of(database, job)]
    assert states[:3] == [
        (1, AttemptState.ANSWERED),
        (2, AttemptState.AMBIGUOUS),
        (2, AttemptState.ANSWERED),
    ]
    assert len(emulator.requests()) == count


def test_a_replay_says_again_how_the_seats_were_asked_and_asks_nobody(
    worker: Resources, tenant: Tenant, emulator: Emulator, database: Database
) -> None:
    job = submit(worker, tenant, **ALONE)
    count = planned(worker, job)
    for _ in range(count + 1):
        asked(worker, job)
    synthesize.synthesize(job=job)

    again = worker.dispatch.replay(tenant.id, job, ReplayRequest(strategy="single")).job_id
    synthesize.synthesize(job=again)

    first, second = job_of(database, job), job_of(database, again)
    assert (second.status, second.label, second.degradations) == (first.status, first.label, first.degradations)
    assert len(emulator.requests()) == count


def test_who_is_asked_in_parts_is_late_by_as_many_times_what_a_whole_answer_took(
    worker: Resources, tenant: Tenant, emulator: Emulator, database: Database
) -> None:
    wanted = request(
        RED, BLUE, transcript={"utterances": list(narrow.utterances(MEETING))}, quorum=1, strategy="consensus", **ALONE
    )
    job = worker.dispatch.submit(tenant.id, wanted).job_id
    count = len(seats_of(database, job)[1].plan.cut)
    with database.tenant_of(job) as connection:
        assert parts.most_of_open(connection, job) == count
        # The first seat as one that is shown the whole, forty seconds after the job began.
        connection.exec_driver_sql("UPDATE seats SET cut = NULL, ladder = '{extractive/cue-rules}' WHERE seat = 0")
        connection.exec_driver_sql(
            "UPDATE jobs SET status = 'running', started_at = clock_timestamp() - interval '40 s'"
        )

    ask.ask(job=job, seat=0, epoch=0)

    with database.tenant_of(job) as connection:
        left_s = connection.exec_driver_sql(
            "SELECT extract(epoch FROM late_at - clock_timestamp()) FROM jobs"
        ).scalar_one()
    assert 40 * count - 10 < left_s < 40 * count + 30


def nothing() -> None:
    """Nobody waits."""


def claimed(worker: Resources, job: str) -> Work:
    """A worker's claim of the only seat, with the call that it is about to make."""
    (seat,) = seats_of(worker.database, job)
    work = ask._claim(job, 0, seat.epoch)
    assert isinstance(work, Work)
    return work


def reply_to(worker: Resources, work: Work) -> Reply:
    """The answer to the claim's call, of which nothing is booked."""
    return worker.client.ask(work.seat.target, work.call, cancel=Cancel(), on_sent=lambda: recording.sent(work), key=0)


def lapse(database: Database, work: Work) -> None:
    with database.tenant_of(work.job.id) as connection:
        connection.exec_driver_sql("UPDATE seats SET lease_until = clock_timestamp() - interval '1 s'")


def take_away(database: Database, work: Work) -> None:
    """What the reconciler does with a lease that ran out."""
    lapse(database, work)
    with database.tenant_of(work.job.id) as connection:
        assert interventions.take_from(connection, work.claim)
        recording.write_off_claim(connection, work.claim)
