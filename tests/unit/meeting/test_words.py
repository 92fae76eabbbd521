"""Words become utterances: by voice, by pause, by who speaks in between; and no word is lost."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from orchestrator.meeting.formats import words
from orchestrator.meeting.formats.spoken import Spoken, voice
from orchestrator.meeting.formats.words import LONG_CHARACTERS, LONGEST_CHARACTERS, PAUSE_S, Word


def said(*found: tuple[str, str, float, float]) -> list[Word]:
    return [Word(text, speaker, start_s, end_s) for speaker, text, start_s, end_s in found]


def test_a_voice_goes_on_until_it_pauses() -> None:
    spoken = words.utterances(said(("A", "we", 0, 1), ("A", "ship", 2.9, 3), ("A", "today", 3 + PAUSE_S, 6)))

    assert spoken == [Spoken("we ship", "A", 0, 3), Spoken("today", "A", 5, 6)]


def test_another_voice_in_between_ends_an_utterance() -> None:
    spoken = words.utterances(said(("A", "ship?", 0, 1), ("B", "no", 1.1, 1.2), ("A", "why", 1.3, 1.5)))

    assert [(one.speaker, one.text) for one in spoken] == [("A", "ship?"), ("B", "no"), ("A", "why")]


def test_voices_that_talk_at_the_same_time_are_told_apart() -> None:
    together = said(
        ("A", "we", 0, 1), ("B", "yes", 0.5, 0.9), ("A", "ship", 1, 2), ("B", "yes", 1.5, 2.2), ("A", "it", 2, 3)
    )

    assert words.utterances(together) == [Spoken("we ship it", "A", 0, 3), Spoken("yes yes", "B", 0.5, 2.2)]


def test_without_times_voices_take_turns() -> None:
    untimed = [Word("we", "A"), Word("ship", "A"), Word("no", "B"), Word("why", "A")]

    assert words.utterances(untimed) == [Spoken("we ship", "A"), Spoken("no", "B"), Spoken("why", "A")]


def test_punctuation_stays_with_its_word_and_interrupts_nobody() -> None:
    found = [
        *said(("A", "we", 0, 1), ("B", "yes", 0.5, 0.9)),
        Word(".", "B", glued=True),
        *said(("A", "ship", 1, 2)),
        Word("!", "A", glued=True),
    ]

    assert words.utterances(found) == [Spoken("we ship!", "A", 0, 2), Spoken("yes.", "B", 0.5, 0.9)]


def test_a_long_utterance_ends_with_its_sentence() -> None:
    sentence = "We ship it on friday then."

    spoken = words.utterances(Word(word, "A") for word in sentence.split() * 100)

    assert all(one.text.endswith("then.") for one in spoken)
    assert all(len(one.text) <= LONG_CHARACTERS + len(sentence) + 1 for one in spoken)


def test_a_voice_without_sentences_is_cut_between_words() -> None:
    spoken = words.utterances([Word("hello")] * 1000)

    assert all(len(one.text) <= LONGEST_CHARACTERS + len(" hello") for one in spoken)


@pytest.mark.parametrize(
    ("found", "expected"),
    [
        (["We", "ship"], "We ship"),
        (["我们", "今天", "发布", "。"], "我们今天发布。"),
        (["我们", "ship", "今天"], "我们 ship 今天"),
        (["สวัสดี", "ครับ"], "สวัสดีครับ"),
    ],
)
def test_words_are_spaced_as_their_script_is(found: list[str], expected: str) -> None:
    assert words.line(map(Word, found)) == expected


@pytest.mark.parametrize(
    ("label", "name"),
    [("0", "Speaker 0"), ("A", "Speaker A"), ("spk_0", "spk_0"), ("Ann", "Ann"), (" ", None), (None, None)],
)
def test_a_bare_label_is_called_a_speaker(label: str | None, name: str | None) -> None:
    assert voice(label) == name


def test_streams_are_put_together_by_their_starts() -> None:
    first, unknown, later, between = Spoken("a", None, 1), Spoken("b"), Spoken("c", None, 5), Spoken("d", None, 2)

    assert words.timed([first, unknown, later, between]) == [first, unknown, between, later]
    assert words.timed([unknown, first]) == [unknown, first]


TIMES = st.none() | st.floats(0, 100)


@given(
    st.lists(st.builds(Word, st.sampled_from(["we", "ship", "it."]), st.sampled_from(["A", "B", None]), TIMES, TIMES))
)
def test_every_word_of_a_voice_is_kept_in_order(found: list[Word]) -> None:
    spoken = words.utterances(found)

    for name in {word.speaker for word in found}:
        heard = "".join(one.text for one in spoken if one.speaker == name).replace(" ", "")
        assert heard == "".join(word.text for word in found if word.speaker == name)
    assert all(one.end_s is None or one.start_s is None or one.start_s <= one.end_s for one in spoken)
