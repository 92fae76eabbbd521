"""The plan of faults: one seed, one plan; the shares that were asked for."""

from collections import Counter

import pytest

from ops.drills.stock_chord_faults import USUAL_SHARES, Kind, plan, shares_of


def test_one_seed_gives_one_plan_and_another_seed_another() -> None:
    first, again, other = (plan(seed, USUAL_SHARES, 50, 1.5, 15.0) for seed in (1, 1, 2))

    assert first == again
    assert first != other


def test_faults_come_in_order_at_the_rate_and_in_the_shares_that_were_asked_for() -> None:
    planned = plan(1, USUAL_SHARES, 3_000, 1.5, 15.0)

    counts = Counter(fault.kind for fault in planned)
    assert [fault.at_s for fault in planned] == sorted(fault.at_s for fault in planned)
    assert planned[-1].at_s / 3_000 == pytest.approx(1.5, rel=0.05)
    assert counts[Kind.KILL] / 3_000 == pytest.approx(0.4, abs=0.03)
    assert sum(counts[kind] for kind in (Kind.FLUSHALL, Kind.RESTART, Kind.EMPTY)) / 3_000 == pytest.approx(
        0.2, abs=0.03
    )
    assert all(0 <= fault.pick < 1 and 0.1 <= fault.freeze_s <= 15.0 for fault in planned)


def test_shares_are_read_from_words() -> None:
    assert shares_of("kill=6, freeze=3,flushall") == {Kind.KILL: 6, Kind.FREEZE: 3, Kind.FLUSHALL: 1}


@pytest.mark.parametrize("given", ["", "flood", "kill=0", "kill=-1", "kill=many", "kill,kill"])
def test_shares_that_say_nothing_are_refused(given: str) -> None:
    with pytest.raises(ValueError, match=r".*"):
        shares_of(given)
