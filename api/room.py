"""How many requests may be under way at once; above it callers are told to come back, and health is still answered.

Only requests count. Connections on which nothing is asked do not, however many there are (`api/crowd.py`).
"""

import random
from typing import Final

from starlette.responses import JSONResponse
from starlette.types import ASGIApp, Receive, Scope, Send

from api import problems
from orchestrator.work import queueing

# Whoever watches the house must see it while it is full: these have a few places of their own.
WATCHED: Final = frozenset({"/health", "/health/live", "/health/ready", "/metrics"})
KEPT: Final = 20


class Room:
    """ASGI middleware, within that which names requests. Belongs to one event loop.

    Args:
        most: requests under way, long polls and streams included.
    """

    def __init__(self, app: ASGIApp, most: int) -> None:
        self._app = app
        self._most = most
        self._inside = 0

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] not in {"http", "websocket"}:
            await self._app(scope, receive, send)
            return
        if self._inside >= self._most + KEPT * (scope["path"] in WATCHED):
            await _refusal(scope)(scope, receive, send)
            return
        self._inside += 1
        try:
            await self._app(scope, receive, send)
        finally:
            self._inside -= 1


def _refusal(scope: Scope) -> JSONResponse:
    error = queueing.shortly(
        "More requests are under way than this process takes at once.",
        chance=random.random(),  # noqa: S311 - spreads returns; nobody gains by guessing it
    )
    document, status, more = problems.of(error, str(scope.get("request_id", "")), scope["path"])
    return JSONResponse(document, int(status), more, problems.MEDIA_TYPE)
