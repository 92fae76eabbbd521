import json
import math
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from typing import Any

import pytest
from genai_prices import Usage, calc_price
from hypothesis import given, settings
from hypothesis import strategies as st

from providers.emulator import anthropic_faults as faults
from providers.emulator import anthropic_refusals as refusals
from providers.emulator import claude_models as models
from providers.emulator.anthropic_answers import Message, event, events, message, read_prompt, whole
from providers.emulator.anthropic_messages import MessagesRequest, check, check_version
from providers.emulator.claude_models import ClaudeTokens, cost_micro_usd
from providers.emulator.parcels import FaultArgs
from providers.emulator.prompt_cache import PromptCache
from providers.emulator.refusals import Reason, Refusal

NEW, OLD = "2026-10-21", "2023-06-01"
TODAY = date(2026, 11, 20)
NOW = datetime(2026, 11, 20, 12, tzinfo=UTC)
TEXT = "The quick brown fox jumps over the lazy dog. " * 6
SCHEMA: dict[str, Any] = {
    "type": "object",
    "properties": {"city": {"type": "string"}},
    "required": ["city"],
    "additionalProperties": False,
}
TOOLS = [{"name": "weather", "description": "Tells the weather.", "input_schema": SCHEMA}]
COUNTS = st.integers(min_value=0, max_value=150_000)
MARK = {"type": "ephemeral"}
HOUR = {"type": "ephemeral", "ttl": "1h"}


def said(text: str, **more: Any) -> dict[str, Any]:
    return {"type": "text", "text": text, **more}


def body(**changes: Any) -> dict[str, Any]:
    minimal = {"model": "claude-sonnet-5-5", "max_tokens": 1_000, "messages": [{"role": "user", "content": "Hello"}]}
    return {name: value for name, value in (minimal | changes).items() if value is not ...}


def accepted(version: str = NEW, today: date = TODAY, **changes: Any) -> MessagesRequest:
    return check(body(**changes), version, today)


def refused(version: str = NEW, today: date = TODAY, **changes: Any) -> Reason:
    with pytest.raises(Refusal) as caught:
        check(body(**changes), version, today)
    return caught.value.reason


def answered(request: MessagesRequest, text: str = TEXT) -> Message:
    return message(request, text, ClaudeTokens(request.prompt_tokens, 0), message_id="msg_1")


def payloads(made: Message) -> list[dict[str, Any]]:
    found = []
    for piece in events(made, lambda payload: payload):
        name, data, *rest = piece.decode().split("\n")
        payload = json.loads(data.removeprefix("data: "))
        assert (name, rest) == (f"event: {payload['type']}", ["", ""])
        found.append(payload)
    return found


def user(*blocks: dict[str, Any]) -> list[dict[str, Any]]:
    return [{"role": "user", "content": list(blocks)}]


PREFILLED = [{"role": "user", "content": "Hello"}, {"role": "assistant", "content": "{"}]
PICTURE = {"type": "image", "source": {"type": "base64", "media_type": "image/png", "data": "aGk="}}


@pytest.mark.parametrize(
    ("changes", "words"),
    [
        ({"max_output": 3}, "max_output: Extra inputs"),
        ({"model": ...}, "model: Field required"),
        ({"max_tokens": ...}, "max_tokens: Field required"),
        ({"max_tokens": True}, "max_tokens: Input should be"),
        ({"max_tokens": -1}, "max_tokens: Input should be"),
        ({"max_tokens": 128_001}, "128001 > 128000"),
        ({"model": "claude-haiku-4-5", "max_tokens": 64_001}, "64001 > 64000"),
        ({"temperature": 0.2}, "temperature: Extra inputs"),
        ({"top_p": 0.2}, "top_p: Extra inputs"),
        ({"top_k": 3}, "top_k: Extra inputs"),
        ({"messages": ...}, "messages: Field required"),
        ({"messages": "Hello"}, "valid list"),
        ({"messages": []}, "at least one message"),
        ({"messages": ["Hello"]}, "messages.0.role"),
        ({"messages": [{"role": "system", "content": "x"}]}, "messages.0.role"),
        (
            {"messages": [{"role": "assistant", "content": "x"}, {"role": "user", "content": "x"}]},
            'use the "user" role',
        ),
        ({"messages": [{"role": "user", "content": []}]}, "messages.0.content"),
        ({"messages": [{"role": "user", "content": ""}]}, "must be non-empty"),
        ({"messages": user({"type": "text"})}, "text: Field required"),
        ({"messages": [{"role": "user", "content": ["x"]}]}, "object with a type"),
        ({"messages": user({"type": "video"})}, "'video'"),
        ({"messages": user({"type": "image"})}, "source"),
        ({"messages": user({"type": "image", "source": {"type": "base64"}})}, "data: Field required"),
        ({"messages": user({"type": "image", "source": {"type": "base64", "data": "x"}})}, "media_type"),
        ({"messages": user({"type": "tool_result", "tool_use_id": "toolu_9"})}, "toolu_9"),
        ({"messages": user(said("x", citations=[{"type": "x"}]))}, "citations"),
        ({"messages": user(said("x", cache_control={"type": "for ever"}))}, "cache_control"),
        ({"messages": user(said("x", cache_control={"type": "ephemeral", "ttl": "1d"}))}, "cache_control"),
        ({"messages": user(*(said("x", cache_control=MARK) for _ in range(5)))}, "Found 5"),
        ({"messages": user(said("x", cache_control=MARK), said("y", cache_control=HOUR))}, "must not come after"),
        ({"messages": PREFILLED}, "prefill"),
        ({"system": 3}, "system"),
        ({"system": ["x"]}, "system.0.text"),
        ({"output_config": "low"}, "output_config: Input should be an object"),
        ({"output_config": {"effort": "none"}}, "output_config.effort"),
        ({"output_config": {"format": {"type": "json_object"}}}, "output_config.format"),
        ({"output_config": {"format": {"type": "json_schema", "schema": SCHEMA, "name": "x"}}}, "format.name"),
        ({"output_config": {"format": {"type": "json_schema", "schema": {"type": "object"}}}}, "additionalProperties"),
        (
            {
                "output_config": {
                    "format": {"type": "json_schema", "schema": {"anyOf": [{"type": "string"}, {"type": "object"}]}}
                }
            },
            "anyOf.1",
        ),
        ({"thinking": {"type": "enabled", "budget_tokens": 2_000}, "max_tokens": 4_000}, "budget_tokens"),
        ({"thinking": {"type": "disabled"}}, "disabled"),
        ({"thinking": {"type": "deep"}}, "thinking.type"),
        ({"model": "claude-opus-5-5", "thinking": {"type": "disabled"}}, "disabled"),
        ({"model": "claude-opus-5-5", "thinking": {"type": "between_tools"}}, "between_tools"),
        (
            {"model": "claude-haiku-5-5", "thinking": {"type": "disabled"}, "output_config": {"effort": "max"}},
            "effort max",
        ),
        ({"model": "claude-haiku-4-5", "thinking": {"type": "adaptive"}}, "adaptive"),
        ({"model": "claude-haiku-4-5", "thinking": {"type": "enabled", "budget_tokens": 10}}, "at least 1024"),
        ({"model": "claude-haiku-4-5", "thinking": {"type": "enabled", "budget_tokens": 2_000}}, "greater than"),
        ({"tools": "weather"}, "tools"),
        ({"tools": [{"name": "a b", "input_schema": SCHEMA}]}, "tools.0.name"),
        ({"tools": [{"name": "a"}]}, "tools.0.input_schema"),
        ({"tools": TOOLS + TOOLS}, "unique"),
        ({"tools": TOOLS, "tool_choice": {"type": "any"}}, "forced tool use"),
        ({"tools": TOOLS, "tool_choice": {"type": "tool", "name": "weather"}}, "forced tool use"),
        ({"tools": TOOLS, "tool_choice": {"type": "some"}}, "tool_choice.type"),
        ({"tool_choice": {"type": "auto"}}, "while providing tools"),
        (
            {"model": "claude-haiku-5-5", "tools": TOOLS, "tool_choice": {"type": "tool", "name": "news"}},
            "'news' not found",
        ),
        ({"stop_sequences": [" "]}, "stop_sequences"),
        ({"speed": "slow"}, "speed"),
        ({"max_tokens": 0, "stream": True}, "max_tokens: 0"),
    ],
)
def test_a_request_is_refused_as_invalid(changes: dict[str, Any], words: str) -> None:
    reason = refused(**changes)

    assert reason.status == 400
    assert words in reason.message


def test_a_document_of_the_assistant_is_gone_with_the_older_version() -> None:
    document = {"type": "document", "source": {"type": "url", "url": "https://example.org/a.pdf"}}
    turns = [
        {"role": "user", "content": "Hello"},
        {"role": "assistant", "content": [document]},
        {"role": "user", "content": "And?"},
    ]

    assert "document" in refused(messages=turns).message
    assert accepted(OLD, messages=turns).prompt_tokens > 1_600


def test_older_models_take_what_they_always_took_under_the_older_version() -> None:
    older: dict[str, Any] = {"model": "claude-haiku-4-5", "temperature": 0.1, "messages": PREFILLED}

    request = accepted(OLD, **older, thinking={"type": "enabled", "budget_tokens": 1_024}, max_tokens=2_000)

    assert request.thinking.on
    assert not accepted(OLD, **older).thinking.on
    assert "not supported" in refused(OLD, temperature=0.1).message
    assert "Extra inputs" in refused(NEW, **older).message


@pytest.mark.parametrize(
    ("model", "day", "is_sold"),
    [
        ("claude-sonnet-4-5", date(2026, 11, 29), True),
        ("claude-sonnet-4-5-20250929", date(2026, 11, 29), True),
        ("claude-sonnet-4-5", date(2026, 11, 30), False),
        ("claude-3-opus", TODAY, False),
        ("emulated-7", TODAY, True),
    ],
)
def test_a_model_is_sold_until_it_retires(model: str, day: date, is_sold: bool) -> None:
    if is_sold:
        assert accepted(today=day, model=model).model.id == model
    else:
        assert refused(today=day, model=model).status == 404


def test_a_prompt_above_the_window_is_too_long() -> None:
    reason = refused(model="claude-haiku-4-5", messages=[{"role": "user", "content": "word " * 200_001}])

    assert (reason.status, "prompt is too long: 200005 tokens > 200000" in reason.message) == (400, True)


@pytest.mark.parametrize("version", [None, "", "2024-01-01"])
def test_a_version_must_be_known(version: str | None) -> None:
    with pytest.raises(Refusal, match="anthropic-version"):
        check_version(version)


def test_both_versions_are_known() -> None:
    assert [check_version(version) for version in (NEW, OLD)] == [NEW, OLD]


def test_an_accepted_request_says_what_was_asked() -> None:
    request = accepted(
        system=[said("Rules", cache_control=MARK), said("More")],
        messages=user(said("a"), PICTURE, said("b")),
        output_config={"effort": "low", "format": {"type": "json_schema", "schema": SCHEMA}},
        thinking={"type": "adaptive", "display": "summarized"},
        tools=TOOLS,
        tool_choice={"type": "none"},
        stop_sequences=["END"],
        metadata={"user_id": "u"},
        stream=True,
    )

    assert request.texts == ("Rules\nMore", "a\nb")
    assert (request.effort, request.schema, request.stop_sequences) == ("low", SCHEMA, ("END",))
    assert (request.thinking.on, request.thinking.shown) == (True, True)
    assert (request.tools.allowed, request.tools.forced) == (False, ())
    assert request.stream


def test_errors_are_worded_and_typed_by_their_status() -> None:
    assert refusals.error_body(refusals.SCRIPTED["529"], "req_1") == {
        "type": "error",
        "error": {"type": "overloaded_error", "message": "Overloaded"},
        "request_id": "req_1",
    }
    spent = refusals.error_body(refusals.SCRIPTED["429_quota"], "req_1")["error"]
    assert isinstance(spent, dict)
    assert spent["type"] == "rate_limit_error"
    assert spent["details"] == {"error_code": "enforced_spend_limit_reached"}
    assert "credit balance is too low" in refusals.SCRIPTED["400_credit"].message
    assert [refusals.type_of(status) for status in (402, 413, 418, 502)] == [
        "billing_error",
        "request_too_large",
        "invalid_request_error",
        "api_error",
    ]


# --- The cache


def asked(*blocks: dict[str, Any], **changes: Any) -> MessagesRequest:
    return accepted(messages=user(*blocks), **changes)


LONG = "word " * 600
LONG_TOKENS = 780  # and four more for the message


def test_a_marked_prefix_is_written_once_and_read_afterwards() -> None:
    cache = PromptCache()
    first = asked(said(LONG, cache_control=MARK), said("One?"))

    written, kept = read_prompt(first, cache, "key", NOW)
    cache.write(("key", first.model.id), kept, NOW)
    read, again = read_prompt(asked(said(LONG, cache_control=MARK), said("Two?")), cache, "key", NOW)

    assert (written.written_5m, written.read) == (LONG_TOKENS + 4, 0)
    assert (read.written_5m, read.read, again) == (0, LONG_TOKENS + 4, ())
    assert (written.prompt, read.prompt) == (first.prompt_tokens, first.prompt_tokens)


@pytest.mark.parametrize(
    ("key", "later_s", "changes"),
    [
        ("other", 0, {}),
        ("key", 301, {}),
        ("key", 0, {"model": "claude-haiku-5-5"}),
        ("key", 0, {"output_config": {"effort": "low"}}),
        ("key", 0, {"tools": TOOLS}),
        ("key", 0, {"system": "Rules"}),
    ],
)
def test_another_key_time_model_or_beginning_misses(key: str, later_s: int, changes: dict[str, Any]) -> None:
    cache, block = PromptCache(), said(LONG, cache_control=MARK)
    first = asked(block)
    cache.write(("key", first.model.id), read_prompt(first, cache, "key", NOW)[1], NOW)

    tokens, _ = read_prompt(asked(block, **changes), cache, key, NOW + timedelta(seconds=later_s))

    assert tokens.read == 0


def test_use_keeps_an_entry_alive_and_an_hour_is_an_hour() -> None:
    cache = PromptCache()
    short, long = asked(said(LONG, cache_control=MARK)), asked(said("x " + LONG, cache_control=HOUR))
    for request in (short, long):
        cache.write(("key", request.model.id), read_prompt(request, cache, "key", NOW)[1], NOW)

    reads = [read_prompt(short, cache, "key", NOW + timedelta(seconds=at))[0].read for at in (200, 400, 600, 1_000)]
    hour = read_prompt(long, cache, "key", NOW + timedelta(seconds=3_500))[0]

    assert [bool(read) for read in reads] == [True, True, True, False]
    assert hour.read > 0
    assert read_prompt(long, PromptCache(), "key", NOW)[0].written_1h == hour.read


def test_below_the_minimum_nothing_happens_and_nothing_is_said() -> None:
    tokens, kept = read_prompt(asked(said("Short.", cache_control=MARK)), PromptCache(), "key", NOW)

    assert (tokens.written_5m, tokens.read, kept) == (0, 0, ())


def test_a_marker_at_the_top_marks_the_end() -> None:
    tokens, kept = read_prompt(asked(said(LONG), said("One?"), cache_control=MARK), PromptCache(), "key", NOW)

    assert (tokens.fresh, len(kept)) == (0, 1)


# --- The answer


def test_thinking_comes_first_and_is_counted_in_the_output() -> None:
    made = answered(accepted())

    body = whole(made)

    assert [block["type"] for block in made.blocks] == ["thinking", "text"]
    assert made.blocks[0]["thinking"] == ""
    assert (body["stop_reason"], body["model"]) == ("end_turn", "claude-sonnet-5-5")
    assert made.tokens.completion == 78 + made.tokens.thinking
    assert made.tokens.thinking == 24
    assert body["usage"] == {
        "input_tokens": 6,
        "cache_creation_input_tokens": 0,
        "cache_read_input_tokens": 0,
        "cache_creation": {"ephemeral_5m_input_tokens": 0, "ephemeral_1h_input_tokens": 0},
        "output_tokens": 102,
        "output_tokens_details": {"thinking_tokens": 24},
        "service_tier": "standard",
    }


@pytest.mark.parametrize("limit", [1, 5, 30, 101])
def test_the_limit_counts_thinking_first_and_cuts_what_is_left(limit: int) -> None:
    made = answered(accepted(max_tokens=limit))

    assert made.stop_reason == "max_tokens"
    assert made.tokens.completion <= limit
    assert TEXT.startswith(made.text or "")


def test_the_window_can_be_what_cuts() -> None:
    request = accepted(messages=[{"role": "user", "content": "word " * 769_200}])

    made = answered(request, TEXT * 20)

    assert made.stop_reason == "model_context_window_exceeded"
    assert made.tokens.prompt + made.tokens.completion <= 1_000_000


def test_an_answer_ends_where_it_is_told_to_stop() -> None:
    made = answered(accepted(stop_sequences=["lazy", "brown"]))

    assert (made.text, made.stop_reason, made.stop_sequence) == ("The quick ", "stop_sequence", "brown")


def test_no_output_at_all_only_warms_the_cache() -> None:
    made = answered(accepted(max_tokens=0))

    assert (made.blocks, made.stop_reason, made.tokens.completion) == ((), "max_tokens", 0)


@pytest.mark.parametrize("choice", [{"type": "any"}, {"type": "tool", "name": "weather"}])
def test_a_forced_tool_is_called_with_arguments_that_fit(choice: dict[str, Any]) -> None:
    made = answered(accepted(model="claude-haiku-5-5", tools=TOOLS, tool_choice=choice))

    (call,) = made.blocks
    assert (made.stop_reason, call["type"], call["name"]) == ("tool_use", "tool_use", "weather")
    assert call["input"] == {"city": "emulated city"}
    assert made.tokens.completion > 0


def test_a_stream_says_the_same_as_the_whole_answer_in_the_vendor_s_order() -> None:
    request = accepted(thinking={"type": "adaptive", "display": "summarized"})
    made = answered(request)

    sent = payloads(made)

    kinds = [payload["type"] for payload in sent]
    deltas = [payload["delta"] for payload in sent if payload["type"] == "content_block_delta"]
    assert kinds[:3] == ["message_start", "content_block_start", "ping"]
    assert kinds[-3:] == ["content_block_stop", "message_delta", "message_stop"]
    assert (sent[0]["message"]["content"], sent[0]["message"]["usage"]["output_tokens"]) == ([], 1)
    assert "".join(delta.get("text", "") for delta in deltas) == TEXT
    assert "".join(delta.get("thinking", "") for delta in deltas) == made.thought
    assert [delta["type"] for delta in deltas].count("signature_delta") == 1
    assert sent[-2]["delta"] == {"stop_reason": "end_turn", "stop_sequence": None}
    assert sent[-2]["usage"] == whole(made)["usage"]


def test_a_call_streams_as_pieces_of_json() -> None:
    made = answered(accepted(model="claude-haiku-5-5", tools=TOOLS, tool_choice={"type": "any"}))

    sent = payloads(made)

    pieces = [payload["delta"]["partial_json"] for payload in sent if payload["type"] == "content_block_delta"]
    assert sent[1]["content_block"]["input"] == {}
    assert json.loads("".join(pieces)) == {"city": "emulated city"}


# --- Faults


def distorted(name: str, args: FaultArgs | None = None, **changes: Any) -> Message:
    request = accepted(**changes)
    return faults.OUTCOMES[name](answered(request), request, args or FaultArgs())


@pytest.mark.parametrize(
    ("name", "stop_reason", "kinds"),
    [
        ("empty", "end_turn", ["thinking"]),
        ("length", "max_tokens", ["thinking", "text"]),
        ("refusal", "refusal", []),
        ("content_filter", "refusal", []),
        ("pause_turn", "pause_turn", ["thinking", "text"]),
        ("window_exceeded", "model_context_window_exceeded", ["thinking", "text"]),
        ("choices_empty", "end_turn", []),
    ],
)
def test_an_answer_ends_in_another_way(name: str, stop_reason: str, kinds: list[str]) -> None:
    made = distorted(name)

    assert (made.stop_reason, [block["type"] for block in made.blocks]) == (stop_reason, kinds)


def test_a_refusal_says_why_whole_and_streamed() -> None:
    made = distorted("refusal", FaultArgs(message="No."))

    assert whole(made)["stop_details"] == {"type": "refusal", "category": "general", "explanation": "No."}
    assert payloads(made)[-2]["delta"]["stop_details"]["explanation"] == "No."


def test_contents_can_be_wrong() -> None:
    assert "```json" in (distorted("fenced").text or "")
    assert json.loads(distorted("other_schema").text or "") == {"answer": [1, "two", None]}


@pytest.mark.parametrize(
    ("asked_for", "served", "price"),
    [
        (None, "claude-haiku-5-5", 100_000),
        ("claude-opus-5-5", "claude-opus-5-5", 4_000_000),
        ("mystery", "mystery", 2_000_000),
    ],
)
def test_another_model_serves_under_its_own_name_and_price(asked_for: str | None, served: str, price: int) -> None:
    made = distorted("other_model", FaultArgs(model=asked_for))

    assert (made.model_served.id, made.model_served.input_micro_usd) == (served, price)


def test_a_prompt_can_be_cached_by_decree_and_a_tool_called_by_choice() -> None:
    half = distorted("cached", FaultArgs(cached_share=0.5)).tokens

    assert (half.fresh, half.read) == (3, 3)
    assert distorted("tool_call", tools=TOOLS).stop_reason == "tool_use"
    assert distorted("tool_call").stop_reason == "end_turn"
    assert distorted("tool_call", tools=TOOLS, tool_choice={"type": "none"}).stop_reason == "end_turn"


def test_bodies_are_written_wrong() -> None:
    made = whole(answered(accepted()))

    assert faults.BODIES["choices_null"](made, FaultArgs())["content"] is None
    assert faults.BODIES["wrong_shape"](made, FaultArgs())["status"] == "ok"
    assert "usage" not in faults.BODIES["usage_missing"](made, FaultArgs())
    negative = faults.BODIES["usage_negative"](made, FaultArgs())["usage"]
    assert isinstance(negative, dict)
    assert (negative["input_tokens"], negative["output_tokens"]) == (-1, -7)
    assert faults.BODIES["usage_above_limit"]({"type": "ping"}, FaultArgs()) == {"type": "ping"}


def test_an_error_inside_a_stream_ends_it() -> None:
    change = faults.BODIES["error_in_200"]

    sent = list(events(answered(accepted()), lambda payload: change(payload, FaultArgs())))

    assert sent == [event(change({}, FaultArgs()))]
    assert sent[0].startswith(b"event: error\ndata: {")


def test_usage_can_be_missing_from_every_event_of_a_stream() -> None:
    change = faults.BODIES["usage_missing"]

    assert b"usage" not in b"".join(events(answered(accepted()), lambda payload: change(payload, FaultArgs())))


# --- Prices


@pytest.mark.parametrize(
    ("tokens", "model", "percents", "cost"),
    [
        (ClaudeTokens(fresh=1, completion=0), "claude-haiku-5-5", (), 1),
        (ClaudeTokens(fresh=100_000, completion=1_000), "claude-haiku-5-5", (), 10_500),
        (ClaudeTokens(fresh=100_001, completion=1_000), "claude-haiku-5-5", (), 52_501),
        (ClaudeTokens(fresh=0, completion=0, written_5m=1_000), "claude-opus-5-5", (), 5_000),
        (ClaudeTokens(fresh=0, completion=0, written_1h=1_000), "claude-opus-5-5", (), 8_000),
        (ClaudeTokens(fresh=0, completion=0, read=1_000), "claude-fable-5-2", (), 200),
        (ClaudeTokens(fresh=1_000, completion=1_000), "claude-sonnet-5-5", (50,), 6_000),
        (ClaudeTokens(fresh=1_000, completion=1_000), "claude-sonnet-5-5", (200, 110), 26_400),
        (ClaudeTokens(fresh=0, completion=0), "claude-fable-5-2", (), 0),
    ],
)
def test_an_exchange_costs(tokens: ClaudeTokens, model: str, percents: tuple[int, ...], cost: int) -> None:
    assert cost_micro_usd(tokens, models.MODELS[model], percents) == cost


def test_lane_speed_and_region_multiply() -> None:
    made = replace(answered(accepted(speed="fast", inference_geo="us")), service_tier="batch")

    assert made.percents == (50, 200, 110)
    assert answered(accepted(speed="standard", inference_geo="global")).percents == ()


@pytest.mark.parametrize("name", sorted(models.MODELS))
@settings(deadline=None, max_examples=25)  # timed by nobody: the machine may be busy
@given(fresh=COUNTS, read=COUNTS, short=COUNTS, hour=COUNTS, answer=COUNTS, batch=st.booleans())
def test_a_third_price_list_agrees(
    name: str, fresh: int, read: int, short: int, hour: int, answer: int, batch: bool
) -> None:
    if name == "claude-sonnet-4-5":  # its window ends where the other list begins a dearer tier
        fresh, read, short, hour = (each // 4 for each in (fresh, read, short, hour))
    tokens = ClaudeTokens(fresh, answer, read, short, hour)
    theirs = calc_price(
        Usage(
            input_tokens=tokens.prompt,
            cache_read_tokens=read,
            cache_write_tokens=short + hour,
            cache_write_1h_tokens=hour,
            output_tokens=answer,
        ),
        name,
        provider_id="anthropic",
        genai_request_timestamp=NOW,
        price_context={"processing": "batch"} if batch else None,
    )

    ours = cost_micro_usd(tokens, models.MODELS[name], (50,) if batch else ())

    assert ours == math.ceil(Decimal(theirs.total_price) * 1_000_000)
