-- Money: what each paid call cost, what may be spent, and what was said about it.
--
-- ledger         append-only: one row per settled attempt, and one more where an outcome that was not known is known after
--                all. A period's spend is the sum of its rows; nothing else is ever added up.
-- budgets        what a tenant, or one of its projects, may spend in a day or a month. No row: no limit.
-- budget_events  what was announced: each crossing once. The platform's own have the tenant ''.
-- spare_answers  answers that were paid for and came after their seat had been taken over: the next claim adopts them.
-- money_state    one row: the generation of the counters in Redis. It is raised whenever they may have lost something, and
--                a call that was held under an older one may not leave (see orchestrator/money/counters.py).
--
-- Periods are days in UTC, fixed by PostgreSQL's clock when an attempt is intended: a call that runs over midnight counts
-- where it began.

ALTER TABLE tenants
    ADD COLUMN stopped_at TIMESTAMP WITH TIME ZONE,
    ADD COLUMN stopped_why TEXT;

ALTER TABLE jobs
    ADD COLUMN project TEXT,
    ADD COLUMN policy_planned TEXT,
    ADD COLUMN cheaper_because TEXT,
    ADD COLUMN expected_micro_usd BIGINT DEFAULT 0 NOT NULL;

ALTER TABLE seats
    ADD COLUMN service_tier TEXT DEFAULT 'standard' NOT NULL,
    ADD COLUMN cached BOOLEAN DEFAULT false NOT NULL,
    ADD COLUMN follows SMALLINT;

ALTER TABLE attempts
    ADD COLUMN day DATE DEFAULT (clock_timestamp() AT TIME ZONE 'UTC')::date NOT NULL,
    ADD COLUMN price_version TEXT DEFAULT '' NOT NULL,
    ADD COLUMN service_tier TEXT DEFAULT 'standard' NOT NULL,
    ADD COLUMN reported_micro_usd BIGINT;

CREATE TABLE ledger (
    tenant_id TEXT DEFAULT current_setting('meetingmind.tenant_id') NOT NULL,
    id TEXT NOT NULL,
    attempt_id TEXT NOT NULL,
    kind TEXT NOT NULL,
    job_id TEXT NOT NULL,
    seat SMALLINT NOT NULL,
    project TEXT,
    day DATE NOT NULL,
    at TIMESTAMP WITH TIME ZONE DEFAULT clock_timestamp() NOT NULL,
    policy TEXT NOT NULL,
    provider TEXT NOT NULL,
    model TEXT NOT NULL,
    used BOOLEAN NOT NULL,
    cost_micro_usd BIGINT NOT NULL,
    input_tokens BIGINT DEFAULT 0 NOT NULL,
    cached_input_tokens BIGINT DEFAULT 0 NOT NULL,
    cache_write_tokens BIGINT DEFAULT 0 NOT NULL,
    output_tokens BIGINT DEFAULT 0 NOT NULL,
    reasoning_tokens BIGINT DEFAULT 0 NOT NULL,
    image_tokens BIGINT DEFAULT 0 NOT NULL,
    estimated BOOLEAN DEFAULT false NOT NULL,
    reference TEXT,
    reference_micro_usd BIGINT,
    direct_micro_usd BIGINT,
    cached_micro_usd BIGINT,
    tier_micro_usd BIGINT,
    price_version TEXT NOT NULL,
    CONSTRAINT pk_ledger PRIMARY KEY (tenant_id, id),
    CONSTRAINT fk_ledger_tenant_id FOREIGN KEY(tenant_id) REFERENCES tenants (id),
    CONSTRAINT uq_ledger_tenant_id_attempt_id_kind UNIQUE (tenant_id, attempt_id, kind)
);

-- Sums of periods, for one tenant and for the whole platform, read from the index alone.
CREATE INDEX ix_ledger_of_tenant ON ledger (tenant_id, day) INCLUDE (project, cost_micro_usd);

CREATE INDEX ix_ledger_of_platform ON ledger (day) INCLUDE (cost_micro_usd);

CREATE INDEX ix_ledger_of_job ON ledger (tenant_id, job_id);

CREATE TABLE budgets (
    tenant_id TEXT DEFAULT current_setting('meetingmind.tenant_id') NOT NULL,
    scope TEXT NOT NULL,
    period TEXT NOT NULL,
    limit_micro_usd BIGINT NOT NULL,
    override_micro_usd BIGINT,
    override_until TIMESTAMP WITH TIME ZONE,
    updated_at TIMESTAMP WITH TIME ZONE DEFAULT clock_timestamp() NOT NULL,
    CONSTRAINT pk_budgets PRIMARY KEY (tenant_id, scope, period),
    CONSTRAINT fk_budgets_tenant_id FOREIGN KEY(tenant_id) REFERENCES tenants (id)
);

CREATE TABLE budget_events (
    tenant_id TEXT DEFAULT current_setting('meetingmind.tenant_id') NOT NULL,
    id TEXT NOT NULL,
    type TEXT NOT NULL,
    scope TEXT NOT NULL,
    period TEXT NOT NULL,
    period_start DATE NOT NULL,
    threshold SMALLINT NOT NULL,
    limit_micro_usd BIGINT NOT NULL,
    data JSONB NOT NULL,
    at TIMESTAMP WITH TIME ZONE DEFAULT clock_timestamp() NOT NULL,
    CONSTRAINT pk_budget_events PRIMARY KEY (tenant_id, id),
    CONSTRAINT uq_budget_events_once UNIQUE (tenant_id, type, scope, period, period_start, threshold, limit_micro_usd)
);

CREATE TABLE spare_answers (
    tenant_id TEXT DEFAULT current_setting('meetingmind.tenant_id') NOT NULL,
    attempt_id TEXT NOT NULL,
    job_id TEXT NOT NULL,
    seat SMALLINT NOT NULL,
    served TEXT NOT NULL,
    latency_s FLOAT NOT NULL,
    usage JSONB NOT NULL,
    document JSONB NOT NULL,
    created_at TIMESTAMP WITH TIME ZONE DEFAULT clock_timestamp() NOT NULL,
    CONSTRAINT pk_spare_answers PRIMARY KEY (tenant_id, attempt_id),
    CONSTRAINT fk_spare_answers_tenant_id_job_id_seat FOREIGN KEY(tenant_id, job_id, seat) REFERENCES seats (tenant_id, job_id, seat)
);

CREATE INDEX ix_spare_answers_of_seat ON spare_answers (tenant_id, job_id, seat);

CREATE TABLE money_state (
    id SMALLINT NOT NULL,
    generation BIGINT NOT NULL,
    CONSTRAINT pk_money_state PRIMARY KEY (id)
);
INSERT INTO money_state (id, generation) VALUES (1, 1);

DO $$
DECLARE
    tenant_table text;
BEGIN
    FOREACH tenant_table IN ARRAY ARRAY['ledger', 'budgets', 'budget_events', 'spare_answers'] LOOP
        EXECUTE format('ALTER TABLE %I ENABLE ROW LEVEL SECURITY', tenant_table);
        EXECUTE format('ALTER TABLE %I FORCE ROW LEVEL SECURITY', tenant_table);
        EXECUTE format(
            'CREATE POLICY own_rows ON %I TO meetingmind_app USING (tenant_id = current_setting(''meetingmind.tenant_id'', true))',
            tenant_table
        );
        EXECUTE format('CREATE POLICY all_rows ON %I TO meetingmind_system USING (true)', tenant_table);
        EXECUTE format('GRANT SELECT, INSERT, UPDATE, DELETE ON %I TO meetingmind_system', tenant_table);
    END LOOP;
END $$;
GRANT SELECT, INSERT ON ledger, spare_answers, budget_events TO meetingmind_app;
GRANT SELECT, INSERT, UPDATE, DELETE ON budgets TO meetingmind_app;
GRANT UPDATE (stopped_at, stopped_why) ON tenants TO meetingmind_app;
GRANT SELECT ON money_state TO meetingmind_app;
GRANT SELECT, UPDATE ON money_state TO meetingmind_system;

CREATE TRIGGER never_change BEFORE UPDATE OR DELETE ON ledger
FOR EACH ROW EXECUTE FUNCTION meetingmind_never_change();

-- What was booked before there was a ledger. As the role that sees all rows: the migrating login may see none.
SET LOCAL ROLE meetingmind_system;
INSERT INTO ledger (
    tenant_id, id, attempt_id, kind, job_id, seat, day, at, policy, provider, model, used, cost_micro_usd,
    input_tokens, cached_input_tokens, cache_write_tokens, output_tokens, reasoning_tokens, price_version
)
SELECT a.tenant_id, 'led_' || a.id, a.id, CASE WHEN a.state = 'ambiguous' THEN 'ambiguous' ELSE 'answer' END, a.job_id,
       a.seat, (a.created_at AT TIME ZONE 'UTC')::date, coalesce(a.ended_at, a.created_at), j.policy,
       split_part(a.target, '/', 1), substr(a.target, strpos(a.target, '/') + 1),
       EXISTS (SELECT FROM candidates AS c WHERE c.tenant_id = a.tenant_id AND c.attempt_id = a.id), a.cost_micro_usd,
       coalesce((a.usage ->> 'input_tokens')::bigint, 0), coalesce((a.usage ->> 'cached_input_tokens')::bigint, 0),
       coalesce((a.usage ->> 'cache_write_tokens')::bigint, 0), coalesce((a.usage ->> 'output_tokens')::bigint, 0),
       coalesce((a.usage ->> 'reasoning_tokens')::bigint, 0), j.catalog_version
FROM attempts AS a JOIN jobs AS j ON j.tenant_id = a.tenant_id AND j.id = a.job_id
WHERE a.cost_micro_usd > 0;
RESET ROLE;
