"""From the stages of a job to the timeline of the HTTP contract. Pure."""

from collections.abc import Iterable

from api.timeline_schemas import StageView, TimelineView
from api.views import moment, usd
from orchestrator.storage.jobs import JobRow
from orchestrator.work.timeline import CallMade, Stage


def timeline(row: JobRow, found: Iterable[Stage]) -> TimelineView:
    return TimelineView(job_id=row.id, version=row.version, status=row.status.value, stages=stages(found))


def stages(found: Iterable[Stage]) -> tuple[StageView, ...]:
    return tuple(map(_stage, found))


def _stage(stage: Stage) -> StageView:
    end = stage.ended_at
    return StageView.model_validate(
        {
            "stage": stage.kind,
            "started_at": moment(stage.started_at),
            "ended_at": None if end is None else moment(end),
            "took_s": None if end is None else round(max(0.0, (end - stage.started_at).total_seconds()), 3),
            **({} if stage.call is None else _told(stage.call)),
        }
    )


def _told(call: CallMade) -> dict[str, object]:
    return {
        "seat": call.seat,
        "part": call.part,
        "role": call.role,
        "target": call.target,
        "state": call.state,
        "hedge": call.hedge,
        "cost_usd": usd(call.cost_micro_usd),
        "error": call.error,
    }
