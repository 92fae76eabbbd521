"""The shared files: what real products write, and what has been damaged on purpose."""

import json
from itertools import groupby
from typing import NotRequired, TypeAlias, TypedDict, get_args

import pytest

from orchestrator.errors import EmptyTranscript, UnparseableTranscript
from orchestrator.meeting.cleaning import clean
from orchestrator.meeting.decoding import decode
from orchestrator.meeting.reading import TranscriptFormat, read
from orchestrator.meeting.transcript import Transcript
from tests.shared_data import shared

Row: TypeAlias = tuple[str | None, float | None, float | None, str]


class Speaker(TypedDict):
    id: str
    name: str


class Segment(TypedDict):
    id: str
    speaker: str
    start: float | None
    end: float | None
    text: str


class Meeting(TypedDict):
    speakers: list[Speaker]
    segments: list[Segment]


class Expectation(TypedDict):
    segments: NotRequired[int]
    turns: NotRequired[int]
    unique: NotRequired[int]
    segments_with_text: NotRequired[int]
    speakers: NotRequired[list[str]]
    first_start_s: NotRequired[float]


class Listed(TypedDict):
    file: str
    expect: NotRequired[Expectation]


MEETINGS = [
    *(f"ami-{name}" for name in ("es2005a", "es2008a", "es2008b", "es2016b", "ts3005d", "ts3011b")),
    *(f"icsi-{name}" for name in ("bed016", "bmr003", "bmr020")),
    *(f"qmsum-{name}" for name in ("covid-1", "education-4", "education-17")),
    *("vcsum-125", "vcsum-172", "parlamint-es-2018-07-02", "parlamint-es-2019-02-13"),
    *("akash-sig-support-002-2023-02-15", "akash-sig-community-018-2024-08-14"),
    "sharealike/fredsum-hollande-sarkozy-europe",
]
EXPORTS_BY_SEGMENT = [
    "rendered/zoom.vtt",
    "rendered/teams.vtt",
    "rendered/teams-metadata.vtt",
    "rendered/speakers.srt",
    "rendered/speakers.sbv",
]
EXPORTS_BY_TURN = [
    "rendered/google-meet.txt",
    "rendered/otter.txt",
    "rendered/teams-copy-paste.txt",
    "rendered/notes.md",
]
COUNTED = [
    *("rendered/whisper.json", "rendered/whisperx.json", "rendered/otter-unnamed.txt"),
    *(f"odd/{name}.vtt" for name in ("utf16le-bom", "mojibake", "cut-inside-character", "crlf-bom", "cr-only")),
    *(f"odd/{name}.vtt" for name in ("no-header-no-ids", "srt-in-vtt-clothes", "overlapping", "out-of-order")),
    *(f"odd/{name}.vtt" for name in ("end-before-start", "over-100-hours", "loose-times", "rolling-captions")),
    *(f"odd/{name}.vtt" for name in ("no-final-newline-empty-cues", "repeated-cues", "colon-in-text")),
    *(f"odd/{name}.vtt" for name in ("speaker-names", "two-speakers-one-cue", "html-and-entities", "prompt-injection")),
    *("odd/utf16be-no-bom.srt", "odd/windows-1252.srt", "odd/nan-and-null.json", "odd/jsonl-not-json.json"),
]
NATIVE = {  # utterances, last words; the index states nothing about these
    "webvtt-plain.vtt": (16, "Caption text #16"),
    "webvtt-bom.vtt": (4, "Caption text #4"),
    "webvtt-notes.vtt": (3, "- Ta en kopp"),
    "webvtt-header-block.vtt": (2, "Caption text #2"),
    "youtube-auto.vtt": (3, "this will happen is I'm telling"),
    "webvtt-no-signature.vtt": (7, "Caption text #7"),
    "webvtt-missing-time.vtt": (6, "Caption text #7"),
    "webvtt-empty-cue.vtt": (4, "Caption text #5"),
    "webvtt-voice-tags.vtt": (13, "You know I’m so excited my glasses are falling off here."),
    "webvtt-mixed-newlines.vtt": (4, "text3"),
    "webvtt-header-garbage.vtt": (1, "text"),
    "webvtt-tag-soup.vtt": (30, "abc"),
    "teams-guid-cues.vtt": (10, "See you."),
    "srt-plain.srt": (5, "Caption text #5"),
    "srt-empty-cue.srt": (4, "Caption text #5"),
    "srt-bad-time.srt": (5, "Caption text #5"),
    "sbv-plain.sbv": (5, "Caption text #5"),
}
REFUSED = {  # with the line, where there is one
    "native/webvtt-bad-time.vtt": 6,
    "native/webvtt-nul-bytes.vtt": 21,
    "native/ass-plain.ass": 1,
    "native/nist-ref.stm": 1,
    "native/nist-hyp.ctm": 1,
    "native/nist-ref.rttm": 1,
    "native/chime-seglst.json": None,
    "native/podcast-namespace.json": None,
    "native/deepgram-utterances.json": None,
    "native/deepgram-diarized-words.json": None,
    "native/aws-call-analytics.json": None,
    "rendered/teams.docx": None,
    "rendered/aws-transcribe.json": None,
    "rendered/google-stt.json": None,
    "rendered/fireflies.json": None,
    "rendered/rev.json": None,
    "rendered/segments.csv": 1,
    "odd/truncated.json": 1,
    "odd/deep-nesting.json": None,
}


def meeting(name: str) -> Meeting:
    loaded: Meeting = json.loads(shared(f"transcripts/{name}.json").read_text(encoding="utf-8"))
    return loaded


def of_file(file: str, form: TranscriptFormat = "auto") -> Transcript:
    return read(decode(shared(f"formats/{file}").read_bytes()), form)


def expectation(file: str) -> Expectation:
    index: list[Listed] = json.loads(shared("formats/index.json").read_text(encoding="utf-8"))
    return next(listed["expect"] for listed in index if listed["file"] == file and "expect" in listed)


def segments(name: str) -> list[Row]:
    truth = meeting(name)
    names = {speaker["id"]: speaker["name"] or speaker["id"] for speaker in truth["speakers"]}
    return [(clean(names[s["speaker"]]), s["start"], s["end"], clean(s["text"])) for s in truth["segments"]]


def as_segments(transcript: Transcript) -> list[Row]:
    return [(one.speaker, one.start_s, one.end_s, one.text) for one in transcript.utterances]


@pytest.mark.parametrize("form", ["auto", "json"])
@pytest.mark.parametrize("name", MEETINGS)
def test_every_shared_meeting_is_read_as_it_is(name: str, form: TranscriptFormat) -> None:
    content = shared(f"transcripts/{name}.json").read_text(encoding="utf-8")

    transcript = read(content, form)

    assert as_segments(transcript) == segments(name)
    assert [one.id for one in transcript.utterances] == [segment["id"] for segment in meeting(name)["segments"]]


@pytest.mark.parametrize("name", [name for name in MEETINGS if not name.startswith("parlamint")])
def test_every_shared_meeting_written_as_plain_text_is_read_back(name: str) -> None:
    spoken = [(speaker, text) for speaker, _, _, text in segments(name)]

    transcript = read("\n".join(f"{speaker}: {text}" for speaker, text in spoken), "auto")

    assert [(one.speaker, one.text) for one in transcript.utterances] == spoken


@pytest.mark.parametrize("name", MEETINGS)
def test_the_bare_words_of_a_meeting_have_no_speakers(name: str) -> None:
    content = "\n".join(text for *_, text in segments(name))

    transcript = read(content, "text")

    assert transcript.speakers == ()
    assert "".join("".join(one.text for one in transcript.utterances).split()) == "".join(content.split())


@pytest.mark.parametrize("file", EXPORTS_BY_SEGMENT)
def test_an_export_by_segment_gives_the_meeting_back(file: str) -> None:
    assert as_segments(of_file(file)) == segments("ami-es2005a")


@pytest.mark.parametrize("file", EXPORTS_BY_TURN)
def test_an_export_by_turn_gives_speakers_and_words_back(file: str) -> None:
    transcript = of_file(file)

    expect = expectation(file)
    assert len(transcript.utterances) == expect["turns"]
    assert sorted(transcript.speakers) == expect["speakers"]
    assert words_by_turn(as_segments(transcript)) == words_by_turn(segments("ami-es2005a"))


def words_by_turn(rows: list[Row]) -> list[tuple[str | None, list[str]]]:
    turns = [(speaker, list(group)) for speaker, group in groupby(rows, key=lambda row: row[0])]
    return [(speaker, " ".join(row[3] for row in group).split()) for speaker, group in turns]


@pytest.mark.parametrize("file", ["rendered/otter.txt", "rendered/teams-copy-paste.txt", "rendered/notes.md"])
def test_turns_keep_their_times_to_the_second(file: str) -> None:
    starts = {int(start or 0) for _, start, _, _ in segments("ami-es2005a")}

    assert {one.start_s for one in of_file(file).utterances} <= starts


@pytest.mark.parametrize("file", COUNTED)
def test_a_file_gives_what_its_index_promises(file: str) -> None:
    transcript = of_file(file)

    expect = expectation(file)
    counts = [expect.get(key) for key in ("unique", "segments_with_text", "segments", "turns")]
    assert len(transcript.utterances) == next(count for count in counts if count is not None)
    assert sorted(transcript.speakers) == expect.get("speakers", sorted(transcript.speakers))
    assert transcript.utterances[0].start_s == expect.get("first_start_s", transcript.utterances[0].start_s)


@pytest.mark.parametrize("file", ["odd/rolling-captions.vtt", "odd/repeated-cues.vtt", "odd/loose-times.vtt"])
def test_a_repaired_file_has_the_words_that_were_said(file: str) -> None:
    assert [one.text for one in of_file(file).utterances] == [text for *_, text in segments("ami-es2005a")[:60]]


def test_cues_out_of_order_come_in_the_order_of_their_starts() -> None:
    starts = [one.start_s for one in of_file("odd/out-of-order.vtt").utterances]

    assert starts == sorted(start for start in starts if start is not None)


def test_one_cue_that_holds_a_whole_meeting_is_split_by_its_speakers() -> None:
    transcript = of_file("odd/huge-cue.vtt")

    assert len(transcript.utterances) == 3600
    assert set(transcript.speakers) == {speaker for speaker, *_ in segments("ami-es2005a")}


def test_one_line_that_holds_a_whole_meeting_is_cut_without_loss() -> None:
    transcript = of_file("odd/one-long-line.txt")

    content = decode(shared("formats/odd/one-long-line.txt").read_bytes())
    assert " ".join(one.text for one in transcript.utterances) == clean(content)
    assert max(len(one.text) for one in transcript.utterances) < 1000


@pytest.mark.parametrize(("file", "expected"), NATIVE.items())
def test_files_of_public_projects_are_read_to_their_last_word(file: str, expected: tuple[int, str]) -> None:
    utterances = of_file(f"native/{file}").utterances

    assert (len(utterances), utterances[-1].text) == expected


def test_a_real_google_meet_document_gives_its_speakers() -> None:
    transcript = of_file("native/google-meet-transcript.md")

    assert set(transcript.speakers) == {"Tyler Wright", "Joao Luna", "Scott Carruthers", "Dominikus Brian"}


def test_a_real_google_meet_document_below_its_notes_is_the_shared_meeting() -> None:
    content = shared("transcripts/original/akash-sig-support-002-2023-02-15.md").read_text(encoding="utf-8")

    turns = [(one.speaker, one.text) for one in read(content, "auto").utterances]

    assert turns == [(speaker, text) for speaker, _, _, text in segments("akash-sig-support-002-2023-02-15")]


@pytest.mark.parametrize(("file", "line"), REFUSED.items())
def test_what_cannot_be_read_is_refused_with_its_line(file: str, line: int | None) -> None:
    with pytest.raises(UnparseableTranscript) as refusal:
        of_file(file)

    assert refusal.value.line == line


@pytest.mark.parametrize("file", ["odd/empty.vtt", "odd/only-whitespace.txt", "native/webvtt-signature-only.vtt"])
def test_a_file_without_words_is_empty(file: str) -> None:
    with pytest.raises(EmptyTranscript):
        of_file(file)


@pytest.mark.parametrize("form", get_args(TranscriptFormat))
def test_no_shared_file_raises_anything_but_the_two_refusals_in_any_format(form: TranscriptFormat) -> None:
    read_files = 0

    for path in sorted(path for path in shared("formats").rglob("*.*") if path.is_file()):
        try:
            of_file(str(path.relative_to(shared("formats"))), form)
        except (EmptyTranscript, UnparseableTranscript):
            continue
        read_files += 1

    assert read_files > 5
