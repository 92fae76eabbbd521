"""From counts and sums to the analytics of the HTTP contract. Pure."""

from api.analytics_schemas import AnswersView, CallsView, DayView, JobsView, ModelView
from api.money_schemas import CostRow, SumsView, TokensView
from api.views import usd
from orchestrator.storage.performance import Answers, Calls, OfDay, OfJobs, OfTarget
from orchestrator.work.sums import Group, Sums


def group(row: Group) -> CostRow:
    return CostRow(key=row.key, groups=row.groups, **dict(sums(row.sums)))


def sums(found: Sums) -> SumsView:
    return SumsView(
        cost_usd=usd(found.cost_micro_usd),
        calls=found.calls,
        unknown_calls=found.unknown,
        estimated_calls=found.estimated,
        tokens=TokensView.model_validate(found.tokens.model_dump()),
    )


def jobs(found: OfJobs) -> JobsView:
    return JobsView(
        jobs=found.jobs,
        succeeded=found.succeeded,
        failed=found.failed,
        expired=found.expired,
        canceled=found.canceled,
        degraded=found.degraded,
        success_rate=_share(found.succeeded, found.over),
        mean_s=_seconds(found.mean_s),
        p95_s=_seconds(found.p95_s),
    )


def calls(found: Calls) -> CallsView:
    return CallsView(
        calls=found.calls,
        answered=found.answered,
        unusable=found.unusable,
        refused=found.refused,
        ambiguous=found.ambiguous,
        success_rate=_share(found.answered, found.over),
    )


def answers(found: Answers) -> AnswersView:
    return AnswersView(seats=found.seats, mean_latency_s=_seconds(found.mean_s), p95_latency_s=_seconds(found.p95_s))


def of_target(row: OfTarget) -> ModelView:
    return ModelView(model=row.target, calls=calls(row.calls), answers=answers(row.answers), failovers=row.failovers)


def of_day(row: OfDay) -> DayView:
    return DayView(
        day=row.day.isoformat(),
        jobs=jobs(row.jobs),
        cost_usd=usd(row.jobs.spent_micro_usd),
        cost_per_job_usd=per_job(row.jobs),
        calls=calls(row.calls),
    )


def per_job(found: OfJobs) -> str | None:
    """What a job came to on average, to the nearest micro-dollar; None: there was none."""
    if not found.jobs:
        return None
    return usd((2 * found.spent_micro_usd + found.jobs) // (2 * found.jobs))


def _share(part: int, whole: int) -> float | None:
    return round(part / whole, 4) if whole else None


def _seconds(amount: float | None) -> float | None:
    return None if amount is None else round(amount, 3)
