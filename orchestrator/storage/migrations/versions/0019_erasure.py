"""Erasure of what was said, and feedback; the statements and their reasons stand in 0019_erasure.sql."""

from pathlib import Path

from alembic import op

revision = "0019"
down_revision = "0018"

_DOWN = """
CREATE OR REPLACE FUNCTION meetingmind_keep_the_end() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF OLD.status IN ('succeeded', 'failed', 'canceled', 'expired') AND NEW.status IS DISTINCT FROM OLD.status
        AND NOT (OLD.status <> 'succeeded' AND NEW.status IN ('queued', 'running') AND NEW.retries = OLD.retries + 1)
    THEN
        RAISE EXCEPTION 'job % has ended as %', OLD.id, OLD.status USING ERRCODE = 'integrity_constraint_violation';
    END IF;
    RETURN NEW;
END $$;
DROP TRIGGER no_words_of_erased_job ON attempts;
DROP FUNCTION meetingmind_no_words_of_erased_job();
DROP TABLE feedback;
DROP FUNCTION meetingmind_of_no_erased_job() CASCADE;
REVOKE UPDATE (request_digest, job_id, created_at) ON idempotency_keys FROM meetingmind_app;
REVOKE UPDATE (body, erased_at) ON transcripts FROM meetingmind_app;
REVOKE DELETE ON prompts, candidates, parts, spare_answers, results, seat_records FROM meetingmind_app;
DROP INDEX ix_idempotency_keys_of_job;
DROP INDEX ix_jobs_replay_of;
DROP INDEX ix_jobs_transcript;
ALTER TABLE transcripts DROP COLUMN erased_at;
ALTER TABLE jobs DROP COLUMN erased_at;
"""


def upgrade() -> None:
    """Add columns, table and triggers; nothing was erased before."""
    _execute(Path(__file__).with_suffix(".sql").read_text("utf-8"))


def downgrade() -> None:
    """Take them away. What was erased stays so; what people said of results is lost."""
    _execute(_DOWN)


def _execute(statements: str) -> None:
    # The driver's own cursor: SQLAlchemy would read percent signs as parameters.
    cursor = op.get_bind().connection.cursor()
    cursor.execute(statements)
    cursor.close()
