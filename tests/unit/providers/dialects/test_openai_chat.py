"""The chat dialect: what is written, and what is made of whatever comes back."""

import json
from contextlib import suppress

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import JsonValue

from providers.calls import Call, Finish, JsonObject, Message, Reply, Target, Usage
from providers.catalog import load
from providers.dialects.openai_chat import OpenAIChat
from providers.errors import BadReply, ContentFiltered, CutOff, EmptyReply, Overloaded, ProviderError, RateLimited
from providers.wire import Dialect, WireReply, WireRequest

CATALOG = load()
DIALECT: Dialect = OpenAIChat()
SCHEMA: JsonObject = {"type": "object", "properties": {"naïve": {"type": "string"}}}


def call(*, schema: JsonObject | None = None, call_id: str = "job-1.seat-0", turns: tuple[Message, ...] = ()) -> Call:
    return Call(
        call_id=call_id,
        messages=turns or (Message(role="system", text="Be brief."), Message(role="user", text="Hello there")),
        max_output_tokens=500,
        timeout_s=5,
        schema_name="meeting analysis/v1",
        json_schema=schema,
    )


def encoded(target: str, asked: Call) -> WireRequest:
    model = CATALOG.model(Target.parse(target))
    return DIALECT.encode(asked, CATALOG.provider(model.provider), model)


def answer(*, message: JsonObject | None = None, **more: JsonValue) -> WireReply:
    choice: JsonObject = {"index": 0, "finish_reason": "stop", "message": message or {"content": "fine"}}
    choice.update({name: more.pop(name) for name in ("finish_reason", "native_finish_reason", "error") if name in more})
    document: JsonObject = {"model": "m-1", "choices": [choice], **more}
    return WireReply(status=200, headers={"x-request-id": "r-1"}, body=json.dumps(document).encode())


def decoded(reply: WireReply) -> Reply:
    return DIALECT.decode(reply, call())


def test_openai_gets_its_own_field_role_and_no_storage() -> None:
    request = encoded("openai/gpt-6-luna", call())

    assert request.path == "/chat/completions"
    assert request.headers == {"x-client-request-id": "job-1.seat-0"}
    assert request.body == {
        "model": "gpt-6-luna",
        "messages": [{"role": "developer", "content": "Be brief."}, {"role": "user", "content": "Hello there"}],
        "max_completion_tokens": 500,
        "reasoning_effort": "none",
        "store": False,
    }


def test_a_schema_travels_as_a_strict_response_format_under_a_lawful_name() -> None:
    request = encoded("openai/gpt-6.1-terra", call(schema=SCHEMA))

    assert request.body["response_format"] == {
        "type": "json_schema",
        "json_schema": {"name": "meeting_analysis_v1", "strict": True, "schema": SCHEMA},
    }


def test_deepseek_gets_the_schema_as_text_with_the_word_json_and_its_thinking_switch() -> None:
    request = encoded("deepseek/deepseek-flash", call(schema=SCHEMA))

    system = request.body["messages"][0]["content"]  # type: ignore[index, call-overload]
    assert request.body["response_format"] == {"type": "json_object"}
    assert isinstance(system, str)
    assert system.startswith("Be brief.")
    assert "JSON" in system
    assert json.dumps(SCHEMA, ensure_ascii=False, separators=(",", ":")) in system
    assert request.body["max_tokens"] == 500
    assert request.body["thinking"] == {"type": "disabled"}


def test_a_call_without_system_text_gets_one_for_the_schema() -> None:
    request = encoded("deepseek/deepseek-flash", call(schema=SCHEMA, turns=(Message(role="user", text="Hi"),)))

    assert [turn["role"] for turn in request.body["messages"]] == ["system", "user"]  # type: ignore[union-attr, index, call-overload]


def test_openrouter_is_bound_to_upstreams_that_honour_every_field() -> None:
    request = encoded("openrouter/anthropic/claude-sonnet-5.5", call(schema=SCHEMA))

    assert request.body["provider"] == {
        "require_parameters": True,
        "allow_fallbacks": False,
        "data_collection": "deny",
    }
    assert request.body["reasoning"] == {"effort": "low", "exclude": True}
    assert request.body["model"] == "anthropic/claude-sonnet-5.5"


@pytest.mark.parametrize("target", [str(card.target) for card in CATALOG.models if card.provider != "extractive"])
def test_no_model_is_sent_sampling_parameters_or_an_unbounded_output(target: str) -> None:
    body = encoded(target, call(schema=SCHEMA)).body

    assert not {"temperature", "top_p", "top_k"} & body.keys()
    assert 500 in (body.get("max_tokens"), body.get("max_completion_tokens"))


def test_a_client_request_id_keeps_to_the_signs_that_every_provider_takes() -> None:
    request = encoded("aimlapi/openai/gpt-6-luna", call(call_id="job é/1\n" + "x" * 200))

    assert request.headers["x-client-request-id"] == "job---1-" + "x" * 120


def test_the_key_travels_as_a_bearer_token_and_no_key_sends_no_header() -> None:
    assert DIALECT.authorization("k-1") == {"authorization": "Bearer k-1"}
    assert DIALECT.authorization("") == {}


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
        ("nul\x00 and half\ud800", "nul and half?"),
    ],
)
def test_thoughts_and_what_cannot_be_stored_are_kept_out_of_the_text(content: JsonValue, text: str) -> None:
    assert decoded(answer(message={"content": content, "reasoning": "r", "reasoning_content": "r"})).text == text


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


def test_white_space_and_a_byte_order_mark_may_stand_before_the_json() -> None:
    body = answer().body

    assert decoded(WireReply(status=201, headers={}, body=b"\n\n  " + body)).text == "fine"
    assert decoded(WireReply(status=200, headers={}, body=b"\xef\xbb\xbf" + body)).text == "fine"


def test_an_error_inside_a_choice_is_classified_by_its_own_code() -> None:
    with pytest.raises(RateLimited):
        decoded(answer(message={"content": "half"}, finish_reason="error", error={"code": 429, "message": "slow"}))


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
        assert decoded(reply).model_served is not None


@given(st.binary(max_size=200) | hostile.map(lambda value: json.dumps(value).encode()), st.integers(100, 599))
def test_no_body_breaks_the_classifier(body: bytes, status: int) -> None:
    error = DIALECT.classify(WireReply(status=status, headers={}, body=body))

    assert str(status) in error.message
