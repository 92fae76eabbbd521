"""A real PostgreSQL and a real Redis for the tests: the embedded ones, or those that the environment names.

One template database per run, migrated once; every test gets a copy of it and a key prefix of its own.
"""

import os
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from itertools import count
from pathlib import Path
from uuid import uuid4

import psycopg
import pytest
from kombu import pools
from pydantic import SecretStr
from redis import Redis
from sqlalchemy.engine import make_url

from orchestrator.broker import redis_py_url
from orchestrator.settings import Settings
from orchestrator.storage.engine import Database, connect, driver_url
from orchestrator.storage.migrate import upgrade
from orchestrator.tenancy.keys import add_tenant, generate
from workers import folders, servers
from workers.supervision import StopRequests, Supervisor

PEPPER = "a pepper for tests alone"
_numbers = count(1)


@dataclass(frozen=True)
class Addresses:
    """Where the two servers listen. The database address's login may create databases."""

    database_url: str
    redis_url: str


@dataclass(frozen=True)
class Tenant:
    id: str
    key: str


@pytest.fixture(scope="session")
def addresses(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Addresses]:
    given = os.environ.get("DATABASE_URL"), os.environ.get("REDIS_URL")  # noqa: TID251 - CI names its servers so
    if given[0] and given[1]:
        yield Addresses(given[0], given[1])
        return
    with folders.held(tmp_path_factory.mktemp("servers")) as place, StopRequests() as requests:
        supervisor = Supervisor(place, requests, print)
        both = servers.postgres(place), servers.valkey(place)
        try:
            supervisor.start([server.program for server in both])
            yield Addresses(both[0].url, both[1].url)
        finally:
            supervisor.stop()


@pytest.fixture(autouse=True, scope="module")
def _brokers_let_go() -> Iterator[None]:
    """Kombu keeps each application's connections for the life of the process, which is one for thousands of tests."""
    yield
    pools.reset()


@pytest.fixture(scope="session")
def template(addresses: Addresses) -> Iterator[str]:
    """The name of a database at the newest schema, from which each test's is copied."""
    name = f"template_{uuid4().hex[:8]}"
    with _administering(addresses) as administer:
        administer(f'CREATE DATABASE "{name}"')
        upgrade(_with_database(addresses.database_url, name))
        yield name
        administer(f'DROP DATABASE "{name}"')


@pytest.fixture
def database_url(addresses: Addresses, template: str) -> Iterator[str]:
    with fresh_database(addresses, template) as url:
        yield url


@pytest.fixture
def redis_prefix(addresses: Addresses) -> Iterator[str]:
    with fresh_prefix(addresses) as prefix:
        yield prefix


@contextmanager
def fresh_database(addresses: Addresses, template: str) -> Iterator[str]:
    """A database of its own at the newest schema; gone afterwards."""
    name = f"test_{uuid4().hex[:12]}"
    with _administering(addresses) as administer:
        administer(f'CREATE DATABASE "{name}" TEMPLATE "{template}"')
        yield _with_database(addresses.database_url, name)
        administer(f'DROP DATABASE "{name}" WITH (FORCE)')


@contextmanager
def fresh_prefix(addresses: Addresses) -> Iterator[str]:
    """A key prefix that nobody else has; its keys are gone afterwards."""
    prefix = f"t{os.getpid()}-{next(_numbers)}:"
    yield prefix
    with Redis.from_url(redis_py_url(addresses.redis_url)) as redis:
        for key in redis.scan_iter(match=f"{prefix}*"):
            redis.delete(key)


@pytest.fixture
def redis(addresses: Addresses) -> Iterator["Redis"]:
    with Redis.from_url(redis_py_url(addresses.redis_url)) as client:
        yield client


@pytest.fixture
def settings(addresses: Addresses, database_url: str, redis_prefix: str) -> Settings:
    return impatient(addresses, database_url, redis_prefix)


def impatient(addresses: Addresses, database_url: str, redis_prefix: str) -> Settings:
    """Leases and sweeps within a second or two."""
    return Settings(
        database_url=SecretStr(database_url),
        redis_url=SecretStr(addresses.redis_url),
        key_pepper=SecretStr(PEPPER),
        redis_prefix=redis_prefix,
        lease_s=2.0,
        reconcile_every_s=0.5,
        unclaimed_after_s=2.0,
        pool_size=8,
        performance_weighting=0.0,  # else one test's faults would move the panels of the next
    )


@pytest.fixture
def environment(settings: Settings) -> dict[str, str]:
    return environment_of(settings)


def environment_of(settings: Settings) -> dict[str, str]:
    """The same settings as a child process is given them, and nothing else but the paths it needs."""
    checkout = Path(__file__).resolve().parents[1]
    return {
        "PATH": os.environ.get("PATH", ""),  # noqa: TID251 - handed on to a child
        "HOME": os.environ.get("HOME", ""),  # noqa: TID251 - likewise
        "PYTHONPATH": str(checkout),
        "PYTHONSAFEPATH": "1",
        "DATABASE_URL": settings.database_url.get_secret_value(),
        "REDIS_URL": settings.redis_url.get_secret_value(),
        "MEETINGMIND_KEY_PEPPER": PEPPER,
        "MEETINGMIND_REDIS_PREFIX": settings.redis_prefix,
        "MEETINGMIND_LEASE_S": str(settings.lease_s),
        "MEETINGMIND_RECONCILE_EVERY_S": str(settings.reconcile_every_s),
        "MEETINGMIND_UNCLAIMED_AFTER_S": str(settings.unclaimed_after_s),
        "MEETINGMIND_PERFORMANCE_WEIGHTING": str(settings.performance_weighting),
    }


@pytest.fixture
def database(settings: Settings) -> Iterator[Database]:
    pool = connect(settings.database_url.get_secret_value(), pool_size=settings.pool_size, name="test")
    yield pool
    pool.close()


@pytest.fixture
def tenant(database: Database) -> Tenant:
    return new_tenant(database, "acme")


def new_tenant(database: Database, name: str) -> Tenant:
    key = generate("test")
    return Tenant(id=add_tenant(database, name, key, PEPPER), key=key)


class _administering:  # noqa: N801 - reads as a phrase
    """A connection outside any transaction, for statements that make and drop databases."""

    def __init__(self, addresses: Addresses) -> None:
        url = make_url(driver_url(addresses.database_url)).set(drivername="postgresql", database="postgres")
        self._connection = psycopg.connect(url.render_as_string(hide_password=False), autocommit=True)

    def __enter__(self) -> Callable[[str], object]:
        return lambda statement: self._connection.execute(statement.encode())

    def __exit__(self, *_: object) -> None:
        self._connection.close()


def _with_database(url: str, name: str) -> str:
    return make_url(driver_url(url)).set(database=name).render_as_string(hide_password=False)
