"""The tables of money: what was spent, what may be, and what was said about it. Integer micro-dollars, days in UTC.

tenants ─┬─ ledger         append-only; a period's spend is the sum of its rows
├─ budgets        limits per tenant or project, day or month; no row: no limit
├─ budget_events  each crossing announced once; the platform's own under the tenant ""
└─ spare_answers  of seats that were taken over while their call was under way
money_state                one row: the generation of the counters in Redis (see money/counters.py)
"""

from typing import Final

from sqlalchemy import (
    BigInteger,
    Boolean,
    Column,
    Date,
    Float,
    ForeignKeyConstraint,
    Index,
    SmallInteger,
    Table,
    Text,
    UniqueConstraint,
    text,
)
from sqlalchemy.dialects.postgresql import JSONB

from orchestrator.storage.columns import metadata, moment, tenant

TOKEN_CLASSES: Final = (
    "input_tokens",
    "cached_input_tokens",
    "cache_write_tokens",
    "output_tokens",
    "reasoning_tokens",
    "image_tokens",
)

ledger: Final = Table(
    "ledger",
    metadata,
    tenant(),
    Column("id", Text, primary_key=True),
    Column("attempt_id", Text, nullable=False),
    Column("kind", Text, nullable=False),  # answer, ambiguous, or correction
    Column("job_id", Text, nullable=False),
    Column("seat", SmallInteger, nullable=False),
    Column("project", Text),
    Column("day", Date, nullable=False),
    moment("at", nullable=False),
    Column("policy", Text, nullable=False),
    Column("provider", Text, nullable=False),
    Column("model", Text, nullable=False),
    Column("used", Boolean, nullable=False),  # its answer became the seat's candidate
    Column("cost_micro_usd", BigInteger, nullable=False),  # below zero in a correction
    *(Column(name, BigInteger, nullable=False, server_default=text("0")) for name in TOKEN_CLASSES),
    Column("estimated", Boolean, nullable=False, server_default=text("false")),
    # What the same tokens would have cost; null where nothing is known of them (see providers/comparison.py).
    Column("reference", Text),
    Column("reference_micro_usd", BigInteger),
    Column("direct_micro_usd", BigInteger),
    Column("cached_micro_usd", BigInteger),
    Column("tier_micro_usd", BigInteger),
    Column("price_version", Text, nullable=False),
    ForeignKeyConstraint(["tenant_id"], ["tenants.id"]),
    UniqueConstraint("tenant_id", "attempt_id", "kind"),
    Index("ix_ledger_of_tenant", "tenant_id", "day", postgresql_include=["project", "cost_micro_usd"]),
    Index("ix_ledger_of_platform", "day", postgresql_include=["cost_micro_usd"]),
    Index("ix_ledger_of_job", "tenant_id", "job_id"),
)

budgets: Final = Table(
    "budgets",
    metadata,
    tenant(),
    Column("scope", Text, primary_key=True),  # tenant, or project:NAME
    Column("period", Text, primary_key=True),  # day or month
    Column("limit_micro_usd", BigInteger, nullable=False),
    Column("override_micro_usd", BigInteger),  # holds in place of the limit until `override_until`
    moment("override_until"),
    moment("updated_at", nullable=False),
    ForeignKeyConstraint(["tenant_id"], ["tenants.id"]),
)

budget_events: Final = Table(
    "budget_events",
    metadata,
    tenant(),
    Column("id", Text, primary_key=True),
    Column("type", Text, nullable=False),
    Column("scope", Text, nullable=False),
    Column("period", Text, nullable=False),
    Column("period_start", Date, nullable=False),
    Column("threshold", SmallInteger, nullable=False),
    Column("limit_micro_usd", BigInteger, nullable=False),
    Column("data", JSONB(none_as_null=True), nullable=False),
    moment("at", nullable=False),
    UniqueConstraint(
        "tenant_id",
        "type",
        "scope",
        "period",
        "period_start",
        "threshold",
        "limit_micro_usd",
        name="uq_budget_events_once",
    ),
)

spare_answers: Final = Table(
    "spare_answers",
    metadata,
    tenant(),
    Column("attempt_id", Text, primary_key=True),
    Column("job_id", Text, nullable=False),
    Column("seat", SmallInteger, nullable=False),
    Column("served", Text, nullable=False),
    Column("latency_s", Float, nullable=False),
    Column("usage", JSONB(none_as_null=True), nullable=False),
    Column("document", JSONB(none_as_null=True), nullable=False),
    moment("created_at", nullable=False),
    ForeignKeyConstraint(["tenant_id", "job_id", "seat"], ["seats.tenant_id", "seats.job_id", "seats.seat"]),
    Index("ix_spare_answers_of_seat", "tenant_id", "job_id", "seat"),
)

money_state: Final = Table(
    "money_state",
    metadata,
    Column("id", SmallInteger, primary_key=True, autoincrement=False),
    Column("generation", BigInteger, nullable=False),
)
