"""What the played Anthropic sells: models with their rules, lifecycle and prices, typed from the vendor's page.

Prices are micro-dollars per million tokens. Pure. Source: shared design page providers.md, sections 1.2, 4, 5.1, 5.2,
read 2026-11-20.
"""

import math
import re
from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import date
from typing import Final, Literal, TypeAlias

from providers.emulator.tokens import count

_MILLION: Final = 1_000_000
WRITE_5M_PERCENT: Final = 125
WRITE_1H_PERCENT: Final = 200
BATCH_PERCENT: Final = 50
FAST_PERCENT: Final = 200
US_ONLY_PERCENT: Final = 110

# budget: thinks when told how much; default: adaptive, may be switched off; between: adaptive, may be restricted to
# between tools; always: adaptive, cannot be switched off.
Thinking: TypeAlias = Literal["budget", "default", "between", "always"]


@dataclass(frozen=True)
class Claude:
    """A model. `over_tokens`: above so many prompt tokens the whole call costs `over_percent`."""

    id: str
    name: str
    released: date
    input_micro_usd: int
    read_micro_usd: int
    output_micro_usd: int
    cache_min_tokens: int
    thinking: Thinking
    takes_forced_tools: bool = True
    over_tokens: int | None = None
    over_percent: int = 100
    window_tokens: int = 1_000_000
    max_output_tokens: int = 128_000
    retires: date | None = None
    tokens_percent: int = 130  # the newer tokenizer makes about so many tokens of a text

    @property
    def is_older(self) -> bool:
        """The older ones take sampling parameters, a thinking budget and a prefilled answer."""
        return self.thinking == "budget"

    def count(self, text: str) -> int:
        """Tokens of a text in this model's tokenizer."""
        return math.ceil(count(text) * self.tokens_percent / 100)


@dataclass(frozen=True)
class ClaudeTokens:
    """Usage in classes that do not overlap; `thinking` alone is a part of `completion`."""

    fresh: int
    completion: int
    read: int = 0
    written_5m: int = 0
    written_1h: int = 0
    thinking: int = 0

    @property
    def prompt(self) -> int:
        """Everything that was read."""
        return self.fresh + self.read + self.written_5m + self.written_1h


_OLDER: Final = Claude(
    "claude-haiku-4-5",
    "Claude Haiku 4.5",
    date(2025, 10, 1),
    1_000_000,
    100_000,
    5_000_000,
    cache_min_tokens=4_096,
    thinking="budget",
    window_tokens=200_000,
    max_output_tokens=64_000,
    tokens_percent=100,
)
MODELS: Final[dict[str, Claude]] = {
    model.id: model
    for model in (
        Claude(
            "claude-haiku-5-5",
            "Claude Haiku 5.5",
            date(2026, 9, 1),
            100_000,
            10_000,
            500_000,
            cache_min_tokens=512,
            thinking="default",
            over_tokens=100_000,
            over_percent=500,
        ),
        Claude(
            "claude-sonnet-5-5",
            "Claude Sonnet 5.5",
            date(2026, 9, 1),
            2_000_000,
            100_000,
            10_000_000,
            cache_min_tokens=512,
            thinking="between",
            takes_forced_tools=False,
        ),
        Claude(
            "claude-opus-5-5",
            "Claude Opus 5.5",
            date(2026, 9, 1),
            4_000_000,
            200_000,
            20_000_000,
            cache_min_tokens=512,
            thinking="always",
            takes_forced_tools=False,
        ),
        Claude(
            "claude-fable-5-2",
            "Claude Fable 5.2",
            date(2026, 11, 1),
            8_000_000,
            200_000,
            40_000_000,
            cache_min_tokens=512,
            thinking="always",
            takes_forced_tools=False,
        ),
        _OLDER,
        replace(
            _OLDER,
            id="claude-sonnet-4-5",
            name="Claude Sonnet 4.5",
            released=date(2025, 9, 29),
            input_micro_usd=3_000_000,
            read_micro_usd=300_000,
            output_micro_usd=15_000_000,
            cache_min_tokens=1_024,
            retires=date(2026, 11, 30),
        ),
    )
}
EMULATED_PREFIX: Final = "emulated-"  # any number of further models, so that a panel can be as large as a test needs
_SNAPSHOT = re.compile(r"-\d{8}$")


def find(model_id: str, today: date) -> Claude | None:
    """The model of that id, or of a dated snapshot of it; None: unknown, or retired by that day."""
    if model_id.startswith(EMULATED_PREFIX):
        return replace(MODELS["claude-haiku-5-5"], id=model_id)
    found = MODELS.get(model_id) or MODELS.get(_SNAPSHOT.sub("", model_id))
    if found is None or (found.retires and today >= found.retires):
        return None
    return replace(found, id=model_id)


def cost_micro_usd(tokens: ClaudeTokens, model: Claude, percents: Iterable[int] = ()) -> int:
    """The price of one exchange, rounded up once, at the end. `percents` multiply: batch, speed, region."""
    amount = 100 * (
        tokens.fresh * model.input_micro_usd
        + tokens.read * model.read_micro_usd
        + tokens.completion * model.output_micro_usd
    )
    amount += model.input_micro_usd * (tokens.written_5m * WRITE_5M_PERCENT + tokens.written_1h * WRITE_1H_PERCENT)
    divisor = _MILLION * 100
    dear = model.over_tokens is not None and tokens.prompt > model.over_tokens
    for percent in (model.over_percent if dear else 100, *percents):
        amount, divisor = amount * percent, divisor * 100
    return -(-amount // divisor)
