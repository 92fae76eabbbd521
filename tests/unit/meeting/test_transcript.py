"""What a transcript can say about itself, and what cleaning takes away."""

import pytest

from orchestrator.meeting.cleaning import clean
from orchestrator.meeting.transcript import Transcript, Utterance


def transcript(*utterances: Utterance) -> Transcript:
    return Transcript(utterances=utterances)


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("  one \t two\r\nthree\u00a0", "one two three"),
        ("e\u0301", "é"),
        ("a\u200bb\u202ec\ufeff\U000e0041\x00\x07", "abc"),
        ("👩\u200d💻 می\u200cخواهم", "👩\u200d💻 می\u200cخواهم"),
        ("half \ud800 pair", "half ? pair"),
    ],
)
def test_cleaning_keeps_words_and_drops_what_hides(text: str, expected: str) -> None:
    assert clean(text) == expected


def test_a_transcript_counts_words_speakers_and_time() -> None:
    one = Utterance(id="u1", speaker="Ann", start_s=1.0, end_s=9.0, text="we ship")
    two = Utterance(id="u2", speaker=None, start_s=4.0, text="on friday")
    three = Utterance(id="u3", speaker="Ann", text="yes")

    found = transcript(one, two, three)

    assert (found.words, found.duration_s, found.speakers) == (5, 9.0, ("Ann",))
    assert found.by_id["u2"] is two


def test_a_transcript_without_times_has_no_duration() -> None:
    assert transcript(Utterance(id="u1", text="hello")).duration_s is None
