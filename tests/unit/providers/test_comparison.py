"""What tokens would have cost otherwise, step by step from the reference to what was paid."""

from datetime import UTC, date, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from providers.calls import Target, Usage
from providers.catalog import Catalog, ModelCard, load
from providers.comparison import STALE_AFTER_DAYS, compare, direct_card, is_stale, priced_on, reference_card
from providers.pricing import cost

CATALOG = load()
NOON = datetime(2026, 11, 20, 12, tzinfo=UTC)
USAGE = Usage(input_tokens=10_000, cached_input_tokens=4_000, cache_write_tokens=1_000, output_tokens=2_000)


def card(name: str, catalog: Catalog = CATALOG) -> ModelCard:
    return catalog.model(Target.parse(name))


REFERENCE = card("anthropic/claude-opus-5-5")


def test_each_figure_takes_one_thing_away() -> None:
    luna, sold = card("openai/gpt-6-luna"), card("aimlapi/openai/gpt-6-luna")

    found = compare(USAGE, served=sold, direct=luna, reference=REFERENCE, at=NOON, service_tier="flex")

    plain = Usage(input_tokens=15_000, output_tokens=2_000)
    assert found.direct_micro_usd == cost(plain, luna, NOON)
    assert found.cached_micro_usd == cost(USAGE, luna, NOON)
    assert found.tier_micro_usd == cost(USAGE, luna, NOON, service_tier="flex")
    assert found.reference_micro_usd > found.direct_micro_usd > found.cached_micro_usd > found.tier_micro_usd


def test_the_reference_is_asked_for_the_tokens_that_it_would_have_made() -> None:
    served = card("openai/gpt-6-luna")
    finer = REFERENCE.model_copy(update={"tokens_percent": 133})

    found = compare(USAGE, served=served, direct=served, reference=finer, at=NOON, service_tier="")

    scaled = Usage(input_tokens=19_950, output_tokens=2_660)
    assert served.tokens_percent == 100
    assert found.reference_micro_usd == cost(scaled, finer, NOON)


def test_a_cache_that_was_written_and_never_read_has_cost_more() -> None:
    written = Usage(input_tokens=1_000, cache_write_tokens=9_000, image_tokens=500, output_tokens=10)

    found = compare(written, served=REFERENCE, direct=REFERENCE, reference=REFERENCE, at=NOON, service_tier="")

    assert found.direct_micro_usd == cost(Usage(input_tokens=10_500, output_tokens=10), REFERENCE, NOON)
    assert found.cached_micro_usd - found.direct_micro_usd == 9_000  # a quarter of 4 dollars a million


def test_dear_hours_are_told_as_tier_and_not_as_list_price() -> None:
    flash = card("deepseek/deepseek-flash")
    in_peak = datetime(2026, 11, 20, 7, tzinfo=UTC)

    found = compare(USAGE, served=flash, direct=flash, reference=REFERENCE, at=in_peak, service_tier="")

    assert found.tier_micro_usd == 2 * found.cached_micro_usd


@pytest.mark.parametrize(
    ("served", "direct"),
    [
        ("openai/gpt-6-luna", "openai/gpt-6-luna"),
        ("aimlapi/openai/gpt-6-luna", "openai/gpt-6-luna"),
        ("azure/gpt-6-luna", "azure/gpt-6-luna"),
        ("extractive/cue-rules", "extractive/cue-rules"),
    ],
)
def test_a_resold_model_is_compared_with_its_own_vendors(served: str, direct: str) -> None:
    assert direct_card(CATALOG, card(served)).target == Target.parse(direct)


def test_a_resold_model_that_its_vendor_does_not_sell_is_compared_with_itself() -> None:
    only_here = load(
        """
[[models]]
provider = "openrouter"
id = "nobody/else"
base = "openrouter/openai/gpt-6-luna"
equivalent = "x"
"""
    )
    resold = next(one for one in only_here.models if one.id == "nobody/else").model_copy(update={"base": ""})

    assert direct_card(only_here, resold) == resold


def test_prices_go_stale() -> None:
    read_on = priced_on(CATALOG)

    def after(days: int) -> datetime:
        return datetime.fromordinal(read_on.toordinal() + days).replace(tzinfo=UTC)

    assert read_on == date(2026, 11, 20)
    assert not is_stale(CATALOG, after(STALE_AFTER_DAYS))
    assert is_stale(CATALOG, after(STALE_AFTER_DAYS + 1))


def test_the_catalog_declares_its_reference_and_a_house_may_declare_another() -> None:
    own = load('reference = "openai/gpt-6.1-sol"')

    assert reference_card(CATALOG) == REFERENCE
    assert reference_card(own) == card("openai/gpt-6.1-sol", own)
    assert reference_card(CATALOG.model_copy(update={"reference": ""})) is None


def test_a_reference_that_is_no_model_is_refused() -> None:
    with pytest.raises(ValueError, match=r"reference: there is no model 'openai/none'"):
        load('reference = "openai/none"')


@given(
    st.builds(
        Usage,
        input_tokens=st.integers(0, 10**6),
        cached_input_tokens=st.integers(0, 10**6),
        output_tokens=st.integers(0, 10**5),
        reasoning_tokens=st.integers(0, 10**5),
        image_tokens=st.integers(0, 10**5),
    )
)
def test_where_the_reference_itself_served_at_list_price_nothing_was_saved(usage: Usage) -> None:
    found = compare(usage, served=REFERENCE, direct=REFERENCE, reference=REFERENCE, at=NOON, service_tier="")

    assert found.reference_micro_usd == found.direct_micro_usd >= found.cached_micro_usd == found.tier_micro_usd
