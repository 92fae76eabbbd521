"""The catalog is complete: whatever a request or a failover can name is there, with a price and a way to it."""

from datetime import UTC, datetime
from typing import get_args

import pytest

from orchestrator.synthesis import STRATEGIES
from providers import catalog as catalogs
from providers.catalog import DialectName, ModelCard, ProviderCard
from providers.client import DIALECTS

CATALOG = catalogs.load()
NOW = datetime.now(UTC)
KEYED = [card for card in CATALOG.providers if card.dialect != "extractive"]

providers = pytest.mark.parametrize("card", KEYED, ids=lambda card: card.id)
models = pytest.mark.parametrize("model", CATALOG.models, ids=lambda model: str(model.target))


def test_every_dialect_that_a_card_can_name_is_spoken_here_and_no_other() -> None:
    assert {*DIALECTS, "extractive"} == set(get_args(DialectName))


def test_provider_and_model_ids_are_unique() -> None:
    assert len({card.id for card in CATALOG.providers}) == len(CATALOG.providers)
    assert len({model.target for model in CATALOG.models}) == len(CATALOG.models)


@providers
def test_a_provider_over_the_wire_names_its_address_and_its_variables(card: ProviderCard) -> None:
    assert card.base_url.startswith("https://") or card.id == "azure", "only a customer's own resource has no address"
    assert not card.base_url.endswith("/")
    assert card.key_variable.endswith("_API_KEY")
    assert card.base_url_variable.endswith("_BASE_URL")
    assert card.timeout_variable.endswith("_TIMEOUT")


def test_no_two_providers_share_a_variable() -> None:
    names = [name for card in KEYED for name in (card.key_variable, card.base_url_variable, card.timeout_variable)]

    assert len(names) == len(set(names))


def test_every_provider_has_a_model_that_is_alive_and_every_model_a_provider() -> None:
    alive = {model.provider for model in CATALOG.models if catalogs.is_alive(model, NOW)}

    assert alive == {card.id for card in CATALOG.providers}
    assert {model.provider for model in CATALOG.models} == alive


@models
def test_a_model_has_a_price_that_holds_today_for_the_shortest_prompt(model: ModelCard) -> None:
    assert any(price.since <= NOW.date() and price.over_prompt_tokens == 0 for price in model.prices)


@models
def test_only_what_is_built_in_is_free(model: ModelCard) -> None:
    builtin = model.provider == "extractive"

    assert builtin == (model.tier == "builtin")
    assert all(builtin == (price.input_micro_usd == price.output_micro_usd == 0) for price in model.prices)


@models
def test_those_that_may_stand_in_for_a_model_are_of_its_own_tier(model: ModelCard) -> None:
    tiers = {other.tier for other in CATALOG.models if other.equivalent == model.equivalent}

    assert tiers == {model.tier}, "a stand-in of another tier would surprise by price or quality"


def test_the_built_in_models_suffice_for_every_strategy() -> None:
    builtin = [model for model in CATALOG.models if model.provider == "extractive"]

    assert len(builtin) >= max(rule.min_seats for rule in STRATEGIES.values())
