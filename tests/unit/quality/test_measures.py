"""The measures of the evaluation kit do what their definitions say."""

from itertools import permutations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ops.bench.quality.intervals import interval
from ops.bench.quality.matching import assignment
from ops.bench.quality.reliability import calibration_error, curve
from ops.bench.quality.rouge import best, rouge


@given(st.integers(1, 4).flatmap(lambda width: st.lists(
    st.lists(st.floats(0, 1), min_size=width, max_size=width), min_size=1, max_size=4)))  # fmt: skip
def test_an_assignment_is_one_to_one_and_no_other_is_better(scores: list[list[float]]) -> None:
    found = assignment(scores)

    rows, columns = len(scores), len(scores[0])
    wide = scores if rows <= columns else [list(row) for row in zip(*scores, strict=True)]
    best_sum = max(
        sum(wide[row][column] for row, column in enumerate(chosen))
        for chosen in permutations(range(max(rows, columns)), min(rows, columns))
    )
    assert len({row for row, _ in found}) == len({column for _, column in found}) == min(rows, columns)
    assert sum(scores[row][column] for row, column in found) == pytest.approx(best_sum)


def test_rouge_counts_shared_words_pairs_and_order() -> None:
    found = rouge("the cat sat", "The cat was sat on")

    assert found == {"ROUGE-1": 0.75, "ROUGE-2": pytest.approx(1 / 3), "ROUGE-L": 0.75}
    assert best("a b", ["c", "a b"])["ROUGE-1"] == 1


def test_calibration_is_the_gap_between_told_and_right() -> None:
    told = [(0.95, True), (0.95, False), (0.25, False)]

    assert [(one.items, one.right) for one in curve(told)] == [(1, 0), (2, 0.5)]
    assert calibration_error(told) == pytest.approx((2 * 0.45 + 0.25) / 3)


def test_an_interval_holds_its_mean_and_is_a_point_where_nothing_varies() -> None:
    wide, point = interval({"a": [0.1, 0.5], "b": [0.9, 0.7]}), interval({"a": [0.5], "b": [0.5]})

    assert wide.low < wide.mean < wide.high
    assert (point.low, point.mean, point.high) == (0.5, 0.5, 0.5)
