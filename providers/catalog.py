"""Which providers and models exist, what they can do and what they cost: dated data from `catalog.toml`. Pure.

The file is read once, by `load()`, together with what a house adds to it; all else are look-ups on frozen values.
"""

from collections.abc import Sequence
from datetime import UTC, date, datetime
from functools import cached_property
from importlib.resources import files
from typing import Annotated, Literal, Self, TypeAlias

from pydantic import Field, StringConstraints, ValidationError, model_validator

from providers.calls import Effort, JsonObject, Target, Value
from providers.catalog_merge import CatalogError, in_order, merged, read, told, with_bases
from providers.model_names import Alias, Resolved, UnknownTarget, family, undated

Tier: TypeAlias = Literal["economy", "balanced", "premium", "top", "builtin"]
Region: TypeAlias = Annotated[str, StringConstraints(pattern=r"^[a-z0-9][a-z0-9-]{0,39}$")]
DialectName: TypeAlias = Literal["openai_chat", "anthropic_messages", "gemini_generate", "extractive"]
Ability: TypeAlias = Literal["images", "tools", "forced_tools", "sampling", "system", "long_context"]


class ProviderCard(Value):
    """A provider and the quirks of its wire. Variables are names in the environment; settings reads them.

    `key_header` carries the key, after the word Bearer where it is `authorization`. `path` replaces the dialect's own
    where it is set; `{model}` in it stands for the model. `query` is added to every address, `headers` to every
    request, `extra_body` to every body. `user_field` is where the hash of the tenant goes, "" nowhere; `cache_key`: the
    wire takes a key that keeps calls with one prefix together. `models_path` lists the models, free of charge.
    `regions` are all in which it may handle what it is sent; none: it is not known. `retains`: it keeps that beyond the
    call; `trains`: it may train on it. `resells`: its models are others'.
    """

    id: str = Field(pattern=r"^[a-z0-9][a-z0-9_-]{0,39}$")  # part of a queue's name, and of every target
    name: str
    dialect: DialectName
    base_url: str = ""
    key_variable: str = ""
    base_url_variable: str = ""
    timeout_variable: str = ""
    key_header: Literal["authorization", "api-key", "x-api-key", "x-goog-api-key"] = "authorization"
    headers: dict[str, str] = Field(default_factory=dict)
    path: str = ""
    query: dict[str, str] = Field(default_factory=dict)
    models_path: str = "/models"
    max_tokens_field: Literal["max_tokens", "max_completion_tokens"] = "max_tokens"
    system_role: Literal["system", "developer"] = "system"
    json_output: Literal["schema", "object", "none"] = "schema"
    user_field: Literal["", "user", "user_id", "safety_identifier", "metadata.user_id"] = ""
    cache_key: bool = False
    extra_body: JsonObject = Field(default_factory=dict)
    regions: tuple[Region, ...] = ()
    retains: bool = True
    trains: bool = True
    resells: bool = False
    requests_per_minute: int | None = Field(default=None, gt=0)
    tokens_per_minute: int | None = Field(default=None, gt=0)
    concurrency: int | None = Field(default=None, gt=0)


class Price(Value):
    """Micro-dollars per million tokens, valid from `since`; the prompt-length cliff reprices the whole call.

    The rows of one date are a whole price list and replace all earlier rows. `over_prompt_tokens` is the prompt length
    above which this row holds; 0 holds for every length. `flex_cached_input_micro_usd` is what cached input costs at
    the flex tier where that is not the tier's share of this row's.
    """

    since: date
    over_prompt_tokens: int = Field(default=0, ge=0)
    input_micro_usd: int = Field(ge=0)
    cached_input_micro_usd: int = Field(ge=0)
    flex_cached_input_micro_usd: int | None = Field(default=None, ge=0)
    cache_write_micro_usd: int = Field(ge=0)
    output_micro_usd: int = Field(ge=0)


class ModelCard(Value):
    """A model at a provider. `equivalent` names the class of models that may stand in for each other.

    `base` is the model that it is a variant of: a fine-tuned model's, a deployment's, a resold model's own.
    `window_tokens` is what a prompt may hold. In the peak hours (UTC, first hour to the one before the last, Monday to
    Friday) every price is `peak_percent` of its row; at the flex tier it is `flex_percent`, 100 where there is none.
    `reasoning_effort` is sent unless a call wishes for one of the `efforts`; without any, none is ever sent.
    `cache_min_tokens` is the shortest prefix that the prompt cache takes where it wants markers; 0: send none.
    `tokens_percent` is how many tokens it makes of a text for which others make a hundred. It takes `long_context` if
    it is meant for prompts of unusual length, beyond having the window for them.
    `extra_body` comes on top of the provider's, and wins; `json_output`, where it is set, replaces the provider's.
    A model with `replaced_by`, another target, is on its way out: from `retires_on` that one is asked in its place, and
    before, it is asked only where it is named.
    """

    provider: str
    id: str = Field(min_length=1)
    base: str = ""
    tier: Tier
    window_tokens: int = Field(gt=0)
    max_output_tokens: int = Field(gt=0)
    equivalent: str
    takes: frozenset[Ability] = frozenset(("system",))
    efforts: tuple[Effort, ...] = ()
    reasoning_effort: Effort | Literal[""] = ""
    cache_min_tokens: int = Field(default=0, ge=0)
    tokens_percent: int = Field(default=100, gt=0)
    json_output: Literal["", "schema", "object"] = ""
    extra_body: JsonObject = Field(default_factory=dict)
    peak_hours_utc: tuple[tuple[int, int], ...] = ()
    peak_percent: int = Field(default=100, ge=100)
    flex_percent: int = Field(default=100, gt=0, le=100)
    available_from: date | None = None
    retires_on: date | None = None
    replaced_by: str = ""
    prices: tuple[Price, ...] = Field(min_length=1)

    @cached_property
    def target(self) -> Target:
        return Target(provider=self.provider, model=self.id)

    @cached_property
    def family(self) -> str:
        """The model behind the provider: `openai/gpt-6-luna`, resold or deployed, is gpt-6-luna."""
        return family(self.base or self.id)

    @model_validator(mode="after")
    def _is_priced_for_every_length(self) -> Self:
        for since in {row.since for row in self.prices}:
            cliffs = [row.over_prompt_tokens for row in self.prices if row.since == since]
            if 0 not in cliffs or len(cliffs) != len(set(cliffs)):
                raise ValueError(
                    f"the prices of {since} need one row for every length, over_prompt_tokens 0 among them"
                )
        return self


class Catalog(Value):
    """All providers, in the order in which failover prefers them, and all models, the best of a tier first.

    `failover_order` is the order that the house has set itself; empty: it leaves it to the catalog. `reference` is the
    target against whose list price savings are told; "": none are.
    """

    version: str
    failover_order: tuple[str, ...] = ()
    reference: str = ""
    providers: tuple[ProviderCard, ...]
    models: tuple[ModelCard, ...]
    aliases: tuple[Alias, ...] = ()

    @cached_property
    def _providers(self) -> dict[str, ProviderCard]:
        return {card.id: card for card in self.providers}

    @cached_property
    def _models(self) -> dict[Target, ModelCard]:
        return {card.target: card for card in self.models}

    @cached_property
    def _families(self) -> dict[tuple[str, str], ModelCard]:
        """By provider and family. A model's own id goes before what others are based on."""
        of_ids = {(card.provider, family(card.id)): card for card in reversed(self.models)}
        return {(card.provider, card.family): card for card in reversed(self.models)} | of_ids

    @cached_property
    def _aliases(self) -> dict[str, Alias]:
        return {_dashed(alias.name): alias for alias in self.aliases}

    @model_validator(mode="after")
    def _hangs_together(self) -> Self:
        for card in self.models:
            if card.provider not in self._providers:
                raise ValueError(f"models: {card.target}: there is no provider {card.provider!r}")
            self._check_replacement(card)
        named = [("reference", self.reference)] if self.reference else []
        named += [(f"aliases: {alias.name}: target", alias.target) for alias in self.aliases]
        for where, target in named:
            if target not in map(str, self._models):
                raise ValueError(f"{where}: there is no model {target!r}")
        return self

    def _check_replacement(self, card: ModelCard) -> None:
        passed = [card]
        while passed[-1].replaced_by:
            following = next((one for one in self.models if str(one.target) == passed[-1].replaced_by), None)
            if following is None:
                raise ValueError(f"models: {card.target}: replaced_by: there is no model {passed[-1].replaced_by!r}")
            if following in passed:
                raise ValueError(f"models: {card.target}: replaced_by: leads back to {following.target}")
            passed.append(following)

    def provider(self, provider_id: str) -> ProviderCard:
        """Raises KeyError: the catalog has no such provider."""
        return self._providers[provider_id]

    def model(self, target: Target) -> ModelCard:
        """Raises KeyError: the catalog has no such model at that provider."""
        return self._models[target]

    def knows(self, target: Target) -> bool:
        return target in self._models

    def stand_ins(self, target: Target, at: datetime) -> tuple[ModelCard, ...]:
        """The others of the same equivalence class that are alive at `at` and here to stay, in provider order."""
        wanted = self.model(target).equivalent
        order = {card.id: place for place, card in enumerate(self.providers)}
        alike = (card for card in self.models if card.equivalent == wanted and card.target != target)
        alive = (card for card in alike if is_alive(card, at) and not card.replaced_by)
        return tuple(sorted(alive, key=lambda card: order[card.provider]))

    def resolve(self, text: str, at: datetime) -> Resolved:
        """The model that a name means at that time. Of a retired model its replacement is meant.

        A name is a target (`openai/gpt-6-luna`), a model's id alone (asked at the first provider that sells it so), an
        alias with or without a provider before it, or one of these with a snapshot's date. Dots may be dashes.

        Raises:
            UnknownTarget: the name is none of these.
        """
        for name in (text, undated(text)):
            found = self._named(name)
            if found is not None:
                return self._alive(found, at)
        raise UnknownTarget(f"the catalog has no model {text!r}")

    def served(self, provider: str, model_served: str) -> ModelCard | None:
        """The card by which a model is priced that a provider names in an answer; None: it is not in the catalog."""
        name = model_served.removeprefix("models/")
        return self._at(provider, name) or self._at(provider, undated(name))

    def _at(self, provider: str, name: str) -> ModelCard | None:
        card = self._models.get(Target(provider=provider, model=name))
        return card or self._families.get((provider, family(name)))

    def _named(self, text: str) -> Resolved | None:
        provider, slash, name = text.partition("/")
        if slash and provider in self._providers:
            card = self._at(provider, name)
            return Resolved(target=card.target) if card else self._aliased(text, provider) or self._alone(text)
        return self._alone(text) or self._aliased(text)

    def _alone(self, text: str) -> Resolved | None:
        """A model's id without a provider; a reseller's, with a vendor's name in it, where nobody sells it plainly."""
        sold = [card for card in self.models if _dashed(card.id) == _dashed(text)] or [
            card for card in self.models if "/" not in text and family(card.id) == family(text)
        ]
        order = list(self._providers)
        first = min(sold, key=lambda card: order.index(card.provider), default=None)
        return None if first is None else Resolved(target=first.target)

    def _aliased(self, text: str, provider: str = "") -> Resolved | None:
        """What an alias stands for, at the provider that was named if it sells it."""
        alias = self._aliases.get(_dashed(text)) or (self._aliases.get(family(text)) if provider else None)
        if alias is None:
            return None
        card = self.model(Target.parse(alias.target))
        card = self._families.get((provider, card.family), card)
        warning = f"{text}: {alias.note}. {card.target} is asked in its place." if alias.note else None
        return Resolved(target=card.target, warning=warning)

    def _alive(self, found: Resolved, at: datetime) -> Resolved:
        """Follow the replacements of what has been retired."""
        card, warnings = self.model(found.target), [found.warning] if found.warning else []
        while card.replaced_by and not is_alive(card, at):
            warnings.append(
                f"{card.target} was retired on {card.retires_on}. {card.replaced_by} is asked in its place."
            )
            card = self.model(Target.parse(card.replaced_by))
        return Resolved(target=card.target, warning=" ".join(warnings) or None)


def is_alive(card: ModelCard, at: datetime) -> bool:
    """Whether the provider serves the model at that time."""
    today = at.astimezone(UTC).date()
    return (card.available_from or today) <= today and (card.retires_on is None or today < card.retires_on)


def load(extra: str | None = None, failover_order: Sequence[str] = ()) -> Catalog:
    """Read the catalog that ships with the product, and a house's own TOML on top of it.

    Args:
        extra: providers, models, aliases and `failover_order`; `providers/catalog_merge.py` says how they join.
        failover_order: provider ids, the first to be asked first; wins over the one of the file.

    Raises:
        CatalogError: what was added does not fit; the message names the entry and the field.
    """
    document = read(files("providers").joinpath("catalog.toml").read_text("utf-8"))
    if extra is not None:
        document = merged(document, read(extra))
    document = with_bases(in_order(document, failover_order))
    try:
        return Catalog.model_validate(document)
    except ValidationError as error:
        raise CatalogError(told(error, document)) from None


def _dashed(name: str) -> str:
    return name.replace(".", "-")
