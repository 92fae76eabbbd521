"""From a request to a draft of a job: the transcript read, the budgets asked, the plan made. Stores nothing.

A job that the budgets have no room for is planned more cheaply, and refused only where no plan fits.
"""

import random
import secrets
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from statistics import median
from typing import Final

from sqlalchemy import Connection

from orchestrator.analysis import prompts
from orchestrator.errors import (
    AdmissionStopped,
    BudgetExhausted,
    DomainError,
    EmptyTranscript,
    InvalidRequest,
    MaxCostTooLow,
    NotFound,
    Overloaded,
    QueueFull,
)
from orchestrator.meeting import reading
from orchestrator.meeting.transcript import Transcript
from orchestrator.money import admission
from orchestrator.money.balances import Balances
from orchestrator.routing.explaining import Explanation, explain
from orchestrator.routing.market import Market
from orchestrator.routing.planning import Plan, plan
from orchestrator.routing.request import AnalysisRequest, PostedTranscript, as_utterances
from orchestrator.storage import budgets, idempotency, lane_figures, performance, tenants, transcripts
from orchestrator.storage.engine import Database
from orchestrator.work import queueing
from orchestrator.work.closed import ClosedLanes
from orchestrator.work.pressure import Pressure, Squeeze
from orchestrator.work.queueing import Line
from orchestrator.work.scopes import Balance, Limits
from providers.catalog import Catalog

RECENT: Final = 200  # answers of the tenant that a forecast of the finish looks at
_BOUNDARY_BYTES: Final = 16  # 128 random bits: nobody guesses the line that ends the frame


@dataclass(frozen=True)
class Draft:
    """What becomes the rows of a job."""

    transcript: Transcript
    boundary: str
    plan: Plan


@dataclass(frozen=True)
class Preview:
    """A plan that nobody has asked to carry out. `refusal` is why `submit` would not take the request in, if so.

    `expected_finish_s` is how long the slowest first rung took of late, at the median; None: one of them is not known.
    """

    plan: Plan
    explanation: Explanation
    balances: tuple[Balance, ...]
    refusal: DomainError | None
    expected_finish_s: float | None


@dataclass(frozen=True)
class Door:
    """What decides before a plan is made: the job of an earlier call under the same key, a stop, the queue.

    `closed` is why no job may join its lane now; `limits` are the budgets that count for it.
    """

    replayed: tuple[str, bytes] | None
    stopped: str | None
    closed: Overloaded | QueueFull | None
    limits: Limits


class Intake:
    """Reads and plans requests.

    `balances` None: no budget is asked. `most_waiting`: jobs of one tenant. `closed_lanes` None: rows are asked always.
    """

    def __init__(
        self,
        database: Database,
        catalog: Catalog,
        reachable: frozenset[str],
        now: Callable[[], datetime],
        balances: Balances | None,
        most_waiting: int,
        closed_lanes: ClosedLanes | None,
    ) -> None:
        self._database = database
        self._catalog = catalog
        self._reachable = reachable
        self._now = now
        self._balances = balances
        self._most_waiting = most_waiting
        self._closed_lanes = closed_lanes

    def draft(self, connection: Connection, request: AnalysisRequest, found: tuple[Balance, ...]) -> Draft:
        """The job as it would be stored, within the tenant's transaction.

        Raises:
            UnparseableTranscript, EmptyTranscript, InvalidRequest (and below), MaxCostTooLow, BudgetExhausted.
        """
        transcript = self._transcript(connection, request.transcript)
        boundary = _boundary()
        made = self._affordable(request, self._market(request, transcript, boundary), found)
        return Draft(transcript=transcript, boundary=boundary, plan=made)

    def preview(self, tenant: str, request: AnalysisRequest) -> Preview:
        """What `submit` would do, and why, without doing it: nothing is stored, nobody is called, nothing is held.

        Raises:
            UnparseableTranscript, EmptyTranscript, InvalidRequest (and below): there is no plan for it.
            Unavailable: PostgreSQL is away.
        """
        door = self.door(tenant, request, None)
        found = self.balances(tenant, request.project, door)
        with self._database.tenant(tenant) as connection:
            transcript = self._transcript(connection, request.transcript)
            latencies_s = performance.recent_latencies_s(connection, RECENT)
        market = self._market(request, transcript, _boundary())  # of a job's length, so that the bound is the job's
        squeeze = admission.pressed(found, self._now())
        made = plan(request.model_copy(update={"max_cost_usd": None}), market, squeeze)
        return Preview(
            plan=made,
            explanation=explain(made, request, market),
            balances=found,
            refusal=self._refusal(request, market, door, found),
            expected_finish_s=_finish_s(made, latencies_s),
        )

    def _refusal(
        self, request: AnalysisRequest, market: Market, door: Door, found: tuple[Balance, ...]
    ) -> DomainError | None:
        if door.stopped is not None:
            return AdmissionStopped(f"New jobs are not taken in: {door.stopped}.")
        if door.closed is not None:
            return door.closed
        try:
            self._affordable(request, market, found)
        except (MaxCostTooLow, BudgetExhausted) as error:
            return error
        return None

    def closed(self, tenant: str, request: AnalysisRequest) -> Overloaded | QueueFull | None:
        """Why the job may not join its lane, as far as a look of a moment ago tells; None: rows must be asked."""
        if self._closed_lanes is None:
            return None
        line = self._closed_lanes.find(tenant, request.priority)
        return None if line is None else self._closed_by(line, request)

    def door(self, tenant: str, request: AnalysisRequest, idempotency_key: str | None) -> Door:
        """What decides before a plan is made, and before much is done: under overload most end here."""
        with self._database.tenant(tenant) as connection:
            replayed = None if idempotency_key is None else idempotency.of_key(connection, idempotency_key)
            stopped = tenants.why_stopped(connection, tenant)
            line = lane_figures.line(connection, request.priority, self._most_waiting)
            limits = budgets.limits(connection, request.project)
        closed = self._closed_by(line, request)
        if closed is not None and self._closed_lanes is not None:
            self._closed_lanes.keep(tenant, request.priority, line)
        return Door(replayed=replayed, stopped=stopped, closed=closed, limits=limits)

    def balances(self, tenant: str, project: str | None, door: Door) -> tuple[Balance, ...]:
        """How the budgets stand; not within a transaction, as counters may have to be set in others."""
        if self._balances is None:
            return ()
        today = self._now().astimezone(UTC).date()
        return self._balances.limited(tenant, project, today, door.limits)

    def _closed_by(self, line: Line, request: AnalysisRequest) -> Overloaded | QueueFull | None:
        return queueing.refusal(
            line,
            request.priority,
            deadline_s=request.deadline_s,
            most_own=self._most_waiting,
            chance=random.random(),  # noqa: S311 - spreads returns; nobody gains by guessing it
        )

    def _market(self, request: AnalysisRequest, transcript: Transcript, boundary: str) -> Market:
        shown = prompts.messages(transcript, boundary, glossary=request.meeting.glossary)
        return Market(self._catalog, self._reachable, self._now(), shown)

    def _affordable(self, request: AnalysisRequest, market: Market, balances: tuple[Balance, ...]) -> Plan:
        """The plan as wished for, as far as the budgets go; the cheapest one before there is none.

        Raises BudgetExhausted, and what `plan` raises.
        """
        squeeze = admission.pressed(balances, self._now())
        made = plan(request, market, squeeze)
        try:
            admission.require_room(balances, made.needed_micro_usd)
        except BudgetExhausted as error:
            cheapest = plan(request, market, Squeeze(pressure=Pressure.SAVE, because=_because(error)))
            admission.require_room(balances, cheapest.needed_micro_usd)
            return cheapest
        return made

    def _transcript(self, connection: Connection, posted: PostedTranscript) -> Transcript:
        if posted.content is not None:
            return reading.read(posted.content, posted.format)
        if posted.utterances is not None:
            return _from_utterances(posted)
        try:
            return transcripts.read(connection, posted.transcript_id or "")
        except NotFound as error:
            raise InvalidRequest(error.message, pointer="/transcript/transcript_id") from error


def _because(refusal: BudgetExhausted) -> str:
    return f"{refusal.scope} budget has not enough left for more, so the cheapest models were planned"


def _boundary() -> str:
    return secrets.token_urlsafe(_BOUNDARY_BYTES)


def _finish_s(made: Plan, latencies_s: Mapping[str, list[float]]) -> float | None:
    """Seats run side by side, but for those that wait for another's cached prompt."""
    firsts = [latencies_s.get(str(seat.ladder[0])) for seat in made.seats]
    known = [median(found) for found in firsts if found]
    if len(known) < len(firsts):
        return None
    rounds = 2 if any(seat.follows is not None for seat in made.seats) else 1
    return round(rounds * max(known), 1)


def _from_utterances(posted: PostedTranscript) -> Transcript:
    utterances = as_utterances(posted.utterances or ())
    if not utterances:
        raise EmptyTranscript("The transcript holds no words.")
    if len({utterance.id for utterance in utterances}) != len(utterances):
        raise InvalidRequest("Two utterances have the same id.", pointer="/transcript/utterances")
    return Transcript(utterances=utterances)
