"""Asks a PostgreSQL for its settings, within a few seconds, over a connection of its own as our login has it."""

from typing import Any, Final

from sqlalchemy import Connection, create_engine, text
from sqlalchemy.engine import make_url
from sqlalchemy.exc import ArgumentError, DBAPIError
from sqlalchemy.pool import NullPool

from orchestrator.errors import Unavailable
from orchestrator.safety.postgres_rules import PostgresFacts, Power
from orchestrator.storage.engine import driver_url
from orchestrator.storage.schema import METADATA

CONNECT_S: Final = 3  # for each address that the host's name has
STATEMENT_TIMEOUT_MS: Final = 3_000

# `true`: a server that lacks a setting says NULL. What ALTER DATABASE and ALTER ROLE set is in force here, as it is in
# every new session of our login.
_SETTINGS: Final = text("""
    SELECT current_setting('server_version_num', true) AS version,
           current_setting('synchronous_commit', true) AS synchronous_commit,
           current_setting('synchronous_standby_names', true) AS standbys,
           current_setting('fsync', true) AS fsync,
           current_setting('full_page_writes', true) AS full_page_writes,
           current_setting('data_sync_retry', true) AS data_sync_retry,
           coalesce(current_setting('listen_addresses', true) = '', false) AS is_private
""")

_APP_ROLE: Final = text("""
    SELECT CASE WHEN rolsuper THEN 'superuser' WHEN rolbypassrls THEN 'BYPASSRLS' ELSE 'plain' END
    FROM pg_roles WHERE rolname = 'meetingmind_app'
""")

# USAGE: has what the role has without SET ROLE, which a member with NOINHERIT has not.
_LOGIN: Final = text("""
    SELECT CASE WHEN me.rolsuper THEN 'superuser'
                WHEN me.rolbypassrls THEN 'BYPASSRLS'
                WHEN seer.oid IS NOT NULL AND pg_has_role(me.oid, seer.oid, 'USAGE')
                THEN 'inherits meetingmind_system'
                ELSE 'plain' END
    FROM pg_roles me LEFT JOIN pg_roles seer ON seer.rolname = 'meetingmind_system'
    WHERE me.rolname = session_user
""")

# Of our tables that hold rows of tenants, and are there, those whose owner could read past the policies.
_UNGUARDED: Final = text("""
    SELECT relname FROM pg_class
    WHERE relname = ANY(:names) AND relkind IN ('r', 'p') AND pg_table_is_visible(oid)
      AND NOT (relrowsecurity AND relforcerowsecurity)
    ORDER BY relname
""")


def read(database_url: str) -> PostgresFacts:
    """What it says of itself and of our login.

    Raises:
        Unavailable: it does not answer in time, does not let us in, or the address is none.
    """
    try:
        engine = create_engine(
            driver_url(database_url),
            poolclass=NullPool,
            connect_args={
                "application_name": "meetingmind doctor",
                "connect_timeout": CONNECT_S,
                "options": f"-c statement_timeout={STATEMENT_TIMEOUT_MS}",
            },
        )
        with engine.connect() as connection:
            return _facts(connection)
    except DBAPIError as error:
        raise Unavailable(_reason(error, database_url)) from error
    except (ArgumentError, ImportError, ValueError) as error:
        raise Unavailable("the address is not one of PostgreSQL") from error


def _facts(connection: Connection) -> PostgresFacts:
    told = connection.execute(_SETTINGS).mappings().one()
    unguarded = connection.execute(_UNGUARDED, {"names": _tables_of_tenants()}).scalars()
    return PostgresFacts(
        version=None if told["version"] is None else int(told["version"]),
        synchronous_commit=told["synchronous_commit"],
        standbys=told["standbys"],
        fsync=_is_on(told["fsync"]),
        full_page_writes=_is_on(told["full_page_writes"]),
        data_sync_retry=_is_on(told["data_sync_retry"]),
        is_private=told["is_private"],
        login=Power(connection.execute(_LOGIN).scalar_one()),
        app_role=Power(connection.execute(_APP_ROLE).scalar_one_or_none() or Power.MISSING),
        unguarded=tuple(unguarded),
    )


def _tables_of_tenants() -> list[str]:
    return [name for name, table in METADATA.tables.items() if name == "tenants" or "tenant_id" in table.columns]


def _is_on(setting: Any) -> bool | None:
    return None if setting is None else setting == "on"


def _reason(error: DBAPIError, database_url: str) -> str:
    """Its first line, without the password, whatever the driver repeats of the address."""
    said = str(error.orig).partition("\n")[0].rstrip(".") or type(error).__name__
    password = make_url(driver_url(database_url)).password
    return said.replace(password, "***") if password else said
