"""A caller without manners: raw sockets on the API, which say what they like and when they like."""

import json
import socket
import time
from dataclasses import dataclass
from typing import Any, Self

PATIENCE_S = 30.0


@dataclass(frozen=True)
class Answer:
    """What came of one response on the wire."""

    status: int
    headers: dict[str, str]
    body: bytes

    def json(self) -> Any:
        return json.loads(self.body)


class Wire:
    """One connection to the product."""

    def __init__(self, port: int) -> None:
        self._socket = socket.create_connection(("127.0.0.1", port), timeout=PATIENCE_S)
        self._unread = b""
        self.opened_at = time.monotonic()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self._socket.close()

    def send(self, data: bytes) -> None:
        self._socket.sendall(data)

    def stop_sending(self) -> None:
        self._socket.shutdown(socket.SHUT_WR)

    def answer(self) -> Answer | None:
        """The next answer; None: the connection was closed or reset before the first byte of one."""
        if not (head := self._until(b"\r\n\r\n")):
            return None
        first, *lines = head.decode().split("\r\n")
        headers = dict(line.lower().split(": ", 1) for line in lines)
        chunked = "transfer-encoding" in headers
        body = self._chunks() if chunked else self._exactly(int(headers["content-length"]))
        return Answer(int(first.split(" ")[1]), headers, body)

    def read(self, most: int) -> int:
        """Take so many bytes at most, and say how many they were; 0 at the end."""
        return len(self._socket.recv(most))

    def closed_after_s(self) -> float:
        """How long the connection lived; what still comes on it must be nothing."""
        assert (self._unread, self._receive()) == (b"", b"")
        return time.monotonic() - self.opened_at

    def is_open(self) -> bool:
        """Whether the other side has closed it by now. What has come is lost."""
        self._socket.setblocking(False)
        try:
            return bool(self._socket.recv(65_536))
        except BlockingIOError:
            return True
        except ConnectionError:
            return False
        finally:
            self._socket.settimeout(PATIENCE_S)

    def _chunks(self) -> bytes:
        body = b""
        while length := int(self._until(b"\r\n"), 16):
            body += self._exactly(length)
            self._exactly(2)
        self._exactly(2)
        return body

    def _until(self, mark: bytes) -> bytes:
        while mark not in self._unread:
            if not (piece := self._receive()):
                assert not self._unread, f"half an answer: {self._unread[:300]!r}"
                return b""
            self._unread += piece
        found, _, self._unread = self._unread.partition(mark)
        return found

    def _exactly(self, count: int) -> bytes:
        while len(self._unread) < count:
            piece = self._receive()
            assert piece, "half an answer"
            self._unread += piece
        found, self._unread = self._unread[:count], self._unread[count:]
        return found

    def _receive(self) -> bytes:
        try:
            return self._socket.recv(65_536)
        except ConnectionResetError:
            return b""


def request(path: str, method: str = "GET", **headers: str) -> bytes:
    """A head without a body, or before one."""
    lines = [
        f"{method} {path} HTTP/1.1",
        "Host: x",
        *(f"{name.replace('_', '-')}: {it}" for name, it in headers.items()),
    ]
    return "\r\n".join([*lines, "", ""]).encode()
