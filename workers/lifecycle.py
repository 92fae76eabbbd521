"""Opens a worker's resources when it starts and closes them when it stops, by Celery's own signals."""

import gc
import threading
from dataclasses import dataclass, field
from typing import Final, TypeAlias
from uuid import uuid4

import structlog
from celery import Celery, signals
from redis import Redis
from redis.backoff import NoBackoff
from redis.retry import Retry

from orchestrator import readiness
from orchestrator.broker import redis_py_url
from orchestrator.canvas import Canvas
from orchestrator.dispatch import Dispatch
from orchestrator.money import holds
from orchestrator.money.balances import Balances
from orchestrator.money.counters import Counters
from orchestrator.money.holds import Holds
from orchestrator.queues import Profile
from orchestrator.seal import Seal
from orchestrator.settings import ProviderKey, Settings
from orchestrator.steering import steering
from orchestrator.storage import backlog
from orchestrator.storage.clock import HouseClock
from orchestrator.storage.engine import connect
from orchestrator.storage.locks import Lock
from orchestrator.storage.role import Role
from orchestrator.tenancy.result_links import result_links
from orchestrator.tenancy.vault import Vault
from providers.catalog import Catalog
from providers.client import Client, ProviderAccess
from providers.gate import gate as gates
from providers.gate.gate import Gate
from providers.gate.rules import CircuitRules, LimitRules
from providers.keyring import key_name
from providers.probes import Probes
from tasks import late, reconcile, resources
from tasks.dispatch import Dispatcher
from tasks.hearing import Listener
from tasks.keeping import Replayer
from tasks.leases import LeaseKeeper
from tasks.messages import Terms
from tasks.presence import Presence
from tasks.reconciler import Reconciler
from tasks.resources import Resources
from tasks.rewriting import Rewriter
from tasks.sending import Sender
from tasks.slowness import Hedges
from tasks.spool import Spool, SpoolError
from workers.profiles import Kind

log = structlog.get_logger()

Thread: TypeAlias = HouseClock | Replayer | Presence | Listener | Dispatcher | Reconciler | Sender | Rewriter

# Of one key, over all workers. Vendors' limits are in the hundreds of calls at a time; what is too many, a 429 tells.
START_PERMITS: Final = 128
MOST_PERMITS: Final = 1_024

# Whoever of these asks first lets waiting jobs go; two kinds, so that neither's restart stops it.
DISPATCHING: Final[frozenset[Profile]] = frozenset({"ask", "maintenance"})
SENDING: Final[frozenset[Profile]] = frozenset({"delivery"})
RECONCILING: Final[frozenset[Profile]] = frozenset({"maintenance"})


def attach(app: Celery, settings: Settings, catalog: Catalog, keys: dict[str, ProviderKey], kind: Kind) -> None:
    """Tie the resources, and the threads beside the tasks, to the life of the worker that is about to run."""
    life = _Life(app, settings, catalog, keys, kind)
    # weak=False: nothing else holds these functions.
    signals.worker_init.connect(life.begins, weak=False)
    signals.worker_ready.connect(life.is_ready, weak=False)
    signals.worker_shutting_down.connect(life.shall_end, weak=False)
    signals.worker_shutdown.connect(life.ends, weak=False)


@dataclass
class _Life:
    """One worker process from its start to its end."""

    app: Celery
    settings: Settings
    catalog: Catalog
    keys: dict[str, ProviderKey]
    kind: Kind
    threads: list[Thread] = field(default_factory=list)

    def begins(self, **_: object) -> None:
        held = open_resources(self.app, self.settings, self.catalog, self.keys, process=self.kind.profile)
        resources.install(held)
        self._run(held.clock)
        if held.spool is not None:
            self._run(Replayer(held.spool, held.stopping))
        if self.kind.profile in RECONCILING:
            self._run(Rewriter(held.redis))  # now: a Redis that takes no writes lets no worker become ready
        log.info("worker.opened", providers=sorted(self.keys), spool=held.spool is not None)

    def is_ready(self, **_: object) -> None:
        gc.freeze()  # what was imported stays: no collection has to walk it again
        held = resources.current()
        profile, slots = self.kind.profile, self.kind.slots
        self._run(Presence(held.database, f"{profile}-{uuid4()}", profile, slots))
        self._run(open_listener(held, self.kind))
        if profile in DISPATCHING:
            self._run(open_dispatcher(held))
        if profile in SENDING:
            self._run(open_sender(held))
        if profile in RECONCILING:
            self._run(open_reconciler(held))
        readiness.announce(self.settings.ready_file)
        log.info("worker.ready")

    def shall_end(self, **_: object) -> None:
        """Take in nothing new. This runs in a signal's handler, where nothing may wait for a lock or a store."""
        held = resources.current()
        held.stopping.set()
        held.leases.end_within(self.settings.grace_s)
        # The others let jobs go from now on, and the window counts these slots no more.
        threading.Thread(target=self._end_threads, name="step back", daemon=True).start()

    def ends(self, **_: object) -> None:
        readiness.withdraw(self.settings.ready_file)
        resources.current().stopping.set()
        self._end_threads()
        resources.remove()
        log.info("worker.closed")

    def _run(self, thread: Thread) -> None:
        self.threads.append(thread)
        thread.start()

    def _end_threads(self) -> None:
        for thread in self.threads:
            thread.stop()


def open_resources(
    app: Celery, settings: Settings, catalog: Catalog, keys: dict[str, ProviderKey], *, process: str
) -> Resources:
    """Connects lazily; only the thread that keeps leases starts at once."""
    database = connect(
        settings.database_url.get_secret_value(), pool_size=settings.pool_size, name=f"meetingmind {process}"
    )
    clock = HouseClock(database)
    leases = LeaseKeeper(database, settings.lease_s)
    leases.start()
    redis = open_redis(settings)
    counters = Counters(Holds(redis, settings.redis_prefix), database)
    client = Client({name: _access(key) for name, key in keys.items()}, catalog)
    gate = open_gate(settings, catalog)
    return Resources(
        settings=settings,
        database=database,
        redis=redis,
        clock=clock,
        catalog=catalog,
        client=client,
        gate=gate,
        key_names={name: tuple(key_name(name, one) for one in access.keys) for name, access in keys.items()},
        probes=Probes(redis, settings.redis_prefix, gate, client),
        dispatch=Dispatch(
            database=database,
            canvas=Canvas(app, Seal(settings.key_pepper.get_secret_value())),
            catalog=catalog,
            reachable=frozenset(keys),
            now=clock.now,
            most_of_tenant=settings.tenant_calls,
            steering=steering(settings),
        ),
        leases=leases,
        hedges=Hedges(),
        counters=counters,
        balances=Balances(counters, database, settings.monthly_budget_micro_usd),
        forecasts_due={},
        spool=open_spool(settings),
        stopping=threading.Event(),
    )


def open_listener(held: Resources, kind: Kind) -> Listener:
    """The thread that notices when this process takes nothing in any more."""
    settings = held.settings
    keys = [f"{settings.redis_prefix}{queue}" for queue in kind.queues]
    return Listener(held.redis, keys, kind.slots, after_s=settings.deaf_after_s, grace_s=settings.grace_s)


def open_dispatcher(held: Resources) -> Dispatcher:
    """The thread that lets waiting jobs go, if this process gets the part."""

    def latencies() -> dict[str, float]:
        circuits = held.gate.states().circuits
        return {str(one.target): one.latency_s for one in circuits if one.latency_s is not None}

    url = held.settings.database_url.get_secret_value()
    role = Role(url, lock=Lock.DISPATCHER, name="dispatcher", channel=backlog.CHANNEL)
    return Dispatcher(role, held.dispatch, latencies, held.settings.tenant_calls, beside=late.close_panels)


def open_reconciler(held: Resources) -> Reconciler:
    """The thread that sets going what stands still, if this process gets the part."""
    role = Role(held.settings.database_url.get_secret_value(), lock=Lock.RECONCILER, name="reconciler")
    return Reconciler(role, reconcile.reconcile, held.settings.reconcile_every_s)


def open_sender(held: Resources) -> Sender:
    """The thread that sends what is due to webhooks."""
    vault = Vault(held.settings.key_pepper.get_secret_value())
    terms = Terms(held.settings.webhook_body_bytes, result_links(held.settings))
    return Sender(held.database, vault, held.settings.webhook_networks, held.clock.now, terms=terms)


def open_spool(settings: Settings) -> Spool | None:
    """Where paid answers are laid down while PostgreSQL is away; None: nowhere was named.

    Raises:
        SystemExit: the folder cannot be used. Better said at the start than when an answer is at stake.
    """
    if settings.spool_dir is None:
        return None
    try:
        return Spool(settings.spool_dir, settings.key_pepper.get_secret_value())
    except SpoolError as error:
        raise SystemExit(f"MEETINGMIND_SPOOL_DIR: {error}") from None


def open_redis(settings: Settings) -> Redis:
    """A client that never repeats a command by itself: a repeated write is a second write."""
    return Redis.from_url(
        redis_py_url(settings.redis_url.get_secret_value()),
        socket_timeout=2.0,
        retry=Retry(NoBackoff(), 0),
        client_name="meetingmind",
    )


def open_gate(settings: Settings, catalog: Catalog) -> Gate:
    """The gate of this house, on connections of its own: a call must not wait behind the broker's."""
    return Gate(
        gates.connect(redis_py_url(settings.redis_url.get_secret_value())),
        settings.redis_prefix,
        catalog,
        circuit_rules=CircuitRules(open_s=settings.circuit_open_s),
        limit_rules=LimitRules(start_permits=START_PERMITS, most_permits=MOST_PERMITS),
        companion_source=holds.SOURCE,
    )


def _access(key: ProviderKey) -> ProviderAccess:
    return ProviderAccess(provider=key.provider, base_url=key.base_url, keys=key.keys, timeout_s=key.timeout_s)
