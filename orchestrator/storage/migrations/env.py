"""Alembic's entry: runs the migrations on the connection that `storage/migrate.py` hands over."""

from alembic import context

from orchestrator import failpoints
from orchestrator.storage.schema import METADATA

connection = context.config.attributes["connection"]
context.configure(
    connection=connection,
    target_metadata=METADATA,
    transaction_per_migration=True,
    on_version_apply=lambda **_: failpoints.reach("migrate.midway"),
)
with context.begin_transaction():
    context.run_migrations()
