"""From stages to bars."""

from api import pictures, waterfalls
from api.timeline_schemas import StageView
from orchestrator.work.attempts import AttemptState
from orchestrator.work.timeline import StageKind
from tests.unit.api.meetings import called, job, ran, stages


def drawn(*found: StageView) -> list[tuple[str, float, float]]:
    return [(bar.label, bar.start_s, bar.length_s) for bar in waterfalls.bars(job(), found)]


def test_every_state_of_a_call_has_its_tone() -> None:
    assert set(waterfalls.TONES) == set(AttemptState)


def test_all_stages_lie_on_one_line_from_the_request_to_the_last_thing_known() -> None:
    bars = waterfalls.bars(job(), stages())

    assert [bar.label for bar in bars] == ["queued", "seat 0", "seat 1", "seat 1", "synthesis", "delivery"]
    assert max(bar.x + bar.width for bar in bars) == pictures.BAR_UNITS
    assert [bar.tone for bar in bars] == ["own", "good", "bad", "good", "own", "own"]


def test_a_stage_that_goes_on_reaches_to_the_last_thing_known() -> None:
    assert drawn(ran(StageKind.QUEUED, 0, 0.1), called(0, 0.1, 2.0), called(1, 0.5, None)) == [
        ("queued", 0.0, 0.1),
        ("seat 0", 0.1, 1.9),
        ("seat 1", 0.5, 1.5),
    ]


def test_a_late_answer_makes_the_line_longer_than_the_job() -> None:
    assert drawn(called(0, 0.1, 9.0)) == [("seat 0", 0.1, 8.9)]


def test_a_call_is_told_with_its_role_how_it_ended_and_that_it_was_a_second_one() -> None:
    late = called(3, 1, 2, state="ambiguous", error="timeout", role="judge", hedge=True)

    (bar,) = waterfalls.bars(job(), [late])

    assert (bar.label, bar.detail) == ("seat 3, judge, beside a slow call", "acme/model-3")
    assert (bar.state, bar.tone) == ("ambiguous: timeout", "unsure")


def test_the_hours_before_its_moment_leave_place_for_what_it_did() -> None:
    later = [ran(StageKind.SCHEDULED, 0, 7_200), ran(StageKind.QUEUED, 7_200, 7_201), called(0, 7_201, 7_203)]

    assert drawn(*later) == [("queued", 0.0, 1.0), ("seat 0", 1.0, 2.0)]
    assert drawn(later[0]) == []


def test_of_a_job_of_which_nothing_is_known_nothing_is_drawn() -> None:
    assert waterfalls.bars(job(), ()) == ()
