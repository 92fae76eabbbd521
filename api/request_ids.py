"""Every response names its request; the log line of the request has the same id.

Whoever knows more that belongs on the response, whatever becomes of it, puts it into the scope under `MORE_HEADERS`.
"""

import time
from typing import Final

import structlog
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from orchestrator.ids import new_id

log = structlog.get_logger()

MORE_HEADERS: Final = "more_headers"

# What an answer begins with, and a WebSocket's, which is an answer of 101 or a refusal.
_BEGINNINGS: Final = {"http.response.start", "websocket.http.response.start", "websocket.accept"}
_OPENED: Final = 101


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

        async def name_it(message: Message) -> None:
            nonlocal status
            if message["type"] in _BEGINNINGS:
                status = message.get("status", _OPENED)
                more = {"X-Request-Id": request_id, **scope.get(MORE_HEADERS, {})}
                named = [(name.lower().encode(), value.encode()) for name, value in more.items()]
                message["headers"] = [*message.get("headers", ()), *named]
            await send(message)

        try:
            await self._app(scope, receive, name_it)
        finally:
            log.info(
                "api.request",
                request_id=request_id,
                method=scope.get("method", "GET"),
                path=scope["path"],
                status=status,
                took_ms=round(1000 * (time.monotonic() - started), 1),
            )
