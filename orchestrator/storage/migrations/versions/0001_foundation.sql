-- The first schema: tenants and keys, transcripts, jobs with their seats, attempts, candidates, results and events.
--
-- Roles     meetingmind_app     sees and writes the rows of the tenant in the setting meetingmind.tenant_id, no others
--           meetingmind_system  sees and writes all rows: key look-up, sweeps, set-up
--           The migrating login becomes a member of both; other logins are granted one by the operator.
-- Functions meetingmind_tenant_of(job)  the tenant whose job it is, or null
--           meetingmind_key_owner(digest)  the live key with that digest
--           Both run as meetingmind_system, so that the application role can ask these two questions and no others.
-- Triggers  an ended job stays ended; candidates and results are never changed (erasure deletes them).
-- Roles belong to the whole server, not to one database: two databases that migrate at once may both make them, hence
-- the handlers of duplicate_object and unique_violation.

DO $$
BEGIN
    CREATE ROLE meetingmind_app NOLOGIN NOBYPASSRLS;
EXCEPTION WHEN duplicate_object OR unique_violation THEN NULL;
END $$;

DO $$
BEGIN
    CREATE ROLE meetingmind_system NOLOGIN NOBYPASSRLS;
EXCEPTION WHEN duplicate_object OR unique_violation THEN NULL;
END $$;

DO $$
BEGIN
    GRANT meetingmind_app, meetingmind_system TO CURRENT_USER;
EXCEPTION WHEN unique_violation THEN NULL;
END $$;

GRANT USAGE ON SCHEMA public TO meetingmind_app, meetingmind_system;

CREATE TABLE tenants (
    id TEXT NOT NULL,
    name TEXT NOT NULL,
    created_at TIMESTAMP WITH TIME ZONE DEFAULT clock_timestamp() NOT NULL,
    CONSTRAINT pk_tenants PRIMARY KEY (id),
    CONSTRAINT uq_tenants_name UNIQUE (name)
);

CREATE TABLE api_keys (
    tenant_id TEXT DEFAULT current_setting('meetingmind.tenant_id') NOT NULL,
    id TEXT NOT NULL,
    name TEXT NOT NULL,
    digest BYTEA NOT NULL,
    scopes TEXT[] NOT NULL,
    created_at TIMESTAMP WITH TIME ZONE DEFAULT clock_timestamp() NOT NULL,
    expires_at TIMESTAMP WITH TIME ZONE,
    revoked_at TIMESTAMP WITH TIME ZONE,
    CONSTRAINT pk_api_keys PRIMARY KEY (tenant_id, id),
    CONSTRAINT fk_api_keys_tenant_id FOREIGN KEY(tenant_id) REFERENCES tenants (id),
    CONSTRAINT uq_api_keys_digest UNIQUE (digest)
);

CREATE TABLE idempotency_keys (
    tenant_id TEXT DEFAULT current_setting('meetingmind.tenant_id') NOT NULL,
    key TEXT NOT NULL,
    request_digest BYTEA NOT NULL,
    job_id TEXT NOT NULL,
    created_at TIMESTAMP WITH TIME ZONE DEFAULT clock_timestamp() NOT NULL,
    CONSTRAINT pk_idempotency_keys PRIMARY KEY (tenant_id, key),
    CONSTRAINT fk_idempotency_keys_tenant_id FOREIGN KEY(tenant_id) REFERENCES tenants (id)
);

CREATE TABLE transcripts (
    tenant_id TEXT DEFAULT current_setting('meetingmind.tenant_id') NOT NULL,
    id TEXT NOT NULL,
    body BYTEA NOT NULL,
    words INTEGER NOT NULL,
    created_at TIMESTAMP WITH TIME ZONE DEFAULT clock_timestamp() NOT NULL,
    CONSTRAINT pk_transcripts PRIMARY KEY (tenant_id, id),
    CONSTRAINT fk_transcripts_tenant_id FOREIGN KEY(tenant_id) REFERENCES tenants (id)
);

CREATE TABLE jobs (
    tenant_id TEXT DEFAULT current_setting('meetingmind.tenant_id') NOT NULL,
    id TEXT NOT NULL,
    version INTEGER DEFAULT 1 NOT NULL,
    status TEXT NOT NULL,
    transcript_id TEXT NOT NULL,
    boundary TEXT NOT NULL,
    strategy_asked TEXT NOT NULL,
    strategy_planned TEXT NOT NULL,
    strategy_ran TEXT,
    strategy_reason TEXT NOT NULL,
    policy TEXT NOT NULL,
    priority TEXT NOT NULL,
    quorum SMALLINT NOT NULL,
    open_seats SMALLINT NOT NULL,
    context JSONB NOT NULL,
    catalog_version TEXT NOT NULL,
    prompt_version TEXT NOT NULL,
    label TEXT,
    degradations JSONB DEFAULT '[]' NOT NULL,
    bound_micro_usd BIGINT NOT NULL,
    spent_micro_usd BIGINT DEFAULT 0 NOT NULL,
    reference TEXT,
    tags TEXT[] NOT NULL,
    metadata JSONB NOT NULL,
    error JSONB,
    synthesis_epoch INTEGER DEFAULT 0 NOT NULL,
    synthesis_lease_until TIMESTAMP WITH TIME ZONE,
    created_at TIMESTAMP WITH TIME ZONE DEFAULT clock_timestamp() NOT NULL,
    started_at TIMESTAMP WITH TIME ZONE,
    closed_at TIMESTAMP WITH TIME ZONE,
    rung_at TIMESTAMP WITH TIME ZONE,
    finished_at TIMESTAMP WITH TIME ZONE,
    deadline_at TIMESTAMP WITH TIME ZONE DEFAULT clock_timestamp() NOT NULL,
    CONSTRAINT pk_jobs PRIMARY KEY (tenant_id, id),
    CONSTRAINT fk_jobs_tenant_id_transcript_id FOREIGN KEY(tenant_id, transcript_id) REFERENCES transcripts (tenant_id, id),
    CONSTRAINT uq_jobs_id UNIQUE (id)
);

CREATE INDEX ix_jobs_newest ON jobs (tenant_id, id DESC);

CREATE INDEX ix_jobs_open ON jobs (created_at) WHERE finished_at IS NULL;

CREATE INDEX ix_jobs_reference ON jobs (tenant_id, reference) WHERE reference IS NOT NULL;

CREATE TABLE events (
    tenant_id TEXT DEFAULT current_setting('meetingmind.tenant_id') NOT NULL,
    job_id TEXT NOT NULL,
    sequence INTEGER NOT NULL,
    id TEXT NOT NULL,
    type TEXT NOT NULL,
    data JSONB NOT NULL,
    at TIMESTAMP WITH TIME ZONE DEFAULT clock_timestamp() NOT NULL,
    announced_at TIMESTAMP WITH TIME ZONE,
    CONSTRAINT pk_events PRIMARY KEY (tenant_id, job_id, sequence),
    CONSTRAINT fk_events_tenant_id_job_id FOREIGN KEY(tenant_id, job_id) REFERENCES jobs (tenant_id, id),
    CONSTRAINT uq_events_id UNIQUE (id)
);

CREATE INDEX ix_events_unannounced ON events (at) WHERE announced_at IS NULL;

CREATE TABLE results (
    tenant_id TEXT DEFAULT current_setting('meetingmind.tenant_id') NOT NULL,
    job_id TEXT NOT NULL,
    analysis JSONB NOT NULL,
    created_at TIMESTAMP WITH TIME ZONE DEFAULT clock_timestamp() NOT NULL,
    CONSTRAINT pk_results PRIMARY KEY (tenant_id, job_id),
    CONSTRAINT fk_results_tenant_id_job_id FOREIGN KEY(tenant_id, job_id) REFERENCES jobs (tenant_id, id)
);

CREATE TABLE seats (
    tenant_id TEXT DEFAULT current_setting('meetingmind.tenant_id') NOT NULL,
    job_id TEXT NOT NULL,
    seat SMALLINT NOT NULL,
    role TEXT NOT NULL,
    status TEXT NOT NULL,
    asked TEXT NOT NULL,
    ladder TEXT[] NOT NULL,
    rung SMALLINT DEFAULT 0 NOT NULL,
    waited BOOLEAN DEFAULT false NOT NULL,
    failovers SMALLINT DEFAULT 0 NOT NULL,
    attempts SMALLINT DEFAULT 0 NOT NULL,
    epoch INTEGER DEFAULT 0 NOT NULL,
    claims SMALLINT DEFAULT 0 NOT NULL,
    lease_until TIMESTAMP WITH TIME ZONE,
    next_at TIMESTAMP WITH TIME ZONE,
    published_at TIMESTAMP WITH TIME ZONE DEFAULT clock_timestamp() NOT NULL,
    served TEXT,
    reason TEXT,
    latency_s FLOAT,
    cost_micro_usd BIGINT DEFAULT 0 NOT NULL,
    usage JSONB DEFAULT '{}' NOT NULL,
    CONSTRAINT pk_seats PRIMARY KEY (tenant_id, job_id, seat),
    CONSTRAINT fk_seats_tenant_id_job_id FOREIGN KEY(tenant_id, job_id) REFERENCES jobs (tenant_id, id)
);

CREATE INDEX ix_seats_open ON seats (published_at) WHERE status IN ('pending', 'running');

CREATE TABLE attempts (
    tenant_id TEXT DEFAULT current_setting('meetingmind.tenant_id') NOT NULL,
    id TEXT NOT NULL,
    job_id TEXT NOT NULL,
    seat SMALLINT NOT NULL,
    epoch INTEGER NOT NULL,
    rung SMALLINT NOT NULL,
    target TEXT NOT NULL,
    state TEXT NOT NULL,
    bound_micro_usd BIGINT NOT NULL,
    cost_micro_usd BIGINT DEFAULT 0 NOT NULL,
    model_served TEXT,
    request_id TEXT,
    usage JSONB,
    error JSONB,
    created_at TIMESTAMP WITH TIME ZONE DEFAULT clock_timestamp() NOT NULL,
    sent_at TIMESTAMP WITH TIME ZONE,
    ended_at TIMESTAMP WITH TIME ZONE,
    CONSTRAINT pk_attempts PRIMARY KEY (tenant_id, id),
    CONSTRAINT fk_attempts_tenant_id_job_id_seat FOREIGN KEY(tenant_id, job_id, seat) REFERENCES seats (tenant_id, job_id, seat)
);

CREATE INDEX ix_attempts_of_job ON attempts (tenant_id, job_id, seat);

CREATE INDEX ix_attempts_open ON attempts (created_at) WHERE state IN ('intended', 'sent');

CREATE TABLE candidates (
    tenant_id TEXT DEFAULT current_setting('meetingmind.tenant_id') NOT NULL,
    job_id TEXT NOT NULL,
    seat SMALLINT NOT NULL,
    attempt_id TEXT NOT NULL,
    document JSONB NOT NULL,
    created_at TIMESTAMP WITH TIME ZONE DEFAULT clock_timestamp() NOT NULL,
    CONSTRAINT pk_candidates PRIMARY KEY (tenant_id, job_id, seat),
    CONSTRAINT fk_candidates_tenant_id_job_id_seat FOREIGN KEY(tenant_id, job_id, seat) REFERENCES seats (tenant_id, job_id, seat)
);

-- Transcripts arrive compressed: PostgreSQL must not try again (measured: nearly twice the rate of inserts).
ALTER TABLE transcripts ALTER COLUMN body SET STORAGE EXTERNAL;

-- Row-level security, forced even for the owner of the tables.
DO $$
DECLARE
    tenant_table text;
BEGIN
    FOREACH tenant_table IN ARRAY ARRAY[
        'api_keys', 'transcripts', 'jobs', 'seats', 'attempts', 'candidates', 'results', 'events', 'idempotency_keys'
    ] LOOP
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

ALTER TABLE tenants ENABLE ROW LEVEL SECURITY;
ALTER TABLE tenants FORCE ROW LEVEL SECURITY;
CREATE POLICY own_row ON tenants TO meetingmind_app USING (id = current_setting('meetingmind.tenant_id', true));
CREATE POLICY all_rows ON tenants TO meetingmind_system USING (true);
GRANT SELECT ON tenants TO meetingmind_app;
GRANT SELECT, INSERT, UPDATE ON tenants TO meetingmind_system;

-- What the application role may do to each table; keys are out of its reach.
GRANT SELECT, INSERT ON transcripts, candidates, results, idempotency_keys TO meetingmind_app;
GRANT SELECT, INSERT, UPDATE ON jobs, seats, attempts, events TO meetingmind_app;

CREATE FUNCTION meetingmind_tenant_of(wanted text) RETURNS text
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = public, pg_temp
AS $$ SELECT tenant_id FROM jobs WHERE id = wanted $$;

CREATE FUNCTION meetingmind_key_owner(wanted bytea)
RETURNS TABLE (tenant_id text, key_id text, scopes text[])
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = public, pg_temp
AS $$
    SELECT k.tenant_id, k.id, k.scopes
    FROM api_keys AS k
    WHERE k.digest = wanted
      AND k.revoked_at IS NULL
      AND (k.expires_at IS NULL OR k.expires_at > clock_timestamp())
$$;

-- A function may only be given to a role that could have made it here.
GRANT CREATE ON SCHEMA public TO meetingmind_system;
ALTER FUNCTION meetingmind_tenant_of(text) OWNER TO meetingmind_system;
ALTER FUNCTION meetingmind_key_owner(bytea) OWNER TO meetingmind_system;
REVOKE CREATE ON SCHEMA public FROM meetingmind_system;
REVOKE ALL ON FUNCTION meetingmind_tenant_of(text), meetingmind_key_owner(bytea) FROM PUBLIC;
GRANT EXECUTE ON FUNCTION meetingmind_tenant_of(text), meetingmind_key_owner(bytea) TO CURRENT_USER, meetingmind_app;

CREATE FUNCTION meetingmind_keep_the_end() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF OLD.status IN ('succeeded', 'failed', 'canceled', 'expired') AND NEW.status IS DISTINCT FROM OLD.status THEN
        RAISE EXCEPTION 'job % has ended as %', OLD.id, OLD.status USING ERRCODE = 'integrity_constraint_violation';
    END IF;
    RETURN NEW;
END $$;

CREATE TRIGGER keep_the_end BEFORE UPDATE OF status ON jobs
FOR EACH ROW EXECUTE FUNCTION meetingmind_keep_the_end();

CREATE FUNCTION meetingmind_never_change() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    RAISE EXCEPTION 'rows of % are never changed', TG_TABLE_NAME USING ERRCODE = 'integrity_constraint_violation';
END $$;

CREATE TRIGGER never_change BEFORE UPDATE ON candidates
FOR EACH ROW EXECUTE FUNCTION meetingmind_never_change();

CREATE TRIGGER never_change BEFORE UPDATE ON results
FOR EACH ROW EXECUTE FUNCTION meetingmind_never_change();
