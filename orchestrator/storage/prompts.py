"""The words of each job, as they were when it was posted. Never changed."""

from typing import Final

from sqlalchemy import Connection, bindparam, insert, select

from orchestrator.analysis.prompts import Wording
from orchestrator.storage.prompt_tables import prompts
from orchestrator.storage.tables import jobs

_OF_JOB: Final = (
    select(prompts.c.system, prompts.c.closing, prompts.c.part, jobs.c.prompt_version.label("version"))
    .join(jobs, (jobs.c.tenant_id == prompts.c.tenant_id) & (jobs.c.id == prompts.c.job_id))
    .where(prompts.c.job_id == bindparam("job"))
)


def add(connection: Connection, job_id: str, words: Wording) -> None:
    """Keep the words of a new job. Their version stands in the job's own row."""
    told = {"system": words.system, "closing": words.closing, "part": words.part}
    connection.execute(insert(prompts).values(job_id=job_id, **told))


def read(connection: Connection, job_id: str) -> Wording | None:
    """None: the job was posted by a release that kept none."""
    row = connection.execute(_OF_JOB, {"job": job_id}).mappings().one_or_none()
    return None if row is None else Wording.model_validate(dict(row))
