"""Takes lines into a batch: each becomes a job that waits for its turn, or a problem of its own.

A handful of lines is one transaction, which holds the batch, so that no transaction holds thousands of plans and a
crash leaves a batch that knows how far it came. A call that is repeated goes on from there: what was taken in is
compared and not taken in again. No job is published: the dispatcher lets them go in their turn.
"""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Final, TypeAlias

from sqlalchemy import Connection

from orchestrator import failpoints
from orchestrator.dispatch import Dispatch
from orchestrator.errors import (
    AdmissionStopped,
    AlreadyTerminal,
    DomainError,
    IdempotencyMismatch,
    InvalidRequest,
    Overloaded,
    QueueFull,
    Unavailable,
)
from orchestrator.ids import new_id
from orchestrator.routing.live import Live
from orchestrator.routing.request import AnalysisRequest
from orchestrator.storage import backlog, batch_ends, batches, idempotency
from orchestrator.storage.batches import BatchRow, LineRow
from orchestrator.work.batches import holds_back
from orchestrator.work.lanes import Lane
from orchestrator.work.scopes import Balance
from providers.calls import JsonObject

RETRY_AFTER_S: Final = 60.0  # of a tenant's batches, one may have ended by then

# Where a line of a batch that was let in waits for its turn, however long that looks now: how fast the lane goes is
# seen over seconds, a batch is taken in over minutes, and a provider that is away for one of them would cost it its
# lines. A job that has not begun by its deadline expires unpaid, and can be retried.
PATIENT: Final[Lane] = "bulk"

Told: TypeAlias = Callable[[DomainError], JsonObject]
Way: TypeAlias = tuple[Balance, ...] | DomainError
Place: TypeAlias = tuple[Lane, str | None, float, datetime | None]


@dataclass(frozen=True, kw_only=True)
class PostedLine:
    """A line as it was read: what it asks for, or the problem that it is. `number` counts from 1."""

    number: int
    digest: bytes
    custom_id: str | None = None
    request: AnalysisRequest | None = None
    problem: JsonObject | None = None


@dataclass(frozen=True)
class Begun:
    """`known`: the Idempotency-Key was known, so this is the batch of an earlier call."""

    batch_id: str
    known: bool


@dataclass(frozen=True)
class Taking:
    """The door for lines. `told` makes a problem document of a refusal, as callers are told it."""

    dispatch: Dispatch
    told: Told

    def begin(
        self,
        tenant: str,
        *,
        atomic: bool,
        first: AnalysisRequest | None,
        idempotency_key: str | None = None,
        digest: bytes = b"",
    ) -> Begun:
        """Make a batch, or find that of an earlier call.

        Args:
            first: a job of it, by which the door is asked; None: none of those at hand is good.
            digest: of what is said for all lines; two calls under one key must have the same.

        Raises:
            AdmissionStopped, Overloaded, QueueFull: nothing is taken in now.
            IdempotencyMismatch: the key belongs to another call.
            Unavailable: PostgreSQL is away.
        """
        known = self._known(tenant, idempotency_key, digest)
        if known is not None:
            return known
        if first is not None:
            self.dispatch.admit(tenant, first)
        batch_id = new_id("bat")
        with self.dispatch.database.tenant(tenant) as connection:
            self._require_room(connection)
            if idempotency_key is not None:
                held = idempotency.remember_key(connection, idempotency_key, digest, batch_id)
                if held is not None:
                    return Begun(idempotency.earlier(held, digest).job_id, known=True)
            batches.add(connection, batch_id, atomic=atomic)
        failpoints.reach("batch.begun")
        return Begun(batch_id, known=False)

    def take(self, tenant: str, batch_id: str, lines: Sequence[PostedLine]) -> tuple[LineRow, ...]:
        """Take in lines that follow each other, in one transaction; those that were new. All or none are kept.

        Raises:
            AlreadyTerminal: the batch was canceled meanwhile.
            IdempotencyMismatch: an earlier call brought other lines.
            Unavailable: PostgreSQL is away; the same lines may be brought again.
        """
        if not lines:
            return ()
        ways, live = self._ways(tenant, lines), self.dispatch.intake.live()
        with self.dispatch.database.tenant(tenant) as connection:
            batch = batches.hold(connection, batch_id)
            fresh = _fresh(connection, batch, lines)
            if not fresh:
                return ()
            _require_open(batch)
            seen = batches.custom_ids(connection, batch_id, {one.custom_id for one in fresh if one.custom_id})
            kept = tuple(self._kept(connection, batch, line, ways, live, seen) for line in fresh)
            batches.add_lines(connection, batch_id, kept, through=fresh[-1].number)
            if not holds_back(batch):
                backlog.knock(connection)
        failpoints.reach("batch.taken")
        return kept

    def check(self, tenant: str, lines: Iterable[PostedLine], seen: set[str]) -> list[JsonObject]:
        """The problems that these lines would have now; nothing is stored. `seen`: custom ids of lines before them.

        Raises:
            Unavailable: PostgreSQL is away.
        """
        given = tuple(lines)
        ways, live = self._ways(tenant, given), self.dispatch.intake.live()
        found = []
        with self.dispatch.database.tenant(tenant) as connection:
            for line in given:
                problem = self._problem(connection, tenant, line, ways, live, seen)
                if problem is not None:
                    found.append(numbered(line.number, line.custom_id, problem))
        return found

    def receive(self, tenant: str, batch_id: str, last: int) -> bool:
        """The last line was brought; whether an earlier call had brought it already.

        Raises:
            IdempotencyMismatch: an earlier call brought more lines.
            Unavailable: PostgreSQL is away; it may be said again.
        """
        with self.dispatch.database.tenant(tenant) as connection:
            batch = batches.hold(connection, batch_id)
            if batch.lines > last:
                raise IdempotencyMismatch("This Idempotency-Key was used with more lines.")
            batch_ends.receive(connection, batch_id)
        return batch.received_at is not None

    def _known(self, tenant: str, idempotency_key: str | None, digest: bytes) -> Begun | None:
        if idempotency_key is None:
            return None
        with self.dispatch.database.tenant(tenant) as connection:
            held = idempotency.of_key(connection, idempotency_key)
        return None if held is None else Begun(idempotency.earlier(held, digest).job_id, known=True)

    def _require_room(self, connection: Connection) -> None:
        """The jobs of batches count, paused or not: else a tenant could hold back any number of them."""
        found = batches.open_jobs(connection)
        if found >= self.dispatch.most_waiting:
            raise QueueFull(f"{found} jobs of your batches are open already.", retry_after_s=RETRY_AFTER_S)

    def _ways(self, tenant: str, lines: Iterable[PostedLine]) -> dict[Place, Way]:
        """Whether a job may join its lane, and what its budgets are: asked once for all that are alike in that."""
        alike = {_place(line.request): line.request for line in lines if line.request is not None}
        return {place: self._way(tenant, request) for place, request in alike.items()}

    def _way(self, tenant: str, request: AnalysisRequest) -> Way:
        intake = self.dispatch.intake
        door = intake.door(tenant, request, None)
        if door.stopped is not None:
            return AdmissionStopped(f"New jobs are not taken in: {door.stopped}.")
        if door.closed is not None and not (request.priority == PATIENT and isinstance(door.closed, Overloaded)):
            return door.closed
        return intake.balances(tenant, request.project, door)

    def _kept(
        self,
        connection: Connection,
        batch: BatchRow,
        line: PostedLine,
        ways: dict[Place, Way],
        live: Live,
        seen: set[str],
    ) -> LineRow:
        """Store a line's job, or its problem."""
        job_id = new_id("job")
        paused = holds_back(batch)

        def store(request: AnalysisRequest, balances: tuple[Balance, ...]) -> None:
            draft = self.dispatch.intake.draft(connection, batch.tenant_id, request, balances, live)
            self.dispatch.insert(
                connection, batch.tenant_id, job_id, request, draft, goes=False, batch_id=batch.id, paused=paused
            )

        problem = self._done(line, ways, seen, store)
        if problem is None:
            return LineRow(line=line.number, custom_id=line.custom_id, digest=line.digest, job_id=job_id)
        return LineRow(line=line.number, custom_id=line.custom_id, digest=line.digest, error=problem)

    def _problem(
        self, connection: Connection, tenant: str, line: PostedLine, ways: dict[Place, Way], live: Live, seen: set[str]
    ) -> JsonObject | None:
        def draft(request: AnalysisRequest, balances: tuple[Balance, ...]) -> None:
            self.dispatch.intake.draft(connection, tenant, request, balances, live)
            self.dispatch.check(request)

        return self._done(line, ways, seen, draft)

    def _done(
        self,
        line: PostedLine,
        ways: dict[Place, Way],
        seen: set[str],
        do: Callable[[AnalysisRequest, tuple[Balance, ...]], None],
    ) -> JsonObject | None:
        """Do it with a good line; else the problem. A refusal comes before the first row, so none is left half done."""
        if line.request is None:
            return line.problem
        way = ways[_place(line.request)]
        try:
            if line.custom_id is not None and line.custom_id in seen:
                raise InvalidRequest("This custom_id stands in the batch already.", pointer="/custom_id")
            if isinstance(way, DomainError):
                raise way
            do(line.request, way)
        except Unavailable:
            raise
        except DomainError as refusal:
            return self.told(refusal)
        finally:
            if line.custom_id is not None:
                seen.add(line.custom_id)
        return None


def numbered(number: int, custom_id: str | None, problem: JsonObject) -> JsonObject:
    """A line's problem with its place."""
    return {"line": number, "custom_id": custom_id, **problem}


def _place(request: AnalysisRequest) -> Place:
    return request.priority, request.project, request.deadline_s, request.not_before


def _require_open(batch: BatchRow) -> None:
    if batch.canceled_at is not None:
        raise AlreadyTerminal("The batch was canceled.")
    if batch.received_at is not None:
        raise IdempotencyMismatch("This Idempotency-Key was used with fewer lines.")


def _fresh(connection: Connection, batch: BatchRow, lines: Sequence[PostedLine]) -> list[PostedLine]:
    """Those that were not taken in before. Raises IdempotencyMismatch: where others were, these are not the same."""
    known = batches.digests(connection, batch.id, lines[0].number, lines[-1].number)
    for line in lines:
        if line.number <= batch.lines and known.get(line.number) != line.digest:
            raise IdempotencyMismatch(f"This Idempotency-Key was used with another line {line.number}.")
    return [line for line in lines if line.number > batch.lines]
