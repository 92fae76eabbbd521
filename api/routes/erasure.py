"""`DELETE /v1/jobs/{id}`: forget what was said in a job's meeting. What was paid stays in the ledger."""

from fastapi import APIRouter

from api import erasure_views
from api.auth import By, Submitter
from api.dependencies import Here, JobId
from api.erasure_schemas import ErasureView

router = APIRouter(prefix="/v1/jobs", tags=["jobs"])


@router.delete("/{job_id}", status_code=202, response_model=ErasureView, summary="Erase the content of a job")
def erase(job_id: JobId, caller: Submitter, by: By, here: Here) -> ErasureView:
    """Erases transcript, prompts, answers, result, feedback and all names, of this job and of its replays.

    An open job is canceled first; no paid call starts after the answer. The job can still be read, without content,
    with `erased_at`. A transcript that other jobs use is kept for them, and named. Twice is the same as once.
    """
    return erasure_views.erasure(here.dispatch.erase(caller.tenant, job_id, by), here.dispatch.catalog)
