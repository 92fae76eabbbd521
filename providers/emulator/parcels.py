"""An answer as bytes on their way, and how it ends: the value that transport faults distort. Pure."""

import itertools
import re
import zlib
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, replace
from typing import Annotated, Final, Literal

from pydantic import BaseModel, ConfigDict, Field

from providers.emulator.chat_answers import event

MIB: Final = 1 << 20
_STRING: Final = re.compile(rb':\s*"')  # where the text of a field begins
FAILURE: Final = event({"error": {"message": "The server had an error.", "type": "server_error", "code": None}})


class FaultArgs(BaseModel):
    """The knobs of the faults; each fault reads those that concern it.

    `retry_after` is sent as it is; `retry_after_date_s` becomes an HTTP date so many seconds ahead. `delay_ms` waits
    before the first byte, `interval_ms` between bytes. `problem` takes the newer of AIMLAPI's two error bodies.
    `after` is the share of the answer before a stall, `comments` keep the connection alive in it; `crlf` ends lines so.
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    retry_after: str | None = None
    retry_after_date_s: float | None = None
    retry_after_ms: str | None = None
    should_retry: bool | None = None
    message: str | None = None
    delay_ms: Annotated[float, Field(ge=0)] | None = None
    interval_ms: Annotated[float, Field(ge=0)] = 500
    size_mb: Annotated[int, Field(ge=1, le=4_096)] = 64
    content_type: str = "text/plain"
    model: str | None = None
    problem: bool = False
    after: Annotated[float, Field(ge=0, le=1)] = 0.5
    comments: bool = False
    crlf: bool = False
    cached_share: Annotated[float, Field(ge=0, le=1)] = 0.5


@dataclass(frozen=True)
class Parcel:
    """Bytes to send. `length` is the announced one; None sends chunks. Pieces may be endless: iterate, never collect.

    An empty piece is a pause and nothing else. `failure`: how the dialect says in mid-stream that it has failed.
    `ending`: `reset` and `close` break the connection after the last piece; `hang_up` completes the answer and closes
    then, `idle` only if nobody has asked again `idle_s` later. A `status` of None sends nothing at all.
    """

    status: int | None
    headers: dict[str, str]
    pieces: Iterable[bytes]
    length: int | None = None
    wait_s: float = 0.0
    pause_s: float = 0.0
    ending: Literal["complete", "close", "reset", "hang_up", "idle"] = "complete"
    idle_s: float = 1.0
    failure: bytes = FAILURE


def parcel(status: int, headers: dict[str, str], body: bytes, content_type: str = "application/json") -> Parcel:
    """A whole body with its length."""
    return Parcel(status, {"content-type": content_type} | headers, (body,), length=len(body))


def _close(sent: Parcel, _args: FaultArgs) -> Parcel:
    return replace(sent, status=None, pieces=(), ending="close")


def _reset(sent: Parcel, _args: FaultArgs) -> Parcel:
    return replace(sent, pieces=(_half(sent),), ending="reset")


def _truncated(sent: Parcel, _args: FaultArgs) -> Parcel:
    """Half the bytes as if they were all: the length fits, the JSON or the stream does not."""
    half = _half(sent)
    return replace(sent, pieces=(half,), length=None if sent.length is None else len(half))


def _drip(sent: Parcel, args: FaultArgs) -> Parcel:
    body = b"".join(sent.pieces)
    pieces = tuple(body[place : place + 1] for place in range(len(body)))
    return replace(sent, pieces=pieces, pause_s=args.interval_ms / 1000)


def _stall(sent: Parcel, args: FaultArgs) -> Parcel:
    """An hour unless told otherwise: longer than any client waits."""
    return replace(sent, wait_s=3600.0 if args.delay_ms is None else args.delay_ms / 1000)


def _wrong_type(sent: Parcel, args: FaultArgs) -> Parcel:
    return replace(sent, headers=sent.headers | {"content-type": args.content_type})


def _huge(sent: Parcel, args: FaultArgs) -> Parcel:
    """White space without end in front of a good answer, which would still parse."""
    return replace(sent, pieces=itertools.chain(_padding(args), sent.pieces), length=None)


def _long_string(sent: Parcel, args: FaultArgs) -> Parcel:
    """The first text of the answer is of so many megabytes."""
    body = b"".join(sent.pieces)
    begin = _STRING.search(body)
    place = begin.end() if begin else 0
    padding = itertools.repeat(b"x" * MIB, args.size_mb)
    return replace(sent, pieces=itertools.chain((body[:place],), padding, (body[place:],)), length=None)


def _endless(sent: Parcel, args: FaultArgs) -> Parcel:
    return replace(sent, pieces=itertools.repeat(b" " * 64), length=None, pause_s=args.interval_ms / 1000)


def _gzip_bomb(sent: Parcel, args: FaultArgs) -> Parcel:
    headers = sent.headers | {"content-encoding": "gzip"}
    return replace(sent, headers=headers, pieces=_zipped(itertools.chain(_padding(args), sent.pieces)), length=None)


def _stream_error(sent: Parcel, _args: FaultArgs) -> Parcel:
    """An error object after half of the chunks. An answer that is not streamed has no middle and stays whole."""
    if sent.length is not None:
        return sent
    pieces = tuple(sent.pieces)
    return replace(sent, pieces=(*pieces[: len(pieces) // 2], sent.failure))


def _half(sent: Parcel) -> bytes:
    body = b"".join(sent.pieces)
    return body[: len(body) // 2]


def _padding(args: FaultArgs) -> Iterator[bytes]:
    return itertools.repeat(b" " * MIB, args.size_mb)


def _zipped(pieces: Iterable[bytes]) -> Iterator[bytes]:
    squeezer = zlib.compressobj(wbits=zlib.MAX_WBITS | 16)
    yield from filter(None, map(squeezer.compress, pieces))
    yield squeezer.flush()


FAULTS: Final[dict[str, Callable[[Parcel, FaultArgs], Parcel]]] = {
    "close": _close,
    "close_after_work": _close,
    "reset": _reset,
    "truncated": _truncated,
    "drip": _drip,
    "stall": _stall,
    "wrong_content_type": _wrong_type,
    "huge": _huge,
    "long_string": _long_string,
    "endless": _endless,
    "gzip_bomb": _gzip_bomb,
    "stream_error": _stream_error,
}
