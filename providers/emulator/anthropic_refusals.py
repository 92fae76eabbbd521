"""Why Anthropic says no, in its words: rows that a script can ask for by name, and the body around them. Pure.

The type of an error follows from its status. A fault that has no row here is worded as the OpenAI family words it.
Source: shared design page providers.md, sections 1.2, 2.3 and appendix A4.
"""

from typing import Final

from pydantic import JsonValue

from providers.emulator import refusals
from providers.emulator.refusals import Reason, Refusal

_TYPES: Final[dict[int, str]] = {
    400: "invalid_request_error",
    401: "authentication_error",
    402: "billing_error",
    403: "permission_error",
    404: "not_found_error",
    409: "conflict_error",
    413: "request_too_large",
    422: "invalid_request_error",
    429: "rate_limit_error",
    503: "overloaded_error",
    504: "timeout_error",
    529: "overloaded_error",
}


def type_of(status: int) -> str:
    """The `error.type` that belongs to a status."""
    return _TYPES.get(status, "invalid_request_error" if status < 500 else "api_error")


def error_body(reason: Reason, request_id: str) -> dict[str, JsonValue]:
    """The body of a refusal. A code stands in `details`."""
    error: dict[str, JsonValue] = {"type": type_of(reason.status), "message": reason.message}
    if reason.code:
        error["details"] = {"error_code": reason.code}
    return {"type": "error", "error": error, "request_id": request_id}


def invalid(message: str) -> Refusal:
    """400, with the vendor's words."""
    return Refusal(Reason(400, message))


def unknown_model(model: str) -> Refusal:
    """Never sold, or retired."""
    return Refusal(Reason(404, f"model: {model}"))


def too_long(got: int, limit: int) -> Refusal:
    """The prompt alone does not fit."""
    return Refusal(_too_long(got, limit))


def _too_long(got: int, limit: int) -> Reason:
    return Reason(400, f"prompt is too long: {got} tokens > {limit} maximum")


MISSING_KEY: Final = Reason(401, "x-api-key header is required")
TOO_LARGE: Final = Reason(413, "Request exceeds the maximum size")
UNPARSABLE: Final = Reason(400, "The request body is not valid JSON")

_OWN: Final[dict[str, Reason]] = {
    "400": Reason(400, "messages: Field required"),
    "400_context": _too_long(1_000_001, 1_000_000),
    "400_credit": Reason(
        400,
        "Your credit balance is too low to access the Anthropic API. Please go to Plans & Billing to upgrade or "
        "purchase credits.",
    ),
    "400_filter": Reason(400, "Output blocked by content filtering policy"),
    "400_grammar": Reason(400, "The compiled grammar is too large. Please simplify the schema."),
    "400_on_hold": Reason(400, "This organization is on hold.", code="organization_on_hold"),
    "401": Reason(401, "invalid x-api-key"),
    "402": Reason(402, "There is a problem with your billing or payment information."),
    "403": Reason(403, "Your API key does not have permission to use the specified resource."),
    "403_credits": Reason(403, "Your organization has no credits left for this resource."),
    "404": Reason(404, "model: scripted"),
    "409": Reason(409, "The request conflicts with another one."),
    "413": TOO_LARGE,
    "429": Reason(
        429, "This request would exceed your organization's rate limit of 2,000,000 input tokens per minute."
    ),
    "429_quota": Reason(429, "Your organization has reached its spend limit.", code="enforced_spend_limit_reached"),
    "429_ramp": Reason(429, "Your request rate rises too fast.", code="ramp_limit_exceeded"),
    "500": Reason(500, "Internal server error"),
    "503": Reason(503, "Service Unavailable"),
    "504": Reason(504, "Request timed out"),
    "529": Reason(529, "Overloaded"),
    "echo_authorization": Reason(401, "invalid x-api-key: {authorization}"),
}
SCRIPTED: Final[dict[str, Reason]] = refusals.SCRIPTED | _OWN
