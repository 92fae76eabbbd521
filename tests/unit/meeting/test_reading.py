"""From content to transcript: ids, limits, cleaning, and that nothing but the two refusals ever comes out."""

import json
from typing import get_args

import pytest
from hypothesis import given
from hypothesis import strategies as st

from orchestrator.errors import EmptyTranscript, UnparseableTranscript
from orchestrator.meeting.formats import READERS
from orchestrator.meeting.reading import TranscriptFormat, read
from orchestrator.meeting.transcript import MAX_UTTERANCE_CHARACTERS, MAX_UTTERANCES

CAPTION = "WEBVTT\n\n00:01.000 --> 00:02.000\nhi"
SAMPLES: dict[TranscriptFormat, str] = {
    "auto": CAPTION,
    "vtt": CAPTION,
    "srt": CAPTION,
    "sbv": "0:00:01.000,0:00:02.000\nhi",
    "text": "hi",
    "json": '{"utterances": [{"text": "hi"}]}',
    "csv": "speaker,text\nAnn,hi",
    "ass": "[Script Info]\n[Events]\nDialogue: 0,0:00:01.00,0:00:02.00,Default,Ann,0,0,0,,hi",
    "stm": "rec 1 Ann 1.0 2.0 hi",
    "ctm": "rec 1 1.0 0.5 hi",
    "assemblyai": '{"audio_url": "", "utterances": [{"speaker": "A", "start": 1000, "end": 2000, "text": "hi"}]}',
    "deepgram": '{"results": {"channels": [{"alternatives": [{"transcript": "hi"}]}]}}',
    "whisper": '{"text": "hi", "segments": [{"start": 1, "end": 2, "text": "hi", "words": []}]}',
    "aws": '{"results": {"items": [{"type": "pronunciation", "alternatives": [{"content": "hi"}]}]}}',
    "google": '{"results": [{"alternatives": [{"transcript": "hi"}]}]}',
    "zoom": CAPTION,
    "teams": CAPTION,
    "meet": "Ann: hi",
    "otter": "Ann  0:01\nhi\n",
    "fireflies": '{"data": {"transcript": {"sentences": [{"speaker_name": "Ann", "text": "hi"}]}}}',
    "rev": '{"monologues": [{"speaker": 0, "elements": [{"type": "text", "value": "hi"}]}]}',
}
ROW: dict[str, object] = {"text": "x"}


def utterances(*rows: dict[str, object]) -> str:
    return json.dumps({"utterances": rows})


def test_the_table_has_a_reader_for_each_format_of_the_contract() -> None:
    assert {"auto", *READERS} == set(get_args(TranscriptFormat))


@pytest.mark.parametrize(
    ("rows", "ids"),
    [
        (({"id": "a", "text": "x"}, {"id": "b", "text": "y"}), ["a", "b"]),
        (({"id": "a", "text": "x"}, {"text": "y"}), ["u1", "u2"]),
        (({"id": "a", "text": "x"}, {"id": "a", "text": "y"}), ["u1", "u2"]),
        (({"id": "a", "text": "x"}, {"id": "", "text": "y"}), ["u1", "u2"]),
        (({"id": "a" * 64, "text": "x"},), ["a" * 64]),
        (({"id": "a" * 65, "text": "x"},), ["u1"]),
        (({"id": "a\u202eb", "text": "x"},), ["u1"]),
        (({"id": " a", "text": "x"},), ["u1"]),
        (({"id": "a", "text": "x"}, {"id": "b", "text": " "}, {"id": "c", "text": "y"}), ["a", "c"]),
        (({"text": "x"}, {"text": "\u200b"}, {"text": "y"}), ["u1", "u2"]),
    ],
)
def test_ids_are_the_files_own_if_all_are_good_and_else_the_places(
    rows: tuple[dict[str, object], ...], ids: list[str]
) -> None:
    assert [one.id for one in read(utterances(*rows), "json").utterances] == ids


def test_texts_and_names_are_cleaned() -> None:
    transcript = read(
        utterances({"speaker": " A\u202enn\n Lee ", "text": "one\u200b  two\t\ud800 \u0000e\u0301"}), "auto"
    )

    assert [(one.speaker, one.text) for one in transcript.utterances] == [("Ann Lee", "one two ? é")]


def test_a_name_without_end_is_cut() -> None:
    assert [len(name) for name in read(utterances({"speaker": "x" * 5000, "text": "hi"}), "json").speakers] == [200]


@pytest.mark.parametrize("form", get_args(TranscriptFormat))
@pytest.mark.parametrize("mark", ["", "\ufeff", "\0"])
def test_byte_order_marks_and_nuls_do_not_matter(form: TranscriptFormat, mark: str) -> None:
    assert [one.text for one in read(mark + SAMPLES[form], form).utterances] == ["hi"]


@pytest.mark.parametrize(
    "content",
    [
        "",
        " \r\n\t",
        "WEBVTT\n",
        "\u200b\u200b",
        "...",
        "👍 👍",
        "y" * 4096,  # a disk block that was never written
        '{"utterances": []}',
        '{"utterances": [{"text": "--"}]}',
    ],
)
def test_a_file_without_a_word_is_empty(content: str) -> None:
    with pytest.raises(EmptyTranscript):
        read(content, "auto")


@pytest.mark.parametrize(
    "content",
    [
        utterances(*[ROW] * (MAX_UTTERANCES + 1)),
        "x\n" * (MAX_UTTERANCES + 1),
        utterances({"text": "x " * (MAX_UTTERANCE_CHARACTERS)}, *[ROW] * (MAX_UTTERANCES - 1)),
    ],
)
def test_more_utterances_than_the_limit_are_refused(content: str) -> None:
    with pytest.raises(UnparseableTranscript, match=f"utterances; at most {MAX_UTTERANCES}"):
        read(content, "auto")


def test_as_many_utterances_as_the_limit_are_read() -> None:
    assert len(read("x\r\n" * MAX_UTTERANCES, "text").utterances) == MAX_UTTERANCES


def test_more_line_ends_than_any_transcript_has_are_refused_unread() -> None:
    with pytest.raises(UnparseableTranscript, match="line ends"):
        read("\r\n" * (10 * MAX_UTTERANCES + 1) + "x", "text")


def test_an_over_long_utterance_becomes_several_without_loss() -> None:
    text = "We ship it on friday. " * 40_000

    transcript = read(utterances({"id": "a", "speaker": "Ann", "start_s": 1, "end_s": 9, "text": text}), "json")

    assert " ".join(one.text for one in transcript.utterances) == text.strip()
    assert {(one.speaker, one.start_s, one.end_s) for one in transcript.utterances} == {("Ann", 1.0, 9.0)}
    assert [one.id for one in transcript.utterances] == ["u1", "u2", "u3"]


def test_a_text_without_spaces_is_cut_where_the_limit_falls() -> None:
    lengths = [len(one.text) for one in read("xy" * 2_000_000, "text").utterances]

    assert sum(lengths) == 4_000_000
    assert max(lengths) == MAX_UTTERANCE_CHARACTERS


@pytest.mark.timeout(20)  # sorting them all takes the square of their number: an hour
def test_a_million_marks_on_one_letter_are_thinned_to_thirty() -> None:
    content = utterances({"speaker": "A" + "\u0301\u0323" * 10_000, "text": "a" + "\u0301\u0323" * 500_000 + " word"})

    (one,) = read(content, "json").utterances

    assert one.text.endswith(" word")
    assert len(one.text) <= len("a word") + 30


FRAGMENTS = st.sampled_from(
    [
        *(
            "WEBVTT",
            "NOTE",
            "STYLE",
            "1",
            "Ann: hello",
            "Ann",
            "0:12",
            "[00:01:02] Ann: hi",
            "[Ann] hi",
            "Ann (0:12): hi",
        ),
        *("00:00:01.000 --> 00:00:02.000", "00:00:01,000 --> 0", "0:00:01.0,0:00:02.0", "-->", "->", "Transcript"),
        *("<v Ann>hi</v>", "<v Ann>", "<", "&amp;", ": ", "*", "**Ann** (0:01): x", ". ", "。", '{"spokenText": "x"}'),
        *("{", "[", '{"text": "a"}', '{"segments": [', "]}", "\ud800", "\u202e", "\x85", "\u2028", "\x00", "\u0301"),
    ]
)
BORDERS = st.sampled_from(["\n", "\r\n", "\r", "\n\n", " ", ""])
SOUP = st.lists(st.tuples(FRAGMENTS, BORDERS), max_size=25).map(lambda parts: "".join(map("".join, parts)))


@given(st.text() | SOUP, st.sampled_from(get_args(TranscriptFormat)))
def test_no_content_raises_anything_but_the_two_refusals(content: str, form: TranscriptFormat) -> None:
    try:
        transcript = read(content, form)
    except (EmptyTranscript, UnparseableTranscript):
        return

    assert len(transcript.by_id) == len(transcript.utterances)
    assert all(one.end_s is None or (one.start_s or 0) <= one.end_s for one in transcript.utterances)


HOSTILE = [
    "<",
    "<v ",
    "<a",
    "<1:",
    "&a",
    "{\\",
    "1:",
    "0:0 ",
    "00:00:01.000 --> ",
    "-> ",
    ":",
    "[",
    " ",
    "*",
    "A (0:0 ",
    ". ",
]


@pytest.mark.timeout(20)  # each takes a tenth of a second; the square of their size would be an hour
@pytest.mark.parametrize("piece", [*HOSTILE, "(" * 99, "x", "我们。", "\u200b", '"', "1:1" + "-" * 300, '{"a":'])
@pytest.mark.parametrize("form", ["auto", "vtt", "text"])
def test_half_a_megabyte_of_anything_costs_time_in_proportion(piece: str, form: TranscriptFormat) -> None:
    opening = "" if form == "text" else "00:00:01.000 --> 00:00:02.000\n"
    content = f"{opening}we meet\nx" + piece * (500_000 // len(piece))

    assert read(content, form).utterances
