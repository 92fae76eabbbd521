"""Completes the OpenAPI document: every problem of every route with an example, and the headers of every answer. Pure.

FastAPI knows what a route answers when all is well. What it refuses follows from what it takes: a key, an id, a body;
what only one route refuses stands in `OWN`. A test walks all routes and holds both to what really comes back.
"""

from collections.abc import Iterable, Mapping
from http import HTTPStatus
from typing import Any, Final, TypeAlias

from api import examples, problems
from orchestrator import errors
from orchestrator.errors import DomainError
from orchestrator.tenancy.keys import BadKey
from providers.calls import JsonObject

Document: TypeAlias = dict[str, Any]
Kind: TypeAlias = type[DomainError]

_METHODS: Final = ("get", "post", "put", "patch", "delete")
_ID: Final = "_id}"  # in a path
_JOB: Final = "{job_id}"

# What only some routes refuse, beside what follows from what they take.
_MAKES: Final[tuple[Kind, ...]] = (errors.IdempotencyMismatch, errors.Erased, errors.Overloaded)
_READS: Final[tuple[Kind, ...]] = (
    errors.UnknownStrategy,
    errors.UnknownModel,
    errors.PanelTooSmall,
    errors.UnparseableTranscript,
    errors.EmptyTranscript,
)
OWN: Final[Mapping[tuple[str, str], tuple[Kind, ...]]] = {
    ("post", "/v1/jobs"): (
        *_MAKES,
        *_READS,
        errors.MaxCostTooLow,
        errors.BudgetExhausted,
        errors.AdmissionStopped,
        errors.QueueFull,
        errors.TooMany,
    ),
    ("post", "/v1/plans"): (*_READS, errors.Overloaded),
    ("post", "/v1/jobs/{job_id}/cancel"): (errors.AlreadyTerminal,),
    ("post", "/v1/jobs/{job_id}/retry"): (
        errors.AlreadyTerminal,
        errors.Erased,
        errors.AdmissionStopped,
        errors.TooMany,
    ),
    ("post", "/v1/jobs/{job_id}/replay"): (
        *_MAKES,
        errors.NotReplayable,
        errors.UnknownStrategy,
        errors.PanelTooSmall,
        errors.QueueFull,
    ),
    ("get", "/v1/jobs/{job_id}/partial"): (errors.Erased,),
    ("get", "/v1/jobs/{job_id}/report"): (errors.Erased,),
    ("get", "/v1/jobs/{job_id}/export"): (errors.Erased, problems.NoResult),
    ("post", "/v1/jobs/{job_id}/result-url"): (errors.Erased, problems.NoResult),
    ("get", "/v1/results"): (
        errors.NotFound,
        errors.Erased,
        problems.LinkExpired,
        problems.NoResult,
        problems.TooManyRequests,
    ),
    ("get", "/v1/jobs/{job_id}/events"): (errors.Overloaded, problems.BadHandshake),
    ("post", "/v1/batches"): (
        errors.IdempotencyMismatch,
        errors.Erased,
        errors.BatchRefused,
        errors.AlreadyTerminal,
        errors.AdmissionStopped,
        errors.QueueFull,
        errors.Overloaded,
    ),
    ("post", "/v1/batches/{batch_id}/pause"): (errors.AlreadyTerminal,),
    ("post", "/v1/batches/{batch_id}/resume"): (errors.AlreadyTerminal,),
    ("post", "/v1/batches/{batch_id}/cancel"): (errors.AlreadyTerminal,),
    ("post", "/v1/batches/{batch_id}/retry"): (errors.AlreadyTerminal, errors.AdmissionStopped, errors.TooMany),
    ("post", "/v1/dead-letters/requeue"): (errors.IdempotencyMismatch, errors.Erased),
    ("post", "/v1/webhooks"): (errors.TooMany,),
    ("post", "/v1/keys"): (errors.BeyondOwnKey, errors.TooMany, errors.IdempotencyMismatch, errors.Erased),
    ("patch", "/v1/keys/{key_id}"): (errors.BeyondOwnKey, errors.KeyEnded),
    ("post", "/v1/keys/{key_id}/rotate"): (
        errors.BeyondOwnKey,
        errors.KeyEnded,
        errors.TooMany,
        errors.IdempotencyMismatch,
        errors.Erased,
    ),
    ("post", "/v1/feedback"): (errors.NotFound, errors.Erased),
    ("get", "/v1/feedback"): (errors.NotFound,),
    ("post", "/v1/budgets/{scope}/versions/{version}/restore"): (errors.NotFound,),
    ("post", "/v1/templates/{meeting_type}/versions/{version}/restore"): (errors.NotFound,),
    ("post", "/v1/templates/preview"): (errors.UnparseableTranscript, errors.EmptyTranscript, errors.Overloaded),
}

_PROBLEM: Final[JsonObject] = {
    "title": "Problem",
    "description": "What was refused and why, as RFC 9457 has it. Programs go by `code`.",
    "type": "object",
    "required": ["type", "title", "status", "detail", "instance", "code", "request_id"],
    "properties": {
        "type": {"type": "string", "description": "a URN made of the code"},
        "title": {"type": "string"},
        "status": {"type": "integer"},
        "detail": {"type": "string"},
        "instance": {"type": "string", "description": "the path that was asked for"},
        "code": {"type": "string"},
        "request_id": {"type": "string"},
        "errors": {
            "type": "array",
            "description": "what is wrong with which field",
            "items": {
                "type": "object",
                "required": ["pointer", "message"],
                "properties": {"pointer": {"type": "string"}, "message": {"type": "string"}},
            },
        },
        "line": {"type": ["integer", "null"]},
        "offset": {"type": ["integer", "null"]},
        "bound_usd": {"type": "string"},
        "scope": {"type": "string"},
        "resets_at": {"type": ["string", "null"]},
    },
}
_MORE: Final[Mapping[Kind, JsonObject]] = {
    errors.InvalidRequest: {"errors": [{"pointer": "/deadline_s", "message": "Input should be greater than 0"}]},
    errors.UnparseableTranscript: {"line": 3, "offset": 10},
    errors.MaxCostTooLow: {"bound_usd": "0.081000"},
    errors.BudgetExhausted: {"scope": "the tenant's month", "resets_at": "2026-12-01T00:00:00.000Z"},
}


def _header(text: str, kind: str = "string") -> JsonObject:
    return {"description": text, "schema": {"type": kind}}


_REQUEST_ID: Final = {"X-Request-Id": _header("names the request in our logs")}
_RETRY_AFTER: Final = {"Retry-After": _header("when to come back: seconds, or a date")}
_RATE: Final = {
    "RateLimit-Policy": _header("how many requests the key may make in how many seconds"),
    "RateLimit": _header("how many are left of them, and the seconds until there are more"),
    "RateLimit-Limit": _header("the same three numbers in the older words: what the key may", "integer"),
    "RateLimit-Remaining": _header("what is left of it", "integer"),
    "RateLimit-Reset": _header("seconds until there is more", "integer"),
}
_OF_STATUS: Final[Mapping[str, Mapping[str, JsonObject]]] = {
    "401": {"WWW-Authenticate": _header("`Bearer`")},
    "402": _RETRY_AFTER,
    "408": {"Connection": _header("`close`: the rest is not read")},
    "413": {"Connection": _header("`close`: the rest is not read")},
    "429": _RETRY_AFTER,
    "503": _RETRY_AFTER,
}
_MADE: Final = {
    "Location": _header("its address"),
    "Idempotent-Replayed": _header("`true`: it was made by an earlier call under the same key"),
}
_PAGE: Final = {
    "Content-Security-Policy": _header("the page shows itself and runs nothing"),
    "X-Content-Type-Options": _header("`nosniff`"),
    "Referrer-Policy": _header("`no-referrer`"),
}
_STREAM: Final = {
    "Cache-Control": _header("`no-store`"),
    "X-Accel-Buffering": _header("`no`: proxies hand on each event as it comes"),
}
_HEADERS: Final[Mapping[tuple[str, str, str], Mapping[str, JsonObject]]] = {
    ("post", "/v1/jobs", "202"): _MADE,
    ("post", "/v1/jobs/{job_id}/replay", "202"): _MADE,
    ("post", "/v1/batches", "202"): _MADE,
    ("get", "/v1/jobs/{job_id}/report", "200"): _PAGE,
    ("get", "/v1/jobs/{job_id}/export", "200"): {
        "Content-Disposition": _header("the name of the file"),
        "X-Content-Type-Options": _header("`nosniff`"),
    },
    ("post", "/v1/dead-letters/requeue", "200"): {
        "Idempotent-Replayed": _header("`true`: an earlier call under the same key meant the same jobs"),
    },
    **{
        ("post", path, "201"): {
            "Location": _header("the key's address"),
            "Idempotent-Replayed": _header("`true`: the key of an earlier call under the same Idempotency-Key"),
            "Cache-Control": _header("`no-store`: it holds a secret"),
        }
        for path in ("/v1/keys", "/v1/keys/{key_id}/rotate")
    },
    ("get", "/v1/jobs/{job_id}/events", "200"): _STREAM,
    ("get", "/v1/jobs/{job_id}/events", "204"): _STREAM,
    ("get", "/v1/jobs/{job_id}", "200"): {"ETag": _header("the job's version, for If-None-Match")},
    ("get", "/v1/jobs/{job_id}", "304"): {"ETag": _header("the job's version")},
    ("get", "/v1/jobs/{job_id}/partial", "200"): {"ETag": _header("the job's version, for If-None-Match")},
    ("get", "/v1/jobs/{job_id}/partial", "303"): {"Location": _header("the job's address")},
    ("get", "/v1/jobs/{job_id}/partial", "304"): {"ETag": _header("the job's version")},
}


# Answers that have no schema, and so no example in one.
_PLAIN: Final[Mapping[tuple[str, str], tuple[str, str]]] = {
    ("get", "/v1/jobs/{job_id}/report"): ("text/html", examples.REPORT),
    ("get", "/metrics"): ("text/plain", examples.METRICS),
}


def completed(document: Document) -> Document:
    """The document with problems, headers and examples; changed in place."""
    parts = document.setdefault("components", {}).setdefault("schemas", {})
    parts["Problem"] = _PROBLEM
    for path, item in document["paths"].items():
        for method in _METHODS:
            if method in item:
                _complete(item[method], method, path)
    _link(document)
    for unused in ("HTTPValidationError", "ValidationError"):
        parts.pop(unused, None)
    return document


def _link(document: Document) -> None:
    """A job that was made can be read, canceled, judged ...: what its id is good for."""
    takes_job = [
        str(operation["operationId"])
        for path, item in document["paths"].items()
        for method, operation in item.items()
        if method in _METHODS and _JOB in path
    ]
    for making in ("/v1/jobs", "/v1/jobs/{job_id}/replay"):
        answer = document["paths"].get(making, {}).get("post", {}).get("responses", {}).get("202", {})
        answer["links"] = {
            name: {"operationId": name, "parameters": {"job_id": "$response.body#/id"}} for name in takes_job
        }


def _complete(operation: Document, method: str, path: str) -> None:
    answers = operation.setdefault("responses", {})
    answers.pop("422", None)
    if (method, path) == ("get", "/v1/jobs/{job_id}"):
        answers["304"] = {"description": "It is as it was: `If-None-Match` names its version"}
    if (method, path) in _PLAIN:
        media_type, example = _PLAIN[method, path]
        answers["200"]["content"] = {media_type: {"schema": {"type": "string"}, "example": example}}
    for status, kinds in _by_status(_refusals(operation, method, path)).items():
        _add(answers, status, kinds)
    for status, answer in answers.items():
        headers = answer.setdefault("headers", {})
        headers |= {**_REQUEST_ID, **_OF_STATUS.get(status, {}), **_HEADERS.get((method, path, status), {})}
        if operation.get("security") and status != "401":
            headers |= _RATE


def _refusals(operation: Document, method: str, path: str) -> list[Kind]:
    found: list[Kind] = [*OWN.get((method, path), ())]
    if operation.get("security"):
        found += [BadKey, problems.Forbidden, problems.TooManyRequests, errors.Unavailable]
    elif path != "/health/live":
        found += [errors.Unavailable]
    found += [errors.Overloaded]
    if _ID in path:
        found += [errors.NotFound]
    if "requestBody" in operation:
        found += [
            problems.MalformedJson,
            problems.BodyTooSlow,
            problems.TooLarge,
            problems.UnsupportedMediaType,
            errors.InvalidRequest,
        ]
    if operation.get("parameters"):
        found += [errors.InvalidRequest]
    return [*found, problems.HeadersTooLarge]


def _by_status(kinds: Iterable[Kind]) -> dict[str, list[Kind]]:
    found: dict[str, list[Kind]] = {}
    for kind in dict.fromkeys(kinds):
        found.setdefault(str(int(problems.ROWS[kind].status)), []).append(kind)
    return found


def _add(answers: Document, status: str, kinds: Iterable[Kind]) -> None:
    answer = answers.setdefault(status, {"description": HTTPStatus(int(status)).phrase})
    answer.setdefault("content", {})[problems.MEDIA_TYPE] = {
        "schema": {"$ref": "#/components/schemas/Problem"},
        "examples": {kind.code: {"value": _example(kind)} for kind in kinds},
    }


def _example(kind: Kind) -> JsonObject:
    row = problems.ROWS[kind]
    return {
        "type": f"urn:meetingmind:problem:{kind.code}",
        "title": row.title,
        "status": int(row.status),
        "detail": "In a sentence, what is wrong with this request.",
        "instance": "/v1/jobs",
        "code": kind.code,
        "request_id": "req_06a9zk3w8mxq4v1nd7b2c5hfgj",
        **_MORE.get(kind, {}),
    }
