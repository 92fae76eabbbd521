"""A quote is found where it was said, and given back as it was said."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from orchestrator.analysis import quotes
from orchestrator.analysis.quotes import Concordance, Span, fold, letters, stands_alone
from tests.unit.analysis.samples import meeting

TALK = meeting(
    "Ann: So – we’ll  ship the ﬁrst “beta” on Friday.",
    "Bo: Okay.",
    "Ann: The server will move",
    "Ann: to the new room",
    "Bo: before Christmas, I think.",
    "Ann: Okay, book it.",
    "Cy: We talked about the budget yesterday.",
    "Cy: 我们决定周五发布新版本。",
    "Bo: We talked about the budget yesterday.",
    "Ann: STRASSE oder Straße?",
)


@pytest.mark.parametrize(
    ("quote", "named", "expected"),
    [
        ("we’ll  ship the ﬁrst “beta”", 0, Span(first=0, last=0, quote="we’ll  ship the ﬁrst “beta”")),
        (
            'We\'ll ship the first "BETA" on Friday',
            0,
            Span(first=0, last=0, quote="we’ll  ship the ﬁrst “beta” on Friday"),
        ),
        ("So - we'll ship", 0, Span(first=0, last=0, quote="So – we’ll  ship")),
        ("“ship the first beta”", 0, None),
        ('"on Friday"...', 0, Span(first=0, last=0, quote="on Friday")),
        ("ship on Friday", 0, None),
        ("okay", 1, Span(first=1, last=1, quote="Okay")),
        ("okay", 0, None),
        ("ay", 1, None),
        ("o", 1, None),
        ("...", 1, None),
        ("", 1, None),
        ("book it", None, None),
        ("before Christmas", 4, Span(first=4, last=4, quote="before Christmas")),
        ("before Christmas", 2, Span(first=4, last=4, quote="before Christmas")),
        ("before Christmas", 9, Span(first=4, last=4, quote="before Christmas")),
        ("before Christmas", None, Span(first=4, last=4, quote="before Christmas")),
        ("talked about the budget", 8, Span(first=8, last=8, quote="talked about the budget")),
        ("talked about the budget", 7, Span(first=6, last=6, quote="talked about the budget")),
        ("talked about the budget", 0, None),
        ("talked about the budget", None, None),
        (
            "the server will move to the new room",
            2,
            Span(first=2, last=3, quote="The server will move to the new room"),
        ),
        (
            "will move to the new room before Christmas",
            3,
            Span(first=2, last=4, quote="will move to the new room before Christmas"),
        ),
        ("server will move to the new room before Christmas, I think. Okay", 3, None),
        ("周五发布", 7, Span(first=7, last=7, quote="周五发布")),
        ("周五发布", 6, None),
        ("我们决定周五发布新版本", 7, Span(first=7, last=7, quote="我们决定周五发布新版本")),
        ("strasse oder strasse", 9, Span(first=9, last=9, quote="STRASSE oder Straße")),
    ],
)
def test_a_quote_is_found_where_it_was_said(quote: str, named: int | None, expected: Span | None) -> None:
    found = Concordance(TALK).find(quote, named)

    assert found == expected


def test_a_quote_that_runs_over_four_utterances_is_not_looked_for_at_its_first_place() -> None:
    talk = meeting("A: one two", "A: three four", "A: five six", "A: seven eight")

    assert Concordance(talk).find("two three four five six seven", 1) is None
    assert Concordance(talk).find("two three four five six", 1) == Span(
        first=0, last=2, quote="two three four five six"
    )


def test_a_repeated_quote_in_one_utterance_is_still_in_one_place() -> None:
    talk = meeting("A: hello there", *["B: hm"] * 6, "C: never again, never again, never again")

    assert Concordance(talk).find("never again", 0) == Span(first=7, last=7, quote="never again")


@pytest.mark.parametrize(
    ("words", "place", "expected"),
    [
        ("friday", 0, "Friday"),
        ("ship THE first", 0, "ship the ﬁrst"),
        ("fri", 0, None),
        ("x", 0, None),
        ("beta", 1, None),
    ],
)
def test_words_stand_in_an_utterance_as_whole_words(words: str, place: int, expected: str | None) -> None:
    assert Concordance(TALK).within(words, place) == expected


@pytest.mark.parametrize(
    ("words", "text", "alone"),
    [
        ("ann", "ask ann.", True),
        ("ann", "planning", False),
        ("ann", "anne", False),
        ("李雷", "请李雷去", True),
        ("co", "co-op", True),
    ],
)
def test_a_word_stands_alone_unless_letters_touch_it(words: str, text: str, alone: bool) -> None:
    assert (stands_alone(words, text) is not None) == alone


def test_a_range_of_places_ends_with_the_meeting() -> None:
    talk = Concordance(TALK)

    assert talk.around(0, 1, 3) == range(5)
    assert talk.around(8, 8, 3) == range(5, 10)


def test_the_table_of_code_points_stays_small(monkeypatch: pytest.MonkeyPatch) -> None:
    table = quotes._Table()
    monkeypatch.setattr(quotes, "_TABLE_LIMIT", 3)

    folded = "ABCDE".translate(table)

    assert folded == "abcde"
    assert len(table) == 3


@given(st.text())
def test_white_space_does_not_change_a_folded_text(text: str) -> None:
    assert fold(f"  {text}\u00a0\n{text}\t") == fold(f"{text} {text}")


@given(st.text(min_size=1))
def test_each_folded_character_knows_where_it_comes_from(text: str) -> None:
    origins = quotes._origins(text)

    assert len(origins) == len(fold(text))
    assert list(origins) == sorted(origins)
    assert all(0 <= place < len(text) for place in origins)


@given(
    st.lists(st.text(st.characters(codec="utf-8"), min_size=1, max_size=30), min_size=1, max_size=6),
    st.data(),
)
def test_whatever_is_found_is_verbatim_in_the_utterances_named(texts: list[str], data: st.DataObject) -> None:
    talk = meeting(*(f"A: {text}" for text in texts))
    joined = " ".join(texts)
    start = data.draw(st.integers(0, len(joined) - 1))
    quote = joined[start : start + data.draw(st.integers(1, 40))].swapcase()

    span = Concordance(talk).find(quote, data.draw(st.none() | st.integers(0, len(texts) - 1)))

    if span:
        assert span.quote in " ".join(texts[span.first : span.last + 1])
        assert span.last - span.first < quotes.MAX_SPAN
        assert letters(span.quote) >= 1
        assert fold(span.quote) in fold(quote) or fold(quote) in fold(span.quote)


@given(st.lists(st.text("abc de", min_size=9, max_size=30).filter(str.strip), min_size=1, max_size=5), st.data())
def test_a_long_quote_from_the_utterance_named_is_always_found(texts: list[str], data: st.DataObject) -> None:
    place = data.draw(st.integers(0, len(texts) - 1))
    talk = meeting(*(f"A: {text}" for text in texts))

    span = Concordance(talk).find(texts[place], place)

    if letters(texts[place]) >= quotes.DISTINCTIVE_LETTERS:
        assert span is not None
        assert (span.first, span.last) == (place, place)
