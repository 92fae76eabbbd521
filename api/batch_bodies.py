"""Reads the parts of a batch: each line by itself, with what is said for all lines in the places that it leaves open.

A field that a line gives stands for the whole of that field: the parts of `meeting` or `panel` are not mixed.
"""

import hashlib
import json
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

from pydantic import ValidationError

from api import problems
from api.batch_lines import RawLine
from api.batch_schemas import BatchJob
from api.bodies import MAX_BODY_BYTES, parse
from api.problems import TooLarge
from orchestrator.batches.taking import PostedLine
from orchestrator.errors import DomainError, InvalidRequest
from orchestrator.routing.request import MAX_DEADLINE_S, AnalysisRequest
from providers.calls import JsonObject

# A batch is work for the night: its jobs go after everybody's, and have as long as a job may have.
OF_BATCHES: Final[JsonObject] = {"priority": "bulk", "deadline_s": MAX_DEADLINE_S}
_OF_LINES_ALONE: Final = ("transcript", "custom_id")


@dataclass(frozen=True)
class Words:
    """How problems are told to this caller."""

    request_id: str
    instance: str

    def of(self, refusal: DomainError) -> JsonObject:
        return problems.of(refusal, self.request_id, self.instance)[0]

    def invalid(self, error: ValidationError) -> JsonObject:
        return problems.invalid(error, self.request_id, self.instance)


@dataclass(frozen=True)
class LineReader:
    """`defaults` are fields of a request, as JSON values."""

    defaults: JsonObject
    words: Words

    def read(self, line: RawLine) -> PostedLine:
        """What the line asks for, or the problem that it is; nothing is raised for it."""
        if line.body is None:
            refusal = TooLarge(f"A line may have at most {MAX_BODY_BYTES} bytes.")
            return PostedLine(number=line.number, digest=b"", problem=self.words.of(refusal))
        digest = hashlib.sha256(line.body).digest()
        try:
            job = parse(_filled(line.body, self.defaults), BatchJob)
        except DomainError as refusal:
            return PostedLine(number=line.number, digest=digest, problem=self.words.of(refusal))
        except ValidationError as error:
            return PostedLine(number=line.number, digest=digest, problem=self.words.invalid(error))
        return PostedLine(number=line.number, digest=digest, custom_id=job.custom_id, request=job)


def defaults_of(said: Mapping[str, object]) -> JsonObject:
    """What is said for all lines, where they do not say otherwise.

    Raises:
        InvalidRequest: it is nothing that can be said for all, by itself.
        pydantic.ValidationError: its fields do not fit.
    """
    for name in _OF_LINES_ALONE:
        if name in said:
            raise InvalidRequest(f"{name} is a line's own.", pointer=f"/defaults/{name}")
    whole = {**OF_BATCHES, **said}
    # Judged with some transcript, as a job without one is none.
    asked = AnalysisRequest.model_validate_json(json.dumps({**whole, "transcript": {"content": "-"}}), strict=True)
    return {name: value for name, value in asked.model_dump(mode="json").items() if name in whole}


def first_line_defaults(line: RawLine) -> Mapping[str, object] | None:
    """What the first line of NDJSON says for all: `{"defaults": {...}}` and nothing else. None: it is a job's.

    Raises:
        InvalidRequest: what it says is no object.
    """
    if line.body is None or len(line.body) > MAX_BODY_BYTES or b'"defaults"' not in line.body[:64]:
        return None
    try:
        document = json.loads(line.body)
    except (ValueError, RecursionError):
        return None
    if not isinstance(document, dict) or document.keys() != {"defaults"}:
        return None
    return object_of(document["defaults"])


def object_of(value: object) -> Mapping[str, object]:
    """Raises InvalidRequest: it is no JSON object."""
    if not isinstance(value, dict):
        raise InvalidRequest("This is an object of a request's fields.", pointer="/defaults")
    return value


def _filled(body: bytes, defaults: JsonObject) -> bytes:
    """The line's JSON with the defaults that it does not name: written into it, so that a transcript is read once.

    A line that is no object stays as it is, and is found out by whoever reads it.
    """
    if not body.startswith(b"{"):
        return body
    try:
        named = json.loads(body)
    except (ValueError, RecursionError):
        return body
    missing = {name: value for name, value in defaults.items() if name not in named}
    if not missing:
        return body
    added = json.dumps(missing)[1:-1].encode()
    return b"{" + added + (b", " if named else b"") + body[1:]
