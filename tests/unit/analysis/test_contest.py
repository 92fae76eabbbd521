"""Who wins: by checks, by judges within bounds, never by a seat's number."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from orchestrator.analysis.contest import JUDGES_WORTH, Contestant, finalists, winner
from orchestrator.analysis.judging import MAX_FINALISTS
from tests.unit.analysis.samples import candidate, seated


def contestant(name: str, score: float) -> Contestant:
    return Contestant(candidate(summary=name), score, seat=ord("z") - ord(name), name=name)


A, B, C = contestant("a", 0.70), contestant("b", 0.71), contestant("c", 0.73)


@pytest.mark.parametrize(
    ("field", "rankings", "expected"),
    [
        ((A, B, C), [], "c"),
        ((C, B, A), [], "c"),
        ((A, B), [(0, 1)], "a"),
        ((A, B), [(0, 1), (1, 0)], "b"),
        ((A, B), [(0, 1), (0, 1), (1, 0)], "a"),
        ((A, B, C), [(0, 1, 2)], "a"),
        ((A, B, C), [(0, 2, 1)], "c"),
        ((A, B, C), [(1, 2, 0), (1, 2, 0)], "b"),
        ((A, contestant("d", 0.76)), [(0, 1), (0, 1), (0, 1)], "d"),
        ((contestant("e", 0.7), A), [], "a"),
        ((contestant("e", 0.7), A), [(0, 1), (1, 0)], "a"),
        ((A,), [(0,)], "a"),
    ],
    ids=[
        "checks",
        "checks, turned",
        "one judge among near equals",
        "judges who cancel out",
        "two judges of three",
        "a favourite is lifted",
        "a second place counts",
        "agreeing judges",
        "too far ahead",
        "content",
        "content after judges",
        "alone",
    ],
)
def test_the_best_wins(field: tuple[Contestant, ...], rankings: list[tuple[int, ...]], expected: str) -> None:
    assert winner(field, rankings).name == expected


@given(
    st.lists(st.integers(0, 10_000), min_size=1, max_size=4).flatmap(
        lambda scores: st.tuples(st.just(scores), st.lists(st.permutations(range(len(scores))).map(tuple), max_size=3))
    )
)
def test_no_judge_lifts_a_candidate_over_one_that_is_better_by_more_than_judges_are_worth(
    drawn: tuple[list[int], list[tuple[int, ...]]],
) -> None:
    scores, rankings = drawn
    field = [contestant("abcd"[place], score / 10_000) for place, score in enumerate(scores)]

    best = winner(field, rankings)

    assert best.score >= max(one.score for one in field) - JUDGES_WORTH - 1e-6


def test_seats_that_brought_the_same_are_one_contestant_of_the_lowest() -> None:
    same, other = candidate(summary="same"), candidate(summary="other")
    panel = {2: seated(same, 2), 5: seated(same, 5), 7: seated(other, 7)}

    found = finalists(panel, {2: 0.5, 5: 0.5, 7: 0.6})

    assert {(one.seat, one.score) for one in found} == {(2, 0.5), (7, 0.6)}


def test_the_best_few_stand_in_an_order_of_content() -> None:
    panel = {seat: candidate(summary=f"candidate {seat}") for seat in range(6)}
    scores = {seat: seat / 10 for seat in panel}

    found = finalists(panel, scores)
    turned = finalists({5 - seat: one for seat, one in panel.items()}, {5 - seat: one for seat, one in scores.items()})

    assert {one.candidate.summary.text for one in found} == {f"candidate {seat}" for seat in range(2, 6)}
    assert len(found) == MAX_FINALISTS
    assert [one.candidate for one in found] == [one.candidate for one in turned]
