"""What OpenAI and its resellers sell: the emulator's own price list, typed from the vendors' pages, not our catalog.

Prices are micro-dollars per million tokens. Pure. Source: shared design page providers.md, sections 5.1 and 5.4, read
2026-11-20.
"""

import re
from dataclasses import dataclass, replace
from datetime import date
from typing import Final

_ALL: Final = ("none", "low", "medium", "high", "xhigh")
_ALWAYS: Final = ("low", "medium", "high", "xhigh")
_NEVER: Final = ("none",)
_SNAPSHOT = re.compile(r"-\d{4}-\d{2}-\d{2}$")
_RESOLD_PERCENT: Final = 105  # AIMLAPI's mark-up


@dataclass(frozen=True)
class Cliff:
    """Above so many prompt tokens the whole call is repriced."""

    over_tokens: int
    input_percent: int
    output_percent: int


_GPT_CLIFF: Final = Cliff(272_000, 200, 150)


@dataclass(frozen=True)
class Model:
    """A model and its price. `efforts` are the reasoning efforts that it takes; `doubles_on` is announced.

    `retires_on`: from that day the vendor does not know it any more. `peak_percent`: its price in its vendor's peak
    hours. `has_schema`, `sees` and `takes_system`: JSON schemas, images and the system role are understood.
    """

    id: str
    input_micro_usd: int
    cached_input_micro_usd: int
    output_micro_usd: int
    efforts: tuple[str, ...] = _ALL
    cache_write_percent: int = 125
    cliff: Cliff | None = _GPT_CLIFF
    doubles_on: date | None = None
    window_tokens: int = 922_000
    max_output_tokens: int = 128_000
    retires_on: date | None = None
    peak_percent: int = 100
    has_schema: bool = True
    sees: bool = True
    takes_system: bool = True

    @property
    def reasons(self) -> bool:
        """Whether it can reason at all; the older ones cannot, and take the older parameters."""
        return self.efforts != _NEVER


MODELS: Final[dict[str, Model]] = {
    model.id: model
    for model in (
        Model("gpt-6-luna", 100_000, 10_000, 500_000),
        Model("gpt-5.6-luna", 200_000, 20_000, 1_200_000),
        Model("gpt-6.1-terra", 1_000_000, 50_000, 5_000_000),
        Model("gpt-6.1-sol", 2_000_000, 100_000, 10_000_000, _ALWAYS),
        Model("gpt-6-sol", 2_000_000, 200_000, 10_000_000),
        Model("gpt-6-astra", 10_000_000, 1_000_000, 50_000_000, _ALWAYS),
        Model(
            "gpt-4o",
            2_500_000,
            1_250_000,
            10_000_000,
            _NEVER,
            cache_write_percent=100,
            cliff=None,
            window_tokens=128_000,
            max_output_tokens=16_384,
            retires_on=date(2027, 1, 14),
        ),
    )
}
EMULATED_PREFIX: Final = "emulated-"  # any number of further models, so that a panel can be as large as a test needs
PLAIN_PREFIX: Final = "emulated-plain-"  # of these, those that refuse the system role, as some resold open models do


def _claude(name: str, input_usd: int, output_usd: int, cliff: Cliff | None = None) -> Model:
    return Model(f"anthropic/{name}", input_usd, input_usd, output_usd, cliff=cliff, window_tokens=1_000_000)


def _gemini(name: str, input_usd: int, output_usd: int, doubles_on: date | None = None) -> Model:
    return Model(
        f"google/{name}",
        input_usd,
        input_usd,
        output_usd,
        cache_write_percent=100,
        cliff=None,
        doubles_on=doubles_on,
        window_tokens=1_048_576,
        max_output_tokens=65_536,
    )


def _deepseek(name: str, input_usd: int, cached_usd: int, output_usd: int, *, sees: bool = True) -> Model:
    return Model(
        name,
        input_usd,
        cached_usd,
        output_usd,
        ("none", "low", "high", "max"),
        cache_write_percent=100,
        cliff=None,
        window_tokens=1_000_000,
        max_output_tokens=393_000,
        peak_percent=200,
        has_schema=False,
        sees=sees,
    )


def _resold(model: Model) -> Model:
    """At the reseller's price; it has not been seen to give a discount on cached input."""
    price = model.input_micro_usd * _RESOLD_PERCENT // 100
    output = model.output_micro_usd * _RESOLD_PERCENT // 100
    return replace(model, input_micro_usd=price, cached_input_micro_usd=price, output_micro_usd=output)


RESOLD: Final[dict[str, Model]] = {
    model.id: _resold(model)
    for model in (
        *(replace(model, id=f"openai/{model.id.replace('.', '-')}") for model in MODELS.values() if model.reasons),
        _claude("claude-haiku-5-5", 100_000, 500_000, Cliff(100_000, 500, 500)),
        _claude("claude-sonnet-5-5", 2_000_000, 10_000_000),
        _claude("claude-opus-5-5", 4_000_000, 20_000_000),
        _gemini("gemini-3-5-flash-lite", 300_000, 2_500_000),
        _gemini("gemini-3-8-flash", 750_000, 3_750_000, date(2027, 1, 1)),
        _gemini("gemini-4-argon", 2_000_000, 10_000_000, date(2026, 12, 1)),
    )
}


DEEPSEEK: Final[dict[str, Model]] = {
    model.id: model
    for model in (
        _deepseek("deepseek-flash", 150_000, 3_000, 600_000),
        _deepseek("deepseek-v4-pro", 660_000, 22_000, 1_980_000, sees=False),
    )
}
_ROUTED: Final = (
    *(replace(model, id=f"openai/{model.id}") for model in MODELS.values() if model.reasons),
    replace(_claude("claude-haiku-5.5", 100_000, 500_000, Cliff(100_000, 500, 500)), cached_input_micro_usd=10_000),
    replace(_claude("claude-sonnet-5.5", 2_000_000, 10_000_000), cached_input_micro_usd=100_000),
    replace(_claude("claude-opus-5.5", 4_000_000, 20_000_000), cached_input_micro_usd=200_000),
    replace(_gemini("gemini-3.5-flash-lite", 300_000, 2_500_000), cached_input_micro_usd=30_000),
    replace(_gemini("gemini-3.8-flash", 750_000, 3_750_000, date(2027, 1, 1)), cached_input_micro_usd=75_000),
    replace(_gemini("gemini-4-argon", 2_000_000, 10_000_000, date(2026, 12, 1)), cached_input_micro_usd=100_000),
    replace(DEEPSEEK["deepseek-flash"], id="deepseek/deepseek-flash"),
    # Section 5.1 has "as direct" for all; genai-prices 0.2.3, from which it comes, has another price for this one.
    replace(
        DEEPSEEK["deepseek-v4-pro"],
        id="deepseek/deepseek-v4-pro",
        input_micro_usd=1_416_000,
        cached_input_micro_usd=118_000,
        output_micro_usd=2_832_000,
        peak_percent=100,
    ),
)
ROUTED: Final[dict[str, Model]] = {model.id: model for model in _ROUTED}


def find(model_id: str) -> Model | None:
    """OpenAI's model of that id, or of a dated snapshot of it; None: not sold here."""
    if model_id.startswith(EMULATED_PREFIX):
        return replace(MODELS["gpt-6-luna"], id=model_id)
    return MODELS.get(model_id) or MODELS.get(_SNAPSHOT.sub("", model_id))


def find_resold(model_id: str) -> Model | None:
    """AIMLAPI's model of that id, spelt with dashes or with the vendor's dots."""
    if model_id.startswith(EMULATED_PREFIX):
        plain = model_id.startswith(PLAIN_PREFIX)
        return replace(RESOLD["openai/gpt-6-luna"], id=model_id, takes_system=not plain)
    found = RESOLD.get(model_id.replace(".", "-"))
    return found and replace(found, id=model_id)


def find_routed(model_id: str) -> Model | None:
    """OpenRouter's model of that id; its tokens cost what they cost at the vendor."""
    if model_id.startswith(EMULATED_PREFIX):
        return replace(ROUTED["openai/gpt-6-luna"], id=model_id)
    return ROUTED.get(model_id)


def find_deepseek(model_id: str) -> Model | None:
    """DeepSeek's model of that id."""
    if model_id.startswith(EMULATED_PREFIX):
        return replace(DEEPSEEK["deepseek-flash"], id=model_id)
    return DEEPSEEK.get(model_id)
