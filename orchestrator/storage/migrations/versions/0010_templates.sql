-- What models are told, kept so that it can be told and sent again.
--
-- prompt_templates   each version of a tenant's own text on what to look for in a type of meeting ('all': in every type
--                    that has none of its own). Append-only: what is in force is the newest version; one without an
--                    instruction says that ours is in force again. `id` names a type's template, the same in all versions.
-- prompts            one row a job, never changed: what its seats are told before the transcript and after it. A retry
--                    after a release, or a template's next version, sends the same words. A job without a row was posted
--                    by a release that kept none; its words are `meeting-1`.

CREATE TABLE prompt_templates (
    tenant_id TEXT DEFAULT current_setting('meetingmind.tenant_id') NOT NULL,
    meeting_type TEXT NOT NULL,
    version INTEGER NOT NULL,
    id TEXT NOT NULL,
    instruction TEXT,
    created_at TIMESTAMP WITH TIME ZONE DEFAULT clock_timestamp() NOT NULL,
    CONSTRAINT pk_prompt_templates PRIMARY KEY (tenant_id, meeting_type, version),
    CONSTRAINT fk_prompt_templates_tenant_id FOREIGN KEY(tenant_id) REFERENCES tenants (id)
);

CREATE TABLE prompts (
    tenant_id TEXT DEFAULT current_setting('meetingmind.tenant_id') NOT NULL,
    job_id TEXT NOT NULL,
    system TEXT NOT NULL,
    closing TEXT NOT NULL,
    CONSTRAINT pk_prompts PRIMARY KEY (tenant_id, job_id),
    CONSTRAINT fk_prompts_tenant_id_job_id FOREIGN KEY(tenant_id, job_id) REFERENCES jobs (tenant_id, id)
);

DO $$
DECLARE
    tenant_table text;
BEGIN
    FOREACH tenant_table IN ARRAY ARRAY['prompt_templates', 'prompts'] LOOP
        EXECUTE format('ALTER TABLE %I ENABLE ROW LEVEL SECURITY', tenant_table);
        EXECUTE format('ALTER TABLE %I FORCE ROW LEVEL SECURITY', tenant_table);
        EXECUTE format(
            'CREATE POLICY own_rows ON %I TO meetingmind_app USING (tenant_id = current_setting(''meetingmind.tenant_id'', true))',
            tenant_table
        );
        EXECUTE format('CREATE POLICY all_rows ON %I TO meetingmind_system USING (true)', tenant_table);
        EXECUTE format('GRANT SELECT, INSERT, UPDATE, DELETE ON %I TO meetingmind_system', tenant_table);
        EXECUTE format('GRANT SELECT, INSERT ON %I TO meetingmind_app', tenant_table);
        EXECUTE format(
            'CREATE TRIGGER never_change BEFORE UPDATE ON %I FOR EACH ROW EXECUTE FUNCTION meetingmind_never_change()',
            tenant_table
        );
    END LOOP;
END $$;
