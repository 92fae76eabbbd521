"""What a caller names is held against what the content is."""

import pytest

from orchestrator.errors import UnparseableTranscript
from orchestrator.meeting.formats import READERS
from orchestrator.meeting.formats.spoken import Spoken

CAPTIONS = "1\n00:00:01,000 --> 00:00:02,000\nAnn: hi\n"
ASS = "[Script Info]\n[Events]\n"


@pytest.mark.parametrize(
    ("name", "content", "expected"),
    [
        ("zoom", "[Ann Lee] 00:00:05\nGood morning.\n\n[Bob] 00:00:09\nHi.\n", "Ann Lee"),
        ("teams", "Ann Lee\n0:05\nGood morning.\nBob\n0:09\nHi.\n", "Ann Lee"),
        ("meet", CAPTIONS, "Ann"),
        ("otter", CAPTIONS, "Ann"),
        ("fireflies", "speaker,text\nAnn Lee,hi", "Ann Lee"),
        ("fireflies", '{"sentences": [{"speaker_name": "Ann", "text": "hi"}]}', "Ann"),
        ("rev", "Speaker 0    00:00    Hi, I am Ann.\nSpeaker 1    00:04    Hello Ann.\n", "Speaker 0"),
    ],
)
def test_each_layout_of_a_product_is_read_under_its_name(name: str, content: str, expected: str) -> None:
    assert READERS[name](content)[0].speaker == expected


@pytest.mark.parametrize(
    ("name", "content", "reason"),
    [
        ("zoom", '{"results": {}}', "expected a Zoom transcript.*; this is JSON"),
        ("teams", ASS, "expected a Teams transcript.*; this is an .*SubStation"),
        ("meet", "speaker,text\nAnn,hi", "expected a Google Meet transcript.*; this is a table"),
        ("otter", "just some words\nof somebody", "expected an Otter export.*; no line of the text names a speaker"),
        ("fireflies", '{"monologues": []}', "expected Fireflies JSON.*; this is Rev JSON"),
        ("rev", "rec 1 Ann 1.0 2.0 hi", "expected a Rev transcript.*; this is an STM file"),
        ("text", CAPTIONS, "expected plain text; this is captions with time lines"),
        ("text", "00:00:01.000 --> 00:00:02.000\nhi", "expected plain text; this is captions"),
        ("text", "WEBVTT\n", "expected plain text; this is WebVTT"),
        ("text", '{"utterances": []}', "expected plain text; this is JSON"),
        ("text", ASS, "expected plain text; this is an .*SubStation"),
        ("deepgram", CAPTIONS, "expected Deepgram JSON.*; this is captions"),
        ("csv", CAPTIONS, "expected a header row"),
        ("vtt", '{"utterances": []}', "expected a time line"),
    ],
)
def test_other_content_is_refused_with_what_was_expected_and_found(name: str, content: str, reason: str) -> None:
    with pytest.raises(UnparseableTranscript, match=reason):
        READERS[name](content)


@pytest.mark.parametrize(
    "content", ['{"a": 1}', '{"a', '{"utterances": ', "we quote\n00:00:01.000 --> 00:00:02.000\nhere"]
)
def test_what_is_no_transcript_for_machines_is_text(content: str) -> None:
    assert READERS["text"](content)


def test_a_product_whose_text_is_empty_has_nothing_to_refuse() -> None:
    assert READERS["otter"]("\n") == []


def test_columns_part_name_time_and_words() -> None:
    content = "Ann Lee\t0:01\tHi there\nBob\t0:05\tAt 10:30 we start\n"

    assert READERS["text"](content) == [
        Spoken("\tHi there", "Ann Lee", 1.0),
        Spoken("\tAt 10:30 we start", "Bob", 5.0),
    ]
