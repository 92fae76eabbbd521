"""All tables together, for the migrations and for the laws that hold for each of them."""

from typing import Final

from orchestrator.storage import (
    audit_tables,
    batch_tables,
    caller_tables,
    columns,
    delivery_tables,
    feed_tables,
    house_tables,
    money_tables,
    part_tables,
    prompt_tables,
    record_tables,
    tables,
)

METADATA: Final = columns.metadata
TENANT_TABLES: Final = tuple(table for table in METADATA.sorted_tables if "tenant_id" in table.columns)

# Named so that nobody takes the imports for idle ones: they are what puts the tables into the metadata.
ROOMS: Final = (
    tables,
    feed_tables,
    money_tables,
    house_tables,
    part_tables,
    prompt_tables,
    record_tables,
    batch_tables,
    caller_tables,
    delivery_tables,
    audit_tables,
)
