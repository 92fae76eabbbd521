"""A replay that may call models: it asks its strategy's questions at seats of its own, and pays for none twice."""

import json
from contextlib import suppress
from datetime import UTC, datetime, timedelta

import pytest
from celery.exceptions import Retry
from sqlalchemy import select, update

from orchestrator.dispatch import Dispatch
from orchestrator.errors import AdmissionStopped, BudgetExhausted, MaxCostTooLow, QueueFull
from orchestrator.routing.replays import ReplayRequest
from orchestrator.storage import budgets, replays, tenants
from orchestrator.storage.idempotency import Submitted
from orchestrator.storage.jobs import JobRow
from orchestrator.storage.money_tables import ledger
from orchestrator.storage.seats import SeatRow
from orchestrator.storage.tables import jobs as job_table
from orchestrator.work.jobs import JobStatus
from orchestrator.work.seats import SeatStatus
from tasks import ask, late, synthesize
from tasks.resources import Resources
from tests.acceptance.processes import Emulator
from tests.integration.workers_in_test import THREE, attempts_of, events_of, job_of, request, seats_of
from tests.servers import Tenant, new_tenant

ALONE = {"allow_substitution": False, "allow_extractive": False}


def wish(strategy: str = "hierarchical", **fields: object) -> ReplayRequest:
    return ReplayRequest.model_validate_json(json.dumps({"strategy": strategy, "allow_calls": True, **fields}))


class House:
    """A worker in this process, jobs of one tenant, and the door by which callers come, which asks the budgets."""

    def __init__(self, worker: Resources, tenant: str) -> None:
        self.worker = worker
        self.database = worker.database
        self.tenant = tenant
        self.dispatch = Dispatch(**{**vars(worker.dispatch), "balances": worker.balances})

    def finished(self, strategy: str = "consensus", **fields: object) -> str:
        """A job of two models that has succeeded."""
        job = self.dispatch.submit(self.tenant, request(*THREE[:2], strategy=strategy, **{**ALONE, **fields})).job_id
        self.go_on(job)
        assert self.row(job).status is JobStatus.SUCCEEDED
        return job

    def replay(self, job: str, asked: ReplayRequest | None = None) -> str:
        return self.dispatch.replay(self.tenant, job, asked or wish()).job_id

    def go_on(self, job: str) -> JobRow:
        """Everybody who is to be asked is asked, and the synthesis is rung, until nobody is left to ask."""
        for _ in range(3):
            for seat in seats_of(self.database, job):
                if seat.status is SeatStatus.PENDING:
                    with suppress(Retry):  # it goes on at another provider
                        ask.ask(job=job, seat=seat.seat, epoch=seat.epoch)
            synthesize.synthesize(job=job)
        return self.row(job)

    def row(self, job: str) -> JobRow:
        return job_of(self.database, job)

    def beside(self, job: str) -> list[SeatRow]:
        return [seat for seat in seats_of(self.database, job) if seat.role != "analyst"]

    def booked(self, job: str) -> int:
        with self.database.tenant(self.tenant) as connection:
            found = connection.execute(select(ledger.c.cost_micro_usd).where(ledger.c.job_id == job))
            return sum(found.scalars())

    def limit(self, micro_usd: int) -> None:
        with self.database.tenant(self.tenant) as connection:
            budgets.put(connection, "tenant", "month", micro_usd)

    def change(self, job: str, **values: object) -> None:
        with self.database.tenant_of(job) as connection:
            connection.execute(update(job_table).where(job_table.c.id == job).values(**values))


@pytest.fixture
def house(worker: Resources, emulator: Emulator, tenant: Tenant) -> House:
    emulator.order("reset")
    return House(worker, tenant.id)


def test_a_lead_is_asked_at_a_seat_of_the_replay_and_costs_what_is_billed(house: House, emulator: Emulator) -> None:
    job = house.finished()
    before = emulator.billed_micro_usd()

    made = house.replay(job)
    planned = house.row(made)
    ended = house.go_on(made)

    (lead,) = house.beside(made)
    assert (planned.status, planned.may_call, planned.bound_micro_usd > 0) == (JobStatus.RUNNING, True, True)
    assert (ended.status, ended.replay_of) == (JobStatus.SUCCEEDED, job)
    assert ended.label == f"hierarchical of 2 models, reviewed by {lead.served}"
    assert ended.degradations == []
    assert (lead.role, lead.seat, lead.status) == ("lead", 2, SeatStatus.ANSWERED)
    assert len(attempts_of(house.database, made)) == 1
    billed = emulator.billed_micro_usd() - before
    assert ended.spent_micro_usd == lead.cost_micro_usd == house.booked(made) == billed
    assert 0 < billed <= ended.bound_micro_usd
    assert house.row(job).spent_micro_usd == before


def test_what_was_asked_before_is_not_paid_again_in_whatever_job_it_was(house: House, emulator: Emulator) -> None:
    job = house.finished()
    first = house.replay(job)
    paid = house.go_on(first)
    calls, billed = len(emulator.requests()), emulator.billed_micro_usd()
    house.limit(0)

    again, of_the_first = house.replay(job), house.replay(first)
    ends = [house.go_on(one) for one in (again, of_the_first)]

    for one in ends:
        assert (one.status, one.label, one.degradations) == (JobStatus.SUCCEEDED, paid.label, [])
        assert (one.spent_micro_usd, one.bound_micro_usd, one.may_call) == (0, 0, False)
        assert one.strategy_reason.endswith(". a question has been asked before, and the stored reply counts")
        (lead,) = house.beside(one.id)
        assert (lead.served, lead.attempts, lead.cost_micro_usd) == (house.beside(first)[0].served, 0, 0)
    assert (len(emulator.requests()), emulator.billed_micro_usd()) == (calls, billed)


def test_judges_of_a_job_that_had_some_are_not_paid_again(house: House, emulator: Emulator) -> None:
    job = house.finished("competitive", policy="quality")
    judges, calls = house.beside(job), len(emulator.requests())
    assert judges

    ended = house.go_on(house.replay(job, wish("competitive")))

    assert ended.label == house.row(job).label
    assert [seat.served for seat in house.beside(ended.id)] == [seat.served for seat in judges]
    assert len(emulator.requests()) == calls


def test_other_seats_are_another_question(house: House, emulator: Emulator) -> None:
    job = house.dispatch.submit(house.tenant, request(*THREE, strategy="consensus", **ALONE)).job_id
    house.go_on(job)
    house.go_on(house.replay(job))
    calls = len(emulator.requests())

    ended = house.go_on(house.replay(job, wish(seats=[0, 2])))

    assert len(emulator.requests()) == calls + 1
    assert ended.label is not None
    assert ended.label.startswith("hierarchical of 2 models, reviewed by ")
    assert [seat.seat for seat in house.beside(ended.id)] == [3]


def test_without_leave_nobody_is_asked_as_before(house: House, emulator: Emulator) -> None:
    job = house.finished()
    house.go_on(house.replay(job))
    calls = len(emulator.requests())

    ended = house.go_on(house.replay(job, wish(allow_calls=False)))

    assert (ended.may_call, ended.bound_micro_usd, ended.spent_micro_usd) == (False, 0, 0)
    assert ended.label == "drafts of 2 models, united by rule: hierarchical was planned, no lead could be asked"
    assert (house.beside(ended.id), len(emulator.requests())) == ([], calls)


def test_a_strategy_that_asks_nobody_costs_nothing_though_it_may(house: House) -> None:
    job = house.finished()
    house.limit(0)

    ended = house.go_on(house.replay(job, wish("consensus")))

    assert (ended.status, ended.may_call, ended.bound_micro_usd) == (JobStatus.SUCCEEDED, False, 0)


def test_where_no_money_is_left_it_is_refused_and_nothing_is_stored(house: House) -> None:
    job = house.finished()
    spent = house.row(job).spent_micro_usd
    house.limit(spent + 1)

    with pytest.raises(BudgetExhausted, match=r"has 0\.000001 US dollars left; this job may need"):
        house.replay(job)
    with pytest.raises(MaxCostTooLow, match="without allow_calls it costs nothing"):
        house.replay(job, wish(max_cost_usd="0.000001"))
    with house.database.tenant(house.tenant) as connection:
        tenants.stop(connection, house.tenant, "a bill above its bound")
    with pytest.raises(AdmissionStopped, match="a bill above its bound"):
        house.replay(job)

    with house.database.system() as connection:
        found = connection.execute(select(job_table.c.id).where(job_table.c.replay_of.is_not(None))).all()
    assert found == []


def test_two_calls_under_one_key_are_one_replay_though_the_money_is_gone_by_then(house: House) -> None:
    job = house.finished()

    def once(asked: ReplayRequest) -> Submitted:
        return house.dispatch.replay(house.tenant, job, asked, idempotency_key="k", digest=b"d")

    first = once(wish())
    house.limit(0)
    again = once(wish())

    assert (again.job_id, again.replayed) == (first.job_id, True)


def test_a_budget_of_the_jobs_project_counts(house: House) -> None:
    job = house.finished(project="archive")
    with house.database.tenant(house.tenant) as connection:
        budgets.put(connection, "project:archive", "month", house.row(job).spent_micro_usd)

    with pytest.raises(BudgetExhausted, match="archive"):
        house.replay(job)


def test_what_the_request_and_the_house_demand_of_providers_holds_for_its_callers(house: House) -> None:
    job = house.finished()
    context = {**house.row(job).context, "routing": {"regions": ["eu"]}}
    house.change(job, context=context)

    ended = house.go_on(house.replay(job))

    assert (ended.may_call, house.beside(ended.id)) == (False, [])
    assert "no other model fit for it can be asked" in ended.strategy_reason
    assert [one["code"] for one in ended.degradations] == ["lead-lost"]  # type: ignore[index,call-overload]


def test_a_policy_that_saves_asks_nobody_and_says_so(house: House) -> None:
    job = house.finished(policy="aggressive")

    ended = house.go_on(house.replay(job))

    assert "policy aggressive pays for none of it" in ended.strategy_reason
    assert [one["code"] for one in ended.degradations] == ["lead-lost"]  # type: ignore[index,call-overload]


def test_a_lead_that_fails_is_replaced_by_the_next_on_its_ladder(house: House, emulator: Emulator) -> None:
    job = house.finished()
    house.change(job, context={**house.row(job).context, "allow_substitution": True})
    made = house.replay(job)
    synthesize.synthesize(job=made)
    (lead,) = house.beside(made)
    assert len(lead.ladder) > 1
    emulator.order("faults", match={"model": lead.ladder[0].partition("/")[2]}, fault="401")

    ended = house.go_on(made)

    (lead,) = house.beside(made)
    assert (ended.status, lead.status) == (JobStatus.SUCCEEDED, SeatStatus.ANSWERED)
    assert lead.served != lead.asked == lead.ladder[0]
    assert [one["code"] for one in ended.degradations] == ["substituted"]  # type: ignore[index,call-overload]


def test_a_job_that_allowed_no_substitution_has_a_lead_without_stand_ins(house: House) -> None:
    job = house.finished()

    made = house.replay(job)

    (lead,) = house.row(made).callers
    assert len(lead["ladder"]) == 1  # type: ignore[index,call-overload,arg-type]


def test_a_lead_that_is_late_is_done_without_and_asked_again_by_a_retry_after_a_cancel(
    house: House, emulator: Emulator
) -> None:
    job = house.finished()
    slow, canceled = house.replay(job), house.replay(job)
    for one in (slow, canceled):
        synthesize.synthesize(job=one)
    calls = len(emulator.requests())
    house.change(slow, late_at=datetime.now(UTC) - timedelta(seconds=1))
    late.close_panels()
    synthesize.synthesize(job=slow)
    house.dispatch.cancel(house.tenant, canceled)

    house.dispatch.retry(house.tenant, canceled)
    ended = house.go_on(canceled)

    assert [one["code"] for one in house.row(slow).degradations] == ["lead-lost"]  # type: ignore[index,call-overload]
    assert (ended.status, ended.degradations) == (JobStatus.SUCCEEDED, [])
    assert [seat.status for seat in house.beside(canceled)] == [SeatStatus.CANCELED, SeatStatus.ANSWERED]
    assert len(emulator.requests()) == calls + 1
    assert events_of(house.database, canceled).count("job.succeeded") == 1


def test_a_stopped_tenant_does_not_retry_a_replay_that_pays(house: House) -> None:
    job = house.finished()
    made = house.replay(job)
    house.dispatch.cancel(house.tenant, made)
    with house.database.tenant(house.tenant) as connection:
        tenants.stop(connection, house.tenant, "a bill above its bound")

    with pytest.raises(AdmissionStopped):
        house.dispatch.retry(house.tenant, made)


def test_replays_that_wait_for_a_lead_are_under_way(house: House) -> None:
    job = house.finished()
    for _ in range(replays.MOST_OPEN):
        synthesize.synthesize(job=house.replay(job))

    with pytest.raises(QueueFull):
        house.replay(job)


def test_a_reply_of_another_tenant_is_nobodys(house: House, emulator: Emulator) -> None:
    job = house.finished()
    house.go_on(house.replay(job))
    other = House(house.worker, new_tenant(house.database, "globex").id)
    theirs = other.finished()
    other.change(theirs, boundary=house.row(job).boundary)
    calls = len(emulator.requests())

    other.go_on(other.replay(theirs))

    assert len(emulator.requests()) == calls + 1
