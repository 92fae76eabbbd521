"""A plan is the same for the same seed, bounded, and strikes one store at a time."""

from collections import Counter
from itertools import pairwise

import pytest

from ops.drills.storm import plan
from ops.drills.storm.plan import MOMENT_S, MOST_FROZEN, POSTGRES, REDIS, Fault, Kind, Way
from ops.drills.storm.town import processes

VICTIMS = [*processes(3)]


def drawn(seed: int = 1, faults: int = 1_000, groups: tuple[str, ...] = plan.USUAL) -> tuple[Fault, ...]:
    return plan.drawn(seed, faults=faults, every_s=1.5, groups=groups, victims=VICTIMS, lease_s=30.0)


def test_a_seed_is_a_storm() -> None:
    assert drawn(1) == drawn(1) != drawn(2)


def test_a_mixed_storm_strikes_everybody_and_lasts_about_as_long_as_asked() -> None:
    faults = drawn()

    assert len(faults) == 1_000
    assert {fault.victim for fault in faults} == {*VICTIMS, REDIS}
    assert {fault.kind for fault in faults} == {
        Kind.KILL, Kind.FREEZE, Kind.FLUSH, Kind.REDIS_KILL, Kind.REDIS_EMPTY,
    }  # fmt: skip
    assert 1_400 < faults[-1].at_s < 1_900
    assert [fault.at_s for fault in faults] == sorted(fault.at_s for fault in faults)


def test_freezes_last_from_a_moment_to_three_leases_and_no_more_than_two_at_once() -> None:
    freezes = [fault for fault in drawn() if fault.kind is Kind.FREEZE]
    long = [fault for fault in freezes if fault.for_s > MOMENT_S]

    assert 0.1 <= min(fault.for_s for fault in freezes) < 0.2
    assert 60.0 < max(fault.for_s for fault in freezes) <= 90.0
    for one in long:
        assert sum(other.at_s <= one.at_s < other.at_s + other.for_s for other in long) <= MOST_FROZEN


def test_stores_go_one_at_a_time() -> None:
    faults = [fault for fault in drawn(groups=("redis", "postgres", "link")) if fault.victim in {POSTGRES, REDIS}]

    assert all(one.at_s + one.for_s < two.at_s for one, two in pairwise(faults))


def test_the_drill_of_stores_has_each_kind_as_often_as_asked() -> None:
    faults = plan.of_stores(1, events=20, groups=plan.STORES, ways=tuple(Way), pause_s=15.0)

    assert {*Counter(fault.kind for fault in faults).values()} == {20}
    assert all(5.0 <= fault.for_s <= 60.0 for fault in faults if fault.kind is Kind.LINK)
    links = Counter((fault.victim, fault.way) for fault in faults if fault.kind is Kind.LINK)
    assert {*links} == {(store, way) for store in (POSTGRES, REDIS) for way in Way}
    assert max(links.values()) - min(links.values()) <= 1


@pytest.mark.parametrize("victim", VICTIMS)
def test_every_process_has_a_weight(victim: str) -> None:
    assert plan.role(victim) in plan.WEIGHTS


def test_a_drill_of_disks_strikes_log_and_checkpoints_by_turns_and_redis_as_often_as_asked() -> None:
    faults = plan.of_disks(1, strikes=21, of_redis=10, every_s=15.0)

    assert Counter(fault.kind for fault in faults) == {Kind.LOG_SYNC: 11, Kind.DATA_SYNC: 10, Kind.REDIS_SYNC: 10}
    assert all(12.0 <= two.at_s - one.at_s <= 18.0 for one, two in pairwise(faults))
    assert all(fault.victim == plan.SYNCS[fault.kind] for fault in faults)
    assert faults == plan.of_disks(1, strikes=21, of_redis=10, every_s=15.0)
