import json
import math
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from pydantic import JsonValue

from providers import catalog, pricing
from providers.calls import Target, Usage
from providers.emulator import batch_lines, deepseek, embeddings, models, openrouter, refusals
from providers.emulator.bank import Tokens, cost_micro_usd
from providers.emulator.batch_lines import Flaw, Item
from providers.emulator.chat_answers import DONE, events, outcome, thinking, whole
from providers.emulator.files import form
from providers.emulator.openai_chat import ChatRequest, check
from providers.emulator.openai_messages import IMAGE_TOKENS, SMALL_IMAGE_TOKENS
from providers.emulator.personas import PERSONAS
from providers.emulator.prefixes import CacheRules, counted, is_wished, prefixes
from providers.emulator.prompt_cache import PromptCache
from providers.emulator.refusals import Reason, Refusal
from providers.emulator.tool_use import Tool, ToolCall

COUNTS = st.integers(min_value=0, max_value=400_000)
NOW = datetime(2026, 11, 20, 12, tzinfo=UTC)
HELLO: list[JsonValue] = [{"role": "user", "content": "Say hello."}]
FIRST_MODEL = {name: persona.listed_models[0] for name, persona in PERSONAS.items()}


def accepted(persona: str, **changes: JsonValue) -> ChatRequest:
    return check({"model": FIRST_MODEL[persona], "messages": HELLO, **changes}, PERSONAS[persona])


def refused(persona: str, **changes: JsonValue) -> Reason:
    with pytest.raises(Refusal) as caught:
        accepted(persona, **changes)
    return caught.value.reason


FAMILY = ("openai", "azure", "aimlapi", "openrouter", "deepseek")


@pytest.mark.parametrize("persona", FAMILY)
def test_a_vendor_s_own_words_are_for_faults_that_all_know(persona: str) -> None:
    scripted = PERSONAS[persona].scripted

    assert scripted.keys() <= refusals.SCRIPTED.keys()
    assert all(reason.status == refusals.SCRIPTED[name].status for name, reason in scripted.items())


@pytest.mark.parametrize("persona", FAMILY)
def test_whatever_a_vendor_lists_it_sells(persona: str) -> None:
    for model in PERSONAS[persona].listed_models:
        assert accepted(persona, model=model).model.id == model


# --- Tools


def tool(name: str = "report", **function: JsonValue) -> JsonValue:
    return {"type": "function", "function": {"name": name, **function}}


@pytest.mark.parametrize(
    ("changes", "names"),
    [
        ({}, ()),
        ({"tool_choice": "auto"}, ()),
        ({"tool_choice": "none"}, ()),
        ({"tool_choice": "required"}, ("report",)),
        ({"tool_choice": "required", "parallel_tool_calls": True}, ("report", "other")),
        ({"tool_choice": {"type": "function", "function": {"name": "other"}}}, ("other",)),
    ],
)
def test_the_choice_decides_which_tools_are_called(changes: dict[str, JsonValue], names: tuple[str, ...]) -> None:
    request = accepted("openai", tools=[tool(), tool("other")], reasoning_effort="none", **changes)

    assert tuple(called.name for called in request.calls) == names
    assert request.prompt_tokens > accepted("openai").prompt_tokens


def said(text: JsonValue, role: str = "user") -> JsonValue:
    return {"role": role, "content": text}


@pytest.mark.parametrize(
    ("messages", "changes", "names"),
    [
        ([said("Please use report now.")], {}, ("report",)),
        ([said("Please use report now.")], {"tool_choice": "auto"}, ("report",)),
        ([said([{"type": "text", "text": "Use `report`."}])], {}, ("report",)),
        ([said("Use other, then report.")], {"parallel_tool_calls": True}, ("report", "other")),
        ([said("Use other, then report.")], {}, ("report",)),
        ([said("Please use report now.")], {"tool_choice": "none"}, ()),
        ([said("Reports, re-report or report_all: any will do.")], {}, ()),
        ([said("REPORT!")], {}, ()),
        ([said("Please use report now."), said("Here it is.", "assistant")], {}, ()),
        ([said("Please use report now."), said("rain", "tool")], {}, ()),
        ([said("report", "system"), said("Hello.")], {}, ()),
    ],
)
def test_a_free_model_calls_the_tool_that_the_user_has_just_named(
    messages: list[JsonValue], changes: dict[str, JsonValue], names: tuple[str, ...]
) -> None:
    request = accepted("openai", messages=messages, tools=[tool(), tool("other")], reasoning_effort="none", **changes)

    assert tuple(called.name for called in request.calls) == names


@pytest.mark.parametrize(
    ("changes", "param"),
    [
        ({"tools": "all"}, "tools"),
        ({"tools": [tool()] * 129}, "tools"),
        ({"tools": [{"type": "function"}]}, "tools[0].function.name"),
        ({"tools": [tool("no spaces")]}, "tools[0].function.name"),
        ({"tools": [tool(parameters=[])]}, "tools[0].function.parameters"),
        ({"tools": [tool(parameters={"type": "object"}, strict=True)]}, "tools[0].function.parameters"),
        ({"tool_choice": "required"}, "tool_choice"),
        ({"tools": [tool()], "tool_choice": "perhaps"}, "tool_choice"),
        ({"tools": [tool()], "tool_choice": {"type": "function", "function": {"name": "x"}}}, "tool_choice"),
    ],
)
def test_tools_are_refused(changes: dict[str, JsonValue], param: str) -> None:
    assert refused("openai", reasoning_effort="none", **changes).param == param


CALLS = (ToolCall("call_1", "one", '{"a":"' + "x " * 40 + '"}'), ToolCall("call_2", "two", '{"b":2}'))


def called(max_tokens: int | None = None) -> Any:
    request = replace(
        accepted("openai"), calls=(Tool("one", {}), Tool("two", {})), max_tokens=max_tokens, effort="none"
    )
    return outcome(request, "", answer_id="chatcmpl-1", created=1, calls=CALLS)


def test_calls_stand_in_the_message_in_place_of_text() -> None:
    choice: Any = whole(called())["choices"]

    assert choice[0]["finish_reason"] == "tool_calls"
    assert choice[0]["message"]["content"] is None
    assert [call["function"]["name"] for call in choice[0]["message"]["tool_calls"]] == ["one", "two"]


def test_the_arguments_of_a_stream_are_joined_by_index() -> None:
    lines = [line for line in events(called(), include_usage=False, extra={}, change=lambda c: c) if line != DONE]
    deltas = [json.loads(line.removeprefix(b"data: "))["choices"][0]["delta"] for line in lines]

    fragments = [fragment for delta in deltas for fragment in delta.get("tool_calls", ())]
    joined = {n: "".join(f["function"]["arguments"] for f in fragments if f["index"] == n) for n in (0, 1)}
    assert joined == {0: CALLS[0].arguments, 1: CALLS[1].arguments}
    assert [f["function"].get("name") for f in fragments if "id" in f] == ["one", "two"]


def test_a_limit_cuts_the_arguments_of_the_last_call() -> None:
    made = called(max_tokens=2)

    assert made.finish == "length"
    assert CALLS[1].arguments.startswith(made.calls[1].arguments)
    assert made.calls[1].arguments != CALLS[1].arguments


def test_thoughts_are_as_long_as_they_were_billed() -> None:
    made = outcome(accepted("openai", reasoning_effort="high"), "word " * 50, answer_id="x", created=1)

    shown = thinking(made, "reasoning_content")

    assert len(shown.thoughts.split()) == made.tokens.reasoning == 40
    choices: Any = whole(shown)["choices"]
    assert choices[0]["message"]["reasoning_content"] == shown.thoughts


# --- Images, tiers


def image(url: str = "data:image/png;base64,AAAA", **more: JsonValue) -> list[JsonValue]:
    return [{"role": "user", "content": [{"type": "image_url", "image_url": {"url": url, **more}}]}]


def test_an_image_costs_tokens_by_its_detail() -> None:
    large, small = (accepted("openai", messages=image(detail=detail)).prompt_tokens for detail in ("high", "low"))

    assert large - small == IMAGE_TOKENS - SMALL_IMAGE_TOKENS


@pytest.mark.parametrize("url", ["", "file:///etc/passwd", "AAAA"])
def test_an_image_without_an_address_is_refused(url: str) -> None:
    assert refused("openai", messages=image(url)).status == 400


@pytest.mark.parametrize(
    ("persona", "asked", "served"),
    [
        ("openai", "flex", "flex"),
        ("openai", "auto", "default"),
        ("openai", "fast", "default"),
        ("azure", "priority", "priority"),
        ("aimlapi", "flex", "default"),
        ("openrouter", "flex", "default"),
        ("deepseek", "flex", "default"),
    ],
)
def test_a_tier_is_served_where_it_is_sold(persona: str, asked: str, served: str) -> None:
    assert accepted(persona, service_tier=asked).service_tier == served


@pytest.mark.parametrize("tier", ["cheap", {"a": 1}])
def test_a_tier_that_nobody_knows_is_refused(tier: JsonValue) -> None:
    assert refused("openai", service_tier=tier).param == "service_tier"


def test_half_the_price_is_rounded_up_once() -> None:
    tokens = Tokens(prompt=10, completion=1)

    assert cost_micro_usd(tokens, models.MODELS["gpt-6-luna"], NOW.date(), 50) == 1
    assert cost_micro_usd(tokens, models.MODELS["gpt-6.1-sol"], NOW.date(), 50) == 15


CATALOG = catalog.load()
SOLD = [
    *(("openai", model) for model in models.MODELS.values() if model.reasons),
    *(("deepseek", model) for model in models.DEEPSEEK.values()),
    *(("openrouter", model) for model in models.ROUTED.values()),
]
COMPARED = [(provider, model) for provider, model in SOLD if CATALOG.knows(Target(provider=provider, model=model.id))]


def test_enough_models_stand_on_both_price_lists() -> None:
    assert len(COMPARED) >= len(SOLD) - 5
    assert {provider for provider, _ in COMPARED} == {"openai", "deepseek", "openrouter"}


@pytest.mark.parametrize(("provider", "model"), COMPARED, ids=lambda value: getattr(value, "id", value))
@settings(deadline=None, max_examples=60)  # timed by nobody: the machine may be busy
@given(fresh=COUNTS, cached=COUNTS, written=COUNTS, answer=COUNTS, hours=st.integers(0, 60 * 24), flex=st.booleans())
def test_two_price_lists_typed_by_different_hands_agree_at_every_hour(
    provider: str, model: models.Model, fresh: int, cached: int, written: int, answer: int, hours: int, flex: bool
) -> None:
    at = NOW + timedelta(hours=hours)
    persona = PERSONAS[provider]
    tier = "flex" if flex and "flex" in persona.tiers else "standard"
    usage = Usage(input_tokens=fresh, cached_input_tokens=cached, cache_write_tokens=written, output_tokens=answer)

    ours = pricing.cost(usage, CATALOG.model(Target(provider=provider, model=model.id)), at, tier)

    percent = persona.tiers.get(tier, 100) * persona.percent(model, at) // 100
    tokens = Tokens(fresh + cached + written, answer, cached, written)
    assert cost_micro_usd(tokens, model, at.date(), percent) == ours


# --- DeepSeek and OpenRouter


@pytest.mark.parametrize(
    ("at", "percent"),
    [
        ("2026-11-20T00:59:59+00:00", 100),
        ("2026-11-20T01:00:00+00:00", 200),
        ("2026-11-20T04:00:00+00:00", 100),
        ("2026-11-20T09:59:59+00:00", 200),
        ("2026-11-21T02:00:00+00:00", 100),
        ("2026-11-20T10:30:00+02:00", 200),
    ],
)
def test_deepseek_s_peak_is_in_the_morning_of_working_days(at: str, percent: int) -> None:
    assert deepseek.percent(models.DEEPSEEK["deepseek-flash"], datetime.fromisoformat(at)) == percent
    assert deepseek.percent(models.MODELS["gpt-6-luna"], datetime.fromisoformat(at)) == 100


@pytest.mark.parametrize(
    ("asked", "effort"),
    [("minimal", "low"), ("medium", "high"), ("xhigh", "max"), ("nonsense", "high"), (None, "high")],
)
def test_deepseek_maps_efforts_that_it_does_not_know(asked: JsonValue, effort: str) -> None:
    assert accepted("deepseek", reasoning_effort=asked, temperature=0.2).effort == effort


def test_openrouter_drops_what_the_model_does_not_know_unless_all_is_required() -> None:
    request: dict[str, JsonValue] = {"model": "openai/gpt-6.1-sol", "reasoning_effort": "none", "temperature": 0.1}

    assert accepted("openrouter", **request).effort == "medium"
    assert refused("openrouter", **request, provider={"require_parameters": True}).status == 503


@pytest.mark.parametrize(
    ("demands", "status"),
    [
        ({"only": ["OpenAI"]}, None),
        ({"ignore": ["openai"]}, 503),
        ({"only": ["google"]}, 503),
        ({"order": ["x"]}, None),
    ],
)
def test_openrouter_obeys_the_choice_of_provider(demands: JsonValue, status: int | None) -> None:
    if status is None:
        assert accepted("openrouter", provider=demands).model.id
    else:
        assert refused("openrouter", provider=demands).status == status


def test_openrouter_names_the_upstream_of_each_model() -> None:
    assert {openrouter.upstream(model) for model in models.ROUTED.values()} == {
        "OpenAI",
        "Anthropic",
        "Google",
        "DeepSeek",
    }


# --- Caching


RULES = CacheRules(least_tokens=64, unit_tokens=32, ttl_s=60)
LONG = "word " * 1_000


@pytest.mark.parametrize(
    ("body", "wished"),
    [
        ({}, False),
        ({"messages": HELLO}, False),
        ({"prompt_cache_key": ""}, False),
        ({"prompt_cache_key": "k"}, True),
        ({"user_id": "u"}, True),
        ({"messages": [{"role": "user", "content": [{"type": "text", "text": "x", "cache_control": {}}]}]}, True),
    ],
)
def test_a_caller_opts_into_caching(body: dict[str, JsonValue], wished: bool) -> None:
    assert is_wished(body) is wished


def read(cache: PromptCache, *texts: str, owner: str = "key", after_s: float = 0.0) -> Tokens:
    known = prefixes(texts, RULES)
    tokens = Tokens(prompt=max(prefix.tokens for prefix in known), completion=1)
    return counted(tokens, known, cache, (owner, "model"), RULES, NOW + timedelta(seconds=after_s))


def test_a_prefix_is_written_once_and_read_afterwards() -> None:
    cache = PromptCache()

    first, second = read(cache, LONG, "one"), read(cache, LONG, "one")

    assert (first.cached, first.cache_written) == (0, first.prompt // 32 * 32)
    assert (second.cached, second.cache_written) == (first.cache_written, 0)


def test_only_the_common_beginning_is_read_and_the_rest_is_written() -> None:
    cache = PromptCache()
    read(cache, LONG, "first question " * 50)

    other = read(cache, LONG, "second question " * 50)

    assert 900 < other.cached < 1_040
    assert other.cached + other.cache_written == other.prompt // 32 * 32


@pytest.mark.parametrize(
    ("texts", "owner", "after_s"),
    [((LONG, "x"), "another", 0), ((LONG, "x"), "key", 61), (("!" + LONG, "x"), "key", 0)],
)
def test_another_key_a_late_repeat_and_a_changed_first_byte_miss(
    texts: tuple[str, ...], owner: str, after_s: float
) -> None:
    cache = PromptCache()
    read(cache, LONG, "x")

    assert read(cache, *texts, owner=owner, after_s=after_s).cached == 0


def test_below_the_minimum_nothing_is_remembered() -> None:
    assert prefixes(("short",), RULES) == []


# --- Files, batches, embeddings


def test_a_form_is_read_byte_by_byte() -> None:
    content = b'{"a":"\xe2\x80\xa8\r\n--x"}\r\n'
    body = (
        b'--b0\r\nContent-Disposition: form-data; name="purpose"\r\n\r\nbatch\r\n'
        b'--b0\r\nContent-Disposition: form-data; name="file"; filename="a.jsonl"\r\nContent-Type: x/y\r\n\r\n'
        + content
        + b"\r\n--b0--\r\n"
    )

    fields = form('multipart/form-data; boundary="b0"', body)

    assert (fields["purpose"].content, fields["purpose"].filename) == (b"batch", "")
    assert (fields["file"].content, fields["file"].filename) == (content, "a.jsonl")


@pytest.mark.parametrize("content_type", ["", "application/json", "multipart/form-data", "text/plain; boundary=b0"])
def test_what_is_no_form_has_no_fields(content_type: str) -> None:
    assert form(content_type, b"--b0\r\n\r\n--b0--") == {}


def line(custom_id: JsonValue = "a", **changes: JsonValue) -> bytes:
    row: dict[str, JsonValue] = {"custom_id": custom_id, "method": "POST", "url": "/v1/x", "body": {"model": "m"}}
    return json.dumps(row | changes, ensure_ascii=False).encode()


def test_the_lines_of_a_batch_are_split_on_line_feeds_alone() -> None:
    items, flaws = batch_lines.read(line("a\u2028b") + b"\n\n" + line("c") + b"\n", "/v1/x")

    assert (items, flaws) == ([Item("a\u2028b", {"model": "m"}), Item("c", {"model": "m"})], [])


@pytest.mark.parametrize(
    ("content", "code", "number"),
    [
        (b"", "empty_file", None),
        (line() + b"\n{", "invalid_json_line", 2),
        (b"[]", "invalid_json_line", 1),
        (line(""), "missing_required_parameter", 1),
        (line(body=None), "missing_required_parameter", 1),
        (line(method="GET"), "invalid_method", 1),
        (line(url="/v1/y"), "mismatched_url", 1),
        (line() + b"\n" + line("b") + b"\n" + line(), "duplicate_custom_id", 3),
        (line() + b"\n" + line("b", body={"model": "n"}), "mismatched_model", None),
        (b"\n".join([b"{"] * 50_001), "too_many_requests", None),
    ],
)
def test_a_batch_fails_for_a_reason_that_has_a_line(content: bytes, code: str, number: int | None) -> None:
    _, flaws = batch_lines.read(content, "/v1/x")

    assert [(flaw.code, flaw.line) for flaw in flaws] == [(code, number)]
    assert Flaw("x", "y").written() == {"code": "x", "line": None, "message": "y", "param": None}


def test_vectors_have_length_one_repeat_and_differ() -> None:
    one, again, two = (embeddings.vector(text, "m", 1_536, seed=0) for text in ("one", "one", "two"))

    assert one == again
    assert math.isclose(math.fsum(value * value for value in one), 1.0)
    assert abs(sum(a * b for a, b in zip(one, two, strict=True))) < 0.5


def embedded(**changes: JsonValue) -> embeddings.EmbeddingRequest:
    return embeddings.check({"model": "text-embedding-3-small", "input": "one two", **changes})


def test_an_input_is_a_text_or_tokens_or_many_of_either() -> None:
    assert embedded().token_counts == (2,)
    assert embedded(input=[1, 2, 3]).token_counts == (3,)
    assert embedded(input=["a", [1, 2]]).token_counts == (1, 2)
    assert embedded(model="openai/text-embedding-3-large").dimensions == 3_072


@pytest.mark.parametrize(
    ("changes", "param"),
    [
        ({"input": None}, "input"),
        ({"input": []}, "input"),
        ({"input": [""]}, "input"),
        ({"input": ["x"] * 2_049}, "input"),
        ({"dimensions": 0}, "dimensions"),
        ({"dimensions": 1_537}, "dimensions"),
        ({"dimensions": True}, "dimensions"),
        ({"encoding_format": "hex"}, "encoding_format"),
    ],
)
def test_embeddings_are_refused(changes: dict[str, JsonValue], param: str) -> None:
    with pytest.raises(Refusal) as caught:
        embedded(**changes)

    assert (caught.value.reason.status, caught.value.reason.param) == (400, param)


@pytest.mark.parametrize(
    ("persona", "model", "effort", "taken"),
    [
        ("openai", "gpt-6-luna", "none", True),
        ("openai", "gpt-6-luna", "low", False),
        ("openai", "gpt-5.4-nano", "low", False),
        ("openai", "gpt-5.1", "low", True),
        ("openai", "gpt-5", "minimal", True),
        ("openai", "o3", "low", True),
        ("aimlapi", "openai/gpt-6-1-terra", "low", False),
        ("aimlapi", "anthropic/claude-sonnet-5-5", "low", True),
        ("aimlapi", "google/gemini-3-8-flash", "low", True),
    ],
)
def test_only_gpt_from_5_4_on_refuses_tools_while_it_reasons(
    persona: str, model: str, effort: str, taken: bool
) -> None:
    request: dict[str, JsonValue] = {"model": model, "reasoning_effort": effort, "tools": [tool()]}

    if taken:
        assert accepted(persona, **request).model.id == model
    else:
        assert refused(persona, **request).param == "tools"
