-- The backlog: accepted jobs wait here, and few of them at a time stand in the broker.
--
-- jobs.dispatched_at   when its asks were first handed to the broker; null: it waits for its turn
-- seats.published_at   when an ask for the seat was last handed to the broker; null: never
-- seats.lane           its job's priority, so that what stands in the broker is counted from one small index
-- tenants.weight       its share of a full lane, beside the others'
-- workers              one row a worker process, renewed while it lives: how many slots there are to fill
-- meetingmind_room     what a submit must know to hand its job to the broker at once. It runs as meetingmind_system, since
--                      a lane's messages are everybody's; it tells numbers alone.
--
-- Indexes name the waiting and the standing apart: a hundred thousand waiting jobs cost the sweeps nothing.

ALTER TABLE tenants ADD COLUMN weight FLOAT DEFAULT 1.0 NOT NULL CONSTRAINT ck_tenants_weight CHECK (weight > 0);

ALTER TABLE jobs ADD COLUMN dispatched_at TIMESTAMP WITH TIME ZONE;
UPDATE jobs SET dispatched_at = created_at;

ALTER TABLE seats ADD COLUMN lane TEXT DEFAULT 'standard' NOT NULL;
ALTER TABLE seats ALTER COLUMN published_at DROP NOT NULL, ALTER COLUMN published_at DROP DEFAULT;
UPDATE seats SET lane = jobs.priority FROM jobs
WHERE jobs.tenant_id = seats.tenant_id AND jobs.id = seats.job_id AND jobs.priority <> 'standard';

CREATE INDEX ix_jobs_waiting ON jobs (priority, tenant_id, id) WHERE dispatched_at IS NULL AND finished_at IS NULL;
DROP INDEX ix_jobs_open;
CREATE INDEX ix_jobs_due ON jobs (deadline_at) WHERE finished_at IS NULL;
CREATE INDEX ix_jobs_closed ON jobs (closed_at) WHERE finished_at IS NULL AND closed_at IS NOT NULL;
DROP INDEX ix_seats_open;
CREATE INDEX ix_seats_open ON seats (published_at) WHERE status IN ('pending', 'running') AND published_at IS NOT NULL;
CREATE INDEX ix_seats_standing ON seats (lane) WHERE status = 'pending' AND published_at IS NOT NULL;

CREATE TABLE workers (
    id TEXT NOT NULL,
    profile TEXT NOT NULL,
    slots INTEGER NOT NULL,
    seen_at TIMESTAMP WITH TIME ZONE DEFAULT clock_timestamp() NOT NULL,
    CONSTRAINT pk_workers PRIMARY KEY (id)
);
GRANT SELECT, INSERT, UPDATE, DELETE ON workers TO meetingmind_system;

-- standing: asks of the lane in the broker; slots: of all ask workers that live; waits: whether jobs of the lane wait
-- already; own: asks of the transaction's tenant in the broker and under way.
CREATE FUNCTION meetingmind_room(wanted text, seen_within interval)
RETURNS TABLE (standing bigint, slots bigint, waits boolean, own bigint)
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = public, pg_temp
AS $$
    SELECT
        (SELECT count(*) FROM seats AS s
         WHERE s.lane = wanted AND s.status = 'pending' AND s.published_at IS NOT NULL
           AND (s.next_at IS NULL OR s.published_at >= s.next_at)),
        (SELECT coalesce(sum(w.slots), 0) FROM workers AS w
         WHERE w.profile = 'ask' AND w.seen_at > clock_timestamp() - seen_within),
        EXISTS (SELECT 1 FROM jobs AS j
                WHERE j.priority = wanted AND j.dispatched_at IS NULL AND j.finished_at IS NULL),
        (SELECT count(*) FROM seats AS s
         WHERE s.tenant_id = current_setting('meetingmind.tenant_id', true)
           AND s.status IN ('pending', 'running') AND s.published_at IS NOT NULL)
$$;

GRANT CREATE ON SCHEMA public TO meetingmind_system;
ALTER FUNCTION meetingmind_room(text, interval) OWNER TO meetingmind_system;
REVOKE CREATE ON SCHEMA public FROM meetingmind_system;
REVOKE ALL ON FUNCTION meetingmind_room(text, interval) FROM PUBLIC;
GRANT EXECUTE ON FUNCTION meetingmind_room(text, interval) TO CURRENT_USER, meetingmind_app;
