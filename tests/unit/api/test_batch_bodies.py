"""Lines of a batch are read each by itself, with what is said for all in the places that they leave open."""

import json

import pytest
from pydantic import ValidationError

from api.batch_bodies import LineReader, Words, defaults_of, first_line_defaults
from api.batch_lines import RawLine
from orchestrator.batches.taking import PostedLine
from orchestrator.errors import InvalidRequest
from orchestrator.routing.request import MAX_DEADLINE_S

WORDS = Words("req_1", "/v1/batches")
TRANSCRIPT = {"content": "Ann: We ship."}


def read(body: bytes | None, **defaults: object) -> PostedLine:
    return LineReader(defaults_of(defaults), WORDS).read(RawLine(7, body))


def job(**fields: object) -> bytes:
    return json.dumps({"transcript": TRANSCRIPT, **fields}).encode()


def test_a_line_is_a_job_for_the_night_unless_it_says_otherwise() -> None:
    plain, urgent = read(job()), read(job(priority="interactive", deadline_s=60, custom_id="c"))

    assert plain.request is not None
    assert urgent.request is not None
    assert (plain.request.priority, plain.request.deadline_s, plain.custom_id) == ("bulk", MAX_DEADLINE_S, None)
    assert (urgent.request.priority, urgent.request.deadline_s, urgent.custom_id) == ("interactive", 60, "c")
    assert (plain.number, plain.problem) == (7, None)
    assert plain.digest != urgent.digest


def test_what_a_line_says_stands_for_the_whole_of_that_field() -> None:
    said = {"meeting": {"title": "All", "type": "planning"}, "tags": ["all"], "strategy": "single"}

    line = read(job(meeting={"title": "Mine"}, tags=[]), **said)

    assert line.request is not None
    assert (line.request.meeting.title, line.request.meeting.type) == ("Mine", None)
    assert (line.request.tags, line.request.strategy) == ((), "single")


@pytest.mark.parametrize(
    ("body", "code"),
    [
        (None, "too-large"),
        (b"", "malformed-json"),
        (b"[]", "invalid-request"),
        (b"3", "invalid-request"),
        (b"{}", "invalid-request"),
        (b"{", "malformed-json"),
        (b'{"transcript": {"content": "a"}, "tags": [], "tags": []}', "malformed-json"),
        (b"{" + b'"a": [' * 40, "malformed-json"),
        (b'{"a": ' + b"[" * 100_000, "malformed-json"),
        (job(batch_id="bat_1"), "invalid-request"),
    ],
)
def test_a_line_that_is_no_job_is_a_problem_with_its_code(body: bytes | None, code: str) -> None:
    line = read(body)

    assert line.request is None
    assert line.problem is not None
    assert (line.problem["code"], line.problem["request_id"]) == (code, "req_1")


@pytest.mark.parametrize("said", [{"transcript": TRANSCRIPT}, {"custom_id": "c"}])
def test_what_is_a_lines_own_is_not_said_for_all(said: dict[str, object]) -> None:
    with pytest.raises(InvalidRequest):
        defaults_of(said)


@pytest.mark.parametrize("said", [{"priority": "now"}, {"unknown": 1}, {"deadline_s": "60"}])
def test_what_fits_no_job_is_not_said_for_all(said: dict[str, object]) -> None:
    with pytest.raises(ValidationError):
        defaults_of(said)


def test_the_first_line_may_speak_for_all() -> None:
    assert first_line_defaults(RawLine(1, b' {"defaults": {"tags": ["x"]}}')) == {"tags": ["x"]}
    assert first_line_defaults(RawLine(1, b'{"defaults": {}}')) == {}


@pytest.mark.parametrize(
    "body", [None, job(), b'{"defaults": {}, "transcript": {}}', b'{"defaults": ', b'["defaults"]', b'{"defaults' * 9]
)
def test_any_other_first_line_is_a_job(body: bytes | None) -> None:
    assert first_line_defaults(RawLine(1, body)) is None


def test_what_the_first_line_says_is_an_object() -> None:
    with pytest.raises(InvalidRequest):
        first_line_defaults(RawLine(1, b'{"defaults": 3}'))
