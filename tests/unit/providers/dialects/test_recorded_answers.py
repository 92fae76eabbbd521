"""Answers of the OpenAI family as they were on the wire: each decodes or is classified as its case says.

Whole answers and streams, recorded and documented. The recordings of the Responses API are none of this dialect's.
"""

import json
from typing import Final

import pytest
from pydantic import JsonValue

from providers import sse
from providers.calls import Call, Finish, JsonObject, Message, Reply, Tool
from providers.dialects.openai_chat import OpenAIChat
from providers.errors import (
    BadReply,
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
from providers.wire import Dialect, Pace, WireReply
from tests.shared_data import shared

DIALECT: Final[Dialect] = OpenAIChat()
CALL = Call(call_id="c", messages=(Message(role="user", text="Hello"),), max_output_tokens=100, timeout_s=5)

ANSWERED = ("success", "structured_output", "messy_output", "usage_cached", "usage_reasoning", "stream", "tool_call")
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
# The label does not tell a fault of the server from an output that the server itself found broken; the body does.
FAILED_BY_CODE: dict[str, type[ProviderError]] = {"tool_use_failed": BadReply}


def recordings() -> list[JsonObject]:
    documents = [json.loads(path.read_text("utf-8")) for path in sorted(shared("wire").rglob("*.json"))]
    return [
        document
        for document in documents
        if isinstance(document, dict) and _is_ours(document)  # the index is a list
    ]


def _is_ours(entry: JsonObject) -> bool:
    """Chat answers, and the refusals of OpenAI's other API: a refusal has one shape at all of its addresses."""
    return entry["api"] == "chat.completions" or (entry["api"] == "responses" and entry["status"] != 200)


def call_of(recording: JsonObject) -> Call:
    """A call that offers the tools which the recorded one offered."""
    request = recording["request"]
    body = request.get("body") if isinstance(request, dict) else None
    offered = body.get("tools") if isinstance(body, dict) else None
    names = [tool["function"]["name"] for tool in offered if "function" in tool] if isinstance(offered, list) else []  # type: ignore[index, call-overload, operator]
    tools = tuple(Tool(name=str(name), description="", parameters={}) for name in names)
    return CALL.model_copy(update={"tools": tools, "stream": bool(recording["stream"])})


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


def outcome(recording: JsonObject, call: Call | None = None) -> Reply | ProviderError:
    reply = wire_reply(recording)
    decode = DIALECT.decode_stream if recording["stream"] else DIALECT.decode
    try:
        return decode(reply, call or call_of(recording)) if 200 <= reply.status < 300 else DIALECT.classify(reply)
    except ProviderError as error:
        return error


def expected(recording: JsonObject) -> type[Reply] | type[ProviderError]:
    tags = recording["tags"]
    assert isinstance(tags, list)
    for tag in tags:
        if str(tag) in FAILED_BY_TAG:
            return FAILED_BY_TAG[str(tag)]
    for code, kind in FAILED_BY_CODE.items():
        if f'"code":"{code}"'.encode() in wire_reply(recording).body:
            return kind
    return Reply if recording["case"] in ANSWERED else FAILED[str(recording["case"])]


def documents_of(recording: JsonObject) -> list[JsonObject]:
    """The whole answer, or the chunks of the streamed one."""
    body = wire_reply(recording).body
    texts = [event.data for event in sse.events(body)[0]] if recording["stream"] else [body.decode()]
    documents = [json.loads(text) for text in texts if text != "[DONE]" and text.lstrip()[:1] == "{"]
    return [document for document in documents if isinstance(document, dict)]


def told_usage(recording: JsonObject) -> JsonObject | None:
    told = [document["usage"] for document in documents_of(recording) if document.get("usage")]
    return told[-1] if told and isinstance(told[-1], dict) else None


def number(value: JsonValue) -> int:
    return value if isinstance(value, int) else 0


def detail(usage: JsonObject, name: str, field: str) -> int:
    details = usage.get(name)
    return number(details.get(field)) if isinstance(details, dict) else 0


def test_not_one_chat_answer_of_the_index_is_left_out() -> None:
    index = json.loads((shared("wire") / "index.json").read_text("utf-8"))
    read = {recording["id"] for recording in recordings()}

    assert read == {entry["id"] for entry in index if _is_ours(entry)}
    assert {str(recording["case"]) for recording in recordings()} == {*ANSWERED, *FAILED}
    assert len(read) == 77
    assert sum(1 for recording in recordings() if recording["stream"]) == 7


def test_every_file_of_the_index_is_read_by_one_of_the_three_dialects() -> None:
    index = json.loads((shared("wire") / "index.json").read_text("utf-8"))

    others = [entry for entry in index if not _is_ours(entry)]

    assert {entry["api"] for entry in others} == {"messages", "generateContent"}  # see the tests of those dialects
    assert len(index) == 130


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
        told = told_usage(recording) if recording["status"] == 200 else None
        if told is None:
            continue
        seen += 1
        usage = getattr(outcome(recording), "usage")  # noqa: B009  of a reply or of a failure that was billed

        prompt = usage.input_tokens + usage.image_tokens + usage.cached_input_tokens + usage.cache_write_tokens
        assert prompt == told["prompt_tokens"], recording["id"]
        assert usage.output_tokens + usage.reasoning_tokens == told["completion_tokens"], recording["id"]
        assert usage.cached_input_tokens == detail(told, "prompt_tokens_details", "cached_tokens"), recording["id"]
        assert usage.reasoning_tokens == detail(told, "completion_tokens_details", "reasoning_tokens"), recording["id"]
        assert not usage.estimated

    assert seen >= 30


def test_every_recorded_cost_is_read_and_rounded_up() -> None:
    seen = 0
    for recording in recordings():
        reply = outcome(recording)
        told = told_usage(recording) or {}
        if not isinstance(reply, Reply) or "cost" not in told:
            continue
        seen += 1
        cost_usd = float(str(told["cost"]))

        assert reply.reported_cost_micro_usd is not None
        assert 0 <= reply.reported_cost_micro_usd - cost_usd * 1e6 < 1, recording["id"]

    assert seen >= 3


def test_every_recorded_answer_keeps_thoughts_out_and_the_json_in() -> None:
    for recording in recordings():
        reply = outcome(recording)
        if isinstance(reply, Reply):
            assert "<think>" not in reply.text, recording["id"]
            assert reply.model_served, recording["id"]
        if isinstance(reply, Reply) and recording["case"] == "structured_output":
            assert isinstance(json.loads(reply.text), dict), recording["id"]


def test_every_recorded_call_to_a_tool_is_read_with_its_arguments() -> None:
    called = {str(recording["id"]): outcome(recording) for recording in recordings()}

    replies = {name: reply for name, reply in called.items() if isinstance(reply, Reply) and reply.tool_calls}

    assert {name for name in replies if "tool-call" in name} == {name for name in called if "tool-call" in name}
    for name, reply in replies.items():
        assert reply.finish is Finish.TOOL_CALLS, name
        assert all(isinstance(json.loads(call.arguments), dict) for call in reply.tool_calls), name
        assert all(call.id and call.name for call in reply.tool_calls), name


def test_a_call_to_a_tool_that_was_never_offered_is_no_answer() -> None:
    for recording in recordings():
        if recording["case"] != "tool_call":
            continue
        offered, unasked = outcome(recording), outcome(recording, CALL)

        assert isinstance(offered, Reply)
        if offered.text.strip():
            assert isinstance(unasked, Reply)
            assert (unasked.text, unasked.tool_calls, unasked.finish) == (offered.text, (), Finish.STOP)
        else:
            assert isinstance(unasked, EmptyReply)


def test_the_recorded_streams_say_what_was_said_in_them() -> None:
    said = {str(recording["id"]): outcome(recording) for recording in recordings() if recording["stream"]}

    texts = {name: reply.text for name, reply in said.items() if isinstance(reply, Reply)}

    assert texts["openai-chat-completions-stream-02"].startswith("Hello")
    assert texts["deepseek-chat-completions-stream-01"].endswith("4")
    assert texts["azure-openai-chat-completions-stream-01"]


def test_every_recorded_stream_moves_the_watchdog_and_ends() -> None:
    for recording in recordings():
        if not recording["stream"]:
            continue
        paces = [DIALECT.pace(event) for event in sse.events(wire_reply(recording).body)[0]]

        assert paces[-1] is Pace.END, recording["id"]
        assert Pace.END not in paces[:-1], recording["id"]
        assert Pace.PROGRESS in paces or recording["case"] == "error_in_200", recording["id"]


def test_every_recorded_stream_may_be_cut_at_any_byte() -> None:
    for recording in recordings():
        if not recording["stream"]:
            continue
        whole, reply = outcome(recording), wire_reply(recording)
        step = max(1, len(reply.body) // 400)
        for end in [*range(0, len(reply.body), step), *range(len(reply.body) - 40, len(reply.body))]:
            try:
                part = DIALECT.decode_stream(reply.model_copy(update={"body": reply.body[:end]}), call_of(recording))
            except ProviderError:
                continue
            assert isinstance(whole, Reply), recording["id"]
            assert (part.text, part.finish, part.tool_calls) == (whole.text, whole.finish, whole.tool_calls)
            assert part.usage == whole.usage or part.usage.estimated


@pytest.mark.parametrize(
    ("recording_id", "readings"),
    [
        ("groq-chat-completions-error-in-200-01", [("requests", 1000, 982, 1554.826), ("tokens", 30000, 28998, 2.003)]),
        (
            "openai-chat-completions-structured-output-02",
            [("requests", 10000, 9999, 0.006), ("tokens", 30000000, 29999973, 0.0)],
        ),
        ("openrouter-chat-completions-rate-limit-01", [("requests", 20, 0, 44.0)]),
        ("azure-openai-chat-completions-success-01", [("requests", 50, 39, None), ("tokens", 50000, 49860, None)]),
        ("azure-openai-chat-completions-max-tokens-01", []),  # scrubbed headers are no numbers
        ("deepseek-chat-completions-tool-call-01", []),
    ],
)
def test_the_recorded_limits_are_read(recording_id: str, readings: list[tuple[str, int, int, float | None]]) -> None:
    recording = next(recording for recording in recordings() if recording["id"] == recording_id)

    found = DIALECT.limits(wire_reply(recording).headers)

    assert [(one.of, one.limit, one.remaining) for one in found] == [reading[:3] for reading in readings]
    assert [one.reset_s for one in found] == pytest.approx([reading[3] for reading in readings])


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
