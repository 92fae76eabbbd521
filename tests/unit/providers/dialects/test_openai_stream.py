"""Streams of the OpenAI family: put together, cut off, and told apart by the watchdog."""

import json
from contextlib import suppress

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import JsonValue

from providers.calls import Call, Finish, JsonObject, Message, Reply, Tool, ToolCall, Usage
from providers.dialects.openai_chat import OpenAIChat
from providers.errors import (
    BadReply,
    ContentFiltered,
    CutOff,
    EmptyReply,
    Interrupted,
    Overloaded,
    ProviderError,
    RateLimited,
    Refused,
    ServerFault,
)
from providers.sse import Event
from providers.wire import Dialect, Pace, WireReply

DIALECT: Dialect = OpenAIChat()
TOOL = Tool(name="f", description="", parameters={})
CALL = Call(
    call_id="c",
    messages=(Message(role="user", text="Hello there"),),
    max_output_tokens=100,
    timeout_s=5,
    tools=(TOOL,),
    stream=True,
)
TOLD: JsonObject = {"usage": {"prompt_tokens": 7, "completion_tokens": 3}}
DONE = "data: [DONE]\n\n"
FILTER_RESULTS: JsonObject = {"choices": [], "model": "", "prompt_filter_results": [{"prompt_index": 0}]}


def line(document: JsonValue) -> str:
    return f"data: {json.dumps(document, ensure_ascii=False)}\n\n"


def chunk(delta: JsonValue = None, finish: JsonValue = None, **around: JsonValue) -> str:
    return line({"model": "m-1", "choices": [{"index": 0, "delta": delta, "finish_reason": finish}], **around})


def says(text: str) -> str:
    return chunk({"content": text})


END = chunk({}, "stop") + line({"model": "m-1", "choices": [], **TOLD}) + DONE


def streamed(*lines: str, asked: Call = CALL, **headers: str) -> Reply:
    named = {name.replace("_", "-"): value for name, value in headers.items()}
    return DIALECT.decode_stream(WireReply(status=200, headers=named, body="".join(lines).encode()), asked)


def failed(*lines: str, asked: Call = CALL) -> ProviderError:
    with pytest.raises(ProviderError) as caught:
        streamed(*lines, asked=asked)
    return caught.value


def test_a_stream_says_what_the_whole_answer_would_have_said() -> None:
    reply = streamed(
        ": OPENROUTER PROCESSING\n\n",
        line(FILTER_RESULTS),
        chunk({"role": "assistant", "content": "", "refusal": None}, usage=None),
        chunk({"reasoning_content": "so "}),
        chunk({"content": "Hel", "reasoning": None}, obfuscation="x8"),
        chunk({"content": "lo\u2028 é😀"}, ""),  # sglang's way to say that there is no finish yet
        line({"choices": None}),
        line({}),
        "data:\n\n",
        ": keep-alive\n\n",
        chunk({}, "stop", service_tier="flex"),
        line({"choices": [], "model": "m-1", **TOLD, "meta": {"usage": {"usd_spent": 0.01}}}),
        DONE,
        says("after the end nobody listens"),
        x_request_id="r-1",
    )

    assert reply == Reply(
        text="Hello\u2028 é😀",
        finish=Finish.STOP,
        model_served="m-1",
        usage=Usage(input_tokens=7, output_tokens=3),
        request_id="r-1",
        tier_served="flex",
        reported_cost_micro_usd=10_000,
    )


def test_fragments_of_calls_are_joined_by_their_index() -> None:
    def fragments(*calls: JsonValue) -> str:
        return chunk({"tool_calls": list(calls)})

    reply = streamed(
        fragments({"index": 1, "id": "t-1", "type": "function", "function": {"name": "f", "arguments": ""}}),
        fragments({"index": 0, "id": "t-0", "function": {"name": "f", "arguments": '{"a'}}),
        fragments(
            {"index": 1, "function": {"arguments": '{"b": 2}'}}, {"index": 0, "function": {"arguments": '": 1}'}}
        ),
        chunk({"tool_calls": None}, "tool_calls"),
        END,
    )

    assert reply.finish is Finish.TOOL_CALLS
    assert reply.tool_calls == (
        ToolCall(id="t-0", name="f", arguments='{"a": 1}'),
        ToolCall(id="t-1", name="f", arguments='{"b": 2}'),
    )


def test_fragments_without_an_index_belong_to_the_call_whose_id_came_last() -> None:
    reply = streamed(
        chunk({"tool_calls": [{"function": {"name": "f", "arguments": '{"a'}}]}),
        chunk({"tool_calls": [{"function": {"name": "f", "arguments": '": 1}'}}]}),
        chunk({"tool_calls": [{"id": "t-1", "function": {"name": "g", "arguments": {"b": 2}}}]}),
        END,
    )

    assert reply.tool_calls == (
        ToolCall(id="call_0", name="f", arguments='{"a": 1}'),
        ToolCall(id="t-1", name="g", arguments='{"b": 2}'),
    )


def test_a_character_that_was_cut_into_two_escapes_is_whole_again() -> None:
    halves = [
        f'data: {{"choices":[{{"delta":{{"content":"{half}"}}}}]}}\n\n' for half in (r"\ud83d", r"\ude00", r"\ud83d")
    ]

    assert streamed(*halves, END).text == "😀\ufffd"


def test_thoughts_in_front_of_a_streamed_answer_are_kept_out() -> None:
    assert streamed(says("<thi"), says("nk>plan</think>\n"), says("fine"), END).text == "fine"


def test_parts_of_a_content_are_joined_but_for_the_thinking() -> None:
    parts: JsonValue = [
        {"type": "thinking", "thinking": [{"type": "text", "text": "x"}]},
        {"type": "text", "text": "a"},
    ]

    assert streamed(chunk({"content": parts}), says("b"), END).text == "ab"


@pytest.mark.parametrize(
    ("lines", "kind"),
    [
        ((says("half"), chunk({}, "length")), CutOff),
        ((chunk({"tool_calls": [{"index": 0, "function": {"name": "f"}}]}, "length"),), CutOff),
        ((chunk({"refusal": "I can"}), chunk({"refusal": "not"}, "stop")), ContentFiltered),
        ((says("part"), chunk({}, "content_filter")), ContentFiltered),
        ((chunk({"reasoning": "hm"}), chunk({}, "stop")), EmptyReply),
        ((chunk({}, "insufficient_system_resource"),), Overloaded),
        ((says("part"), chunk({}, "error")), BadReply),
    ],
)
def test_a_streamed_answer_that_is_unusable_keeps_its_bill(lines: tuple[str, ...], kind: type[ProviderError]) -> None:
    error = failed(*lines, line({"choices": [], **TOLD}), DONE)

    assert type(error) is kind
    assert error.usage == Usage(input_tokens=7, output_tokens=3)
    assert error.model_served == "m-1"


@pytest.mark.parametrize(
    ("broken_off", "kind"),
    [
        (line({"error": {"message": "x", "type": "server_error", "code": None, "param": None}}), ServerFault),
        (line({"error": {"message": "x", "code": 429}}), RateLimited),
        (
            line(
                {
                    "error": {"code": "server_error", "message": "x"},
                    "choices": [{"index": 0, "delta": {"content": ""}, "finish_reason": "error"}],
                }
            ),
            ServerFault,
        ),
        (line({"choices": [{"delta": {}, "finish_reason": "error", "error": {"code": 503}}]}), Overloaded),
        (f"event: error\n{line({'error': {'message': 'x', 'code': 'tool_use_failed'}})}", BadReply),
        (f"event: error\n{line({'message': 'x', 'type': 'overloaded_error'})}", Overloaded),
        ("event: error\ndata: the server is overloaded\n\n", Overloaded),
        ("event: error\ndata: null\n\n", BadReply),
        ('{\n  "error": {"code": 400, "message": "bare"}\n}', Refused),
    ],
)
def test_an_error_in_mid_stream_is_named_and_what_came_is_billed_by_estimate(
    broken_off: str, kind: type[ProviderError]
) -> None:
    error = failed(says("half an answer"), broken_off)

    assert type(error) is kind
    assert error.status == 200
    assert error.model_served == "m-1"
    assert error.may_be_billed
    assert error.usage is not None
    assert error.usage.estimated
    assert error.usage.output_tokens > 0


def test_an_error_before_the_first_token_is_not_billed() -> None:
    error = failed(": keep-alive\n\n", line({"error": {"code": 502, "message": "x"}}))

    assert type(error) is ServerFault
    assert error.usage is None
    assert not error.may_be_billed


def test_an_error_after_the_usage_was_told_is_billed_by_it() -> None:
    error = failed(says("all"), line({"choices": [], **TOLD}), line({"error": {"code": 502}}))

    assert error.usage == Usage(input_tokens=7, output_tokens=3)


@pytest.mark.parametrize("broken_off", ["", DONE, 'data: {"choices": [{"del', "data: null\n\n" + END, "data: no\n\n"])
def test_a_stream_without_a_finish_is_interrupted_and_estimated(broken_off: str) -> None:
    error = failed(says("half an answer"), chunk({"reasoning": "hm"}), broken_off)

    assert type(error) is Interrupted
    assert error.may_be_billed
    assert error.model_served == "m-1"
    assert error.usage is not None
    assert error.usage.estimated
    assert error.usage.input_tokens > 0
    assert error.usage.output_tokens > 0
    assert error.usage.reasoning_tokens > 0


def test_an_interrupted_stream_that_counted_as_it_went_is_billed_by_its_count() -> None:
    error = failed(says("a"), chunk({"content": "b"}, usage={"prompt_tokens": 7, "completion_tokens": 2}))

    assert error.usage == Usage(input_tokens=7, output_tokens=2)


@pytest.mark.parametrize("body", ["", "\n\n\n", ": keep-alive\n\n", DONE])
def test_a_stream_of_nothing_is_interrupted(body: str) -> None:
    error = failed(body)

    assert type(error) is Interrupted
    assert error.usage is not None
    assert error.usage.output_tokens == 0


@pytest.mark.parametrize("after", ["", DONE, 'data: {"choices": [], "usa', '{"error": "bare"}', "data: no\n\n" + DONE])
def test_a_finish_without_the_usage_is_an_answer_with_an_estimate(after: str) -> None:
    reply = streamed(says("fine"), chunk({}, "stop"), after)

    assert reply.text == "fine"
    assert reply.usage.estimated
    assert reply.usage.output_tokens > 0


def test_a_server_that_answers_whole_all_the_same_is_read() -> None:
    whole = json.dumps({"model": "m", "choices": [{"message": {"content": "fine"}, "finish_reason": "stop"}]}, indent=1)

    assert streamed("\n\n", whole).text == "fine"
    assert type(failed('{"error": {"code": 429}}')) is RateLimited
    assert type(failed("<html>Sorry</html>")) is BadReply


@pytest.mark.parametrize(
    ("event", "pace"),
    [
        (Event("", "[DONE]"), Pace.END),
        (Event("", " [DONE] "), Pace.END),
        (Event("", '{"error": {"message": "x"}}'), Pace.END),
        (Event("", '{"choices": [{"error": {"code": 502}, "delta": {"content": "x"}}]}'), Pace.END),
        (Event("error", '{"error": {"message": "x"}}'), Pace.END),
        (Event("error", "text"), Pace.END),
        (Event("", '{"choices": [{"delta": {"content": "x"}}]}'), Pace.PROGRESS),
        (Event("", '{"choices": [{"delta": {"refusal": "x"}}]}'), Pace.PROGRESS),
        (Event("", '{"choices": [{"delta": {"reasoning": "x"}}]}'), Pace.PROGRESS),
        (Event("", '{"choices": [{"delta": {"reasoning_content": "x"}}]}'), Pace.PROGRESS),
        (Event("", '{"choices": [{"delta": {"reasoning_details": [{"text": "x"}]}}]}'), Pace.PROGRESS),
        (Event("", '{"choices": [{"delta": {"tool_calls": [{"index": 0}]}}]}'), Pace.PROGRESS),
        (Event("", '{"choices": [{"delta": {}, "finish_reason": "stop"}]}'), Pace.PROGRESS),
        (Event("", '{"choices": [], "usage": {"prompt_tokens": 1}}'), Pace.PROGRESS),
        (Event("", json.dumps(FILTER_RESULTS)), Pace.NOISE),
        (Event("", '{"choices": [{"delta": {"role": "assistant", "content": ""}, "finish_reason": ""}]}'), Pace.NOISE),
        (Event("", '{"choices": [{"delta": null, "finish_reason": null}], "usage": null, "error": null}'), Pace.NOISE),
        (Event("ping", "{}"), Pace.NOISE),
        (Event("", ""), Pace.NOISE),
        (Event("", "no json"), Pace.NOISE),
        (Event("", "[1]"), Pace.NOISE),
    ],
)
def test_the_watchdog_is_told_what_moves(event: Event, pace: Pace) -> None:
    assert DIALECT.pace(event) is pace


# --- Laws

texts = st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\x00"), max_size=12)
# A fragment: what it is part of (a number: the call with that index), and its text.
fragments = st.lists(st.tuples(st.sampled_from(("content", "reasoning", 0, 1, 2)), texts), max_size=8)


def delta(part: str | int, text: str) -> JsonObject:
    return {part: text} if isinstance(part, str) else {"tool_calls": [tool_call(text, index=part)]}


def tool_call(arguments: str, **more: JsonValue) -> JsonObject:
    return {"id": "t", "function": {"name": "f", "arguments": arguments}, **more}


def lines_of(written: list[tuple[str | int, str]], finish: str) -> list[str]:
    return [
        *(chunk(delta(part, text)) for part, text in written),
        chunk({}, finish),
        line({"choices": [], **TOLD}),
        DONE,
    ]


def message_of(written: list[tuple[str | int, str]]) -> JsonObject:
    joined = {part: "".join(text for other, text in written if other == part) for part, _ in written}
    calls = [tool_call(joined[index]) for index in (0, 1, 2) if index in joined]
    return {"content": joined.get("content", ""), "reasoning": joined.get("reasoning", ""), "tool_calls": [*calls]}


def told(reply: WireReply, *, stream: bool) -> object:
    try:
        return DIALECT.decode_stream(reply, CALL) if stream else DIALECT.decode(reply, CALL)
    except ProviderError as error:
        return type(error), error.message, error.usage, error.model_served


@given(fragments, st.sampled_from(("stop", "tool_calls", "length", "eos")), st.data())
def test_a_stream_cut_at_any_byte_is_the_same_answer_or_a_failure(
    written: list[tuple[str | int, str]], finish: str, data: st.DataObject
) -> None:
    lines = lines_of(written, finish)
    body = "".join(lines).encode()
    end = data.draw(st.integers(0, len(body)))
    whole: Reply | None = None
    part: Reply | None = None

    with suppress(ProviderError):
        whole = streamed(*lines)
    with suppress(ProviderError):
        part = DIALECT.decode_stream(WireReply(status=200, headers={}, body=body[:end]), CALL)

    if part is not None:
        assert whole is not None
        assert part.model_copy(update={"usage": whole.usage}) == whole
        assert part.usage == whole.usage or part.usage.estimated


@given(fragments, st.sampled_from(("stop", "tool_calls", "length")))
def test_a_stream_and_the_whole_answer_are_read_alike(written: list[tuple[str | int, str]], finish: str) -> None:
    choice: JsonObject = {"message": message_of(written), "finish_reason": finish}
    whole = json.dumps({"model": "m-1", "choices": [choice], **TOLD}).encode()
    stream = "".join(lines_of(written, finish)).encode()

    said = told(WireReply(status=200, headers={}, body=stream), stream=True)

    assert said == told(WireReply(status=200, headers={}, body=whole), stream=False)


@given(st.binary(max_size=300))
def test_no_bytes_break_the_reading_of_a_stream(body: bytes) -> None:
    with pytest.raises(ProviderError):
        DIALECT.decode_stream(WireReply(status=200, headers={}, body=body), CALL)


NAMES = (
    "choices delta content refusal reasoning tool_calls index function arguments name finish_reason error "
    "native_finish_reason code message usage prompt_tokens cost meta model service_tier"
).split()
json_values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=6) | st.sampled_from(("stop", "error")),
    lambda inner: (
        st.lists(inner, max_size=2)
        | st.dictionaries(
            st.sampled_from(NAMES),
            inner,
            max_size=5,
        )
    ),
    max_leaves=20,
)


@given(st.lists(st.tuples(st.sampled_from(("", "event: error\n", "event: ping\n", "x")), json_values), max_size=4))
def test_no_documents_break_the_reading_of_a_stream(documents: list[tuple[str, JsonValue]]) -> None:
    lines = [f"{name}data: {json.dumps(document)}\n\n" for name, document in documents]

    with suppress(ProviderError):
        assert streamed(*lines, END).model_served == "m-1"


@given(st.sampled_from(("", "error", "ping")), json_values)
def test_no_event_breaks_the_watchdog(name: str, document: JsonValue) -> None:
    assert DIALECT.pace(Event(name, json.dumps(document))) in Pace
