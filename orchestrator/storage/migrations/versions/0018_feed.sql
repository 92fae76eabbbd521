-- One numbered feed of events for each tenant, over all their types.
--
-- events          also holds what concerns no job: job_id and sequence are null there. So an event is known by its id, and
--                 a job's events stay numbered by its versions.
-- events.number   its place in the tenant's feed; null: nobody has looked for it yet. Given after the commit that wrote
--                 the event (see storage/feed.py), without gaps, and never changed.
-- feeds           the last number that was given; its row is locked by whoever gives numbers to the tenant's events.
--
-- Announcements of budgets stand in the feed from now on; those that were made before are put in. What was written before
-- has no number yet: the rounds of repair give them, so that this migration rewrites no row.

ALTER TABLE events DROP CONSTRAINT pk_events;
ALTER TABLE events DROP CONSTRAINT uq_events_id;
ALTER TABLE events ALTER COLUMN job_id DROP NOT NULL;
ALTER TABLE events ALTER COLUMN sequence DROP NOT NULL;
ALTER TABLE events ADD COLUMN number BIGINT;
ALTER TABLE events ADD CONSTRAINT pk_events PRIMARY KEY (tenant_id, id);
ALTER TABLE events ADD CONSTRAINT uq_events_tenant_id_job_id_sequence UNIQUE (tenant_id, job_id, sequence);
ALTER TABLE events ADD CONSTRAINT ck_events_of_job CHECK ((job_id IS NULL) = (sequence IS NULL));
CREATE UNIQUE INDEX ix_events_number ON events (tenant_id, number) WHERE number IS NOT NULL;
CREATE INDEX ix_events_unnumbered ON events (tenant_id, at) WHERE number IS NULL;

CREATE TABLE feeds (
    tenant_id TEXT DEFAULT current_setting('meetingmind.tenant_id') NOT NULL,
    last BIGINT DEFAULT 0 NOT NULL,
    CONSTRAINT pk_feeds PRIMARY KEY (tenant_id)
);
ALTER TABLE feeds ENABLE ROW LEVEL SECURITY;
ALTER TABLE feeds FORCE ROW LEVEL SECURITY;
CREATE POLICY own_rows ON feeds TO meetingmind_app
    USING (tenant_id = current_setting('meetingmind.tenant_id', true));
CREATE POLICY all_rows ON feeds TO meetingmind_system USING (true);
GRANT SELECT, INSERT, UPDATE ON feeds TO meetingmind_app;
GRANT SELECT, INSERT, UPDATE, DELETE ON feeds TO meetingmind_system;

CREATE FUNCTION meetingmind_keep_the_number() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    RAISE EXCEPTION 'event % has the number %', OLD.id, OLD.number USING ERRCODE = 'integrity_constraint_violation';
END $$;

CREATE TRIGGER keep_the_number BEFORE UPDATE OF number ON events
FOR EACH ROW WHEN (OLD.number IS NOT NULL AND NEW.number IS DISTINCT FROM OLD.number)
EXECUTE FUNCTION meetingmind_keep_the_number();

-- A circuit that was open when somebody last looked, and the tenants that were told so: they are told when it closes.
CREATE TABLE open_circuits (
    target TEXT NOT NULL,
    told TEXT[] NOT NULL,
    since TIMESTAMP WITH TIME ZONE DEFAULT clock_timestamp() NOT NULL,
    CONSTRAINT pk_open_circuits PRIMARY KEY (target)
);
GRANT SELECT, INSERT, UPDATE, DELETE ON open_circuits TO meetingmind_system;

-- As the role that sees all rows: the migrating login may see none.
SET LOCAL ROLE meetingmind_system;
INSERT INTO events (tenant_id, id, type, data, at, announced_at)
SELECT tenant_id, id, type,
       data || jsonb_build_object(
           'scope', scope, 'period', period, 'period_start', period_start, 'threshold', threshold,
           'limit_micro_usd', limit_micro_usd
       ),
       at, at
FROM budget_events;
RESET ROLE;
