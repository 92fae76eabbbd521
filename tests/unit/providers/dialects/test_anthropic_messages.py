"""The Messages dialect: what is written, and what is made of whatever comes back whole."""

import json
from contextlib import suppress
from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import JsonValue

from providers.calls import (
    Call,
    Effort,
    Finish,
    Image,
    JsonObject,
    LimitReading,
    Message,
    Reply,
    Tool,
    ToolCall,
    Usage,
)
from providers.catalog import ModelCard, Price, ProviderCard
from providers.dialects.anthropic_messages import AnthropicMessages
from providers.errors import BadReply, ContentFiltered, CutOff, EmptyReply, Overloaded, ProviderError
from providers.pricing import estimate_tokens
from providers.wire import Dialect, WireReply

DIALECT: Dialect = AnthropicMessages()
SCHEMA: JsonObject = {"type": "object", "properties": {"naïve": {"type": "string"}}}
PRICE = Price(
    since=date(2026, 1, 1),
    input_micro_usd=2_000_000,
    cached_input_micro_usd=100_000,
    cache_write_micro_usd=2_500_000,
    output_micro_usd=10_000_000,
)
PROVIDER = ProviderCard(
    id="anthropic",
    name="Anthropic",
    dialect="anthropic_messages",
    base_url="https://provider.example",
    key_header="x-api-key",
    headers={"anthropic-version": "2026-10-21"},
    user_field="metadata.user_id",
)
MODEL = ModelCard(
    provider="anthropic",
    id="claude-sonnet-5-5",
    tier="balanced",
    window_tokens=1_000_000,
    max_output_tokens=128_000,
    equivalent="balanced",
    takes=frozenset(("system", "images", "tools")),
    cache_min_tokens=512,
    prices=(PRICE,),
)
TOOL = Tool(name="weather", description="Tells the weather", parameters={"type": "object", "properties": {}})
CACHED: JsonObject = {"type": "ephemeral"}


def user(text: str = "Hello there", *, cached: bool = False, images: tuple[Image, ...] = ()) -> Message:
    return Message(role="user", text=text, cached=cached, images=images)


def call(*turns: Message, **more: object) -> Call:
    fields = {"call_id": "job-1.seat-0", "max_output_tokens": 500, "timeout_s": 5, **more}
    return Call.model_validate({"messages": turns or (Message(role="system", text="Be brief."), user()), **fields})


def body(asked: Call, provider: ProviderCard = PROVIDER, model: ModelCard = MODEL) -> JsonObject:
    return DIALECT.encode(asked, provider, model).body


def provider_with(**fields: object) -> ProviderCard:
    return PROVIDER.model_copy(update=fields)


def model_with(**fields: object) -> ModelCard:
    return MODEL.model_copy(update=fields)


def text(words: str, **more: JsonValue) -> JsonObject:
    return {"type": "text", "text": words, **more}


# --- What is written


def test_a_call_is_a_post_of_system_blocks_and_turns_and_nothing_secret_or_superfluous() -> None:
    request = DIALECT.encode(call(), PROVIDER, MODEL)

    assert request.path == "/v1/messages"
    assert request.headers == {}
    assert request.body == {
        "model": "claude-sonnet-5-5",
        "max_tokens": 500,
        "system": [text("Be brief.")],
        "messages": [{"role": "user", "content": [text("Hello there")]}],
    }


def test_the_providers_own_path_wins_and_may_name_the_model() -> None:
    request = DIALECT.encode(call(), provider_with(path="/anthropic/{model}/messages"), MODEL)

    assert request.path == "/anthropic/claude-sonnet-5-5/messages"


def test_system_texts_go_to_the_front_in_their_order_wherever_they_were_said() -> None:
    asked = call(Message(role="system", text="One."), user("Hi"), Message(role="system", text="Two."))

    assert body(asked)["system"] == [text("One."), text("Two.")]
    assert body(asked)["messages"] == [{"role": "user", "content": [text("Hi")]}]


def test_turns_of_one_role_in_a_row_become_one() -> None:
    asked = call(user("transcript"), user("task"), Message(role="assistant", text="done"), user("more"))

    assert body(asked)["messages"] == [
        {"role": "user", "content": [text("transcript"), text("task")]},
        {"role": "assistant", "content": [text("done")]},
        {"role": "user", "content": [text("more")]},
    ]


def test_blank_texts_are_left_out_as_the_wire_refuses_them() -> None:
    asked = call(Message(role="system", text=""), user(" \n"), user("task"), user(""))

    assert "system" not in body(asked)
    assert body(asked)["messages"] == [{"role": "user", "content": [text("task")]}]


def test_pictures_stand_before_the_words_about_them() -> None:
    pictures = (Image(base64="aGk=", media_type="image/jpeg"), Image(url="https://pictures.example/board.png"))

    assert body(call(user("What is it?", images=pictures)))["messages"] == [
        {
            "role": "user",
            "content": [
                {"type": "image", "source": {"type": "base64", "media_type": "image/jpeg", "data": "aGk="}},
                {"type": "image", "source": {"type": "url", "url": "https://pictures.example/board.png"}},
                text("What is it?"),
            ],
        }
    ]


def test_tool_calls_and_their_results_travel_as_blocks_with_ids_that_the_wire_takes() -> None:
    asked = call(
        user("Weather?"),
        Message(
            role="assistant",
            text="I look.",
            tool_calls=(
                ToolCall(id="call:1", name="weather", arguments='{"city": "Köln"}'),
                ToolCall(id="b", name="weather", arguments='{"cut'),
            ),
        ),
        Message(role="tool", text="Rain", tool_call_id="call:1"),
        Message(role="tool", text="", tool_call_id="b"),
        user("And?"),
        tools=(TOOL,),
    )

    assert body(asked)["messages"] == [
        {"role": "user", "content": [text("Weather?")]},
        {
            "role": "assistant",
            "content": [
                text("I look."),
                {"type": "tool_use", "id": "call_1", "name": "weather", "input": {"city": "Köln"}},
                {"type": "tool_use", "id": "b", "name": "weather", "input": {}},
            ],
        },
        {
            "role": "user",
            "content": [
                {"type": "tool_result", "tool_use_id": "call_1", "content": [text("Rain")]},
                {"type": "tool_result", "tool_use_id": "b"},
                text("And?"),
            ],
        },
    ]


def test_a_cached_message_is_marked_at_its_last_block() -> None:
    picture = Image(url="https://pictures.example/board.png")
    asked = call(Message(role="system", text="Rules", cached=True), user("See", cached=True, images=(picture,)), user())

    written = body(asked)

    assert written["system"] == [text("Rules", cache_control=CACHED)]
    assert written["messages"] == [
        {
            "role": "user",
            "content": [
                {"type": "image", "source": {"type": "url", "url": picture.url}},
                text("See", cache_control=CACHED),
                text("Hello there"),
            ],
        }
    ]


def test_of_more_than_four_markers_the_last_four_in_the_prompt_stay() -> None:
    asked = call(
        *(user(f"{n}", cached=True) for n in range(5)), Message(role="system", text="s", cached=True), user("")
    )

    marked = [
        words for words in ("s", "0", "1", "2", "3", "4") if f'"{words}", "cache_control"' in json.dumps(body(asked))
    ]

    assert marked == ["1", "2", "3", "4"]


def test_a_blank_message_cannot_be_marked_and_a_model_without_markers_gets_none() -> None:
    assert "cache_control" not in json.dumps(body(call(user("", cached=True), user("task"))))
    assert "cache_control" not in json.dumps(body(call(user("x", cached=True)), model=model_with(cache_min_tokens=0)))


def test_a_schema_travels_as_an_output_format() -> None:
    assert body(call(json_schema=SCHEMA))["output_config"] == {"format": {"type": "json_schema", "schema": SCHEMA}}


@pytest.mark.parametrize("kind", ["object", "none"])
def test_a_server_without_schemas_gets_it_as_system_text_behind_the_cached_prefix(kind: str) -> None:
    asked = call(Message(role="system", text="Rules", cached=True), user(), json_schema=SCHEMA)

    written = body(asked, provider_with(json_output=kind))

    system = written["system"]
    assert isinstance(system, list)
    assert system[0] == text("Rules", cache_control=CACHED)
    assert json.dumps(SCHEMA, ensure_ascii=False, separators=(",", ":")) in json.dumps(
        system[1], ensure_ascii=False
    ).replace("\\", "")
    assert "JSON" in json.dumps(system[1])
    assert "output_config" not in written


@pytest.mark.parametrize(
    ("wish", "efforts", "own", "sent"),
    [
        ("high", ("low", "medium", "high"), "", "high"),
        ("max", ("low", "medium", "high"), "", "high"),
        (None, ("low", "medium"), "low", "low"),
        ("none", ("none", "low"), "low", None),
        ("minimal", ("minimal", "high"), "", None),
        (None, (), "", None),
    ],
)
def test_an_effort_is_sent_where_the_wire_has_one(
    wish: Effort | None, efforts: tuple[Effort, ...], own: str, sent: str | None
) -> None:
    written = body(call(effort=wish), model=model_with(efforts=efforts, reasoning_effort=own))

    assert written.get("output_config") == (None if sent is None else {"effort": sent})


def test_tools_travel_with_their_schemas_and_only_if_there_are_any() -> None:
    assert body(call(tools=(TOOL,)))["tools"] == [
        {"name": "weather", "description": "Tells the weather", "input_schema": TOOL.parameters}
    ]
    assert not {"tools", "tool_choice"} & body(call(tool_choice="required")).keys()


@pytest.mark.parametrize(
    ("wish", "forced", "sent"),
    [
        ("auto", False, "auto"),
        ("none", False, "none"),
        ("required", False, "auto"),
        ("required", True, "any"),
    ],
)
def test_a_model_is_forced_to_use_a_tool_only_where_it_can_be(wish: str, forced: bool, sent: str) -> None:
    takes = MODEL.takes | ({"forced_tools"} if forced else set())

    written = body(call(tools=(TOOL,), tool_choice=wish), model=model_with(takes=takes))

    assert written["tool_choice"] == {"type": sent}


@pytest.mark.parametrize(
    ("version", "takes", "wish", "sent"),
    [
        ("2023-06-01", True, 0.3, 0.3),
        ("2023-06-01", True, 1.7, 1.0),
        ("2023-06-01", True, None, None),
        ("2023-06-01", False, 0.3, None),
        ("2026-10-21", True, 0.3, None),
    ],
)
def test_a_temperature_is_sent_where_model_and_version_take_it_within_the_scale(
    version: str, takes: bool, wish: float | None, sent: float | None
) -> None:
    abilities = MODEL.takes | ({"sampling"} if takes else set())

    written = body(
        call(temperature=wish),
        provider_with(headers={"anthropic-version": version}),
        model_with(takes=abilities),
    )

    assert written.get("temperature") == sent


def test_the_tenants_hash_goes_where_the_card_says_and_nowhere_else() -> None:
    assert body(call(user="t-9f"))["metadata"] == {"user_id": "t-9f"}
    assert "metadata" not in body(call())
    assert "metadata" not in body(call(user="t-9f"), provider_with(user_field=""))


def test_a_stream_is_asked_for() -> None:
    assert body(call(stream=True))["stream"] is True


def test_extra_fields_come_last_the_models_over_the_providers_and_output_settings_add_up() -> None:
    provider = provider_with(extra_body={"inference_geo": "eu", "speed": "fast", "output_config": {"effort": "low"}})
    model = model_with(extra_body={"speed": "standard", "thinking": {"type": "disabled"}})

    written = body(call(json_schema=SCHEMA), provider, model)

    assert written["inference_geo"] == "eu"
    assert written["speed"] == "standard"
    assert written["thinking"] == {"type": "disabled"}
    assert written["output_config"] == {"effort": "low", "format": {"type": "json_schema", "schema": SCHEMA}}


# --- What is read

USAGE: JsonObject = {"input_tokens": 7, "output_tokens": 3}


def answer(*content: JsonValue, stop_reason: JsonValue = "end_turn", **more: JsonValue) -> WireReply:
    document: JsonObject = {
        "type": "message",
        "model": "m-1",
        "content": [*(content or (text("fine"),))],
        "stop_reason": stop_reason,
        "usage": USAGE,
        **more,
    }
    return WireReply(status=200, headers={"request-id": "r-1"}, body=json.dumps(document).encode())


def tool_use(name: JsonValue = "weather", **more: JsonValue) -> JsonObject:
    return {"type": "tool_use", "id": "toolu_1", "name": name, "input": {"city": "Köln"}, **more}


def test_a_plain_answer_is_read_with_its_model_tier_request_and_limits() -> None:
    wire = answer(usage={**USAGE, "service_tier": "priority"})
    wire = wire.model_copy(update={"headers": {**wire.headers, "anthropic-ratelimit-requests-remaining": "9"}})

    assert DIALECT.decode(wire, call()) == Reply(
        text="fine",
        finish=Finish.STOP,
        model_served="m-1",
        usage=Usage(input_tokens=7, output_tokens=3),
        request_id="r-1",
        tier_served="priority",
        limits=(LimitReading(of="requests", remaining=9),),
    )


def test_blocks_are_picked_by_type_and_thoughts_stay_out_of_the_text() -> None:
    wire = answer(
        {"type": "thinking", "thinking": "a plan", "text": "a plan", "signature": "s"},
        text("the "),
        {"type": "of_tomorrow", "text": "x"},
        "no block",
        text("end\x00", citations=[]),
        {"type": "text", "text": None},
    )

    assert DIALECT.decode(wire, call()).text == "the end"


def test_tool_calls_are_an_answer_where_tools_were_offered() -> None:
    wire = answer(tool_use(), tool_use(input={}), tool_use(name=None), stop_reason="tool_use")

    reply = DIALECT.decode(wire, call(tools=(TOOL,)))

    assert reply.finish is Finish.TOOL_CALLS
    assert reply.text == ""
    assert reply.tool_calls == (
        ToolCall(id="toolu_1", name="weather", arguments='{"city":"Köln"}'),
        ToolCall(id="toolu_1", name="weather", arguments="{}"),
    )


@pytest.mark.parametrize(
    ("reason", "finish"),
    [("end_turn", Finish.STOP), ("stop_sequence", Finish.STOP), (None, Finish.STOP), ("of_tomorrow", Finish.STOP)],
)
def test_an_unknown_or_missing_stop_reason_around_a_text_is_a_stop(reason: JsonValue, finish: Finish) -> None:
    assert DIALECT.decode(answer(stop_reason=reason), call()).finish is finish


@pytest.mark.parametrize(
    ("told", "usage"),
    [
        (
            {
                "input_tokens": 600,
                "cache_creation_input_tokens": 16_000,
                "cache_read_input_tokens": 40,
                "cache_creation": {"ephemeral_5m_input_tokens": 16_000, "ephemeral_1h_input_tokens": 0},
                "output_tokens": 43,
            },
            Usage(input_tokens=600, cached_input_tokens=40, cache_write_tokens=16_000, output_tokens=43),
        ),
        (
            {"cache_creation": {"ephemeral_5m_input_tokens": 5, "ephemeral_1h_input_tokens": 6}, "output_tokens": 1},
            Usage(cache_write_tokens=11, output_tokens=1),
        ),
        (
            {"input_tokens": 9, "output_tokens": 50, "output_tokens_details": {"thinking_tokens": 20}},
            Usage(input_tokens=9, output_tokens=30, reasoning_tokens=20),
        ),
        (  # more thought than written is a lie
            {"input_tokens": 9, "output_tokens": 5, "output_tokens_details": {"thinking_tokens": 20}},
            Usage(input_tokens=9, reasoning_tokens=5),
        ),
        (  # one side is told
            {"input_tokens": 9, "output_tokens": True},
            Usage(input_tokens=9, output_tokens=estimate_tokens("fine"), estimated=True),
        ),
    ],
)
def test_usage_falls_into_classes_that_add_up(told: JsonObject, usage: Usage) -> None:
    assert DIALECT.decode(answer(usage=told), call()).usage == usage


@pytest.mark.parametrize("told", [None, {}, "none", {"input_tokens": -5, "output_tokens": 1.5}])
def test_usage_that_is_not_told_is_estimated_and_says_so(told: JsonValue) -> None:
    wire = answer({"type": "thinking", "thinking": "let me see"}, text("fine"), tool_use(), usage=told)
    written = ("let me see", "fine", '{"city":"Köln"}')

    assert DIALECT.decode(wire, call()).usage == Usage(
        input_tokens=estimate_tokens("Be brief.") + estimate_tokens("Hello there"),
        output_tokens=sum(estimate_tokens(words) for words in written),
        estimated=True,
    )


THOUGHT: JsonObject = {"type": "thinking", "thinking": "hm", "signature": "s"}


@pytest.mark.parametrize(
    ("wire", "kind", "said"),
    [
        (answer(text("half a wo"), stop_reason="max_tokens"), CutOff, "max_tokens"),
        (
            answer(text("half"), stop_reason="model_context_window_exceeded"),
            CutOff,
            "model_context_window_exceeded",
        ),
        (answer(tool_use(input={}), stop_reason="max_tokens"), CutOff, "max_tokens"),
        (answer(THOUGHT, stop_reason="max_tokens"), EmptyReply, "max_tokens"),
        (answer(text(" \n"), stop_reason="model_context_window_exceeded"), EmptyReply, "model_context_window_exceeded"),
        (answer(THOUGHT), EmptyReply, "end_turn"),
        (answer(text(""), stop_reason=None), EmptyReply, "none"),
        (answer(tool_use(), stop_reason="tool_use"), EmptyReply, "tool_use"),
        (answer(text("so far"), stop_reason="pause_turn"), BadReply, "pause_turn"),
        (answer(text("I can"), stop_reason="refusal"), ContentFiltered, "no explanation"),
        (answer(stop_reason="refusal", stop_details={"category": "cyber"}), ContentFiltered, "cyber"),
        (
            answer(stop_reason="refusal", stop_details={"category": "cyber", "explanation": "Blocked."}),
            ContentFiltered,
            "Blocked.",
        ),
    ],
)
def test_an_unusable_success_is_named_and_keeps_its_bill(wire: WireReply, kind: type[ProviderError], said: str) -> None:
    with pytest.raises(ProviderError) as failed:
        DIALECT.decode(wire, call())

    assert type(failed.value) is kind
    assert said in failed.value.message
    assert failed.value.may_be_billed
    assert failed.value.usage == Usage(input_tokens=7, output_tokens=3)
    assert failed.value.model_served == "m-1"
    assert failed.value.request_id == "r-1"
    assert failed.value.status == 200


def test_an_empty_answer_is_empty_even_where_tools_were_offered() -> None:
    with pytest.raises(EmptyReply):
        DIALECT.decode(answer(THOUGHT), call(tools=(TOOL,)))


@pytest.mark.parametrize(
    "document",
    [
        b"",
        b"<html><body>Sorry</body></html>",
        b"{",
        b"[]",
        b"null",
        b'{"content": null}',
        b'{"content": "text"}',
        b'{"error": {"message": "went wrong"}}',
        b"[" * 100_000,
        b"\xff\xfe",
    ],
)
def test_a_success_around_nothing_is_a_bad_reply(document: bytes) -> None:
    with pytest.raises(BadReply):
        DIALECT.decode(WireReply(status=200, headers={}, body=document), call())


def test_an_error_inside_a_success_is_named_by_its_type() -> None:
    document = json.dumps({"type": "error", "error": {"type": "overloaded_error", "message": "Overloaded"}})

    with pytest.raises(Overloaded):
        DIALECT.decode(WireReply(status=200, headers={}, body=document.encode()), call())


def test_white_space_and_a_byte_order_mark_may_stand_before_the_json() -> None:
    wire = answer()

    assert DIALECT.decode(wire.model_copy(update={"body": b"\n\n  " + wire.body}), call()).text == "fine"
    assert DIALECT.decode(wire.model_copy(update={"body": b"\xef\xbb\xbf" + wire.body}), call()).text == "fine"


def test_input_nested_as_deeply_as_can_be_read_breaks_nothing() -> None:
    told = [arguments_of_depth(depth) for depth in range(800, 1_200)]

    # At no depth between the two is there input that can be read and then not be written again.
    assert told[0].startswith('{"a":[[[')
    assert told[-1] == "unreadable"


def arguments_of_depth(depth: int) -> str:
    wire = answer(tool_use(input={"a": "DEEP"}), text("fine"))
    deep = wire.body.replace(b'"DEEP"', b"[" * depth + b"]" * depth)
    try:
        return DIALECT.decode(wire.model_copy(update={"body": deep}), call()).tool_calls[0].arguments
    except BadReply:
        return "unreadable"


LIMITS = {
    "anthropic-ratelimit-requests-limit": "1000",
    "anthropic-ratelimit-requests-remaining": "999",
    "anthropic-ratelimit-requests-reset": "2025-10-14T19:38:42Z",
    "anthropic-ratelimit-input-tokens-limit": "100000",
    "anthropic-ratelimit-input-tokens-remaining": "0",
    "anthropic-ratelimit-input-tokens-reset": "2025-10-14T19:39:13.500+00:00",
    "anthropic-ratelimit-output-tokens-limit": "0",
    "anthropic-ratelimit-output-tokens-remaining": "none",
    "anthropic-ratelimit-tokens-limit": "120000",
    "anthropic-ratelimit-tokens-reset": "soon",
}


def test_limits_are_read_against_the_providers_own_clock() -> None:
    assert DIALECT.limits({**LIMITS, "date": "Tue, 14 Oct 2025 19:38:43 GMT"}) == (
        LimitReading(of="requests", limit=1_000, remaining=999, reset_s=0.0),
        LimitReading(of="tokens", limit=120_000),
        LimitReading(of="input_tokens", limit=100_000, remaining=0, reset_s=30.5),
    )


@pytest.mark.parametrize("date_header", ["", "Tue, 14 Oct 2025", "Tue, 01 Jul 2025 19:38:43 GMT"])
def test_without_a_clock_that_fits_resets_are_left_out(date_header: str) -> None:
    assert {reading.reset_s for reading in DIALECT.limits({**LIMITS, "date": date_header})} == {None}


def test_a_provider_that_says_nothing_of_limits_is_read_as_saying_nothing() -> None:
    assert DIALECT.limits({"date": "Tue, 14 Oct 2025 19:38:43 GMT"}) == ()


# --- Laws

NAMES = (
    "type content text thinking error stop_reason stop_details usage model input name id message "
    "output_tokens cache_creation input_tokens"
).split()
WORDS = ("text", "thinking", "tool_use", "error", "refusal", "max_tokens", "overloaded_error")
hostile = st.recursive(
    st.none()
    | st.booleans()
    | st.integers()
    | st.floats(allow_nan=False)
    | st.text(max_size=8)
    | st.sampled_from(WORDS),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.sampled_from(NAMES), inner, max_size=6),
    max_leaves=25,
)
HEADERS = st.dictionaries(st.sampled_from(["date", "request-id", *LIMITS]), st.text(max_size=20), max_size=4)


@given(hostile | st.lists(hostile).map(lambda content: {"content": content}), HEADERS)
def test_no_document_breaks_the_decoder(document: JsonValue, headers: dict[str, str]) -> None:
    with suppress(ProviderError):
        DIALECT.decode(WireReply(status=200, headers=headers, body=json.dumps(document).encode()), call())


@given(st.binary(max_size=200), st.integers(200, 299))
def test_no_bytes_break_the_decoder(document: bytes, status: int) -> None:
    with suppress(ProviderError):
        DIALECT.decode(WireReply(status=status, headers={}, body=document), call(tools=(TOOL,)))


@given(HEADERS)
def test_no_headers_break_the_reading_of_limits(headers: dict[str, str]) -> None:
    for reading in DIALECT.limits(headers):
        assert reading.limit is not None or reading.remaining is not None


def test_a_message_without_content_keeps_the_usage_that_it_tells() -> None:
    document = {"type": "message", "model": "m-1", "content": None, "usage": {"input_tokens": 7, "output_tokens": 3}}

    with pytest.raises(BadReply) as caught:
        DIALECT.decode(WireReply(status=200, headers={}, body=json.dumps(document).encode()), call())

    assert caught.value.usage == Usage(input_tokens=7, output_tokens=3)
    assert caught.value.model_served == "m-1"
