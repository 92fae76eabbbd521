"""A receiver of webhooks, for tests and drills: writes down what comes, and answers as it is told."""

import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import TypeAlias


@dataclass(frozen=True)
class Received:
    """A request as it came. `headers` in lower case; `at` in seconds since 1970."""

    path: str
    headers: dict[str, str]
    body: bytes
    at: float

    @property
    def event_id(self) -> str:
        return self.headers["webhook-id"]


# What to do with a request, over the handler that has it.
Manners: TypeAlias = Callable[[BaseHTTPRequestHandler, Received], None]


def answering(status: int, **headers: str) -> Manners:
    def answer(handler: BaseHTTPRequestHandler, _: Received) -> None:
        handler.send_response(status)
        for name, value in headers.items():
            handler.send_header(name.replace("_", "-"), value)
        handler.send_header("Content-Length", "0")
        handler.end_headers()

    return answer


@dataclass
class Receiver:
    """`url` is where it listens, `seen` all that came."""

    url: str
    manners: Manners
    seen: list[Received] = field(default_factory=list)

    def ids(self) -> list[str]:
        return [one.event_id for one in list(self.seen)]


@contextmanager
def receiving(manners: Manners | None = None, host: str = "127.0.0.1", port: int = 0) -> Iterator[Receiver]:
    """A receiver on a free port, or on that one; says 204 to all unless told otherwise."""

    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def do_POST(self) -> None:
            body = self.rfile.read(int(self.headers.get("Content-Length", "0")))
            named = {name.lower(): value for name, value in self.headers.items()}
            found = Received(self.path, named, body, time.time())
            receiver.seen.append(found)
            receiver.manners(self, found)

        def log_message(self, *_: object) -> None:
            """Say nothing."""

    server = ThreadingHTTPServer((host, port), Handler)
    server.daemon_threads = True
    receiver = Receiver(f"http://{host}:{server.server_port}/hooks?x=1", manners or answering(204))
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.05}, daemon=True)
    thread.start()
    try:
        yield receiver
    finally:
        server.shutdown()
        server.server_close()
        thread.join()
