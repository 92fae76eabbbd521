"""The tables of work. Each row belongs to a tenant, and row-level security holds the application role to the tenant
that its transaction named (see `engine.py` and the first migration). Money is integer micro-dollars, times are UTC.

    tenants ─┬─ api_keys
             ├─ transcripts ── jobs ─┬─ seats ── attempts
             │                       ├─ candidates (one per answered seat, never changed)
             │                       ├─ results    (one per job, never changed)
             │                       └─ events     (numbered per job, without gaps)
             └─ idempotency_keys

The tables of money stand in `money_tables.py`.
"""

from typing import Final

from sqlalchemy import (
    BigInteger,
    Boolean,
    CheckConstraint,
    Column,
    Date,
    Float,
    ForeignKeyConstraint,
    Index,
    Integer,
    LargeBinary,
    SmallInteger,
    Table,
    Text,
    UniqueConstraint,
    text,
)
from sqlalchemy.dialects.postgresql import ARRAY, JSONB

from orchestrator.storage.columns import metadata, moment, tenant

tenants: Final = Table(
    "tenants",
    metadata,
    Column("id", Text, primary_key=True),
    Column("name", Text, nullable=False, unique=True),
    moment("created_at", nullable=False),
    # A provider billed more than its bound: no new job is taken in until an operator has looked.
    moment("stopped_at"),
    Column("stopped_why", Text),
    Column("weight", Float, nullable=False, server_default=text("1.0")),  # its share of a full lane
    CheckConstraint("weight > 0", name="ck_tenants_weight"),
)

api_keys: Final = Table(
    "api_keys",
    metadata,
    tenant(),
    Column("id", Text, primary_key=True),
    Column("name", Text, nullable=False),
    # HMAC-SHA256 of the key under a pepper that PostgreSQL never sees; keys are random, so no slow hash is needed.
    Column("digest", LargeBinary, nullable=False, unique=True),
    Column("scopes", ARRAY(Text), nullable=False),
    moment("created_at", nullable=False),
    moment("expires_at"),
    moment("revoked_at"),
    ForeignKeyConstraint(["tenant_id"], ["tenants.id"]),
)

transcripts: Final = Table(
    "transcripts",
    metadata,
    tenant(),
    Column("id", Text, primary_key=True),
    # Compressed by us (see storage/transcripts.py); the column is STORAGE EXTERNAL so that it is not done twice.
    Column("body", LargeBinary, nullable=False),
    Column("words", Integer, nullable=False),
    moment("created_at", nullable=False),
    ForeignKeyConstraint(["tenant_id"], ["tenants.id"]),
)

jobs: Final = Table(
    "jobs",
    metadata,
    tenant(),
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
    Column("policy_planned", Text),  # the one the plan was made with; null: the one that was asked for
    Column("cheaper_because", Text),  # why that was a cheaper one
    Column("project", Text),
    Column("priority", Text, nullable=False),
    Column("quorum", SmallInteger, nullable=False),
    Column("open_seats", SmallInteger, nullable=False),
    Column("context", JSONB(none_as_null=True), nullable=False),
    Column("catalog_version", Text, nullable=False),
    Column("prompt_version", Text, nullable=False),
    Column("label", Text),
    Column("degradations", JSONB(none_as_null=True), nullable=False, server_default=text("'[]'")),
    Column("bound_micro_usd", BigInteger, nullable=False),
    Column("expected_micro_usd", BigInteger, nullable=False, server_default=text("0")),
    Column("spent_micro_usd", BigInteger, nullable=False, server_default=text("0")),
    Column("reference", Text),
    Column("tags", ARRAY(Text), nullable=False),
    Column("metadata", JSONB(none_as_null=True), nullable=False),
    Column("error", JSONB(none_as_null=True)),
    Column("retries", SmallInteger, nullable=False, server_default=text("0")),  # a caller had it go on after its end
    Column("synthesis_epoch", Integer, nullable=False, server_default=text("0")),
    moment("synthesis_lease_until"),
    moment("created_at", nullable=False),
    moment("dispatched_at"),  # when its asks were first handed to the broker; null: it waits for its turn
    moment("started_at"),
    Column("answered_seats", SmallInteger, nullable=False, server_default=text("0")),
    moment("late_at"),  # once there is a quorum: who has not ended by then is late
    moment("closed_at"),  # when its panel closed
    moment("rung_at"),  # when its ending was last rung by the reconciler
    moment("finished_at"),
    moment("deadline_at", nullable=False),
    ForeignKeyConstraint(["tenant_id", "transcript_id"], ["transcripts.tenant_id", "transcripts.id"]),
    UniqueConstraint("id"),  # a message names a job by its id alone
    Index("ix_jobs_newest", "tenant_id", text("id DESC")),
    Index("ix_jobs_reference", "tenant_id", "reference", postgresql_where=text("reference IS NOT NULL")),
    # What sweeps look for among the jobs that are not finished, without meeting those that only wait.
    Index("ix_jobs_due", "deadline_at", postgresql_where=text("finished_at IS NULL")),
    Index("ix_jobs_closed", "closed_at", postgresql_where=text("finished_at IS NULL AND closed_at IS NOT NULL")),
    Index(
        "ix_jobs_late",
        "late_at",
        postgresql_where=text("finished_at IS NULL AND closed_at IS NULL AND late_at IS NOT NULL"),
    ),
    Index(
        "ix_jobs_waiting",
        "priority",
        "tenant_id",
        "id",
        postgresql_where=text("dispatched_at IS NULL AND finished_at IS NULL"),
    ),
)

seats: Final = Table(
    "seats",
    metadata,
    tenant(),
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
    # Its epoch when the job was last retried: attempts up to it count no more for what may be tried.
    Column("since_epoch", Integer, nullable=False, server_default=text("0")),
    moment("lease_until"),
    moment("next_at"),
    moment("published_at"),  # when an ask for it was last handed to the broker; null: never
    Column("served", Text),
    Column("reason", Text),
    Column("latency_s", Float),
    Column("cost_micro_usd", BigInteger, nullable=False, server_default=text("0")),
    Column("usage", JSONB(none_as_null=True), nullable=False, server_default=text("'{}'")),
    Column("service_tier", Text, nullable=False, server_default=text("'standard'")),
    Column("cached", Boolean, nullable=False, server_default=text("false")),  # its prompt marks a cached prefix
    Column("follows", SmallInteger),  # the seat whose prompt it finds in the provider's cache
    Column("lane", Text, nullable=False, server_default=text("'standard'")),  # its job's priority
    ForeignKeyConstraint(["tenant_id", "job_id"], ["jobs.tenant_id", "jobs.id"]),
    Index(
        "ix_seats_open",
        "published_at",
        postgresql_where=text("status IN ('pending', 'running') AND published_at IS NOT NULL"),
    ),
    Index("ix_seats_standing", "lane", postgresql_where=text("status = 'pending' AND published_at IS NOT NULL")),
)

attempts: Final = Table(
    "attempts",
    metadata,
    tenant(),
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
    # The period it counts in, by PostgreSQL's clock when it was intended.
    Column("day", Date, nullable=False, server_default=text("(clock_timestamp() AT TIME ZONE 'UTC')::date")),
    Column("price_version", Text, nullable=False, server_default=text("''")),
    Column("service_tier", Text, nullable=False, server_default=text("'standard'")),
    Column("reported_micro_usd", BigInteger),  # the price that the provider itself named
    Column("hedge", Boolean, nullable=False, server_default=text("false")),  # made beside one that was slow
    moment("created_at", nullable=False),
    moment("sent_at"),
    moment("ended_at"),
    ForeignKeyConstraint(["tenant_id", "job_id", "seat"], ["seats.tenant_id", "seats.job_id", "seats.seat"]),
    Index("ix_attempts_of_job", "tenant_id", "job_id", "seat"),
    Index("ix_attempts_open", "created_at", postgresql_where=text("state IN ('intended', 'sent')")),
)

candidates: Final = Table(
    "candidates",
    metadata,
    tenant(),
    Column("job_id", Text, primary_key=True),
    Column("seat", SmallInteger, primary_key=True, autoincrement=False),
    Column("attempt_id", Text, nullable=False),
    Column("document", JSONB(none_as_null=True), nullable=False),
    moment("created_at", nullable=False),
    ForeignKeyConstraint(["tenant_id", "job_id", "seat"], ["seats.tenant_id", "seats.job_id", "seats.seat"]),
)

results: Final = Table(
    "results",
    metadata,
    tenant(),
    Column("job_id", Text, primary_key=True),
    Column("analysis", JSONB(none_as_null=True), nullable=False),
    moment("created_at", nullable=False),
    ForeignKeyConstraint(["tenant_id", "job_id"], ["jobs.tenant_id", "jobs.id"]),
)

events: Final = Table(
    "events",
    metadata,
    tenant(),
    Column("job_id", Text, primary_key=True),
    Column("sequence", Integer, primary_key=True, autoincrement=False),  # the job's version after the change
    Column("id", Text, nullable=False),
    Column("type", Text, nullable=False),
    Column("data", JSONB(none_as_null=True), nullable=False),
    moment("at", nullable=False),
    moment("announced_at"),
    ForeignKeyConstraint(["tenant_id", "job_id"], ["jobs.tenant_id", "jobs.id"]),
    UniqueConstraint("id"),
    Index("ix_events_unannounced", "at", postgresql_where=text("announced_at IS NULL")),
)

idempotency_keys: Final = Table(
    "idempotency_keys",
    metadata,
    tenant(),
    Column("key", Text, primary_key=True),
    Column("request_digest", LargeBinary, nullable=False),
    Column("job_id", Text, nullable=False),
    moment("created_at", nullable=False),
    ForeignKeyConstraint(["tenant_id"], ["tenants.id"]),
)

# What a worker did not understand and gave back (see tasks/returned.py); nobody's tenant.
returned_messages: Final = Table(
    "returned_messages",
    metadata,
    Column("id", Text, primary_key=True),
    Column("queue", Text, nullable=False),
    Column("body", Text, nullable=False),
    Column("content_type", Text, nullable=False),
    Column("headers", JSONB(none_as_null=True), nullable=False),
    Column("properties", JSONB(none_as_null=True), nullable=False),
    Column("times", Integer, nullable=False),
    moment("due_at", nullable=False),
    moment("created_at", nullable=False),
    Index("ix_returned_messages_due", "due_at"),
)

# One row a worker process, renewed while it lives; nobody's tenant.
workers: Final = Table(
    "workers",
    metadata,
    Column("id", Text, primary_key=True),
    Column("profile", Text, nullable=False),
    Column("slots", Integer, nullable=False),
    moment("seen_at", nullable=False),
)

# One row a lane in which jobs wait, as the dispatcher last saw it; see `lane_figures.py`.
lanes: Final = Table(
    "lanes",
    metadata,
    Column("lane", Text, primary_key=True),
    Column("jobs", BigInteger, nullable=False),
    Column("weights", Float, nullable=False),
    Column("crowds", JSONB(none_as_null=True), nullable=False),
    Column("jobs_per_s", Float, nullable=False),
    Column("asks_per_s", Float, nullable=False),
    Column("call_s", Float, nullable=False),
    moment("told_at", nullable=False),
)
