"""The Celery application and every setting it has, each with its reason. Built once per process by `build`.

Which of them a start insists on stands in `orchestrator/safety/`.

Sources: shared design page celery.md and its measurements; Celery and kombu 5.7.0 as installed.
"""

import os.path
from typing import Any, Final
from urllib.parse import parse_qs, urlsplit

from celery import Celery
from kombu.transport import redis as kombu_redis
from redis import Redis
from redis._parsers.base import BaseParser
from redis.exceptions import ConnectionError as RedisConnectionError

from orchestrator import queues
from orchestrator.storage.returned import Parcel
from providers.catalog import Catalog

# Recovery never waits for the broker (leases and the reconciler do it); a shorter time would only deliver long calls
# twice, since it counts from delivery and is never refreshed.
VISIBILITY_TIMEOUT_S: Final = 3_600.0

# Publishing is off the promise: rows are committed before, the reconciler publishes what this could not. So a request
# waits for a broken broker no longer than this.
PUBLISH_PATIENCE_S: Final = 0.2

_COUNTS: Final = "messages"  # a hash; Redis may forget it


def build(redis_url: str, prefix: str, catalog: Catalog, *, task_events: bool, produces_only: bool = False) -> Celery:
    """Make the application. Connects to nothing yet.

    Args:
        redis_url: as Celery spells it; `redis+socket:///path` for a socket.
        prefix: of every key in Redis, so that houses can share a server.
        task_events: whether workers tell Flower what they do; the dearest switch there is.
        produces_only: True in the API: its publishes give up within `PUBLISH_PATIENCE_S`.
    """
    keep_clients()
    app = Celery("meetingmind", broker=redis_url, set_as_current=not produces_only)
    app.conf.update(
        # JSON only: a message can never become code.
        task_serializer="json",
        accept_content=["json"],
        result_accept_content=["json"],
        # A message is acknowledged when its task has ended; a lost worker's message comes back.
        task_acks_late=True,
        task_reject_on_worker_lost=True,
        worker_prefetch_multiplier=1,  # nothing waits inside a worker
        # Rows are the truth; the backend only counts chords, in rows.
        task_ignore_result=True,
        task_store_errors_even_if_ignored=False,
        result_backend="orchestrator.chords:RowsBackend",
        broker_transport_options=_transport_options(prefix, produces_only=produces_only),
        # A worker reconnects for ever.
        broker_connection_retry_on_startup=True,
        broker_connection_max_retries=None,
        broker_connection_timeout=PUBLISH_PATIENCE_S if produces_only else 2.0,
        broker_pool_limit=20,
        # The dispatcher is the real retry of a publish; this one covers a stale connection.
        task_publish_retry=True,
        task_publish_retry_policy={"max_retries": 1, "interval_start": 0, "interval_step": 0.05, "interval_max": 0.05},
        # Deploys let running calls end; leases decide who owns a seat, not the link to the broker.
        worker_soft_shutdown_timeout=30.0,
        worker_enable_soft_shutdown_on_idle=True,
        worker_cancel_long_running_tasks_on_connection_loss=False,
        # Flower lives on events; the API sends none. Arguments shown in them are ids alone, see canvas.py.
        worker_send_task_events=task_events,
        task_send_sent_event=task_events and not produces_only,
        task_track_started=False,
        worker_hijack_root_logger=False,  # logs are ours
        # A typo in a queue's name must fail, not make a queue that nobody consumes.
        task_create_missing_queues=False,
        task_queues=queues.declared(catalog),
        task_default_queue=queues.UNROUTED,
        task_default_exchange=queues.UNROUTED,
        task_default_routing_key=queues.UNROUTED,
        worker_enable_remote_control=True,
        enable_utc=True,
        timezone="UTC",
        # Never on: each of them breaks chords (measured).
        result_backend_always_retry=False,
        worker_deduplicate_successful_tasks=False,
        task_always_eager=False,
    )
    return app


def publish_again(app: Celery, parcel: Parcel) -> None:
    """Hand a message to its queue as it stood there before. Raises what the broker raises."""
    with app.producer_pool.acquire(block=True) as producer:
        producer.publish(
            parcel.body,
            exchange=parcel.queue,
            routing_key=parcel.queue,
            headers=parcel.headers,
            content_type=parcel.content_type,
            content_encoding="utf-8",
            **parcel.properties,
        )


def count_message(redis: Redis, prefix: str, what: str) -> None:
    """Add one to what `message_counts` tells. Raises RedisError."""
    redis.hincrby(f"{prefix}{_COUNTS}", what, 1)


def message_counts(redis: Redis, prefix: str) -> dict[str, int]:
    """How many messages workers did not take in, by what became of them: refused or returned. Raises RedisError."""
    found: Any = redis.hgetall(f"{prefix}{_COUNTS}")
    return {what.decode(): int(count) for what, count in found.items()}


def redis_py_url(redis_url: str) -> str:
    """The same address as redis-py spells it: `unix:///path?db=0` where Celery says `redis+socket:///path`."""
    parts = urlsplit(redis_url)
    if parts.scheme not in {"redis+socket", "socket"}:
        return redis_url
    login, at, folder = parts.netloc.rpartition("@")
    number = parse_qs(parts.query).get("virtual_host", ["0"])[0].strip("/") or "0"
    return f"unix://{login}{at}{os.path.join('/', folder, parts.path.lstrip('/'))}?db={number}"  # noqa: PTH118 - a URL's


def survive_broker_restarts() -> None:
    """Keep a busy worker of kombu 5.7.0 alive when Redis restarts. Safe to call twice.

    Cause: a half-closed channel loses its transport's `client`; the next acknowledgement or restore then raises
    AttributeError, which Celery takes as unrecoverable, and the worker exits. Cure: remember the connection's client
    and put it back before the parameters are read. `tests/integration/test_broker.py` fails once kombu mends it.
    """
    channel = kombu_redis.Channel
    if getattr(channel, "_remembers_client", False):
        return
    start: Any = channel.__init__
    parameters: Any = channel._connparams  # noqa: SLF001 - the defect lies there

    def init(self: Any, connection: Any, *args: Any, **kwargs: Any) -> None:
        self._remembered_client = connection.client
        start(self, connection, *args, **kwargs)

    def connparams(self: Any, *args: Any, **kwargs: Any) -> Any:
        transport = self.connection
        if transport is not None and getattr(transport, "client", None) is None:
            transport.client = self._remembered_client
        return parameters(self, *args, **kwargs)

    for name, value in (("__init__", init), ("_connparams", connparams), ("_remembers_client", True)):
        setattr(channel, name, value)


def keep_clients() -> None:
    """Have a channel of kombu 5.7.0 make one client of Redis and use it again. Safe to call twice.

    Kombu makes one for each command, which costs more than the command: redis-py fills a table of some two hundred
    parsers for it. A client holds nothing but its pool, and may be shared by threads; a new pool has a new client.
    """
    channel = kombu_redis.Channel
    if getattr(channel, "_keeps_clients", False):
        return
    create: Any = channel._create_client  # noqa: SLF001 - there is no other place for it

    def kept(self: Any, asynchronous: bool = False) -> Any:  # noqa: FBT001, FBT002 - kombu's signature
        if asynchronous:
            return create(self, asynchronous=True)
        client = getattr(self, "_kept_client", None)
        if client is None or client.connection_pool is not self.pool:
            client = self._kept_client = create(self)
        return client

    for name, value in (("_create_client", kept), ("_keeps_clients", True)):
        setattr(channel, name, value)


class WritesRefused(RedisConnectionError):
    """Redis could not write or sync its file. It takes no writes and answers no PING, so it is as good as away."""


def take_refused_writes_for_absence() -> None:
    """Let a worker wait for a Redis that refuses writes (MISCONF) as for one that is away. Safe to call twice.

    redis-py has no class for it, and Celery takes any other refusal as unrecoverable: every worker would exit, and
    exit again each time it is started. LOADING stands in the same table as a ConnectionError, for the same reason.
    """
    classes: Any = BaseParser.EXCEPTION_CLASSES
    classes["MISCONF"] = WritesRefused


def _transport_options(prefix: str, *, produces_only: bool) -> dict[str, object]:
    options: dict[str, object] = {
        "visibility_timeout": VISIBILITY_TIMEOUT_S,
        "socket_timeout": PUBLISH_PATIENCE_S if produces_only else 5.0,  # above BRPOP's own second
        "socket_connect_timeout": PUBLISH_PATIENCE_S if produces_only else 2.0,
        "socket_keepalive": True,
        "health_check_interval": 30,
        "global_keyprefix": prefix,
        "queue_order_strategy": "orchestrator.queues:LaneCycle",  # lanes by turns; no queue of a lane starves another
        "priority_steps": [0],  # no priorities within a queue: fewer keys to wait on
        "max_connections": 1_000,  # kombu's default of 10 refuses acknowledgements of a busy worker
    }
    if produces_only:
        options |= {"max_retries": 1, "interval_start": 0, "interval_step": 0.05, "interval_max": 0.05}
        options["connect_retries_timeout"] = PUBLISH_PATIENCE_S
    return options
