"""The catalog that ships: complete, and every price one that a vendor could mean."""

from datetime import UTC, date, datetime
from itertools import groupby, pairwise

import pytest

from providers.calls import Target
from providers.catalog import Catalog, ModelCard, Price, is_alive, load
from providers.model_names import Resolved, UnknownTarget

CATALOG = load()
NOW = datetime(2026, 11, 20, 12, tzinfo=UTC)
every_model = pytest.mark.parametrize("model", CATALOG.models, ids=lambda model: str(model.target))


def price_lists(model: ModelCard) -> dict[date, list[Price]]:
    return {since: list(rows) for since, rows in groupby(model.prices, key=lambda row: row.since)}


def test_failover_prefers_providers_in_the_order_of_the_brief() -> None:
    order = [card.id for card in CATALOG.providers]

    assert order[:4] == ["aimlapi", "openai", "google", "anthropic"]
    assert order[4:] == ["azure", "openrouter", "deepseek", "extractive"]
    assert CATALOG.failover_order == ()


@pytest.mark.parametrize("provider", [card for card in CATALOG.providers if card.dialect != "extractive"])
def test_every_provider_on_the_wire_says_how_it_is_reached(provider: object) -> None:
    card = CATALOG.provider(getattr(provider, "id"))  # noqa: B009

    name = "AZURE_OPENAI" if card.id == "azure" else card.id.upper()
    assert card.base_url.startswith("https://") or card.id == "azure"  # whose address is its owner's
    assert card.key_variable == f"{name}_API_KEY"
    assert card.base_url_variable == f"{name}_BASE_URL"
    assert card.timeout_variable == f"{name}_TIMEOUT"


def test_no_target_is_listed_twice() -> None:
    targets = [model.target for model in CATALOG.models]

    assert len(targets) == len(set(targets))


@every_model
def test_every_model_is_sold_by_a_known_provider(model: ModelCard) -> None:
    assert CATALOG.provider(model.provider)


@every_model
def test_every_target_can_be_written_down_and_read_back(model: ModelCard) -> None:
    assert Target.parse(str(model.target)) == model.target


@every_model
def test_rows_of_one_day_stand_together_and_days_follow_each_other(model: ModelCard) -> None:
    days = [row.since for row in model.prices]

    assert days == sorted(days)


@every_model
def test_every_price_list_begins_without_a_cliff_and_its_cliffs_rise(model: ModelCard) -> None:
    for rows in price_lists(model).values():
        cliffs = [row.over_prompt_tokens for row in rows]

        assert cliffs[0] == 0
        assert cliffs == sorted(set(cliffs))
        assert cliffs[-1] < model.window_tokens


@every_model
def test_a_longer_prompt_is_never_cheaper_by_the_token(model: ModelCard) -> None:
    for rows in price_lists(model).values():
        for below, above in pairwise(rows):
            assert above.input_micro_usd >= below.input_micro_usd
            assert above.output_micro_usd >= below.output_micro_usd


@every_model
def test_prices_are_between_a_cent_and_a_hundred_dollars_and_only_the_built_in_is_free(model: ModelCard) -> None:
    for row in model.prices:
        if model.tier == "builtin":
            assert row.input_micro_usd == row.output_micro_usd == 0
        else:
            assert 10_000 <= row.input_micro_usd < row.output_micro_usd <= 100_000_000
            assert 0 < row.cached_input_micro_usd <= row.input_micro_usd <= row.cache_write_micro_usd


@every_model
def test_a_model_on_the_wire_has_a_stand_in_at_another_provider_today(model: ModelCard) -> None:
    elsewhere = {card.provider for card in CATALOG.stand_ins(model.target, NOW)} - {model.provider}

    assert elsewhere or model.tier == "builtin"


@every_model
def test_what_can_be_written_fits_the_window(model: ModelCard) -> None:
    assert model.max_output_tokens <= model.window_tokens


@pytest.mark.parametrize("card", [card for card in CATALOG.models if card.provider == "aimlapi"], ids=str)
def test_a_resold_model_costs_five_percent_more_and_has_no_discount_for_what_is_cached(card: ModelCard) -> None:
    direct = CATALOG.model(Target.parse(card.base))

    for ours, theirs in zip(card.prices, direct.prices, strict=True):
        assert (ours.since, ours.over_prompt_tokens) == (theirs.since, theirs.over_prompt_tokens)
        assert ours.input_micro_usd * 100 == theirs.input_micro_usd * 105
        assert ours.cache_write_micro_usd * 100 == theirs.cache_write_micro_usd * 105
        assert ours.output_micro_usd * 100 == theirs.output_micro_usd * 105
        assert ours.cached_input_micro_usd == ours.input_micro_usd


@pytest.mark.parametrize(
    ("target", "least"),
    [
        ("anthropic/claude-haiku-5-5", {"thinking": {"type": "disabled"}}),
        ("anthropic/claude-sonnet-5-5", {"thinking": {"type": "between_tools"}}),
        ("anthropic/claude-opus-5-5", {}),
        ("anthropic/claude-fable-5-2", {}),
    ],
)
def test_a_claude_thinks_as_little_as_it_can(target: str, least: object) -> None:
    card = CATALOG.model(Target.parse(target))

    assert card.extra_body == least
    assert card.reasoning_effort == card.efforts[0] == "low"
    assert "high" in card.efforts
    assert not {"xhigh", "max"} & set(card.efforts)


@pytest.mark.parametrize("model", [card for card in CATALOG.models if card.provider == "google"], ids=str)
def test_no_gemini_is_told_a_level_that_it_refuses(model: ModelCard) -> None:
    refuse_minimal = {"gemini-3.8-flash", "gemini-4-argon"}

    assert "none" not in model.efforts
    assert not (model.id in refuse_minimal and "minimal" in model.efforts)
    assert bool(model.efforts) != bool(model.extra_body)  # a level or a budget, never both


@every_model
def test_the_effort_that_is_sent_is_one_that_the_model_takes(model: ModelCard) -> None:
    assert model.reasoning_effort in (*model.efforts, "")
    assert bool(model.reasoning_effort) == bool(model.efforts)


@every_model
def test_a_model_that_can_be_forced_to_a_tool_takes_tools(model: ModelCard) -> None:
    assert not ("forced_tools" in model.takes and "tools" not in model.takes)


def test_a_model_is_not_there_before_its_first_day() -> None:
    model = CATALOG.model(Target.parse("openai/gpt-6-luna")).model_copy(update={"available_from": date(2026, 12, 5)})

    assert not is_alive(model, datetime(2026, 12, 4, 23, 59, tzinfo=UTC))
    assert is_alive(model, datetime(2026, 12, 5, tzinfo=UTC))


def test_a_model_is_gone_on_the_day_it_retires() -> None:
    model = CATALOG.model(Target.parse("openai/gpt-4o"))

    assert is_alive(model, datetime(2027, 1, 13, 23, 59, tzinfo=UTC))
    assert not is_alive(model, datetime(2027, 1, 14, tzinfo=UTC))


def test_stand_ins_come_in_provider_order_and_leave_out_the_retired() -> None:
    target = Target.parse("openai/gpt-6.1-terra")

    stand_ins = CATALOG.stand_ins(target, datetime(2027, 2, 1, tzinfo=UTC))

    order = [card.id for card in CATALOG.providers]
    places = [order.index(card.provider) for card in stand_ins]
    assert places == sorted(places)
    assert Target.parse("openai/gpt-4o") not in {card.target for card in stand_ins}


def test_what_is_on_its_way_out_stands_in_for_nobody() -> None:
    stand_ins = CATALOG.stand_ins(Target.parse("openai/gpt-6-luna"), NOW)

    assert stand_ins
    assert not [card for card in stand_ins if card.replaced_by]


BRIEF = {
    "gpt-3.5-turbo": "openai/gpt-6-luna",
    "gpt-4": "openai/gpt-6.1-terra",
    "gpt-4-turbo": "openai/gpt-6.1-terra",
    "openai/gpt-4-turbo-2024-04-09": "openai/gpt-6.1-terra",
    "aimlapi/openai/gpt-4": "aimlapi/openai/gpt-6-1-terra",
    "azure/gpt-4": "azure/gpt-6.1-terra",
    "openrouter/openai/gpt-4o": "openrouter/openai/gpt-6.1-terra",
    "claude-3-haiku": "anthropic/claude-haiku-5-5",
    "anthropic/claude-3-haiku-20240307": "anthropic/claude-haiku-5-5",
    "claude-3-sonnet": "anthropic/claude-sonnet-5-5",
    "claude-3.5-sonnet": "anthropic/claude-sonnet-5-5",
    "claude-3-5-sonnet-20241022": "anthropic/claude-sonnet-5-5",
    "openrouter/anthropic/claude-3.5-sonnet": "openrouter/anthropic/claude-sonnet-5.5",
    "claude-3-opus-latest": "anthropic/claude-opus-5-5",
    "gemini-pro": "google/gemini-3.8-flash",
    "google/gemini-1.5-pro": "google/gemini-3.8-flash",
    "gemini-1.5-flash": "google/gemini-3.5-flash-lite",
    "gemini-1.5-flash-8b": "google/gemini-3.5-flash-lite",
    "openrouter/google/gemini-flash-1.5-8b": "openrouter/google/gemini-3.5-flash-lite",
    "deepseek-r1": "deepseek/deepseek-v4-pro",
    "deepseek/deepseek-reasoner": "deepseek/deepseek-v4-pro",
    "openrouter/deepseek/deepseek-r1": "openrouter/deepseek/deepseek-v4-pro",
    "deepseek-chat": "deepseek/deepseek-flash",
}


@pytest.mark.parametrize(("name", "target"), BRIEF.items())
def test_an_old_name_means_its_replacement_and_says_so(name: str, target: str) -> None:
    resolved = CATALOG.resolve(name, NOW)

    assert str(resolved.target) == target
    assert resolved.warning is not None
    assert f"{target} is asked in its place" in resolved.warning


@pytest.mark.parametrize(
    ("name", "target"),
    [
        ("openai/gpt-6-luna", "openai/gpt-6-luna"),
        ("gpt-6-luna", "openai/gpt-6-luna"),  # OpenAI comes before Azure
        ("openai/gpt-6-luna-2026-09-22", "openai/gpt-6-luna"),
        ("gpt-6-luna-2026-09-22", "openai/gpt-6-luna"),
        ("anthropic/claude-haiku-5-5-20261007", "anthropic/claude-haiku-5-5"),
        ("anthropic/claude-haiku-5-5@20261007", "anthropic/claude-haiku-5-5"),
        ("anthropic/claude-haiku-5.5", "anthropic/claude-haiku-5-5"),
        ("claude-haiku-5.5", "anthropic/claude-haiku-5-5"),
        ("gemini-4-argon", "google/gemini-4-argon"),
        ("gpt-4o", "openai/gpt-4o"),  # alive, so no alias
        ("gpt-4o-2024-08-06", "openai/gpt-4o"),
        ("deepseek-r1-0528", "openrouter/deepseek/deepseek-r1-0528"),
        ("cue-rules", "extractive/cue-rules"),
    ],
)
def test_a_living_model_is_found_by_each_of_its_names_without_a_warning(name: str, target: str) -> None:
    resolved = CATALOG.resolve(name, NOW)

    assert (str(resolved.target), resolved.warning) == (target, None)


@pytest.mark.parametrize("model", [card for card in CATALOG.models if not card.retires_on], ids=str)
def test_every_target_means_itself(model: ModelCard) -> None:
    assert CATALOG.resolve(str(model.target), NOW).target == model.target


@pytest.mark.parametrize(
    "name",
    ["", "/", "openai/", "openai/gpt-99", "nobody/gpt-6-luna", "gpt-6", "openai/claude-opus-5-5", "openai/-2026-09-22"],
)
def test_a_name_of_nothing_is_unknown(name: str) -> None:
    with pytest.raises(UnknownTarget):
        CATALOG.resolve(name, NOW)


def test_a_retired_model_means_its_replacement_from_its_last_day() -> None:
    before = CATALOG.resolve("openai/gpt-4o", datetime(2027, 1, 13, 23, 59, tzinfo=UTC))
    after = CATALOG.resolve("openai/gpt-4o", datetime(2027, 1, 14, tzinfo=UTC))

    assert before == Resolved(target=Target.parse("openai/gpt-4o"))
    assert after.target == Target.parse("openai/gpt-6.1-terra")
    assert after.warning == ("openai/gpt-4o was retired on 2027-01-14. openai/gpt-6.1-terra is asked in its place.")


def test_a_replacement_that_is_retired_itself_is_followed_on() -> None:
    extra = """
        [[models]]
        provider = "openai"
        id = "older"
        base = "openai/gpt-4o"
        retires_on = 2026-01-01
        replaced_by = "openai/gpt-4o"
    """

    resolved = load(extra).resolve("gpt-4o-2024-05-13", datetime(2027, 3, 1, tzinfo=UTC))
    oldest = load(extra).resolve("openai/older", datetime(2027, 3, 1, tzinfo=UTC))

    assert str(resolved.target) == str(oldest.target) == "openai/gpt-6.1-terra"
    assert resolved.warning is not None
    assert resolved.warning.count("is asked in its place") == 2
    assert oldest.warning == (
        "openai/older was retired on 2026-01-01. openai/gpt-4o is asked in its place."
        " openai/gpt-4o was retired on 2027-01-14. openai/gpt-6.1-terra is asked in its place."
    )


@pytest.mark.parametrize(
    ("provider", "served", "card"),
    [
        ("openai", "gpt-6-luna", "openai/gpt-6-luna"),
        ("openai", "gpt-6-luna-2026-09-22", "openai/gpt-6-luna"),
        ("google", "models/gemini-3.8-flash", "google/gemini-3.8-flash"),
        ("google", "gemini-3.5-flash-lite", "google/gemini-3.5-flash-lite"),  # in place of 2.5-flash, at its own price
        ("anthropic", "claude-haiku-5-5-20261007", "anthropic/claude-haiku-5-5"),
        ("azure", "gpt-6.1-terra-2026-10-06", "azure/gpt-6.1-terra"),
        ("openrouter", "anthropic/claude-sonnet-5.5-20260928", "openrouter/anthropic/claude-sonnet-5.5"),
        ("aimlapi", "gpt-6.1-terra", "aimlapi/openai/gpt-6-1-terra"),
        ("openai", "gpt-4", None),  # an alias is what people ask for; no provider serves one
        ("openai", "claude-haiku-5-5", None),
        ("nobody", "gpt-6-luna", None),
        ("openai", "", None),
    ],
)
def test_a_served_model_is_priced_by_its_own_card(provider: str, served: str, card: str | None) -> None:
    found = CATALOG.served(provider, served)

    assert (None if found is None else str(found.target)) == card


def test_only_the_first_slash_of_a_target_separates() -> None:
    assert Target.parse("aimlapi/openai/gpt-6-luna") == Target(provider="aimlapi", model="openai/gpt-6-luna")


@pytest.mark.parametrize("text", ["", "openai", "openai/", "/gpt-6-luna"])
def test_a_target_needs_both_its_sides(text: str) -> None:
    with pytest.raises(ValueError, match="provider/model"):
        Target.parse(text)


def test_a_target_that_is_not_listed_is_not_known() -> None:
    assert not CATALOG.knows(Target.parse("openai/gpt-3.5-turbo"))
    with pytest.raises(KeyError):
        CATALOG.model(Target.parse("openai/gpt-3.5-turbo"))


def test_the_catalog_can_be_written_out_and_read_back() -> None:
    assert Catalog.model_validate_json(CATALOG.model_dump_json()) == CATALOG
