"""Transactions. Each one says for whom it works, and PostgreSQL holds it to that by row-level security.

The login of DATABASE_URL must be a member of two roles that the first migration makes: `meetingmind_app` sees the rows
of the tenant that the transaction names, and of no other; `meetingmind_system` sees all rows, for the few statements
that look for work across tenants. Role and tenant are set for the transaction alone, so that a pooled connection never
carries them over.
"""

import os
import socket
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from typing import Any

import psycopg
from sqlalchemy import Connection, Engine, create_engine, event, text
from sqlalchemy.exc import DBAPIError, InterfaceError, OperationalError
from sqlalchemy.exc import TimeoutError as PoolTimeout

from orchestrator.errors import Unavailable
from orchestrator.storage import connecting, generations
from orchestrator.storage.connecting import Connected

REQUEST_PATIENCE_S = 0.5  # a request that finds no connection for this long is told to come back
WORKER_PATIENCE_S = 10.0  # a worker may hold an answer that is paid for: it waits its turn
STATEMENT_TIMEOUT_MS = 15_000  # nothing in this house needs longer; a runaway statement must not hold a lock
LOCK_TIMEOUT_MS = 5_000
IDLE_IN_TRANSACTION_MS = 30_000

_AS_TENANT = text(
    "SELECT set_config('role', 'meetingmind_app', true), set_config('meetingmind.tenant_id', :tenant, true)"
)
_AS_TENANT_OF_JOB = text(
    "SELECT set_config('role', 'meetingmind_app', true), set_config('meetingmind.tenant_id', t, true),"
    " set_config('synchronous_commit', :commit, true)"
    " FROM coalesce(meetingmind_tenant_of(:job), '') AS t"
)
_AS_TENANT_SENDING = text(
    "SELECT set_config('role', 'meetingmind_app', true), set_config('meetingmind.tenant_id', :tenant, true),"
    f" {generations.SHARED}"
)
_AS_SYSTEM = text("SELECT set_config('role', 'meetingmind_system', true)")


class Database:
    """A pool of connections and the ways to open a transaction."""

    def __init__(self, engine: Engine) -> None:
        self._engine = engine
        self._silent = False
        self._in_use: set[object] = set()
        event.listen(engine, "checkout", lambda held, *_: self._in_use.add(held))
        for end in ("checkin", "invalidate", "close"):
            event.listen(engine, end, lambda held, *_: self._in_use.discard(held))
        event.listen(engine, "do_connect", self._connect)

    @contextmanager
    def tenant(self, tenant: str) -> Iterator[Connection]:
        """A transaction that sees this tenant's rows alone; committed at the end, rolled back on any exception.

        Raises:
            Unavailable: PostgreSQL is away or all connections are taken.
        """
        with self._begin() as connection:
            connection.execute(_AS_TENANT, {"tenant": tenant})
            yield connection

    @contextmanager
    def sending(self, tenant: str) -> Iterator[Connection]:
        """Like `tenant`, for the commit that lets a paid call leave: the counters' generation stands still in it."""
        with self._begin() as connection:
            connection.execute(_AS_TENANT_SENDING, {"tenant": tenant})
            yield connection

    @contextmanager
    def tenant_of(self, job: str, *, durable: bool = True) -> Iterator[Connection]:
        """Like `tenant`, for the tenant whose job it is; an unknown job sees no row at all.

        `durable=False` lets the commit return before its record is on disk. Right for a step that is done again if a
        crash of PostgreSQL forgets it, and that a durable commit follows before anything outside happens: the log is
        written in order, so that commit takes this one to disk with it.
        """
        with self._begin() as connection:
            connection.execute(_AS_TENANT_OF_JOB, {"job": job, "commit": "on" if durable else "off"})
            yield connection

    @contextmanager
    def system(self) -> Iterator[Connection]:
        """A transaction across all tenants: key look-up, sweeps, set-up; for a caller, sums of budgets alone."""
        with self._begin() as connection:
            connection.execute(_AS_SYSTEM)
            yield connection

    def ping(self) -> str:
        """PostgreSQL's version. Raises Unavailable."""
        with self._begin() as connection:
            version: str = connection.execute(text("SHOW server_version")).scalar_one()
            return version

    def fall_silent(self) -> None:
        """Let everybody go who waits for PostgreSQL, as Unavailable, and refuse whoever comes, until `be_heard`."""
        self._silent = True
        for held in tuple(self._in_use):
            _shut(held)

    def be_heard(self) -> None:
        self._silent = False

    def close(self) -> None:
        self._engine.dispose()

    def _connect(self, _dialect: object, _record: object, args: list[Any], options: dict[str, Any]) -> Connected:
        """A new connection for the pool, for which nobody waits once PostgreSQL has fallen silent."""
        return connecting.connect(lambda: psycopg.connect(*args, **options), lambda: self._silent)

    @contextmanager
    def _begin(self) -> Iterator[Connection]:
        if self._silent:
            raise Unavailable("PostgreSQL does not answer.")
        try:
            with self._engine.begin() as connection:
                yield connection
        except (OperationalError, InterfaceError, PoolTimeout) as error:
            raise Unavailable(f"PostgreSQL is away: {type(error).__name__}") from error
        except DBAPIError as error:
            if error.connection_invalidated:
                raise Unavailable(f"PostgreSQL went away: {type(error).__name__}") from error
            raise


def connect(database_url: str, *, pool_size: int, name: str, patience_s: float = WORKER_PATIENCE_S) -> Database:
    """Make the pool; connects at first use.

    Args:
        name: what PostgreSQL's activity view shows.
        patience_s: how long a transaction waits for a free connection before it is Unavailable.
    """
    engine = create_engine(
        driver_url(database_url),
        pool_size=pool_size,
        max_overflow=pool_size,
        pool_timeout=patience_s,
        # The one that was used last is warm: its statements are prepared, its server's tables and plans are in the
        # caches. By turns each of dozens ran a statement too seldom to have it planned once for all (ADR 0064).
        pool_use_lifo=True,
        pool_pre_ping=False,  # a dead connection raises Unavailable, and the pool drops them all at once
        hide_parameters=True,  # the text of an error must not hold a meeting
        connect_args={
            "application_name": name,
            "connect_timeout": 3,
            "options": (
                f"-c statement_timeout={STATEMENT_TIMEOUT_MS} -c lock_timeout={LOCK_TIMEOUT_MS}"
                f" -c idle_in_transaction_session_timeout={IDLE_IN_TRANSACTION_MS} -c timezone=UTC"
            ),
        },
    )
    return Database(engine)


def _shut(held: object) -> None:
    """End a connection from below, whoever reads from it: closing it from another thread would free what is in use."""
    if isinstance(held, psycopg.Connection):
        with suppress(OSError, psycopg.Error), socket.socket(fileno=os.dup(held.fileno())) as link:
            link.shutdown(socket.SHUT_RDWR)


def driver_url(database_url: str) -> str:
    """The address with psycopg named as the driver, as SQLAlchemy wants it."""
    for plain in ("postgresql://", "postgres://"):
        if database_url.startswith(plain):
            return "postgresql+psycopg://" + database_url.removeprefix(plain)
    return database_url
