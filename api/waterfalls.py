"""From the stages of a job to the bars of the report's time line. Pure."""

from collections.abc import Sequence
from datetime import datetime
from typing import Final

from api import pictures
from api.schemas import JobView
from api.timeline_schemas import StageView
from orchestrator.work.attempts import AttemptState
from orchestrator.work.seats import ANALYST
from orchestrator.work.timeline import StageKind

TONES: Final[dict[AttemptState, pictures.BarTone]] = {
    AttemptState.ANSWERED: "good",
    AttemptState.REFUSED: "bad",
    AttemptState.AMBIGUOUS: "unsure",
    AttemptState.INTENDED: "waiting",
    AttemptState.SENT: "waiting",
}


def bars(job: JobView, stages: Sequence[StageView]) -> tuple[pictures.Bar, ...]:
    """One bar a stage, on one line from the request to the last thing that is known. None where nothing is known.

    Hours for which a job was handed in too early would leave no place for the seconds that it took: the line begins
    behind them.
    """
    told = [stage for stage in stages if stage.stage is not StageKind.SCHEDULED]
    if not told:
        return ()
    known = [datetime.fromisoformat(at) for stage in told for at in (stage.started_at, stage.ended_at) if at]
    begins = known if len(told) < len(stages) else [datetime.fromisoformat(job.created_at), *known]
    return pictures.waterfall([_drawn(stage) for stage in told], min(begins), max(known))


def ended(stage: StageView) -> str:
    """How a call ended, in words: `answered`, `refused: rate-limited`."""
    return ": ".join(word for word in (stage.state, stage.error) if word)


def _drawn(stage: StageView) -> pictures.Stage:
    return pictures.Stage(
        label=stage.stage.value if stage.seat is None else _seat(stage, stage.seat),
        detail=stage.target or "",
        state=ended(stage),
        tone=TONES[stage.state] if stage.state else "own",
        started_at=datetime.fromisoformat(stage.started_at),
        ended_at=datetime.fromisoformat(stage.ended_at) if stage.ended_at else None,
    )


def _seat(stage: StageView, seat: int) -> str:
    """`seat 0`; `seat 0, part 2`; `seat 3, judge`; `seat 1, beside a slow call`."""
    of_meeting = f"part {stage.part}" if stage.part else None
    role = stage.role if stage.role != ANALYST else None
    beside = "beside a slow call" if stage.hedge else None
    return ", ".join(part for part in (f"seat {seat}", of_meeting, role, beside) if part)
