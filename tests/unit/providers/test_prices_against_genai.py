"""A second opinion on every price: genai-prices, whose data is in its wheel, knows most of what the catalog sells.

Each model, usage, day and tier must cost the same to the micro-dollar. Where the two differ, the table below says why,
and a difference that has gone is a failure too: then a reason is out of date.
"""

import math
from datetime import UTC, datetime
from typing import Final, NamedTuple

import pytest
from genai_prices import Usage as TheirUsage
from genai_prices import calc_price

from providers.calls import Usage
from providers.catalog import ModelCard, is_alive, load
from providers.pricing import cost

CATALOG = load()

# Azure's list prices are OpenAI's, and the library knows none of its newer models. AIMLAPI is unknown to it.
THEIR_NAMES: Final = {
    **{name: name for name in ("openai", "google", "anthropic", "openrouter", "deepseek")},
    "azure": "openai",
}
UNKNOWN_TO_THEM: Final = {"openrouter/anthropic/claude-fable-5.2"}

USAGES: Final = {
    "plain": Usage(input_tokens=16_600, output_tokens=4_200),
    "cached": Usage(input_tokens=600, cached_input_tokens=16_000, output_tokens=1_000, reasoning_tokens=500),
    "written": Usage(input_tokens=600, cache_write_tokens=16_000, output_tokens=1_000),
    "over 100k": Usage(input_tokens=100_001, output_tokens=3),
    "over 272k": Usage(input_tokens=262_001, cached_input_tokens=10_000, output_tokens=7_777),
}
DAYS: Final = {
    "today": datetime(2026, 11, 20, 12, tzinfo=UTC),
    "peak": datetime(2026, 11, 20, 2, tzinfo=UTC),
    "weekend": datetime(2026, 11, 21, 2, tzinfo=UTC),
    "last of November": datetime(2026, 11, 30, 23, 59, 59, tzinfo=UTC),
    "December": datetime(2026, 12, 1, tzinfo=UTC),
    "last of the year": datetime(2026, 12, 31, 23, 59, 59, tzinfo=UTC),
    "next year": datetime(2027, 1, 1, tzinfo=UTC),
    "next summer": datetime(2027, 6, 1, 12, tzinfo=UTC),
}
# In their words. Flex is missing in their data of Google, where it costs what a batch does (providers.md, section 5.3).
FLEX: Final = {"openai": {"service_tier": "flex"}, "google": {"processing": "batch"}}


class Case(NamedTuple):
    """One exchange that both sides price."""

    model: ModelCard
    tier: str
    usage: str
    day: str


class Difference(NamedTuple):
    """Where the two price lists differ, and why. An empty set stands for all."""

    reason: str
    models: frozenset[str]
    tiers: frozenset[str] = frozenset()
    usages: frozenset[str] = frozenset()
    days: frozenset[str] = frozenset()

    def covers(self, case: Case) -> bool:
        values = (str(case.model.target), case.tier, case.usage, case.day)
        sets = (self.models, self.tiers, self.usages, self.days)
        return all(value in allowed or not allowed for value, allowed in zip(values, sets, strict=True))


KNOWN_DIFFERENCES: Final = (
    Difference(
        "the vendor's page has peak hours from Monday to Friday; they charge them at weekends too",
        models=frozenset({"deepseek/deepseek-flash", "deepseek/deepseek-v4-pro"}),
        days=frozenset({"weekend"}),
    ),
    Difference(
        "they give the storage of a written prefix alone; it is read as well, and we ask for no such write",
        models=frozenset(
            f"openrouter/google/{name}"
            for name in ("gemini-3.5-flash-lite", "gemini-3.8-flash", "gemini-4-argon", "gemini-3.1-flash-lite")
        ),
        usages=frozenset({"written"}),
    ),
    Difference(
        "announced by Google; a reseller that passes its prices on will follow, which they do not know yet",
        models=frozenset({"openrouter/google/gemini-4-argon"}),
        days=frozenset({"December", "last of the year", "next year", "next summer"}),
    ),
    Difference(
        "announced by Google; a reseller that passes its prices on will follow, which they do not know yet",
        models=frozenset({"openrouter/google/gemini-3.8-flash"}),
        days=frozenset({"next year", "next summer"}),
    ),
)


def cases() -> list[Case]:
    """Every exchange that can happen: the model lives on that day, and its window holds the prompt."""
    return [
        Case(model, tier, usage, day)
        for model in CATALOG.models
        if model.provider in THEIR_NAMES and str(model.target) not in UNKNOWN_TO_THEM
        for tier in (("standard", "flex") if model.flex_percent < 100 else ("standard",))
        for usage, tokens in USAGES.items()
        for day, at in DAYS.items()
        if is_alive(model, at) and tokens.input_tokens + tokens.cached_input_tokens <= model.window_tokens
    ]


def their_price(case: Case) -> int:
    """Rounded up to whole micro-dollars, as ours is."""
    usage = USAGES[case.usage]
    counted = TheirUsage(
        input_tokens=usage.input_tokens + usage.cached_input_tokens + usage.cache_write_tokens,
        cache_read_tokens=usage.cached_input_tokens,
        cache_write_tokens=usage.cache_write_tokens,
        output_tokens=usage.output_tokens + usage.reasoning_tokens,
    )
    found = calc_price(
        counted,
        case.model.id,
        provider_id=THEIR_NAMES[case.model.provider],
        genai_request_timestamp=DAYS[case.day],
        price_context=FLEX[case.model.provider] if case.tier == "flex" else None,
    )
    return math.ceil(found.total_price * 1_000_000)


def our_price(case: Case) -> int:
    return cost(USAGES[case.usage], case.model, DAYS[case.day], case.tier)


@pytest.mark.parametrize("model", sorted({str(case.model.target) for case in cases()}))
def test_a_model_costs_what_the_second_opinion_says_but_for_the_known_differences(model: str) -> None:
    of_the_model = [case for case in cases() if str(case.model.target) == model]
    expected = [case for case in of_the_model if not any(known.covers(case) for known in KNOWN_DIFFERENCES)]

    wrong = [
        f"{case.tier}, {case.usage}, {case.day}: ours {our_price(case)}, theirs {their_price(case)}"
        for case in expected
        if our_price(case) != their_price(case)
    ]

    assert expected
    assert wrong == []


@pytest.mark.parametrize("known", KNOWN_DIFFERENCES, ids=lambda known: f"{known.reason[:40]} {sorted(known.models)[0]}")
def test_a_known_difference_is_still_one(known: Difference) -> None:
    covered = [case for case in cases() if known.covers(case)]

    gone = [
        f"{case.model.target}: {case.tier}, {case.usage}, {case.day}"
        for case in covered
        if our_price(case) == their_price(case)
    ]

    assert {str(case.model.target) for case in covered} == known.models
    assert gone == []


@pytest.mark.parametrize("target", sorted(UNKNOWN_TO_THEM))
def test_what_they_do_not_know_is_still_unknown_to_them(target: str) -> None:
    model = next(model for model in CATALOG.models if str(model.target) == target)

    with pytest.raises(LookupError):
        their_price(Case(model, "standard", "plain", "today"))


def test_every_provider_that_sells_is_compared_but_the_reseller_that_they_do_not_know() -> None:
    sellers = {card.id for card in CATALOG.providers} - {"extractive"}

    assert sellers - set(THEIR_NAMES) == {"aimlapi"}
