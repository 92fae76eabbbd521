"""How far each tenant's events have been numbered; see `feed.py`. The events themselves stand in `tables.py`."""

from typing import Final

from sqlalchemy import BigInteger, Column, Table, text

from orchestrator.storage.columns import metadata, tenant

# Locked by whoever gives numbers to the tenant's events, and by nobody else. The tenant "" is the house itself.
feeds: Final = Table(
    "feeds",
    metadata,
    tenant(),
    Column("last", BigInteger, nullable=False, server_default=text("0")),  # the last number that was given
)
