"""What OpenAI and its resellers sell: the emulator's own price list, typed from the vendors' pages, not our catalog.

Prices are micro-dollars per million tokens. Pure. Source: shared design page providers.md, sections 5.1, 5.2 and 5.4,
read 2026-11-20; prices that section 5.2 does not state are those of genai-prices 0.2.3.
"""

import re
from dataclasses import dataclass, replace
from datetime import date
from typing import Final

_ALL: Final = ("none", "low", "medium", "high", "xhigh")
_ALWAYS: Final = ("low", "medium", "high", "xhigh")
_NEVER: Final = ("none",)
_GPT_5: Final = ("minimal", "low", "medium", "high")
_O_SERIES: Final = ("low", "medium", "high")
_NO_MINIMAL: Final = ("none", "low", "medium", "high")
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
    `tools_while_reasoning`: function tools are, too, while it reasons; GPT from 5.4 on refuses them (section 0).
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
    tools_while_reasoning: bool = False

    @property
    def reasons(self) -> bool:
        """Whether it can reason at all; the older ones cannot, and take the older parameters."""
        return self.efforts != _NEVER


def _older(
    name: str,
    input_usd: int,
    cached_usd: int,
    output_usd: int,
    retires_on: date,
    *,
    efforts: tuple[str, ...] = _NEVER,
    window: int = 272_000,
    most: int = 128_000,
) -> Model:
    """On its way out: nothing is charged for cache writes, nor for length. Window and limit: general knowledge."""
    return Model(
        name,
        input_usd,
        cached_usd,
        output_usd,
        efforts,
        cache_write_percent=100,
        cliff=None,
        window_tokens=window,
        max_output_tokens=most,
        retires_on=retires_on,
        tools_while_reasoning=True,
    )


_DECEMBER: Final = date(2026, 12, 11)
_JANUARY: Final = date(2027, 1, 14)
_APRIL: Final = date(2027, 4, 1)
MODELS: Final[dict[str, Model]] = {
    model.id: model
    for model in (
        Model("gpt-6-luna", 100_000, 10_000, 500_000),
        Model("gpt-5.6-luna", 200_000, 20_000, 1_200_000),
        Model("gpt-6.1-terra", 1_000_000, 50_000, 5_000_000),
        Model("gpt-6.1-sol", 2_000_000, 100_000, 10_000_000, _ALWAYS),
        Model("gpt-6-sol", 2_000_000, 200_000, 10_000_000),
        Model("gpt-6-astra", 10_000_000, 1_000_000, 50_000_000, _ALWAYS),
        _older("gpt-4o", 2_500_000, 1_250_000, 10_000_000, _JANUARY, window=128_000, most=16_384),
        _older("gpt-4o-mini", 150_000, 75_000, 600_000, _JANUARY, window=128_000, most=16_384),
        _older("gpt-4.1", 2_000_000, 500_000, 8_000_000, _JANUARY, window=1_000_000, most=32_768),
        _older("gpt-4.1-mini", 400_000, 100_000, 1_600_000, _JANUARY, window=1_000_000, most=32_768),
        _older("gpt-5", 1_250_000, 125_000, 10_000_000, _DECEMBER, efforts=_GPT_5),
        _older("gpt-5-mini", 250_000, 25_000, 2_000_000, _DECEMBER, efforts=_GPT_5),
        _older("gpt-5-nano", 50_000, 5_000, 400_000, _DECEMBER, efforts=_GPT_5),
        _older("o3", 2_000_000, 500_000, 8_000_000, _DECEMBER, efforts=_O_SERIES, window=200_000, most=100_000),
        _older("gpt-5.1", 1_250_000, 125_000, 10_000_000, _APRIL, efforts=_NO_MINIMAL),
        replace(_older("gpt-5.4-nano", 200_000, 20_000, 1_250_000, _APRIL, efforts=_ALL), tools_while_reasoning=False),
    )
}
EMULATED_PREFIX: Final = "emulated-"  # any number of further models, so that a panel can be as large as a test needs
_WINDOW = re.compile(r"^emulated-window-([1-9][0-9]{0,3})k")  # of these, those with so many thousand tokens
PLAIN_PREFIX: Final = "emulated-plain-"  # of these, those that refuse the system role, as some resold open models do


def _claude(name: str, input_usd: int, output_usd: int, cliff: Cliff | None = None) -> Model:
    return Model(
        f"anthropic/{name}",
        input_usd,
        input_usd,
        output_usd,
        cliff=cliff,
        window_tokens=1_000_000,
        tools_while_reasoning=True,
    )


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
        tools_while_reasoning=True,
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


_CURRENT: Final = tuple(model for model in MODELS.values() if model.retires_on is None)
RESOLD: Final[dict[str, Model]] = {
    model.id: _resold(model)
    for model in (
        *(replace(model, id=f"openai/{model.id.replace('.', '-')}") for model in _CURRENT),
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


def _third_party(name: str, input_usd: int, cached_usd: int, output_usd: int) -> Model:
    made = _deepseek(f"deepseek/{name}", input_usd, cached_usd, output_usd, sees=False)
    return replace(made, peak_percent=100, window_tokens=128_000, max_output_tokens=32_768)


_ROUTED: Final = (
    *(replace(model, id=f"openai/{model.id}") for model in _CURRENT),
    replace(_claude("claude-haiku-5.5", 100_000, 500_000, Cliff(100_000, 500, 500)), cached_input_micro_usd=10_000),
    replace(_claude("claude-sonnet-5.5", 2_000_000, 10_000_000), cached_input_micro_usd=100_000),
    replace(_claude("claude-opus-5.5", 4_000_000, 20_000_000), cached_input_micro_usd=200_000),
    replace(_claude("claude-fable-5.2", 8_000_000, 40_000_000), cached_input_micro_usd=200_000),
    replace(
        _gemini("gemini-3.1-flash-lite", 250_000, 1_500_000),
        cached_input_micro_usd=25_000,
        retires_on=date(2027, 5, 7),
    ),
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
    # From third-party hosts alone (section 5.2); nothing is said of what they can do, so it is little.
    _third_party("deepseek-r1-0528", 500_000, 350_000, 2_150_000),
    _third_party("deepseek-chat-v3.1", 270_000, 270_000, 1_000_000),
)
ROUTED: Final[dict[str, Model]] = {model.id: model for model in _ROUTED}


def find(model_id: str) -> Model | None:
    """OpenAI's model of that id, or of a dated snapshot of it; None: not sold here."""
    if model_id.startswith(EMULATED_PREFIX):
        luna, narrow = MODELS["gpt-6-luna"], _WINDOW.match(model_id)
        return replace(luna, id=model_id, window_tokens=int(narrow[1]) * 1_000 if narrow else luna.window_tokens)
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
