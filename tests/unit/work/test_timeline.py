"""The stages of a job, from what was noted of it."""

from datetime import UTC, datetime, timedelta
from itertools import permutations

import pytest

from orchestrator.work.attempts import AttemptState
from orchestrator.work.timeline import CallMade, Noted, StageKind, stages

BEGUN = datetime(2026, 11, 20, 12, 0, tzinfo=UTC)


def at(seconds: float) -> datetime:
    return BEGUN + timedelta(seconds=seconds)


def noted(kind: str, second: float, announced: float | None = None) -> Noted:
    return Noted(type=kind, at=at(second), announced_at=None if announced is None else at(announced))


def call(seat: int, began: float, ended: float | None) -> CallMade:
    return CallMade(
        seat=seat,
        role="analyst",
        target="acme/model",
        state=AttemptState.SENT if ended is None else AttemptState.ANSWERED,
        hedge=False,
        began_at=at(began),
        ended_at=None if ended is None else at(ended),
        cost_micro_usd=12,
        error=None,
    )


def told(events: list[Noted], calls: list[CallMade], now: datetime = BEGUN) -> list[tuple[str, float, float | None]]:
    return [
        (
            stage.kind.value if stage.call is None else f"seat {stage.call.seat}",
            (stage.started_at - BEGUN).total_seconds(),
            None if stage.ended_at is None else (stage.ended_at - BEGUN).total_seconds(),
        )
        for stage in stages(events, calls, now)
    ]


COURSE = [
    noted("job.queued", 0, 0.1),
    noted("job.started", 1),
    noted("seat.attempted", 1),
    noted("seat.answered", 3),
    noted("job.synthesizing", 4),
    noted("job.succeeded", 5, 5.5),
]


def test_a_job_that_went_straight_waits_calls_is_put_together_and_told() -> None:
    assert told(COURSE, [call(0, 1.2, 3)]) == [
        ("queued", 0, 1),
        ("seat 0", 1.2, 3),
        ("synthesis", 4, 5),
        ("delivery", 5, 5.5),
    ]


@pytest.mark.parametrize("order", list(permutations(range(3))))
def test_calls_stand_as_they_began_in_whatever_order_they_come(order: tuple[int, ...]) -> None:
    calls = [call(0, 1.2, 3), call(1, 1.1, 2), call(1, 2.1, 3)]

    found = told(COURSE, [calls[place] for place in order])

    assert [name for name, _, _ in found] == ["queued", "seat 1", "seat 0", "seat 1", "synthesis", "delivery"]


@pytest.mark.parametrize("events", range(len(COURSE) + 1))
def test_what_has_not_ended_has_no_end(events: int) -> None:
    open_at = {1: "queued", 5: "synthesis"}.get(events)

    assert [name for name, _, end in told(COURSE[:events], []) if end is None] == ([open_at] if open_at else [])


def test_a_call_under_way_has_no_end() -> None:
    assert told(COURSE[:3], [call(0, 1.2, None)])[-1] == ("seat 0", 1.2, None)


def test_news_that_nobody_was_told_are_a_delivery_without_an_end() -> None:
    assert told([*COURSE[:-1], noted("job.failed", 5)], [])[-1] == ("delivery", 5, None)


@pytest.mark.parametrize("end", ["job.succeeded", "job.failed", "job.canceled", "job.expired"])
def test_every_end_is_delivered(end: str) -> None:
    assert told([noted("job.queued", 0), noted(end, 2, 3)], []) == [("queued", 0, 2), ("delivery", 2, 3)]


def test_a_retried_job_waits_and_ends_twice() -> None:
    first = [noted("job.queued", 0), noted("job.started", 1), noted("job.failed", 2, 3)]
    again = [
        noted("job.queued", 10),
        noted("job.started", 11),
        noted("job.synthesizing", 12),
        noted("job.succeeded", 13),
    ]

    assert told([*first, *again], []) == [
        ("queued", 0, 1),
        ("delivery", 2, 3),
        ("queued", 10, 11),
        ("synthesis", 12, 13),
        ("delivery", 13, None),
    ]


def test_a_synthesis_that_waited_for_a_judge_is_two_and_the_judge_a_call_beside_it() -> None:
    events = [
        noted("job.queued", 0),
        noted("job.started", 1),
        noted("job.synthesizing", 2),
        noted("seat.attempted", 2.2),
        noted("seat.answered", 3),
        noted("job.synthesizing", 3.1),
        noted("job.canceled", 4, 4),
    ]

    assert told(events, [call(3, 2.3, 3)])[1:-1] == [("synthesis", 2, 3.1), ("seat 3", 2.3, 3), ("synthesis", 3.1, 4)]


def test_of_what_begins_at_once_the_waiting_stands_first() -> None:
    found = stages([noted("job.queued", 1), noted("job.succeeded", 1)], [call(0, 1, 2)], BEGUN)

    assert [stage.kind for stage in found] == [StageKind.QUEUED, StageKind.ATTEMPT, StageKind.DELIVERY]


def test_of_nothing_there_is_no_stage() -> None:
    assert stages([], [], BEGUN) == ()


@pytest.mark.parametrize(
    ("now", "later", "found"),
    [
        (5, [], [("scheduled", 0, None)]),
        (60, [], [("scheduled", 0, None)]),
        (61, [], [("scheduled", 0, 60), ("queued", 60, None)]),
        (90, [noted("job.started", 70)], [("scheduled", 0, 60), ("queued", 60, 70)]),
        (90, [noted("job.canceled", 20, 20)], [("scheduled", 0, 20), ("delivery", 20, 20)]),
    ],
)
def test_a_job_for_later_is_scheduled_until_its_moment_and_waits_from_then_on(
    now: float, later: list[Noted], found: list[tuple[str, float, float | None]]
) -> None:
    queued = noted("job.queued", 0).model_copy(update={"not_before": at(60)})

    assert told([queued, *later], [], at(now)) == found
