"""Our own JSON and its kin: shapes, times, names, and refusals that say where."""

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from orchestrator.errors import UnparseableTranscript
from orchestrator.meeting.formats import json_shapes, native_json, strict_json
from orchestrator.meeting.formats.spoken import Spoken
from providers.calls import JsonObject


def one(**row: object) -> str:
    return json.dumps({"utterances": [row]})


ROW: dict[str, object] = {"id": "a", "speaker": "Ann", "start": 1, "end": 2.5, "text": "hello"}
OURS = {"id": "a", "speaker": "Ann", "start_s": 1, "end_s": 2.5, "text": "hello"}
TABLE = [{"id": 7, "name": "Ann"}, {"id": 8, "name": ""}, {"id": 9}, "x"]


@pytest.mark.parametrize(
    "content",
    [
        json.dumps({"utterances": [OURS]}),
        json.dumps({"segments": [ROW | {"words": []}]}),
        json.dumps({"segments": [ROW | {"speaker": 7}], "speakers": TABLE}),
        json.dumps([OURS]),
        json.dumps([ROW], indent=1),
        json.dumps(ROW) + "\n\n" + json.dumps({"text": ""}) + "\n",
    ],
)
def test_every_shape_gives_the_same_utterance(content: str) -> None:
    assert json_shapes.read(content) == [Spoken("hello", "Ann", 1.0, 2.5, "a")]


@pytest.mark.parametrize(
    ("row", "expected"),
    [
        ({"text": "hello"}, Spoken("hello")),
        ({"text": "hello", "speaker": None, "start_s": None, "end_s": None, "id": None}, Spoken("hello")),
        ({"text": "hello", "start_s": float("nan"), "end_s": float("inf")}, Spoken("hello")),
        ({"text": "hello", "start_s": 5, "end_s": 4}, Spoken("hello", None, 5.0)),
        ({"text": "hello", "end_s": 4}, Spoken("hello", None, None, 4.0)),
        ({"text": "hello", "start": 5000, "end": 6000}, Spoken("hello")),  # a vendor's milliseconds
        ({"text": "hello", "id": 12}, Spoken("hello", id="12")),
    ],
)
def test_what_a_row_does_not_say_is_not_known(row: JsonObject, expected: Spoken) -> None:
    assert json_shapes.read(json.dumps({"utterances": [row]})) == [expected]


@pytest.mark.parametrize("row", [{"text": None}, {"text": ""}])
def test_rows_without_words_are_left_out(row: JsonObject) -> None:
    assert json_shapes.read(json.dumps({"utterances": [row]})) == []


def test_a_speaker_whose_name_is_blank_keeps_the_id() -> None:
    content = json.dumps({"segments": [{"speaker": "P1", "text": "hello"}], "speakers": [{"id": "P1", "name": " "}]})

    assert json_shapes.read(content) == [Spoken("hello", "P1")]


@pytest.mark.parametrize(
    ("content", "where"),
    [
        (one(speaker="Ann"), "/utterances/0/text"),
        (one(text=3), "/utterances/0/text"),
        (one(text="a", speaker=["Ann"]), "/utterances/0/speaker"),
        (one(text="a", speaker=True), "/utterances/0/speaker"),
        (one(text="a", id={}), "/utterances/0/id"),
        (one(text="a", start_s="1"), "/utterances/0/start_s"),
        (one(text="a", start_s=-1), "/utterances/0/start_s"),
        (one(text="a", end_s=True), "/utterances/0/end_s"),
        ('{"segments": [{"text": "a", "start": "0:01"}]}', "/segments/0/start"),
        ('{"utterances": [{"text": "a", "start_s": ' + "9" * 5000 + "}]}", "/utterances/0/start_s"),
        ('{"utterances": {"text": "a"}}', "/utterances must be an array"),
        ('{"utterances": ["a"]}', "/utterances/0 must be an object"),
        ('{"results": []}', "expected an object with"),
        ('"text"', "expected an object with"),
        ("[3]", "/0 must be an object"),
    ],
)
def test_a_value_of_the_wrong_type_is_refused_with_its_place(content: str, where: str) -> None:
    with pytest.raises(UnparseableTranscript, match=where):
        json_shapes.read(content)


@pytest.mark.parametrize(
    ("content", "line", "offset"),
    [
        ('{"utterances": [\n{"text": "a"},\n{"text": ', 3, 41),
        ('{"text": "a"}\n{"text": "b"}\n{"text"', 3, 35),
        ('{"text": "a"\n}\n{"text": "b"}', 1, 12),
        ('{"text" "a"}\n{"text": "b"}', 1, 8),
        ("not JSON", 1, 0),
        ("", 1, 0),
    ],
)
def test_broken_json_is_refused_with_line_and_offset(content: str, line: int, offset: int) -> None:
    with pytest.raises(UnparseableTranscript, match=f"line {line}") as refusal:
        json_shapes.read(content)

    assert (refusal.value.line, refusal.value.offset) == (line, offset)


@pytest.mark.parametrize("opening", ["[", '{"a":'])
def test_deep_nesting_is_refused(opening: str) -> None:
    with pytest.raises(UnparseableTranscript, match="nested too deep"):
        json_shapes.read(opening * 100_000)


def test_numbers_that_no_float_holds_become_null() -> None:
    assert strict_json.parse("[1e400, -1e400, NaN, Infinity, -Infinity, 1.5, 7]") == [None] * 5 + [1.5, 7]


KEYS = st.sampled_from(
    ["utterances", "segments", "speakers", "id", "name", "speaker", "start_s", "end_s", "start", "text"]
)
ANYTHING = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=5),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(KEYS, inner, max_size=4),
    max_leaves=20,
)


@given(ANYTHING)
def test_no_document_raises_anything_but_the_refusal(document: object) -> None:
    try:
        found = json_shapes.read(json.dumps(document))
    except UnparseableTranscript:
        return

    assert all(isinstance(spoken.text, str) and spoken.text for spoken in found)


def test_a_document_that_is_not_ours_is_refused_by_the_reader_itself() -> None:
    with pytest.raises(UnparseableTranscript, match='must be an object with "utterances"'):
        native_json.read({"results": []})
