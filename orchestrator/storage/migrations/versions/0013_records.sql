-- What became of each model's items, so that a panel can be heard by what its models are measurably good at.
--
-- seat_records   one row for each seat of a job that several seats answered: by kind of item, how many it brought, how many
--                of these the result kept, how many had no proof. Written with the result, never changed.
-- jobs.records   the factors that an expertise went by, by seat and kind: a replay goes by the same

CREATE TABLE seat_records (
    tenant_id TEXT DEFAULT current_setting('meetingmind.tenant_id') NOT NULL,
    job_id TEXT NOT NULL,
    seat SMALLINT NOT NULL,
    model TEXT NOT NULL,
    meeting_type TEXT NOT NULL,
    tallies JSONB NOT NULL,
    at TIMESTAMP WITH TIME ZONE DEFAULT clock_timestamp() NOT NULL,
    CONSTRAINT pk_seat_records PRIMARY KEY (tenant_id, job_id, seat),
    CONSTRAINT fk_seat_records_tenant_id_job_id FOREIGN KEY(tenant_id, job_id) REFERENCES jobs (tenant_id, id)
);
CREATE INDEX ix_seat_records_of_type ON seat_records (tenant_id, meeting_type, at DESC);

ALTER TABLE jobs ADD COLUMN records JSONB;

ALTER TABLE seat_records ENABLE ROW LEVEL SECURITY;
ALTER TABLE seat_records FORCE ROW LEVEL SECURITY;
CREATE POLICY own_rows ON seat_records TO meetingmind_app
    USING (tenant_id = current_setting('meetingmind.tenant_id', true));
CREATE POLICY all_rows ON seat_records TO meetingmind_system USING (true);
GRANT SELECT, INSERT ON seat_records TO meetingmind_app;
GRANT SELECT, INSERT, UPDATE, DELETE ON seat_records TO meetingmind_system;
