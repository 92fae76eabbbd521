"""Requests with more headers than anybody needs are refused before a route sees them."""

from typing import Final

from starlette.responses import JSONResponse
from starlette.types import ASGIApp, Receive, Scope, Send

from api import problems

MAX_HEADERS: Final = 100
MAX_BYTES: Final = 32 * 1024  # of names and values together; common servers take 8 to 32 KiB


class HeaderCap:
    """ASGI middleware, within that which names requests."""

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] in {"http", "websocket"} and _is_too_much(scope["headers"]):
            await _refusal(scope)(scope, receive, send)
        else:
            await self._app(scope, receive, send)


def _is_too_much(headers: list[tuple[bytes, bytes]]) -> bool:
    return len(headers) > MAX_HEADERS or sum(len(name) + len(value) for name, value in headers) > MAX_BYTES


def _refusal(scope: Scope) -> JSONResponse:
    error = problems.HeadersTooLarge(f"A request may have {MAX_HEADERS} headers of {MAX_BYTES} bytes together.")
    document, status, more = problems.of(error, str(scope.get("request_id", "")), scope["path"])
    return JSONResponse(document, int(status), more, problems.MEDIA_TYPE)
