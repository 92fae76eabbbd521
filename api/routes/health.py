"""`/health`: is the process alive, are its stores there, how do the providers fare."""

from collections.abc import Callable
from http import HTTPStatus

from fastapi import APIRouter
from fastapi.responses import JSONResponse
from redis.exceptions import RedisError

from api.dependencies import Here, House
from api.health_schemas import HealthView, LiveView, ProviderHealthView, ReadyView, StoresView, StoreView
from api.provider_views import provider as fares_of
from orchestrator.errors import Unavailable

RETRY_AFTER_S = "2"

router = APIRouter(prefix="/health", tags=["health"])


@router.get("/live", response_model=LiveView, summary="The process is alive")
async def live() -> LiveView:
    """Says nothing about its stores: a restart would not bring them back. Needs no thread: all may wait for a store."""
    return LiveView()


@router.get(
    "/ready",
    response_model=ReadyView,
    responses={503: {"model": ReadyView, "description": "PostgreSQL is away"}},
    summary="The stores can be reached",
)
def ready(here: Here) -> JSONResponse:
    """503 while PostgreSQL is away. Redis away is told and does not count: jobs are taken in without it."""
    found = _stores(here)
    able = found.postgresql.ok
    return _answer(ReadyView(status="ready" if able else "unavailable", dependencies=found), able=able)


@router.get(
    "",
    response_model=HealthView,
    responses={503: {"model": HealthView, "description": "PostgreSQL is away"}},
    summary="The whole house at a glance",
)
def whole(here: Here) -> JSONResponse:
    """Stores and providers. `degraded`: work goes on, and Redis is away or a provider that has a key is not well."""
    found = _stores(here)
    now, catalog = here.standings.look(), here.standings.catalog
    shown = tuple(
        ProviderHealthView(id=one.id, state=one.state, circuit=one.circuit, reachable=one.reachable)
        for one in (fares_of(card, catalog, now, reachable=here.standings.reaches(card)) for card in catalog.providers)
    )
    able = found.postgresql.ok
    well = found.redis.ok and not any(one.reachable and one.state in {"down", "degraded"} for one in shown)
    status = "unavailable" if not able else "ok" if well else "degraded"
    return _answer(HealthView(status=status, dependencies=found, providers=shown), able=able)


def _answer(view: ReadyView | HealthView, *, able: bool) -> JSONResponse:
    status = HTTPStatus.OK if able else HTTPStatus.SERVICE_UNAVAILABLE
    headers = {} if able else {"Retry-After": RETRY_AFTER_S}
    return JSONResponse(view.model_dump(mode="json"), status_code=status, headers=headers)


def _stores(here: House) -> StoresView:
    return StoresView(
        postgresql=_look(here.database.ping),
        redis=_look(lambda: str(here.redis.info("server")["redis_version"])),
    )


def _look(version: Callable[[], str]) -> StoreView:
    try:
        return StoreView(ok=True, version=version())
    except (Unavailable, RedisError, OSError):
        return StoreView(ok=False, version=None)
