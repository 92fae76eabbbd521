"""Answers recorded from Gemini and from Vertex, which has the same bodies: each is what its case says."""

import json
from typing import Final

import pytest
from pydantic import JsonValue

from providers import sse
from providers.calls import Call, Finish, JsonObject, Message, Reply, Tool, Usage
from providers.dialects.gemini_generate import GeminiGenerate
from providers.errors import (
    BadReply,
    ContentFiltered,
    ContextTooLong,
    CutOff,
    EmptyReply,
    Interrupted,
    ModelNotFound,
    Overloaded,
    ProviderError,
    RateLimited,
    Refused,
    ServerFault,
    Unauthenticated,
)
from providers.wire import Pace, WireReply
from tests.shared_data import shared

DIALECT: Final = GeminiGenerate()
CALL: Final = Call(
    call_id="c",
    messages=(Message(role="user", text="Hello"),),
    max_output_tokens=100,
    timeout_s=5,
    tools=(Tool(name="weather", description="Tells the weather.", parameters={"type": "object"}),),
)

ANSWERED: Final[dict[str, Finish]] = {
    "success": Finish.STOP,
    "structured_output": Finish.STOP,
    "messy_output": Finish.STOP,
    "usage_cached": Finish.STOP,
    "tool_call": Finish.TOOL_CALLS,
    "stream": Finish.STOP,
}
FAILED: Final[dict[str, type[ProviderError]]] = {
    "auth_error": Unauthenticated,
    "permission_error": Unauthenticated,
    "model_not_found": ModelNotFound,
    "context_length": ContextTooLong,
    "safety_block": ContentFiltered,
    "invalid_request": Refused,
    "max_tokens": CutOff,
    "overloaded": Overloaded,
    "rate_limit": RateLimited,
    "server_error": ServerFault,
    "error_in_200": Interrupted,  # Vertex says that the operation was cancelled, and not by us
    "malformed": BadReply,
}
# A tag says more than the case, and comes first.
ANSWERED_BY_TAG: Final[dict[str, Finish]] = {"tool_call": Finish.TOOL_CALLS}
FAILED_BY_TAG: Final[dict[str, type[ProviderError]]] = {
    "thought_only": EmptyReply,
    "html_body": ModelNotFound,  # a page of the web server's, with its status
}


def recordings() -> list[JsonObject]:
    documents = [json.loads(path.read_text("utf-8")) for path in sorted(shared("wire").rglob("*.json"))]
    return [one for one in documents if isinstance(one, dict) and one["api"] == "generateContent"]


def wire_reply(recording: JsonObject) -> WireReply:
    response = recording["response"]
    assert isinstance(response, dict)
    return WireReply.model_validate(
        {"status": recording["status"], "headers": response["headers"], "body": str(response["body"]).encode()}
    )


def outcome(recording: JsonObject) -> Reply | ProviderError:
    reply = wire_reply(recording)
    if not 200 <= reply.status < 300:
        return DIALECT.classify(reply)
    return read(reply, stream=bool(recording["stream"]))


def read(reply: WireReply, *, stream: bool) -> Reply | ProviderError:
    try:
        return (DIALECT.decode_stream if stream else DIALECT.decode)(reply, CALL)
    except ProviderError as error:
        return error


def tags(recording: JsonObject) -> frozenset[str]:
    found = recording["tags"]
    assert isinstance(found, list)
    return frozenset(str(tag) for tag in found)


def expected(recording: JsonObject) -> tuple[type[Reply] | type[ProviderError], Finish | None]:
    """The class of the outcome and, of a reply, how it finished."""
    case = str(recording["case"])
    failures = [FAILED_BY_TAG[tag] for tag in tags(recording) if tag in FAILED_BY_TAG]
    if failures or case in FAILED:
        return (failures or [FAILED[case]])[0], None
    finishes = [ANSWERED_BY_TAG[tag] for tag in tags(recording) if tag in ANSWERED_BY_TAG]
    return Reply, (finishes or [ANSWERED[case]])[0]


def found(recording: JsonObject) -> tuple[type[Reply] | type[ProviderError], Finish | None]:
    seen = outcome(recording)
    return type(seen), seen.finish if isinstance(seen, Reply) else None


def bodies(recording: JsonObject) -> list[JsonObject]:
    """The response objects as they stand in the recording, read without the dialect."""
    reply = wire_reply(recording)
    if recording["stream"]:
        return [json.loads(event.data) for event in sse.events(reply.body)[0]]
    document = json.loads(reply.body) if reply.status == 200 else {}
    assert isinstance(document, dict)
    return [document]


def number(value: JsonValue) -> int:
    return value if isinstance(value, int) else 0


def test_there_are_recordings_of_every_case_that_the_dialect_knows() -> None:
    assert len(recordings()) >= 27
    assert {str(recording["case"]) for recording in recordings()} == {*ANSWERED, *FAILED}
    assert {str(recording["provider"]) for recording in recordings()} == {"gemini", "vertex"}


def test_every_recorded_answer_is_what_its_case_says() -> None:
    wrong = [
        f"{recording['id']}: {found(recording)}, not {expected(recording)}"
        for recording in recordings()
        if found(recording) != expected(recording)
    ]

    assert wrong == []


def test_every_recorded_usage_is_read_to_the_last_token() -> None:
    seen = 0
    for recording in recordings():
        counts = [told for body in bodies(recording) if isinstance(told := body.get("usageMetadata"), dict)]
        if not counts:
            continue
        seen += 1
        last = counts[-1]
        cached = number(last.get("cachedContentTokenCount"))
        usage = outcome(recording).usage
        assert usage is not None, recording["id"]

        assert usage == Usage(
            input_tokens=number(last["promptTokenCount"]) - cached,
            cached_input_tokens=cached,
            output_tokens=number(last.get("candidatesTokenCount")),
            reasoning_tokens=number(last.get("thoughtsTokenCount")),
        ), recording["id"]
        assert sum(usage.model_dump(exclude={"estimated"}).values()) == last["totalTokenCount"], recording["id"]

    assert seen >= 12


def test_an_answer_without_counts_is_estimated_and_says_so() -> None:
    uncounted = [
        outcome(recording)
        for recording in recordings()
        if recording["status"] == 200 and not any("usageMetadata" in body for body in bodies(recording))
    ]

    assert len(uncounted) >= 3
    assert all(one.usage is not None and one.usage.estimated for one in uncounted)


def test_every_recorded_answer_names_its_model_and_its_request() -> None:
    for recording in recordings():
        last = bodies(recording)[-1] if recording["status"] == 200 else {}
        seen = outcome(recording)

        assert seen.model_served == last.get("modelVersion", ""), recording["id"]
        assert seen.request_id == last.get("responseId"), recording["id"]


def test_every_recorded_answer_keeps_thoughts_out_and_the_json_in() -> None:
    for recording in recordings():
        seen = outcome(recording)
        if isinstance(seen, Reply) and recording["case"] in ("structured_output", "messy_output"):
            assert isinstance(json.loads(seen.text), dict), recording["id"]


def test_recorded_calls_to_tools_are_read_with_their_arguments() -> None:
    calls = [seen.tool_calls for recording in recordings() if isinstance(seen := outcome(recording), Reply)]
    asked = [call for some in calls for call in some]

    assert len(asked) == 2
    for call in asked:
        assert (call.id, call.name) == ("call_0", "weather")
        assert json.loads(call.arguments) == {"latitude": "52.5200", "longitude": "13.4050"}


@pytest.mark.parametrize(
    ("recording_id", "wait_s"),
    [
        ("gemini-generateContent-rate-limit-01", 48.0),
        ("gemini-generateContent-rate-limit-02", 34.4),
        ("gemini-generateContent-rate-limit-03", None),
    ],
)
def test_the_recorded_waits_are_read(recording_id: str, wait_s: float | None) -> None:
    recording = next(recording for recording in recordings() if recording["id"] == recording_id)

    failed = outcome(recording)

    assert isinstance(failed, RateLimited)
    assert failed.retry_after_s == wait_s


def test_every_piece_of_a_recorded_answer_is_progress_and_none_is_its_end() -> None:
    answers = [recording for recording in recordings() if recording["stream"] and "invalid_json" not in tags(recording)]
    paces = {DIALECT.pace(event) for one in answers for event in sse.events(wire_reply(one).body)[0]}

    assert len(answers) >= 4
    assert paces == {Pace.PROGRESS}


def test_a_recorded_stream_cut_at_any_byte_gives_the_same_reply_or_is_interrupted() -> None:
    answers = [one for one in recordings() if one["stream"] and isinstance(outcome(one), Reply)]
    for recording in answers:
        reply, whole = wire_reply(recording), outcome(recording)
        for end in range(len(reply.body)):
            seen = read(reply.model_copy(update={"body": reply.body[:end]}), stream=True)
            assert seen == whole or type(seen) is Interrupted, (recording["id"], end)

    assert answers
