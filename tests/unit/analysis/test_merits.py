"""Candidates are scored by checks that see neither seats nor models."""

from collections.abc import Mapping

import pytest
from hypothesis import given
from hypothesis import strategies as st

from orchestrator.analysis import agreeing
from orchestrator.analysis.items import KINDS, Candidate
from orchestrator.analysis.merits import merits
from tests.unit.analysis.samples import PLACES, candidate, item, panels

SHIP, HIRE = item("The beta ships on Friday", "s2", confidence=0.9), item("Hire two testers", "s20", confidence=0.45)


def weight(*seats: int) -> float:
    return float(len(seats))


def scores(panel: Mapping[int, Candidate], language: str = "en") -> dict[int, float]:
    found = [one for kind in KINDS for one in agreeing.weighed(panel, kind, PLACES, weight)]
    return merits(panel, found, language=language)


@pytest.mark.parametrize(
    ("one", "other", "expected"),
    [
        # 0.3 evidence + 0.2 proof + 0.2 agreement + 0.2 coverage + 0.1 language
        (candidate(SHIP), candidate(SHIP), (1.0, 1.0)),
        (candidate(SHIP), candidate(HIRE), (0.7, 0.6)),
        (candidate(SHIP, HIRE), candidate(SHIP), (0.8833, 0.8333)),
        (candidate(SHIP, dropped=1), candidate(SHIP), (0.85, 1.0)),
        (candidate(SHIP, language="de"), candidate(SHIP, language="en-GB"), (0.9, 1.0)),
        (candidate(), candidate(), (0.65, 0.65)),
        (candidate(), candidate(SHIP), (0.25, 0.8)),
    ],
    ids=["alike", "nothing in common", "one more", "unproved", "another language", "empty", "one empty"],
)
def test_each_check_counts_with_its_weight(one: Candidate, other: Candidate, expected: tuple[float, float]) -> None:
    assert tuple(scores({0: one, 1: other}).values()) == expected


def test_a_candidate_alone_has_nobody_to_agree_with() -> None:
    assert scores({3: candidate(SHIP)}) == {3: 0.9}


@given(panels(max_seats=4).flatmap(lambda panel: st.tuples(st.just(panel), st.permutations(list(panel)))))
def test_a_score_does_not_hang_on_a_seats_number(made: tuple[dict[int, Candidate], list[int]]) -> None:
    panel, order = made

    moved = scores({order[seat]: one for seat, one in panel.items()})

    assert {order[seat]: score for seat, score in scores(panel).items()} == moved
    assert all(0 <= score <= 1 for score in moved.values())
