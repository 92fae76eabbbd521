"""What a call costs and what it can cost at most, in whole micro-dollars, rounded up. Pure, and free of floats.

Prices change by date, by length of the prompt and by the hour (see `catalog.toml`), so that the time is an argument.
The bound is what a budget holds before a call: no answer within the limits that we send can cost more.
"""

import json
import re
from datetime import UTC, date, datetime, timedelta
from typing import Final, NamedTuple

from providers.calls import Call, JsonObject, Message, Usage
from providers.catalog import ModelCard, Price

TOKENS_PER_PRICE: Final = 1_000_000
_PERCENT: Final = 100

# Around the text that we send a provider puts words of its own: role marks, and its wording of the schema.
MESSAGE_OVERHEAD_TOKENS: Final = 16
CALL_OVERHEAD_TOKENS: Final = 1_024
TOOLS_OVERHEAD_TOKENS: Final = 1_024  # the instructions that go with tools, however many there are
TOOL_OVERHEAD_TOKENS: Final = 64

# More than any model of the catalog that sees makes of one image, however large it is sent: Claude up to 4,784, GPT up
# to 10,000 pieces of 32 pixels, Gemini 258 for each of 768 pixels square. General knowledge: no page states a limit.
IMAGE_BOUND_TOKENS: Final = 16_384

# Runs of one kind of character each; the first kind that fits takes the run.
_RUNS: Final = re.compile(
    r"(?P<word>[A-Za-z]+)|(?P<digits>[0-9]+)|(?P<kana_han>[\u3040-\u30ff\u3400-\u9fff\uf900-\ufaff\U00020000-\U0003ffff])"
    r"|(?P<hangul>[\u1100-\u11ff\uac00-\ud7af])|(?P<indic>[\u0900-\u0dff]+)"
    r"|(?P<letters>(?:(?![A-Za-z0-9\u0900-\u0dff\u1100-\u11ff\u3040-\u30ff\u3400-\u9fff\uac00-\ud7af\uf900-\ufaff\U00020000-\U0003ffff])\w)+)"
    r"|(?P<lines>[\r\n]+)|(?P<sign>\S)"
)


class _Rate(NamedTuple):
    """Hundredths of a token for a run: `numerator / denominator` a character, in steps, and at least so many."""

    numerator: int
    denominator: int = 1
    step: int = 1
    at_least: int = 0


# A class estimator, measured at -1 to +25 % against a real vocabulary (shared design page providers.md, section 6).
_RATES: Final[dict[str, _Rate]] = {
    "word": _Rate(100, 6, at_least=100),
    "digits": _Rate(100, 3, step=100),
    "kana_han": _Rate(85),
    "hangul": _Rate(75),
    "indic": _Rate(100, 3, at_least=100),
    "letters": _Rate(1_000, 32, at_least=100),
    "lines": _Rate(0, at_least=100),
    "sign": _Rate(90),
}


def cost(usage: Usage, model: ModelCard, at: datetime, service_tier: str = "standard") -> int:
    """Micro-dollars for the tokens of one exchange at that time. Reasoning is billed as output.

    `service_tier` is the tier that served, in the provider's word: `flex` is cheaper where the model's card says so;
    all others cost the list price.
    """
    fresh = usage.input_tokens + usage.image_tokens
    prompt = fresh + usage.cached_input_tokens + usage.cache_write_tokens
    price = _price(model, at, prompt)
    amount = (
        fresh * price.input_micro_usd
        + usage.cache_write_tokens * price.cache_write_micro_usd
        + (usage.output_tokens + usage.reasoning_tokens) * price.output_micro_usd
    )
    is_flex = service_tier == "flex"
    tier = model.flex_percent if is_flex else _PERCENT
    cached, cached_tier = price.cached_input_micro_usd, tier
    if is_flex and price.flex_cached_input_micro_usd is not None:
        cached, cached_tier = price.flex_cached_input_micro_usd, _PERCENT
    return _whole((amount * tier + usage.cached_input_tokens * cached * cached_tier) * _percent(model, at))


def bound(call: Call, model: ModelCard, at: datetime) -> int:
    """Micro-dollars that the call can cost at most, if it starts at that time and ends within its own deadline.

    Takes the dearest class and row that could apply: a cached prefix may be written, a cliff crossed, midnight passed,
    a wish for the flex tier not granted.
    """
    prompt = input_bound_tokens(call)
    today, last = _day(at), _day(at + timedelta(seconds=call.timeout_s))
    coming = [row for row in model.prices if today < row.since <= last]
    rows = [row for row in (*_in_force(model, today), *coming) if row.over_prompt_tokens < prompt]
    dearest_input = max(max(row.input_micro_usd, row.cached_input_micro_usd, row.cache_write_micro_usd) for row in rows)
    dearest_output = max(row.output_micro_usd for row in rows)
    percent = max(_PERCENT, model.peak_percent)
    return _whole((prompt * dearest_input + call.max_output_tokens * dearest_output) * percent * _PERCENT)


def input_bound_tokens(call: Call) -> int:
    """More tokens than any vendor can read in the call: no tokenizer makes more tokens of a text than it has bytes."""
    shown = sum(_message_bound_tokens(message) for message in call.messages)
    schema = 0 if call.json_schema is None else _json_bytes(call.json_schema)
    tools = sum(_json_bytes(tool.model_dump()) + TOOL_OVERHEAD_TOKENS for tool in call.tools)
    overhead = CALL_OVERHEAD_TOKENS + (TOOLS_OVERHEAD_TOKENS if call.tools else 0)
    return shown + schema + tools + len(call.schema_name.encode()) + overhead


def estimate_tokens(text: str) -> int:
    """About how many tokens a text has: for planning, never for money that has to hold."""
    hundredths = 0
    for run in _RUNS.finditer(text):
        hundredths += _hundredths(run.lastgroup or "sign", len(run.group()))
    return -(-hundredths // 100)


def _message_bound_tokens(message: Message) -> int:
    asked = sum(_json_bytes(one.model_dump()) + TOOL_OVERHEAD_TOKENS for one in message.tool_calls)
    text = len(message.text.encode()) + len(message.tool_call_id.encode())
    return text + asked + len(message.images) * IMAGE_BOUND_TOKENS + MESSAGE_OVERHEAD_TOKENS


def _json_bytes(value: JsonObject) -> int:
    return len(json.dumps(value, ensure_ascii=False).encode())


def _hundredths(kind: str, length: int) -> int:
    rate = _RATES[kind]
    steps = -(-length * rate.numerator // (rate.denominator * rate.step))
    return max(rate.at_least, steps * rate.step)


def _day(at: datetime) -> date:
    return at.astimezone(UTC).date()


def _in_force(model: ModelCard, today: date) -> list[Price]:
    """The price list of the day: all rows of the latest date that has come, or of the first if none has yet."""
    begun = [row.since for row in model.prices if row.since <= today]
    since = max(begun) if begun else min(row.since for row in model.prices)
    return [row for row in model.prices if row.since == since]


def _price(model: ModelCard, at: datetime, prompt_tokens: int) -> Price:
    """The row for that day and length: the highest cliff that the prompt is over."""
    rows = _in_force(model, _day(at))
    crossed = [row for row in rows if row.over_prompt_tokens == 0 or row.over_prompt_tokens < prompt_tokens]
    return max(crossed, key=lambda row: row.over_prompt_tokens)


def _percent(model: ModelCard, at: datetime) -> int:
    now = at.astimezone(UTC)
    in_peak = now.weekday() < 5 and any(start <= now.hour < end for start, end in model.peak_hours_utc)
    return model.peak_percent if in_peak else _PERCENT


def _whole(micro_usd_by_price_and_percents: int) -> int:
    return -(-micro_usd_by_price_and_percents // (TOKENS_PER_PRICE * _PERCENT * _PERCENT))
