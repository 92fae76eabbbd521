-- Messages that a worker did not understand: given back by it, sent again when they are due.
--
-- body, headers, properties   as they stood in the broker; headers count how often the message was given back
-- times                       how often it had been before; the wait doubles with it
--
-- They are nobody's tenant: the system alone sees them.

CREATE TABLE returned_messages (
    id TEXT NOT NULL,
    queue TEXT NOT NULL,
    body TEXT NOT NULL,
    content_type TEXT NOT NULL,
    headers JSONB NOT NULL,
    properties JSONB NOT NULL,
    times INTEGER NOT NULL,
    due_at TIMESTAMP WITH TIME ZONE DEFAULT clock_timestamp() NOT NULL,
    created_at TIMESTAMP WITH TIME ZONE DEFAULT clock_timestamp() NOT NULL,
    CONSTRAINT pk_returned_messages PRIMARY KEY (id)
);
CREATE INDEX ix_returned_messages_due ON returned_messages (due_at);
GRANT SELECT, INSERT, UPDATE, DELETE ON returned_messages TO meetingmind_system;
