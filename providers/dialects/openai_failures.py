"""Names the failure in an answer of the OpenAI family: OpenAI, Azure, OpenRouter, AIMLAPI, DeepSeek, their like. Pure.

They share a dialect and disagree on errors: the same mistake has another status, code or shape at each of them.
So a body is read leniently into one `Failure`, and the table beside this room decides.

Source: shared design page providers.md, sections 2.2 and 2.3; the shapes are those of recorded answers.
"""

import re
from collections.abc import Iterator
from typing import Final, NamedTuple

from pydantic import JsonValue

from providers import waits
from providers.calls import JsonObject
from providers.dialects.documents import MAX_TEXT_CHARACTERS, as_object, clean, parse, plain
from providers.dialects.openai_failure_table import TABLE, Failure
from providers.errors import ProviderError, RateLimited
from providers.wire import WireReply

_MAX_NESTING: Final = 6  # error, metadata, raw, and the same again inside: an upstream's body is wrapped once


def classify(reply: WireReply) -> ProviderError:
    """Name the failure of an answer, with the wait that it asks for and its own word on repeating."""
    return named(parse(reply.body), reply)


def named(document: JsonValue, reply: WireReply) -> ProviderError:
    """The same for a document out of the answer, such as one event of a stream."""
    failure = read(document, reply)
    row = next(row for row in TABLE if row.fits(failure))
    message = f"HTTP {reply.status}: {failure.text or 'no explanation'}"
    error = row.kind(message, status=reply.status, request_id=request_id(reply))
    if isinstance(error, RateLimited):
        error.retry_after_s = waits.told(reply.headers)
    # OpenAI's own verdict, and authoritative there (section 2.2, rule 5).
    error.retryable = {"true": True, "false": False}.get(reply.headers.get("x-should-retry", ""), error.retryable)
    return error


def read(document: JsonValue, reply: WireReply) -> Failure:
    """Find status, codes and text in a document of any of the known shapes, or of none."""
    parts = tuple(_parts(document, 0))
    text = " ".join(dict.fromkeys(" ".join(part.text.split()) for part in parts if part.text))
    if not parts:
        text = plain(reply.body)
    failure = Failure(
        status=_status(reply.status, document),
        words=frozenset(word for part in parts for word in part.words),
        text=text[:MAX_TEXT_CHARACTERS],
        told_to_wait="retry-after" in reply.headers,
    )
    # An aggregator may pass its upstream's refusal on as a fault of its own: `500 "404 Unable to access model"`.
    disguised = re.match(r"4\d\d\b", failure.text) if failure.status == 500 else None
    return failure.model_copy(update={"status": int(disguised.group())}) if disguised else failure


def request_id(reply: WireReply) -> str | None:
    """The provider's name for the exchange, its billing id first: support asks for it."""
    for name in ("x-inference-id", "x-request-id", "x-generation-id", "apim-request-id", "x-ds-trace-id"):
        if reply.headers.get(name):
            return reply.headers[name]
    return None


class _Part(NamedTuple):
    words: tuple[str, ...]
    text: str


def _parts(value: JsonValue, depth: int) -> Iterator[_Part]:
    """Walk the shapes: {error: {…}}, {error: text}, {detail: …}, {message, statusCode}, [ {…} ], JSON in a string."""
    if depth > _MAX_NESTING:
        return
    if isinstance(value, list):
        for entry in value[:1]:
            yield from _parts(entry, depth)
    elif isinstance(value, str):
        nested = parse(value.encode("utf-8", "replace")) if value.lstrip()[:1] in ("{", "[") else None
        if isinstance(nested, (dict, list)):
            yield from _parts(nested, depth + 1)
        else:
            yield _Part((), clean(value)[:MAX_TEXT_CHARACTERS])
    elif isinstance(value, dict):
        yield _Part(tuple(_words(value)), "")
        for name in ("message", "error", "detail", "title", "details", "innererror", "metadata", "raw"):
            if name in value:
                yield from _parts(value[name], depth + 1)


def _words(part: JsonObject) -> Iterator[str]:
    for name in ("code", "type", "name"):
        word = part.get(name)
        if isinstance(word, str):
            yield word.lower()
    # Fields that tell by being there.
    if part.get("misalignment"):
        yield "misalignment"
    if part.get("flagged_input"):
        yield "flagged_input"
    if part.get("reasons"):
        yield "moderation"


def _status(status: int, document: JsonValue) -> int:
    """The status of the failure: inside a success, the number that the error object gives itself."""
    if not 200 <= status < 300:
        return status
    error = as_object(as_object(document).get("error"))
    for name in ("code", "status", "status_code"):
        number = error.get(name)
        if isinstance(number, int) and not isinstance(number, bool) and 300 <= number < 600:
            return number
    return status
