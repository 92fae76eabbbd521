"""How long a job that joins a lane would wait, and when it is told to come back instead."""

import math
from collections import Counter

import pytest
from hypothesis import given
from hypothesis import strategies as st

from orchestrator.errors import Overloaded, QueueFull
from orchestrator.work.fairness import FairQueue, Waiting
from orchestrator.work.lanes import LANES, Lane
from orchestrator.work.queueing import (
    CARE,
    LONGEST_RETRY_S,
    LONGEST_S,
    SHORTEST_RETRY_S,
    Line,
    refusal,
    shortly,
    wait_s,
)

MOST = 50_000
COUNTS = st.integers(0, 100_000)
PACES = st.floats(0.01, 1_000)


def line(**changed: object) -> Line:
    """A lane in which two tenants of one weight wait, the asking one with half of the jobs."""
    usual: dict[str, object] = {
        "waits": True,
        "standing": 30,
        "slots": 16,
        "own": 100,
        "own_in_all": 100,
        "weight": 1.0,
        "jobs": 200,
        "weights": 2.0,
        "jobs_per_s": 5.0,
        "asks_per_s": 15.0,
        "call_s": 2.0,
    }
    return Line.model_validate({**usual, **changed})


def told(found: Line, lane: Lane = "standard", deadline_s: float = 86_400.0, chance: float = 0.5, most: int = MOST):  # type: ignore[no-untyped-def]
    return refusal(found, lane, deadline_s=deadline_s, most_own=most, chance=chance)


def test_who_joins_waits_until_all_that_go_before_it_have_gone() -> None:
    assert wait_s(line()) == pytest.approx(30 / 15 + 200 / 5)


def test_a_newcomer_has_a_share_of_each_tenant_before_it_and_not_the_whole_crowd() -> None:
    crowded = line(own=0, own_in_all=0, jobs=20_000, weights=1.0)

    assert wait_s(crowded) == pytest.approx(30 / 15 + 2 / 5)


def test_a_tenant_of_more_weight_waits_less_behind_the_same_crowd() -> None:
    light, heavy = (line(own=10, weight=weight, weights=4.0, jobs=1_000) for weight in (1.0, 3.0))

    assert wait_s(light) == pytest.approx(2 + 11 * 4 / 5)
    assert wait_s(heavy) == pytest.approx(2 + 11 * 4 / 3 / 5)


@given(crowds=st.lists(st.integers(1, 40), min_size=1, max_size=6), own=st.integers(0, 40))
def test_the_turns_let_no_more_pass_than_is_estimated(crowds: list[int], own: int) -> None:
    """The queue itself is the witness: jobs of one size, tenants of one weight, one job a round."""
    counts = {"me": own + 1} | {f"other {place}": crowd for place, crowd in enumerate(crowds)}
    left = {
        name: [Waiting(job=f"{name} {n}", tenant=name, targets=("a",)) for n in range(counts[name])] for name in counts
    }
    queue, served = FairQueue(), []
    while left["me"]:
        (gone,) = queue.pick([job for jobs in left.values() for job in jobs], 1, {}, {})
        left[gone.tenant].remove(gone)
        served.append(gone)

    others = sum(crowds)
    found = line(own=own, jobs=others + own, weights=len(crowds) + bool(own), standing=0, jobs_per_s=1.0)
    assert len(served) - 1 <= (wait_s(found) or 0) + len(counts)
    assert Counter(job.tenant for job in served)["me"] == own + 1


@given(jobs=COUNTS, more=COUNTS, standing=COUNTS, pace=PACES, faster=PACES)
def test_more_before_it_never_means_less_waiting_and_a_faster_fleet_never_more(
    jobs: int, more: int, standing: int, pace: float, faster: float
) -> None:
    own = jobs // 2
    found = wait_s(line(jobs=jobs, own=own, standing=standing, jobs_per_s=pace))
    longer = wait_s(line(jobs=jobs + more, own=own, standing=standing, jobs_per_s=pace))
    quicker = wait_s(line(jobs=jobs, own=own, standing=standing, jobs_per_s=pace + faster))

    assert found is not None
    assert longer is not None
    assert quicker is not None
    assert quicker <= found <= longer


def test_while_nobody_has_counted_the_slots_are_taken_to_work_and_the_own_jobs_to_be_all() -> None:
    unknown = {"jobs": None, "weights": None, "jobs_per_s": None, "asks_per_s": None, "call_s": None}

    assert wait_s(line(**unknown, own=14, slots=15, standing=30)) == pytest.approx(30 / 3 + 15 / 1)


def test_while_nothing_goes_the_wait_has_no_end_and_the_caller_is_told_to_come_back() -> None:
    stuck = line(jobs_per_s=0.0, asks_per_s=0.0)

    found = told(stuck)

    assert wait_s(stuck) == math.inf
    assert isinstance(found, Overloaded)
    assert "long" in found.message
    assert found.retry_after_s == LONGEST_RETRY_S


def test_without_a_worker_nobody_knows_and_the_rows_wait() -> None:
    alone = line(slots=0, jobs=10_000, own=10_000, own_in_all=10_000)

    assert wait_s(alone) is None
    assert told(alone, "interactive", deadline_s=1.0) is None


def test_where_nobody_waits_a_job_may_join_whatever_its_deadline() -> None:
    assert told(line(waits=False, own=0, own_in_all=0, jobs=None, standing=0, slots=0), deadline_s=1.0) is None
    assert wait_s(line(waits=False, own=0, standing=30)) == pytest.approx(2.0)


@pytest.mark.parametrize("lane", LANES)
def test_a_lane_is_closed_above_its_own_limit_and_open_up_to_it(lane: Lane) -> None:
    limit_s = LONGEST_S[lane]
    fits = line(standing=0, jobs=int(limit_s), own=int(limit_s), weights=1.0, jobs_per_s=1.0)
    above = line(standing=0, jobs=int(limit_s) + 10, own=int(limit_s) + 10, weights=1.0, jobs_per_s=1.0)

    refused = told(above, lane, deadline_s=10 * limit_s, most=10**9)

    assert told(fits, lane, deadline_s=10 * limit_s, most=10**9) is None
    assert isinstance(refused, Overloaded)
    assert refused.retry_after_s == pytest.approx(10.0)
    assert lane in refused.message


def test_what_would_expire_is_not_accepted() -> None:
    waits = line()  # 42 s, and a call of 2 s
    enough = 42 * CARE + 2.0

    assert told(waits, deadline_s=enough + 0.1) is None
    refused = told(waits, deadline_s=enough - 0.1)
    assert isinstance(refused, Overloaded)
    assert "deadline" in refused.message


def test_a_tenant_with_its_queue_full_is_told_when_its_own_part_will_have_gone() -> None:
    full = told(line(own_in_all=100), most=100)

    assert isinstance(full, QueueFull)
    assert full.retry_after_s == pytest.approx(100 / (5 / 2))
    assert told(line(own_in_all=99), most=100) is None


@pytest.mark.parametrize("found", [line(slots=0), line(jobs_per_s=0.0)])
def test_a_full_queue_of_which_nothing_goes_is_looked_at_again_in_ten_minutes(found: Line) -> None:
    assert told(found, most=100).retry_after_s == LONGEST_RETRY_S


@given(jobs=COUNTS, pace=PACES, chance=st.floats(0, 1))
def test_to_come_back_is_never_sooner_than_a_second_nor_later_than_ten_minutes(
    jobs: int, pace: float, chance: float
) -> None:
    for lane in LANES:
        found = told(line(jobs=jobs, own=jobs, jobs_per_s=pace), lane, deadline_s=1.0, chance=chance)

        assert found is None or SHORTEST_RETRY_S <= found.retry_after_s <= LONGEST_RETRY_S


def test_callers_who_are_refused_at_once_do_not_come_back_at_once() -> None:
    found = [told(line(), deadline_s=12.0, chance=chance).retry_after_s for chance in (0.0, 0.5, 1.0)]

    assert found == pytest.approx([15.0, 30.0, 45.0])
    assert [shortly("Busy.", chance=chance).retry_after_s for chance in (0.0, 1.0)] == pytest.approx([1.0, 3.0])
