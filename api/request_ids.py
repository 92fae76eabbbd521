"""Every response names its request; every log line that is written for it has the same id, and that of the job, batch,
webhook or delivery that its path names or that it made. A thread that works for a request has its context, so its ids.

Whoever knows more that belongs on the response, whatever becomes of it, puts it into the scope under `MORE_HEADERS`.
"""

import re
import time
from collections.abc import Iterable
from typing import Final

import structlog
from starlette.types import ASGIApp, Message, Receive, Scope, Send
from structlog.contextvars import bind_contextvars, clear_contextvars

from orchestrator.ids import new_id

log = structlog.get_logger()

MORE_HEADERS: Final = "more_headers"

# What an answer begins with, and a WebSocket's, which is an answer of 101 or a refusal.
_BEGINNINGS: Final = {"http.response.start", "websocket.http.response.start", "websocket.accept"}
_OPENED: Final = 101

_THINGS: Final = {"job": "job_id", "bat": "batch_id", "whk": "webhook_id", "dlv": "delivery_id"}
_NAMED: Final = re.compile(r"/((job|bat|whk|dlv)_[0-9a-z]{26})(?=/|$)")


class RequestIds:
    """ASGI middleware: puts `request_id` into the scope and `X-Request-Id` on the response, and logs one line."""

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] not in {"http", "websocket"}:
            await self._app(scope, receive, send)
            return
        request_id = scope["request_id"] = new_id("req")
        started, status = time.monotonic(), 0
        clear_contextvars()  # a request that was pipelined begins in the context of the one before it
        bind_contextvars(request_id=request_id, **_things(scope["path"]))

        async def name_it(message: Message) -> None:
            nonlocal status
            if message["type"] in _BEGINNINGS:
                status = message.get("status", _OPENED)
                bind_contextvars(**_made(message.get("headers", ())))
                more = {"X-Request-Id": request_id, **scope.get(MORE_HEADERS, {})}
                named = [(name.lower().encode(), value.encode()) for name, value in more.items()]
                message["headers"] = [*message.get("headers", ()), *named]
            await send(message)

        try:
            await self._app(scope, receive, name_it)
        finally:
            log.info(
                "api.request",
                method=scope.get("method", "GET"),
                path=scope["path"],
                status=status,
                took_ms=round(1000 * (time.monotonic() - started), 1),
            )


def _things(path: str) -> dict[str, str]:
    return {_THINGS[found[2]]: found[1] for found in _NAMED.finditer(path)}


def _made(headers: Iterable[tuple[bytes, bytes]]) -> dict[str, str]:
    """What the answer tells the address of."""
    return next((_things(value.decode("latin-1")) for name, value in headers if name == b"location"), {})
