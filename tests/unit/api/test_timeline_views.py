"""Stages as the HTTP contract tells them."""

import json
from datetime import datetime

from api import timeline_views
from api.timeline_schemas import TimelineView
from orchestrator.work.attempts import AttemptState
from orchestrator.work.timeline import CallMade, Stage, StageKind
from tests.unit.api.meetings import after


def stage(kind: StageKind, start_s: float, ended_at: datetime | None, call: CallMade | None = None) -> Stage:
    return Stage(kind=kind, started_at=after(start_s), ended_at=ended_at, call=call)


def test_a_stage_has_its_times_and_nothing_of_a_call() -> None:
    (view,) = timeline_views.stages([stage(StageKind.SYNTHESIS, 1, after(1.25))])

    assert json.loads(view.model_dump_json(exclude_none=True)) == {
        "stage": "synthesis",
        "started_at": "2026-11-20T12:00:01.000Z",
        "ended_at": "2026-11-20T12:00:01.250Z",
        "took_s": 0.25,
    }


def test_a_stage_under_way_has_neither_end_nor_length() -> None:
    (view,) = timeline_views.stages([stage(StageKind.QUEUED, 0, None)])

    assert (view.ended_at, view.took_s) == (None, None)


def test_an_attempt_tells_of_its_call() -> None:
    call = CallMade(
        seat=2,
        role="judge",
        target="acme/model-2",
        state=AttemptState.AMBIGUOUS,
        hedge=True,
        began_at=after(1),
        ended_at=after(2),
        cost_micro_usd=4210,
        error="timeout",
    )

    (view,) = timeline_views.stages([stage(StageKind.ATTEMPT, 1, after(2), call)])

    assert (view.seat, view.role, view.target, view.state) == (2, "judge", "acme/model-2", "ambiguous")
    assert (view.hedge, view.cost_usd, view.error, view.took_s) == (True, "0.004210", "timeout", 1.0)


def test_a_clock_that_was_set_back_makes_no_stage_of_less_than_nothing() -> None:
    (view,) = timeline_views.stages([stage(StageKind.DELIVERY, 2, after(1))])

    assert view.took_s == 0.0


def test_the_example_of_the_contract_is_a_timeline() -> None:
    (example,) = TimelineView.model_json_schema()["examples"]

    assert TimelineView.model_validate(example).stages[1].state is AttemptState.ANSWERED
