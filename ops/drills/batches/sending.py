"""A sender of batches that can be slow, fall silent or be cut off: a socket, and chunks that are made as they leave."""

import json
import socket
import struct
import time
from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import closing, suppress
from dataclasses import dataclass
from http.client import HTTPConnection
from typing import Final
from urllib.parse import urlsplit

from api.batch_intake import NDJSON
from ops.bench.slice_rig import Product
from providers.calls import JsonObject

BLOCK_BYTES: Final = 64 * 1024
PATIENCE_S: Final = 900.0
RESET: Final = struct.pack("ii", 1, 0)  # SO_LINGER of no time: the connection is reset, as by a crash


@dataclass(frozen=True)
class Sent:
    """What was answered, and how long it took from the first byte sent."""

    status: int
    headers: Mapping[str, str]
    body: JsonObject
    took_s: float


@dataclass(frozen=True)
class Upload:
    """How it is handed in."""

    atomic: bool = False
    key: str | None = None
    media: str = NDJSON


class Sender:
    """Uploads to one service."""

    def __init__(self, product: Product) -> None:
        self._product = product

    def whole(self, pieces: Iterable[bytes], how: Upload) -> Sent:
        """Send all of it and wait for the answer, which may come before all is sent."""
        began = time.monotonic()
        with closing(self._begun(how)) as connection:
            with suppress(BrokenPipeError, ConnectionResetError):
                for piece in pieces:
                    connection.send(_chunk(piece))
                connection.send(b"0\r\n\r\n")
            reply = connection.getresponse()
            headers = {name.lower(): value for name, value in reply.getheaders()}
            body: JsonObject = json.loads(reply.read())
        return Sent(reply.status, headers, body, time.monotonic() - began)

    def cut(self, pieces: Iterable[bytes], how: Upload, when: Callable[[], None]) -> None:
        """Send that much, wait until `when` returns, and reset the connection in the middle of a chunk."""
        with closing(self._begun(how)) as connection:
            for piece in pieces:
                connection.send(_chunk(piece))
            connection.send(b"ffff\r\n{")
            when()
            connection.sock.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, RESET)

    def silent(self, pieces: Iterable[bytes], how: Upload) -> Sent:
        """Send that much, then nothing more, and wait for what is said to that."""
        began = time.monotonic()
        with closing(self._begun(how)) as connection:
            for piece in pieces:
                connection.send(_chunk(piece))
            reply = connection.getresponse()
            body: JsonObject = json.loads(reply.read())
        return Sent(reply.status, {}, body, time.monotonic() - began)

    def _begun(self, how: Upload) -> HTTPConnection:
        place = urlsplit(self._product.url)
        connection = HTTPConnection(place.hostname or "127.0.0.1", place.port, timeout=PATIENCE_S)
        connection.putrequest("POST", f"/v1/batches?atomic={str(how.atomic).lower()}")
        connection.putheader("Authorization", f"Bearer {self._product.key}")
        connection.putheader("Content-Type", how.media)
        connection.putheader("Transfer-Encoding", "chunked")
        if how.key is not None:
            connection.putheader("Idempotency-Key", how.key)
        connection.endheaders()
        return connection


def blocks(lines: Iterable[bytes]) -> Iterator[bytes]:
    """The same bytes in pieces of a size that sockets like."""
    kept = bytearray()
    for line in lines:
        kept += line
        if len(kept) >= BLOCK_BYTES:
            yield bytes(kept)
            kept.clear()
    if kept:
        yield bytes(kept)


def paced(pieces: Iterable[bytes], bytes_per_s: float) -> Iterator[bytes]:
    """As a thin line brings them."""
    began, sent = time.monotonic(), 0
    for piece in pieces:
        yield piece
        sent += len(piece)
        time.sleep(max(0.0, began + sent / bytes_per_s - time.monotonic()))


def document(lines: Iterable[bytes]) -> Iterator[bytes]:
    """One JSON document of these jobs."""
    yield b'{"jobs": ['
    for number, line in enumerate(lines):
        yield (b"," if number else b"") + line
    yield b"]}"


def _chunk(piece: bytes) -> bytes:
    return f"{len(piece):x}\r\n".encode() + piece + b"\r\n"
