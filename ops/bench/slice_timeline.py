"""When each step of a job was written down, by the rows: medians over jobs, in milliseconds after the job's own row.

PostgreSQL stamps a step when its statement runs, so a step's commit falls into the next one.
"""

from collections.abc import Sequence
from typing import Final

from sqlalchemy import bindparam, text

from orchestrator.storage.engine import Database

_STEPS: Final = text("""
    WITH steps (place, step, job_id, at) AS (
        SELECT 2, 'first seat: call intended', job_id, min(created_at) FROM attempts GROUP BY job_id
        UNION ALL SELECT 3, 'last seat: call intended', job_id, max(created_at) FROM attempts GROUP BY job_id
        UNION ALL SELECT 4, 'last seat: first byte about to leave', job_id, max(sent_at) FROM attempts GROUP BY job_id
        UNION ALL SELECT 5, 'first seat: answer booked', job_id, min(ended_at) FROM attempts GROUP BY job_id
        UNION ALL SELECT 6, 'last seat: answer booked', job_id, max(ended_at) FROM attempts GROUP BY job_id
        UNION ALL SELECT 7, 'panel closed', id, closed_at FROM jobs
        UNION ALL SELECT 8, 'synthesis claimed', job_id, at FROM events WHERE type = 'job.synthesizing'
        UNION ALL SELECT 9, 'finished', id, finished_at FROM jobs
        UNION ALL SELECT 10, 'announced', job_id, max(announced_at) FROM events GROUP BY job_id
    )
    SELECT step, percentile_cont(0.5) WITHIN GROUP (ORDER BY 1000 * extract(epoch FROM at - created_at)) AS median_ms
    FROM steps JOIN jobs ON jobs.id = steps.job_id
    WHERE jobs.id IN :jobs AND at IS NOT NULL
    GROUP BY place, step
    ORDER BY place
""").bindparams(bindparam("jobs", expanding=True))


def read(database: Database, jobs: Sequence[str]) -> dict[str, float]:
    """Step -> median, in the order in which a job takes them."""
    with database.system() as connection:
        rows = connection.execute(_STEPS, {"jobs": list(jobs)}).all()
    return {row.step: round(float(row.median_ms), 1) for row in rows}
