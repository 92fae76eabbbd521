-- Who changed what in how a tenant is served.
--
-- audit_entries     one row an act of administration, written in the act's own transaction (see tenancy/audit.py). Each
--                   tenant's are numbered from 1 without gaps, and each holds the SHA-256 of the one before it. No role of
--                   ours may change or delete one, and triggers refuse it to whoever else is let in. The tenant '' is the
--                   house: acts that concern all tenants stand there too, so there is no foreign key.
-- budget_versions   append-only: each limit that was ever set for a scope and a period; without a limit: it was taken
--                   away. What holds stands in `budgets`.
-- prompt_templates  are versions already; `set_by` is the key that set one. Null: an older release did.
--
-- `at` of an entry has whole milliseconds: it is hashed as it is shown.

CREATE TABLE audit_entries (
    tenant_id TEXT DEFAULT current_setting('meetingmind.tenant_id') NOT NULL,
    sequence BIGINT NOT NULL,
    at TIMESTAMP WITH TIME ZONE NOT NULL,
    actor TEXT NOT NULL,
    action TEXT NOT NULL,
    object TEXT NOT NULL,
    before JSONB,
    after JSONB,
    request_id TEXT,
    previous TEXT NOT NULL,
    hash TEXT NOT NULL,
    CONSTRAINT pk_audit_entries PRIMARY KEY (tenant_id, sequence)
);

CREATE INDEX ix_audit_entries_of_object ON audit_entries (tenant_id, object, sequence);

CREATE TABLE budget_versions (
    tenant_id TEXT DEFAULT current_setting('meetingmind.tenant_id') NOT NULL,
    scope TEXT NOT NULL,
    period TEXT NOT NULL,
    version INTEGER NOT NULL,
    limit_micro_usd BIGINT,
    override_micro_usd BIGINT,
    override_until TIMESTAMP WITH TIME ZONE,
    set_by TEXT,
    created_at TIMESTAMP WITH TIME ZONE DEFAULT clock_timestamp() NOT NULL,
    CONSTRAINT pk_budget_versions PRIMARY KEY (tenant_id, scope, period, version),
    CONSTRAINT fk_budget_versions_tenant_id FOREIGN KEY(tenant_id) REFERENCES tenants (id)
);

ALTER TABLE prompt_templates ADD COLUMN set_by TEXT;

DO $$
DECLARE
    tenant_table text;
BEGIN
    FOREACH tenant_table IN ARRAY ARRAY['audit_entries', 'budget_versions'] LOOP
        EXECUTE format('ALTER TABLE %I ENABLE ROW LEVEL SECURITY', tenant_table);
        EXECUTE format('ALTER TABLE %I FORCE ROW LEVEL SECURITY', tenant_table);
        EXECUTE format(
            'CREATE POLICY own_rows ON %I TO meetingmind_app USING (tenant_id = current_setting(''meetingmind.tenant_id'', true))',
            tenant_table
        );
        EXECUTE format('CREATE POLICY all_rows ON %I TO meetingmind_system USING (true)', tenant_table);
        EXECUTE format('GRANT SELECT, INSERT ON %I TO meetingmind_app, meetingmind_system', tenant_table);
        EXECUTE format(
            'CREATE TRIGGER never_change BEFORE UPDATE OR DELETE ON %I FOR EACH ROW EXECUTE FUNCTION meetingmind_never_change()',
            tenant_table
        );
        EXECUTE format(
            'CREATE TRIGGER never_empty BEFORE TRUNCATE ON %I FOR EACH STATEMENT EXECUTE FUNCTION meetingmind_never_change()',
            tenant_table
        );
    END LOOP;
END $$;

-- As the role that sees all rows: the migrating login may see none.
SET LOCAL ROLE meetingmind_system;
INSERT INTO budget_versions (
    tenant_id, scope, period, version, limit_micro_usd, override_micro_usd, override_until, created_at
)
SELECT tenant_id, scope, period, 1, limit_micro_usd, override_micro_usd, override_until, updated_at FROM budgets;
RESET ROLE;
