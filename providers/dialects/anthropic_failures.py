"""Names the failure in an answer of Anthropic's, and reads leniently what strangers wrote. Pure.

A body is read into one `Failure`, and the table beside this room decides. Usually the body is
`{"type": "error", "error": {"type", "message", "details"?}, "request_id"}`; the edge of the network sends text or HTML,
and a proxy in between may put the whole into a message of its own.

Source: shared design page providers.md, sections 1.2, 2.2, 2.3 and 2.4; the shapes are those of recorded answers.
"""

from collections.abc import Iterator
from typing import Final, NamedTuple

from pydantic import JsonValue

from providers import waits
from providers.dialects.anthropic_failure_table import TABLE, Failure
from providers.dialects.documents import MAX_TEXT_CHARACTERS, as_object, clean, parse, plain
from providers.errors import ProviderError, RateLimited
from providers.wire import WireReply

_MAX_NESTING: Final = 5  # error, details, and an upstream's body inside a message: once


def classify(reply: WireReply) -> ProviderError:
    """Name the failure of an answer, with the wait that it asks for and its own word on repeating."""
    failure = read(reply)
    row = next(row for row in TABLE if row.fits(failure))
    message = f"HTTP {reply.status}: {failure.text or 'no explanation'}"
    error = row.kind(message, status=reply.status, request_id=request_id(reply))
    if isinstance(error, RateLimited):
        error.retry_after_s = waits.told(reply.headers)
    # The provider's own verdict, and authoritative (section 2.2, rule 5).
    error.retryable = {"true": True, "false": False}.get(reply.headers.get("x-should-retry", ""), error.retryable)
    return error


def read(reply: WireReply) -> Failure:
    """Find type, codes and text in a body of the known shape, of a proxy's, or of none."""
    parts = tuple(_parts(parse(reply.body), 0))
    text = " ".join(dict.fromkeys(" ".join(part.text.split()) for part in parts if part.text))
    return Failure(
        status=reply.status,
        words=frozenset(word.lower() for part in parts for word in part.words),
        text=(text if parts else plain(reply.body))[:MAX_TEXT_CHARACTERS],
    )


def request_id(reply: WireReply) -> str | None:
    """The provider's name for the exchange: support asks for it. An error body repeats what the header says."""
    return reply.headers.get("request-id") or clean(as_object(parse(reply.body)).get("request_id")) or None


class _Part(NamedTuple):
    words: tuple[str, ...]
    text: str


def _parts(value: JsonValue, depth: int) -> Iterator[_Part]:
    """Walk the shapes: {error: {…}}, {error: text}, {message: JSON in a string}, [ {…} ]."""
    if depth > _MAX_NESTING:
        return
    if isinstance(value, list):
        for entry in value[:1]:
            yield from _parts(entry, depth + 1)
    elif isinstance(value, str):
        nested = parse(value.encode("utf-8", "replace")) if value.lstrip()[:1] in ("{", "[") else None
        if isinstance(nested, (dict, list)):
            yield from _parts(nested, depth + 1)
        else:
            yield _Part((), clean(value)[:MAX_TEXT_CHARACTERS])
    elif isinstance(value, dict):
        yield _Part(tuple(clean(value.get(name)) for name in ("type", "code", "error_code")), "")
        for name in ("message", "error", "detail", "details"):
            yield from _parts(value.get(name), depth + 1)
