"""From rows to the Job of the HTTP contract. Pure but for the rows it is given."""

from collections.abc import Sequence
from datetime import UTC, datetime
from decimal import Decimal

from api import context_views
from api.schemas import (
    CostView,
    DegradationView,
    JobView,
    LinksView,
    SeatView,
    StrategyView,
    UsageView,
)
from orchestrator.analysis.items import Analysis
from orchestrator.routing.request import MICRO_PER_USD
from orchestrator.storage.jobs import JobRow
from orchestrator.storage.seats import SeatRow
from orchestrator.work.parts import calls
from orchestrator.work.seats import SeatStatus
from providers.calls import JsonObject, Usage


def job(row: JobRow, seats: Sequence[SeatRow], result: JsonObject | None) -> JobView:
    return JobView(
        id=row.id,
        version=row.version,
        status=row.status.value,
        degraded=bool(row.degradations),
        label=row.label,
        degradations=tuple(DegradationView.model_validate(one) for one in row.degradations),
        strategy=StrategyView(asked=row.strategy_asked, ran=row.strategy_ran, reason=row.strategy_reason),
        policy=row.policy,
        policy_planned=row.policy_planned or row.policy,
        project=row.project,
        priority=row.priority,
        quorum=row.quorum,
        context=context_views.context(row.context),
        seats=tuple(_seat(seat) for seat in seats),
        cost=CostView(
            bound_usd=usd(row.bound_micro_usd),
            held_usd=usd(row.held_micro_usd),
            expected_usd=usd(row.expected_micro_usd),
            spent_usd=usd(row.spent_micro_usd),
        ),
        result=None if result is None else Analysis.model_validate(result),
        error=row.error,
        reference=row.reference,
        tags=tuple(row.tags),
        metadata=row.metadata,
        transcript_id=row.transcript_id,
        batch_id=row.batch_id,
        replay_of=row.replay_of,
        created_at=moment(row.created_at),
        started_at=maybe(row.started_at),
        finished_at=maybe(row.finished_at),
        deadline_at=moment(row.deadline_at),
        not_before=maybe(row.not_before),
        erased_at=maybe(row.erased_at),
        links=LinksView(
            self=f"/v1/jobs/{row.id}",
            events=f"/v1/jobs/{row.id}/events",
            report=f"/v1/jobs/{row.id}/report",
            timeline=f"/v1/jobs/{row.id}/timeline",
        ),
    )


def usd(micro: int) -> str:
    """Micro-dollars as the contract writes money: dollars with six places."""
    return f"{Decimal(micro) / MICRO_PER_USD:.6f}"


def moment(at: datetime) -> str:
    """RFC 3339 in UTC with milliseconds and Z."""
    return at.astimezone(UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")


def maybe(at: datetime | None) -> str | None:
    """The moment, if there was one."""
    return None if at is None else moment(at)


def _seat(row: SeatRow) -> SeatView:
    usage = Usage.model_validate(row.usage)
    return SeatView(
        seat=row.seat,
        role=row.role,
        asked=row.asked,
        served=row.served,
        provider=row.served.partition("/")[0] if row.served else None,
        status=row.status.value,
        attempts=row.attempts,
        failovers=row.failovers,
        reason=row.reason,
        latency_s=row.latency_s,
        cost_usd=usd(row.cost_micro_usd),
        usage=UsageView(
            input_tokens=usage.input_tokens,
            cached_input_tokens=usage.cached_input_tokens,
            output_tokens=usage.output_tokens,
            reasoning_tokens=usage.reasoning_tokens,
        ),
        parts=calls(row.plan.cut),
        parts_answered=len(row.parts_served) if row.cut else int(row.status is SeatStatus.ANSWERED),
    )
