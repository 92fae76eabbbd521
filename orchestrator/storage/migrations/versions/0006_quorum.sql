-- A panel that has its quorum waits for the rest no longer than its grace.
--
-- jobs.answered_seats   seats that have ended with an answer; counted in the statement that counts them out of the panel,
--                       so that of two that answer at once one sees the quorum reached
-- jobs.late_at          set when the quorum is reached and seats are open: who has not ended by then is late

ALTER TABLE jobs ADD COLUMN answered_seats SMALLINT DEFAULT 0 NOT NULL, ADD COLUMN late_at TIMESTAMP WITH TIME ZONE;
UPDATE jobs SET answered_seats = found.answered
FROM (SELECT tenant_id, job_id, count(*) AS answered FROM seats WHERE status = 'answered' GROUP BY 1, 2) AS found
WHERE jobs.finished_at IS NULL AND jobs.tenant_id = found.tenant_id AND jobs.id = found.job_id;

CREATE INDEX ix_jobs_late ON jobs (late_at) WHERE finished_at IS NULL AND closed_at IS NULL AND late_at IS NOT NULL;
