"""Votes are counted by weight, ties are told as such."""

import pytest

from orchestrator.analysis.votes import most_voted, only


@pytest.mark.parametrize(
    ("votes", "expected"),
    [
        ([], []),
        ([("a", 1.0), ("b", 1.0), ("a", 0.5)], ["a"]),
        ([("a", 1.0), ("b", 1.0)], ["a", "b"]),
        ([("a", 0.1), ("a", 0.2), ("b", 0.3)], ["a", "b"]),
    ],
)
def test_the_choices_with_most_weight_win(votes: list[tuple[str, float]], expected: list[str]) -> None:
    assert most_voted(votes) == expected


@pytest.mark.parametrize(("choices", "expected"), [([], None), (["a"], "a"), (["a", "b"], None)])
def test_only_one_choice_is_a_choice(choices: list[str], expected: str | None) -> None:
    assert only(choices) == expected
