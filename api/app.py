"""The API process: opens what it needs, mounts the routes, answers every error as a problem."""

import gc
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any, Final

from fastapi import FastAPI
from fastapi.openapi.utils import get_openapi
from pydantic import BaseModel
from redis import Redis
from redis.asyncio import Redis as AsyncRedis
from redis.backoff import NoBackoff
from redis.exceptions import RedisError
from redis.retry import Retry

from api import contract, problems, sockets
from api.batch_schemas import BatchBody, BatchJob, ResultLine
from api.counting import Line
from api.dead_letter_schemas import RequeueBody
from api.dependencies import House
from api.feedback_schemas import FeedbackBody
from api.gateway import gateway
from api.given_back import GivenBack
from api.header_cap import HeaderCap
from api.key_schemas import KeyBody, KeyChange, RotateBody
from api.key_uses import KeyUses
from api.known_keys import KnownKeys
from api.lingering import Lingering
from api.methods import Paths
from api.metrics import Figures
from api.money_schemas import BudgetBody
from api.rates import Rates
from api.request_ids import RequestIds
from api.result_schemas import ResultUrlBody
from api.room import Room
from api.routes import (
    analytics,
    audit,
    batches,
    budgets,
    circuits,
    costs,
    dead_letters,
    docs,
    erasure,
    events,
    exports,
    feedback,
    health,
    jobs,
    keys,
    metrics,
    partial,
    plans,
    providers,
    results,
    templates,
    versions,
    webhooks,
)
from api.shared_rates import SharedRates
from api.standings import Standings, opened
from api.streams import Streams
from api.template_schemas import PreviewBody, TemplateBody
from api.turns import AT_ONCE, AT_THE_DOOR, AT_THE_DOOR_S, PARTIALS_AT_ONCE, PARTIALS_S, PATIENCE_S, Turns
from api.uploads import Uploads
from api.waiting import Hub
from api.webhook_schemas import RangeBody, WebhookBody, WebhookChange
from api.written_out import WrittenOut
from orchestrator import broker
from orchestrator.canvas import Canvas
from orchestrator.dispatch import Dispatch
from orchestrator.ids import new_id
from orchestrator.money.balances import Balances
from orchestrator.money.counters import Counters
from orchestrator.money.holds import Holds
from orchestrator.routing.replays import ReplayRequest
from orchestrator.routing.request import AnalysisRequest
from orchestrator.seal import Seal
from orchestrator.settings import Settings, load_catalog, provider_keys
from orchestrator.steering import steering
from orchestrator.storage.clock import HouseClock
from orchestrator.storage.engine import REQUEST_PATIENCE_S, connect
from orchestrator.storage.pulse import Pulse
from orchestrator.storage.standings import Memory
from orchestrator.storage.vitals import Watch
from orchestrator.tenancy.hooks import Hooks
from orchestrator.tenancy.result_links import result_links
from orchestrator.tenancy.vault import Vault
from orchestrator.work.closed import ClosedLanes
from orchestrator.work.hints import channel

VERSION: Final = "1"
ROUTERS: Final = (
    jobs.router,
    partial.router,
    events.router,
    batches.router,
    dead_letters.router,
    erasure.router,
    feedback.router,
    exports.router,
    results.router,
    plans.router,
    budgets.router,
    costs.router,
    analytics.router,
    templates.router,
    versions.router,
    audit.router,
    webhooks.router,
    keys.router,
    providers.router,
    circuits.router,
    health.router,
    metrics.router,
    docs.router,
)
BODIES: Final[tuple[type[BaseModel], ...]] = (
    AnalysisRequest,
    BudgetBody,
    ReplayRequest,
    TemplateBody,
    PreviewBody,
    WebhookBody,
    WebhookChange,
    RangeBody,
    ResultUrlBody,
    BatchJob,
    BatchBody,
    ResultLine,
    FeedbackBody,
    RequeueBody,
    KeyBody,
    KeyChange,
    RotateBody,
)


def build(settings: Settings) -> FastAPI:
    """Make the application. Connects when it starts to serve."""
    app = FastAPI(
        title="MeetingMind",
        version=VERSION,
        summary="Turns meeting transcripts into checked, multi-model analyses.",
        lifespan=lambda app: _life(app, settings),
        docs_url=None,  # it would fetch its script from a public network
        redoc_url=None,
    )
    for router in ROUTERS:
        app.include_router(router)
    app.add_api_websocket_route("/{path:path}", sockets.nowhere)
    problems.install(app)
    app.add_middleware(WrittenOut)
    app.add_middleware(HeaderCap)
    # Half of the connections may be at work, so that of the other half one can always give way to a newcomer.
    app.add_middleware(Room, most=settings.connections // 2)
    app.add_middleware(RequestIds)  # outside of those, so that what they answer is named, too
    app.add_middleware(Lingering)
    app.add_middleware(GivenBack)
    app.add_middleware(sockets.Defects)  # around even that, as Starlette's own is for requests that are none of these
    app.openapi = lambda: document(app)  # type: ignore[method-assign]  # FastAPI's own way to extend the document
    app.state.paths = Paths(app.openapi()["paths"])
    return app


@asynccontextmanager
async def _life(app: FastAPI, settings: Settings) -> AsyncIterator[None]:
    here = open_house(settings)
    app.state.house = here
    pulse = Pulse(settings.database_url.get_secret_value(), here.database)
    pulse.start()
    here.clock.start()
    here.key_uses.start()
    here.hub.start()
    await here.rates.start()
    gc.freeze()  # what was imported stays: no collection has to walk it again
    try:
        yield
    finally:
        await here.streams.stop()
        await here.hub.stop()
        here.key_uses.stop()
        await here.rates.stop()
        here.clock.stop()
        pulse.stop()
        here.redis.close()
        here.database.close()


def open_house(settings: Settings) -> House:
    """Everything that the routes share. Connects lazily."""
    catalog = load_catalog(settings)
    redis_url = settings.redis_url.get_secret_value()
    database = connect(
        settings.database_url.get_secret_value(),
        pool_size=settings.pool_size,
        name="meetingmind api",
        patience_s=REQUEST_PATIENCE_S,
    )
    celery = broker.build(redis_url, settings.redis_prefix, catalog, task_events=False, produces_only=True)
    address = broker.redis_py_url(redis_url)
    redis = Redis.from_url(address, socket_timeout=1.0, retry=Retry(NoBackoff(), 0), client_name="meetingmind-api")
    reachable, watch = frozenset(provider_keys(catalog)), Watch(database, time.monotonic)
    counters = Counters(Holds(redis, settings.redis_prefix), database)
    balances = Balances(counters, database, settings.monthly_budget_micro_usd)
    clock = HouseClock(database)
    vault = Vault(settings.key_pepper.get_secret_value())
    # Waiting for a message has no time limit of its own; a dead link is found by the health check.
    hub = Hub(
        AsyncRedis.from_url(address, socket_timeout=None, health_check_interval=15), channel(settings.redis_prefix)
    )
    submits = Turns(AT_ONCE, PATIENCE_S)
    return House(
        database=database,
        clock=clock,
        redis=redis,
        balances=balances,
        figures=Figures(
            database,
            balances,
            settings.monthly_budget_micro_usd,
            lambda: _message_counts(redis, settings),
            prefix=settings.metrics_prefix,
        ),
        dispatch=Dispatch(
            database=database,
            canvas=Canvas(celery, Seal(settings.key_pepper.get_secret_value())),
            catalog=catalog,
            reachable=reachable,
            now=clock.now,
            balances=balances,
            most_of_tenant=settings.tenant_calls,
            most_waiting=settings.tenant_waiting,
            most_scheduled=settings.tenant_scheduled,
            closed_lanes=ClosedLanes(time.monotonic),
            hooks=Hooks(vault, settings.webhook_networks),
            steering=steering(settings, watch.live, Memory(time.monotonic).read),
        ),
        standings=Standings(opened(settings, catalog), redis, settings.redis_prefix, catalog, reachable, watch.live),
        hub=hub,
        streams=Streams(database, hub),
        pepper=settings.key_pepper.get_secret_value(),
        known_keys=KnownKeys(),
        key_uses=KeyUses(database, clock.now),
        vault=vault,
        result_links=result_links(settings),
        result_rates=Rates(results.PER_MINUTE),
        webhook_networks=settings.webhook_networks,
        rates=SharedRates(
            settings.requests_per_minute, Line(AsyncRedis.from_url(address)), settings.redis_prefix, new_id("prc")
        ),
        gateway=gateway(settings.gateway_secret, settings.gateway_networks),
        doors=Turns(AT_THE_DOOR, AT_THE_DOOR_S),
        submits=submits,
        partials=Turns(PARTIALS_AT_ONCE, PARTIALS_S),
        uploads=Uploads(lambda: submits.busy),
    )


def _message_counts(redis: Redis, settings: Settings) -> dict[str, int]:
    try:
        return broker.message_counts(redis, settings.redis_prefix)
    except RedisError:
        return {}


def document(app: FastAPI) -> dict[str, Any]:
    """The generated document, completed, with the bodies' schemas, which the strict reader keeps out of its sight."""
    if app.openapi_schema is None:
        made = get_openapi(title=app.title, version=app.version, summary=app.summary, routes=app.routes)
        parts = made.setdefault("components", {}).setdefault("schemas", {})
        for body in BODIES:
            schema = body.model_json_schema(ref_template="#/components/schemas/{model}")
            parts |= schema.pop("$defs", {})
            parts[body.__name__] = schema
        app.openapi_schema = contract.completed(made)
    return app.openapi_schema
