"""`/health`: is the process alive, are its stores there."""

from collections.abc import Callable
from http import HTTPStatus

from fastapi import APIRouter
from fastapi.responses import JSONResponse
from redis.exceptions import RedisError

from api.dependencies import Here
from orchestrator.errors import Unavailable
from providers.calls import JsonObject

router = APIRouter(prefix="/health", tags=["health"])


@router.get("/live", summary="The process is alive")
async def live() -> JsonObject:
    """Says nothing about its stores: a restart would not bring them back. Needs no thread: all may wait for a store."""
    return {"status": "live"}


@router.get("/ready", summary="The stores can be reached")
def ready(here: Here) -> JSONResponse:
    """503 while PostgreSQL is away. Redis away is told and does not count: jobs are taken in without it."""
    found: JsonObject = {
        "postgresql": _look(here.database.ping),
        "redis": _look(lambda: str(here.redis.info("server")["redis_version"])),
    }
    able = _ok(found["postgresql"])
    status = HTTPStatus.OK if able else HTTPStatus.SERVICE_UNAVAILABLE
    body = {"status": "ready" if able else "unavailable", "dependencies": found}
    return JSONResponse(body, status_code=status, headers={} if able else {"Retry-After": "2"})


def _look(version: Callable[[], str]) -> JsonObject:
    try:
        return {"ok": True, "version": version()}
    except (Unavailable, RedisError, OSError):
        return {"ok": False, "version": None}


def _ok(found: object) -> bool:
    return isinstance(found, dict) and found.get("ok") is True
