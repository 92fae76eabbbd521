import json
import math
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from typing import Any

import pytest
from genai_prices import Usage, calc_price
from hypothesis import given, settings
from hypothesis import strategies as st

from providers.emulator import gemini_faults as faults
from providers.emulator import gemini_models as models
from providers.emulator import gemini_refusals as refusals
from providers.emulator.gemini_answers import Response, chunks, events, read_prompt, response, whole
from providers.emulator.gemini_generate import GenerateRequest, check
from providers.emulator.gemini_models import GeminiTokens, cost_micro_usd, served
from providers.emulator.parcels import FaultArgs
from providers.emulator.prompt_cache import PromptCache
from providers.emulator.refusals import Reason, Refusal

TODAY = date(2026, 11, 20)
NOW = datetime(2026, 11, 20, 12, tzinfo=UTC)
TEXT = "The quick brown fox jumps over the lazy dog. " * 6
TEXT_TOKENS = 60
SCHEMA: dict[str, Any] = {"type": "object", "properties": {"city": {"type": "string"}}, "required": ["city"]}
FUNCTION = {"name": "weather", "description": "Tells the weather.", "parametersJsonSchema": SCHEMA}
TOOLS = [{"functionDeclarations": [FUNCTION]}]
COUNTS = st.integers(min_value=0, max_value=300_000)
BOTH = {"responseMimeType": "application/json", "responseSchema": SCHEMA, "responseJsonSchema": SCHEMA}


def body(**changes: Any) -> dict[str, Any]:
    minimal = {"contents": [{"role": "user", "parts": [{"text": "Hello"}]}]}
    return {name: value for name, value in (minimal | changes).items() if value is not ...}


def config(**changes: Any) -> dict[str, Any]:
    return {"generationConfig": changes}


def accepted(model: str = "gemini-3.8-flash", today: date = TODAY, **changes: Any) -> GenerateRequest:
    return check(body(**changes), model, today)


def refused(model: str = "gemini-3.8-flash", today: date = TODAY, **changes: Any) -> Reason:
    with pytest.raises(Refusal) as caught:
        check(body(**changes), model, today)
    return caught.value.reason


def answered(request: GenerateRequest, text: str = TEXT) -> Response:
    tokens = GeminiTokens(request.prompt_tokens)
    return response(request, text, tokens, request.model, answer_id="r1", created=NOW)


def candidate(made: Response) -> dict[str, Any]:
    found = json.loads(json.dumps(whole(made)))["candidates"]
    assert len(found) == 1
    only: dict[str, Any] = found[0]
    return only


def of(*parts: Any) -> list[dict[str, Any]]:
    return [{"role": "user", "parts": list(parts)}]


@pytest.mark.parametrize(
    ("model", "changes", "words"),
    [
        ("gemini-3.8-flash", {"prompt": "x"}, 'Unknown name "prompt"'),
        ("gemini-3.8-flash", config(max_tokens=3), 'Unknown name "maxTokens"'),
        ("gemini-3.8-flash", {"generationConfig": "x"}, "expected an object"),
        ("gemini-3.8-flash", {"contents": ...}, "contents is not specified"),
        ("gemini-3.8-flash", {"contents": []}, "contents is not specified"),
        ("gemini-3.8-flash", {"contents": [{"role": "assistant", "parts": [{"text": "x"}]}]}, "valid role"),
        ("gemini-3.8-flash", {"contents": [{"role": "user", "parts": []}]}, "must not be empty"),
        ("gemini-3.8-flash", {"contents": of({"thought": True})}, "required oneof field 'data'"),
        ("gemini-3.8-flash", {"contents": of({"inlineData": {"mimeType": "image/png"}})}, "Missing 'data'"),
        ("gemini-3.8-flash", {"contents": of({"fileData": {"mimeType": "image/png"}})}, "Missing 'fileUri'"),
        ("gemini-3.8-flash", config(maxOutputTokens=0), "maxOutputTokens value of 0"),
        ("gemini-3.8-flash", config(maxOutputTokens=65_537), "65537 (exclusive)"),
        ("gemini-3.8-flash", config(candidateCount=2), "Multiple candidates"),
        ("gemini-3.8-flash", config(**BOTH), "Only one of response_schema"),
        ("gemini-3.8-flash", config(responseJsonSchema=SCHEMA), "response mime type"),
        ("gemini-3.8-flash", config(responseMimeType="application/json", responseJsonSchema="x"), "expected an object"),
        ("gemini-3.8-flash", config(thinkingConfig={"thinkingLevel": "MINIMAL"}), "MINIMAL is not supported"),
        ("gemini-3.7-flash", config(thinkingConfig={"thinkingLevel": "MINIMAL"}), "MINIMAL is not supported"),
        ("gemini-3.1-pro-preview", config(thinkingConfig={"thinkingLevel": "minimal"}), "minimal is not supported"),
        ("gemini-4-argon", config(thinkingConfig={"thinking_level": "MINIMAL"}), "MINIMAL is not supported"),
        ("gemini-2.5-flash", config(thinkingConfig={"thinkingLevel": "LOW"}), "LOW is not supported"),
        ("gemini-3.8-flash", config(thinkingConfig={"thinkingLevel": "LOW", "thinkingBudget": 1}), "only one of"),
        ("gemini-2.5-flash", config(thinkingConfig={"thinkingBudget": -2}), "thinking_budget"),
        ("gemini-3.8-flash", config(stopSequences=["a", "b", "c", "d", "e", "f"]), "at most 5"),
        ("gemini-3.8-flash", {"serviceTier": "cheap"}, "service_tier"),
        ("gemini-3.8-flash", {"tools": [{"functionDeclarations": [{"description": "x"}]}]}, "Invalid function name"),
        ("gemini-3.8-flash", {"toolConfig": {"functionCallingConfig": {"mode": "MUST"}}}, "mode"),
        ("gemini-3.8-flash", {"toolConfig": {"functionCallingConfig": {"mode": "ANY"}}}, "without function_decl"),
        (
            "gemini-3.8-flash",
            {"tools": TOOLS, "toolConfig": {"functionCallingConfig": {"allowedFunctionNames": ["news"]}}},
            "unknown function news",
        ),
        ("gemini-3.8-flash", {"continuationToken": "cont-3"}, "continuation_token"),
        ("gemini-4-argon", {"continuationToken": "three"}, "continuation_token"),
        ("gemini-3.8-flash", {"contents": of({"text": "word " * 1_048_577})}, "exceeds the maximum number of tokens"),
    ],
)
def test_a_request_is_refused_as_invalid(model: str, changes: dict[str, Any], words: str) -> None:
    reason = refused(model, **changes)

    assert (reason.status, refusals.name_of(reason)) == (400, "INVALID_ARGUMENT")
    assert words in reason.message


def test_a_cache_that_nobody_made_cannot_be_used() -> None:
    assert refused(cachedContent="cachedContents/1").status == 403


def test_both_spellings_mean_the_same() -> None:
    camel = accepted(
        systemInstruction={"parts": [{"text": "Rules"}]},
        serviceTier="flex",
        generationConfig={
            "maxOutputTokens": 90,
            "stopSequences": ["END"],
            "responseMimeType": "application/json",
            "responseJsonSchema": SCHEMA,
            "thinkingConfig": {"thinkingLevel": "LOW", "includeThoughts": True},
        },
    )
    snake = accepted(
        system_instruction={"parts": [{"text": "Rules"}]},
        service_tier="FLEX",
        generation_config={
            "max_output_tokens": 90,
            "stop_sequences": ["END"],
            "response_mime_type": "application/json",
            "response_json_schema": SCHEMA,
            "thinking_config": {"thinking_level": "low", "include_thoughts": True},
        },
    )

    assert camel == snake
    assert (camel.texts, camel.tier, camel.max_tokens, camel.schema) == (("Rules", "Hello"), "flex", 90, SCHEMA)


def test_the_older_schema_is_read_as_a_json_schema() -> None:
    older = {
        "type": "OBJECT",
        "properties": {"kind": {"type": "STRING", "enum": ["A", "B"], "any_of": [{"type": "STRING"}]}},
        "required": ["kind"],
        "property_ordering": ["kind"],
    }

    request = accepted(generationConfig={"responseMimeType": "application/json", "responseSchema": older})

    assert request.schema == {
        "type": "object",
        "properties": {"kind": {"type": "string", "enum": ["A", "B"], "anyOf": [{"type": "string"}]}},
        "required": ["kind"],
        "propertyOrdering": ["kind"],
    }


def test_every_kind_of_part_is_read_and_earlier_thoughts_are_not() -> None:
    request = accepted(
        systemInstruction="Rules",
        contents=[
            {"role": "user", "parts": [{"text": "a"}, {"inlineData": {"mimeType": "image/png", "data": "aGk="}}]},
            {"role": "model", "parts": [{"text": "hm " * 500, "thought": True}, {"functionCall": {"name": "weather"}}]},
            {"role": "user", "parts": [{"functionResponse": {"name": "weather", "response": {}}}, {"text": "b"}]},
        ],
        tools=TOOLS,
    )

    assert request.texts == ("Rules", "a", "", "b")
    assert 1_120 < request.prompt_tokens < 1_120 + 150  # the thought alone would be 500 more


def test_models_come_and_go_on_their_days() -> None:
    later = date(2026, 12, 1)

    assert accepted("models/gemini-3.8-flash").model.id == "gemini-3.8-flash"
    assert accepted("emulated-2").model.id == "emulated-2"
    assert refused("gemini-1.5-pro").status == 404
    assert refused("gemini-3.1-flash-lite", today=date(2027, 5, 7)).status == 404
    assert served(models.MODELS["gemini-2.5-pro"], TODAY).id == "gemini-2.5-pro"
    assert served(models.MODELS["gemini-2.5-pro"], later).id == "gemini-3.8-flash"
    assert served(models.MODELS["gemini-2.5-flash"], later).id == "gemini-3.5-flash-lite"


@pytest.mark.parametrize(("budget", "thoughts"), [(0, 0), (-1, 18), (500, 6)])
def test_the_older_line_thinks_by_budget(budget: int, thoughts: int) -> None:
    made = answered(accepted("gemini-2.5-flash", **config(thinkingConfig={"thinkingBudget": budget})))

    assert made.tokens.thoughts == thoughts


def test_errors_bear_names_and_details() -> None:
    limited = refusals.error_body(refusals.SCRIPTED["429"])["error"]
    spent = json.dumps(refusals.error_body(refusals.SCRIPTED["429_quota"]))
    bad_key = json.dumps(refusals.error_body(refusals.SCRIPTED["401"]))

    assert isinstance(limited, dict)
    assert (limited["code"], limited["status"]) == (429, "RESOURCE_EXHAUSTED")
    assert '"retryDelay": "14s"' in json.dumps(limited)
    assert "PerMinute" in json.dumps(limited)
    assert "PerDay" in spent
    assert "RetryInfo" not in spent
    assert '"reason": "API_KEY_INVALID"' in bad_key
    assert '"code": 400' in bad_key
    assert refusals.name_of(refusals.SCRIPTED["400_billing"]) == "FAILED_PRECONDITION"
    assert refusals.batch_error(refusals.SCRIPTED["429"])["code"] == 8
    assert refusals.name_of(Reason(418, "")) == "INVALID_ARGUMENT"
    assert refusals.name_of(Reason(502, "")) == "INTERNAL"


# --- The answer


def test_a_whole_answer_has_the_vendor_s_shape() -> None:
    made = answered(accepted())

    assert whole(made) == {
        "candidates": [{"index": 0, "content": {"role": "model", "parts": [{"text": TEXT}]}, "finishReason": "STOP"}],
        "usageMetadata": {
            "promptTokenCount": 5,
            "candidatesTokenCount": TEXT_TOKENS,
            "thoughtsTokenCount": 18,
            "totalTokenCount": 5 + TEXT_TOKENS + 18,
            "promptTokensDetails": [{"modality": "TEXT", "tokenCount": 5}],
        },
        "modelVersion": "gemini-3.8-flash",
        "responseId": "r1",
        "createTime": "2026-11-20T12:00:00.000000Z",
    }


def test_thoughts_are_shown_on_demand_alone_and_first() -> None:
    made = answered(accepted(**config(thinkingConfig={"includeThoughts": True})))

    first, second = candidate(made)["content"]["parts"]

    assert first["thought"] is True
    assert second == {"text": TEXT}


@pytest.mark.parametrize("limit", [1, 5, 18, 77])
def test_the_limit_counts_thoughts_first_and_cuts_what_is_left(limit: int) -> None:
    made = answered(accepted(**config(maxOutputTokens=limit)))

    assert made.finish == "MAX_TOKENS"
    assert made.tokens.completion <= limit
    assert TEXT.startswith(made.text or "")


def test_an_answer_spent_on_thoughts_has_no_parts() -> None:
    assert candidate(answered(accepted(**config(maxOutputTokens=5))))["content"] == {"role": "model"}


def test_an_answer_ends_where_it_is_told_to_stop() -> None:
    made = answered(accepted(**config(stopSequences=["lazy", "brown"])))

    assert (made.text, made.finish) == ("The quick ", "STOP")


def test_a_forced_function_is_called_with_arguments_that_fit() -> None:
    made = answered(accepted(tools=TOOLS, toolConfig={"functionCallingConfig": {"mode": "ANY"}}))

    (part,) = candidate(made)["content"]["parts"]
    assert part["functionCall"]["name"] == "weather"
    assert part["functionCall"]["args"] == {"city": "emulated city"}
    assert made.finish == "STOP"


def test_a_stream_is_whole_answers_with_fragments_and_a_running_total() -> None:
    made = answered(accepted(**config(thinkingConfig={"includeThoughts": True})))

    sent = list(events(made, lambda chunk: chunk))

    assert all(piece.startswith(b"data: {") and piece.endswith(b"}\r\n\r\n") for piece in sent)
    read = [json.loads(piece.removeprefix(b"data: ")) for piece in sent]
    parts = [part for chunk in read for part in chunk["candidates"][0]["content"]["parts"]]
    totals = [chunk["usageMetadata"]["totalTokenCount"] for chunk in read]
    assert parts[0]["thought"] is True
    assert "".join(part["text"] for part in parts[1:]) == TEXT
    assert totals == sorted(totals)
    assert read[-1]["usageMetadata"] == whole(made)["usageMetadata"]
    assert ["finishReason" in chunk["candidates"][0] for chunk in read] == [False] * (len(read) - 1) + [True]


def test_an_empty_stream_still_ends_properly() -> None:
    (only,) = chunks(answered(accepted(), ""))

    assert json.loads(json.dumps(only))["candidates"][0]["finishReason"] == "STOP"


# --- The cache that nobody asks for


def test_a_long_beginning_is_remembered_by_key_and_model() -> None:
    cache, transcript = PromptCache(), {"text": "word " * 5_000}
    first, second = (accepted(contents=of(transcript, {"text": task})) for task in ("One?", "Two?"))

    before, kept = read_prompt(first, cache, "key", NOW)
    cache.write(("key", first.model.id), kept, NOW)

    assert before.cached == 0
    assert read_prompt(second, cache, "key", NOW)[0].cached == 5_004
    assert read_prompt(second, cache, "other", NOW)[0].cached == 0
    assert read_prompt(second, cache, "key", NOW + timedelta(seconds=301))[0].cached == 0


def test_a_short_beginning_is_not_remembered() -> None:
    assert accepted(contents=of({"text": "word " * 4_000}, {"text": "One?"})).prefixes() == ()


# --- Faults


def distorted(name: str, args: FaultArgs | None = None, model: str = "gemini-3.8-flash", **changes: Any) -> Response:
    request = accepted(model, **changes)
    return faults.OUTCOMES[name](answered(request), request, args or FaultArgs())


@pytest.mark.parametrize(
    ("name", "finish", "has_text"),
    [
        ("empty", "STOP", False),
        ("length", "MAX_TOKENS", True),
        ("refusal", "PROHIBITED_CONTENT", False),
        ("content_filter", "SAFETY", False),
        ("recitation", "RECITATION", False),
        ("malformed_call", "MALFORMED_FUNCTION_CALL", False),
        ("continuation", "STOP", True),
    ],
)
def test_an_answer_ends_in_another_way(name: str, finish: str, has_text: bool) -> None:
    made = distorted(name)

    assert (candidate(made)["finishReason"], bool(made.text)) == (finish, has_text)


def test_a_blocked_prompt_is_read_but_not_answered() -> None:
    made = distorted("blocked")

    shown = whole(made)
    assert "candidates" not in shown
    assert shown["promptFeedback"] == {
        "blockReason": "PROHIBITED_CONTENT",
        "safetyRatings": [{"category": "HARM_CATEGORY_DANGEROUS_CONTENT", "probability": "HIGH"}],
    }
    assert (made.tokens.prompt, made.tokens.completion) == (5, 0)
    assert list(chunks(made)) == [shown]


def test_a_safety_stop_says_what_it_saw() -> None:
    assert candidate(distorted("content_filter"))["safetyRatings"]


def test_a_very_long_answer_continues_for_who_sends_the_token_back() -> None:
    first = distorted("continuation", model="gemini-4-argon")
    rest = answered(accepted("gemini-4-argon", continuationToken=first.continuation))

    assert candidate(first)["finishReason"] == "CONTINUATION"
    assert (first.text or "") + (rest.text or "") == TEXT
    assert rest.finish == "STOP"


def test_contents_can_be_wrong() -> None:
    assert "```json" in (distorted("fenced").text or "")
    assert json.loads(distorted("other_schema").text or "") == {"answer": [1, "two", None]}
    assert distorted("other_model").model_served.id == "gemini-2.5-flash-lite"
    assert distorted("other_model", FaultArgs(model="mystery")).model_served.input_micro_usd == 750_000
    assert distorted("cached", FaultArgs(cached_share=0.6)).tokens.cached == 3
    assert distorted("tool_call", tools=TOOLS).calls
    assert not distorted("tool_call").calls
    never = {"functionCallingConfig": {"mode": "NONE"}}
    assert not distorted("tool_call", tools=TOOLS, toolConfig=never).calls


def test_bodies_are_written_wrong() -> None:
    made = whole(answered(accepted()))

    assert faults.BODIES["choices_null"](made, FaultArgs())["candidates"] is None
    assert faults.BODIES["choices_empty"](made, FaultArgs())["candidates"] == []
    assert faults.BODIES["wrong_shape"](made, FaultArgs())["status"] == "ok"
    assert "usageMetadata" not in faults.BODIES["usage_missing"](made, FaultArgs())
    negative = faults.BODIES["usage_negative"](made, FaultArgs())["usageMetadata"]
    assert isinstance(negative, dict)
    assert negative["promptTokenCount"] == -1
    assert faults.BODIES["usage_above_limit"]({}, FaultArgs()) == {}


def test_an_error_inside_a_stream_ends_it() -> None:
    change = faults.BODIES["error_in_200"]

    (only,) = events(answered(accepted()), lambda chunk: change(chunk, FaultArgs(message="No.")))

    assert json.loads(only.removeprefix(b"data: "))["error"]["message"] == "No."


# --- Prices


@pytest.mark.parametrize(
    ("tokens", "model", "day", "half", "cost"),
    [
        (GeminiTokens(prompt=1), "gemini-2.5-flash-lite", TODAY, False, 1),
        (GeminiTokens(prompt=1_000, candidates=100, thoughts=100), "gemini-3.8-flash", TODAY, False, 1_500),
        (GeminiTokens(1_000, 100, 100), "gemini-3.8-flash", date(2027, 1, 1), False, 3_000),
        (GeminiTokens(1_000, 100, 100), "gemini-4-argon", date(2026, 11, 30), False, 4_000),
        (GeminiTokens(1_000, 100, 100), "gemini-4-argon", date(2026, 12, 1), False, 8_000),
        (GeminiTokens(1_000, 100, 100, cached=1_000), "gemini-4-argon", TODAY, True, 1_050),
        (GeminiTokens(10_000, cached=10_000), "gemini-2.5-flash-lite", TODAY, True, 100),
        (GeminiTokens(10_000, cached=10_000), "gemini-3.5-flash-lite", TODAY, True, 200),
        (GeminiTokens(10_000, cached=10_000), "gemini-3.8-flash", TODAY, True, 375),
        (GeminiTokens(200_001, 1_000), "gemini-3.1-pro-preview", TODAY, False, 818_004),
        (GeminiTokens(0), "gemini-4-argon", TODAY, False, 0),
    ],
)
def test_an_exchange_costs(tokens: GeminiTokens, model: str, day: date, half: bool, cost: int) -> None:
    assert cost_micro_usd(tokens, models.MODELS[model], day, half=half) == cost


@pytest.mark.parametrize("name", sorted(models.MODELS))
@settings(deadline=None, max_examples=25)  # timed by nobody: the machine may be busy
@given(fresh=COUNTS, cached=COUNTS, answer=COUNTS, day=st.sampled_from([0, 10, 11, 42]), batch=st.booleans())
def test_a_third_price_list_agrees(name: str, fresh: int, cached: int, answer: int, day: int, batch: bool) -> None:
    at = NOW + timedelta(days=day)
    batch = batch and name != "gemini-3.7-flash"  # the other list has no batch price for it
    theirs = calc_price(
        Usage(input_tokens=fresh + cached, cache_read_tokens=cached, output_tokens=answer),
        name,
        provider_id="google",
        genai_request_timestamp=at,
        price_context={"processing": "batch"} if batch else None,
    )

    ours = cost_micro_usd(
        GeminiTokens(fresh + cached, answer, cached=cached), models.MODELS[name], at.date(), half=batch
    )

    assert ours == math.ceil(Decimal(theirs.total_price) * 1_000_000)
