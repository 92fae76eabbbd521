"""What must hold whatever happens: after every commit, and once everything is at rest.

The provider's bank is the witness: it knows what was billed and has never seen a row.
"""

from typing import TYPE_CHECKING, Final

from ops.drills.simulation.plan import OUT_OF_HAND_S
from ops.drills.simulation.rows import Attempt, Job, Seat
from orchestrator.routing.failover import MAX_BILLED_CALLS
from orchestrator.work.attempts import AttemptState
from orchestrator.work.jobs import TERMINAL, JobStatus
from orchestrator.work.seats import MAX_CLAIMS_WITHOUT_OUTCOME, SeatStatus

if TYPE_CHECKING:
    from ops.drills.simulation.world import World

ENOUGH_S: Final = 240.0  # three lost holders or a lost synthesis, a round of failover, and the calls themselves
GRACE_S: Final = 30.0  # a job has ended by its deadline, a round and that, once nothing is away any more
REPEATS: Final = 1  # calls that a seat may pay again because the fate of one was not known
ENDS: Final = frozenset({"job.succeeded", "job.failed", "job.canceled", "job.expired"})


class Broken(Exception):
    """A law was. `law` is its name, `how` what was seen."""

    def __init__(self, law: str, how: str) -> None:
        super().__init__(f"{law}: {how}")
        self.law = law
        self.how = how


class Laws:
    """The laws over one world, with what they remember of earlier looks."""

    def __init__(self, world: "World") -> None:
        self._world = world
        self._versions = [job.version for job in world.rows.jobs]
        self._ends: list[tuple[JobStatus, int] | None] = [None for _ in world.rows.jobs]
        self.unended_calls = 0

    def forget(self) -> None:
        """PostgreSQL has lost commits that nobody was promised (ADR 18): versions may be given out again."""
        self._versions = [job.version for job in self._world.rows.jobs]

    def look(self) -> None:
        """After a commit. Raises Broken."""
        self.unended_calls = 0
        for job in self._world.rows.jobs:
            self._look_at(job)

    def judge(self) -> None:
        """At rest. Raises Broken."""
        self.look()
        if self.unended_calls:
            raise Broken("every call ends", f"{self.unended_calls} are left as if they were under way")
        for job in self._world.rows.jobs:
            self._judge_end(job)
            self._judge_books(job)
        calls = {one.id: one for job in self._world.rows.jobs for one in job.attempts.values()}
        for call in self._world.owed:
            if calls[call].state is not AttemptState.ANSWERED:
                raise Broken("a paid answer is never thrown away", f"call {call} arrived and is {calls[call].state}")

    def _look_at(self, job: Job) -> None:
        number, before = job.number, self._ends[job.number]
        if job.version < self._versions[number] or len(job.events) != job.version:
            raise Broken("versions never go back", f"{job.version} after {self._versions[number]}: {job.events}")
        self._versions[number] = job.version
        if before is not None and before != (job.status, job.version):
            raise Broken("terminal is final", f"{job.status} after {before[0]}")
        if job.status in TERMINAL:
            self._ends[number] = job.status, job.version
        elif job.open_seats != sum(seat.is_open for seat in job.seats):
            raise Broken(
                "the panel counts its seats", f"{job.open_seats} counted, {[str(s.status) for s in job.seats]}"
            )
        if job.results != (job.status is JobStatus.SUCCEEDED):
            raise Broken("one result", f"{job.results} of a job that is {job.status}")
        self._look_at_money(job)

    def _look_at_money(self, job: Job) -> None:
        paid, under_way, sent = [0] * len(job.seats), 0, [0] * len(job.seats)
        booked = 0
        for one in job.attempts.values():
            paid[one.seat] += one.cost_micro_usd
            booked += sum(one.booked.values())
            if one.state is AttemptState.SENT:
                under_way += one.bound_micro_usd
                sent[one.seat] += 1
                self.unended_calls += 1
                if job.finished_at is not None and one.sent_at is not None and one.sent_at > job.finished_at:
                    raise Broken("no call leaves after the end", f"call {one.id} of a job that is {job.status}")
                spare = job.spares.get(one.seat)
                if spare is not None and spare[1] < one.created_at:
                    raise Broken("what is paid is used first", f"call {one.id} leaves while call {spare[0]} lies ready")
            elif one.state is AttemptState.INTENDED:
                self.unended_calls += 1
        if job.spent_micro_usd != booked or paid != [seat.cost_micro_usd for seat in job.seats]:
            raise Broken("sums are sums of the ledger", f"spent {job.spent_micro_usd}, booked {booked}, seats {paid}")
        if booked != sum(paid):
            raise Broken("sums are sums of the ledger", f"booked {booked}, calls {sum(paid)}")
        if job.spent_micro_usd + under_way > job.bound_micro_usd:
            raise Broken(
                "never above the bound", f"{job.spent_micro_usd} and {under_way} under way, of {job.bound_micro_usd}"
            )
        for seat in job.seats:
            self._look_at_seat(job, seat, sent[seat.number])

    def _look_at_seat(self, job: Job, seat: Seat, sent: int) -> None:
        if sent > 1:
            raise Broken("one call of a seat at a time", f"{sent} of seat {seat.number} are under way")
        if seat.claims > MAX_CLAIMS_WITHOUT_OUTCOME:
            raise Broken("poison stays in its box", f"seat {seat.number} was claimed {seat.claims} times")
        if (seat.status is SeatStatus.ANSWERED) != (seat.number in job.candidates):
            raise Broken("an answered seat has its candidate", f"seat {seat.number} is {seat.status}")

    def _judge_end(self, job: Job) -> None:
        ends = [event for event in job.events if event in ENDS]
        if job.status not in TERMINAL or len(ends) != 1:
            raise Broken("every job ends, once", f"{job.status}: {job.events}")
        latest = max(job.deadline_at, self._world.plan.healed_at) + self._world.plan.round_s + GRACE_S
        if job.finished_at is None or job.finished_at > latest:
            raise Broken("every job ends in time", f"at {job.finished_at}, not by {latest}")
        if job.status is JobStatus.SUCCEEDED and len(job.candidates) < job.quorum:
            raise Broken("a result has its quorum", f"{len(job.candidates)} of {job.quorum}")

        easy = self._world.plan.healed_at + OUT_OF_HAND_S + ENOUGH_S
        if job.status is JobStatus.EXPIRED and job.deadline_at > easy:
            raise Broken("time suffices where all is well", f"expired at {job.deadline_at}, well since {easy}")

    def _judge_books(self, job: Job) -> None:
        unknown = [one.id for one in job.attempts.values() if "ambiguous" in one.booked]
        cut = job.status in (JobStatus.CANCELED, JobStatus.EXPIRED)
        if unknown and not cut and not self._world.has_lost_calls:
            raise Broken("a fate is unknown for a reason", f"calls {unknown}, and nobody died and nothing was away")
        for one in job.attempts.values():
            self._judge_call(one)
        for seat in job.seats:
            self._judge_seat([one for one in job.attempts.values() if one.seat == seat.number], seat.number)

    def _judge_call(self, one: Attempt) -> None:
        """The bank is the ledger, but for calls of unknown fate, which are booked at their bound."""
        billed = self._world.provider.billed.get(one.id, 0)
        booked = sum(one.booked.values())
        is_unknown = one.state is AttemptState.AMBIGUOUS
        if billed > one.bound_micro_usd or booked != (one.bound_micro_usd if is_unknown else billed):
            raise Broken("the bank is the ledger", f"call {one.id}, {one.state}: booked {booked}, billed {billed}")
        if self._world.provider.requests.get(one.id, 0) > 1:
            raise Broken("a call goes out once", f"call {one.id}")

    def _judge_seat(self, calls: list[Attempt], number: int) -> None:
        paid = sum(one.id in self._world.provider.billed for one in calls)
        useless = sum(one.useless for one in calls)
        unknown = sum("ambiguous" in one.booked for one in calls)
        if paid - useless > 1 + min(unknown, REPEATS):
            raise Broken(
                "no call is paid twice", f"seat {number}: {paid} paid, {useless} useless, {unknown} of unknown fate"
            )
        if paid > MAX_BILLED_CALLS:
            raise Broken("no seat pays for more than its tiers", f"seat {number}: {paid} paid")
