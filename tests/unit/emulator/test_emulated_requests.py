import json
from typing import Any

import pytest
from pydantic import JsonValue

from orchestrator.analysis.prompts import SCHEMA
from providers.emulator.openai_chat import ChatRequest, check, parse
from providers.emulator.personas import PERSONAS, at
from providers.emulator.refusals import Reason, Refusal

OPENAI, AIMLAPI = PERSONAS["openai"], PERSONAS["aimlapi"]
MINIMAL: dict[str, JsonValue] = {"model": "gpt-6-luna", "messages": [{"role": "user", "content": "Hello"}]}


def accepted(**changes: JsonValue) -> ChatRequest:
    return check(MINIMAL | changes, OPENAI)


def refused(body: dict[str, JsonValue], persona: Any = OPENAI) -> Reason:
    with pytest.raises(Refusal) as caught:
        check(body, persona)
    return caught.value.reason


def schema_format(schema: JsonValue = SCHEMA, name: JsonValue = "meeting", *, strict: bool = True) -> JsonValue:
    return {"type": "json_schema", "json_schema": {"name": name, "strict": strict, "schema": schema}}


@pytest.mark.parametrize("raw", [b"", b"{", b"[]", b'"text"', b"\xff\xfe"])
def test_a_body_that_is_no_json_object_is_refused(raw: bytes) -> None:
    with pytest.raises(Refusal) as caught:
        parse(raw)

    assert caught.value.reason.status == 400


def test_a_json_object_is_read() -> None:
    assert parse(b' {"a": 1}') == {"a": 1}


def test_a_minimal_request_gets_the_vendor_s_defaults() -> None:
    request = accepted()

    assert request.texts == ("Hello",)
    assert request.prompt_tokens == 5
    assert (request.max_tokens, request.effort, request.schema, request.json_only) == (None, "medium", None, False)
    assert (request.stream, request.include_usage, request.service_tier) == (False, False, "default")


def test_everything_that_the_product_sends_is_taken() -> None:
    request = accepted(
        messages=[
            {"role": "developer", "content": "Rules"},
            {"role": "user", "content": [{"type": "text", "text": "a"}, {"type": "text", "text": "b"}]},
            {"role": "assistant", "content": None, "tool_calls": [{"id": "call_1"}]},
            {"role": "user", "content": [{"type": "image_url", "image_url": {"url": "https://example.org/x.png"}}]},
        ],
        max_completion_tokens=900,
        reasoning_effort="none",
        temperature=0.2,
        response_format=schema_format(),
        stream=True,
        stream_options={"include_usage": True},
        service_tier="flex",
        store=False,
    )

    assert request.texts == ("Rules", "a\nb", "", "")
    assert (request.max_tokens, request.effort, request.service_tier) == (900, "none", "flex")
    assert request.schema == SCHEMA
    assert request.stream
    assert request.include_usage


@pytest.mark.parametrize(
    ("changes", "status", "code", "param"),
    [
        ({"model": None}, 400, "missing_required_parameter", "model"),
        ({"model": "gpt-3.5-turbo"}, 404, "model_not_found", None),
        ({"max_tokens": 10}, 400, "unsupported_parameter", "max_tokens"),
        ({"max_output": 10}, 400, "unknown_parameter", "max_output"),
        ({"messages": None}, 400, "missing_required_parameter", "messages"),
        ({"messages": []}, 400, "empty_array", "messages"),
        ({"messages": ["Hello"]}, 400, "invalid_value", "messages[0].role"),
        ({"messages": [{"role": "boss", "content": "x"}]}, 400, "invalid_value", "messages[0].role"),
        ({"messages": [{"role": "user", "content": None}]}, 400, "invalid_type", "messages[0].content"),
        ({"messages": [{"role": "assistant", "content": None}]}, 400, "invalid_type", "messages[0].content"),
        ({"messages": [{"role": "user", "content": []}]}, 400, "invalid_type", "messages[0].content"),
        ({"messages": [{"role": "user", "content": ["x"]}]}, 400, "invalid_value", "messages[0].content"),
        ({"messages": [{"role": "user", "content": "word " * 930_000}]}, 400, "context_length_exceeded", "messages"),
        ({"max_completion_tokens": 0}, 400, "integer_below_min_value", "max_completion_tokens"),
        ({"max_completion_tokens": True}, 400, "integer_below_min_value", "max_completion_tokens"),
        ({"max_completion_tokens": "9"}, 400, "integer_below_min_value", "max_completion_tokens"),
        ({"reasoning_effort": "minimal"}, 400, "unsupported_value", "reasoning_effort"),
        ({"reasoning_effort": 3}, 400, "unsupported_value", "reasoning_effort"),
        ({"model": "gpt-6.1-sol", "reasoning_effort": "none"}, 400, "unsupported_value", "reasoning_effort"),
        ({"temperature": 0.2}, 400, "unsupported_value", "temperature"),
        ({"top_p": 0.9, "reasoning_effort": "low"}, 400, "unsupported_value", "top_p"),
        ({"tools": [{"type": "function"}]}, 400, "unsupported_parameter", "tools"),
        ({"response_format": {"type": "json_object"}}, 400, None, "messages"),
        ({"response_format": {"type": "yaml"}}, 400, "invalid_value", "response_format"),
        ({"response_format": "json"}, 400, "invalid_value", "response_format"),
        ({"response_format": {"type": "json_schema"}}, 400, "invalid_value", "response_format"),
        ({"response_format": schema_format(name="a b")}, 400, "invalid_value", "response_format.json_schema.name"),
        ({"response_format": schema_format(name=None)}, 400, "invalid_value", "response_format.json_schema.name"),
        ({"response_format": schema_format({"type": "object"})}, 400, "invalid_json_schema", "response_format"),
        ({"response_format": schema_format(None, strict=False)}, 400, "invalid_json_schema", "response_format"),
    ],
)
def test_a_request_is_refused(changes: dict[str, JsonValue], status: int, code: str | None, param: str | None) -> None:
    reason = refused(MINIMAL | changes)

    assert (reason.status, reason.code, reason.param) == (status, code, param)


def test_what_is_written_as_null_counts_as_left_out() -> None:
    request = accepted(
        reasoning_effort=None, temperature=None, top_p=1, max_completion_tokens=None, stream_options=None
    )

    assert request == accepted()


def test_json_mode_wants_the_word_in_the_prompt() -> None:
    request = accepted(
        messages=[{"role": "user", "content": "Answer in JSON."}], response_format={"type": "json_object"}
    )

    assert request.json_only
    assert not accepted(response_format={"type": "text"}).json_only


def test_a_schema_that_is_not_strict_is_taken_as_it_is() -> None:
    assert accepted(response_format=schema_format({"type": "object"}, strict=False)).schema == {"type": "object"}


def test_an_older_model_does_not_reason_and_takes_the_older_parameters() -> None:
    tools: JsonValue = [{"type": "function", "function": {"name": "report"}}]

    request = accepted(model="gpt-4o", max_tokens=80, temperature=0.1, tools=tools)

    assert (request.effort, request.max_tokens) == ("none", 80)
    assert refused(MINIMAL | {"model": "gpt-4o", "reasoning_effort": "low"}).param == "reasoning_effort"


def test_the_reseller_takes_both_limits_and_unknown_fields() -> None:
    body = MINIMAL | {"model": "openai/gpt-6-luna", "max_tokens": 12, "provider": {"sort": "price"}}

    request = check(body, AIMLAPI)

    assert (request.model.id, request.max_tokens) == ("openai/gpt-6-luna", 12)
    assert refused(MINIMAL, AIMLAPI).code == "model_not_found"


@pytest.mark.parametrize(
    ("path", "name"),
    [("/v1/models", "openai"), ("/openai/v1/models", "openai"), ("/aimlapi/v1/models", "aimlapi"), ("/", "openai")],
)
def test_the_path_says_whom_to_play(path: str, name: str) -> None:
    assert at(path).name == name


def test_listed_models_can_be_bought() -> None:
    for persona in (OPENAI, AIMLAPI):
        assert all(persona.find_model(model) for model in persona.listed_models)
        assert json.dumps(persona.listed_models)
