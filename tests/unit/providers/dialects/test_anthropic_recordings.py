"""Answers recorded from Anthropic, or written after its pages: each decodes or is classified as its case says."""

import json

import pytest
from pydantic import JsonValue

from providers import sse
from providers.calls import Call, JsonObject, LimitReading, Message, Reply, Tool, Usage
from providers.dialects.anthropic_messages import AnthropicMessages
from providers.errors import (
    BadReply,
    ContentFiltered,
    ContextTooLong,
    CutOff,
    ModelNotFound,
    Overloaded,
    ProviderError,
    RateLimited,
    Refused,
    ServerFault,
    Unauthenticated,
)
from providers.wire import Dialect, WireReply
from tests.shared_data import shared

DIALECT: Dialect = AnthropicMessages()

ANSWERED = ("success", "structured_output", "messy_output", "stream", "tool_call", "usage_cached", "usage_reasoning")
FAILED: dict[str, type[ProviderError]] = {
    "auth_error": Unauthenticated,
    "permission_error": Unauthenticated,
    "model_not_found": ModelNotFound,
    "context_length": ContextTooLong,
    "request_too_large": ContextTooLong,
    "refusal": ContentFiltered,
    "invalid_request": Refused,
    "max_tokens": CutOff,
    "overloaded": Overloaded,
    "rate_limit": RateLimited,
    "server_error": ServerFault,
    "error_in_200": Overloaded,
    "malformed": BadReply,  # lines of JSON where a stream should be
}


def recordings() -> list[JsonObject]:
    documents = [json.loads(path.read_text("utf-8")) for path in sorted(shared("wire").rglob("*.json"))]
    return [  # the index is a list
        document for document in documents if isinstance(document, dict) and document["api"] == "messages"
    ]


def part(recording: JsonObject, name: str) -> JsonObject:
    value = recording.get(name)
    return value if isinstance(value, dict) else {}


def wire_reply(recording: JsonObject) -> WireReply:
    response = part(recording, "response")
    return WireReply.model_validate(
        {"status": recording["status"], "headers": response["headers"], "body": str(response["body"]).encode()}
    )


def asked(recording: JsonObject) -> Call:
    """A call that offers the tools that the recorded request did."""
    tools = part(part(recording, "request"), "body").get("tools")
    return Call(
        call_id="c",
        messages=(Message(role="user", text="Hello"),),
        max_output_tokens=100,
        timeout_s=5,
        tools=tuple(Tool.model_validate(offered(tool)) for tool in tools) if isinstance(tools, list) else (),
        stream=bool(recording["stream"]),
    )


def offered(tool: JsonValue) -> JsonObject:
    fields = tool if isinstance(tool, dict) else {}
    return {
        "name": fields.get("name"),
        "description": fields.get("description", ""),
        "parameters": fields.get("input_schema"),
    }


def outcome(recording: JsonObject) -> Reply | ProviderError:
    reply, call = wire_reply(recording), asked(recording)
    try:
        if not 200 <= reply.status < 300:
            return DIALECT.classify(reply)
        return DIALECT.decode_stream(reply, call) if call.stream else DIALECT.decode(reply, call)
    except ProviderError as error:
        return error


def expected(recording: JsonObject) -> type[Reply] | type[ProviderError]:
    return Reply if recording["case"] in ANSWERED else FAILED[str(recording["case"])]


def raw_usage(recording: JsonObject) -> JsonObject:
    """What the body itself says of tokens, read without the dialect: the last word of each count in it."""
    body = wire_reply(recording).body
    told: JsonObject = {}
    documents = [json.loads(event.data) for event in sse.events(body)[0]] if recording["stream"] else [json.loads(body)]
    for document in documents:
        told |= document.get("usage") or document.get("message", {}).get("usage") or {}
    return told


def total(fields: JsonObject, *names: str) -> int:
    return sum(value for name in names if isinstance(value := fields.get(name), int))


def test_there_are_recordings_of_every_case_that_anthropic_knows() -> None:
    cases = {str(recording["case"]) for recording in recordings()}

    assert len(recordings()) >= 26
    assert cases == {*ANSWERED, *FAILED}


def test_every_recorded_answer_is_what_its_case_says() -> None:
    wrong = [
        f"{recording['id']}: {type(outcome(recording)).__name__}, not {expected(recording).__name__}"
        for recording in recordings()
        if type(outcome(recording)) is not expected(recording)
    ]

    assert wrong == []


def test_every_recorded_usage_is_read_to_the_last_token() -> None:
    seen = 0
    for recording in recordings():
        said = outcome(recording)
        if recording["status"] != 200 or recording["case"] in ("malformed", "error_in_200"):
            continue
        seen += 1
        told = raw_usage(recording)
        usage = said.usage
        assert usage is not None, recording["id"]

        assert usage.input_tokens == total(told, "input_tokens"), recording["id"]
        assert usage.cached_input_tokens == total(told, "cache_read_input_tokens"), recording["id"]
        assert usage.cache_write_tokens == total(told, "cache_creation_input_tokens"), recording["id"]
        assert usage.output_tokens + usage.reasoning_tokens == total(told, "output_tokens"), recording["id"]
        assert not usage.estimated

    assert seen >= 12


def test_every_recorded_answer_names_its_model_and_keeps_thoughts_out() -> None:
    for recording in recordings():
        reply = outcome(recording)
        if isinstance(reply, Reply):
            assert reply.model_served.startswith("claude-"), recording["id"]
            assert reply.tier_served == "standard", recording["id"]
            assert "signature" not in reply.text, recording["id"]


def test_every_recorded_tool_call_and_schema_answer_is_json() -> None:
    seen = 0
    for recording in recordings():
        reply = outcome(recording)
        if isinstance(reply, Reply) and recording["case"] in ("structured_output", "tool_call", "stream"):
            seen += 1
            written = [call.arguments for call in reply.tool_calls] or [reply.text]
            assert all(isinstance(json.loads(text), dict) for text in written), recording["id"]

    assert seen >= 5


def test_every_refusal_to_serve_says_whether_to_repeat_as_its_header_does() -> None:
    for recording in recordings():
        said = wire_reply(recording).headers.get("x-should-retry")
        error = outcome(recording)
        if said is not None and isinstance(error, ProviderError):
            assert error.retryable is (said == "true"), recording["id"]


def test_an_error_in_mid_stream_keeps_the_input_that_the_start_told() -> None:
    broken = next(recording for recording in recordings() if recording["case"] == "error_in_200")

    error = outcome(broken)

    assert isinstance(error, ProviderError)
    assert error.usage is not None
    assert error.usage.input_tokens == 412
    assert error.usage.output_tokens > 1
    assert error.usage.estimated
    assert error.model_served == "claude-sonnet-4-5"


def test_a_stream_that_was_stored_without_its_framing_reads_once_it_is_framed_again() -> None:
    malformed = next(recording for recording in recordings() if recording["case"] == "malformed")
    unframed = wire_reply(malformed)
    framed = b"".join(b"data: " + line + b"\n\n" for line in unframed.body.splitlines())

    reply = DIALECT.decode_stream(unframed.model_copy(update={"body": framed}), asked(malformed))

    assert reply.text == "Hello, World!"
    assert reply.usage == Usage(input_tokens=17, output_tokens=227)


@pytest.mark.parametrize(("fidelity", "wait_s"), [("documented", 41.0), ("reserialised", None)])
def test_the_recorded_waits_are_read(fidelity: str, wait_s: float | None) -> None:
    limited = [
        outcome(recording)
        for recording in recordings()
        if recording["case"] == "rate_limit" and recording["fidelity"] == fidelity
    ]

    assert limited
    assert {error.retry_after_s for error in limited if isinstance(error, RateLimited)} == {wait_s}


def test_the_recorded_limits_are_read_and_scrubbed_ones_left_out() -> None:
    seen = 0
    for recording in recordings():
        headers = wire_reply(recording).headers
        readings: dict[str, LimitReading] = {reading.of: reading for reading in DIALECT.limits(headers)}
        for name in ("requests", "tokens", "input-tokens", "output-tokens"):
            limit = headers.get(f"anthropic-ratelimit-{name}-limit", "")
            of = name.replace("-", "_")
            assert (of in readings) is limit.isdecimal(), recording["id"]
            if limit.isdecimal():
                seen += 1
                assert readings[of].limit == int(limit)
                assert (readings[of].reset_s is None) is ("date" not in headers)

    assert seen >= 10
