"""Likeness grows with shared words and never depends on the order of two texts."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from orchestrator.analysis.likeness import contradict, likeness, words


@pytest.mark.parametrize(
    ("one", "other", "lowest", "highest"),
    [
        ("Ship on Friday", "ship on FRIDAY", 1, 1),
        ("", "", 1, 1),
        ("", "Ship", 0, 0.1),
        ("to", "of", 0, 0.6),
        ("Ann sends the report", "The report is sent by Ann", 0.5, 0.9),
        ("Ann sends the report", "Sending of report: Ann", 0.6, 0.95),
        ("Ann sends the report", "Hire two testers", 0, 0.25),
        ("我们决定周五发布新版本", "决定周五发布版本", 0.7, 1),
        ("我们决定周五发布新版本", "预算没有批准", 0, 0.2),
    ],
)
def test_texts_are_as_alike_as_their_words(one: str, other: str, lowest: float, highest: float) -> None:
    assert lowest <= likeness(words(one), words(other)) <= highest


@pytest.mark.parametrize(
    ("one", "other", "expected"),
    [
        ("Hire two testers", "Hire 3 testers", True),
        ("Hire two testers", "Hire 2 testers", False),
        ("Hire two testers", "Hire testers", False),
        ("We ship on Friday", "We do not ship on Friday", True),
        ("We ship on Friday", "We won't ship on Friday", True),
        ("No age group is fixed as target", "Age is not what defines the target", False),
        ("Teletext is dropped", "The remote will not support teletext", False),
    ],
)
def test_a_contradiction_is_another_figure_or_a_denial(one: str, other: str, expected: bool) -> None:
    assert contradict(words(one), words(other)) == expected


def test_a_text_is_taken_apart_into_the_beginnings_of_its_words() -> None:
    assert words("Sending 12345 reports, and it is 我们 x 7").stems == {"send", "12345", "repo", "我们", "7"}


@given(st.text(), st.text(), st.floats(0, 1))
def test_likeness_is_symmetrical_and_may_only_fall_to_nothing_below_what_is_asked(
    one: str, other: str, at_least: float
) -> None:
    ours, theirs = words(one), words(other)

    full = likeness(ours, theirs)

    assert 0 <= full <= 1
    assert likeness(theirs, ours) == full
    assert likeness(ours, theirs, at_least=at_least) == full or full < at_least
    assert contradict(ours, theirs) == contradict(theirs, ours)


@given(st.text())
def test_a_text_is_like_itself_and_never_contradicts_itself(text: str) -> None:
    assert likeness(words(text), words(text)) == 1
    assert not contradict(words(text), words(text))
