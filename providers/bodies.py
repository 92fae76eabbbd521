"""Decodes an answer's body, whole or as it comes, up to a cap. Pure.

The library's own decoder inflates a whole chunk before anybody can count: 292 kB of gzip became 300 MB (shared design
page reliability.md, fact 8). Here the inflater is told how much it may produce.
"""

import zlib
from collections.abc import Iterable, Iterator
from typing import Final

from providers.errors import BadReply

MAX_BODY_BYTES: Final = 8 * 1024 * 1024  # the longest analysis is under one; more is an error or an attack
ACCEPTED_ENCODING: Final = "gzip"

_GZIP_OR_ZLIB: Final = zlib.MAX_WBITS | 32  # the header tells which


def collect(chunks: Iterable[bytes], *, encoding: str = "", max_bytes: int = MAX_BODY_BYTES) -> bytes:
    """Join the chunks of a body, undoing its content encoding.

    Raises:
        BadReply: as `decoded`.
    """
    body = bytearray()  # not a list to join: a hostile body may come in chunks of two bytes
    for part in decoded(chunks, encoding=encoding, max_bytes=max_bytes):
        body += part
    return bytes(body)


def decoded(chunks: Iterable[bytes], *, encoding: str = "", max_bytes: int = MAX_BODY_BYTES) -> Iterator[bytes]:
    """The chunks of a body as they come, their content encoding undone.

    Raises:
        BadReply: larger than `max_bytes` once decoded, not in the encoding it claims, or in one we never asked for.
    """
    name = encoding.strip().lower()
    if name in ("", "identity"):
        parts = iter(chunks)
    elif name in ("gzip", "x-gzip", "deflate"):
        parts = _inflate(chunks, max_bytes)
    else:
        raise BadReply(f"the body came in an encoding that was not asked for: {name}")
    size = 0
    for part in parts:
        size += len(part)
        if size > max_bytes:
            raise BadReply(f"the body is larger than {max_bytes} bytes")
        yield part


def _inflate(chunks: Iterable[bytes], max_bytes: int) -> Iterator[bytes]:
    inflater = zlib.decompressobj(_GZIP_OR_ZLIB)
    any_input = False
    for chunk in chunks:
        rest = chunk
        while rest:
            if inflater.eof:  # a gzip body may hold several members, one after the other
                inflater = zlib.decompressobj(_GZIP_OR_ZLIB)
            any_input = True
            try:
                # One byte past the cap is enough to see that it is passed; the caller stops there.
                part = inflater.decompress(rest, max_bytes + 1)
            except zlib.error:
                raise BadReply("the body is not in the encoding that it claims") from None
            yield part
            rest = inflater.unused_data if inflater.eof else inflater.unconsumed_tail
    if any_input and not inflater.eof:
        raise BadReply("the compressed body ends too early")
