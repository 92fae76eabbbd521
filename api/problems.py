"""Every error that can reach a caller: one row a class, answered as RFC 9457 problem+json."""

import math
from collections.abc import Sequence
from datetime import UTC, datetime
from decimal import Decimal
from email.utils import format_datetime
from http import HTTPStatus
from typing import Final, NamedTuple

import structlog
from fastapi import FastAPI
from fastapi.exceptions import RequestValidationError
from pydantic import ValidationError
from starlette.exceptions import HTTPException
from starlette.requests import HTTPConnection
from starlette.responses import JSONResponse, Response

from api.methods import allow
from api.views import moment
from orchestrator.errors import (
    AdmissionStopped,
    AlreadyTerminal,
    BatchRefused,
    BeyondOwnKey,
    BudgetExhausted,
    DomainError,
    EmptyTranscript,
    Erased,
    IdempotencyMismatch,
    InvalidRequest,
    KeyEnded,
    MaxCostTooLow,
    NotFound,
    NotReplayable,
    Overloaded,
    PanelTooSmall,
    QueueFull,
    TooMany,
    Unavailable,
    UnknownModel,
    UnknownStrategy,
    UnparseableTranscript,
)
from orchestrator.tenancy.keys import BadKey
from providers.calls import JsonObject

log = structlog.get_logger()

MEDIA_TYPE: Final = "application/problem+json"
MAX_ERRORS_SHOWN: Final = 50  # of a thousand bad utterances, fifty show the caller what is wrong


class MalformedJson(DomainError):
    """The body is no JSON that we take: broken, too deep, or with a key twice."""

    code = "malformed-json"


class TooLarge(DomainError):
    code = "too-large"


class UnsupportedMediaType(DomainError):
    code = "unsupported-media-type"


class BodyTooSlow(DomainError):
    """The body, or the head before it, had not come within its time; what has come is thrown away."""

    code = "request-timeout"


class HeadersTooLarge(DomainError):
    code = "headers-too-large"


class TooManyRequests(DomainError):
    """The key made more requests than it may."""

    code = "rate-limited"

    def __init__(self, message: str, *, retry_after_s: float) -> None:
        super().__init__(message)
        self.retry_after_s = retry_after_s


class Forbidden(DomainError):
    """The key is good and lacks the scope."""

    code = "forbidden"


class BadQuery(DomainError):
    """A query parameter or header is wrong."""

    code = "invalid-request"


class BadHandshake(DomainError):
    """The request asks for a WebSocket, and not in the way in which one is opened."""

    code = "bad-handshake"


class NoResult(DomainError):
    """What is asked for is made of the job's result, and it has none."""

    code = "no-result"


class LinkExpired(DomainError):
    """The link was good; ask for another one."""

    code = "link-expired"


class Row(NamedTuple):
    status: HTTPStatus
    title: str


ROWS: Final[dict[type[DomainError], Row]] = {
    MalformedJson: Row(HTTPStatus.BAD_REQUEST, "The body is not valid JSON"),
    BadHandshake: Row(HTTPStatus.BAD_REQUEST, "The request opens no WebSocket"),
    BadKey: Row(HTTPStatus.UNAUTHORIZED, "The API key is not valid"),
    Forbidden: Row(HTTPStatus.FORBIDDEN, "The API key may not do this"),
    BeyondOwnKey: Row(HTTPStatus.FORBIDDEN, "A key can give no more than it has"),
    NotFound: Row(HTTPStatus.NOT_FOUND, "Not found"),
    Erased: Row(HTTPStatus.GONE, "The content has been erased"),
    LinkExpired: Row(HTTPStatus.GONE, "The link has expired"),
    AlreadyTerminal: Row(HTTPStatus.CONFLICT, "The job has already ended"),
    KeyEnded: Row(HTTPStatus.CONFLICT, "The API key has ended"),
    BatchRefused: Row(HTTPStatus.UNPROCESSABLE_ENTITY, "Lines of the batch are not good"),
    NotReplayable: Row(HTTPStatus.CONFLICT, "The job cannot be replayed"),
    NoResult: Row(HTTPStatus.CONFLICT, "The job has no result"),
    TooMany: Row(HTTPStatus.CONFLICT, "There are too many of these"),
    BodyTooSlow: Row(HTTPStatus.REQUEST_TIMEOUT, "The request did not come in time"),
    TooLarge: Row(HTTPStatus.REQUEST_ENTITY_TOO_LARGE, "The body is too large"),
    HeadersTooLarge: Row(HTTPStatus.REQUEST_HEADER_FIELDS_TOO_LARGE, "The headers are too large"),
    UnsupportedMediaType: Row(HTTPStatus.UNSUPPORTED_MEDIA_TYPE, "The body must be JSON, not encoded"),
    InvalidRequest: Row(HTTPStatus.UNPROCESSABLE_ENTITY, "The request is not valid"),
    BadQuery: Row(HTTPStatus.UNPROCESSABLE_ENTITY, "The request is not valid"),
    UnknownStrategy: Row(HTTPStatus.UNPROCESSABLE_ENTITY, "There is no such strategy"),
    UnknownModel: Row(HTTPStatus.UNPROCESSABLE_ENTITY, "There is no such model"),
    PanelTooSmall: Row(HTTPStatus.UNPROCESSABLE_ENTITY, "The panel is too small"),
    UnparseableTranscript: Row(HTTPStatus.UNPROCESSABLE_ENTITY, "The transcript cannot be read"),
    EmptyTranscript: Row(HTTPStatus.UNPROCESSABLE_ENTITY, "The transcript is empty"),
    IdempotencyMismatch: Row(HTTPStatus.UNPROCESSABLE_ENTITY, "The Idempotency-Key belongs to another request"),
    MaxCostTooLow: Row(HTTPStatus.PAYMENT_REQUIRED, "The plan may cost more than you allow"),
    BudgetExhausted: Row(HTTPStatus.PAYMENT_REQUIRED, "A budget is used up"),
    AdmissionStopped: Row(HTTPStatus.PAYMENT_REQUIRED, "Admission is stopped"),
    TooManyRequests: Row(HTTPStatus.TOO_MANY_REQUESTS, "Too many requests"),
    QueueFull: Row(HTTPStatus.TOO_MANY_REQUESTS, "Your queue is full"),
    Overloaded: Row(HTTPStatus.SERVICE_UNAVAILABLE, "Overloaded"),
    Unavailable: Row(HTTPStatus.SERVICE_UNAVAILABLE, "Temporarily unavailable"),
}


def install(app: FastAPI) -> None:
    """Answer every exception with a problem."""
    app.add_exception_handler(DomainError, _domain)
    app.add_exception_handler(ValidationError, _validation)
    app.add_exception_handler(RequestValidationError, _parameters)
    app.add_exception_handler(HTTPException, _http)
    app.add_exception_handler(Exception, unforeseen)


def of(error: DomainError, request_id: str, instance: str) -> tuple[JsonObject, HTTPStatus, dict[str, str]]:
    """The problem document of a refusal, its status and its headers."""
    row = ROWS[type(error)]
    document = _document(error.code, row.title, row.status, error.message, request_id, instance)
    document |= _extensions(error)
    return document, row.status, _headers(error)


def invalid(error: ValidationError, request_id: str, instance: str) -> JsonObject:
    """The problem document of a body whose fields do not fit, with JSON pointers."""
    row = ROWS[InvalidRequest]
    document = _document(InvalidRequest.code, row.title, row.status, "See errors.", request_id, instance)
    document["errors"] = [
        {"pointer": _pointer(problem["loc"]), "message": problem["msg"]}
        for problem in error.errors(include_url=False, include_input=False, include_context=False)[:MAX_ERRORS_SHOWN]
    ]
    return document


def plain(status: int, request_id: str, instance: str) -> JsonObject:
    """The problem document of a status that says all there is to say."""
    phrase = HTTPStatus(status).phrase
    return _document(phrase.lower().replace(" ", "-"), phrase, status, phrase, request_id, instance)


def _extensions(error: DomainError) -> JsonObject:
    match error:
        case InvalidRequest(pointer=pointer):
            return {"errors": [{"pointer": pointer, "message": error.message}]}
        case UnparseableTranscript(line=line, offset=offset):
            return {"line": line, "offset": offset}
        case BatchRefused(lines=lines):
            return {"lines": [dict(line) for line in lines]}
        case MaxCostTooLow(bound_micro_usd=bound):
            return {"bound_usd": f"{Decimal(bound) / 1_000_000:.6f}"}
        case BudgetExhausted(scope=scope, resets_at=resets_at):
            return {"scope": scope, "resets_at": None if resets_at is None else moment(resets_at)}
    return {}


def _headers(error: DomainError) -> dict[str, str]:
    match error:
        case (
            Unavailable(retry_after_s=wait_s)
            | Overloaded(retry_after_s=wait_s)
            | QueueFull(retry_after_s=wait_s)
            | TooManyRequests(retry_after_s=wait_s)
        ):
            return {"Retry-After": str(max(1, math.ceil(wait_s)))}
        case BudgetExhausted(resets_at=datetime() as resets_at):
            # As a date, one of the two ways to write it (RFC 9110, section 10.2.3): no clock has to be asked.
            return {"Retry-After": format_datetime(resets_at.astimezone(UTC), usegmt=True)}
        case BadKey():
            return {"WWW-Authenticate": "Bearer"}
        case TooLarge() | BodyTooSlow():
            return {"Connection": "close"}  # the rest of the body is not read
    return {}


def _document(  # the members of RFC 9457, and two of ours
    code: str, title: str, status: int, detail: str, request_id: str, instance: str
) -> JsonObject:
    return {
        "type": f"urn:meetingmind:problem:{code}",
        "title": title,
        "status": int(status),
        "detail": detail,
        "instance": instance,
        "code": code,
        "request_id": request_id,
    }


def _pointer(location: Sequence[str | int]) -> str:
    return "".join("/" + str(part).replace("~", "~0").replace("/", "~1") for part in location)


def _answer(document: JsonObject, status: int, headers: dict[str, str] | None = None) -> Response:
    return JSONResponse(document, status_code=status, media_type=MEDIA_TYPE, headers=headers)


def _request_id(asked: HTTPConnection) -> str:
    return str(asked.scope.get("request_id", ""))


def _domain(asked: HTTPConnection, error: Exception) -> Response:
    assert isinstance(error, DomainError)  # noqa: S101 - registered for this class
    document, status, headers = of(error, _request_id(asked), asked.url.path)
    return _answer(document, status, headers)


def _validation(asked: HTTPConnection, error: Exception) -> Response:
    assert isinstance(error, ValidationError)  # noqa: S101 - registered for this class
    return _answer(invalid(error, _request_id(asked), asked.url.path), HTTPStatus.UNPROCESSABLE_ENTITY)


def _parameters(asked: HTTPConnection, error: Exception) -> Response:
    """A query parameter or header that does not fit; the pointer names it, such as `/query/limit`."""
    assert isinstance(error, RequestValidationError)  # noqa: S101 - registered for this class
    row = ROWS[BadQuery]
    document = _document(BadQuery.code, row.title, row.status, "See errors.", _request_id(asked), asked.url.path)
    document["errors"] = [{"pointer": _pointer(one["loc"]), "message": one["msg"]} for one in error.errors()]
    return _answer(document, row.status)


def _http(asked: HTTPConnection, error: Exception) -> Response:
    """What the framework refuses by itself: unknown paths and methods."""
    assert isinstance(error, HTTPException)  # noqa: S101 - registered for this class
    document = plain(error.status_code, _request_id(asked), asked.url.path)
    headers = dict(error.headers or {})
    if error.status_code == HTTPStatus.METHOD_NOT_ALLOWED:
        headers["Allow"] = allow(asked.scope) or headers.get("Allow", "")
    return _answer(document, error.status_code, headers)


def unforeseen(asked: HTTPConnection, error: Exception) -> Response:
    """A defect of ours: logged whole, told in one word."""
    log.error("api.unforeseen", path=asked.url.path, request_id=_request_id(asked), exc_info=error)
    status = HTTPStatus.INTERNAL_SERVER_ERROR
    detail = "Something went wrong on our side; the request id names it in our logs."
    document = _document("internal-error", "Internal error", status, detail, _request_id(asked), asked.url.path)
    # This answer is made outside the middleware that names all others.
    return _answer(document, status, {"X-Request-Id": _request_id(asked)})
