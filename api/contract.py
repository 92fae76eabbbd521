"""Completes the OpenAPI document: every problem of every route with an example, and the headers of every answer. Pure.

FastAPI knows what a route answers when all is well. What it refuses follows from what it takes: a key, an id, a body;
what only one route refuses stands in `OWN`. A test walks all routes and holds both to what really comes back.
"""

from collections.abc import Iterable, Mapping
from http import HTTPStatus
from typing import Any, Final, TypeAlias

from api import examples, problems
from api.contract_headers import HEADERS, OF_ROUTE, OF_STATUS, RATE, REQUEST_ID
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
        headers |= {**REQUEST_ID, **OF_STATUS.get(status, {}), **OF_ROUTE.get((method, path), {})}
        headers |= HEADERS.get((method, path, status), {})
        if operation.get("security") and status != "401":
            headers |= RATE


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
