"""Scrolling captions lose their repetitions; people who repeat themselves do not."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from orchestrator.meeting.formats.rolling import unroll
from orchestrator.meeting.formats.spoken import Spoken


def spoken(*texts: str, speaker: str | None = "Ann") -> list[Spoken]:
    return [Spoken(text, speaker, float(place), place + 1.0) for place, text in enumerate(texts)]


@pytest.mark.parametrize(
    ("shown", "said"),
    [
        (("a b", "a b c d", "c d e f", "e f g"), ("a b", "c d", "e f", "g")),  # the last line stays, one is added
        (("a", "a b", "a b c"), ("a", "b", "c")),  # the line grows
        (("a b", "a b", "a b c d", "c d", "c d e"), ("a b", "c d", "e")),  # YouTube: each state is a cue
        (("so so", "so so so it", "so it goes", "goes on"), ("so so", "so it", "goes", "on")),
    ],
)
def test_a_file_that_scrolls_keeps_only_what_is_new(shown: tuple[str, ...], said: tuple[str, ...]) -> None:
    assert tuple(one.text for one in unroll(spoken(*shown))) == said


@pytest.mark.parametrize(
    "texts",
    [
        ("Yeah.", "Yeah. I think so.", "But then we ship.", "On friday.", "Or so.", "I hope."),
        ("Yeah.", "Yeah. I think so."),
        ("one", "two", "three"),
        (),
    ],
)
def test_a_file_that_does_not_scroll_stays_as_it_is(texts: tuple[str, ...]) -> None:
    assert unroll(spoken(*texts)) == spoken(*texts)


def test_other_speakers_and_parts_of_one_cue_do_not_scroll() -> None:
    between = [one for name in ("Ann", "Bob", "Ann", "Bob") for one in spoken("a b", speaker=name)]

    assert unroll(between) == between


def test_a_word_shared_at_the_border_is_speech_even_in_a_file_that_scrolls() -> None:
    shown = spoken("a b", "a b c d", "c d e f", "f then g")

    assert unroll(shown)[-1].text == "f then g"


@given(st.lists(st.lists(st.sampled_from("ab"), max_size=6).map(" ".join), max_size=12))
def test_unrolling_never_invents_or_reorders_words(texts: list[str]) -> None:
    before = spoken(*texts)

    after = unroll(before)

    shown = {one.start_s: one.text.split() for one in before}
    assert [one.start_s for one in after] == sorted(one.start_s or 0 for one in after)
    assert all(shown[one.start_s][-len(one.text.split()) :] == one.text.split() for one in after if one.text)
