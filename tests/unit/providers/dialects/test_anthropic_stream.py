"""The Messages dialect, event by event: a stream reads like the answer that would have come whole, or is none."""

import json
from collections.abc import Iterable
from contextlib import suppress

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import JsonValue

from providers.calls import Call, Finish, JsonObject, Message, Reply, Tool, ToolCall, Usage
from providers.dialects.anthropic_messages import AnthropicMessages
from providers.errors import BadReply, EmptyReply, Interrupted, Overloaded, ProviderError, ServerFault
from providers.pricing import estimate_tokens
from providers.sse import Event
from providers.wire import Dialect, Pace, WireReply

DIALECT: Dialect = AnthropicMessages()
TOOL = Tool(name="weather", description="Tells the weather", parameters={"type": "object", "properties": {}})
CALL = Call(
    call_id="c",
    messages=(Message(role="user", text="Hello there"),),
    max_output_tokens=100,
    timeout_s=5,
    tools=(TOOL,),
    stream=True,
)
HEADERS = {"content-type": "text/event-stream", "request-id": "r-1"}
PING = ("ping", '{"type": "ping"}')


def said(kind: str, **fields: JsonValue) -> tuple[str, str]:
    return kind, json.dumps({"type": kind, **fields}, ensure_ascii=False)


def start(**usage: JsonValue) -> tuple[str, str]:
    told: JsonObject = {"input_tokens": 12, "cache_read_input_tokens": 30, "output_tokens": 1, **usage}
    return said("message_start", message={"model": "m-1", "content": [], "stop_reason": None, "usage": told})


def block(index: JsonValue, **fields: JsonValue) -> tuple[str, str]:
    return said("content_block_start", index=index, content_block={**fields})


def delta(index: JsonValue, kind: str, **fields: JsonValue) -> tuple[str, str]:
    return said("content_block_delta", index=index, delta={"type": kind, **fields})


def stopped(index: int) -> tuple[str, str]:
    return said("content_block_stop", index=index)


def ending(reason: JsonValue = "end_turn", output_tokens: JsonValue = 43) -> tuple[str, str]:
    return said("message_delta", delta={"stop_reason": reason}, usage={"output_tokens": output_tokens})


STOP = said("message_stop")
OVERLOADED = said("error", error={"type": "overloaded_error", "message": "Overloaded"})
TEXT = (
    start(service_tier="standard"),
    block(0, type="text", text=""),
    PING,
    delta(0, "text_delta", text='{"la'),
    delta(0, "text_delta", text='ng": "dé\u2028"}'),
    stopped(0),
    ending(),
    STOP,
)
WITH_TOOL = (
    start(),
    block(0, type="thinking", thinking=""),
    delta(0, "thinking_delta", thinking="let me see"),
    delta(0, "signature_delta", signature="s"),
    stopped(0),
    block(1, type="text", text=""),
    delta(1, "text_delta", text="I look."),
    delta(1, "citations_delta", citation={}),
    stopped(1),
    block(2, type="tool_use", id="toolu_1", name="weather", input={}),
    delta(2, "input_json_delta", partial_json=""),
    delta(2, "input_json_delta", partial_json='{"city": "Kö'),
    delta(2, "input_json_delta", partial_json='ln"}'),
    stopped(2),
    block(3, type="tool_use", id="toolu_2", name="weather", input={}),
    stopped(3),
    ending("tool_use"),
    STOP,
)


def framed(events: Iterable[tuple[str, str]], *, line_end: str = "\n", names: bool = True) -> bytes:
    lines = [[*([f"event: {kind}"] if names else []), f"data: {data}", ""] for kind, data in events]
    return "".join(f"{line}{line_end}" for event in lines for line in event).encode()


def wire(body: bytes) -> WireReply:
    return WireReply(status=200, headers=HEADERS, body=body)


def decoded(*events: tuple[str, str]) -> Reply:
    return DIALECT.decode_stream(wire(framed(events)), CALL)


def failed(body: bytes) -> ProviderError:
    with pytest.raises(ProviderError) as caught:
        DIALECT.decode_stream(wire(body), CALL)
    return caught.value


def test_a_stream_reads_like_the_answer_that_would_have_come_whole() -> None:
    document: JsonObject = {
        "model": "m-1",
        "content": [{"type": "text", "text": '{"lang": "dé\u2028"}'}],
        "stop_reason": "end_turn",
        "usage": {
            "input_tokens": 12,
            "cache_read_input_tokens": 30,
            "output_tokens": 43,
            "service_tier": "standard",
        },
    }

    whole = DIALECT.decode(wire(json.dumps(document).encode()), CALL)

    assert decoded(*TEXT) == whole
    assert whole.usage == Usage(input_tokens=12, cached_input_tokens=30, output_tokens=43)


@pytest.mark.parametrize("line_end", ["\n", "\r\n", "\r"])
@pytest.mark.parametrize("names", [True, False])
def test_line_ends_and_missing_event_names_change_nothing(line_end: str, names: bool) -> None:
    body = framed(WITH_TOOL, line_end=line_end, names=names)

    assert DIALECT.decode_stream(wire(body), CALL) == decoded(*WITH_TOOL)


def test_thoughts_stay_out_and_the_input_of_tools_is_put_together() -> None:
    reply = decoded(*WITH_TOOL)

    assert reply.text == "I look."
    assert reply.finish is Finish.TOOL_CALLS
    assert reply.tool_calls == (
        ToolCall(id="toolu_1", name="weather", arguments='{"city":"Köln"}'),
        ToolCall(id="toolu_2", name="weather", arguments="{}"),
    )


def test_broken_input_of_a_tool_is_kept_as_the_model_wrote_it() -> None:
    reply = decoded(
        start(),
        block(0, type="tool_use", id="toolu_1", name="weather", input={}),
        delta(0, "input_json_delta", partial_json='{"city": '),
        ending("tool_use"),
        STOP,
    )

    assert reply.tool_calls[0].arguments == '{"city": '


def test_input_nested_as_deeply_as_can_be_read_breaks_nothing() -> None:
    for depth in range(800, 1_200):
        deep = '{"a":' + "[" * depth + "]" * depth + "}"
        tool = block(0, type="tool_use", id="toolu_1", name="weather", input={})

        reply = decoded(start(), tool, delta(0, "input_json_delta", partial_json=deep), ending("tool_use"), STOP)

        assert reply.tool_calls[0].arguments == deep


def test_the_totals_of_the_end_replace_those_of_the_start_and_a_null_takes_nothing_back() -> None:
    end = said(
        "message_delta",
        delta={"stop_reason": "end_turn"},
        usage={
            "input_tokens": 15,
            "cache_read_input_tokens": None,
            "output_tokens": 40,
            "output_tokens_details": {"thinking_tokens": 10},
        },
    )

    reply = decoded(start(), block(0, type="text", text="fi"), delta(0, "text_delta", text="ne"), end, STOP)

    assert reply.text == "fine"
    assert reply.usage == Usage(input_tokens=15, cached_input_tokens=30, output_tokens=30, reasoning_tokens=10)


def test_events_of_a_later_time_and_whatever_follows_the_end_are_ignored() -> None:
    news = ("of_tomorrow", "no JSON")
    unsure = said("content_block_delta", index=0, delta={"type": "of_tomorrow", "text": "x"})

    assert decoded(news, *TEXT[:4], unsure, news, *TEXT[4:], OVERLOADED) == decoded(*TEXT)


def test_a_message_that_starts_twice_is_one_message() -> None:
    assert decoded(TEXT[0], *TEXT) == decoded(*TEXT)
    assert decoded(*TEXT[:5], TEXT[0], *TEXT[5:]) == decoded(*TEXT)


def test_a_block_that_was_never_announced_is_read_by_its_deltas() -> None:
    pieces = [delta(None, "text_delta", text="fi"), delta("x", "text_delta", text="ne"), delta(7, "of_tomorrow")]

    assert decoded(start(), *pieces, ending(), STOP).text == "fine"


def test_a_stream_that_ends_without_saying_how_much_was_written_is_estimated() -> None:
    reply = decoded(*TEXT[:6], STOP)

    assert reply.usage == Usage(
        input_tokens=12, cached_input_tokens=30, output_tokens=estimate_tokens(reply.text), estimated=True
    )


def test_an_unusable_end_is_named_like_that_of_a_whole_answer() -> None:
    error = failed(framed((start(), ending("max_tokens", 99), STOP)))

    assert type(error) is EmptyReply
    assert error.usage == Usage(input_tokens=12, cached_input_tokens=30, output_tokens=99)
    assert error.model_served == "m-1"


def test_a_stream_without_its_end_is_interrupted_and_says_what_was_counted_by_then() -> None:
    error = failed(framed(WITH_TOOL[:13]))

    assert type(error) is Interrupted
    assert error.may_be_billed
    assert error.status == 200
    assert error.request_id == "r-1"
    assert error.model_served == "m-1"
    assert error.usage == Usage(
        input_tokens=12,
        cached_input_tokens=30,
        output_tokens=sum(estimate_tokens(words) for words in ("let me see", "I look.", '{"city":"Köln"}')),
        estimated=True,
    )


def test_a_stream_that_breaks_off_behind_its_last_count_keeps_that_count() -> None:
    error = failed(framed(TEXT[:-1]))

    assert type(error) is Interrupted
    assert error.usage == Usage(input_tokens=12, cached_input_tokens=30, output_tokens=43)


def test_an_interruption_before_the_first_word_is_an_estimate_as_well() -> None:
    error = failed(framed(TEXT[:1]))

    assert error.usage == Usage(input_tokens=12, cached_input_tokens=30, estimated=True)


@pytest.mark.parametrize("body", [b"", b": ready\n\n", framed([PING]), b"event: message_st", b"data: {", b"\xef\xbb"])
def test_a_stream_that_never_began_is_interrupted_and_all_of_it_estimated(body: bytes) -> None:
    error = failed(body)

    assert type(error) is Interrupted
    assert error.usage == Usage(input_tokens=estimate_tokens("Hello there"), estimated=True)


def test_a_piece_that_cannot_be_read_ends_the_reading_rather_than_leave_a_hole() -> None:
    error = failed(framed([*TEXT[:3], ("content_block_delta", '{"index": 0, "delta": {"te'), *TEXT[4:]]))

    assert type(error) is Interrupted
    assert error.usage is not None
    assert error.usage.estimated


def test_an_error_in_mid_stream_is_named_by_its_type_and_keeps_the_bill_so_far() -> None:
    error = failed(framed([*TEXT[:4], OVERLOADED]))

    assert type(error) is Overloaded
    assert error.retryable
    assert error.may_be_billed
    assert error.request_id == "r-1"
    assert error.model_served == "m-1"
    assert error.usage == Usage(
        input_tokens=12, cached_input_tokens=30, output_tokens=estimate_tokens('{"la'), estimated=True
    )


def test_an_error_before_the_message_began_costs_nothing() -> None:
    error = failed(framed([PING, OVERLOADED]))

    assert type(error) is Overloaded
    assert not error.may_be_billed
    assert error.usage is None


def test_an_error_event_without_json_is_shown_as_it_is() -> None:
    error = failed(framed([*TEXT[:4], ("error", "upstream went away")]))

    assert type(error) is BadReply
    assert "upstream went away" in error.message


def test_a_bare_error_body_that_breaks_a_stream_off_is_named_too() -> None:
    bare = b'{"type":"error","error":{"type":"api_error","message":"Internal server error"}}'

    assert type(failed(framed(TEXT[:4]) + bare)) is ServerFault
    assert type(failed(bare)) is ServerFault


def test_an_answer_that_comes_whole_although_a_stream_was_asked_for_is_read() -> None:
    document = {"content": [{"type": "text", "text": "fine"}], "stop_reason": "end_turn", "usage": {}}

    assert DIALECT.decode_stream(wire(json.dumps(document, indent=1).encode()), CALL).text == "fine"
    assert DIALECT.decode_stream(wire(b"\n" + json.dumps(document).encode()), CALL).text == "fine"


def test_a_gateways_page_in_place_of_a_stream_is_a_bad_reply() -> None:
    assert type(failed(b"<html><h1>Sorry</h1></html>")) is BadReply


@pytest.mark.parametrize(
    ("event", "pace"),
    [
        (TEXT[0], Pace.PROGRESS),
        (TEXT[1], Pace.PROGRESS),
        (PING, Pace.NOISE),
        (TEXT[3], Pace.PROGRESS),
        (TEXT[5], Pace.PROGRESS),
        (TEXT[6], Pace.PROGRESS),
        (STOP, Pace.END),
        (OVERLOADED, Pace.END),
        (("of_tomorrow", "{}"), Pace.NOISE),
    ],
)
def test_the_watchdog_is_told_progress_from_noise_and_from_the_end(event: tuple[str, str], pace: Pace) -> None:
    named, bare = Event(*event), Event("", event[1])

    assert DIALECT.pace(named) is pace
    assert DIALECT.pace(bare) is pace


# --- Laws


@pytest.mark.parametrize("events", [TEXT, WITH_TOOL, (*TEXT[:4], OVERLOADED)])
def test_a_stream_cut_at_any_byte_is_the_same_answer_or_none(events: tuple[tuple[str, str], ...]) -> None:
    body = framed(events)
    replies = []
    for end in range(len(body) + 1):
        with suppress(ProviderError):
            replies.append((end, DIALECT.decode_stream(wire(body[:end]), CALL)))

    # Only the line ends behind the last event may be missing.
    assert all(reply == decoded(*events) and end >= len(body) - 2 for end, reply in replies)
    assert bool(replies) is (events[-1] == STOP)


NAMES = "type index delta content_block message usage error text partial_json thinking name stop_reason content".split()
KINDS = (
    "message_start content_block_start content_block_delta content_block_stop message_delta message_stop error ping "
    "text_delta input_json_delta thinking_delta text tool_use thinking max_tokens refusal"
).split()
json_values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(max_size=6) | st.sampled_from(KINDS),
    lambda inner: st.lists(inner, max_size=2) | st.dictionaries(st.sampled_from(NAMES), inner, max_size=6),
    max_leaves=15,
)
strange_events = st.tuples(st.sampled_from(["", *KINDS]), json_values.map(json.dumps) | st.text(max_size=10))


@given(st.lists(strange_events | st.sampled_from(WITH_TOOL), max_size=12))
def test_no_events_break_the_decoder(events: list[tuple[str, str]]) -> None:
    with suppress(ProviderError):
        DIALECT.decode_stream(wire(framed(events)), CALL)


@given(st.binary(max_size=300))
def test_no_bytes_break_the_decoder(body: bytes) -> None:
    with suppress(ProviderError):
        DIALECT.decode_stream(wire(body), CALL)


@given(st.text(max_size=20), json_values.map(json.dumps) | st.text(max_size=20))
def test_no_event_breaks_the_watchdog(name: str, data: str) -> None:
    assert DIALECT.pace(Event(name, data)) in Pace


@given(st.lists(st.integers(0, 400), max_size=6))
def test_a_stream_with_bytes_missing_anywhere_breaks_nothing(holes: list[int]) -> None:
    body = bytearray(framed(TEXT))
    for hole in sorted(holes, reverse=True):
        del body[hole : hole + 3]

    with suppress(ProviderError):
        DIALECT.decode_stream(wire(bytes(body)), CALL)
