"""`/v1/jobs/{id}/report`, `/timeline`, `/export`: a job for people, for those who look into it, and for other tools."""

from typing import Annotated, Any, Final

from fastapi import APIRouter, Query, Response
from fastapi.responses import HTMLResponse

from api import exports, pages, report, timeline_views, views
from api.auth import Reader
from api.dependencies import Here, House, JobId
from api.exports import files
from api.exports.documents import ExportView
from api.exports.material import Material
from api.problems import NoResult
from api.schemas import ExportFormat
from api.timeline_schemas import TimelineView
from orchestrator.meeting.transcript import Transcript
from orchestrator.storage import jobs, results, seats, timelines, transcripts
from orchestrator.tenancy.keys import Principal

router = APIRouter(prefix="/v1/jobs", tags=["jobs"])

_EXAMPLES: Final = {
    "md": "# Standup\n\n## Action items\n\n- [ ] Send the cost report (Bob Ray, by Friday)\n",
    "csv": "kind,text,owner,due\r\naction item,Send the cost report,Bob Ray,2026-11-27\r\n",
    "ics": "BEGIN:VCALENDAR\r\nBEGIN:VTODO\r\nSUMMARY:Send the cost report\r\nEND:VTODO\r\nEND:VCALENDAR\r\n",
    "vtt": "WEBVTT\n\nNOTE Standup: consensus of 2.\n\n00:00:02.250 --> 00:01:01.500\nCost report\n",
}
_FILES: Final[dict[int | str, dict[str, Any]]] = {
    200: {
        "model": ExportView,
        "description": "The file, with a name of its own.",
        "content": {
            export.media_type.partition(";")[0]: {"schema": {"type": "string"}, "example": _EXAMPLES[name]}
            for name, export in exports.FORMATS.items()
            if export.media_type != "application/json"
        },
    }
}


@router.get("/{job_id}/report", response_class=HTMLResponse, summary="The job as a page for people")
def read_report(job_id: JobId, caller: Reader, here: Here) -> HTMLResponse:
    """One self-contained page: result, evidence, agreement, calls, cost. No script, prints well."""
    with here.database.tenant(caller.tenant) as connection:
        row = jobs.whole(connection, job_id)
        view = views.job(row, seats.of_job(connection, job_id), results.read_result(connection, job_id))
        transcript: Transcript = transcripts.read(connection, row.transcript_id)
        stages = timeline_views.stages(timelines.read(connection, job_id))
    return HTMLResponse(report.render(view, transcript, stages=stages), headers=pages.HEADERS)


@router.get("/{job_id}/timeline", response_model=TimelineView, summary="The stages of a job, with their times")
def read_timeline(job_id: JobId, caller: Reader, here: Here) -> TimelineView:
    """Waiting, every paid call, synthesis and delivery: from when to when, and what a call was and cost."""
    with here.database.tenant(caller.tenant) as connection:
        row = jobs.read(connection, job_id)
        return timeline_views.timeline(row, timelines.read(connection, job_id))


@router.get(
    "/{job_id}/export", response_class=Response, responses=_FILES, summary="The items of a finished job for other tools"
)
def export(
    job_id: JobId,
    caller: Reader,
    here: Here,
    wanted: Annotated[ExportFormat, Query(alias="format", description="notes, table, calendar, chapters or document")],
) -> Response:
    """Items and label as Markdown, CSV, iCalendar (action items with a date), WebVTT (topics as chapters) or JSON.

    409 without a result.

    Nothing that was said in the meeting becomes markup, a formula or a line of its own.
    """
    material = _material(here, caller, job_id)
    name = files.name(material.job.context.title, job_id, wanted)
    return Response(
        exports.FORMATS[wanted].write(material),
        media_type=exports.FORMATS[wanted].media_type,
        headers={"Content-Disposition": f'attachment; filename="{name}"', "X-Content-Type-Options": "nosniff"},
    )


def _material(here: House, caller: Principal, job_id: str) -> Material:
    """Raises NoResult: the job has not ended, or ended without one."""
    with here.database.tenant(caller.tenant) as connection:
        row = jobs.whole(connection, job_id)
        view = views.job(row, seats.of_job(connection, job_id), results.read_result(connection, job_id))
        if view.result is None:
            raise NoResult(f"The job is {view.status}; only one that succeeded has a result to export.")
        transcript: Transcript = transcripts.read(connection, row.transcript_id)
    return Material(job=view, analysis=view.result, transcript=transcript, transcript_id=row.transcript_id)
