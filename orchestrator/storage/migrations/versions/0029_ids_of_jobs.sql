-- An id of a job is found without coming upon another tenant's row.
--
-- By an index on the id alone, PostgreSQL reads the row, sees by row level security whose it is, and throws it away: some
-- microseconds, by which an id that is another's could be told from one that is nobody's.
--
-- ix_jobs_id        finds a job, for a task that knows its id and not whose it is; for a tenant, whose statements name it
--                   with the id by row level security, only rows of its own
-- uq_jobs_id_alone  an id belongs to one tenant alone, as before. On an expression that no statement has, so that none is
--                   ever looked up by it

CREATE INDEX ix_jobs_id ON jobs (id, tenant_id);
CREATE UNIQUE INDEX uq_jobs_id_alone ON jobs ((id || ''));
ALTER TABLE jobs DROP CONSTRAINT uq_jobs_id;
