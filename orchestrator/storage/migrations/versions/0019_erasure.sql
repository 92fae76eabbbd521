-- What was said in a job can be erased, and stays erased; and people can say what was right and wrong in a result.
--
-- jobs.erased_at         since when nothing of its content is left; the row itself stays, as the ledger's do
-- transcripts.erased_at  the same; the row keeps its id, so that the jobs that were made of it keep their foreign key, and
--                        its body is empty
-- feedback               what somebody said of an item of a result, or of all of it; it goes with the job
--
-- An answer may be under way while a job is erased, in this process, on a disk, or in a provider. So no row with content
-- of an erased job is ever taken in, whoever brings it: the insert is passed over, while what it cost is booked. Erasure
-- holds the job's row FOR UPDATE and the triggers ask for it FOR KEY SHARE: whoever was first is waited for, and nobody
-- else waits, since other changes of the row do not touch its key.

ALTER TABLE jobs ADD COLUMN erased_at TIMESTAMP WITH TIME ZONE;
ALTER TABLE transcripts ADD COLUMN erased_at TIMESTAMP WITH TIME ZONE;

CREATE INDEX ix_jobs_transcript ON jobs (tenant_id, transcript_id);
CREATE INDEX ix_jobs_replay_of ON jobs (tenant_id, replay_of) WHERE replay_of IS NOT NULL;
CREATE INDEX ix_idempotency_keys_of_job ON idempotency_keys (tenant_id, job_id);

CREATE TABLE feedback (
    tenant_id TEXT DEFAULT current_setting('meetingmind.tenant_id') NOT NULL,
    id TEXT NOT NULL,
    job_id TEXT NOT NULL,
    item_id TEXT DEFAULT '' NOT NULL,
    kind TEXT,
    confidence FLOAT,
    verdict TEXT NOT NULL,
    text TEXT,
    score FLOAT,
    key_id TEXT NOT NULL,
    about TEXT DEFAULT '' NOT NULL,
    at TIMESTAMP WITH TIME ZONE DEFAULT clock_timestamp() NOT NULL,
    CONSTRAINT pk_feedback PRIMARY KEY (tenant_id, id),
    CONSTRAINT fk_feedback_tenant_id_job_id FOREIGN KEY(tenant_id, job_id) REFERENCES jobs (tenant_id, id),
    CONSTRAINT uq_feedback_once UNIQUE (tenant_id, job_id, item_id, key_id, about)
);

ALTER TABLE feedback ENABLE ROW LEVEL SECURITY;
ALTER TABLE feedback FORCE ROW LEVEL SECURITY;
CREATE POLICY own_rows ON feedback TO meetingmind_app USING (tenant_id = current_setting('meetingmind.tenant_id', true));
CREATE POLICY all_rows ON feedback TO meetingmind_system USING (true);
GRANT SELECT, INSERT, UPDATE, DELETE ON feedback TO meetingmind_app, meetingmind_system;

GRANT DELETE ON prompts, candidates, parts, spare_answers, results, seat_records TO meetingmind_app;
GRANT UPDATE (body, erased_at) ON transcripts TO meetingmind_app;
GRANT UPDATE (request_digest, job_id, created_at) ON idempotency_keys TO meetingmind_app;

CREATE FUNCTION meetingmind_of_no_erased_job() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE
    gone TIMESTAMP WITH TIME ZONE;
BEGIN
    SELECT erased_at INTO gone FROM jobs WHERE tenant_id = NEW.tenant_id AND id = NEW.job_id FOR KEY SHARE;
    IF gone IS NOT NULL THEN
        RETURN NULL;
    END IF;
    RETURN NEW;
END $$;

DO $$
DECLARE
    content text;
BEGIN
    FOREACH content IN ARRAY ARRAY[
        'prompts', 'candidates', 'parts', 'spare_answers', 'questions', 'results', 'seat_records', 'feedback'
    ] LOOP
        EXECUTE format(
            'CREATE TRIGGER of_no_erased_job BEFORE INSERT ON %I FOR EACH ROW EXECUTE FUNCTION meetingmind_of_no_erased_job()',
            content
        );
    END LOOP;
END $$;

-- A provider's complaint may quote what it was sent: of an erased job's call its code is kept, its words are not.
CREATE FUNCTION meetingmind_no_words_of_erased_job() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE
    gone TIMESTAMP WITH TIME ZONE;
BEGIN
    SELECT erased_at INTO gone FROM jobs WHERE tenant_id = NEW.tenant_id AND id = NEW.job_id FOR KEY SHARE;
    IF gone IS NOT NULL THEN
        NEW.error := NEW.error - 'message';
    END IF;
    RETURN NEW;
END $$;

CREATE TRIGGER no_words_of_erased_job BEFORE UPDATE OF error ON attempts
FOR EACH ROW WHEN (NEW.error ? 'message') EXECUTE FUNCTION meetingmind_no_words_of_erased_job();

-- What was erased never goes on: there is nothing left to go on with.
CREATE OR REPLACE FUNCTION meetingmind_keep_the_end() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF OLD.status IN ('succeeded', 'failed', 'canceled', 'expired') AND NEW.status IS DISTINCT FROM OLD.status
        AND NOT (OLD.status <> 'succeeded' AND NEW.status IN ('queued', 'running') AND NEW.retries = OLD.retries + 1
            AND OLD.erased_at IS NULL)
    THEN
        RAISE EXCEPTION 'job % has ended as %', OLD.id, OLD.status USING ERRCODE = 'integrity_constraint_violation';
    END IF;
    RETURN NEW;
END $$;
