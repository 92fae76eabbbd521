"""Ranks tell samples apart that differ, and no others."""

import random

import pytest

from ops.bench.ranks import compare


def test_a_sample_that_lies_above_is_above() -> None:
    found = compare([4, 5, 6], [1, 2, 3])

    assert found.share == 1
    assert found.z == pytest.approx(1.9640, abs=1e-4)  # U = 9, mean 4.5, spread sqrt(9 / 12 * 7)
    assert found.p == pytest.approx(0.0495, abs=1e-4)


def test_it_is_the_same_from_the_other_side() -> None:
    one, other = compare([1, 2, 2, 9], [2, 3, 4]), compare([2, 3, 4], [1, 2, 2, 9])

    assert one.share == pytest.approx(1 - other.share)
    assert one.z == pytest.approx(-other.z)
    assert one.p == pytest.approx(other.p)


def test_ties_count_half_and_narrow_the_spread() -> None:
    found = compare([1, 2], [2, 3])

    assert found.share == 0.125  # of the four pairs one is a tie
    assert found.z == pytest.approx(-1.5 / (4 / 12 * (5 - 6 / 12)) ** 0.5)


def test_equal_values_cannot_be_told_apart() -> None:
    assert compare([7.0] * 5, [7.0] * 3) == (0.5, 0.0, 1.0)


def test_nothing_is_said_of_nothing() -> None:
    with pytest.raises(ValueError, match="no values"):
        compare([], [1.0])


def test_samples_of_one_thing_seldom_differ_and_a_shift_of_a_twentieth_of_their_spread_is_found() -> None:
    draw = random.Random(7)

    def sample(shift: float) -> list[float]:
        return [draw.lognormvariate(0, 0.5) + shift for _ in range(10_000)]

    assert sum(compare(sample(0), sample(0)).p < 0.05 for _ in range(20)) <= 4
    assert compare(sample(0.03), sample(0)).p < 0.001
