"""What an exchange used and cost, by the provider's own account or else by our estimate. Pure.

Source: shared design page providers.md, sections 1.1, 1.5 to 1.7, 1.9 and 6.
"""

import json
import re
from collections.abc import Mapping
from decimal import ROUND_CEILING, ROUND_HALF_EVEN, Decimal
from typing import Final

from pydantic import JsonValue

from providers import pricing
from providers.calls import Call, JsonObject, Usage
from providers.dialects.documents import as_object, text
from providers.dialects.openai_documents import tool_calls, written

_MICRO: Final = 1_000_000
_MAX_USD: Final = 100_000  # no exchange costs as much; a number above is in another currency or none
_NOISE: Final = Decimal("1e-12")  # USD; sums of binary fractions are off by less, and must not cost a micro-dollar
_AMOUNT: Final = re.compile(r"[0-9]{1,9}(?:\.[0-9]{1,18})?(?:[eE][-+]?[0-9]{1,2})?", re.ASCII)

_IMAGE_TOKENS: Final = 1_600  # the page's default for a picture at any vendor (section 6)


def told(document: JsonObject) -> Usage | None:
    """The usage that the document states, in disjoint classes; None where it states none."""
    usage = as_object(document.get("usage"))
    prompt, completion = _count(usage.get("prompt_tokens")), _count(usage.get("completion_tokens"))
    if prompt + completion == 0:
        return None
    details = as_object(usage.get("prompt_tokens_details"))
    cached = min(prompt, _count(details.get("cached_tokens")) or _count(usage.get("prompt_cache_hit_tokens")))
    written = min(prompt - cached, _count(details.get("cache_write_tokens")))
    # Nothing says how many of them stood in the cache: as few as can be. They cost what other input does either way.
    images = min(prompt - cached - written, _count(details.get("image_tokens")))
    reasoning = _count(as_object(usage.get("completion_tokens_details")).get("reasoning_tokens"))
    # xAI counts reasoning beside the completion, all others within it. The total shows which; if in doubt, charge more.
    beside = reasoning > completion or _count(usage.get("total_tokens")) == prompt + completion + reasoning
    return Usage(
        input_tokens=prompt - cached - written - images,
        cached_input_tokens=cached,
        cache_write_tokens=written,
        output_tokens=completion if beside else completion - reasoning,
        reasoning_tokens=reasoning,
        image_tokens=images,
    )


def estimated(call: Call, message: JsonObject) -> Usage:
    """Our own count of what was sent and of what came."""
    called = [call.name + call.arguments for call in tool_calls(message)]
    answer = [written(message.get("content")), text(message.get("refusal")), *called]
    sent = [turn.text for turn in call.messages]
    sent += [json.dumps(tool.parameters) + tool.description for tool in call.tools]
    if call.json_schema is not None:
        sent.append(json.dumps(call.json_schema))
    images = sum(len(turn.images) for turn in call.messages)
    return Usage(
        input_tokens=sum(pricing.estimate_tokens(part) for part in sent),
        output_tokens=sum(pricing.estimate_tokens(part) for part in answer),
        reasoning_tokens=pricing.estimate_tokens(_reasoning_text(message)),
        image_tokens=images * _IMAGE_TOKENS,
        estimated=True,
    )


def _reasoning_text(message: JsonObject) -> str:
    """The thoughts that stand beside the answer. The copies disagree on the field's name."""
    return text(message.get("reasoning_content")) or text(message.get("reasoning"))


def reported_cost_micro_usd(document: JsonObject, headers: Mapping[str, str]) -> int | None:
    """What the provider says that the exchange cost, rounded up; None where it does not say, or says nonsense.

    With a key of one's own at the upstream the figure is only the aggregator's fee, and not the price.
    """
    usage = as_object(document.get("usage"))
    spent = _usd(as_object(as_object(document.get("meta")).get("usage")).get("usd_spent"))
    if spent is None:
        spent = _usd_text(headers.get("x-aimlapi-usd-spent", ""))
    if spent is None and usage.get("is_byok") is not True:
        spent = _usd(usage.get("cost"))
    if spent is None or not 0 <= spent < _MAX_USD:
        return None
    micro = spent.quantize(_NOISE, ROUND_HALF_EVEN) * _MICRO
    return int(micro.to_integral_value(ROUND_CEILING))


def _usd(value: JsonValue) -> Decimal | None:
    """A number as it is written. Not as a float holds it: that one has digits which the provider never wrote."""
    if isinstance(value, bool) or not isinstance(value, (int, float)):
        return None
    return Decimal(str(value)) if abs(value) < _MAX_USD else None  # nor infinite, nor no number at all


def _usd_text(amount: str) -> Decimal | None:
    return Decimal(amount.strip()) if _AMOUNT.fullmatch(amount.strip()) else None


def _count(value: JsonValue) -> int:
    """A token count; 0 for null, for what is no whole number, and for what no model could have read."""
    return value if isinstance(value, int) and not isinstance(value, bool) and 0 <= value < 1_000_000_000 else 0
