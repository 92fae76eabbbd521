"""Brings a database to the schema of this release. Safe to run from many processes at once and again."""

from pathlib import Path

from alembic import command
from alembic.config import Config
from sqlalchemy import create_engine, text

from orchestrator.storage.engine import driver_url
from orchestrator.storage.locks import Lock


def upgrade(database_url: str, revision: str = "head") -> None:
    """Migrate forward to `revision`, waiting for anybody who is at it already.

    Raises:
        sqlalchemy.exc.OperationalError: PostgreSQL cannot be reached.
    """
    _run(database_url, lambda config: command.upgrade(config, revision))


def downgrade(database_url: str, revision: str) -> None:
    """Migrate back to `revision`; `base` takes everything away."""
    _run(database_url, lambda config: command.downgrade(config, revision))


def _run(database_url: str, action):  # type: ignore[no-untyped-def]  # alembic's commands take its own Config
    engine = create_engine(driver_url(database_url), hide_parameters=True)
    try:
        with engine.connect() as connection:
            connection.execute(text("SELECT pg_advisory_lock(:lock)"), {"lock": Lock.MIGRATION})
            connection.commit()
            try:
                action(_config(connection))
            finally:
                connection.rollback()
                connection.execute(text("SELECT pg_advisory_unlock(:lock)"), {"lock": Lock.MIGRATION})
                connection.commit()
    finally:
        engine.dispose()


def _config(connection) -> Config:  # type: ignore[no-untyped-def]
    config = Config()
    config.set_main_option("script_location", str(Path(__file__).parent / "migrations"))
    config.attributes["connection"] = connection
    return config
