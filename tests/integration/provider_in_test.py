"""A scripted provider on a real socket, and our client set up to ask it."""

import json
import socket
import ssl
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field

import pytest
from pydantic import SecretStr

from providers.calls import Call, Message, Target
from providers.catalog import Catalog, load
from providers.client import PROGRESS_TIMEOUT_S, Client, ProviderAccess
from providers.errors import ProviderError
from providers.lines import Lines
from providers.sockets import Cancel

KEY = "odd-key-without-a-known-shape-42"
TARGET = Target.parse("openai/gpt-6-luna")
ANSWER = json.dumps(
    {
        "model": "gpt-6-luna-2026-09-22",
        "choices": [{"finish_reason": "stop", "message": {"content": "hello"}}],
        "usage": {"prompt_tokens": 3, "completion_tokens": 1},
    }
).encode()

Script = Callable[[socket.socket, bytes], bool]


def http(body: bytes = ANSWER, *, status: str = "200 OK", headers: str = "") -> bytes:
    return f"HTTP/1.1 {status}\r\ncontent-length: {len(body)}\r\n{headers}\r\n".encode() + body


def answering(reply: bytes) -> Script:
    """A script that sends the reply and keeps the connection."""

    def script(connection: socket.socket, _: bytes) -> bool:
        connection.sendall(reply)
        return True

    return script


@dataclass
class Server:
    """A scripted provider: one thread per connection; the script answers each request and says whether to go on."""

    script: Script
    tls: ssl.SSLContext | None = None
    requests: list[bytes] = field(default_factory=list)
    accepted: int = 0

    def __post_init__(self) -> None:
        self._listener = socket.create_server(("127.0.0.1", 0), backlog=128)
        self._open: list[socket.socket] = []
        self._lock = threading.Lock()
        threading.Thread(target=self._accept, daemon=True).start()

    @property
    def port(self) -> int:
        port: int = self._listener.getsockname()[1]
        return port

    def close(self) -> None:
        with suppress(OSError):
            self._listener.shutdown(socket.SHUT_RDWR)
        self._listener.close()
        self.drop()

    def drop(self) -> None:
        """Close every connection from this side."""
        with self._lock:
            for connection in self._open:
                with suppress(OSError):
                    connection.shutdown(socket.SHUT_RDWR)
                connection.close()
            self._open.clear()

    def _accept(self) -> None:
        with suppress(OSError):
            while True:
                connection, _ = self._listener.accept()
                with self._lock:
                    self.accepted += 1
                    self._open.append(connection)
                threading.Thread(target=self._serve, args=(connection,), daemon=True).start()

    def _serve(self, connection: socket.socket) -> None:
        with suppress(OSError):
            if self.tls is not None:
                connection = self.tls.wrap_socket(connection, server_side=True)
                with self._lock:
                    self._open.append(connection)
            while request := read_request(connection):
                self.requests.append(request)
                if not self.script(connection, request):
                    break
            connection.close()


def read_request(connection: socket.socket) -> bytes:
    data = b""
    while b"\r\n\r\n" not in data:
        part = connection.recv(65_536)
        if not part:
            return b""
        data += part
    head, _, body = data.partition(b"\r\n\r\n")
    lines = head.lower().split(b"\r\n")
    length = next((int(line[15:]) for line in lines if line.startswith(b"content-length:")), 0)
    while len(body) < length:
        body += connection.recv(65_536)
    return head + b"\r\n\r\n" + body


@contextmanager
def serving(script: Script, tls: ssl.SSLContext | None = None) -> Iterator[Server]:
    server = Server(script, tls)
    try:
        yield server
    finally:
        server.close()


def breaking_off(sent: bytes) -> Script:
    """A script that sends this much and closes."""

    def script(connection: socket.socket, _: bytes) -> bool:
        connection.sendall(sent)
        return False

    return script


@contextmanager
def client_of(
    port: int,
    *,
    scheme: str = "http",
    tls: ssl.SSLContext | None = None,
    catalog: Catalog | None = None,
    provider: str = "openai",
    keys: tuple[str, ...] = (KEY,),
    progress_timeout_s: float = PROGRESS_TIMEOUT_S,
) -> Iterator[Client]:
    access = ProviderAccess(
        provider=provider,
        base_url=f"{scheme}://127.0.0.1:{port}/v1",
        keys=tuple(SecretStr(key) for key in keys),
        timeout_s=30,
    )
    client = Client({provider: access}, catalog or load(), lines=Lines(tls=tls), progress_timeout_s=progress_timeout_s)
    try:
        yield client
    finally:
        client.close()


def call(*, timeout_s: float = 5, text: str = "hi", stream: bool = False, max_output_tokens: int = 10) -> Call:
    return Call(
        call_id="c-1",
        messages=(Message(role="user", text=text),),
        max_output_tokens=max_output_tokens,
        timeout_s=timeout_s,
        stream=stream,
    )


def failure(
    client: Client, *, timeout_s: float = 5, cancel: Cancel | None = None, text: str = "hi", stream: bool = False
) -> ProviderError:
    with pytest.raises(ProviderError) as failed:
        client.ask(TARGET, call(timeout_s=timeout_s, text=text, stream=stream), cancel=cancel or Cancel())
    return failed.value


def until(condition: Callable[[], bool], within_s: float = 5) -> None:
    ends_at = time.monotonic() + within_s
    while not condition():
        assert time.monotonic() < ends_at, "the condition was not met in time"
        time.sleep(0.002)


def silent(connection: socket.socket, _: bytes) -> bool:
    connection.recv(1)  # until the client goes
    return False
