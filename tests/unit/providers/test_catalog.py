"""The catalog that ships: complete, and every price one that a vendor could mean."""

from datetime import UTC, date, datetime
from itertools import groupby, pairwise

import pytest

from providers.calls import Target
from providers.catalog import Catalog, ModelCard, Price, is_alive, load

CATALOG = load()
NOW = datetime(2026, 11, 20, 12, tzinfo=UTC)
every_model = pytest.mark.parametrize("model", CATALOG.models, ids=lambda model: str(model.target))


def price_lists(model: ModelCard) -> dict[date, list[Price]]:
    return {since: list(rows) for since, rows in groupby(model.prices, key=lambda row: row.since)}


def test_failover_prefers_providers_in_the_order_of_the_brief() -> None:
    assert [card.id for card in CATALOG.providers] == ["aimlapi", "openai", "openrouter", "deepseek", "extractive"]


@pytest.mark.parametrize("provider", [card for card in CATALOG.providers if card.dialect != "extractive"])
def test_every_provider_on_the_wire_says_how_it_is_reached(provider: object) -> None:
    card = CATALOG.provider(getattr(provider, "id"))  # noqa: B009

    assert card.base_url.startswith("https://")
    assert card.key_variable == f"{card.id.upper()}_API_KEY"
    assert card.base_url_variable == f"{card.id.upper()}_BASE_URL"
    assert card.timeout_variable == f"{card.id.upper()}_TIMEOUT"


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


def test_the_resold_model_costs_five_percent_more() -> None:
    direct = CATALOG.model(Target.parse("openai/gpt-6.1-terra")).prices[0]
    resold = CATALOG.model(Target.parse("aimlapi/openai/gpt-6-1-terra")).prices[0]

    assert resold.input_micro_usd * 100 == direct.input_micro_usd * 105
    assert resold.output_micro_usd * 100 == direct.output_micro_usd * 105


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
