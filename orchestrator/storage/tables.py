"""The tables of work. Each row belongs to a tenant, and row-level security holds the application role to the tenant
that its transaction named (see `engine.py` and the first migration). Money is integer micro-dollars, times are UTC.

    tenants ─┬─ api_keys
             └─ transcripts ── jobs ─┬─ seats ── attempts
                                     ├─ candidates (one per answered seat, never changed)
                                     ├─ parts      (answers about parts of the meeting, of seats asked in several)
                                     ├─ questions  (what the synthesis asked a lead or judge, and the reply)
                                     ├─ seat_records (what became of each seat's items)
                                     ├─ results    (one per job, never changed)
                                     └─ events     (numbered per job and per tenant, without gaps)

What is beside them stands in rooms of its own: `money_tables.py`, `house_tables.py`, `batch_tables.py` and so on.
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
    Column("prefix", Text),  # how the key begins; null: it is older than this column
    Column("scopes", ARRAY(Text), nullable=False),
    Column("made_by", Text),  # a key; null: an operator
    moment("created_at", nullable=False),
    moment("expires_at"),
    moment("revoked_at"),
    Column("replaced_by", Text),  # its newest successor
    moment("last_used_at"),  # to the minute
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
    moment("erased_at"),  # since then its body is empty
    ForeignKeyConstraint(["tenant_id"], ["tenants.id"]),
)

_WAITING: Final = text("dispatched_at IS NULL AND finished_at IS NULL AND paused_at IS NULL AND scheduled_for IS NULL")
_SCHEDULED: Final = text("scheduled_for IS NOT NULL AND finished_at IS NULL")
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
    Column("replay_of", Text),  # the job whose stored answers it was made over; null: it asked its own seats
    Column("may_call", Boolean, nullable=False, server_default=text("false")),  # a replay that may ask leads and judges
    moment("synthesis_lease_until"),
    moment("created_at", nullable=False),
    moment("dispatched_at"),  # when its asks were first handed to the broker; null: it waits for its turn
    moment("started_at"),
    Column("callers", JSONB(none_as_null=True), nullable=False, server_default=text("'[]'")),  # whom synthesis may ask
    Column(
        "webhook", JSONB(none_as_null=True)
    ),  # {id, url, events}: the endpoint that it named itself, and for which events
    Column("records", JSONB(none_as_null=True)),  # the factors that an expertise went by
    Column("answered_seats", SmallInteger, nullable=False, server_default=text("0")),
    moment("late_at"),  # once there is a quorum: who has not ended by then is late
    moment("closed_at"),  # when its panel closed
    moment("rung_at"),  # when its ending was last rung by the reconciler
    moment("finished_at"),
    moment("deadline_at", nullable=False),
    Column("batch_id", Text),  # the batch it came in
    moment("paused_at"),  # since when it is held back: it does not wait for its turn
    moment("not_before"),  # the moment that was asked for
    moment("scheduled_for"),  # until that moment it does not wait for its turn; see storage/scheduled.py
    moment("erased_at"),  # since then nothing of what was said is left
    ForeignKeyConstraint(["tenant_id", "transcript_id"], ["transcripts.tenant_id", "transcripts.id"]),
    # A message names a job by its id alone, which no two tenants share. A tenant asks for one by id and tenant, so that
    # it never comes upon the row of another. The index that keeps ids unique is one by which nothing is found.
    Index("ix_jobs_id", "id", "tenant_id"),
    Index("uq_jobs_id_alone", text("(id || '')"), unique=True),
    Index("ix_jobs_newest", "tenant_id", text("id DESC")),
    Index("ix_jobs_reference", "tenant_id", "reference", postgresql_where=text("reference IS NOT NULL")),
    # Whoever erases a meeting looks for those that share its transcript, and for those made over the answers.
    Index("ix_jobs_transcript", "tenant_id", "transcript_id"),
    Index("ix_jobs_replay_of", "tenant_id", "replay_of", postgresql_where=text("replay_of IS NOT NULL")),
    # What sweeps look for among the jobs that are not finished, without meeting those that only wait.
    Index("ix_jobs_due", "deadline_at", postgresql_where=text("finished_at IS NULL AND paused_at IS NULL")),
    Index("ix_jobs_batch", "tenant_id", "batch_id", "id", postgresql_where=text("batch_id IS NOT NULL")),
    Index("ix_jobs_dead", "tenant_id", "id", postgresql_where=text("status IN ('failed', 'expired', 'canceled')")),
    Index("ix_jobs_scheduled", "scheduled_for", postgresql_where=_SCHEDULED),
    Index("ix_jobs_scheduled_own", "tenant_id", postgresql_where=_SCHEDULED),
    # Which endpoints of jobs are in use.
    Index("ix_jobs_hooked", "tenant_id", postgresql_where=text("webhook IS NOT NULL AND finished_at IS NULL")),
    Index("ix_jobs_replays", "tenant_id", postgresql_where=text("replay_of IS NOT NULL AND finished_at IS NULL")),
    Index("ix_jobs_closed", "closed_at", postgresql_where=text("finished_at IS NULL AND closed_at IS NOT NULL")),
    Index(
        "ix_jobs_late",
        "late_at",
        postgresql_where=text("finished_at IS NULL AND closed_at IS NULL AND late_at IS NOT NULL"),
    ),
    Index("ix_jobs_waiting", "priority", "tenant_id", "id", postgresql_where=_WAITING),
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
    Column("unreadable", SmallInteger, nullable=False, server_default=text("0")),  # answers of the seat it is a copy of
    Column("repair", JSONB(none_as_null=True)),  # what its next ask shall mend; see analysis/repairs.py
    Column("cut", JSONB(none_as_null=True)),  # where the parts begin in which it is asked; null: it is asked whole
    Column("parts_served", ARRAY(Text), nullable=False, server_default=text("'{}'")),  # who answered, one for each part
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
    Column("part", SmallInteger),  # that it is about, from 1; null: about all of the meeting
    moment("created_at", nullable=False),
    moment("sent_at"),
    moment("ended_at"),
    ForeignKeyConstraint(["tenant_id", "job_id", "seat"], ["seats.tenant_id", "seats.job_id", "seats.seat"]),
    Index("ix_attempts_of_job", "tenant_id", "job_id", "seat"),
    Index("ix_attempts_newest", "created_at"),
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

questions: Final = Table(
    "questions",
    metadata,
    tenant(),
    Column("job_id", Text, primary_key=True),
    Column("digest", Text, primary_key=True),  # of the document: the same question is not asked twice
    Column("seat", SmallInteger),  # who is asked; null: nobody could be had
    Column("document", JSONB(none_as_null=True), nullable=False),
    Column("reply", JSONB(none_as_null=True)),
    moment("created_at", nullable=False),
    ForeignKeyConstraint(["tenant_id", "job_id"], ["jobs.tenant_id", "jobs.id"]),
    Index("ix_questions_answered", "tenant_id", "digest", postgresql_where=text("reply IS NOT NULL")),
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
    Column("id", Text, primary_key=True),
    Column("job_id", Text),  # null: it concerns the tenant
    Column("sequence", Integer),  # the job's version after the change
    Column("type", Text, nullable=False),
    Column("data", JSONB(none_as_null=True), nullable=False),
    moment("at", nullable=False),
    moment("announced_at"),
    Column("number", BigInteger),  # its place in the tenant's feed; null: nobody has looked for it yet (see feed.py)
    ForeignKeyConstraint(["tenant_id", "job_id"], ["jobs.tenant_id", "jobs.id"]),
    UniqueConstraint("tenant_id", "job_id", "sequence", name="uq_events_tenant_id_job_id_sequence"),
    CheckConstraint("(job_id IS NULL) = (sequence IS NULL)", name="ck_events_of_job"),
    Index("ix_events_unannounced", "at", postgresql_where=text("announced_at IS NULL")),
    Index("ix_events_number", "tenant_id", "number", unique=True, postgresql_where=text("number IS NOT NULL")),
    Index("ix_events_unnumbered", "tenant_id", "at", postgresql_where=text("number IS NULL")),
)
