"""An item is the likelier right the more speaks for it."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from orchestrator.analysis.credence import USUAL_RANGE, Signs, agreement, credence, usual
from orchestrator.analysis.proofs import spread

SHARE = st.floats(0, 1)
SIGNS = st.builds(
    Signs,
    net=st.floats(-10, 10),
    others=st.integers(1, 9),
    agreement=SHARE,
    usual=st.floats(*USUAL_RANGE),
    confidence=SHARE,
)


def more(signs: Signs, **changes: float) -> Signs:
    values = {name: getattr(signs, name) for name in Signs.__slots__}
    return Signs(**{**values, **changes})


@given(SIGNS)
def test_credence_is_a_probability_and_grows_with_votes_and_with_agreement(signs: Signs) -> None:
    found = credence(signs)

    assert 0 <= found <= 1
    assert credence(more(signs, net=signs.net + 1)) >= found
    assert credence(more(signs, agreement=1.0)) >= found


@given(SHARE, st.floats(-9, 1))
def test_the_proof_of_a_lone_item_counts(confidence: float, net: float) -> None:
    alone = Signs(net=net, others=0, agreement=None, usual=0.8, confidence=confidence)

    assert credence(more(alone, confidence=1.0)) >= credence(alone) >= credence(more(alone, confidence=0.0))


@pytest.mark.parametrize(("level", "says_much"), [(0.8, True), (0.17, False)])
def test_agreement_says_little_in_a_panel_whose_proofs_seldom_meet(level: float, says_much: bool) -> None:
    apart = Signs(net=1, others=2, agreement=0.0, usual=level, confidence=0.5)

    assert (credence(apart) < 0.3) == says_much


def test_a_fourth_seat_adds_no_more_than_its_vote() -> None:
    three = Signs(net=1, others=2, agreement=1.0, usual=0.8, confidence=0.5)

    assert credence(more(three, others=7)) == credence(three)


def test_agreement_is_the_mean_over_all_pairs_and_unknown_of_one() -> None:
    assert agreement([spread([1])]) is None
    assert agreement([spread([1]), spread([1])]) == 1
    assert agreement([spread([1]), spread([1]), spread([9])]) == pytest.approx(1 / 3)


@pytest.mark.parametrize(
    ("agreements", "expected"),
    [
        ([], 0.8),
        ([None, None], 0.8),
        ([1.0, 1.0, 0.0], 0.8),
        ([0.5, 0.3, 0.0], (0.8 + 0.5 + 0.3) / 3),
        ([0.0] * 40, 0.17),
    ],
)
def test_the_usual_agreement_is_that_of_the_better_half(agreements: list[float | None], expected: float) -> None:
    assert usual(agreements) == pytest.approx(expected)
