-- A failed, canceled or expired job may go on from the seats that are missing, when its caller says so.
--
-- jobs.retries        how often that was; the trigger lets a job leave its end only together with one more
-- seats.since_epoch   the seat's epoch at the last of them: attempts up to it count for what was paid, and not for what
--                     may still be tried

ALTER TABLE jobs ADD COLUMN retries SMALLINT DEFAULT 0 NOT NULL;
ALTER TABLE seats ADD COLUMN since_epoch INTEGER DEFAULT 0 NOT NULL;

CREATE OR REPLACE FUNCTION meetingmind_keep_the_end() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF OLD.status IN ('succeeded', 'failed', 'canceled', 'expired') AND NEW.status IS DISTINCT FROM OLD.status
        AND NOT (OLD.status <> 'succeeded' AND NEW.status IN ('queued', 'running') AND NEW.retries = OLD.retries + 1)
    THEN
        RAISE EXCEPTION 'job % has ended as %', OLD.id, OLD.status USING ERRCODE = 'integrity_constraint_violation';
    END IF;
    RETURN NEW;
END $$;
