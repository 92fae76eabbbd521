"""Plain text: turns in every layout that products and people use, and text without any."""

import pytest

from orchestrator.meeting.cleaning import clean
from orchestrator.meeting.formats import speaker_lines
from orchestrator.meeting.formats.spoken import Spoken

Turn = tuple[str | None, float | None, str]


def turns(content: str) -> list[Turn]:
    return [(one.speaker, one.start_s, clean(one.text)) for one in speaker_lines.read(content)]


UNTIMED: list[Turn] = [("Ann", None, "hello"), ("Bob Lee", None, "there you are"), ("Ann", None, "yes")]
TIMED: list[Turn] = [("Ann", 0.0, "hello"), ("Bob Lee", 12.0, "there you are"), ("Ann", 62.0, "yes")]


@pytest.mark.parametrize(
    ("content", "expected"),
    [
        ("Ann: hello\nBob Lee: there you are\nAnn: yes", UNTIMED),
        ("Ann: hello\n\nBob Lee: there\nyou are\n\nAnn: yes\n", UNTIMED),
        ("Ann:\nhello\n\nBob Lee:\nthere\nyou are\n\nAnn:\nyes", UNTIMED),
        ("[Ann] hello\n[Bob Lee] there you are\n[Ann] yes", UNTIMED),
        ("**Ann:** hello\n\n**Bob Lee:** there you are\n\n**Ann:** yes", UNTIMED),
        ("[00:00:00] Ann: hello\n[00:00:12] Bob Lee: there you are\n[00:01:02] Ann: yes", TIMED),
        ("00:00:00\tAnn:\thello\r\n00:00:12\tBob Lee:\tthere you are\r\n00:01:02\tAnn:\tyes", TIMED),
        ("Ann (00:00:00): hello\nBob Lee (00:00:12): there you are\nAnn (00:01:02): yes", TIMED),
        ("Ann  0:00  \nhello\n\nBob Lee  0:12  \nthere\nyou are\n\nAnn  1:02  \nyes\n", TIMED),
        ("Ann\n0:00\nhello\nBob Lee\n0:12\nthere\nyou are\nAnn\n1:02\nyes", TIMED),
        ("**Ann** (0:00): hello\n\n**Bob Lee** (0:12): there you are\n\n**Ann** (1:02): yes", TIMED),
        ("**Ann** 00:00:\nhello\n\n**Bob Lee** 00:12:\nthere you are\n\n**Ann** 01:02:\nyes", TIMED),
        ("00:00:00\n\nAnn: hello\n\n00:00:12\n\nBob Lee: there you are\n\n00:01:02\n\nAnn: yes", TIMED),
    ],
)
def test_turns_are_read_in_every_layout(content: str, expected: list[Turn]) -> None:
    assert turns(content) == expected


def test_a_colon_inside_a_sentence_starts_no_turn() -> None:
    content = (
        "Ann: agenda item 2: prices\nAgenda item 3: see http://example.com at 10:30\nRemember: buy\nBob: ok\nAnn: yes"
    )

    assert turns(content) == [
        ("Ann", None, "agenda item 2: prices Agenda item 3: see http://example.com at 10:30 Remember: buy"),
        ("Bob", None, "ok"),
        ("Ann", None, "yes"),
    ]


def test_what_products_add_is_nobodys_words() -> None:
    content = """Design meeting - Transcript
Attendees
Ann, Bob

# **Transcript**

_This editable transcript was computer generated and might contain errors. People can also change it._

00:00:00

Ann: hello

Bob: hi

Meeting ended after 00:05:06 👋
Transcribed by https://otter.ai
"""

    assert turns(content) == [("Ann", 0.0, "hello"), ("Bob", 0.0, "hi")]


def test_a_spoken_line_that_says_transcript_cuts_nothing_off() -> None:
    content = "Ann: one\nBob: two\nAnn: the word was\nTranscript\nBob: three"

    assert turns(content)[0] == ("Ann", None, "one")
    assert len(turns(content)) == 4


def test_above_timed_turns_stands_a_title_and_above_untimed_ones_perhaps_speech() -> None:
    assert turns("Kick-off\n\nAnn  0:00\nhello\n")[0] == ("Ann", 0.0, "hello")
    assert turns("and so it went\n\nAnn: hello\nBob: hi\n")[0] == (None, None, "and so it went")


def test_text_in_which_nobody_is_named_is_read_line_by_line() -> None:
    assert turns("We ship it.\n\nOn friday: all of it.\n") == [
        (None, None, "We ship it."),
        (None, None, "On friday: all of it."),
    ]


def test_times_in_brackets_or_alone_on_a_line_belong_to_the_words_after_them() -> None:
    content = "[00:00:01.000 --> 00:00:02.500]   we ship it\n\n0:12\n10:30 is when we start\n"

    assert speaker_lines.read(content) == [
        Spoken("we ship it", None, 1.0, 2.5),
        Spoken("10:30 is when we start", None, 12.0),
    ]


def test_a_time_below_prose_does_not_make_the_prose_a_name() -> None:
    assert turns("we all agreed on that\n0:12\nand went home\n") == [
        (None, None, "we all agreed on that"),
        (None, 12.0, "and went home"),
    ]


def test_a_text_without_line_ends_is_cut_into_passages_of_whole_sentences() -> None:
    content = "We ship it on friday then. " * 100

    found = [text for _, _, text in turns(content)]

    assert " ".join(found) == content.strip()
    assert len(found) > 5
    assert all(text.endswith("then.") for text in found)
