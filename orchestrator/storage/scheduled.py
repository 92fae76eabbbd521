"""Jobs that wait for a moment of their own, apart from those that wait for their turn.

`not_before` of a job is what was asked for. `scheduled_for` is what holds it: while it is set nobody lets the job go.
It is taken away once, by the dispatcher when it is due or by a retry. All moments are PostgreSQL's.
"""

from typing import Final

from sqlalchemy import Connection, text

STEP: Final = 500  # rows whose one column changes

# A moment that PostgreSQL can look up in the index, and no waiting for locks: one that somebody ends, pauses or resumes
# just now is looked at again a moment later, and whoever locks many jobs in another order waits for nobody.
_RELEASE: Final = text("""
UPDATE jobs SET scheduled_for = NULL
WHERE id IN (SELECT id FROM jobs
             WHERE scheduled_for <= statement_timestamp() AND finished_at IS NULL
             ORDER BY scheduled_for, id LIMIT :step FOR NO KEY UPDATE SKIP LOCKED)
""")
_OWN: Final = text("""
SELECT count(*)
FROM (SELECT FROM jobs WHERE scheduled_for IS NOT NULL AND finished_at IS NULL LIMIT :most) AS first_most
""")


def release(connection: Connection) -> int:
    """Let jobs whose moment has come wait for their turn, the earliest first; how many there were in this step.

    Those of a paused batch stay held back by that. Needs a transaction of `system`.
    """
    return connection.execute(_RELEASE, {"step": STEP}).rowcount


def own(connection: Connection, most: int) -> int:
    """How many jobs of the transaction's tenant wait for their moments; more than `most` are not counted."""
    return int(connection.execute(_OWN, {"most": most}).scalar_one())
