-- Endpoints that tenants have named, and what is sent to them.
--
-- webhooks            an endpoint; its secrets are sealed by us, so that a dump of this table signs nothing
-- deliveries          one event for one endpoint, with the bytes that each attempt sends. `next_at` is when it is due; who
--                     takes it moves that ahead, so that one whose sender died is due again
-- webhooks.cursor     the last number of the tenant's feed that was looked at for it: what follows is still to be told
-- delivery_attempts   what came of each attempt, never changed
-- jobs.webhook        the endpoint that a job named itself, and for which events: {"id": ..., "events": [...]}

CREATE TABLE webhooks (
    tenant_id TEXT DEFAULT current_setting('meetingmind.tenant_id') NOT NULL,
    id TEXT NOT NULL,
    url TEXT NOT NULL,
    events TEXT[] NOT NULL,
    description TEXT,
    secret BYTEA NOT NULL,
    old_secret BYTEA,
    old_until TIMESTAMP WITH TIME ZONE,
    of_jobs BOOLEAN DEFAULT false NOT NULL,
    cursor BIGINT NOT NULL,
    disabled_at TIMESTAMP WITH TIME ZONE,
    disabled_why TEXT,
    created_at TIMESTAMP WITH TIME ZONE DEFAULT clock_timestamp() NOT NULL,
    CONSTRAINT pk_webhooks PRIMARY KEY (tenant_id, id),
    CONSTRAINT fk_webhooks_tenant_id FOREIGN KEY(tenant_id) REFERENCES tenants (id)
);
CREATE UNIQUE INDEX uq_webhooks_of_jobs ON webhooks (tenant_id, url) WHERE of_jobs;

ALTER TABLE jobs ADD COLUMN webhook JSONB;

CREATE TABLE deliveries (
    tenant_id TEXT DEFAULT current_setting('meetingmind.tenant_id') NOT NULL,
    id TEXT NOT NULL,
    webhook_id TEXT NOT NULL,
    event_id TEXT NOT NULL,
    event_type TEXT NOT NULL,
    job_id TEXT,
    body BYTEA NOT NULL,
    state TEXT NOT NULL,
    attempts INTEGER DEFAULT 0 NOT NULL,
    tries INTEGER DEFAULT 0 NOT NULL,
    next_at TIMESTAMP WITH TIME ZONE,
    created_at TIMESTAMP WITH TIME ZONE DEFAULT clock_timestamp() NOT NULL,
    ended_at TIMESTAMP WITH TIME ZONE,
    CONSTRAINT pk_deliveries PRIMARY KEY (tenant_id, id),
    CONSTRAINT uq_deliveries_tenant_id_webhook_id_event_id UNIQUE (tenant_id, webhook_id, event_id),
    CONSTRAINT fk_deliveries_tenant_id_webhook_id FOREIGN KEY(tenant_id, webhook_id)
        REFERENCES webhooks (tenant_id, id) ON DELETE CASCADE
);
-- The due ones of each endpoint, however many another has waiting.
CREATE INDEX ix_deliveries_due ON deliveries (tenant_id, webhook_id, next_at) WHERE state = 'pending';
CREATE INDEX ix_deliveries_newest ON deliveries (tenant_id, webhook_id, id DESC);

CREATE TABLE delivery_attempts (
    tenant_id TEXT DEFAULT current_setting('meetingmind.tenant_id') NOT NULL,
    delivery_id TEXT NOT NULL,
    number INTEGER NOT NULL,
    status INTEGER,
    error TEXT,
    took_ms BIGINT NOT NULL,
    at TIMESTAMP WITH TIME ZONE DEFAULT clock_timestamp() NOT NULL,
    CONSTRAINT pk_delivery_attempts PRIMARY KEY (tenant_id, delivery_id, number),
    CONSTRAINT fk_delivery_attempts_tenant_id_delivery_id FOREIGN KEY(tenant_id, delivery_id)
        REFERENCES deliveries (tenant_id, id) ON DELETE CASCADE
);

ALTER TABLE webhooks ENABLE ROW LEVEL SECURITY;
ALTER TABLE webhooks FORCE ROW LEVEL SECURITY;
CREATE POLICY own_rows ON webhooks TO meetingmind_app
    USING (tenant_id = current_setting('meetingmind.tenant_id', true));
CREATE POLICY all_rows ON webhooks TO meetingmind_system USING (true);
GRANT SELECT, INSERT, UPDATE, DELETE ON webhooks TO meetingmind_app, meetingmind_system;

ALTER TABLE deliveries ENABLE ROW LEVEL SECURITY;
ALTER TABLE deliveries FORCE ROW LEVEL SECURITY;
CREATE POLICY own_rows ON deliveries TO meetingmind_app
    USING (tenant_id = current_setting('meetingmind.tenant_id', true));
CREATE POLICY all_rows ON deliveries TO meetingmind_system USING (true);
GRANT SELECT, INSERT, UPDATE, DELETE ON deliveries TO meetingmind_app, meetingmind_system;

ALTER TABLE delivery_attempts ENABLE ROW LEVEL SECURITY;
ALTER TABLE delivery_attempts FORCE ROW LEVEL SECURITY;
CREATE POLICY own_rows ON delivery_attempts TO meetingmind_app
    USING (tenant_id = current_setting('meetingmind.tenant_id', true));
CREATE POLICY all_rows ON delivery_attempts TO meetingmind_system USING (true);
GRANT SELECT, INSERT, UPDATE, DELETE ON delivery_attempts TO meetingmind_app, meetingmind_system;
