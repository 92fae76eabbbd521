"""Further damage on the way: to connections and to the rhythm and the cutting of the bytes. Pure.

`parcels` has the first half of the table. The lists: shared design page providers.md, section 10, and reliability.md,
section A.0.
"""

import itertools
from collections.abc import Callable, Iterator
from dataclasses import replace
from typing import Final

from providers.emulator.draws import fraction
from providers.emulator.parcels import FaultArgs, Parcel

MOST_BYTES: Final = 9  # between two cuts at most: small enough to part every event of a stream

_HOUR_MS: Final = 3_600_000.0
_COMMENT: Final = b": keep-alive\n\n"
_BLANKS: Final = b"\n \n\t\n\r\n"
_PAGE: Final = b"<html><body>It works!</body></html>\n"
_UTF8_TAIL: Final = range(0x80, 0xC0)
_LF: Final = 0x0A


def _cut(sent: Parcel, _args: FaultArgs) -> Parcel:
    """A stream that ends politely, at the border of two events, before it has said that it is finished."""
    if sent.length is not None:
        return sent
    pieces = tuple(sent.pieces)
    return replace(sent, pieces=pieces[: len(pieces) * 2 // 3])


def _stall_mid(sent: Parcel, args: FaultArgs) -> Parcel:
    """So much of the answer, then silence or comments (which a whole answer cannot hold), then the rest."""
    body = b"".join(sent.pieces)
    place = _event_border(body, args.after) if sent.length is None else int(len(body) * args.after)
    noise = _COMMENT if args.comments and sent.length is None else b""
    stall_ms = _HOUR_MS if args.delay_ms is None else args.delay_ms
    ticks = int(stall_ms / max(args.interval_ms, 1.0))
    pieces = itertools.chain((body[:place],), itertools.repeat(noise, ticks), (body[place:],))
    return replace(sent, pieces=pieces, pause_s=args.interval_ms / 1000)


def _split(sent: Parcel, args: FaultArgs) -> Parcel:
    """The same bytes in other pieces: cut at any place, in every long character and between every CR and LF."""
    body = b"".join(sent.pieces)
    if args.crlf and sent.length is None:
        body = body.replace(b"\n", b"\r\n")
    return replace(sent, pieces=tuple(_shreds(body)))


def _blank_lines(sent: Parcel, _args: FaultArgs) -> Parcel:
    """White space before the answer, as from a server that keeps a waiting connection alive."""
    length = None if sent.length is None else sent.length + len(_BLANKS)
    return replace(sent, pieces=(_BLANKS, *sent.pieces), length=length)


def _wrong_json(sent: Parcel, _args: FaultArgs) -> Parcel:
    """Quoted as Python quotes: it looks like JSON to people."""
    return replace(sent, pieces=tuple(piece.replace(b'"', b"'") for piece in sent.pieces))


def _html(sent: Parcel, _args: FaultArgs) -> Parcel:
    """Somebody else answered in the vendor's place, and was glad to."""
    return replace(sent, headers=sent.headers | {"content-type": "text/html"}, pieces=(_PAGE,), length=len(_PAGE))


def _event_border(body: bytes, share: float) -> int:
    """The end of the last whole event within the share."""
    return body.rfind(b"\n\n", 0, int(len(body) * share) + 1) + 2 if share > 0 and b"\n\n" in body else 0


def _shreds(body: bytes) -> Iterator[bytes]:
    start = 0
    until = 0
    for place, byte in enumerate(body):
        due = place >= until and place > start
        forced = place > start and (byte in _UTF8_TAIL or (byte == _LF and body[place - 1] == 0x0D))
        if due or forced:
            yield body[start:place]
            start = place
            until = place + 1 + int(fraction(place, "cut") * MOST_BYTES)
    if start < len(body):
        yield body[start:]


FAULTS: Final[dict[str, Callable[[Parcel, FaultArgs], Parcel]]] = {
    "cut": _cut,
    "stall_mid": _stall_mid,
    "split": _split,
    "blank_lines": _blank_lines,
    "wrong_json": _wrong_json,
    "html_in_200": _html,
    "reset_before": lambda sent, _args: replace(sent, status=None, pieces=(), ending="reset"),
    "reset_after_headers": lambda sent, _args: replace(sent, pieces=(), ending="reset"),
    "close_after_response": lambda sent, _args: replace(sent, ending="hang_up"),
    "idle_close": lambda sent, args: replace(
        sent, ending="idle", idle_s=1.0 if args.delay_ms is None else args.delay_ms / 1000
    ),
}
