"""What the verdict on the stock chord makes of logs that contradict each other or agree."""

from collections.abc import Sequence

import pytest

from ops.drills.stock_chord_faults import Kind
from ops.drills.stock_chord_verdict import Body, HandedIn, Paid, Strike, Toll, Verdict, judge

SEATS = 3
COST = 10
PATIENCE_S = 10.0


def handed_in(*jobs: str, at: float = 0.0, accepted: bool = True) -> list[HandedIn]:
    return [HandedIn(job, at, accepted=accepted) for job in jobs]


def bodies(*jobs: str, at: float = 1.0) -> list[Body]:
    return [Body(job, tuple(range(SEATS)), at) for job in jobs]


def paid(*jobs: str, at: float = 0.5) -> list[Paid]:
    return [Paid((job, seat), COST, at) for job in jobs for seat in range(SEATS)]


def struck(kind: Kind, at: float, until: float | None = None) -> Strike:
    return Strike(kind, at, at if until is None else until)


def judged(
    jobs: Sequence[HandedIn], ran: Sequence[Body], payments: Sequence[Paid] = (), strikes: Sequence[Strike] = ()
) -> Verdict:
    return judge(jobs, ran, payments, strikes, seats=SEATS, patience_s=PATIENCE_S)


def test_jobs_that_end_once_and_are_paid_once_are_charged_to_nobody() -> None:
    verdict = judged(handed_in("a", "b"), bodies("b", "a"), paid("a", "b"), [struck(Kind.KILL, 0.5)])

    assert (verdict.accepted, verdict.calls, verdict.paid_micro_usd) == (2, 6, 60)
    assert (verdict.without_end, verdict.repeated, verdict.misjoined, verdict.repaid) == ((), (), (), ())
    assert (verdict.extra_micro_usd, verdict.lost_micro_usd) == (0, 0)
    assert verdict.tolls == {Kind.KILL: Toll(struck=1)}


def test_an_accepted_job_whose_body_never_ran_is_without_an_end_and_its_calls_were_paid_for_nothing() -> None:
    verdict = judged(handed_in("a", "b"), bodies("a"), paid("a", "b"))

    assert verdict.without_end == ("b",)
    assert verdict.lost_micro_usd == SEATS * COST


def test_a_job_that_the_client_knows_was_not_taken_is_no_loss() -> None:
    verdict = judged(handed_in("a", accepted=False), [], paid("a"))

    assert (verdict.accepted, verdict.refused) == (0, 1)
    assert (verdict.without_end, verdict.lost_micro_usd) == ((), 0)


def test_a_body_that_runs_again_is_counted_as_one_job_and_as_the_number_of_its_runs() -> None:
    verdict = judged(handed_in("a", "b"), bodies("a", "b", "a", "a"))

    assert verdict.repeated == ("a",)
    assert verdict.most_bodies == 3


def test_parts_are_right_in_any_order_and_wrong_if_one_is_missing_doubled_or_too_many() -> None:
    ran = [
        Body("any order", (2, 0, 1), 1.0),
        Body("missing", (0, 2), 1.0),
        Body("doubled", (0, 0, 2), 1.0),
        Body("too many", (0, 1, 2, 2), 1.0),
    ]

    verdict = judged(handed_in("any order", "missing", "doubled", "too many"), ran)

    assert verdict.misjoined == ("missing", "doubled", "too many")


def test_a_call_paid_again_is_counted_once_and_costs_all_its_payments_but_the_first() -> None:
    again = [Paid(("a", 1), 25, 2.0), Paid(("a", 1), 5, 3.0)]

    verdict = judged(handed_in("a"), bodies("a"), [*paid("a"), *again])

    assert verdict.repaid == (("a", 1),)
    assert (verdict.most_payments, verdict.extra_micro_usd) == (3, 30)


def test_times_run_from_handing_in_to_the_first_body_of_accepted_jobs() -> None:
    jobs = [*handed_in("slow", at=10.0), *handed_in("quick", at=20.0), *handed_in("lost", at=20.0)]
    ran = [*bodies("slow", at=40.0), *bodies("slow", at=15.0), *bodies("quick", at=20.5)]

    assert judged(jobs, ran).took_s == (0.5, 5.0)


def test_a_job_is_counted_under_the_gravest_fault_while_it_was_under_way() -> None:
    strikes = [struck(Kind.KILL, 0.6), struck(Kind.FLUSHALL, 0.7), struck(Kind.FREEZE, 0.8), struck(Kind.EMPTY, 30.0)]

    verdict = judged(handed_in("a"), bodies("a", "a"), [], strikes)

    assert verdict.tolls[Kind.FLUSHALL] == Toll(struck=1, repeated=1)
    assert verdict.tolls[Kind.EMPTY] == verdict.tolls[Kind.KILL] == verdict.tolls[Kind.FREEZE] == Toll(struck=1)


def test_of_two_faults_by_which_redis_forgets_all_the_first_is_to_blame() -> None:
    strikes = [struck(Kind.EMPTY, 0.5), struck(Kind.FLUSHALL, 2.0)]

    verdict = judged(handed_in("a"), [], [], strikes)

    assert verdict.tolls[Kind.EMPTY] == Toll(struck=1, without_end=1)


def test_a_fault_before_the_hand_in_or_after_the_end_is_not_to_blame() -> None:
    strikes = [struck(Kind.FLUSHALL, 1.0), struck(Kind.KILL, 2.5), struck(Kind.EMPTY, 4.0)]

    verdict = judged(handed_in("a", at=2.0), bodies("a", "a", at=3.0), [], strikes)

    assert verdict.tolls[Kind.KILL] == Toll(struck=1, repeated=1)


@pytest.mark.parametrize(("flushed_at", "blamed"), [(24.9, Kind.FLUSHALL), (25.1, Kind.KILL)])
def test_a_job_without_an_end_is_waited_for_after_the_last_that_was_seen_of_it(flushed_at: float, blamed: Kind) -> None:
    strikes = [struck(Kind.KILL, 14.0), struck(Kind.FLUSHALL, flushed_at)]

    verdict = judged(handed_in("a", at=2.0), [], paid("a", at=15.0), strikes)

    assert verdict.tolls[blamed] == Toll(struck=1, without_end=1)


def test_a_freeze_is_in_force_until_its_end() -> None:
    verdict = judged(handed_in("a", at=2.0), [], [], [struck(Kind.FREEZE, 1.0, until=4.0)])

    assert verdict.tolls[Kind.FREEZE] == Toll(struck=1, without_end=1)


def test_each_call_that_is_paid_again_counts_for_the_fault_that_its_job_met() -> None:
    verdict = judged(handed_in("a"), bodies("a"), paid("a", "a"), [struck(Kind.KILL, 0.5)])

    assert verdict.tolls[Kind.KILL] == Toll(struck=1, repaid=SEATS)


def test_what_goes_wrong_with_no_fault_to_blame_is_shown_as_such() -> None:
    verdict = judged(handed_in("a", at=2.0), [], [], [struck(Kind.KILL, 1.0)])

    assert verdict.tolls[None] == Toll(without_end=1)
