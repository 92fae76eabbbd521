"""Opens a worker's resources when it starts and closes them when it stops, by Celery's own signals."""

import gc
from datetime import UTC, datetime

import structlog
from celery import Celery, signals
from redis import Redis
from redis.backoff import NoBackoff
from redis.retry import Retry

from orchestrator import readiness
from orchestrator.broker import redis_py_url
from orchestrator.dispatch import Dispatch
from orchestrator.settings import ProviderKey, Settings
from orchestrator.storage.engine import connect
from providers.catalog import Catalog
from providers.client import Client, ProviderAccess
from tasks import resources
from tasks.leases import LeaseKeeper
from tasks.resources import Resources

log = structlog.get_logger()


def attach(app: Celery, settings: Settings, catalog: Catalog, keys: dict[str, ProviderKey], *, process: str) -> None:
    """Tie the resources to the life of the worker that is about to run."""

    def start(**_: object) -> None:
        resources.install(open_resources(app, settings, catalog, keys, process=process))
        log.info("worker.opened", providers=sorted(keys))

    def ready(**_: object) -> None:
        gc.freeze()  # what was imported stays: no collection has to walk it again
        readiness.announce(settings.ready_file)
        log.info("worker.ready")

    def stop(**_: object) -> None:
        readiness.withdraw(settings.ready_file)
        resources.remove()
        log.info("worker.closed")

    # weak=False: nothing else holds these functions.
    signals.worker_init.connect(start, weak=False)
    signals.worker_ready.connect(ready, weak=False)
    signals.worker_shutdown.connect(stop, weak=False)


def open_resources(
    app: Celery, settings: Settings, catalog: Catalog, keys: dict[str, ProviderKey], *, process: str
) -> Resources:
    """Connects lazily; only the thread that keeps leases starts at once."""
    database = connect(
        settings.database_url.get_secret_value(), pool_size=settings.pool_size, name=f"meetingmind {process}"
    )
    leases = LeaseKeeper(database, settings.lease_s)
    leases.start()
    return Resources(
        settings=settings,
        database=database,
        redis=open_redis(settings),
        catalog=catalog,
        client=Client({name: _access(key) for name, key in keys.items()}, catalog),
        dispatch=Dispatch(
            database=database, celery=app, catalog=catalog, reachable=frozenset(keys), now=lambda: datetime.now(UTC)
        ),
        leases=leases,
    )


def open_redis(settings: Settings) -> Redis:
    """A client that never repeats a command by itself: a repeated write is a second write."""
    return Redis.from_url(
        redis_py_url(settings.redis_url.get_secret_value()),
        socket_timeout=2.0,
        retry=Retry(NoBackoff(), 0),
        client_name="meetingmind",
    )


def _access(key: ProviderKey) -> ProviderAccess:
    return ProviderAccess(provider=key.provider, base_url=key.base_url, key=key.key, timeout_s=key.timeout_s)
