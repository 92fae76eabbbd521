"""Every table. Each row belongs to a tenant, and row-level security holds the application role to the tenant that its
transaction named (see `engine.py` and the first migration). Money is integer micro-dollars, times are UTC.

    tenants ─┬─ api_keys
             ├─ transcripts ── jobs ─┬─ seats ── attempts
             │                       ├─ candidates (one per answered seat, never changed)
             │                       ├─ results    (one per job, never changed)
             │                       └─ events     (numbered per job, without gaps)
             └─ idempotency_keys
"""

from typing import Final

from sqlalchemy import (
    BigInteger,
    Boolean,
    Column,
    DateTime,
    Float,
    ForeignKeyConstraint,
    Index,
    Integer,
    LargeBinary,
    MetaData,
    SmallInteger,
    Table,
    Text,
    UniqueConstraint,
    func,
    text,
)
from sqlalchemy.dialects.postgresql import ARRAY, JSONB

metadata: Final = MetaData(
    naming_convention={
        "ix": "ix_%(table_name)s_%(column_0_N_name)s",
        "uq": "uq_%(table_name)s_%(column_0_N_name)s",
        "fk": "fk_%(table_name)s_%(column_0_N_name)s",
        "pk": "pk_%(table_name)s",
    }
)

_NOW: Final = func.clock_timestamp()  # not now(): a transaction may wait for a lock before it writes


def _moment(name: str, *, nullable: bool = True) -> Column[object]:
    default = None if nullable else _NOW
    return Column(name, DateTime(timezone=True), nullable=nullable, server_default=default)


def _tenant() -> Column[str]:
    """Whose row it is: the transaction's tenant, unless the statement says otherwise."""
    return Column("tenant_id", Text, primary_key=True, server_default=text("current_setting('meetingmind.tenant_id')"))


tenants: Final = Table(
    "tenants",
    metadata,
    Column("id", Text, primary_key=True),
    Column("name", Text, nullable=False, unique=True),
    _moment("created_at", nullable=False),
)

api_keys: Final = Table(
    "api_keys",
    metadata,
    _tenant(),
    Column("id", Text, primary_key=True),
    Column("name", Text, nullable=False),
    # HMAC-SHA256 of the key under a pepper that PostgreSQL never sees; keys are random, so no slow hash is needed.
    Column("digest", LargeBinary, nullable=False, unique=True),
    Column("scopes", ARRAY(Text), nullable=False),
    _moment("created_at", nullable=False),
    _moment("expires_at"),
    _moment("revoked_at"),
    ForeignKeyConstraint(["tenant_id"], ["tenants.id"]),
)

transcripts: Final = Table(
    "transcripts",
    metadata,
    _tenant(),
    Column("id", Text, primary_key=True),
    # Compressed by us (see storage/transcripts.py); the column is STORAGE EXTERNAL so that it is not done twice.
    Column("body", LargeBinary, nullable=False),
    Column("words", Integer, nullable=False),
    _moment("created_at", nullable=False),
    ForeignKeyConstraint(["tenant_id"], ["tenants.id"]),
)

jobs: Final = Table(
    "jobs",
    metadata,
    _tenant(),
    Column("id", Text, primary_key=True),
    Column("version", Integer, nullable=False, server_default=text("1")),
    Column("status", Text, nullable=False),
    Column("transcript_id", Text, nullable=False),
    Column("boundary", Text, nullable=False),  # of the prompt's frame, random
    Column("strategy_asked", Text, nullable=False),
    Column("strategy_planned", Text, nullable=False),
    Column("strategy_ran", Text),
    Column("strategy_reason", Text, nullable=False),
    Column("policy", Text, nullable=False),
    Column("priority", Text, nullable=False),
    Column("quorum", SmallInteger, nullable=False),
    Column("open_seats", SmallInteger, nullable=False),
    Column("context", JSONB(none_as_null=True), nullable=False),
    Column("catalog_version", Text, nullable=False),
    Column("prompt_version", Text, nullable=False),
    Column("label", Text),
    Column("degradations", JSONB(none_as_null=True), nullable=False, server_default=text("'[]'")),
    Column("bound_micro_usd", BigInteger, nullable=False),
    Column("spent_micro_usd", BigInteger, nullable=False, server_default=text("0")),
    Column("reference", Text),
    Column("tags", ARRAY(Text), nullable=False),
    Column("metadata", JSONB(none_as_null=True), nullable=False),
    Column("error", JSONB(none_as_null=True)),
    Column("synthesis_epoch", Integer, nullable=False, server_default=text("0")),
    _moment("synthesis_lease_until"),
    _moment("created_at", nullable=False),
    _moment("started_at"),
    _moment("closed_at"),  # when its panel closed
    _moment("rung_at"),  # when its ending was last rung by the reconciler
    _moment("finished_at"),
    _moment("deadline_at", nullable=False),
    ForeignKeyConstraint(["tenant_id", "transcript_id"], ["transcripts.tenant_id", "transcripts.id"]),
    UniqueConstraint("id"),  # a message names a job by its id alone
    Index("ix_jobs_newest", "tenant_id", text("id DESC")),
    Index("ix_jobs_reference", "tenant_id", "reference", postgresql_where=text("reference IS NOT NULL")),
    # What sweeps look for: the few jobs that are not finished.
    Index("ix_jobs_open", "created_at", postgresql_where=text("finished_at IS NULL")),
)

seats: Final = Table(
    "seats",
    metadata,
    _tenant(),
    Column("job_id", Text, primary_key=True),
    Column("seat", SmallInteger, primary_key=True, autoincrement=False),
    Column("role", Text, nullable=False),
    Column("status", Text, nullable=False),
    Column("asked", Text, nullable=False),
    Column("ladder", ARRAY(Text), nullable=False),
    Column("rung", SmallInteger, nullable=False, server_default=text("0")),
    Column("waited", Boolean, nullable=False, server_default=text("false")),  # this rung had its one wait
    Column("failovers", SmallInteger, nullable=False, server_default=text("0")),
    Column("attempts", SmallInteger, nullable=False, server_default=text("0")),
    Column("epoch", Integer, nullable=False, server_default=text("0")),
    Column("claims", SmallInteger, nullable=False, server_default=text("0")),  # since its last outcome of any kind
    _moment("lease_until"),
    _moment("next_at"),
    _moment("published_at", nullable=False),  # when an ask for it was last handed to the broker
    Column("served", Text),
    Column("reason", Text),
    Column("latency_s", Float),
    Column("cost_micro_usd", BigInteger, nullable=False, server_default=text("0")),
    Column("usage", JSONB(none_as_null=True), nullable=False, server_default=text("'{}'")),
    ForeignKeyConstraint(["tenant_id", "job_id"], ["jobs.tenant_id", "jobs.id"]),
    Index("ix_seats_open", "published_at", postgresql_where=text("status IN ('pending', 'running')")),
)

attempts: Final = Table(
    "attempts",
    metadata,
    _tenant(),
    Column("id", Text, primary_key=True),
    Column("job_id", Text, nullable=False),
    Column("seat", SmallInteger, nullable=False),
    Column("epoch", Integer, nullable=False),
    Column("rung", SmallInteger, nullable=False),
    Column("target", Text, nullable=False),
    Column("state", Text, nullable=False),
    Column("bound_micro_usd", BigInteger, nullable=False),
    Column("cost_micro_usd", BigInteger, nullable=False, server_default=text("0")),
    Column("model_served", Text),
    Column("request_id", Text),
    Column("usage", JSONB(none_as_null=True)),
    Column("error", JSONB(none_as_null=True)),
    _moment("created_at", nullable=False),
    _moment("sent_at"),
    _moment("ended_at"),
    ForeignKeyConstraint(["tenant_id", "job_id", "seat"], ["seats.tenant_id", "seats.job_id", "seats.seat"]),
    Index("ix_attempts_of_job", "tenant_id", "job_id", "seat"),
    Index("ix_attempts_open", "created_at", postgresql_where=text("state IN ('intended', 'sent')")),
)

candidates: Final = Table(
    "candidates",
    metadata,
    _tenant(),
    Column("job_id", Text, primary_key=True),
    Column("seat", SmallInteger, primary_key=True, autoincrement=False),
    Column("attempt_id", Text, nullable=False),
    Column("document", JSONB(none_as_null=True), nullable=False),
    _moment("created_at", nullable=False),
    ForeignKeyConstraint(["tenant_id", "job_id", "seat"], ["seats.tenant_id", "seats.job_id", "seats.seat"]),
)

results: Final = Table(
    "results",
    metadata,
    _tenant(),
    Column("job_id", Text, primary_key=True),
    Column("analysis", JSONB(none_as_null=True), nullable=False),
    _moment("created_at", nullable=False),
    ForeignKeyConstraint(["tenant_id", "job_id"], ["jobs.tenant_id", "jobs.id"]),
)

events: Final = Table(
    "events",
    metadata,
    _tenant(),
    Column("job_id", Text, primary_key=True),
    Column("sequence", Integer, primary_key=True, autoincrement=False),  # the job's version after the change
    Column("id", Text, nullable=False),
    Column("type", Text, nullable=False),
    Column("data", JSONB(none_as_null=True), nullable=False),
    _moment("at", nullable=False),
    _moment("announced_at"),
    ForeignKeyConstraint(["tenant_id", "job_id"], ["jobs.tenant_id", "jobs.id"]),
    UniqueConstraint("id"),
    Index("ix_events_unannounced", "at", postgresql_where=text("announced_at IS NULL")),
)

idempotency_keys: Final = Table(
    "idempotency_keys",
    metadata,
    _tenant(),
    Column("key", Text, primary_key=True),
    Column("request_digest", LargeBinary, nullable=False),
    Column("job_id", Text, nullable=False),
    _moment("created_at", nullable=False),
    ForeignKeyConstraint(["tenant_id"], ["tenants.id"]),
)

TENANT_TABLES: Final = tuple(table for table in metadata.sorted_tables if "tenant_id" in table.columns)
