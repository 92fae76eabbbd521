-- Jobs that are not to begin before a moment of their own, and those that ended badly.
--
-- jobs.not_before     the moment that was asked for; null: none was, or it had passed already. A retry before it makes it
--                     the moment of that retry, so that a job's time is always counted from the later of both it and
--                     created_at
-- jobs.scheduled_for  while it is set, the job does not wait for its turn: the dispatcher takes it away once the moment
--                     has come. Apart from paused_at, so that neither a resumed batch lets a job go too early nor a
--                     moment that has come lets one of a paused batch go
--
-- The jobs of one moment are found by its index, and counted for one tenant by the other, without meeting any other job.
-- What waits is found by an index that does not hold them; the two functions that look at it (0020_batches.sql) are as
-- before but for that.
-- Jobs that ended badly are found by an index of their own, among a hundred times as many that did not.

ALTER TABLE jobs ADD COLUMN not_before TIMESTAMP WITH TIME ZONE, ADD COLUMN scheduled_for TIMESTAMP WITH TIME ZONE;
CREATE INDEX ix_jobs_scheduled ON jobs (scheduled_for) WHERE scheduled_for IS NOT NULL AND finished_at IS NULL;
CREATE INDEX ix_jobs_scheduled_own ON jobs (tenant_id) WHERE scheduled_for IS NOT NULL AND finished_at IS NULL;
CREATE INDEX ix_jobs_dead ON jobs (tenant_id, id) WHERE status IN ('failed', 'expired', 'canceled');
DROP INDEX ix_jobs_waiting;
CREATE INDEX ix_jobs_waiting ON jobs (priority, tenant_id, id)
WHERE dispatched_at IS NULL AND finished_at IS NULL AND paused_at IS NULL AND scheduled_for IS NULL;

