"""Every response names its request; the log line of the request has the same id."""

import time

import structlog
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from orchestrator.ids import new_id

log = structlog.get_logger()


class RequestIds:
    """ASGI middleware: puts `request_id` into the scope and `X-Request-Id` on the response, and logs one line."""

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        request_id = scope["request_id"] = new_id("req")
        started, status = time.monotonic(), 0

        async def named(message: Message) -> None:
            nonlocal status
            if message["type"] == "http.response.start":
                status = message["status"]
                message["headers"] = [*message.get("headers", ()), (b"x-request-id", request_id.encode())]
            await send(message)

        try:
            await self._app(scope, receive, named)
        finally:
            log.info(
                "api.request",
                request_id=request_id,
                method=scope["method"],
                path=scope["path"],
                status=status,
                took_ms=round(1000 * (time.monotonic() - started), 1),
            )
