-- Batches: many jobs that were handed in together, told of together, and held, let go on or canceled together.
--
-- batches        one row a batch. lines: the last line that was taken in, good or bad; jobs and refused tell how many were
--                the one or the other; open_jobs: how many have not ended, so that whoever ends the last one knows it.
--                received_at: its last line was taken in; paused_at, canceled_at: what its caller wishes; unsettled: not all
--                of its jobs know of that wish yet.
-- batch_lines    one row a line, in the order in which they came: the job that it became, or the problem that it was. The
--                digest is of its bytes: a repeated call goes on after what was taken in, and must bring the same.
-- jobs.batch_id  the batch it came in; without a foreign key, whose check would lock the batch's row in each insert
-- jobs.paused_at since when it is held back: it does not wait for its turn, and its deadline does not count
--
-- What waits is found by an index that does not hold the paused; the two functions that look at it are as before but for that.

CREATE TABLE batches (
    tenant_id TEXT DEFAULT current_setting('meetingmind.tenant_id') NOT NULL,
    id TEXT NOT NULL,
    version INTEGER DEFAULT 1 NOT NULL,
    atomic BOOLEAN NOT NULL,
    lines INTEGER DEFAULT 0 NOT NULL,
    jobs INTEGER DEFAULT 0 NOT NULL,
    refused INTEGER DEFAULT 0 NOT NULL,
    open_jobs INTEGER DEFAULT 0 NOT NULL,
    unsettled BOOLEAN DEFAULT false NOT NULL,
    created_at TIMESTAMP WITH TIME ZONE DEFAULT clock_timestamp() NOT NULL,
    touched_at TIMESTAMP WITH TIME ZONE DEFAULT clock_timestamp() NOT NULL,
    received_at TIMESTAMP WITH TIME ZONE,
    paused_at TIMESTAMP WITH TIME ZONE,
    canceled_at TIMESTAMP WITH TIME ZONE,
    finished_at TIMESTAMP WITH TIME ZONE,
    CONSTRAINT pk_batches PRIMARY KEY (tenant_id, id),
    CONSTRAINT fk_batches_tenant_id FOREIGN KEY(tenant_id) REFERENCES tenants (id)
);
CREATE INDEX ix_batches_unsettled ON batches (id) WHERE unsettled;
CREATE INDEX ix_batches_open ON batches (tenant_id, id) WHERE finished_at IS NULL;

CREATE TABLE batch_lines (
    tenant_id TEXT DEFAULT current_setting('meetingmind.tenant_id') NOT NULL,
    batch_id TEXT NOT NULL,
    line INTEGER NOT NULL,
    custom_id TEXT,
    digest BYTEA NOT NULL,
    job_id TEXT,
    error JSONB,
    CONSTRAINT pk_batch_lines PRIMARY KEY (tenant_id, batch_id, line),
    CONSTRAINT fk_batch_lines_tenant_id_batch_id FOREIGN KEY(tenant_id, batch_id) REFERENCES batches (tenant_id, id),
    CONSTRAINT fk_batch_lines_tenant_id_job_id FOREIGN KEY(tenant_id, job_id) REFERENCES jobs (tenant_id, id)
);
CREATE INDEX ix_batch_lines_custom ON batch_lines (tenant_id, batch_id, custom_id) WHERE custom_id IS NOT NULL;
CREATE INDEX ix_batch_lines_refused ON batch_lines (tenant_id, batch_id, line) WHERE job_id IS NULL;

DO $$
DECLARE
    tenant_table text;
BEGIN
    FOREACH tenant_table IN ARRAY ARRAY['batches', 'batch_lines'] LOOP
        EXECUTE format('ALTER TABLE %I ENABLE ROW LEVEL SECURITY', tenant_table);
        EXECUTE format('ALTER TABLE %I FORCE ROW LEVEL SECURITY', tenant_table);
        EXECUTE format(
            'CREATE POLICY own_rows ON %I TO meetingmind_app USING (tenant_id = current_setting(''meetingmind.tenant_id'', true))',
            tenant_table
        );
        EXECUTE format('CREATE POLICY all_rows ON %I TO meetingmind_system USING (true)', tenant_table);
        EXECUTE format('GRANT SELECT, INSERT, UPDATE, DELETE ON %I TO meetingmind_system', tenant_table);
        EXECUTE format('GRANT SELECT, INSERT ON %I TO meetingmind_app', tenant_table);
    END LOOP;
END $$;
GRANT UPDATE ON batches TO meetingmind_app;
CREATE TRIGGER never_change BEFORE UPDATE ON batch_lines FOR EACH ROW EXECUTE FUNCTION meetingmind_never_change();

ALTER TABLE jobs ADD COLUMN batch_id TEXT, ADD COLUMN paused_at TIMESTAMP WITH TIME ZONE;
CREATE INDEX ix_jobs_batch ON jobs (tenant_id, batch_id, id) WHERE batch_id IS NOT NULL;
DROP INDEX ix_jobs_waiting;
CREATE INDEX ix_jobs_waiting ON jobs (priority, tenant_id, id)
WHERE dispatched_at IS NULL AND finished_at IS NULL AND paused_at IS NULL;
DROP INDEX ix_jobs_due;
CREATE INDEX ix_jobs_due ON jobs (deadline_at) WHERE finished_at IS NULL AND paused_at IS NULL;

DROP FUNCTION meetingmind_room(text, interval), meetingmind_line(text, bigint, bigint, interval);
CREATE FUNCTION meetingmind_room(wanted text, seen_within interval)
RETURNS TABLE (standing bigint, slots bigint, waits boolean, own bigint)
LANGUAGE plpgsql STABLE SECURITY DEFINER SET search_path = public, pg_temp SET enable_seqscan = off
AS $$
BEGIN
    RETURN QUERY SELECT
        (SELECT count(*) FROM seats AS s
         WHERE s.lane = wanted AND s.status = 'pending' AND s.published_at IS NOT NULL
           AND (s.next_at IS NULL OR s.published_at >= s.next_at)),
        (SELECT coalesce(sum(w.slots), 0)::bigint FROM workers AS w
         WHERE (w.profile = 'ask' OR w.profile = 'ask-' || wanted) AND w.seen_at > clock_timestamp() - seen_within),
        EXISTS (SELECT 1 FROM jobs AS j
                WHERE j.priority = wanted AND j.dispatched_at IS NULL AND j.finished_at IS NULL
              AND j.paused_at IS NULL),
        (SELECT count(*) FROM seats AS s
         WHERE s.tenant_id = current_setting('meetingmind.tenant_id', true)
           AND s.status IN ('pending', 'running') AND s.published_at IS NOT NULL);
END
$$;

CREATE FUNCTION meetingmind_line(wanted text, few bigint, most bigint, seen_within interval)
RETURNS TABLE (waits boolean, standing bigint, slots bigint, own bigint, own_in_all bigint, weight float, jobs bigint,
               weights float, jobs_per_s float, asks_per_s float, call_s float)
LANGUAGE plpgsql STABLE SECURITY DEFINER SET search_path = public, pg_temp SET enable_seqscan = off
AS $$
DECLARE
    me CONSTANT text := current_setting('meetingmind.tenant_id', true);
    one text;
    mine bigint;
BEGIN
    own := 0;
    own_in_all := 0;
    FOREACH one IN ARRAY ARRAY['interactive', 'standard', 'bulk'] LOOP
        SELECT count(*) INTO mine FROM (
            SELECT FROM jobs AS j
            WHERE j.priority = one AND j.tenant_id = me AND j.dispatched_at IS NULL AND j.finished_at IS NULL
              AND j.paused_at IS NULL
            LIMIT few) AS first_few;
        IF mine = few THEN
            SELECT greatest(few, (l.crowds ->> me)::bigint) INTO mine FROM lanes AS l
            WHERE l.lane = one AND l.told_at > clock_timestamp() - seen_within;
            IF NOT FOUND THEN
                SELECT count(*) INTO mine FROM (
                    SELECT FROM jobs AS j
                    WHERE j.priority = one AND j.tenant_id = me AND j.dispatched_at IS NULL AND j.finished_at IS NULL
              AND j.paused_at IS NULL
                    LIMIT most) AS first_most;
            END IF;
        END IF;
        own_in_all := own_in_all + mine;
        IF one = wanted THEN own := mine; END IF;
    END LOOP;
    SELECT t.weight INTO weight FROM tenants AS t WHERE t.id = me;
    waits := own > 0 OR EXISTS (SELECT FROM jobs AS j
        WHERE j.priority = wanted AND j.dispatched_at IS NULL AND j.finished_at IS NULL
              AND j.paused_at IS NULL);
    IF waits THEN
        SELECT r.standing, r.slots INTO standing, slots FROM meetingmind_room(wanted, seen_within) AS r;
        SELECT l.jobs, l.weights, l.jobs_per_s, l.asks_per_s, l.call_s INTO jobs, weights, jobs_per_s, asks_per_s, call_s
        FROM lanes AS l WHERE l.lane = wanted AND l.told_at > clock_timestamp() - seen_within;
    ELSE
        standing := 0;
        slots := 0;
    END IF;
    RETURN NEXT;
END
$$;

GRANT CREATE ON SCHEMA public TO meetingmind_system;
ALTER FUNCTION meetingmind_room(text, interval) OWNER TO meetingmind_system;
ALTER FUNCTION meetingmind_line(text, bigint, bigint, interval) OWNER TO meetingmind_system;
REVOKE CREATE ON SCHEMA public FROM meetingmind_system;
REVOKE ALL ON FUNCTION meetingmind_room(text, interval), meetingmind_line(text, bigint, bigint, interval) FROM PUBLIC;
GRANT EXECUTE ON FUNCTION meetingmind_room(text, interval), meetingmind_line(text, bigint, bigint, interval)
TO CURRENT_USER, meetingmind_app;
