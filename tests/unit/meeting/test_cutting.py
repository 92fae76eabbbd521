"""Where text may be cut, and that nothing but white space goes missing."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from orchestrator.meeting.formats import cutting

PROSE = st.text(st.sampled_from('ab .!?。"…'), max_size=200)


def without_space(text: str) -> str:
    return "".join(text.split())


def test_each_kind_of_line_end_ends_one_line() -> None:
    assert cutting.lines("a\r\nb\rc\nd\n\re\u2028f") == ["a", "b", "c", "d", "", "e\u2028f"]


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("One. Two! Three?", ["One. Two!", "Three?"]),
        ('He said "Yes." Then he left.', ['He said "Yes."', "Then he left."]),
        ("我们开会。他们不来。", ["我们开会。", "他们不来。"]),
        ("no end at all, and rather long", ["no end at all, and rather long"]),
        ("", [""]),
    ],
)
def test_passages_are_whole_sentences(text: str, expected: list[str]) -> None:
    aim = 10 if "O" in text else 5

    assert cutting.passages(text, aim) == expected


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("One two. Three", ["One two.", "Three"]),
        ("onetwo threefour", ["onetwo", "threefour"]),
        ("onetwothreefour", ["onetwothree", "four"]),
        ("short", ["short"]),
    ],
)
def test_pieces_end_at_the_best_border_within_the_limit(text: str, expected: list[str]) -> None:
    assert cutting.pieces(text, 11) == expected


@given(PROSE, st.integers(1, 30))
def test_passages_lose_nothing(text: str, aim: int) -> None:
    assert without_space("".join(cutting.passages(text, aim))) == without_space(text)


@given(PROSE, st.integers(1, 30))
def test_pieces_lose_nothing_and_keep_the_limit(text: str, limit: int) -> None:
    pieces = cutting.pieces(text, limit)

    assert without_space("".join(pieces)) == without_space(text)
    assert all(len(piece) <= limit for piece in pieces)
