"""Why this provider says no: one exception, and the rows that a script can ask for by name. Pure.

Statuses, types, codes and phrases: shared design page providers.md, sections 1.1, 2.3 and appendix A3.
"""

from dataclasses import dataclass, field
from typing import Final

from pydantic import JsonValue

ELSEWHERE: Final = "https://elsewhere.example/v1/chat/completions"  # where a careless client would take its key
GATEWAY_PAGE: Final = "<html>\r\n<head><title>{0}</title></head>\r\n<body><h1>{0}</h1><hr>proxy</body>\r\n</html>\r\n"


@dataclass(frozen=True)
class Reason:
    """The parts of an error answer. `page` replaces the JSON body by HTML, as a gateway in front would.

    `extra` joins the error object where the vendor says more than the common fields hold.
    """

    status: int
    message: str
    type: str = "invalid_request_error"
    code: str | None = None
    param: str | None = None
    headers: dict[str, str] = field(default_factory=dict)
    page: str = ""
    extra: dict[str, JsonValue] = field(default_factory=dict)


class Refusal(Exception):
    """The request ends here."""

    def __init__(self, reason: Reason) -> None:
        super().__init__(reason.message)
        self.reason = reason


def bad_request(message: str, code: str | None, param: str) -> Refusal:
    """400, with the field that is wrong."""
    return Refusal(Reason(400, message, code=code, param=param))


def missing_key() -> Reason:
    """No key was sent."""
    return Reason(401, "You didn't provide an API key. Send it as a Bearer token in the Authorization header.")


def unparsable() -> Reason:
    """The body is not a JSON object."""
    return Reason(400, "We could not parse the JSON body of your request. The API expects a JSON payload.")


def unknown_model(model: str) -> Reason:
    """The model is not on the list."""
    return Reason(
        404, f"The model `{model}` does not exist or you do not have access to it.", code="model_not_found", param=None
    )


def unknown_address(method: str, path: str) -> Reason:
    """There is nothing at this path."""
    return Reason(404, f"Invalid URL ({method} {path})")


def context_too_long(limit: int, got: int) -> Reason:
    """The prompt does not fit."""
    return Reason(
        400,
        f"This model's maximum context length is {limit} tokens. However, your messages resulted in {got} tokens. "
        "Please reduce the length of the messages.",
        code="context_length_exceeded",
        param="messages",
    )


def _limit(message: str, kind: str, code: str) -> Reason:
    return Reason(429, message, type=kind, code=code)


def _server(status: int, message: str, code: str | None = None) -> Reason:
    return Reason(status, message, type="server_error", code=code)


def _gateway(status: int, title: str) -> Reason:
    return Reason(status, title, page=GATEWAY_PAGE.format(f"{status} {title}"))


SCRIPTED: Final[dict[str, Reason]] = {
    "307": Reason(
        307, "Temporary Redirect", headers={"location": ELSEWHERE}, page=GATEWAY_PAGE.format("307 Temporary Redirect")
    ),
    "400": Reason(400, "Invalid value for 'messages'.", code="invalid_value", param="messages"),
    "400_context": context_too_long(8_192, 9_001),
    "400_filter": Reason(400, "The content was flagged by our usage policy.", code="content_filter", param="prompt"),
    "400_misalignment": Reason(
        400, "The request was blocked.", code="invalid_prompt", extra={"misalignment": {"category": "emulated"}}
    ),
    "400_system_role": Reason(
        400, "messages[0].role: this model does not support the system role.", param="messages[0].role"
    ),
    "401": Reason(401, "Incorrect API key provided.", code="invalid_api_key"),
    "402": Reason(402, "Insufficient balance.", type="billing_error", code="insufficient_balance"),
    "402_in_flight": Reason(
        402, "Requests in flight hold the balance.", type="billing_error", headers={"retry-after": "5"}
    ),
    "403": Reason(
        403,
        "Country, region, or territory not supported",
        type="request_forbidden",
        code="unsupported_country_region_territory",
    ),
    "403_credits": Reason(403, "You've run out of credits. Please top up your balance.", type="billing_error"),
    "403_flagged": Reason(403, "The input was flagged by moderation.", type="moderation_error", code="flagged_input"),
    "404": unknown_model("scripted"),
    "408": Reason(408, "The request timed out.", type="timeout"),
    "409": Reason(409, "The request conflicts with another one.", type="conflict"),
    "413": Reason(413, "Request body is too large."),
    "413_text": Reason(413, "Payload Too Large", page="Payload Too Large: the prompt is too long for this model.\n"),
    "422": Reason(422, "The request could not be processed."),
    "429": _limit("Rate limit reached on requests per min (RPM).", "requests", "rate_limit_exceeded"),
    "429_flex": _limit(
        "Flex resources are unavailable now. You are not charged for this request.",
        "resource_unavailable",
        "resource_unavailable",
    ),
    "429_quota": _limit("You exceeded your current quota.", "insufficient_quota", "insufficient_quota"),
    "429_slow_down": _limit("Slow down: your request rate grows too fast.", "requests", "slow_down"),
    "429_too_large": _limit(
        "Request too large on tokens per min (TPM): Limit 30000, Requested 84211.", "tokens", "rate_limit_exceeded"
    ),
    "500": _server(500, "The server had an error while processing your request."),
    "500_hidden_400": _server(500, "400 Unable to access model"),
    "502": _gateway(502, "Bad Gateway"),
    "503": _server(503, "The engine is currently overloaded, please try again later.", "server_is_overloaded"),
    "504": _gateway(504, "Gateway Time-out"),
    "529": _server(529, "Overloaded", "overloaded_error"),
    "echo_authorization": Reason(401, "Incorrect API key provided: {authorization}.", code="invalid_api_key"),
}
