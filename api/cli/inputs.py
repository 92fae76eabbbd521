"""From what was typed to what is posted: files and wishes."""

from dataclasses import dataclass
from pathlib import Path
from typing import Final

from pydantic import JsonValue

from api.cli.exits import USAGE, Told
from api.cli.options import Wishes
from api.client import Problem
from orchestrator.errors import UnparseableTranscript
from orchestrator.meeting.decoding import decode
from providers.calls import JsonObject

# The service refuses above 5 MB and says so itself; far above that it is not worth the way.
MOST_BYTES: Final = 32_000_000


@dataclass(frozen=True)
class TranscriptFile:
    """A file that could be read. Its bytes may still turn out to be no transcript."""

    path: Path
    data: bytes


def read(path: Path) -> TranscriptFile:
    """Read a file.

    Raises:
        Told: there is no such file, or it cannot be read; a usage error.
    """
    try:
        if path.is_dir():
            raise Told(f"{path} is a folder. Name the transcript files in it.", code=USAGE)
        with path.open("rb") as file:
            data = file.read(MOST_BYTES + 1)
    except FileNotFoundError:
        raise Told(f"There is no file {path}.", code=USAGE) from None
    except (OSError, ValueError) as error:
        reason = getattr(error, "strerror", None) or error
        raise Told(f"{path} cannot be read: {reason}.", code=USAGE) from None
    return TranscriptFile(path, data)


def request(file: TranscriptFile, wishes: Wishes) -> JsonObject:
    """The body to post.

    Raises:
        Problem: the bytes are no text, or far too many; in the service's own words.
    """
    if len(file.data) > MOST_BYTES:
        raise _refusal(
            "too-large", "The body is too large", 413, f"{file.path.name} has more than {MOST_BYTES // 10**6} MB"
        )
    try:
        content = decode(file.data)
    except UnparseableTranscript as error:
        place: JsonObject = {"line": error.line, "offset": error.offset}
        raise _refusal("unparseable-transcript", "The transcript cannot be read", 422, error.message, place) from None
    body: JsonObject = {"transcript": {"format": "auto", "content": content}}
    return body | wished(wishes)


def wished(wishes: Wishes) -> JsonObject:
    """The fields of a job that the options speak of."""
    models: list[JsonValue] = list(wishes.models)
    tags: list[JsonValue] = list(wishes.tags)
    panel = _said({"models": models or None, "size": wishes.size})
    regions: list[JsonValue] = list(wishes.regions)
    redact: list[JsonValue] = list(wishes.redact)
    terms: list[JsonValue] = list(wishes.redact_terms)
    routing = _said(
        {
            "strategy": wishes.routing,
            "regions": regions or None,
            "zero_retention": wishes.zero_retention or None,
            "preferred_provider": wishes.preferred_provider,
            "pinned": wishes.pinned or None,
        }
    )
    return _said(
        {
            "strategy": wishes.strategy,
            "policy": wishes.policy,
            "panel": panel or None,
            "routing": routing or None,
            "redaction": _said({"kinds": redact or None, "terms": terms or None}) or None,
            "unverified": wishes.unverified,
            "quorum": wishes.quorum,
            "deadline_s": wishes.deadline_s,
            "not_before": wishes.at,
            "max_cost_usd": wishes.max_cost_usd,
            "priority": wishes.priority,
            "meeting": {"title": wishes.title} if wishes.title is not None else None,
            "reference": wishes.reference,
            "tags": tags or None,
            "project": wishes.project,
            "allow_extractive": wishes.extractive,
        }
    )


def _said(wishes: JsonObject) -> JsonObject:
    return {name: value for name, value in wishes.items() if value is not None}


def _refusal(code: str, title: str, status: int, detail: str, place: JsonObject | None = None) -> Problem:
    """What the service would have answered, had the file been sent."""
    document: JsonObject = {
        "type": f"urn:meetingmind:problem:{code}",
        "title": title,
        "status": status,
        "detail": detail,
        "code": code,
    }
    return Problem(document | (place or {}), status=status)
