"""What is taken for JSON: nothing that two readers could read as two things, and no more of it than a body needs."""

import json

import pytest

from api.bodies import MAX_DEPTH, MAX_KEYS, MAX_KEYS_OF_OBJECT, MAX_PROBLEMS, parse
from api.problems import MalformedJson
from orchestrator.errors import InvalidRequest
from orchestrator.routing.request import AnalysisRequest, Strict
from providers.calls import JsonObject


class Anything(Strict):
    parts: tuple[JsonObject, ...] = ()


def test_a_body_is_read_into_its_model() -> None:
    found = parse(b'{"transcript": {"content": "Ann: Hi."}, "quorum": 2}', AnalysisRequest)

    assert (found.transcript.content, found.quorum) == ("Ann: Hi.", 2)


@pytest.mark.parametrize(
    ("body", "word"),
    [
        (b"{", "not valid JSON"),
        (b'{"parts": [], "parts": []}', "a key stands twice"),
        (b'{"parts": [{"a": NaN}]}', "not valid JSON"),
        (b'{"parts": [' + b'{"a":' * MAX_DEPTH + b"1" + b"}" * MAX_DEPTH + b"]}", "nested deeper"),
        (b"[" * 100_000, "not valid JSON"),
        (json.dumps({"parts": [dict.fromkeys(map(str, range(MAX_KEYS_OF_OBJECT + 1)), 1)]}).encode(), "1,000 keys in"),
        (json.dumps({"parts": [dict.fromkeys(map(str, range(1_000)), 1)] * (MAX_KEYS // 1_000)}).encode(), "120,000"),
    ],
    ids=["cut off", "twice", "no number", "deep", "very deep", "keys of an object", "keys in all"],
)
def test_what_is_no_json_that_we_take_is_told(body: bytes, word: str) -> None:
    with pytest.raises(MalformedJson, match=word):
        parse(body, Anything)


def test_as_many_keys_as_may_be_are_taken() -> None:
    most = dict.fromkeys(map(str, range(MAX_KEYS_OF_OBJECT)), 1)

    found = parse(json.dumps({"parts": [most] * (MAX_KEYS // MAX_KEYS_OF_OBJECT - 1)}).encode(), Anything)

    assert {len(part) for part in found.parts} == {MAX_KEYS_OF_OBJECT}


def test_more_wrong_fields_than_anybody_reads_are_counted_and_not_listed() -> None:
    odd = {"text": "a", "1": 1, "2": 2}
    body = json.dumps({"transcript": {"utterances": [odd] * (MAX_PROBLEMS // 2 + 1)}}).encode()

    with pytest.raises(InvalidRequest, match="10,002 fields do not fit"):
        parse(body, AnalysisRequest)
