"""The rows of a job as PostgreSQL would hold them, bare enough to make thousands of them a second.

Only what decides is here: no texts, no targets, no usage. Seats, attempts and bookings are known by number. Money is
integer micro-dollars, times are seconds of the simulated clock.
"""

from dataclasses import dataclass, field

from orchestrator.storage.ledger import Kind
from orchestrator.work.attempts import AttemptState
from orchestrator.work.jobs import JobStatus
from orchestrator.work.seats import OPEN, Reason, SeatStatus


@dataclass(slots=True)
class Seat:
    """`ladder`: whom each rung asks, by the number of the target; `bounds_micro_usd`: what that costs at worst."""

    number: int
    ladder: tuple[int, ...]
    bounds_micro_usd: tuple[int, ...]
    status: SeatStatus = SeatStatus.PENDING
    rung: int = 0
    waited: bool = False
    failovers: int = 0
    attempts: int = 0
    epoch: int = 0
    claims: int = 0
    cost_micro_usd: int = 0
    lease_until: float | None = None
    next_at: float | None = None
    published_at: float | None = None
    reason: Reason | None = None

    @property
    def is_open(self) -> bool:
        return self.status in OPEN

    def copy(self) -> "Seat":
        return Seat(
            self.number,
            self.ladder,
            self.bounds_micro_usd,
            self.status,
            self.rung,
            self.waited,
            self.failovers,
            self.attempts,
            self.epoch,
            self.claims,
            self.cost_micro_usd,
            self.lease_until,
            self.next_at,
            self.published_at,
            self.reason,
        )


@dataclass(slots=True)
class Attempt:
    """`useless`: its answer was paid for and could not be read. `booked`: the rows of the ledger that it has."""

    id: int
    seat: int
    epoch: int
    rung: int
    bound_micro_usd: int
    created_at: float
    state: AttemptState = AttemptState.INTENDED
    cost_micro_usd: int = 0
    sent_at: float | None = None
    useless: bool = False
    booked: dict[Kind, int] = field(default_factory=dict)

    def copy(self) -> "Attempt":
        return Attempt(
            self.id,
            self.seat,
            self.epoch,
            self.rung,
            self.bound_micro_usd,
            self.created_at,
            self.state,
            self.cost_micro_usd,
            self.sent_at,
            self.useless,
            dict(self.booked),
        )


@dataclass(slots=True)
class Job:
    """A job with all that hangs on it. `candidates` are attempts, by seat; `spares` too, with when they came."""

    number: int
    bound_micro_usd: int
    quorum: int
    deadline_at: float
    seats: list[Seat]
    open_seats: int
    status: JobStatus = JobStatus.QUEUED
    version: int = 1
    events: list[str] = field(default_factory=lambda: ["job.queued"])
    spent_micro_usd: int = 0
    synthesis_epoch: int = 0
    synthesis_lease_until: float | None = None
    dispatched_at: float | None = None
    closed_at: float | None = None
    rung_at: float | None = None
    quorum_at: float | None = None
    finished_at: float | None = None
    attempts: dict[int, Attempt] = field(default_factory=dict)
    candidates: dict[int, int] = field(default_factory=dict)
    spares: dict[int, tuple[int, float]] = field(default_factory=dict)
    results: int = 0

    def copy(self) -> "Job":
        return Job(
            self.number,
            self.bound_micro_usd,
            self.quorum,
            self.deadline_at,
            [seat.copy() for seat in self.seats],
            self.open_seats,
            self.status,
            self.version,
            list(self.events),
            self.spent_micro_usd,
            self.synthesis_epoch,
            self.synthesis_lease_until,
            self.dispatched_at,
            self.closed_at,
            self.rung_at,
            self.quorum_at,
            self.finished_at,
            {key: attempt.copy() for key, attempt in self.attempts.items()},
            dict(self.candidates),
            dict(self.spares),
            self.results,
        )


@dataclass(slots=True)
class Rows:
    """Everything that PostgreSQL holds. `generation` is that of the budgets' counters."""

    jobs: list[Job]
    generation: int = 1

    def copy(self) -> "Rows":
        return Rows([job.copy() for job in self.jobs], self.generation)


@dataclass(frozen=True, slots=True)
class Claim:
    """The right to work on a seat; `epoch` fences the writes."""

    job: int
    seat: int
    epoch: int
