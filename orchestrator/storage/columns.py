"""What every table's definition is made of: the metadata that holds them all, and the columns that recur."""

from typing import Final

from sqlalchemy import Column, DateTime, MetaData, Text, func, text

metadata: Final = MetaData(
    naming_convention={
        "ix": "ix_%(table_name)s_%(column_0_N_name)s",
        "uq": "uq_%(table_name)s_%(column_0_N_name)s",
        "fk": "fk_%(table_name)s_%(column_0_N_name)s",
        "pk": "pk_%(table_name)s",
    }
)

_NOW: Final = func.clock_timestamp()  # not now(): a transaction may wait for a lock before it writes


def moment(name: str, *, nullable: bool = True) -> Column[object]:
    """A time in UTC; one that is always there is PostgreSQL's own, of the moment of writing."""
    default = None if nullable else _NOW
    return Column(name, DateTime(timezone=True), nullable=nullable, server_default=default)


def tenant() -> Column[str]:
    """Whose row it is: the transaction's tenant, unless the statement says otherwise."""
    return Column("tenant_id", Text, primary_key=True, server_default=text("current_setting('meetingmind.tenant_id')"))
