"""Which providers and models exist, what they can do and what they cost: dated data from `catalog.toml`. Pure.

The file is read once, by `load()`; everything else is a look-up on frozen values.
"""

import tomllib
from datetime import date, datetime
from functools import cached_property
from importlib.resources import files
from typing import Literal, TypeAlias

from pydantic import Field

from providers.calls import Target, Value

Tier: TypeAlias = Literal["economy", "balanced", "premium", "top", "builtin"]
DialectName: TypeAlias = Literal["openai_chat", "extractive"]
ExtraBody: TypeAlias = dict[str, bool | str | int | dict[str, bool | str | int]]


class ProviderCard(Value):
    """A provider and the quirks of its wire. Variables are names in the environment; settings reads them."""

    id: str
    name: str
    dialect: DialectName
    base_url: str = ""
    key_variable: str = ""
    base_url_variable: str = ""
    timeout_variable: str = ""
    max_tokens_field: Literal["max_tokens", "max_completion_tokens"] = "max_tokens"
    system_role: Literal["system", "developer"] = "system"
    json_output: Literal["schema", "object"] = "schema"
    extra_body: ExtraBody = Field(default_factory=dict)


class Price(Value):
    """Micro-dollars per million tokens, valid from `since`; the prompt-length cliff reprices the whole call.

    The rows of one date are a whole price list and replace all earlier rows. `over_prompt_tokens` is the prompt length
    above which this row holds; 0 holds for every length.
    """

    since: date
    over_prompt_tokens: int = Field(default=0, ge=0)
    input_micro_usd: int = Field(ge=0)
    cached_input_micro_usd: int = Field(ge=0)
    cache_write_micro_usd: int = Field(ge=0)
    output_micro_usd: int = Field(ge=0)


class ModelCard(Value):
    """A model at a provider. `equivalent` names the class of models that may stand in for each other.

    `window_tokens` is what a prompt may hold. In the peak hours (UTC, first hour to the one before the last, Monday to
    Friday) every price is `peak_percent` of its row. `extra_body` comes on top of the provider's, and wins.
    """

    provider: str
    id: str
    tier: Tier
    window_tokens: int = Field(gt=0)
    max_output_tokens: int = Field(gt=0)
    equivalent: str
    reasoning_effort: str = ""
    extra_body: ExtraBody = Field(default_factory=dict)
    peak_hours_utc: tuple[tuple[int, int], ...] = ()
    peak_percent: int = Field(default=100, ge=100)
    retires_on: date | None = None
    prices: tuple[Price, ...] = Field(min_length=1)

    @cached_property
    def target(self) -> Target:
        return Target(provider=self.provider, model=self.id)


class Catalog(Value):
    """All providers, in the order in which failover prefers them, and all models."""

    version: str
    providers: tuple[ProviderCard, ...]
    models: tuple[ModelCard, ...]

    @cached_property
    def _providers(self) -> dict[str, ProviderCard]:
        return {card.id: card for card in self.providers}

    @cached_property
    def _models(self) -> dict[Target, ModelCard]:
        return {card.target: card for card in self.models}

    def provider(self, provider_id: str) -> ProviderCard:
        """Raises KeyError: the catalog has no such provider."""
        return self._providers[provider_id]

    def model(self, target: Target) -> ModelCard:
        """Raises KeyError: the catalog has no such model at that provider."""
        return self._models[target]

    def knows(self, target: Target) -> bool:
        return target in self._models

    def stand_ins(self, target: Target, at: datetime) -> tuple[ModelCard, ...]:
        """The other models of the same equivalence class that are alive at `at`, in provider order."""
        wanted = self.model(target).equivalent
        order = {card.id: place for place, card in enumerate(self.providers)}
        alive = [
            card for card in self.models if card.equivalent == wanted and card.target != target and is_alive(card, at)
        ]
        return tuple(sorted(alive, key=lambda card: order[card.provider]))


def is_alive(card: ModelCard, at: datetime) -> bool:
    """Whether the provider still serves the model at that time."""
    return card.retires_on is None or at.date() < card.retires_on


def load() -> Catalog:
    """Read the catalog that ships with the product.

    Raises:
        ValueError: the file does not fit the cards (a house test reads it, so a release never meets this).
    """
    document = tomllib.loads(files("providers").joinpath("catalog.toml").read_text("utf-8"))
    return Catalog.model_validate(document)
