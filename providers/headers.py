"""Headers as they go out and come in: names and texts of ours, bytes on the wire. Pure."""

from collections.abc import Iterable, Mapping
from typing import Final, TypeAlias

from providers.bodies import ACCEPTED_ENCODING

RawHeaders: TypeAlias = list[tuple[bytes, bytes]]

_EVERY_REQUEST: Final[Mapping[str, str]] = {
    "accept": "application/json",
    "accept-encoding": ACCEPTED_ENCODING,
    "connection": "keep-alive",
    "user-agent": "meetingmind",
}


def headers_out(host: bytes, headers: Mapping[str, str], body: bytes | None) -> RawHeaders:
    """What a request carries: what all of them do, and the given ones, which win, whatever the case of their names.

    Args:
        body: None: the request has none, and no length of it.

    Raises:
        UnicodeEncodeError: a header is not of ASCII characters alone.
    """
    named = {**_EVERY_REQUEST, **{name.lower(): value for name, value in headers.items()}}
    length = [] if body is None else [(b"content-length", b"%d" % len(body))]
    return [(b"host", host), *((name.encode("ascii"), value.encode("ascii")) for name, value in named.items()), *length]


def headers_in(headers: Iterable[tuple[bytes, bytes]]) -> dict[str, str]:
    """An answer's headers by lower-case name. What comes more than once is one list, with commas (RFC 9110, 5.2)."""
    joined: dict[str, str] = {}
    for raw_name, raw_value in headers:
        name, value = raw_name.decode("ascii").lower(), _text(raw_value)
        joined[name] = f"{joined[name]}, {value}" if name in joined else value
    return joined


def _text(value: bytes) -> str:
    try:
        return value.decode()
    except UnicodeDecodeError:
        return value.decode("latin-1")  # the old default of HTTP, in which every byte is a sign
