-- A synthesis may ask a lead or a judge: each question is put to a seat of its own, which joins the job's when it is asked.
--
-- jobs.callers   the seats that the plan has ready for such questions, with their ladders; the bound covers them
-- questions      what was asked, by its digest, so that a synthesis that starts over asks nothing twice; and the reply,
--                null while there is none. Without a seat: nobody could be had, and the synthesis went on without.

ALTER TABLE jobs ADD COLUMN callers JSONB DEFAULT '[]' NOT NULL;

CREATE TABLE questions (
    tenant_id TEXT DEFAULT current_setting('meetingmind.tenant_id') NOT NULL,
    job_id TEXT NOT NULL,
    digest TEXT NOT NULL,
    seat SMALLINT,
    document JSONB NOT NULL,
    reply JSONB,
    created_at TIMESTAMP WITH TIME ZONE DEFAULT clock_timestamp() NOT NULL,
    CONSTRAINT pk_questions PRIMARY KEY (tenant_id, job_id, digest),
    CONSTRAINT fk_questions_tenant_id_job_id FOREIGN KEY(tenant_id, job_id) REFERENCES jobs (tenant_id, id)
);

ALTER TABLE questions ENABLE ROW LEVEL SECURITY;
ALTER TABLE questions FORCE ROW LEVEL SECURITY;
CREATE POLICY own_rows ON questions TO meetingmind_app
    USING (tenant_id = current_setting('meetingmind.tenant_id', true));
CREATE POLICY all_rows ON questions TO meetingmind_system USING (true);
GRANT SELECT, INSERT, UPDATE, DELETE ON questions TO meetingmind_app, meetingmind_system;
