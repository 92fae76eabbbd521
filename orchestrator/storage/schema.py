"""All tables together, for the migrations and for the laws that hold for each of them."""

from typing import Final

from orchestrator.storage import columns, money_tables, tables

METADATA: Final = columns.metadata
TENANT_TABLES: Final = tuple(table for table in METADATA.sorted_tables if "tenant_id" in table.columns)

# Named so that nobody takes the imports for idle ones: they are what puts the tables into the metadata.
ROOMS: Final = (tables, money_tables)
