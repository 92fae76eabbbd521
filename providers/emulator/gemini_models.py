"""What the played Google sells: models with their rules, lifecycle and prices, typed from the vendor's page.

Prices are micro-dollars per million tokens. Pure. Source: shared design page providers.md, sections 1.3, 4, 5.1, 5.2,
read 2026-11-20.
"""

import math
from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import date
from typing import Final

_MILLION: Final = 1_000_000
_HOUR_S: Final = 3_600
HALF_PERCENT: Final = 50  # batch and flex alike

_ALL: Final = ("MINIMAL", "LOW", "MEDIUM", "HIGH")
_NOT_MINIMAL: Final = ("LOW", "MEDIUM", "HIGH")
_JANUARY: Final = date(2027, 1, 1)
_DECEMBER: Final = date(2026, 12, 1)


@dataclass(frozen=True)
class Gemini:
    """A model. `levels`: what it takes as thinkingLevel; the 2.5 line takes none, but a budget.

    `doubles`: from that day everything costs twice. `over_tokens`: above so many prompt tokens input and cached input
    cost twice, output half more. `remapped`: from that day another model answers under its own name and price.
    `cached_half_micro_usd`: what cached input costs in batch and flex where it is not half of what it always costs.
    `storage_micro_usd`: what it costs to keep a million tokens for an hour; the page names it for one model alone.
    """

    id: str
    input_micro_usd: int
    cached_micro_usd: int
    output_micro_usd: int
    levels: tuple[str, ...] = _NOT_MINIMAL
    default_level: str = "MEDIUM"
    cache_min_tokens: int = 4_096
    doubles: date | None = None
    over_tokens: int | None = None
    retires: date | None = None
    remapped: date | None = None
    remapped_to: str = ""
    cached_half_micro_usd: int | None = None
    storage_micro_usd: int = 0
    continues: bool = False
    window_tokens: int = 1_048_576
    max_output_tokens: int = 65_536

    @property
    def takes_budget(self) -> bool:
        """The 2.5 line."""
        return not self.levels


@dataclass(frozen=True)
class GeminiTokens:
    """Usage as the vendor counts it: `prompt` contains `cached`, `candidates` leaves `thoughts` out."""

    prompt: int
    candidates: int = 0
    thoughts: int = 0
    cached: int = 0

    @property
    def completion(self) -> int:
        """Everything that was written."""
        return self.candidates + self.thoughts


MODELS: Final[dict[str, Gemini]] = {
    model.id: model
    for model in (
        Gemini("gemini-2.5-flash-lite", 100_000, 10_000, 400_000, (), "NONE", 2_048, cached_half_micro_usd=10_000),
        Gemini(
            "gemini-2.5-flash",
            300_000,
            30_000,
            2_500_000,
            (),
            cache_min_tokens=2_048,
            remapped=_DECEMBER,
            remapped_to="gemini-3.5-flash-lite",
            cached_half_micro_usd=30_000,
        ),
        Gemini(
            "gemini-2.5-pro",
            1_250_000,
            125_000,
            10_000_000,
            (),
            cache_min_tokens=2_048,
            over_tokens=200_000,
            remapped=_DECEMBER,
            remapped_to="gemini-3.8-flash",
            cached_half_micro_usd=125_000,
        ),
        Gemini("gemini-3.1-flash-lite", 250_000, 25_000, 1_500_000, _ALL, "MINIMAL", retires=date(2027, 5, 7)),
        Gemini(
            "gemini-3.1-pro-preview",
            2_000_000,
            200_000,
            12_000_000,
            over_tokens=200_000,
            cached_half_micro_usd=200_000,
        ),
        Gemini("gemini-3.5-flash-lite", 300_000, 30_000, 2_500_000, _ALL, "MINIMAL", cached_half_micro_usd=20_000),
        Gemini("gemini-3.7-flash", 750_000, 75_000, 3_750_000, doubles=_JANUARY),
        Gemini("gemini-3.8-flash", 750_000, 75_000, 3_750_000, doubles=_JANUARY, storage_micro_usd=500_000),
        Gemini("gemini-4-argon", 2_000_000, 100_000, 10_000_000, doubles=_DECEMBER, continues=True),
    )
}
EMULATED_PREFIX: Final = "emulated-"  # any number of further models, so that a panel can be as large as a test needs


def find(model_id: str, today: date) -> Gemini | None:
    """The model of that id, with or without `models/`; None: unknown, or gone by that day."""
    name = model_id.removeprefix("models/")
    if name.startswith(EMULATED_PREFIX):
        return replace(MODELS["gemini-3.5-flash-lite"], id=name)
    found = MODELS.get(name)
    return None if found is None or (found.retires and today >= found.retires) else found


def served(model: Gemini, today: date) -> Gemini:
    """The model that answers for this one."""
    return MODELS[model.remapped_to] if model.remapped and today >= model.remapped else model


def cost_micro_usd(tokens: GeminiTokens, model: Gemini, today: date, *, half: bool = False) -> int:
    """The price of one exchange, rounded up once, at the end."""
    dear = model.over_tokens is not None and tokens.prompt > model.over_tokens
    percent = HALF_PERCENT if half else 100
    cached, cached_percent = model.cached_micro_usd, percent
    if half and model.cached_half_micro_usd is not None:
        cached, cached_percent = model.cached_half_micro_usd, 100
    parts: Iterable[tuple[int, int, int]] = (
        ((tokens.prompt - tokens.cached) * model.input_micro_usd, percent, 200),
        (tokens.cached * cached, cached_percent, 200),
        (tokens.completion * model.output_micro_usd, percent, 150),
    )
    amount = sum(part * lane * (over if dear else 100) for part, lane, over in parts)
    if model.doubles and today >= model.doubles:
        amount *= 2
    return -(-amount // (_MILLION * 100 * 100))


def storage_micro_usd(tokens: int, model: Gemini, seconds: float) -> int:
    """The price of keeping so many tokens for so long, rounded up."""
    return -(-tokens * model.storage_micro_usd * math.ceil(seconds) // (_MILLION * _HOUR_S))
