"""The answers of recognisers and products: each shape, what it leaves open, and refusals that say where."""

import json
from collections.abc import Sequence

import pytest
from hypothesis import given
from hypothesis import strategies as st

from orchestrator.errors import UnparseableTranscript
from orchestrator.meeting.formats import json_shapes
from orchestrator.meeting.formats.json_shapes import SHAPES
from orchestrator.meeting.formats.spoken import Spoken

Found = Sequence[Spoken]

WORDS = [
    {"text": "We", "word": "we", "punctuated_word": "We", "start": 1000, "end": 1200, "speaker": "A"},
    {"text": "ship.", "word": "ship", "punctuated_word": "ship.", "start": 1300, "end": 1500, "speaker": "A"},
    {"text": "Why?", "word": "why", "punctuated_word": "Why?", "start": 1600, "end": 1700, "speaker": "B"},
]
ROWS = [{"text": "We ship.", "start": 1000, "end": 1500, "speaker": "A"}, {"text": "Hm", "start": 900, "end": 800}]
HEARD = [Spoken("We ship.", "Speaker A", 1.0, 1.5), Spoken("Why?", "Speaker B", 1.6, 1.7)]


def seconds(rows: Sequence[dict[str, object]]) -> list[dict[str, object]]:
    return [row | {key: int(str(row[key])) / 1000 for key in ("start", "end")} for row in rows]


def channels(*found: object) -> dict[str, object]:
    return {"results": {"channels": [{"alternatives": [one]} for one in found]}}


def pronounced(text: str, start: str, end: str, **more: str) -> dict[str, object]:
    return {"type": "pronunciation", "alternatives": [{"content": text}], "start_time": start, "end_time": end, **more}


def punctuated(text: str) -> dict[str, object]:
    return {"type": "punctuation", "alternatives": [{"content": text}]}


def segment(label: str, *times: tuple[str, str]) -> dict[str, object]:
    items = [{"start_time": start, "end_time": end, "speaker_label": label} for start, end in times]
    return {"speaker_label": label, "start_time": times[0][0], "end_time": times[-1][1], "items": items}


AWS_ITEMS = [
    pronounced("We", "1.0", "1.2"),
    pronounced("ship", "1.3", "1.5"),
    punctuated("."),
    pronounced("Why", "1.6", "1.7"),
    punctuated("?"),
]
GOOGLE_WORDS = [
    {"word": "We", "startTime": "1s", "endTime": "1.200s", "speakerTag": 1},
    {"word": "ship.", "startTime": "1.300s", "endTime": "1.500s", "speakerTag": 1},
    {"word": "Why?", "startTime": "1.600s", "endTime": "1.700s", "speakerTag": 2},
]


def google(*results: dict[str, object]) -> dict[str, object]:
    return {"results": [*results]}


def result(transcript: str, words: object = None, **more: object) -> dict[str, object]:
    best = {"transcript": transcript} | ({"words": words} if words is not None else {})
    return {"alternatives": [best], **more}


@pytest.mark.parametrize(
    ("name", "document", "expected"),
    [
        ("assemblyai", {"audio_url": "x", "utterances": ROWS}, [HEARD[0], Spoken("Hm", None, 0.9)]),
        ("assemblyai", {"audio_duration": 2, "utterances": None, "words": WORDS}, HEARD),
        ("assemblyai", {"audio_duration": 2, "utterances": [], "words": []}, []),
        ("assemblyai", {"audio_duration": 2, "sentences": ROWS[:1]}, HEARD[:1]),
        ("deepgram", channels({"transcript": "We ship.", "words": []}), [Spoken("We ship.")]),
        ("deepgram", {"results": {"channels": [{"alternatives": []}]}}, []),
        ("deepgram", channels({"words": seconds(WORDS)}), HEARD),
        (
            "deepgram",
            channels({"words": seconds(WORDS[2:])}, {"words": seconds([WORDS[0] | {"speaker": None}])}),
            [Spoken("We", "Channel 1", 1.0, 1.2), Spoken("Why?", "Channel 0 Speaker B", 1.6, 1.7)],
        ),
        (
            "deepgram",
            {
                "results": {
                    "channels": [],
                    "utterances": [{"transcript": "Hi", "speaker": 0, "start": 1, "end": 2, "id": "x", "channel": 0}],
                }
            },
            [Spoken("Hi", "Speaker 0", 1.0, 2.0, "x")],
        ),
        (
            "whisper",
            {"text": "We ship.", "segments": [{"id": 0, "start": 1, "end": 1.5, "text": " We ship.", "words": []}]},
            [Spoken(" We ship.", None, 1.0, 1.5, "0")],
        ),
        (
            "whisper",
            {"segments": [{"start": 1, "end": 2, "text": "hi", "words": [{"speaker": "S2"}, {}, {"speaker": "S2"}]}]},
            [Spoken("hi", "S2", 1.0, 2.0)],
        ),
        (
            "whisper",
            {"transcription": [{"offsets": {"from": 1000, "to": 1500}, "text": " We ship."}]},
            [Spoken(" We ship.", None, 1.0, 1.5)],
        ),
        (
            "whisper",
            {"text": "", "chunks": [{"timestamp": [1.0, None], "text": "We"}, {"timestamp": [], "text": "ship"}]},
            [Spoken("We", None, 1.0), Spoken("ship")],
        ),
        ("whisper", {"text": "We ship.", "language": "en"}, [Spoken("We ship.")]),
        ("aws", {"results": {"items": AWS_ITEMS}}, [Spoken("We ship. Why?", None, 1.0, 1.7)]),
        (
            "aws",
            {
                "results": {
                    "items": [*AWS_ITEMS, pronounced("Lost", "9.0", "9.1")],
                    "speaker_labels": {
                        "segments": [
                            segment("spk_0", ("1.0", "1.2"), ("1.3", "1.5")),
                            segment("spk_1", ("1.6", "1.7")),
                            segment("spk_2", ("5.0", "6.0")),
                        ]
                    },
                }
            },
            [Spoken("We ship.", "spk_0", 1.0, 1.5), Spoken("Why?", "spk_1", 1.6, 1.7), Spoken("Lost", None, 9.0, 9.1)],
        ),
        (
            "aws",
            {
                "results": {
                    "items": AWS_ITEMS,
                    "channel_labels": {
                        "channels": [
                            {"items": [pronounced("Why", "1.6", "1.7", channel_label="ch_1"), punctuated("?")]},
                            {"items": [punctuated("-"), pronounced("We", "1.0", "1.2", channel_label="ch_0")]},
                        ]
                    },
                }
            },
            [Spoken("We", "ch_0", 1.0, 1.2), Spoken("Why?", "ch_1", 1.6, 1.7), Spoken("-")],
        ),
        ("aws", {"results": {"items": [{"type": "pronunciation", "alternatives": []}]}}, [Spoken("")]),
        (
            "aws",
            {
                "Transcript": [
                    {
                        "Content": "Hi",
                        "BeginOffsetMillis": 40,
                        "EndOffsetMillis": 90,
                        "ParticipantRole": "AGENT",
                        "Id": "x",
                    }
                ]
            },
            [Spoken("Hi", "AGENT", 0.04, 0.09, "x")],
        ),
        ("google", google(result("We ship."), result("Why?"), result("", GOOGLE_WORDS)), None),
        ("google", google(result("We ship. Why?", GOOGLE_WORDS)), None),
        ("google", {"name": "1", "done": True, "response": google(result("", GOOGLE_WORDS))}, None),
        ("google", google(result("We ship.", GOOGLE_WORDS[:2]), result("Why?", GOOGLE_WORDS[2:])), None),
        (
            "google",
            google(
                {"alternatives": [{"words": [{"word": "hi", "startOffset": {"seconds": "1", "nanos": 500000000}}]}]},
                {"alternatives": []},
                {"resultEndTime": "2s", "alternatives": None},
            ),
            [Spoken("", None, 1.5), Spoken(""), Spoken("", None, None, 2.0)],
        ),
        (
            "google",
            google(result("We", channelTag=1, resultEndTime="2s"), result("Why", channelTag=2, resultEndTime="1s")),
            [Spoken("We", "Channel 1", None, 2.0), Spoken("Why", "Channel 2", None, 1.0)],
        ),
        (
            "fireflies",
            {
                "data": {
                    "transcript": {
                        "speakers": [{"id": 1, "name": "Ann"}],
                        "sentences": [
                            {"index": 0, "speaker_name": "Bob", "text": "We", "start_time": 1, "end_time": 2},
                            {"index": 1, "speaker_name": None, "speaker_id": 1, "raw_text": "ship"},
                            {"index": 2, "speaker_id": 7, "text": "it"},
                        ],
                    }
                }
            },
            [
                Spoken("We", "Bob", 1.0, 2.0, "0"),
                Spoken("ship", "Ann", None, None, "1"),
                Spoken("it", "Speaker 7", None, None, "2"),
            ],
        ),
        (
            "rev",
            {
                "speakers": [{"id": 0, "name": "Ann"}],
                "monologues": [
                    {
                        "speaker": 0,
                        "elements": [
                            {"type": "text", "value": "We", "ts": 1.0, "end_ts": 1.2},
                            {"type": "punct", "value": " "},
                            {"type": "text", "value": "re", "ts": 9.3, "end_ts": 9.5},
                            {"type": "punct", "value": "-"},
                            {"type": "text", "value": "ship", "ts": 9.5, "end_ts": 9.9},
                            {"type": "punct", "value": ". "},
                            {"type": "unknown", "value": " <inaudible>"},
                        ],
                    },
                    {"speaker": 3, "elements": []},
                ],
            },
            [Spoken("We re-ship. <inaudible>", "Ann", 1.0, 9.9)],
        ),
        (
            "podcast",
            {"segments": [{"speaker": "Ann", "startTime": 1, "endTime": 2, "body": "We"}, {"body": "ship"}]},
            [Spoken("We", "Ann", 1.0, 2.0), Spoken("ship")],
        ),
        (
            "seglst",
            [{"session_id": "a", "speaker": "1", "start_time": "1.5", "end_time": 2, "words": "We ship"}],
            [Spoken("We ship", "Speaker 1", 1.5, 2.0)],
        ),
    ],
)
def test_a_document_is_known_by_its_shape_and_read(name: str, document: object, expected: Found | None) -> None:
    found = json_shapes.read(json.dumps(document))

    heard = [Spoken("We ship.", "Speaker 1", 1.0, 1.5), Spoken("Why?", "Speaker 2", 1.6, 1.7)]
    assert found == (heard if expected is None else expected)
    assert json_shapes.reader(name)(json.dumps(document)) == found


@pytest.mark.parametrize(
    ("name", "document", "where"),
    [
        ("assemblyai", {"utterances": [{"text": "a", "start_s": 1, "end_s": 2}]}, "/utterances/0/start must be milli"),
        ("assemblyai", {"status": "error", "utterances": None}, '/status must be "completed"'),
        ("assemblyai", {"text": "a", "confidence": 1}, "the document must be AssemblyAI"),
        ("assemblyai", {"utterances": [{"start": 1, "end": 2}]}, "/utterances/0/text must be a string"),
        ("deepgram", {"results": {"utterances": []}}, "/results/channels must be an array"),
        ("deepgram", {"results": {"channels": [{"alternatives": [{"words": [{}]}]}]}}, "/words/0/punctuated_word"),
        ("whisper", {"segments": [{"text": "a", "start": "1"}]}, "/segments/0/start must be seconds"),
        ("whisper", {"language": "en"}, "the document must be Whisper"),
        ("aws", {"results": {}}, "/results/items must be an array"),
        (
            "aws",
            {"results": {"items": [{"alternatives": [{"content": "a"}], "start_time": "x"}]}},
            "/start_time must be",
        ),
        ("google", {"results": [3]}, "/results/0 must be an object"),
        ("google", {"results": {}}, "/results must be an array"),
        ("fireflies", {"data": {"transcript": None}}, "/data/sentences must be an array"),
        ("rev", {"monologues": [{"elements": [{"value": 3}]}]}, "/monologues/0/elements/0/value must be a string"),
        ("podcast", {"segments": [{"body": "a"}, {}]}, "/segments/1/body must be a string"),
        ("seglst", [{"words": "a", "start_time": -1}], "/0/start_time must be seconds"),
    ],
)
def test_what_is_named_and_does_not_fit_is_refused_with_what_was_expected(
    name: str, document: object, where: str
) -> None:
    with pytest.raises(UnparseableTranscript, match=where) as refusal:
        json_shapes.reader(name)(json.dumps(document))

    assert refusal.value.message.startswith(f"expected {SHAPES[name].what}")


def test_broken_json_under_a_name_is_refused_with_its_place() -> None:
    with pytest.raises(UnparseableTranscript, match=r"expected Deepgram JSON.*broken in line 2") as refusal:
        json_shapes.reader("deepgram")('{"results":\n]')

    assert (refusal.value.line, refusal.value.offset) == (2, 12)


def test_the_shape_that_was_found_instead_is_named() -> None:
    with pytest.raises(UnparseableTranscript, match=r"expected Deepgram JSON.*; this is Amazon Transcribe JSON"):
        json_shapes.reader("deepgram")(json.dumps({"results": {"items": AWS_ITEMS}}))


KEYS = st.sampled_from(
    """utterances segments results channels alternatives words items sentences monologues elements transcript Transcript
    data response body text word content value type start end start_time end_time startTime speaker speaker_labels
    channel_labels speakerTag offsets from to chunks timestamp transcription audio_url session_id status""".split()
)
ANYTHING = st.recursive(
    st.none() | st.booleans() | st.integers(-1, 3) | st.floats() | st.sampled_from(["", "a", "1.5", "2s", "error"]),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(KEYS, inner, max_size=4),
    max_leaves=25,
)


@given(ANYTHING, st.sampled_from([*SHAPES, None]))
def test_no_document_raises_anything_but_the_refusal(document: object, name: str | None) -> None:
    try:
        found = (json_shapes.reader(name) if name else json_shapes.read)(json.dumps(document))
    except UnparseableTranscript:
        return

    assert all(isinstance(one.text, str) for one in found)
