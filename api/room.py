"""How many requests may be under way at once; above it callers are told to come back, and health is still answered.

Only requests count. Connections on which nothing is asked do not, however many there are (`api/crowd.py`). One tenant,
once its key is known, has three quarters of the places at most, so that nobody's long polls shut out all others.
"""

import random
from collections import Counter
from typing import Final

from starlette.responses import JSONResponse
from starlette.types import ASGIApp, Receive, Scope, Send

from api import problems
from orchestrator.work import queueing

# Whoever watches the house must see it while it is full: these have a few places of their own.
WATCHED: Final = frozenset({"/health", "/health/live", "/health/ready", "/metrics"})
KEPT: Final = 20
PART_OF_TENANT: Final = 0.75
COME_BACK_S: Final = (1.0, 3.0)  # a place is free as soon as any request of theirs ends
_ROOM: Final = "room"
_TENANT: Final = "tenant_in_room"


class Room:
    """ASGI middleware, within that which names requests. Belongs to one event loop.

    Args:
        most: requests under way, long polls and streams included.
    """

    def __init__(self, app: ASGIApp, most: int) -> None:
        self._app = app
        self._most = most
        self._most_of_tenant = max(1, int(most * PART_OF_TENANT))
        self._inside = 0
        self._of_tenants: Counter[str] = Counter()

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] not in {"http", "websocket"}:
            await self._app(scope, receive, send)
            return
        if self._inside >= self._most + KEPT * (scope["path"] in WATCHED):
            await _refusal(scope)(scope, receive, send)
            return
        self._inside += 1
        scope[_ROOM] = self
        try:
            await self._app(scope, receive, send)
        finally:
            self._inside -= 1
            self._leave(scope.get(_TENANT))

    def admit(self, scope: Scope, tenant: str) -> None:
        """Count the request as the tenant's, once. Raises TooManyRequests: it has as many under way as it may."""
        if _TENANT in scope:
            return
        if self._of_tenants[tenant] >= self._most_of_tenant:
            raise problems.TooManyRequests(
                f"The tenant has {self._most_of_tenant} requests under way, the most that it may have.",
                retry_after_s=random.uniform(*COME_BACK_S),  # noqa: S311 - spreads returns
            )
        self._of_tenants[tenant] += 1
        scope[_TENANT] = tenant

    def _leave(self, tenant: str | None) -> None:
        if tenant is not None:
            self._of_tenants[tenant] -= 1
            if not self._of_tenants[tenant]:
                del self._of_tenants[tenant]


def admit(scope: Scope, tenant: str) -> None:
    """`Room.admit` of the room that the request is in. Raises TooManyRequests."""
    room: Room = scope[_ROOM]
    room.admit(scope, tenant)


def _refusal(scope: Scope) -> JSONResponse:
    error = queueing.shortly(
        "More requests are under way than this process takes at once.",
        chance=random.random(),  # noqa: S311 - spreads returns; nobody gains by guessing it
    )
    document, status, more = problems.of(error, str(scope.get("request_id", "")), scope["path"])
    return JSONResponse(document, int(status), more, problems.MEDIA_TYPE)
