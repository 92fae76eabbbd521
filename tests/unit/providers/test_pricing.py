"""Prices by date, length and hour; the bound that no answer within its limits can pass."""

from datetime import UTC, date, datetime, timedelta, timezone

import pytest
from hypothesis import given
from hypothesis import strategies as st

from providers.calls import Call, Image, JsonObject, Message, Target, Tool, ToolCall, Usage
from providers.catalog import ModelCard, Price, load
from providers.pricing import IMAGE_BOUND_TOKENS, bound, cost, estimate_tokens, input_bound_tokens

CATALOG = load()
NOON = datetime(2026, 11, 20, 12, tzinfo=UTC)
DOUBLED = "openrouter/google/gemini-4-argon"  # doubles on 2026-12-01


def model(target: str) -> ModelCard:
    return CATALOG.model(Target.parse(target))


def call(text: str = "hello", *, max_output_tokens: int = 100, schema: JsonObject | None = None) -> Call:
    return Call(
        call_id="c",
        messages=(Message(role="user", text=text),),
        max_output_tokens=max_output_tokens,
        timeout_s=60,
        json_schema=schema,
    )


@pytest.mark.parametrize(
    ("target", "usage", "micro_usd"),
    [
        ("openai/gpt-6-luna", Usage(input_tokens=1_000_000), 200_000),  # over the cliff: twice the input
        ("openai/gpt-6-luna", Usage(input_tokens=272_000), 27_200),
        ("openai/gpt-6-luna", Usage(input_tokens=272_001), 54_401),  # 54400.2
        ("openai/gpt-6-luna", Usage(input_tokens=100_000, cached_input_tokens=172_001), 23_441),  # all of the prompt
        ("openai/gpt-6-luna", Usage(cached_input_tokens=10_000), 100),
        ("openai/gpt-6-luna", Usage(cache_write_tokens=10_000), 1_250),
        ("openai/gpt-6-luna", Usage(output_tokens=10, reasoning_tokens=10), 10),
        ("openai/gpt-6-luna", Usage(image_tokens=10_000), 1_000),  # as any other input
        ("openai/gpt-6-luna", Usage(input_tokens=271_000, image_tokens=1_001), 54_401),  # and part of the prompt
        ("openai/gpt-6-luna", Usage(input_tokens=1), 1),  # a tenth, rounded up
        ("openrouter/anthropic/claude-haiku-5.5", Usage(input_tokens=100_001, output_tokens=1_000), 52_501),
        ("extractive/cue-rules", Usage(input_tokens=1_000_000, output_tokens=1_000), 0),
    ],
)
def test_each_class_of_tokens_has_its_price_and_the_sum_is_rounded_up(
    target: str, usage: Usage, micro_usd: int
) -> None:
    assert cost(usage, model(target), NOON) == micro_usd


@pytest.mark.parametrize(
    ("at", "micro_usd"),
    [
        (datetime(2020, 1, 1, tzinfo=UTC), 2_000),  # before the first price list: the first
        (datetime(2026, 11, 30, 23, 59, tzinfo=UTC), 2_000),
        (datetime(2026, 12, 1, tzinfo=UTC), 4_000),
        (datetime(2026, 12, 1, 0, 30, tzinfo=timezone(timedelta(hours=1))), 2_000),  # still November in UTC
    ],
)
def test_a_price_holds_from_its_day_in_utc(at: datetime, micro_usd: int) -> None:
    assert cost(Usage(input_tokens=1_000), model(DOUBLED), at) == micro_usd


@pytest.mark.parametrize(
    ("at", "micro_usd"),
    [
        (datetime(2026, 11, 20, 0, 59, tzinfo=UTC), 150),
        (datetime(2026, 11, 20, 1, 0, tzinfo=UTC), 300),
        (datetime(2026, 11, 20, 3, 59, tzinfo=UTC), 300),
        (datetime(2026, 11, 20, 4, 0, tzinfo=UTC), 150),
        (datetime(2026, 11, 20, 9, 59, tzinfo=UTC), 300),
        (datetime(2026, 11, 21, 2, 0, tzinfo=UTC), 150),  # a Saturday
    ],
)
def test_peak_hours_of_a_working_day_cost_double(at: datetime, micro_usd: int) -> None:
    assert cost(Usage(input_tokens=1_000), model("deepseek/deepseek-flash"), at) == micro_usd


def test_a_later_price_list_replaces_the_earlier_one_with_its_cliffs() -> None:
    card = ModelCard(
        provider="openai",
        id="m",
        tier="economy",
        window_tokens=1_000_000,
        max_output_tokens=10,
        equivalent="e",
        prices=(
            price(date(2026, 1, 1), 100),
            price(date(2026, 1, 1), 900, over=1_000),
            price(date(2026, 6, 1), 200),
        ),
    )

    before = cost(Usage(input_tokens=1_000_000), card, datetime(2026, 5, 31, tzinfo=UTC))
    after = cost(Usage(input_tokens=1_000_000), card, datetime(2026, 6, 1, tzinfo=UTC))

    assert (before, after) == (900, 200)


def price(since: date, amount: int, over: int = 0) -> Price:
    return Price(
        since=since,
        over_prompt_tokens=over,
        input_micro_usd=amount,
        cached_input_micro_usd=amount,
        cache_write_micro_usd=amount,
        output_micro_usd=amount,
    )


def test_the_bound_grows_by_a_token_for_every_byte_of_text_and_schema() -> None:
    assert input_bound_tokens(call("日本")) == input_bound_tokens(call("")) + 6
    assert input_bound_tokens(call(schema={"a": "é"})) == input_bound_tokens(call()) + len('{"a": "é"}'.encode())


def test_the_bound_grows_by_every_image_and_every_byte_of_every_tool() -> None:
    image = Image(url="https://example.org/slide.png")
    tool = Tool(name="note", description="Writes a note.", parameters={"type": "object"})
    asked = ToolCall(id="call_1", name="note", arguments='{"text": "é"}')
    plain = input_bound_tokens(call())

    seen = input_bound_tokens(showing(images=(image, image)))
    offered = input_bound_tokens(call().model_copy(update={"tools": (tool,)}))
    longer = tool.model_copy(update={"description": tool.description + "é"})
    more_offered = input_bound_tokens(call().model_copy(update={"tools": (longer,)}))
    used = input_bound_tokens(showing(role="assistant", tool_calls=(asked,)))
    answered = input_bound_tokens(showing(role="tool", tool_call_id="call_1"))

    assert seen == plain + 2 * IMAGE_BOUND_TOKENS
    assert offered > plain + len(tool.model_dump_json())
    assert more_offered == offered + 2
    assert used > plain + len(asked.model_dump_json().encode())
    assert answered == plain + len("call_1")


def showing(**fields: object) -> Call:
    message = Message.model_validate({"role": "user", "text": "hello", **fields})
    return call().model_copy(update={"messages": (message,)})


@pytest.mark.parametrize(
    ("target", "tier", "micro_usd"),
    [
        ("openai/gpt-6-luna", "flex", 450),
        ("openai/gpt-6-luna", "standard", 900),
        ("openai/gpt-6-luna", "default", 900),  # the vendor's own word
        ("openai/gpt-6-luna", "", 900),
        ("openai/gpt-4o", "flex", 29_500),  # knows no such tier
        ("google/gemini-3.8-flash", "flex", 3_375),
        ("deepseek/deepseek-flash", "flex", 1_050),
    ],
)
def test_the_flex_tier_is_cheaper_where_there_is_one(target: str, tier: str, micro_usd: int) -> None:
    usage = Usage(input_tokens=2_000, cached_input_tokens=10_000, output_tokens=1_000, reasoning_tokens=200)

    assert cost(usage, model(target), NOON, tier) == micro_usd


def test_a_wish_for_the_flex_tier_is_bounded_by_the_standard_price() -> None:
    wish = call().model_copy(update={"service_tier": "flex"})

    assert bound(wish, model("openai/gpt-6-luna"), NOON) == bound(call(), model("openai/gpt-6-luna"), NOON)


def test_a_call_that_may_end_after_midnight_is_bounded_by_the_dearer_day() -> None:
    late = datetime(2026, 11, 30, 23, 59, 30, tzinfo=UTC)

    assert bound(call(), model(DOUBLED), late) == bound(call(), model(DOUBLED), late + timedelta(days=1))
    assert bound(call(), model(DOUBLED), late - timedelta(hours=1)) < bound(call(), model(DOUBLED), late)


def test_a_built_in_model_binds_no_money() -> None:
    assert bound(call(), model("extractive/cue-rules"), NOON) == 0


usages_by_share = st.tuples(*(st.floats(0, 1) for _ in range(4)))


@given(
    target=st.sampled_from([card.target for card in CATALOG.models]),
    length=st.integers(0, 400_000),
    max_output_tokens=st.integers(1, 128_000),
    shares=usages_by_share,
    minutes=st.integers(0, 60 * 24 * 60),
    taken_s=st.integers(0, 60),
    tier=st.sampled_from(["standard", "flex"]),
)
def test_no_usage_within_the_limits_of_a_call_costs_more_than_its_bound(
    target: Target,
    length: int,
    max_output_tokens: int,
    shares: tuple[float, float, float, float],
    minutes: int,
    taken_s: int,
    tier: str,
) -> None:
    asked = call("x" * length, max_output_tokens=max_output_tokens)
    started = NOON + timedelta(minutes=minutes)
    prompt = int(input_bound_tokens(asked) * shares[0])
    cached = int(prompt * shares[1])
    written = int((prompt - cached) * shares[2])
    reasoning = int(max_output_tokens * shares[3])
    usage = Usage(
        input_tokens=prompt - cached - written,
        cached_input_tokens=cached,
        cache_write_tokens=written,
        output_tokens=max_output_tokens - reasoning,
        reasoning_tokens=reasoning,
    )

    card = CATALOG.model(target)

    assert cost(usage, card, started + timedelta(seconds=taken_s), tier) <= bound(asked, card, started)


@given(st.sampled_from(CATALOG.models), st.integers(0, 500_000), st.integers(0, 1_000))
def test_one_more_token_never_makes_a_call_cheaper(card: ModelCard, tokens: int, more: int) -> None:
    less_text = cost(Usage(input_tokens=tokens, output_tokens=5), card, NOON)

    assert cost(Usage(input_tokens=tokens + more, output_tokens=5), card, NOON) >= less_text


@pytest.mark.parametrize(
    ("text", "tokens"),
    [
        ("", 0),
        (" \t ", 0),
        ("a", 1),
        ("meetings", 2),  # 8/6
        ("2026", 2),
        ("会議", 2),  # 1.7
        ("회의", 2),  # 1.5
        ("नमस्ते", 2),
        ("привет", 2),  # 6/3.2
        ("\n\n", 1),
        ("!?", 2),  # 1.8
        ("u12 00:03:41 Ann: Ship it.", 12),
    ],
)
def test_an_estimate_counts_runs_of_each_kind_of_character(text: str, tokens: int) -> None:
    assert estimate_tokens(text) == tokens


@given(st.text(max_size=300), st.text(max_size=300))
def test_an_estimate_of_two_texts_is_about_the_sum_of_both(first: str, second: str) -> None:
    apart = estimate_tokens(first) + estimate_tokens(second)

    assert estimate_tokens(f"{first} {second}") <= apart
    assert estimate_tokens(f"{first} {second}") >= apart - 1


@given(st.text(max_size=300))
def test_an_estimate_never_passes_the_bytes_of_the_text(text: str) -> None:
    assert estimate_tokens(text) <= len(text.encode("utf-8", "surrogatepass"))


def test_cached_input_may_have_a_price_of_its_own_at_the_flex_tier() -> None:
    lite = model("google/gemini-3.5-flash-lite")
    usage = Usage(input_tokens=1_000_000, cached_input_tokens=1_000_000)

    assert cost(usage, lite, NOON) == 330_000
    assert cost(usage, lite, NOON, "flex") == 150_000 + 20_000
