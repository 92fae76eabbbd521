"""From a request to a draft of a job: the transcript read, the budgets asked, the plan made. Stores nothing.

A job that the budgets have no room for is planned more cheaply, and refused only where no plan fits.
"""

import random
from collections.abc import Callable
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from typing import Final, NamedTuple

from sqlalchemy import Connection

from orchestrator.analysis import prompts
from orchestrator.analysis.prompts import Wording
from orchestrator.errors import AdmissionStopped, BudgetExhausted, DomainError, MaxCostTooLow, Overloaded, QueueFull
from orchestrator.meeting.context import Context
from orchestrator.meeting.transcript import Transcript
from orchestrator.money import admission
from orchestrator.money.balances import Balances
from orchestrator.posted import new_boundary, read_meeting, turn_of
from orchestrator.routing import contexts, finishing, redacting
from orchestrator.routing.case import Case
from orchestrator.routing.explaining import Explanation, explain
from orchestrator.routing.live import NOTHING_KNOWN, Live
from orchestrator.routing.market import Market
from orchestrator.routing.opinions import needs_opinion
from orchestrator.routing.parting import Parting, most_parts
from orchestrator.routing.planning import Plan, plan_of
from orchestrator.routing.redacting import Hiding
from orchestrator.routing.request import AnalysisRequest
from orchestrator.steering import UNSTEERED, Steering
from orchestrator.storage import budgets, idempotency, lane_figures, performance, scheduled, templates, tenants
from orchestrator.storage.engine import Database
from orchestrator.synthesis import STRATEGIES
from orchestrator.work import queueing, schedule
from orchestrator.work.closed import ClosedLanes
from orchestrator.work.pressure import Pressure, Squeeze
from orchestrator.work.queueing import Bounds, Line
from orchestrator.work.scopes import Balance, Limits
from providers.calls import JsonObject
from providers.catalog import Catalog

ASKS: Final = {name: rule.asks for name, rule in STRATEGIES.items()}
RECENT: Final = 200  # answers of the tenant that a forecast of the finish looks at


@dataclass(frozen=True)
class Draft:
    """What becomes the rows of a job. `redaction` is what is kept of what models are not shown."""

    transcript: Transcript
    boundary: str
    plan: Plan
    context: Context
    wording: Wording
    redaction: JsonObject


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
    context: Context
    redaction: JsonObject = field(default_factory=dict)


@dataclass(frozen=True)
class Door:
    """What decides before a plan is made: the job of an earlier call under the same key, a stop, the queue.

    `closed` is why no job may join its lane now; `limits` are the budgets that count for it.
    """

    replayed: tuple[str, bytes] | None
    stopped: str | None
    closed: Overloaded | QueueFull | None
    limits: Limits


class _Meeting(NamedTuple):
    """What was posted, as it was read, and what models are told of it."""

    transcript: Transcript
    context: Context
    hiding: Hiding
    words: Wording


class Intake:
    """Reads and plans requests.

    `balances` None: no budget is asked. `closed_lanes` None: rows are asked always.
    """

    def __init__(
        self,
        database: Database,
        catalog: Catalog,
        reachable: frozenset[str],
        now: Callable[[], datetime],
        balances: Balances | None,
        bounds: Bounds,
        closed_lanes: ClosedLanes | None,
        steering: Steering = UNSTEERED,
    ) -> None:
        self._database = database
        self._catalog = catalog
        self._reachable = reachable
        self._now = now
        self._balances = balances
        self._bounds = bounds
        self._closed_lanes = closed_lanes
        self._steering = steering

    def live(self) -> Live:
        """How models have fared of late; asked before a transaction, as it may need a connection of its own."""
        return self._steering.live()

    def draft(
        self,
        connection: Connection,
        tenant: str,
        request: AnalysisRequest,
        found: tuple[Balance, ...],
        live: Live = NOTHING_KNOWN,
    ) -> Draft:
        """The job as it would be stored, within the tenant's transaction.

        Raises:
            UnparseableTranscript, EmptyTranscript, InvalidRequest (and below), MaxCostTooLow, BudgetExhausted.
        """
        meeting, boundary = self._meeting(connection, request), new_boundary()
        case = self._measured(connection, tenant, self._case(request, meeting, boundary, live), meeting.context)
        return Draft(
            transcript=meeting.transcript,
            boundary=boundary,
            plan=self._affordable(case, found),
            context=meeting.context,
            wording=meeting.words,
            redaction=meeting.hiding.kept,
        )

    def preview(self, tenant: str, request: AnalysisRequest) -> Preview:
        """What `submit` would do, and why, without doing it: nothing is stored, nobody is called, nothing is held.

        Raises:
            UnparseableTranscript, EmptyTranscript, InvalidRequest (and below): there is no plan for it.
            Unavailable: PostgreSQL is away.
        """
        door = self.door(tenant, request, None)
        found, live = self.balances(tenant, request.project, door), self.live()
        with self._database.tenant(tenant) as connection:
            meeting = self._meeting(connection, request)
            latencies_s = performance.recent_latencies_s(connection, RECENT)
            # With a boundary of a job's length, so that the bound is the job's.
            case = self._case(request, meeting, new_boundary(), live)
            case = self._measured(connection, tenant, case, meeting.context)
        squeeze = admission.pressed(found, self._now())
        made = plan_of(replace(case, request=request.model_copy(update={"max_cost_usd": None})), squeeze)
        return Preview(
            plan=made,
            explanation=explain(made, case),
            balances=found,
            refusal=self._refusal(case, door, found),
            expected_finish_s=finishing.expected_s(made, latencies_s),
            context=meeting.context,
            redaction=meeting.hiding.kept,
        )

    def _refusal(self, case: Case, door: Door, found: tuple[Balance, ...]) -> DomainError | None:
        if door.stopped is not None:
            return AdmissionStopped(f"New jobs are not taken in: {door.stopped}.")
        if door.closed is not None:
            return door.closed
        try:
            self._affordable(case, found)
        except (MaxCostTooLow, BudgetExhausted) as error:
            return error
        return None

    def closed(self, tenant: str, request: AnalysisRequest) -> Overloaded | QueueFull | None:
        """Why the job may not join its lane, as far as a look of a moment ago tells; None: rows must be asked."""
        if self._closed_lanes is None or self._due(request) is not None:
            return None
        line = self._closed_lanes.find(tenant, request.priority)
        return None if line is None else self._closed_by(line, request)

    def door(self, tenant: str, request: AnalysisRequest, idempotency_key: str | None) -> Door:
        """What decides before a plan is made, and before much is done: under overload most end here."""
        with self._database.tenant(tenant) as connection:
            replayed = None if idempotency_key is None else idempotency.of_key(connection, idempotency_key)
            stopped = tenants.why_stopped(connection, tenant)
            closed = self._not_now(connection, tenant, request)
            limits = budgets.limits(connection, request.project)
        return Door(replayed=replayed, stopped=stopped, closed=closed, limits=limits)

    def balances(self, tenant: str, project: str | None, door: Door) -> tuple[Balance, ...]:
        """How the budgets stand; not within a transaction, as counters may have to be set in others."""
        if self._balances is None:
            return ()
        today = self._now().astimezone(UTC).date()
        return self._balances.limited(tenant, project, today, door.limits)

    def _due(self, request: AnalysisRequest) -> datetime | None:
        return schedule.due(request.not_before, self._now())

    def _not_now(self, connection: Connection, tenant: str, request: AnalysisRequest) -> Overloaded | QueueFull | None:
        """Of a lane only the present is known: whoever joins it later is only counted."""
        if self._due(request) is not None:
            return schedule.refusal(scheduled.own(connection, self._bounds.scheduled), self._bounds.scheduled)
        line = lane_figures.line(connection, request.priority, self._bounds.waiting)
        closed = self._closed_by(line, request)
        if closed is not None and self._closed_lanes is not None:
            self._closed_lanes.keep(tenant, request.priority, line)
        return closed

    def _closed_by(self, line: Line, request: AnalysisRequest) -> Overloaded | QueueFull | None:
        return queueing.refusal(
            line,
            request.priority,
            deadline_s=request.deadline_s,
            most_own=self._bounds.waiting,
            chance=random.random(),  # noqa: S311 - spreads returns; nobody gains by guessing it
        )

    def _case(self, request: AnalysisRequest, meeting: "_Meeting", boundary: str, live: Live) -> Case:
        """What is known for the plan."""
        words, seen = meeting.words, meeting.hiding.shown(meeting.transcript)
        shown = prompts.messages(seen, boundary, words)
        constraints = self._steering.constraints.and_those_of(request.routing)
        return Case(
            request=request,
            market=Market(
                self._catalog,
                self._reachable,
                self._now(),
                shown,
                constraints,
                multi_model=self._steering.features.multi_model_synthesis,
                with_type=prompts.asks_type(words.version),
                parting=Parting(seen, boundary, words, most_parts(request.deadline_s)),
            ),
            context=meeting.context,
            live=live,
            yardstick=self._steering.yardstick,
            turn=turn_of(seen),
            asks=ASKS,
        )

    def _meeting(self, connection: Connection, request: AnalysisRequest) -> "_Meeting":
        """Read, and what the seats are told of it; where its type is unsure they are asked that, too."""
        transcript = read_meeting(connection, request.transcript, request.meeting)
        context = contexts.find(transcript, request.meeting, self._steering.features)
        known = contexts.known(request.meeting, context)
        hiding = redacting.find(transcript, known, request.redaction, self._steering.redaction)
        asks_type = needs_opinion(context, request.policy)
        told = hiding.told(known)
        words = templates.wording(connection, told, with_type=asks_type, redacted=hiding.made is not None)
        return _Meeting(transcript, context, hiding, words)

    def _measured(self, connection: Connection, tenant: str, case: Case, context: Context) -> Case:
        """The case with how good models were found in the tenant's meetings of the type that is kept with the job."""
        kind = case.request.meeting.type or context.type.value
        found = self._steering.measured(connection, tenant, kind, case.market.at)
        return replace(case, yardstick=case.yardstick._replace(records=found))

    def _affordable(self, case: Case, balances: tuple[Balance, ...]) -> Plan:
        """The plan as wished for, as far as the budgets go; the cheapest one before there is none.

        Raises BudgetExhausted, and what `plan` raises.
        """
        squeeze = admission.pressed(balances, self._now())
        made = plan_of(case, squeeze)
        can_do_with_less = bool(made.callers or made.notes)
        if can_do_with_less and not admission.has_room(balances, made.needed_micro_usd):
            made = plan_of(replace(case, callers=False, one_more=False), squeeze)
        try:
            admission.require_room(balances, made.needed_micro_usd)
        except BudgetExhausted as error:
            cheapest = plan_of(case, Squeeze(pressure=Pressure.SAVE, because=_because(error)))
            admission.require_room(balances, cheapest.needed_micro_usd)
            return cheapest
        return made


def _because(refusal: BudgetExhausted) -> str:
    return f"{refusal.scope} budget has not enough left for more, so the cheapest models were planned"
