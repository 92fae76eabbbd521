"""Every file of the shared formats, judged by its index: read right, or refused with what is wrong and where."""

import json
import re
from collections import defaultdict
from collections.abc import Callable, Iterable, Sequence
from itertools import groupby
from typing import Final, NotRequired, TypeAlias, TypedDict

import pytest

from orchestrator.errors import DomainError, EmptyTranscript, UnparseableTranscript
from orchestrator.meeting.cleaning import clean
from orchestrator.meeting.decoding import decode
from orchestrator.meeting.reading import TranscriptFormat, read
from orchestrator.meeting.transcript import Transcript
from tests.shared_data import shared

Row: TypeAlias = tuple[str | None, float | None, float | None, str]


class Expectation(TypedDict):
    """What the index states about a file; all of it may be missing."""

    segments: NotRequired[int | None]
    speaker_segments: NotRequired[int]
    segments_with_text: NotRequired[int]
    unique: NotRequired[int]
    turns: NotRequired[int]
    cues: NotRequired[int]
    lines: NotRequired[int]
    words: NotRequired[int]
    order: NotRequired[str]
    injected_cue: NotRequired[int]
    first_start_s: NotRequired[float]
    speakers: NotRequired[list[str | int]]
    speakers_min: NotRequired[int]
    transcript: NotRequired[str]


class Listed(TypedDict):
    file: str
    expect: NotRequired[Expectation]


class Speaker(TypedDict):
    id: str
    name: str


class Segment(TypedDict):
    speaker: str
    start: float | None
    end: float | None
    text: str


class Meeting(TypedDict):
    speakers: list[Speaker]
    segments: list[Segment]


Judge: TypeAlias = Callable[[str, Expectation], None]

AMI: Final = "transcripts/ami-es2005a.json"


def of_file(file: str, form: TranscriptFormat = "auto") -> Transcript:
    return read(decode(shared(f"formats/{file}").read_bytes()), form)


def index() -> dict[str, Expectation]:
    listed: list[Listed] = json.loads(shared("formats/index.json").read_text(encoding="utf-8"))
    return {one["file"]: one.get("expect", Expectation()) for one in listed}


def truth() -> list[Row]:
    meeting: Meeting = json.loads(shared(AMI).read_text(encoding="utf-8"))
    names = {speaker["id"]: speaker["name"] for speaker in meeting["speakers"]}
    return [(names[one["speaker"]], one["start"], one["end"], clean(one["text"])) for one in meeting["segments"]]


def rows(transcript: Transcript) -> list[Row]:
    return [(one.speaker, one.start_s, one.end_s, one.text) for one in transcript.utterances]


def turns(spoken: Iterable[Row]) -> list[tuple[str | None, str]]:
    grouped = groupby(spoken, key=lambda row: row[0])
    return [(speaker, " ".join(text for *_, text in group)) for speaker, group in grouped]


def heard(spoken: Iterable[Row]) -> dict[str | None, list[str]]:
    """What recognisers give of the words of each speaker: no punctuation, no [laugh], no --; "T_V_" is "TV"."""
    found: defaultdict[str | None, list[str]] = defaultdict(list)
    for speaker, *_, text in spoken:
        bare = re.sub(r"\[[^\]]*\]|--", " ", text).replace("_", "")
        found[speaker] += [word for word in (one.strip(".,?!;:") for one in bare.split()) if word]
    return {speaker: said for speaker, said in found.items() if said}


def begins_within(one: Row, segment: Row) -> bool:
    return one[0] == segment[0] and (segment[1] or 0) <= (one[1] or 0) <= (segment[2] or 0)


def check_counts(transcript: Transcript, expect: Expectation) -> None:
    """Hold a transcript against all that the index says of it in numbers and names."""
    counts = [expect.get(key) for key in ("unique", "speaker_segments", "segments_with_text", "segments", "turns")]
    if count := next((count for count in counts if count is not None), None):
        assert len(transcript.utterances) == count
    if "speakers" in expect:
        names = [f"Speaker {one}" if isinstance(one, int) else one for one in expect["speakers"]]
        assert sorted(transcript.speakers) == sorted(names)
    assert len(transcript.speakers) >= expect.get("speakers_min", 0)
    assert transcript.utterances[0].start_s == expect.get("first_start_s", transcript.utterances[0].start_s)


# The judges.


def whole_meeting(file: str, expect: Expectation) -> None:
    """Each segment with its speaker, times and words."""
    found = of_file(file)

    check_counts(found, expect)
    assert rows(found) == truth()


def first_segments(file: str, expect: Expectation) -> None:
    """The first segments with their speakers, times and words."""
    found = of_file(file)

    check_counts(found, expect)
    assert rows(found) == truth()[: len(found.utterances)]


def first_words(file: str, expect: Expectation) -> None:
    """The first segments by speaker and words; the times were damaged."""
    found = of_file(file)

    check_counts(found, expect)
    assert [(row[0], row[3]) for row in rows(found)] == [(row[0], row[3]) for row in truth()[: len(found.utterances)]]


def in_any_order(file: str, expect: Expectation) -> None:
    """Each fifth cue has its times exchanged, so stands where its end was, with an unknown end."""
    found = of_file(file)

    check_counts(found, expect)
    assert sorted((row[0] or "", row[3]) for row in rows(found)) == sorted(
        (row[0] or "", row[3]) for row in truth()[:60]
    )
    assert sum(one.end_s is None for one in found.utterances) == len(found.utterances) / 5


def in_turns(file: str, expect: Expectation) -> None:
    """Each turn with its speaker, its second and its words."""
    found = of_file(file)

    check_counts(found, expect)
    assert turns(rows(found)) == turns(truth())
    assert {one.start_s for one in found.utterances} <= {int(start or 0) for _, start, _, _ in truth()}


def in_turns_without_times(file: str, expect: Expectation) -> None:
    """Each turn with its speaker and words; five-minute marks for times."""
    found = of_file(file)

    check_counts(found, expect)
    assert turns(rows(found)) == turns(truth())
    assert {one.start_s for one in found.utterances} == {0.0, 300.0}


def recognised(*voices: str) -> Judge:
    """Every word of every voice, in order, each utterance within one that its person began.

    `voices`: in the order of the names of the persons.
    """

    def judge(file: str, expect: Expectation) -> None:
        found = of_file(file)

        check_counts(found, expect)
        persons = dict(zip(voices, sorted({speaker or "" for speaker, *_ in truth()}), strict=True))
        said: list[Row] = [(persons[one.speaker or ""], one.start_s, one.end_s, one.text) for one in found.utterances]
        assert heard(said) == heard(truth())
        assert all(any(begins_within(one, other) for other in truth()) for one in said)
        assert sum(map(len, heard(said).values())) == expect.get("words", sum(map(len, heard(truth()).values())))

    return judge


def counted(file: str, expect: Expectation) -> None:
    """As many utterances, speakers and seconds as the index says."""
    check_counts(of_file(file), expect)


def whole_meeting_without_speakers(file: str, expect: Expectation) -> None:
    found = of_file(file)

    check_counts(found, expect)
    assert [row[1:] for row in rows(found)] == [row[1:] for row in truth()]


def told(utterances: int, speakers: Sequence[str], first: Row, last: Row) -> Judge:
    """What was seen in a file by eye, as the index says nothing: how many, who, the first and the last."""

    def judge(file: str, expect: Expectation) -> None:
        assert expect == {}

        found = of_file(file)

        assert (len(found.utterances), list(found.speakers)) == (utterances, list(speakers))
        assert (rows(found)[0], rows(found)[-1]) == (first, last)

    return judge


def refused(error: type[DomainError], reason: str, *, line: int | None = None, offset: int | None = None) -> Judge:
    def judge(file: str, expect: Expectation) -> None:
        assert not expect.get("segments")

        with pytest.raises(error, match=reason) as refusal:
            of_file(file)

        assert getattr(refusal.value, "line", None) == line
        assert getattr(refusal.value, "offset", None) == offset

    return judge


def caption(number: int, start_s: float, end_s: float | None) -> Row:
    return (None, start_s, end_s, f"Caption text #{number}")


CAPTION_1: Final = caption(1, 0.5, 7.0)
CAPTION_5: Final = caption(5, 21.58, 23.88)
GROWTH: Final = (
    "Organic growth what do you feel you would bring to the table if you were hired for this position it just needs "
    "more cowbell, yet groom the backlog, land the plane"
)
EFFORT: Final = "Effort made was a lot i know you're busy we need to make the new version clean"
EVA: Final = (
    "And, Jessica, Christina, we are so proud of you. You're gonna do great today. We'll be waiting for you here in a "
    "couple hours when you get home. I'm gonna hand you over to Stephanie now. Have a great, great EVA."
)
SPACEWALK: Final = (
    "Yeah. As much as it's worth celebrating the first spacewalk with an all female team, I think many of us are "
    "looking forward to it just being normal. And I think if it signifies anything, it is to honor the women who came "
    "before us, who were skilled and qualified and didn't get the same opportunities that we have today."
)
UNION: Final = (
    "Thank you for calling Anchor Credit Union, the number one choice for captains worldwide, how can I help you?"
)
HEARD: Final = "Effort made was a lot i know your busy we need two make the new version clean"
DOMINIKUS: Final = ["Tyler Wright", "Joao Luna", "Dominikus Brian", "Scott Carruthers"]


def google_meet_document(file: str, expect: Expectation) -> None:
    assert expect == {}

    found = of_file(file)

    assert (len(found.utterances), list(found.speakers)) == (48, DOMINIKUS)
    assert {one.start_s for one in found.utterances} == {None, 300.0, 600.0, 900.0}


def one_cue_with_all(file: str, expect: Expectation) -> None:
    found = of_file(file)

    assert expect.get("segments") == 1
    assert len(found.utterances) == expect.get("lines")
    assert set(found.speakers) == {speaker for speaker, *_ in truth()}


def one_line_with_all(file: str, expect: Expectation) -> None:
    """One text of 89,000 characters is of no use as evidence; it is cut without loss."""
    found = of_file(file)

    assert expect.get("segments") == 1
    assert " ".join(one.text for one in found.utterances) == clean(decode(shared(f"formats/{file}").read_bytes()))
    assert max(len(one.text) for one in found.utterances) < 1000


def injected(file: str, expect: Expectation) -> None:
    """An instruction is something that was said, like all else."""
    found = of_file(file)

    check_counts(found, expect)
    assert found.by_id[str(expect.get("injected_cue"))].text.startswith("Ignore all previous instructions")


def spanish(file: str, expect: Expectation) -> None:
    found = of_file(file)

    check_counts(found, expect)
    assert found.utterances[0].text.startswith("Señorías, se abre la sesión. Con carácter previo al examen del orden")
    assert found.utterances[1].text == "Sí, juro."


def without_markup(file: str, expect: Expectation) -> None:
    """Tags are taken away before entities are read: what is written as `&lt;b&gt;` was a text about tags."""
    found = of_file(file)

    check_counts(found, expect)
    assert [one.text for one in found.utterances] == [f"<b> {text} & alert(1)" for *_, text in truth()[:20]]


JUDGES: Final[dict[str, Judge]] = {
    "native/webvtt-plain.vtt": told(16, [], CAPTION_1, caption(16, 61.35, 64.3)),
    "native/webvtt-bom.vtt": told(4, [], CAPTION_1, caption(4, 16.32, 21.58)),
    "native/webvtt-notes.vtt": told(
        3,
        [],
        (None, 135.0, 140.0, "- Ta en kopp varmt te. - Det är inte varmt."),
        (None, 145.0, 150.0, "- Ta en kopp"),
    ),
    "native/webvtt-header-block.vtt": told(2, [], CAPTION_1, caption(2, 7.0, 11.89)),
    "native/youtube-auto.vtt": told(
        3, [], (None, 286.07, 286.47, "yeah"), (None, 304.08, 305.069, "this will happen is I'm telling")
    ),
    "native/webvtt-no-signature.vtt": told(7, [], CAPTION_1, caption(7, 27.28, 30.28)),
    "native/webvtt-bad-time.vtt": refused(UnparseableTranscript, "line 6: the times are broken", line=6),
    "native/webvtt-missing-time.vtt": told(
        6, [], (None, 0.5, 7.0, "Caption text #1 Caption text #2"), caption(7, 27.28, 30.28)
    ),
    "native/webvtt-empty-cue.vtt": told(4, [], CAPTION_1, CAPTION_5),
    "native/srt-plain.srt": told(5, [], CAPTION_1, CAPTION_5),
    "native/srt-empty-cue.srt": told(4, [], CAPTION_1, CAPTION_5),
    "native/srt-bad-time.srt": told(5, [], CAPTION_1, CAPTION_5),
    "native/sbv-plain.sbv": told(5, [], caption(1, 0.378, 11.378), caption(5, 17.484, None)),
    "native/teams-guid-cues.vtt": told(
        10,
        ["Speaker A", "Speaker B"],
        ("Speaker A", 4.963, 9.403, "OK, I think now we should be recording properly."),
        ("Speaker A", 114.603, 115.283, "See you."),
    ),
    "native/webvtt-voice-tags.vtt": told(
        13,
        ["Roger Bingham", "Neil deGrasse Tyson"],
        ("Roger Bingham", 11.0, 13.0, "We are in New York City"),
        ("Roger Bingham", 35.5, 38.0, "You know I’m so excited my glasses are falling off here."),
    ),
    "native/webvtt-mixed-newlines.vtt": told(4, [], (None, 0.0, 1.0, "text0"), (None, 0.0, 1.0, "text3")),
    "native/webvtt-nul-bytes.vtt": refused(UnparseableTranscript, "line 21: the times are broken", line=21),
    "native/webvtt-header-garbage.vtt": told(1, [], (None, 0.0, 1.0, "text"), (None, 0.0, 1.0, "text")),
    "native/webvtt-signature-only.vtt": refused(EmptyTranscript, "no words"),
    "native/webvtt-tag-soup.vtt": told(30, ["a", "a b", "e"], (None, 0.0, 1.0, "<"), (None, 27.0, 28.0, "abc")),
    "native/ass-plain.ass": told(
        1,
        [],
        (None, 1.18, 6.85, "Like an Angel with pity on nobody The second line in subtitle"),
        (None, 1.18, 6.85, "Like an Angel with pity on nobody The second line in subtitle"),
    ),
    "native/deepgram-utterances.json": told(
        6,
        [],
        (None, 0.08, 3.22, "Yeah. As as much as, it's worth celebrating,"),
        (None, 22.3, 25.439999, "and didn't get the same opportunities that we have today."),
    ),
    "native/deepgram-diarized-words.json": told(
        15,
        ["Speaker 0", "Speaker 1", "Speaker 2"],
        ("Speaker 0", 3.04, 17.279999, EVA),
        ("Speaker 1", 162.605, 163.105, "Copy."),
    ),
    "native/assemblyai-utterances.json": told(
        1, ["Speaker A"], ("Speaker A", 0.17, 25.14, SPACEWALK), ("Speaker A", 0.17, 25.14, SPACEWALK)
    ),
    "native/whisper-timestamped.json": told(
        4,
        [],
        (None, 0.12, 7.62, "Yeah, as much as it's worth celebrating the first spacewalk with an all-female team,"),
        (
            None,
            19.82,
            25.32,
            "who were skilled and qualified and didn't get the same opportunities that we have today.",
        ),
    ),
    "native/chime-seglst.json": told(6, ["Alice", "Bob"], ("Alice", 0.0, 0.0, EFFORT), ("Alice", 5.0, 6.0, GROWTH)),
    "native/nist-ref.stm": told(6, ["Alice", "Bob"], ("Alice", 1.0, 1.0, EFFORT), ("Alice", 5.0, 6.0, GROWTH)),
    "native/nist-hyp.ctm": told(
        3,
        [],
        (None, 0.0, 23.0, f"{HEARD} Pipeline Bob called an all-hands this afternoon"),
        (None, 40.0, 47.0, "Hop on the bandwagon let's review our kpis"),
    ),
    "native/nist-ref.rttm": refused(UnparseableTranscript, "RTTM file: it says who spoke when, and no word", line=1),
    "native/podcast-namespace.json": told(
        2, ["Darth Vader", "Luke"], ("Darth Vader", 0.5, 2.5, "I am your father."), ("Luke", 2.75, 3.0, "Nooooo")
    ),
    "native/aws-call-analytics.json": told(
        37, ["AGENT", "CUSTOMER"], ("AGENT", 0.04, 5.05, UNION), ("AGENT", 181.94, 182.89, "Bye.")
    ),
    "native/google-meet-transcript.md": google_meet_document,
    "rendered/zoom.vtt": whole_meeting,
    "rendered/teams.vtt": whole_meeting,
    "rendered/teams-metadata.vtt": whole_meeting,
    "rendered/teams.docx": refused(UnparseableTranscript, "Word document .* expected text", offset=0),
    "rendered/google-meet.txt": in_turns_without_times,
    "rendered/speakers.sbv": whole_meeting,
    "rendered/speakers.srt": whole_meeting,
    "rendered/otter.txt": in_turns,
    "rendered/otter-unnamed.txt": counted,
    "rendered/whisper.json": whole_meeting_without_speakers,
    "rendered/whisperx.json": whole_meeting_without_speakers,
    "rendered/aws-transcribe.json": recognised("spk_0", "spk_1", "spk_2", "spk_3"),
    "rendered/google-stt.json": recognised("Speaker 1", "Speaker 2", "Speaker 3", "Speaker 4"),
    "rendered/fireflies.json": whole_meeting,
    "rendered/rev.json": recognised(
        "Industrial Designer", "Marketing Expert", "Project Manager", "User Interface Designer"
    ),
    "rendered/teams-copy-paste.txt": in_turns,
    "rendered/segments.csv": whole_meeting,
    "rendered/notes.md": in_turns,
    "odd/utf16le-bom.vtt": first_segments,
    "odd/utf16be-no-bom.srt": first_segments,
    "odd/windows-1252.srt": spanish,
    "odd/mojibake.vtt": spanish,
    "odd/cut-inside-character.vtt": counted,
    "odd/crlf-bom.vtt": first_segments,
    "odd/cr-only.vtt": first_segments,
    "odd/no-header-no-ids.vtt": first_segments,
    "odd/srt-in-vtt-clothes.vtt": first_segments,
    "odd/overlapping.vtt": first_words,
    "odd/out-of-order.vtt": first_segments,
    "odd/end-before-start.vtt": in_any_order,
    "odd/over-100-hours.vtt": first_words,
    "odd/loose-times.vtt": first_words,
    "odd/huge-cue.vtt": one_cue_with_all,
    "odd/one-long-line.txt": one_line_with_all,
    "odd/no-final-newline-empty-cues.vtt": counted,
    "odd/repeated-cues.vtt": first_segments,
    "odd/rolling-captions.vtt": first_segments,
    "odd/colon-in-text.vtt": counted,
    "odd/speaker-names.vtt": counted,
    "odd/two-speakers-one-cue.vtt": counted,
    "odd/html-and-entities.vtt": without_markup,
    "odd/prompt-injection.vtt": injected,
    "odd/truncated.json": refused(UnparseableTranscript, "broken in line 1, column 54333", line=1, offset=54332),
    "odd/nan-and-null.json": counted,
    "odd/jsonl-not-json.json": first_segments,
    "odd/deep-nesting.json": refused(UnparseableTranscript, "nested too deep"),
    "odd/empty.vtt": refused(EmptyTranscript, "no words"),
    "odd/only-whitespace.txt": refused(EmptyTranscript, "no words"),
    "odd/binary.vtt": refused(EmptyTranscript, "one character over and over"),
}

# What a caller would name each file of a vendor, if he did not leave it to us.
NAMED: Final[dict[str, tuple[TranscriptFormat, ...]]] = {
    "rendered/zoom.vtt": ("zoom", "vtt"),
    "rendered/teams.vtt": ("teams", "vtt"),
    "rendered/teams-metadata.vtt": ("teams", "vtt"),
    "rendered/teams-copy-paste.txt": ("teams", "text"),
    "rendered/google-meet.txt": ("meet", "text"),
    "native/google-meet-transcript.md": ("meet", "text"),
    "rendered/speakers.sbv": ("sbv",),
    "native/sbv-plain.sbv": ("sbv",),
    "rendered/speakers.srt": ("srt",),
    "rendered/otter.txt": ("otter", "text"),
    "rendered/otter-unnamed.txt": ("otter", "text"),
    "rendered/whisper.json": ("whisper", "json"),
    "rendered/whisperx.json": ("whisper", "json"),
    "native/whisper-timestamped.json": ("whisper", "json"),
    "rendered/aws-transcribe.json": ("aws", "json"),
    "native/aws-call-analytics.json": ("aws", "json"),
    "rendered/google-stt.json": ("google", "json"),
    "rendered/fireflies.json": ("fireflies", "json"),
    "rendered/rev.json": ("rev", "json"),
    "native/deepgram-utterances.json": ("deepgram", "json"),
    "native/deepgram-diarized-words.json": ("deepgram", "json"),
    "native/assemblyai-utterances.json": ("assemblyai", "json"),
    "rendered/segments.csv": ("csv",),
    "native/ass-plain.ass": ("ass",),
    "native/nist-ref.stm": ("stm",),
    "native/nist-hyp.ctm": ("ctm",),
}
VENDORS: Final[tuple[TranscriptFormat, ...]] = (
    *("assemblyai", "deepgram", "whisper", "aws", "google", "zoom", "teams", "meet", "otter", "fireflies", "rev"),
)


def test_each_shared_file_has_a_judge_and_each_judge_a_file() -> None:
    folder = shared("formats")
    files = {f"{path.parent.name}/{path.name}" for path in folder.glob("*/*")}

    assert set(JUDGES) == set(index()) == files
    assert len(files) == 81


@pytest.mark.parametrize("file", JUDGES)
def test_a_shared_file_is_read_right_or_refused_precisely(file: str) -> None:
    JUDGES[file](file, index()[file])


@pytest.mark.parametrize(("file", "forms"), NAMED.items())
def test_a_file_reads_the_same_under_its_own_name(file: str, forms: tuple[TranscriptFormat, ...]) -> None:
    for form in forms:
        assert of_file(file, form) == of_file(file)


@pytest.mark.parametrize("form", VENDORS)
def test_a_vendors_name_over_somebody_elses_json_is_refused_with_what_was_expected(form: TranscriptFormat) -> None:
    foreign = [file for file, forms in NAMED.items() if file.endswith(".json") and form not in forms]
    assert len(foreign) >= 7

    for file in foreign:
        with pytest.raises(UnparseableTranscript, match=r"expected .*; this is "):
            of_file(file, form)


@pytest.mark.parametrize("form", ["vtt", "srt", "sbv", "text", "csv", "ass", "stm", "ctm"])
def test_json_is_refused_under_the_name_of_another_kind_of_file(form: TranscriptFormat) -> None:
    for file in (file for file in NAMED if file.endswith(".json")):
        with pytest.raises(UnparseableTranscript, match="expected"):
            of_file(file, form)


@pytest.mark.parametrize("form", ["json", "assemblyai", "deepgram", "whisper", "aws", "google", "csv", "ass", "stm"])
def test_captions_are_refused_where_they_cannot_be_meant(form: TranscriptFormat) -> None:
    with pytest.raises(UnparseableTranscript):
        of_file("rendered/zoom.vtt", form)
