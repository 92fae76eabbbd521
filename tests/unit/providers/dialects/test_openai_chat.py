"""The chat dialect: what is written, and what is made of whatever comes back."""

import json
from contextlib import suppress

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import JsonValue

from providers.calls import Call, Finish, Image, JsonObject, Message, Reply, Tool, ToolCall, Usage
from providers.dialects.openai_chat import OpenAIChat
from providers.errors import (
    BadReply,
    ContentFiltered,
    CutOff,
    EmptyReply,
    Overloaded,
    ProviderError,
    RateLimited,
    ServerFault,
)
from providers.wire import Dialect, WireReply

DIALECT: Dialect = OpenAIChat()
TOOL = Tool(name="f", description="", parameters={})
CALL = Call(
    call_id="job-1.seat-0",
    messages=(Message(role="system", text="Be brief."), Message(role="user", text="Hello there")),
    max_output_tokens=500,
    timeout_s=5,
)
TOOL_CALLER = CALL.model_copy(update={"tools": (TOOL,)})


def answer(*, message: JsonObject | None = None, **more: JsonValue) -> WireReply:
    choice: JsonObject = {"index": 0, "finish_reason": "stop", "message": message or {"content": "fine"}}
    choice.update({name: more.pop(name) for name in ("finish_reason", "native_finish_reason", "error") if name in more})
    document: JsonObject = {"model": "m-1", "choices": [choice], **more}
    return WireReply(status=200, headers={"x-request-id": "r-1"}, body=json.dumps(document).encode())


def decoded(reply: WireReply, asked: Call = CALL) -> Reply:
    return DIALECT.decode(reply, asked)


def test_a_plain_answer_is_read_with_its_model_and_request() -> None:
    reply = decoded(answer(usage={"prompt_tokens": 7, "completion_tokens": 3}))

    assert reply == Reply(
        text="fine",
        finish=Finish.STOP,
        model_served="m-1",
        usage=Usage(input_tokens=7, output_tokens=3),
        request_id="r-1",
    )


@pytest.mark.parametrize(
    ("usage", "expected"),
    [
        (
            {"prompt_tokens": 100, "completion_tokens": 30, "prompt_cache_hit_tokens": 60},
            Usage(input_tokens=40, cached_input_tokens=60, output_tokens=30),
        ),
        (
            {
                "prompt_tokens": 100,
                "completion_tokens": 30,
                "prompt_tokens_details": {"cached_tokens": 20, "cache_write_tokens": 50},
                "completion_tokens_details": {"reasoning_tokens": 10},
            },
            Usage(
                input_tokens=30, cached_input_tokens=20, cache_write_tokens=50, output_tokens=20, reasoning_tokens=10
            ),
        ),
        (  # reasoning beside the completion, as the total shows
            {
                "prompt_tokens": 10,
                "completion_tokens": 30,
                "total_tokens": 50,
                "completion_tokens_details": {"reasoning_tokens": 10},
            },
            Usage(input_tokens=10, output_tokens=30, reasoning_tokens=10),
        ),
        (  # more reasoning than completion: it cannot be within
            {"prompt_tokens": 10, "completion_tokens": 3, "completion_tokens_details": {"reasoning_tokens": 10}},
            Usage(input_tokens=10, output_tokens=3, reasoning_tokens=10),
        ),
        (  # more cached than read is a lie
            {"prompt_tokens": 10, "completion_tokens": 3, "prompt_tokens_details": {"cached_tokens": 99}},
            Usage(cached_input_tokens=10, output_tokens=3),
        ),
        (
            {"prompt_tokens": 100, "completion_tokens": 3, "prompt_tokens_details": {"image_tokens": 70}},
            Usage(input_tokens=30, image_tokens=70, output_tokens=3),
        ),
        (  # those that the cache held stay there
            {
                "prompt_tokens": 100,
                "completion_tokens": 3,
                "prompt_tokens_details": {"cached_tokens": 50, "cache_write_tokens": 10, "image_tokens": 70},
            },
            Usage(cached_input_tokens=50, cache_write_tokens=10, image_tokens=40, output_tokens=3),
        ),
        (
            {"prompt_tokens": 10, "completion_tokens": True, "prompt_tokens_details": None},
            Usage(input_tokens=10),
        ),
    ],
)
def test_usage_falls_into_classes_that_add_up(usage: JsonObject, expected: Usage) -> None:
    assert decoded(answer(usage=usage)).usage == expected


@pytest.mark.parametrize("usage", [None, {}, "none", {"prompt_tokens": -5, "completion_tokens": 1.5}])
def test_usage_that_is_not_told_is_estimated_and_says_so(usage: JsonValue) -> None:
    told = decoded(answer(usage=usage)).usage

    assert told.estimated
    assert told.input_tokens > 0
    assert told.output_tokens > 0


@pytest.mark.parametrize(
    ("content", "text"),
    [
        ("<think>a plan</think>\n\nthe answer", "the answer"),
        (" <thinking>\nlong\n</thinking>the answer", "the answer"),
        ("the <think>x</think> answer", "the <think>x</think> answer"),
        (
            [{"type": "thinking", "text": "plan"}, {"type": "text", "text": "the "}, {"type": "text", "text": "end"}],
            "the end",
        ),
        ("nul\x00 and half\ud800", "nul and half\N{REPLACEMENT CHARACTER}"),
    ],
)
def test_thoughts_and_what_cannot_be_stored_are_kept_out_of_the_text(content: JsonValue, text: str) -> None:
    assert decoded(answer(message={"content": content, "reasoning": "r", "reasoning_content": "r"})).text == text


def test_what_is_estimated_counts_all_that_was_sent_and_all_that_came() -> None:
    shown = CALL.model_copy(
        update={"messages": (*CALL.messages, Message(role="user", text="", images=(Image(base64="QQ"),)))}
    )
    asked = shown.model_copy(update={"json_schema": {"type": "object"}, "tools": (TOOL,)})
    bare, full = (
        decoded(answer()).usage,
        decoded(answer(message={"content": "fine", "reasoning": "so far"}), asked).usage,
    )
    called = decoded(answer(message={"content": "fine", "tool_calls": [TOOL_CALL]}), TOOL_CALLER).usage

    assert full.input_tokens > bare.input_tokens
    assert (full.image_tokens, bare.image_tokens) == (1_600, 0)
    assert full.reasoning_tokens > bare.reasoning_tokens == 0
    assert called.output_tokens > bare.output_tokens


def test_an_unknown_or_missing_finish_around_a_text_is_a_stop() -> None:
    assert decoded(answer(finish_reason=None)).finish is Finish.STOP
    assert decoded(answer(finish_reason="eos")).finish is Finish.STOP


TOOL_CALL: JsonObject = {"function": {"name": "f", "arguments": '{"a": '}}
USAGE: JsonObject = {"prompt_tokens": 7, "completion_tokens": 3}


@pytest.mark.parametrize(
    ("message", "finish", "kind"),
    [
        ({"content": "half a wo"}, {"finish_reason": "length"}, CutOff),
        ({"content": None, "tool_calls": [TOOL_CALL]}, {"finish_reason": "length"}, CutOff),
        ({"content": "half"}, {"finish_reason": "tool_calls", "native_finish_reason": "MAX_TOKENS"}, CutOff),
        ({"content": ""}, {"finish_reason": "length"}, EmptyReply),
        ({"content": "<think>and think"}, {"finish_reason": "stop"}, EmptyReply),
        ({"content": " \n"}, {"finish_reason": "stop"}, EmptyReply),
        ({"content": 7}, {"finish_reason": "stop"}, EmptyReply),
        ({"content": None, "tool_calls": [TOOL_CALL]}, {"finish_reason": "tool_calls"}, EmptyReply),
        ({"content": None, "refusal": "I cannot."}, {"finish_reason": "stop"}, ContentFiltered),
        ({"content": "partly"}, {"finish_reason": "content_filter"}, ContentFiltered),
        ({"content": "x"}, {"finish_reason": "insufficient_system_resource"}, Overloaded),
        ({"content": "x"}, {"finish_reason": "error"}, BadReply),
    ],
)
def test_an_unusable_success_is_named_and_keeps_its_bill(
    message: JsonObject, finish: JsonObject, kind: type[ProviderError]
) -> None:
    with pytest.raises(ProviderError) as failed:
        decoded(answer(message=message, usage=USAGE, **finish))

    assert type(failed.value) is kind
    assert failed.value.usage == Usage(input_tokens=7, output_tokens=3)
    assert failed.value.model_served == "m-1"
    assert failed.value.request_id == "r-1"
    assert failed.value.status == 200


@pytest.mark.parametrize(
    "body",
    [
        b"",
        b"<html><body>Sorry</body></html>",
        b"{",
        b"[]",
        b"null",
        b'{"choices": null}',
        b'{"choices": []}',
        b'{"choices": ["text"]}',
        b'{"choices": {"0": {}}}',
        b'{"id": "x"}',
        b'{"error": {"message": "went wrong"}}',
        b"[" * 100_000,
        b'{"choices": [{"message": {"content": 1' + b"0" * 5_000 + b"}}]}",
        b"\xff\xfe",
    ],
)
def test_a_success_around_nothing_is_a_bad_reply(body: bytes) -> None:
    with pytest.raises(BadReply):
        decoded(WireReply(status=200, headers={}, body=body))


@pytest.mark.parametrize("finish", ["tool_calls", "stop", None])
def test_calls_to_tools_that_were_offered_are_an_answer(finish: str | None) -> None:
    calls: list[JsonValue] = [
        {"id": "t-1", "type": "function", "function": {"name": "f", "arguments": '{"a": '}},
        {"id": None, "function": {"name": "f", "arguments": {"é": 1}}},
        {"id": "t-3", "function": {"name": "f"}},
        {"id": "t-4", "function": {"arguments": "{}"}},  # names nothing that could be called
        None,
    ]

    reply = decoded(answer(message={"content": None, "tool_calls": calls}, finish_reason=finish), TOOL_CALLER)

    assert reply.text == ""
    assert reply.finish is Finish.TOOL_CALLS
    assert reply.tool_calls == (
        ToolCall(id="t-1", name="f", arguments='{"a": '),
        ToolCall(id="call_1", name="f", arguments='{"é": 1}'),
        ToolCall(id="t-3", name="f", arguments=""),
    )


@pytest.mark.parametrize("calls", [None, [], {}, [None], [{"function": None}], [{"function": {"name": ""}}]])
def test_calls_to_nothing_are_no_answer(calls: JsonValue) -> None:
    with pytest.raises(EmptyReply):
        decoded(answer(message={"content": "", "tool_calls": calls}, finish_reason="tool_calls"), TOOL_CALLER)


def test_a_call_to_a_tool_beside_an_answer_is_left_out_if_none_was_offered() -> None:
    reply = decoded(answer(message={"content": "fine", "tool_calls": [TOOL_CALL]}, finish_reason="tool_calls"))

    assert (reply.text, reply.finish, reply.tool_calls) == ("fine", Finish.STOP, ())


def test_a_call_to_a_tool_that_the_limit_cut_off_is_cut_off() -> None:
    with pytest.raises(CutOff):
        decoded(answer(message={"content": None, "tool_calls": [TOOL_CALL]}, finish_reason="length"), TOOL_CALLER)


def test_the_tier_that_served_is_told() -> None:
    assert decoded(answer(service_tier="flex")).tier_served == "flex"
    assert decoded(answer(service_tier=None)).tier_served == ""


def test_line_separators_and_filter_results_change_nothing() -> None:
    body = answer(message={"content": "a\u2028b"}, prompt_filter_results=[{"prompt_index": 0}]).body

    assert (
        decoded(WireReply(status=200, headers={}, body=body.replace(b"\\u2028", "\u2028".encode()))).text == "a\u2028b"
    )


def test_arguments_may_be_nested_as_deep_as_json_is_read() -> None:
    for depth in range(100, 1_100, 50):
        value = '{"a":' * depth + "1" + "}" * depth
        body = '{"choices":[{"message":{"tool_calls":[{"function":{"name":"f","arguments":' + value + "}}]}}]}"

        with suppress(BadReply):
            assert decoded(WireReply(status=200, headers={}, body=body.encode()), TOOL_CALLER).tool_calls


def test_white_space_and_a_byte_order_mark_may_stand_before_the_json() -> None:
    body = answer().body

    assert decoded(WireReply(status=201, headers={}, body=b"\n\n  " + body)).text == "fine"
    assert decoded(WireReply(status=200, headers={}, body=b"\xef\xbb\xbf" + body)).text == "fine"


def test_an_error_inside_a_choice_is_classified_by_its_own_code() -> None:
    with pytest.raises(RateLimited):
        decoded(answer(message={"content": "half"}, finish_reason="error", error={"code": 429, "message": "slow"}))


@pytest.mark.parametrize(
    ("fields", "usage", "billed"),
    [
        ({"usage": {"prompt_tokens": 7, "completion_tokens": 3}}, Usage(input_tokens=7, output_tokens=3), True),
        ({}, None, False),
    ],
)
def test_an_error_beside_a_count_may_have_been_billed(fields: JsonObject, usage: Usage | None, billed: bool) -> None:
    body = json.dumps({"model": "m-1", "error": {"code": 502, "message": "broke"}, **fields}).encode()

    with pytest.raises(ServerFault) as failed:
        decoded(WireReply(status=200, headers={}, body=body))

    assert failed.value.usage == usage
    assert failed.value.may_be_billed is billed
    assert failed.value.model_served == "m-1"


def test_an_error_after_half_an_answer_is_billed_by_estimate() -> None:
    with pytest.raises(ServerFault) as failed:
        decoded(answer(message={"content": "half of it"}, error={"code": 502}))

    assert failed.value.usage is not None
    assert failed.value.usage.estimated
    assert failed.value.may_be_billed


json_values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | st.text(max_size=10),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=8), inner, max_size=3),
    max_leaves=8,
)
NAMES = (
    "choices",
    "error",
    "message",
    "content",
    "finish_reason",
    "usage",
    "model",
    "code",
    "metadata",
    "raw",
    "refusal",
    "tool_calls",
    "function",
    "arguments",
    "name",
    "cost",
    "delta",
)
hostile = st.recursive(
    json_values,
    lambda inner: st.lists(inner, max_size=2) | st.dictionaries(st.sampled_from(NAMES), inner, max_size=5),
    max_leaves=25,
)


@given(hostile, st.integers(200, 299), st.dictionaries(st.sampled_from(("retry-after", "x-should-retry")), st.text()))
def test_no_body_breaks_the_decoder(document: JsonValue, status: int, headers: dict[str, str]) -> None:
    reply = WireReply(status=status, headers=headers, body=json.dumps(document).encode())

    with suppress(ProviderError):
        answered = decoded(reply, TOOL_CALLER)
        assert bool(answered.tool_calls) is (answered.finish is Finish.TOOL_CALLS)


@given(st.binary(max_size=200))
def test_no_bytes_break_the_decoder(body: bytes) -> None:
    with pytest.raises(ProviderError):
        decoded(WireReply(status=200, headers={}, body=body))


@given(st.binary(max_size=200) | hostile.map(lambda value: json.dumps(value).encode()), st.integers(100, 599))
def test_no_body_breaks_the_classifier(body: bytes, status: int) -> None:
    error = DIALECT.classify(WireReply(status=status, headers={}, body=body))

    assert str(status) in error.message


@pytest.mark.parametrize("choices", [None, []])
def test_a_success_without_choices_keeps_the_usage_that_it_tells(choices: JsonValue) -> None:
    usage: JsonObject = {"prompt_tokens": 7, "completion_tokens": 3}
    document = {"model": "m-1", "choices": choices, "usage": usage}

    with pytest.raises(BadReply) as caught:
        decoded(WireReply(status=200, headers={}, body=json.dumps(document).encode()))

    assert caught.value.usage == Usage(input_tokens=7, output_tokens=3)
    assert caught.value.model_served == "m-1"


def test_a_model_that_ran_out_of_machines_midway_may_be_billed() -> None:
    with pytest.raises(Overloaded) as caught:
        decoded(answer(finish_reason="insufficient_system_resource"))

    assert caught.value.may_be_billed
