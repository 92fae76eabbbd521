"""What a batch's lines came to, page by page in the order in which they were handed in."""

from collections.abc import Sequence
from typing import Final

from sqlalchemy import Connection, text

from providers.calls import JsonObject, Value

# By the primary keys of all three; a page ends before the first line whose job has not ended.
_PAGE: Final = text("""
SELECT line.line, line.custom_id, line.job_id, coalesce(job.status, 'refused') AS status,
    result.analysis AS result, CASE WHEN line.job_id IS NULL THEN line.error ELSE job.error END AS error,
    line.job_id IS NULL OR job.finished_at IS NOT NULL AS ended
FROM (SELECT * FROM batch_lines WHERE batch_id = :batch AND line > :after ORDER BY line LIMIT :limit) AS line
LEFT JOIN jobs AS job ON job.tenant_id = line.tenant_id AND job.id = line.job_id
LEFT JOIN results AS result ON result.tenant_id = line.tenant_id AND result.job_id = line.job_id
ORDER BY line.line
""")


class LineResult(Value):
    """How one line ended: its job's status, or `refused` where it became none."""

    line: int
    custom_id: str | None
    job_id: str | None
    status: str
    result: JsonObject | None
    error: JsonObject | None


def page(connection: Connection, batch_id: str, after: int, limit: int) -> Sequence[LineResult]:
    """The lines that follow `after`, as far as all of them have ended."""
    found = []
    for row in connection.execute(_PAGE, {"batch": batch_id, "after": after, "limit": limit}).mappings():
        if not row["ended"]:
            break
        found.append(LineResult.model_validate({name: row[name] for name in LineResult.model_fields}))
    return found
