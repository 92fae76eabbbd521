"""The shared meetings, as our own JSON and as plain text; and that nothing but the two refusals comes out of a file."""

import json
from typing import TypeAlias, TypedDict, get_args

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


MEETINGS = [
    *(f"ami-{name}" for name in ("es2005a", "es2008a", "es2008b", "es2016b", "ts3005d", "ts3011b")),
    *(f"icsi-{name}" for name in ("bed016", "bmr003", "bmr020")),
    *(f"qmsum-{name}" for name in ("covid-1", "education-4", "education-17")),
    *("vcsum-125", "vcsum-172", "parlamint-es-2018-07-02", "parlamint-es-2019-02-13"),
    *("akash-sig-support-002-2023-02-15", "akash-sig-community-018-2024-08-14"),
    "sharealike/fredsum-hollande-sarkozy-europe",
]


def meeting(name: str) -> Meeting:
    loaded: Meeting = json.loads(shared(f"transcripts/{name}.json").read_text(encoding="utf-8"))
    return loaded


def of_file(file: str, form: TranscriptFormat = "auto") -> Transcript:
    return read(decode(shared(f"formats/{file}").read_bytes()), form)


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


def test_a_real_google_meet_document_below_its_notes_is_the_shared_meeting() -> None:
    content = shared("transcripts/original/akash-sig-support-002-2023-02-15.md").read_text(encoding="utf-8")

    turns = [(one.speaker, one.text) for one in read(content, "auto").utterances]

    assert turns == [(speaker, text) for speaker, _, _, text in segments("akash-sig-support-002-2023-02-15")]


@pytest.mark.parametrize("form", get_args(TranscriptFormat))
def test_no_shared_file_raises_anything_but_the_two_refusals_in_any_format(form: TranscriptFormat) -> None:
    read_files = 0

    for path in sorted(path for path in shared("formats").rglob("*.*") if path.is_file()):
        try:
            of_file(str(path.relative_to(shared("formats"))), form)
        except (EmptyTranscript, UnparseableTranscript):
            continue
        read_files += 1

    assert read_files > 0
