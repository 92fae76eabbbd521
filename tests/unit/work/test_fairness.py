"""Deficit round robin: shares by seconds and weights, order within a tenant, nobody starves."""

from collections import Counter
from collections.abc import Mapping

import pytest
from hypothesis import given
from hypothesis import strategies as some

from orchestrator.work.fairness import FIRST_GUESS_S, FairQueue, Waiting, call_seconds

LATENCY_S: Mapping[str, float] = {"quick/a": 1.0, "slow/b": 5.0}


def jobs(tenant: str, count: int, *, weight: float = 1.0, targets: tuple[str, ...] = ("quick/a",)) -> list[Waiting]:
    return [Waiting(job=f"{tenant}{place:05}", tenant=tenant, weight=weight, targets=targets) for place in range(count)]


def served(queue: FairQueue, waiting: list[Waiting], rounds: int, room: int) -> list[Waiting]:
    """What goes in so many rounds, each tenant's rest waiting on."""
    gone: dict[str, Waiting] = {}
    for _ in range(rounds):
        now = queue.pick([one for one in waiting if one.job not in gone], room, LATENCY_S, {})
        gone |= {one.job: one for one in now}
    return list(gone.values())


def seconds(gone: list[Waiting]) -> Counter[str]:
    sums: Counter[str] = Counter()
    for one in gone:
        sums[one.tenant] += round(call_seconds(one, LATENCY_S))
    return sums


def jain(shares: list[float]) -> float:
    """Jain's index: 1 if all are equal, 1/n if one has everything."""
    return sum(shares) ** 2 / (len(shares) * sum(share * share for share in shares))


def test_a_job_costs_the_seconds_of_its_calls_and_an_unknown_model_a_first_guess() -> None:
    (job,) = jobs("a", 1, targets=("quick/a", "slow/b", "new/c"))

    assert call_seconds(job, LATENCY_S) == 1.0 + 5.0 + FIRST_GUESS_S
    assert job.messages == 3


def test_a_thousand_jobs_wait_no_better_than_ten() -> None:
    gone = served(FairQueue(), jobs("crowd", 1_000) + jobs("few", 10), rounds=10, room=2)

    assert seconds(gone) == {"crowd": 10, "few": 10}


def test_twenty_tenants_with_very_unequal_demand_are_served_alike() -> None:
    waiting = [one for place in range(20) for one in jobs(f"t{place:02}", 50 + 37 * place)]

    gone = served(FairQueue(), waiting, rounds=25, room=12)

    assert jain([float(share) for share in seconds(gone).values()]) >= 0.95
    assert len(seconds(gone)) == 20


def test_weights_are_shares() -> None:
    waiting = jobs("one", 400) + jobs("two", 400, weight=2.0) + jobs("four", 400, weight=4.0)

    gone = seconds(served(FairQueue(), waiting, rounds=40, room=7))

    assert gone["two"] / gone["one"] == pytest.approx(2.0, rel=0.1)
    assert gone["four"] / gone["one"] == pytest.approx(4.0, rel=0.1)


def test_dear_jobs_get_as_many_seconds_as_cheap_ones_not_as_many_jobs() -> None:
    gone = seconds(served(FairQueue(), jobs("dear", 300, targets=("slow/b",)) + jobs("cheap", 300), rounds=30, room=6))

    assert gone["dear"] / gone["cheap"] == pytest.approx(1.0, rel=0.1)


def test_a_tenants_own_jobs_go_in_their_order() -> None:
    waiting = jobs("a", 20) + jobs("b", 20)

    gone = served(FairQueue(), waiting, rounds=5, room=4)

    for tenant in "ab":
        assert [one for one in gone if one.tenant == tenant] == [one for one in waiting if one.tenant == tenant][:10]


def test_a_job_larger_than_the_room_goes_whole_and_last() -> None:
    (panel, *_) = waiting = jobs("a", 3, targets=("quick/a",) * 5)

    assert FairQueue().pick(waiting, 2, LATENCY_S, {}) == [panel]
    assert FairQueue().pick(waiting, 0, LATENCY_S, {}) == []
    assert FairQueue().pick([], 5, LATENCY_S, {}) == []


def test_a_cap_holds_a_tenant_back_and_gives_the_room_to_others() -> None:
    waiting = jobs("capped", 10) + jobs("free", 10)

    gone = FairQueue().pick(waiting, 8, LATENCY_S, {"capped": 2, "free": 100})

    assert seconds(gone) == {"capped": 2, "free": 6}
    assert FairQueue().pick(waiting, 8, LATENCY_S, {"capped": 0, "free": -1}) == []


def test_a_tenant_that_has_nothing_to_send_gathers_no_credit() -> None:
    queue = FairQueue()
    queue.pick(jobs("a", 1) + jobs("b", 50), 20, LATENCY_S, {})
    for _ in range(5):
        queue.pick(jobs("b", 50), 20, LATENCY_S, {})

    gone = queue.pick(jobs("a", 50) + jobs("b", 50), 20, LATENCY_S, {})

    assert abs(seconds(gone)["a"] - seconds(gone)["b"]) <= 2


@given(
    demand=some.lists(some.integers(1, 30), min_size=1, max_size=6),
    weights=some.lists(some.sampled_from([0.1, 1.0, 3.0]), min_size=6, max_size=6),
    sizes=some.lists(some.sampled_from([("quick/a",), ("slow/b", "quick/a"), ("new/c",) * 3]), min_size=6, max_size=6),
    room=some.integers(1, 9),
)
def test_everything_that_waits_goes_once_and_no_round_is_idle(
    demand: list[int], weights: list[float], sizes: list[tuple[str, ...]], room: int
) -> None:
    waiting = [
        one
        for place, count in enumerate(demand)
        for one in jobs(f"t{place}", count, weight=weights[place], targets=sizes[place])
    ]
    queue, left, gone = FairQueue(), {one.job: one for one in waiting}, Counter[str]()
    while left:
        now = queue.pick(left.values(), room, LATENCY_S, {})
        assert now
        assert sum(one.messages for one in now[:-1]) < room  # only the last may be larger than what was left
        for one in now:
            gone[one.job] += 1
            left.pop(one.job, None)

    assert gone == Counter(one.job for one in waiting)
