"""What a synthesis asks a lead or judge: a paid call like any other, at a seat of its own, never made twice."""

from collections.abc import Sequence
from datetime import UTC, datetime, timedelta

import pytest
from sqlalchemy import select, update

from orchestrator.storage import results
from orchestrator.storage.jobs import JobRow
from orchestrator.storage.record_tables import seat_records
from orchestrator.storage.tables import jobs as job_table
from orchestrator.storage.tables import questions as question_table
from orchestrator.work.jobs import JobStatus
from orchestrator.work.seats import SeatPlan, SeatStatus
from providers.calls import Target
from tasks import ask, late, reconcile, synthesize
from tasks.resources import Resources
from tests.acceptance.processes import Emulator
from tests.integration.workers_in_test import THREE, attempts_of, events_of, job_of, request, seats_of
from tests.servers import Tenant

LEAD = "openai/gpt-6.1-terra"
ALONE = {"allow_substitution": False, "allow_extractive": False}


class House:
    """A worker in this process, and jobs of one tenant whose plans have somebody ready to be asked."""

    def __init__(self, worker: Resources, tenant: str) -> None:
        self.worker = worker
        self.database = worker.database
        self.tenant = tenant

    def submit(self, strategy: str, *callers: tuple[str, Sequence[str]], models: Sequence[str] = THREE[:2]) -> str:
        """A job of this strategy with these callers: their role, and their ladder."""
        wanted = request(*models, strategy=strategy, **ALONE)
        job = self.worker.dispatch.submit(self.tenant, wanted).job_id
        plans = [
            SeatPlan(seat=9, role=role, asked=Target.parse(ladder[0]), ladder=tuple(map(Target.parse, ladder)))
            for role, ladder in callers
        ]
        row = job_of(self.database, job)
        self.change(
            job,
            callers=[plan.model_dump(mode="json") for plan in plans],
            bound_micro_usd=9 * row.bound_micro_usd,
        )
        return job

    def change(self, job: str, **values: object) -> None:
        with self.database.tenant_of(job) as connection:
            connection.execute(update(job_table).where(job_table.c.id == job).values(**values))

    def answer(self, job: str, *seats: int) -> None:
        for seat in seats:
            ask.ask(job=job, seat=seat, epoch=0)

    def drafted(self, strategy: str, *callers: tuple[str, Sequence[str]]) -> str:
        """A job whose panel has answered and whose synthesis has begun."""
        job = self.submit(strategy, *callers)
        self.answer(job, 0, 1)
        synthesize.synthesize(job=job)
        return job

    def row(self, job: str) -> JobRow:
        return job_of(self.database, job)

    def replies(self, job: str) -> list[bool]:
        with self.database.tenant_of(job) as connection:
            found = connection.execute(select(question_table.c.reply).where(question_table.c.job_id == job))
            return [reply is not None for reply in found.scalars()]


@pytest.fixture
def house(worker: Resources, emulator: Emulator, tenant: Tenant) -> House:
    emulator.order("reset")
    return House(worker, tenant.id)


def test_a_lead_is_asked_at_a_seat_of_its_own_and_reviews_the_drafts(house: House, emulator: Emulator) -> None:
    job = house.drafted("hierarchical", ("lead", [LEAD]))
    waiting = house.row(job)
    house.answer(job, 2)
    synthesize.synthesize(job=job)

    ended, seats = house.row(job), seats_of(house.database, job)
    assert (waiting.status, waiting.open_seats) == (JobStatus.SYNTHESIZING, 1)
    assert ended.status is JobStatus.SUCCEEDED
    assert ended.label == f"hierarchical of 2 models, reviewed by {LEAD}"
    assert ended.degradations == []
    assert [(seat.role, seat.status) for seat in seats[2:]] == [("lead", SeatStatus.ANSWERED)]
    assert len(attempts_of(house.database, job)) == 3
    assert ended.spent_micro_usd == emulator.billed_micro_usd() > 0
    with house.database.tenant_of(job) as connection:
        result = results.read_result(connection, job)
    assert result is not None
    assert result["provenance"]["seats"] == [0, 1]  # type: ignore[index,call-overload]


def test_a_question_that_stands_is_not_asked_again(house: House) -> None:
    job = house.drafted("hierarchical", ("lead", [LEAD]))

    synthesize.synthesize(job=job)
    house.answer(job, 0, 1)

    assert len(seats_of(house.database, job)) == 3
    assert house.row(job).status is JobStatus.SYNTHESIZING


@pytest.mark.parametrize(
    ("strategy", "callers"),
    [("hierarchical", [("lead", [LEAD])]), ("competitive", [("judge", [model]) for model in THREE])],
)
def test_a_synthesis_that_died_between_questions_and_asks_is_set_going_again(
    house: House, strategy: str, callers: list[tuple[str, list[str]]]
) -> None:
    job = house.drafted(strategy, *callers)
    house.worker.redis.delete(f"{house.worker.settings.redis_prefix}ask.openai")
    later = house.worker.settings.unclaimed_after_s + 1
    with house.database.tenant_of(job) as connection:
        connection.exec_driver_sql(
            "UPDATE seats SET published_at = clock_timestamp() - make_interval(secs => %s) WHERE job_id = %s",
            (later, job),
        )

    reconcile.reconcile()

    assert house.worker.redis.llen(f"{house.worker.settings.redis_prefix}ask.openai") == len(callers)


def test_judges_are_asked_at_once_and_their_last_answer_goes_on_with_the_synthesis(house: House) -> None:
    job = house.drafted("competitive", *(("judge", [model]) for model in THREE))
    waiting = house.row(job)
    house.answer(job, 4, 2)
    synthesize.synthesize(job=job)
    still = house.row(job)
    house.answer(job, 3)
    synthesize.synthesize(job=job)

    ended = house.row(job)
    assert (waiting.open_seats, still.open_seats, still.status) == (3, 1, JobStatus.SYNTHESIZING)
    assert still.synthesis_epoch == waiting.synthesis_epoch
    assert [seat.asked for seat in seats_of(house.database, job)[2:]] == list(THREE)
    assert ended.status is JobStatus.SUCCEEDED
    assert (ended.label or "").endswith("ranked by checks and 3 judges")
    assert house.replies(job) == [True, True, True]
    assert events_of(house.database, job).count("job.succeeded") == 1


def test_a_judge_that_cannot_be_had_is_one_less_and_the_others_count(house: House, emulator: Emulator) -> None:
    job = house.drafted("competitive", *(("judge", [model]) for model in THREE))
    emulator.order("faults", match={"model": THREE[1].split("/")[1]}, fault="400")

    house.answer(job, 2, 3, 4)
    synthesize.synthesize(job=job)

    ended = house.row(job)
    assert (ended.label or "").endswith("ranked by checks and 2 of 3 judges")
    assert [one["code"] for one in ended.degradations] == ["judge-lost"]  # type: ignore[index,call-overload]
    assert len(seats_of(house.database, job)) == 5


def test_a_question_that_was_put_alone_by_an_earlier_release_is_joined_by_the_others(house: House) -> None:
    """As a synthesis finds it after a change of releases: one judge has answered, two were not asked."""
    job = house.submit("competitive", *(("judge", [model]) for model in THREE))
    house.answer(job, 0, 1)
    callers = house.row(job).callers
    house.change(job, callers=callers[:1])
    synthesize.synthesize(job=job)
    house.change(job, callers=callers)
    house.answer(job, 2)
    synthesize.synthesize(job=job)
    waiting = house.row(job)
    house.answer(job, 3, 4)
    synthesize.synthesize(job=job)

    assert waiting.open_seats == 2
    assert [seat.asked for seat in seats_of(house.database, job)[2:]] == list(THREE)
    assert (house.row(job).label or "").endswith("ranked by checks and 3 judges")


def test_a_lead_that_cannot_be_had_is_done_without_and_the_label_says_so(house: House, emulator: Emulator) -> None:
    job = house.drafted("hierarchical", ("lead", [LEAD]))
    emulator.order("faults", match={"model": LEAD.split("/")[1]}, fault="400")
    house.answer(job, 2)
    synthesize.synthesize(job=job)

    ended = house.row(job)
    assert ended.status is JobStatus.SUCCEEDED
    assert "united by rule" in (ended.label or "")
    assert [one["code"] for one in ended.degradations] == ["lead-lost"]  # type: ignore[index,call-overload]
    assert house.replies(job) == [False]


def test_near_the_deadline_nobody_is_asked(house: House) -> None:
    job = house.submit("hierarchical", ("lead", [LEAD]))
    house.answer(job, 0, 1)
    house.change(job, deadline_at=datetime.now(UTC) + timedelta(seconds=6))

    synthesize.synthesize(job=job)

    ended = house.row(job)
    assert ended.status is JobStatus.SUCCEEDED
    assert len(seats_of(house.database, job)) == 2
    assert [one["code"] for one in ended.degradations] == ["lead-lost"]  # type: ignore[index,call-overload]


def test_a_lead_that_takes_too_long_is_late_and_the_drafts_are_united_without(house: House) -> None:
    job = house.drafted("hierarchical", ("lead", [LEAD]))
    house.change(job, late_at=datetime.now(UTC) - timedelta(seconds=1))

    late.close_panels()
    synthesize.synthesize(job=job)

    assert house.row(job).status is JobStatus.SUCCEEDED
    assert seats_of(house.database, job)[2].status is SeatStatus.CANCELED
    assert "united by rule" in (house.row(job).label or "")


def test_after_a_cancel_no_lead_is_asked(house: House, emulator: Emulator) -> None:
    job = house.drafted("hierarchical", ("lead", [LEAD]))
    asked = len(emulator.requests())

    house.worker.dispatch.cancel(house.tenant, job)
    house.answer(job, 2)
    synthesize.synthesize(job=job)

    assert len(emulator.requests()) == asked
    assert house.row(job).status is JobStatus.CANCELED
    assert seats_of(house.database, job)[2].status is SeatStatus.CANCELED


def test_a_job_that_goes_on_after_its_end_asks_its_lead_anew_and_no_answered_seat(
    house: House, emulator: Emulator
) -> None:
    job = house.drafted("hierarchical", ("lead", [LEAD]))
    house.worker.dispatch.cancel(house.tenant, job)
    before = len(attempts_of(house.database, job))

    house.worker.dispatch.retry(house.tenant, job)
    synthesize.synthesize(job=job)
    house.answer(job, 3)
    synthesize.synthesize(job=job)

    ended = house.row(job)
    assert ended.status is JobStatus.SUCCEEDED
    assert ended.label == f"hierarchical of 2 models, reviewed by {LEAD}"
    assert len(attempts_of(house.database, job)) == before + 1


def test_an_expertise_goes_by_what_became_of_its_models_items(house: House) -> None:
    first = house.submit("expertise")
    house.answer(first, 0, 1)
    synthesize.synthesize(job=first)
    second = house.submit("expertise")
    house.answer(second, 0, 1)
    synthesize.synthesize(job=second)

    with house.database.tenant(house.tenant) as connection:
        models = set(connection.execute(select(seat_records.c.model)).scalars())
    assert "none with a measured record" in (house.row(first).label or "")
    assert "2 with a measured record" in (house.row(second).label or "")
    assert models == set(THREE[:2])
    assert house.row(second).records is not None


def test_what_had_no_proof_is_noted_against_the_model_that_claimed_it(house: House, emulator: Emulator) -> None:
    emulator.order("mode", model=THREE[1].split("/")[1], mode="hallucinating", rate=1)
    job = house.submit("consensus")
    house.answer(job, 0, 1)
    synthesize.synthesize(job=job)

    with house.database.tenant(house.tenant) as connection:
        found = {row.seat: row.tallies for row in connection.execute(select(seat_records))}
    sums = {
        seat: [sum(kind[name] for kind in kinds.values()) for name in ("brought", "refused")]
        for seat, kinds in found.items()
    }
    assert sums[0][0] > 0 == sums[0][1]
    assert sums[1][1] > 0
