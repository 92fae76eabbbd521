"""DeepSeek: thinking, its own limits on the dialect, keep-alive noise, prices by the hour. Pure.

Source: shared design page providers.md, sections 1.6 and 5.1.
"""

from datetime import UTC, datetime
from typing import Final

from pydantic import JsonValue

from providers.emulator.dress import Dress, JsonObject, Sale, with_usage
from providers.emulator.models import Model
from providers.emulator.refusals import Reason, Refusal

PEAK_HOURS_UTC: Final = ((1, 4), (6, 10))
MAX_USER_ID_BYTES: Final = 512

_SATURDAY: Final = 5
# Three are its own; the others of the dialect are mapped.
_EFFORTS: Final = {"minimal": "low", "low": "low", "medium": "high", "high": "high", "xhigh": "max", "max": "max"}
_WITHOUT_EFFECT: Final = ("temperature", "top_p", "presence_penalty", "frequency_penalty")
_IGNORED: Final = ("max_completion_tokens", "service_tier")

SCRIPTED: Final[dict[str, Reason]] = {
    "401": Reason(
        401, "Authentication Fails (no such user)", type="authentication_error", code="invalid_request_error"
    ),
    "402": Reason(402, "Insufficient Balance", type="unknown_error", code="invalid_request_error"),
    "422": Reason(422, "Invalid value for a parameter.", code="invalid_request_error"),
    "429": Reason(429, "Too many requests at the same time.", type="rate_limit_error", code="rate_limit_reached"),
    "503": Reason(503, "Service is too busy. Please try again later.", type="service_unavailable_error"),
}


def percent(model: Model, at: datetime) -> int:
    """What the hour makes of the price list: twice as much in the peak hours of a working day."""
    now = at.astimezone(UTC)
    peak = now.weekday() < _SATURDAY and any(start <= now.hour < end for start, end in PEAK_HOURS_UTC)
    return model.peak_percent if peak else 100


def adapted(body: JsonObject) -> JsonObject:
    """The request in the terms of the common dialect.

    Raises:
        Refusal: a schema, a forced tool while thinking, a tool turn without its reasoning, or a wrong value.
    """
    shape = body.get("response_format")
    if isinstance(shape, dict) and shape.get("type") == "json_schema":
        raise Refusal(Reason(400, "This response_format type is unavailable now", code="invalid_request_error"))
    user = body.get("user_id")
    if user is not None and not (isinstance(user, str) and len(user.encode()) <= MAX_USER_ID_BYTES):
        raise Refusal(Reason(422, f"user_id: expected at most {MAX_USER_ID_BYTES} bytes.", param="user_id"))
    kept = {name: value for name, value in body.items() if name not in _IGNORED}
    effort = _effort(body)
    if effort != "none":
        _check_thinking(body)
        kept = {name: value for name, value in kept.items() if name not in _WITHOUT_EFFECT}
    return kept | {"reasoning_effort": effort}


def error_body(reason: Reason) -> JsonValue:
    """OpenAI's shape."""
    return {"error": {"message": reason.message, "type": reason.type, "param": reason.param, "code": reason.code}}


def _effort(body: JsonObject) -> str:
    thinking = body.get("thinking")
    kind = thinking.get("type") if isinstance(thinking, dict) else "enabled"
    if kind == "disabled":
        return "none"
    if kind != "enabled":
        raise Refusal(Reason(422, f"thinking.type: unknown variant {kind!r}.", param="thinking"))
    asked = body.get("reasoning_effort")
    return _EFFORTS.get(asked, "high") if isinstance(asked, str) else "high"


def _check_thinking(body: JsonObject) -> None:
    choice = body.get("tool_choice")
    if choice == "required" or isinstance(choice, dict):
        raise Refusal(Reason(400, "Thinking mode does not support this tool_choice", param="tool_choice"))
    messages = body.get("messages")
    for message in messages if isinstance(messages, list) else ():
        calls = isinstance(message, dict) and message.get("role") == "assistant" and message.get("tool_calls")
        if calls and isinstance(message, dict) and not message.get("reasoning_content"):
            raise Refusal(Reason(400, "Missing `reasoning_content` field in the assistant message", param="messages"))


def _usage(body: JsonObject, sale: Sale) -> JsonObject:
    cached = sale.tokens.cached
    return with_usage(
        body, {"prompt_cache_hit_tokens": cached, "prompt_cache_miss_tokens": sale.tokens.prompt - cached}
    )


DRESS: Final = Dress(
    whole=_usage,
    chunk=_usage,
    before_whole=b"\n\n\n",
    before_stream=(b": keep-alive\n\n", b": keep-alive\n\n"),
    thought_field="reasoning_content",
)
