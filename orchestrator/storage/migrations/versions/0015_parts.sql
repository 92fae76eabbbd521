-- A model whose window does not hold a meeting may be asked about one part of it after the other, all for one seat.
--
-- seats.cut           where the parts begin, as they were planned: they stay as they are, whatever the rung and release; null:
--                     the seat is asked about the whole
-- seats.parts_served  who answered, a name for each part that has an answer
-- attempts.part       which part a call is about, from 1; null: the whole
-- parts               the checked answers about parts, one each, never changed; once all are there the seat's candidate is made
-- prompts.part        the words that go with a part, as they were when the job was posted

ALTER TABLE seats ADD COLUMN cut JSONB;
ALTER TABLE seats ADD COLUMN parts_served TEXT[] DEFAULT '{}' NOT NULL;
ALTER TABLE attempts ADD COLUMN part SMALLINT;
ALTER TABLE prompts ADD COLUMN part TEXT DEFAULT '' NOT NULL;

CREATE TABLE parts (
    tenant_id TEXT DEFAULT current_setting('meetingmind.tenant_id') NOT NULL,
    job_id TEXT NOT NULL,
    seat SMALLINT NOT NULL,
    part SMALLINT NOT NULL,
    attempt_id TEXT NOT NULL,
    served TEXT NOT NULL,
    latency_s FLOAT NOT NULL,
    usage JSONB NOT NULL,
    document JSONB NOT NULL,
    created_at TIMESTAMP WITH TIME ZONE DEFAULT clock_timestamp() NOT NULL,
    CONSTRAINT pk_parts PRIMARY KEY (tenant_id, job_id, seat, part),
    CONSTRAINT fk_parts_tenant_id_job_id_seat FOREIGN KEY(tenant_id, job_id, seat)
        REFERENCES seats (tenant_id, job_id, seat)
);

ALTER TABLE parts ENABLE ROW LEVEL SECURITY;
ALTER TABLE parts FORCE ROW LEVEL SECURITY;
CREATE POLICY own_rows ON parts TO meetingmind_app
    USING (tenant_id = current_setting('meetingmind.tenant_id', true));
CREATE POLICY all_rows ON parts TO meetingmind_system USING (true);
CREATE TRIGGER never_change BEFORE UPDATE ON parts
FOR EACH ROW EXECUTE FUNCTION meetingmind_never_change();
GRANT SELECT, INSERT ON parts TO meetingmind_app;
GRANT SELECT, INSERT, UPDATE, DELETE ON parts TO meetingmind_system;
