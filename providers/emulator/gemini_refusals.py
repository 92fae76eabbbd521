"""Why Google says no, in its words: rows that a script can ask for by name, and the body around them. Pure.

The name of an error follows from its status unless a row says otherwise. A fault that has no row here is worded as the
OpenAI family words it. Source: shared design page providers.md, sections 1.3, 2.3 and appendix A5.
"""

from dataclasses import dataclass
from typing import Final

from pydantic import JsonValue

from providers.emulator import refusals
from providers.emulator.refusals import Reason, Refusal

_TYPES: Final = "type.googleapis.com/google.rpc."
_NAMES: Final[dict[int, str]] = {
    400: "INVALID_ARGUMENT",
    401: "UNAUTHENTICATED",
    403: "PERMISSION_DENIED",
    404: "NOT_FOUND",
    409: "ABORTED",
    429: "RESOURCE_EXHAUSTED",
    499: "CANCELLED",
    500: "INTERNAL",
    501: "UNIMPLEMENTED",
    503: "UNAVAILABLE",
    504: "DEADLINE_EXCEEDED",
}
# google.rpc.Code, which stands in the results of a batch instead of an HTTP status.
_GRPC: Final[dict[str, int]] = {
    "CANCELLED": 1,
    "UNKNOWN": 2,
    "INVALID_ARGUMENT": 3,
    "DEADLINE_EXCEEDED": 4,
    "NOT_FOUND": 5,
    "ALREADY_EXISTS": 6,
    "PERMISSION_DENIED": 7,
    "RESOURCE_EXHAUSTED": 8,
    "FAILED_PRECONDITION": 9,
    "ABORTED": 10,
    "OUT_OF_RANGE": 11,
    "UNIMPLEMENTED": 12,
    "INTERNAL": 13,
    "UNAVAILABLE": 14,
    "UNAUTHENTICATED": 16,
}


@dataclass(frozen=True)
class GoogleReason(Reason):
    """A refusal with Google's name for it and the rows of `details`."""

    name: str = ""
    details: tuple[JsonValue, ...] = ()


def name_of(reason: Reason) -> str:
    """The `error.status` of a refusal."""
    if isinstance(reason, GoogleReason) and reason.name:
        return reason.name
    return _NAMES.get(reason.status, "INVALID_ARGUMENT" if reason.status < 500 else "INTERNAL")


def error_body(reason: Reason) -> dict[str, JsonValue]:
    """The body of a refusal."""
    error: dict[str, JsonValue] = {"code": reason.status, "message": reason.message, "status": name_of(reason)}
    if isinstance(reason, GoogleReason) and reason.details:
        error["details"] = list(reason.details)
    return {"error": error}


def batch_error(reason: Reason) -> dict[str, JsonValue]:
    """The refusal of one request of a batch: a google.rpc.Status."""
    return {"code": _GRPC.get(name_of(reason), 2), "message": reason.message}


def invalid(message: str) -> Refusal:
    """400, with the vendor's words."""
    return Refusal(Reason(400, message))


def unknown_model(model: str) -> Refusal:
    """Never sold, or gone."""
    return Refusal(
        Reason(
            404,
            f"models/{model} is not found for this API version, or is not supported for generateContent. "
            "Call ListModels to see the list of available models and their supported methods.",
        )
    )


def too_long(got: int, limit: int) -> Refusal:
    """The prompt alone does not fit."""
    return Refusal(_too_long(got, limit))


def retry_info(delay: str) -> JsonValue:
    """How long to wait, such as `14s`."""
    return {"@type": f"{_TYPES}RetryInfo", "retryDelay": delay}


def _too_long(got: int, limit: int) -> Reason:
    return Reason(400, f"The input token count ({got}) exceeds the maximum number of tokens allowed ({limit}).")


def _told(reason: str) -> JsonValue:
    return {"@type": f"{_TYPES}ErrorInfo", "reason": reason, "domain": "googleapis.com"}


def _quota(quota_id: str, value: str) -> JsonValue:
    violation: JsonValue = {
        "quotaMetric": "generativelanguage.googleapis.com/generate_content_requests",
        "quotaId": quota_id,
        "quotaValue": value,
    }
    return {"@type": f"{_TYPES}QuotaFailure", "violations": [violation]}


BAD_KEY: Final = GoogleReason(
    400, "API key not valid. Please pass a valid API key.", details=(_told("API_KEY_INVALID"),)
)
# No key at all is not a wrong one: the caller has not said who it is.
MISSING_KEY: Final = GoogleReason(
    403,
    "Method doesn't allow unregistered callers (callers without established identity). Please use API Key or other "
    "form of API consumer identity to call this API.",
)
UNPARSABLE: Final = Reason(400, "Invalid JSON payload received. Expected an object.")

_OWN: Final[dict[str, Reason]] = {
    "400": Reason(400, "Request contains an invalid argument."),
    "400_billing": GoogleReason(
        400, "Please enable billing on this project to use this API.", name="FAILED_PRECONDITION"
    ),
    "400_context": _too_long(1_048_577, 1_048_576),
    "400_expired": GoogleReason(400, "API key expired. Please renew the API key.", details=(_told("API_KEY_EXPIRED"),)),
    "400_range": GoogleReason(400, "A number is out of its range.", name="OUT_OF_RANGE"),
    "401": BAD_KEY,  # what is 401 elsewhere
    "401_oauth": Reason(401, "Request had invalid authentication credentials."),
    "403": Reason(403, "The caller does not have permission."),
    "404": Reason(404, "models/scripted is not found for this API version."),
    "409": Reason(409, "The operation was aborted."),
    "413": Reason(413, "Request payload size exceeds the limit: 20971520 bytes."),
    "429": GoogleReason(
        429,
        "You exceeded your current quota, please check your plan and billing details.",
        details=(_quota("GenerateRequestsPerMinutePerProjectPerModel", "1000"), retry_info("14s")),
    ),
    "429_quota": GoogleReason(
        429,
        "You exceeded your current quota, please check your plan and billing details.",
        details=(_quota("GenerateRequestsPerDayPerProjectPerModel", "10000"),),
    ),
    "499": Reason(499, "The operation was cancelled."),
    "500": Reason(500, "An internal error has occurred. Please retry or report."),
    "501": Reason(501, "This operation is not implemented."),
    "503": Reason(503, "The model is overloaded. Please try again later."),
    "504": Reason(504, "The request timed out. Please try again."),
    "529": Reason(503, "The model is overloaded. Please try again later."),  # what is 529 elsewhere
    "echo_authorization": GoogleReason(400, "API key not valid: {authorization}.", details=(_told("API_KEY_INVALID"),)),
}
SCRIPTED: Final[dict[str, Reason]] = refusals.SCRIPTED | _OWN
