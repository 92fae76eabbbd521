-- What a submit must know of the queue that its job would join, without counting it.
--
-- lanes             one row a lane in which jobs wait, as the dispatcher last counted and saw; no row: nothing waited then.
--                   jobs: that wait; weights: of the tenants that have one of them; crowds: by tenant, how many wait of
--                   those that have many; jobs_per_s, asks_per_s: how many went a second of late; call_s: how long their
--                   calls take. Figures alone, made anew several times a second: losing them costs a moment.
-- meetingmind_line  what a job of the transaction's tenant finds in a lane. It runs as meetingmind_system, since the queue is
--                   everybody's; it tells numbers alone. A tenant's own jobs are counted up to `few`; whoever has more is in
--                   the crowds, and while nobody counts those (no dispatcher lives) up to `most`. In PL/pgSQL, which keeps its
--                   plans from call to call; a function in SQL is planned at each. Without scans of whole tables: a plan that
--                   was made while a table was small would be kept while it grows.
-- meetingmind_room  as before, but kept plans, and slots that only serve the interactive lane count there alone.

CREATE TABLE lanes (
    lane TEXT NOT NULL,
    jobs BIGINT NOT NULL,
    weights FLOAT NOT NULL,
    crowds JSONB NOT NULL,
    jobs_per_s FLOAT NOT NULL,
    asks_per_s FLOAT NOT NULL,
    call_s FLOAT NOT NULL,
    told_at TIMESTAMP WITH TIME ZONE DEFAULT clock_timestamp() NOT NULL,
    CONSTRAINT pk_lanes PRIMARY KEY (lane)
);
GRANT SELECT, INSERT, UPDATE, DELETE ON lanes TO meetingmind_system;

DROP FUNCTION meetingmind_room(text, interval);
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
                WHERE j.priority = wanted AND j.dispatched_at IS NULL AND j.finished_at IS NULL),
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
            LIMIT few) AS first_few;
        IF mine = few THEN
            SELECT greatest(few, (l.crowds ->> me)::bigint) INTO mine FROM lanes AS l
            WHERE l.lane = one AND l.told_at > clock_timestamp() - seen_within;
            IF NOT FOUND THEN
                SELECT count(*) INTO mine FROM (
                    SELECT FROM jobs AS j
                    WHERE j.priority = one AND j.tenant_id = me AND j.dispatched_at IS NULL AND j.finished_at IS NULL
                    LIMIT most) AS first_most;
            END IF;
        END IF;
        own_in_all := own_in_all + mine;
        IF one = wanted THEN own := mine; END IF;
    END LOOP;
    SELECT t.weight INTO weight FROM tenants AS t WHERE t.id = me;
    waits := own > 0 OR EXISTS (SELECT FROM jobs AS j
        WHERE j.priority = wanted AND j.dispatched_at IS NULL AND j.finished_at IS NULL);
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
