"""What counts as disturbed, and from when to when its recovery is measured."""

import pytest

from ops.drills.storm.plan import Fault, Kind
from ops.drills.storm.recovery import Recoveries, Step, Struck, quantile, recoveries
from orchestrator.work.jobs import JobStatus
from tests.unit.drills.witnesses import a_job, at, event


def struck(seconds: float, victim: str, kind: Kind = Kind.KILL, for_s: float = 0.0) -> Struck:
    return Struck(Fault(seconds, kind, victim, for_s), at(seconds))


def told(*lines: tuple[str, float], status: JobStatus = JobStatus.SUCCEEDED, **data: object) -> Recoveries:
    """The recoveries of a job with this story after an ask was killed 2 s into it."""
    return after([struck(2.0, "ask-1")], *lines, status=status, **data)


def after(
    faults: list[Struck], *lines: tuple[str, float], status: JobStatus = JobStatus.SUCCEEDED, **data: object
) -> Recoveries:
    events = tuple(event("j", place, kind, when, **data) for place, (kind, when) in enumerate(lines, start=1))
    return recoveries([a_job("j", events, 0, status)], faults)


def shown(found: Recoveries) -> list[tuple[Step, float]]:
    return [(one.span.step, one.took_s) for one in found.found]


CLAIMED = ("seat.attempted", 1.0)


def test_a_seat_whose_holder_died_recovers_when_it_is_claimed_again() -> None:
    found = told(CLAIMED, ("seat.attempted", 35.0), ("seat.answered", 35.3), ("job.synthesizing", 35.4))

    assert shown(found) == [(Step.CALL, 33.0)]


def test_a_quick_repair_counts_as_well() -> None:
    found = told(CLAIMED, ("seat.attempted", 3.0), ("seat.answered", 3.1))

    assert shown(found) == [(Step.CALL, 1.0)]


def test_a_seat_that_ends_as_poison_or_with_an_adopted_answer_was_lost_by_its_holder() -> None:
    poisoned = told(CLAIMED, ("seat.failed", 3.0), reason="poison")
    adopted = told(CLAIMED, ("seat.answered", 3.0), adopted="atm_1")

    assert shown(poisoned) == shown(adopted) == [(Step.CALL, 1.0)]


def test_a_call_that_its_holder_ended_soon_was_not_disturbed() -> None:
    assert told(CLAIMED, ("seat.answered", 3.0), ("job.synthesizing", 3.1), ("job.succeeded", 3.2)) == Recoveries(
        (), ()
    )


def test_of_several_faults_the_first_in_the_step_counts() -> None:
    faults = [struck(0.5, "ask-1"), struck(2.0, "ask-2"), struck(9.0, "ask-1")]

    found = after(faults, CLAIMED, ("seat.attempted", 35.0))

    assert shown(found) == [(Step.CALL, 33.0)]


def test_a_fault_that_cannot_have_been_it_is_no_cause() -> None:
    found = after([struck(2.0, "delivery-1")], CLAIMED, ("seat.attempted", 35.0))

    assert (shown(found), [span.took_s for span in found.causeless]) == ([], [34.0])


def test_an_ask_that_was_lost_recovers_when_the_seat_is_claimed() -> None:
    found = after([struck(0.5, "valkey", Kind.FLUSH)], ("seat.attempted", 32.5), ("seat.answered", 33.0))

    assert shown(found) == [(Step.ASK, 32.0)]


def test_an_ask_that_redis_lost_again_recovers_from_the_last_loss_and_its_standstill_tells_the_rest() -> None:
    faults = [struck(0.5, "api-1"), struck(1.0, "valkey", Kind.FLUSH), struck(20.0, "valkey", Kind.REDIS_EMPTY)]

    found = after(faults, ("seat.attempted", 52.5), ("seat.answered", 53.0))

    assert shown(found) == [(Step.ASK, 32.5)]
    assert [one.standstill_s for one in found.found] == [52.0]


def test_an_ask_that_has_to_wait_for_its_rung_is_due_after_that() -> None:
    found = told(CLAIMED, ("seat.failed_over", 1.5), ("seat.attempted", 12.0), ("seat.answered", 12.1), wait_s=10.0)

    assert shown(found) == []


def test_a_lost_body_recovers_when_it_is_begun_again_or_ends_the_job() -> None:
    lines = (CLAIMED, ("seat.answered", 1.5), ("job.synthesizing", 1.8), ("job.synthesizing", 62.0))
    found = after([struck(1.9, "synthesis-1")], *lines, ("job.succeeded", 62.1))

    assert [(one.span.step, round(one.took_s, 3)) for one in found.found] == [(Step.BODY, 60.1)]


def test_a_seat_that_only_the_end_of_its_job_ended_was_lost() -> None:
    found = told(CLAIMED, ("job.expired", 90.0), status=JobStatus.EXPIRED)

    assert shown(found) == [(Step.CALL, 88.0)]


def test_what_a_store_is_away_does_not_count() -> None:
    away = struck(2.0, "postgres", Kind.POSTGRES_KILL, for_s=5.0)
    again = struck(8.0, "valkey", Kind.LINK, for_s=3.0)

    assert shown(after([away], CLAIMED, ("seat.answered", 9.0))) == [(Step.CALL, 2.0)]
    assert shown(after([away, again], CLAIMED, ("seat.answered", 15.0))) == [(Step.CALL, 5.0)]
    assert shown(after([away], CLAIMED, ("seat.answered", 6.9))) == [(Step.CALL, 0.0)]


def test_a_freeze_from_before_the_step_still_disturbs_it() -> None:
    frozen = struck(0.5, "ask-1", Kind.FREEZE, for_s=60.0)

    assert shown(after([frozen], CLAIMED, ("seat.attempted", 36.0))) == [(Step.CALL, 35.0)]


@pytest.mark.parametrize(("share", "value"), [(0.5, 2.0), (0.99, 4.0), (1.0, 4.0)])
def test_a_quantile_is_one_of_the_times(share: float, value: float) -> None:
    assert quantile([1.0, 2.0, 3.0, 4.0], share) == value
    assert quantile([], share) == 0.0
