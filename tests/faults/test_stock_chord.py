"""The baseline beside our own report: it is fair to a stock chord that nothing disturbs, and sees what one loses.

The runs are those of `python -P -m ops.drills.stock_chord`, smaller.
"""

from ops.drills import stock_chord_course
from ops.drills.stock_chord_course import Course
from ops.drills.stock_chord_faults import Kind
from ops.drills.stock_chord_tasks import SEATS

JOBS = 30
SETTLE_S = 4.0  # above the visibility timeout and the second in which it is looked after
VISIBILITY_S = 2.0


def test_undisturbed_chords_end_once_and_pay_once_even_if_a_provider_refuses() -> None:
    calm = Course(JOBS, 0, 1.0, workers=2, visibility_timeout_s=VISIBILITY_S, settle_s=SETTLE_S, refused_percent=20)

    played = stock_chord_course.play(calm)

    verdict = played.verdict
    assert played.settled
    assert (verdict.accepted, len(verdict.took_s), verdict.calls) == (JOBS, JOBS, SEATS * JOBS)
    assert (verdict.without_end, verdict.repeated, verdict.misjoined, verdict.repaid) == ((), (), (), ())
    assert (played.left, played.ended_workers) == ({}, 0)


def test_chords_that_redis_forgets_while_they_are_under_way_are_found_to_be_without_an_end() -> None:
    flushed = Course(
        JOBS,
        3,
        0.7,
        shares={Kind.FLUSHALL: 1},
        workers=2,
        visibility_timeout_s=VISIBILITY_S,
        settle_s=SETTLE_S,
    )

    verdict = stock_chord_course.play(flushed).verdict

    assert verdict.without_end
    assert verdict.lost_micro_usd > 0
    assert verdict.tolls[Kind.FLUSHALL].struck == flushed.faults
    assert verdict.tolls[Kind.FLUSHALL].without_end == len(verdict.without_end)
    assert len(verdict.took_s) + len(verdict.without_end) == verdict.accepted
