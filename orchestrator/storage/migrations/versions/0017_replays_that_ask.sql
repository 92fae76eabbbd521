-- A replay may be allowed to put its strategy's questions to leads and judges.
--
-- jobs.may_call           whether it is; of no meaning for a job that is no replay
-- ix_jobs_replays         how many replays a tenant has under way: the panel of one that waits for a lead is open, so the
--                         index of closed panels finds it no more
-- ix_questions_answered   what was replied to the same question in another job of the tenant: nothing is paid twice

ALTER TABLE jobs ADD COLUMN may_call BOOLEAN DEFAULT false NOT NULL;
CREATE INDEX ix_jobs_replays ON jobs (tenant_id) WHERE replay_of IS NOT NULL AND finished_at IS NULL;
CREATE INDEX ix_questions_answered ON questions (tenant_id, digest) WHERE reply IS NOT NULL;
