"""A job twice: in PostgreSQL, where the tasks' own transactions change it, and in the simulation's machine.

Every operation is done to both, and both must tell the same of it. `rows` and `image` are the two jobs in one form.
Time stands still for both: leases and waits are ended by hand.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from math import inf
from typing import Any

from sqlalchemy import Row, Table, func, select, update

from ops.drills.simulation import machine, transactions, upkeep
from ops.drills.simulation.machine import Leave
from ops.drills.simulation.mechanisms import AS_BUILT
from ops.drills.simulation.rows import Attempt, Job, Rows, Seat
from ops.drills.simulation.transactions import Booked
from ops.drills.simulation.transactions import Work as ModelWork
from orchestrator.analysis.items import Candidate, Evidence, Item, Summary
from orchestrator.errors import AlreadyTerminal
from orchestrator.routing.market import Market
from orchestrator.storage import seats as seat_rows
from orchestrator.storage import standstill
from orchestrator.storage.money_tables import ledger, money_state, spare_answers
from orchestrator.storage.seats import Claim, SeatRow
from orchestrator.storage.tables import attempts, candidates, events, jobs, results, seats
from orchestrator.work.jobs import TERMINAL
from providers.calls import Finish, Reply, Target, Usage
from providers.errors import Canceled, ProviderError
from tasks import ask, booking, late, panels, reconcile, recording, resources, synthesize
from tasks.panels import Panel
from tasks.recording import HeldBefore
from tasks.work import Account, Work
from tests.integration.rows import add_job

# By the numbers of the simulation's targets: the last is built in.
LADDER = (
    Target(provider="openai", model="gpt-4.1"),
    Target(provider="aimlapi", model="openai/gpt-6-luna"),
    Target(provider="openai", model="gpt-6-luna"),
    Target(provider="extractive", model="cue-rules"),
)
DEADLINE_S = 3_600.0
LEASE_S = 600.0
PAST, NOW = -1.0, 0.0
CANDIDATE = Candidate(
    language="en",
    summary=Summary(text="They met.", bullets=()),
    decisions=(
        Item(
            id="itm_1",
            text="Use the conventional battery",
            evidence=(Evidence(utterances=("u2",), quote="the conventional battery"),),
            confidence=0.8,
            seats=(0,),
            verified=True,
        ),
    ),
)
UNREADABLE = {"code": "bad_reply", "message": "no answer in it"}


@dataclass
class Pair:
    """A claimed seat with its call, in both worlds."""

    real: Work
    model: ModelWork


@dataclass
class Twins:
    """Made by `twins`. `calls` are the numbers of the real calls; `found` seats and `panels` as they were read."""

    tenant: str
    job_id: str
    model: Rows
    calls: dict[str, int] = field(default_factory=dict)
    works: list[Pair] = field(default_factory=list)
    found: list[tuple[SeatRow, Seat]] = field(default_factory=list)
    panels: list[tuple[Panel, tuple[int, int]]] = field(default_factory=list)

    @property
    def job(self) -> Job:
        return self.model.jobs[0]

    @property
    def is_over(self) -> bool:
        return self.job.status in TERMINAL

    # What a worker does

    def claim(self, seat: int) -> None:
        call, heard = len(self.calls) + 1, self.job.seats[seat].epoch
        real = ask._claim(self.job_id, seat, heard)
        if isinstance(real, Work):
            self._price(seat, real)
        begun = transactions.begin(self.model, self.job, seat, heard, call, NOW, LEASE_S, AS_BUILT)
        if isinstance(real, Work):
            assert begun.work is not None
            assert (real.claim.epoch, real.seat.rung) == (begun.work.held.epoch, begun.work.rung)
            assert real.intended.ambiguous == begun.work.intended.ambiguous
            assert real.intended.under_way == begun.work.intended.under_way
            assert real.intended.booked_micro_usd == begun.work.intended.booked_micro_usd
            self.calls[real.call.call_id] = call
            self.works.append(Pair(real, begun.work))
        else:
            assert begun.work is None
            assert (real is not None, bool(real)) == (begun.adopted, begun.closed)

    def send(self, pair: Pair) -> None:
        costs = pair.real.bound_micro_usd > 0
        pair.real.account.generation = pair.real.intended.generation if costs else None
        generation = pair.model.intended.generation if costs else None
        try:
            recording.sent(pair.real)
        except Canceled:
            real = Leave.LOST
        except HeldBefore:
            real = Leave.STALE
        else:
            real = Leave.GRANTED
        held, call = pair.model.held, pair.model.call
        assert real is machine.send(self.model, held, call, generation, NOW, AS_BUILT)

    def answer(self, pair: Pair, tokens: int) -> None:
        account, reply = Account(), reply_of(pair, tokens)
        price = booking.price_of(pair.real.paid, reply)
        closed = recording.answered(pair.real.paid, account, reply, CANDIDATE.model_dump(mode="json"), latency_s=1.0)
        booked = transactions.answered(self.job, pair.model.held, pair.model.call, price, NOW, AS_BUILT)
        told_alike(account, booked)
        assert closed == booked.closed

    def waste(self, pair: Pair, tokens: int) -> None:
        account, reply = Account(), reply_of(pair, tokens)
        price = booking.price_of(pair.real.paid, reply)
        recording.unusable(pair.real.paid, account, reply, dict(UNREADABLE))
        told_alike(account, transactions.unusable(self.job, pair.model.held, pair.model.call, price, AS_BUILT))

    def fail(self, pair: Pair, error: ProviderError) -> None:
        decided = recording.failed(pair.real, error)
        _, decision = transactions.failed(self.job, pair.model, error, None, NOW, AS_BUILT)
        assert decided == decision

    def abandon(self, pair: Pair) -> None:
        error = Canceled("the seat was lost")
        was_ours = recording.let_go(pair.real, error)
        transactions.abandoned(self.job, pair.model, error, AS_BUILT)
        assert was_ours == machine.let_go(self.job, pair.model.held, NOW)

    def renew(self) -> None:
        held = {pair.real.claim: pair.model.held for pair in self.works}
        with resources.current().database.system() as connection:
            kept = seat_rows.renew(connection, held, LEASE_S)
        assert kept == {real for real, model in held.items() if machine.renew(self.job, model, NOW, LEASE_S)}

    # What the others do

    def look(self, seat: int) -> None:
        """Read a seat, to be acted on later."""
        with resources.current().database.tenant(self.tenant) as connection:
            row = seat_rows.of_job(connection, self.job_id)[seat]
        self.found.append((row, self.job.seats[seat].copy()))

    def free(self, row: SeatRow, seat: Seat) -> None:
        assert reconcile._free(row) == transactions.free(self.job, seat, NOW, AS_BUILT).asks

    def lose_holder(self, seat: int) -> None:
        self.end_lease(seat)
        self.look(seat)
        self.free(*self.found[-1])

    def sweep(self) -> None:
        with resources.current().database.system() as connection:
            left = standstill.left_behind(connection, 0.0, 100)
        lost = upkeep.left_behind(self.job, inf)
        assert {(one.seat, one.epoch) for one in left} == {(one.seat, one.epoch) for one in lost}
        for one in lost:
            reconcile._write_off(Claim(job=self.job_id, seat=one.seat, epoch=one.epoch))
            transactions.write_off(self.job, one, AS_BUILT)

    def close_late(self) -> None:
        late._close(self.job_id)
        transactions.close_late(self.job, NOW)

    def expire(self) -> None:
        reconcile._expire(self.job_id)
        transactions.expire(self.job, NOW, AS_BUILT)

    def cancel(self) -> None:
        try:
            resources.current().dispatch.cancel(self.tenant, self.job_id)
        except AlreadyTerminal:
            done = False
        else:
            done = True
        assert done == transactions.cancel(self.job, NOW, AS_BUILT)

    def begin_synthesis(self) -> None:
        real = panels.claim(self.job_id, synthesize.LEASE_S)
        model = transactions.claim_synthesis(self.job, NOW, AS_BUILT)
        if real is None or model is None:
            assert real is None
            assert model is None
        else:
            assert (real.job.synthesis_epoch, len(real.candidates)) == model
            self.panels.append((real, model))

    def end_synthesis(self, panel: Panel, read: tuple[int, int]) -> None:
        synthesize._end(panel)
        transactions.conclude(self.job, *read, NOW, AS_BUILT)

    # Time, by hand

    def end_lease(self, seat: int) -> None:
        if self.job.seats[seat].lease_until is not None:
            self.job.seats[seat].lease_until = PAST
            self._set_seat(seat, lease_until=func.clock_timestamp())

    def end_wait(self, seat: int) -> None:
        if self.job.seats[seat].next_at is not None:
            self.job.seats[seat].next_at = PAST
            self._set_seat(seat, next_at=func.clock_timestamp())

    def lose_synthesis(self) -> None:
        if self.job.synthesis_lease_until is not None:
            self.job.synthesis_lease_until = PAST
            with resources.current().database.tenant(self.tenant) as connection:
                past = {"synthesis_lease_until": func.clock_timestamp()}
                connection.execute(update(jobs).where(jobs.c.id == self.job_id).values(**past))
            self.begin_synthesis()

    def raise_generation(self) -> None:
        self.model.generation += 1
        with resources.current().database.system() as connection:
            connection.execute(update(money_state).values(generation=money_state.c.generation + 1))

    def _price(self, number: int, real: Work) -> None:
        """Tell the machine what the call that is about to be made costs at worst: prices are not its business."""
        seat = self.job.seats[number]
        bounds = list(seat.bounds_micro_usd)
        bounds[real.seat.rung] = real.bound_micro_usd
        seat.bounds_micro_usd = tuple(bounds)

    def _set_seat(self, seat: int, **values: object) -> None:
        with resources.current().database.tenant(self.tenant) as connection:
            found = update(seats).where(seats.c.job_id == self.job_id, seats.c.seat == seat)
            connection.execute(found.values(**values))


def twins(tenant: str, *, seat_count: int, bound_micro_usd: int, quorum: int) -> Twins:
    """A queued job with whole ladders."""
    here = resources.current()
    job_id = add_job(
        here.database,
        tenant,
        seat_count=seat_count,
        deadline_s=DEADLINE_S,
        ladder=LADDER,
        bound_micro_usd=bound_micro_usd,
        quorum=quorum,
    )
    market = Market(here.catalog, here.dispatch.reachable, here.dispatch.now(), ())
    bounds = tuple(market.bound(target) for target in LADDER)
    panel = [Seat(number, tuple(range(len(LADDER))), bounds) for number in range(seat_count)]
    return Twins(tenant, job_id, Rows([Job(0, bound_micro_usd, quorum, DEADLINE_S, panel, seat_count)]))


def reply_of(pair: Pair, tokens: int) -> Reply:
    usage = Usage(input_tokens=tokens, output_tokens=tokens)
    return Reply(text="", finish=Finish.STOP, model_served=pair.real.seat.target.model, usage=usage)


def told_alike(account: Account, booked: Booked) -> None:
    assert (account.cost_micro_usd, account.corrected) == (booked.came_to, booked.corrected)


Form = Mapping[str, object]


def rows(twins: Twins) -> Form:
    """The job in PostgreSQL, without those rows of its ledger that cost nothing."""
    with resources.current().database.tenant(twins.tenant) as connection:

        def of_job(table: Table, *order: str) -> Sequence[Row[Any]]:
            found = select(table).where(table.c.job_id == twins.job_id).order_by(*order)
            return connection.execute(found).all()

        job = connection.execute(select(jobs).where(jobs.c.id == twins.job_id)).one()
        spares = {row.seat: twins.calls[row.attempt_id] for row in reversed(of_job(spare_answers, "created_at"))}
        return {
            "job": _job(job),
            "events": [row.type for row in of_job(events, "sequence")],
            "seats": [_seat(row) for row in of_job(seats, "seat")],
            "attempts": {twins.calls[row.id]: _attempt(row) for row in of_job(attempts)},
            "ledger": {
                (twins.calls[row.attempt_id], row.kind): row.cost_micro_usd
                for row in of_job(ledger)
                if row.cost_micro_usd
            },
            "candidates": {row.seat: twins.calls[row.attempt_id] for row in of_job(candidates)},
            "spares": spares,
            "results": len(of_job(results)),
        }


def image(twins: Twins) -> Form:
    """The job in the simulation."""
    job = twins.job
    return {
        "job": _job(job),
        "events": job.events,
        "seats": [_seat(one) for one in job.seats],
        "attempts": {one.id: _attempt(one) for one in job.attempts.values()},
        "ledger": {(one.id, kind): cost for one in job.attempts.values() for kind, cost in one.booked.items() if cost},
        "candidates": job.candidates,
        "spares": {seat: call for seat, (call, _) in job.spares.items()},
        "results": job.results,
    }


def _job(one: Row[Any] | Job) -> list[object]:
    ended = [one.closed_at is not None, one.finished_at is not None, one.synthesis_lease_until is not None]
    return [one.status, one.version, one.open_seats, one.spent_micro_usd, one.synthesis_epoch, *ended]


def _seat(one: Row[Any] | Seat) -> list[object]:
    where = [one.status, one.reason, one.rung, one.waited, one.lease_until is not None, one.next_at is not None]
    return [*where, one.failovers, one.attempts, one.epoch, one.claims, one.cost_micro_usd]


def _attempt(one: Row[Any] | Attempt) -> list[object]:
    return [one.seat, one.epoch, one.rung, one.state, one.bound_micro_usd, one.cost_micro_usd, one.sent_at is not None]
