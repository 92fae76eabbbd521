"""Answers recorded from live providers of the OpenAI family: each decodes or is classified as its case says."""

import json

import pytest
from pydantic import JsonValue

from providers.calls import Call, JsonObject, Message, Reply
from providers.dialects.openai_chat import OpenAIChat
from providers.errors import (
    ContentFiltered,
    ContextTooLong,
    CutOff,
    EmptyReply,
    ModelNotFound,
    Overloaded,
    ProviderError,
    QuotaExhausted,
    RateLimited,
    Refused,
    ServerFault,
    Unauthenticated,
)
from providers.wire import WireReply
from tests.shared_data import shared

PROVIDERS = frozenset(
    ("aimlapi azure-ai azure-openai deepseek doubleword groq llamacpp mistral openai openrouter perplexity xai").split()
)
CALL = Call(call_id="c", messages=(Message(role="user", text="Hello"),), max_output_tokens=100, timeout_s=5)

ANSWERED = ("success", "structured_output", "messy_output", "usage_cached", "usage_reasoning")
FAILED: dict[str, type[ProviderError]] = {
    "auth_error": Unauthenticated,
    "permission_error": Unauthenticated,
    "model_not_found": ModelNotFound,
    "context_length": ContextTooLong,
    "content_filter": ContentFiltered,
    "refusal": ContentFiltered,
    "invalid_request": Refused,
    "insufficient_balance": QuotaExhausted,
    "max_tokens": CutOff,
    "overloaded": Overloaded,
    "rate_limit": RateLimited,
    "server_error": ServerFault,
    "error_in_200": ServerFault,
}
# A tag says more than the case: what the case calls a permission or a rate limit can be something else at heart.
FAILED_BY_TAG: dict[str, type[ProviderError]] = {
    "usage_guidelines": ContentFiltered,
    "insufficient_quota": QuotaExhausted,
    "request_larger_than_limit": ContextTooLong,
    "empty_content": EmptyReply,
}


def recordings() -> list[JsonObject]:
    documents = [json.loads(path.read_text("utf-8")) for path in sorted(shared("wire").rglob("*.json"))]
    return [
        document
        for document in documents
        if isinstance(document, dict)  # the index is a list
        and document["provider"] in PROVIDERS
        and document["api"] == "chat.completions"
        and not document["stream"]
    ]


def wire_reply(recording: JsonObject) -> WireReply:
    response = recording["response"]
    assert isinstance(response, dict)
    return WireReply.model_validate(
        {
            "status": recording["status"],
            "headers": response["headers"],
            "body": str(response["body"]).encode(),
        }
    )


def outcome(recording: JsonObject) -> Reply | ProviderError:
    reply = wire_reply(recording)
    try:
        return OpenAIChat().decode(reply, CALL) if 200 <= reply.status < 300 else OpenAIChat().classify(reply)
    except ProviderError as error:
        return error


def tool_calls_without_text(recording: JsonObject) -> bool:
    document = json.loads(wire_reply(recording).body)
    return not document["choices"][0]["message"]["content"]


def expected(recording: JsonObject) -> type[Reply] | type[ProviderError]:
    tags = recording["tags"]
    assert isinstance(tags, list)
    for tag in tags:
        if str(tag) in FAILED_BY_TAG:
            return FAILED_BY_TAG[str(tag)]
    if recording["case"] == "tool_call":  # we offer no tools: a call to one, with no text beside it, answers nothing
        return EmptyReply if tool_calls_without_text(recording) else Reply
    return Reply if recording["case"] in ANSWERED else FAILED[str(recording["case"])]


def number(value: JsonValue) -> int:
    return value if isinstance(value, int) else 0


def test_there_are_recordings_of_every_case_that_the_family_knows() -> None:
    cases = {str(recording["case"]) for recording in recordings()}

    assert len(recordings()) >= 55
    assert cases == {*ANSWERED, *FAILED, "tool_call"}


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
        body = json.loads(wire_reply(recording).body) if recording["status"] == 200 else {}
        told = body.get("usage") if isinstance(body, dict) else None
        if not told:
            continue
        seen += 1
        usage = getattr(outcome(recording), "usage")  # noqa: B009  of a reply or of a failure that was billed

        prompt = usage.input_tokens + usage.cached_input_tokens + usage.cache_write_tokens
        assert prompt == told["prompt_tokens"], recording["id"]
        assert usage.output_tokens + usage.reasoning_tokens == told["completion_tokens"], recording["id"]
        assert usage.cached_input_tokens == number((told.get("prompt_tokens_details") or {}).get("cached_tokens"))
        assert usage.reasoning_tokens == number((told.get("completion_tokens_details") or {}).get("reasoning_tokens"))
        assert not usage.estimated

    assert seen >= 25


def test_every_recorded_answer_keeps_thoughts_out_and_the_json_in() -> None:
    for recording in recordings():
        reply = outcome(recording)
        if isinstance(reply, Reply):
            assert "<think>" not in reply.text, recording["id"]
            assert reply.model_served, recording["id"]
        if isinstance(reply, Reply) and recording["case"] == "structured_output":
            assert isinstance(json.loads(reply.text), dict), recording["id"]


@pytest.mark.parametrize(
    ("recording_id", "wait_s"),
    [
        ("azure-ai-chat-completions-rate-limit-01", 1.0),
        ("openrouter-chat-completions-rate-limit-01", 44.0),
        ("openrouter-chat-completions-rate-limit-02", None),
    ],
)
def test_the_recorded_waits_are_read(recording_id: str, wait_s: float | None) -> None:
    recording = next(recording for recording in recordings() if recording["id"] == recording_id)

    failed = outcome(recording)

    assert isinstance(failed, RateLimited)
    assert failed.retry_after_s == wait_s
