"""Proofs lie together as far as they name the same utterances or neighbours."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from orchestrator.analysis.proofs import sharpness, spread, together

PLACES = st.frozensets(st.integers(0, 9), min_size=1, max_size=4)


@pytest.mark.parametrize(
    ("one", "other", "expected"),
    [
        ([4], [4], 1.0),
        ([4], [5], 0.75),
        ([4], [6], 0.0),
        ([4], [4, 8, 12], 1.0),
        ([4, 8], [4, 12], 0.5),
        ([4, 8], [5, 12], 0.375),
    ],
)
def test_the_larger_share_of_one_proof_in_the_other_counts(one: list[int], other: list[int], expected: float) -> None:
    assert together(spread(one), spread(other)) == expected


@given(PLACES, PLACES)
def test_two_proofs_lie_together_as_far_as_the_other_way_round(one: frozenset[int], other: frozenset[int]) -> None:
    found = together(spread(one), spread(other))

    assert 0 <= found <= 1
    assert together(spread(other), spread(one)) == found
    assert together(spread(one), spread(one)) == 1


def test_a_place_is_the_less_sharp_the_more_items_one_seat_proves_with_it() -> None:
    found = sharpness([(0, spread([1])), (0, spread([1, 2])), (1, spread([1])), (1, spread([2])), (2, spread([7]))])

    assert found == {1: 0.5, 2: 1.0, 7: 1.0}
    assert together(spread([1]), spread([1]), found) == 0.5
