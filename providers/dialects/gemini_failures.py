"""Names the failure in an answer of generateContent, from Google itself or from a gateway in front of it. Pure.

A body is read leniently into one `Failure`, and the table beside this room decides. The wait that a rate limit asks for
stands in the body here, among the details of the error.

Source: shared design page providers.md, sections 1.3, 2.2, 2.3 and 2.4; the shapes are those of recorded answers.
"""

from collections.abc import Iterator
from typing import Final

from pydantic import JsonValue

from providers import waits
from providers.calls import JsonObject
from providers.dialects.documents import MAX_TEXT_CHARACTERS, as_object, as_objects, clean, parse, plain
from providers.dialects.gemini_failure_table import DAILY, TABLE, Failure
from providers.errors import ProviderError, RateLimited
from providers.wire import WireReply

_MAX_NESTING: Final = 6  # an array, an error, its message as JSON, and the same again inside: wrapped once by a gateway


def classify(reply: WireReply) -> ProviderError:
    """Name the failure of an answer, with the wait that it asks for."""
    return named(parse(reply.body), reply)


def named(document: JsonValue, reply: WireReply) -> ProviderError:
    """Name the failure that a document tells of, which came with that answer: all of its body, or a piece of a stream.

    A document that tells nothing leaves the status and the body's plain text.
    """
    failure = read(document, reply)
    row = next(row for row in TABLE if row.fits(failure))
    error = row.kind(f"HTTP {reply.status}: {failure.text or 'no explanation'}", status=reply.status)
    if isinstance(error, RateLimited):
        error.retry_after_s = waits.told(reply.headers) or _retry_delay_s(document)
    return error


def read(document: JsonValue, reply: WireReply) -> Failure:
    """Find status, names and text in an error of any of the known shapes, or of none."""
    told = tuple(_objects(document, 0))
    said = [clean(one.get(name)) for one in told for name in ("message", "error")]
    text = " ".join(dict.fromkeys(" ".join(part.split()) for part in said if part and not _is_json(part)))
    return Failure(
        status=_status(reply.status, told),
        words=frozenset(word for one in told for word in _words(one)),
        text=(text if told else plain(reply.body))[:MAX_TEXT_CHARACTERS],
    )


def _objects(value: JsonValue, depth: int) -> Iterator[JsonObject]:
    """Every object that tells of the failure, the outermost first: {error: {…}}, [{…}], and JSON inside a message."""
    if isinstance(value, str) and _is_json(value):
        value = parse(value.encode("utf-8", "replace"))
    if isinstance(value, list):
        value = value[0] if value else None
    if isinstance(value, dict) and depth <= _MAX_NESTING:
        yield value
        yield from _objects(value.get("error"), depth + 1)
        yield from _objects(value.get("message"), depth + 1)


def _is_json(text: str) -> bool:
    return text.lstrip()[:1] in ("{", "[")


def _words(error: JsonObject) -> Iterator[str]:
    """The name of the failure, the reasons among its details, and `DAILY` where a quota of the day is used up."""
    yield clean(error.get("status"))
    for detail in as_objects(error.get("details")):
        yield clean(detail.get("reason"))
        metadata = as_object(detail.get("metadata"))
        quotas = [clean(broken.get("quotaId")) for broken in as_objects(detail.get("violations"))]
        if any("perday" in quota.lower() for quota in (*quotas, clean(metadata.get("quota_limit")))):
            yield DAILY


def _status(status: int, told: tuple[JsonObject, ...]) -> int:
    """The status of the failure: inside a success, the first number that an error gives itself."""
    if not 200 <= status < 300:
        return status
    codes = [one.get("code") for one in told]
    return next((code for code in codes if isinstance(code, int) and 300 <= code < 600), status)


def _retry_delay_s(document: JsonValue) -> float | None:
    """The longest `retryDelay` among the details; None where none makes sense."""
    details = [detail for error in _objects(document, 0) for detail in as_objects(error.get("details"))]
    delays = [waits.duration_s(clean(detail.get("retryDelay"))) for detail in details]
    return max((delay for delay in delays if delay is not None and 0 < delay <= waits.MAX_WAIT_S), default=None)
