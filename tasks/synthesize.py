"""The chord's body: reads the outcomes, runs the strategy, writes the one result.

However often it is rung, one claim wins. A job whose panel stayed below its quorum ends as failed, and says why.
"""

from contextlib import suppress
from typing import Any, Final

import structlog
from celery import shared_task

from orchestrator import failpoints, names
from orchestrator.analysis import cues, prompts
from orchestrator.analysis.beside import Beside
from orchestrator.analysis.items import KINDS, Analysis, Provenance
from orchestrator.analysis.labels import Degradation, degradations, label
from orchestrator.analysis.quality import score
from orchestrator.analysis.records import tally
from orchestrator.errors import Unavailable
from orchestrator.routing import redacting
from orchestrator.storage import jobs, records, results
from orchestrator.storage.jobs import JobRow
from orchestrator.storage.records import SeatRecord
from orchestrator.synthesis import STRATEGIES
from orchestrator.synthesis.flow import Synthesis
from orchestrator.work.jobs import JobStatus
from orchestrator.work.seats import SeatStatus
from providers.calls import JsonObject
from tasks import consulting, hinting, panels, resources
from tasks.meeting_facts import facts, meeting_type
from tasks.panels import Panel

log = structlog.get_logger()

LEASE_S: Final = 15.0  # a synthesis takes well under a second; after this another process may take it over
MAX_CLAIMS: Final = 3  # a synthesis that was claimed this often without a result kills its process: the job fails


@shared_task(name=names.SYNTHESIZE, bind=True)
def synthesize(self: Any, *, job: str, schema: int = names.MESSAGE_SCHEMA, **_newer: Any) -> None:
    """End a job whose panel has closed. Safe to run twice."""
    structlog.contextvars.bind_contextvars(job=job, task_id=self.request.id)
    try:
        panel = panels.claim(job, LEASE_S)
        if panel is not None:
            failpoints.reach("synthesis.claimed")
            _end(panel)
    except Unavailable as error:
        # The claim's lease runs out, and the reconciler rings again.
        log.warning("synthesize.store_away", error=error.message)
    finally:
        structlog.contextvars.clear_contextvars()


def _end(panel: Panel) -> None:
    if panel.job.synthesis_epoch - len(panel.asked) > MAX_CLAIMS:
        _fail(panel, "synthesis-failed", "The synthesis was begun several times and never ended.")
    elif len(panel.candidates) < panel.job.quorum:
        _fail(panel, "quorum-not-reached", _told(panel))
    else:
        _succeed(panel)


def _succeed(panel: Panel) -> None:
    ran = _strategy(panel)
    conducted = consulting.conduct(panel, ran)
    if conducted is not None:
        _write(panel, ran, _analysis(panel, conducted.synthesis, ran), conducted.beside)


def _strategy(panel: Panel) -> str:
    """The one that was planned, unless too few seats answered for it."""
    planned = panel.job.strategy_planned
    return planned if len(panel.candidates) >= STRATEGIES[planned].min_seats else "single"


def _analysis(panel: Panel, synthesis: Synthesis, ran: str) -> Analysis:
    quality = score(
        {kind: synthesis.of(kind) for kind in KINDS},
        [panel.candidates[seat] for seat in synthesis.seats],
        unreadable=panel.unreadable,
        places=panel.places,
        language=synthesis.language,
        spoken=facts(panel.job).language,
    )
    return Analysis(
        language=facts(panel.job).language or synthesis.language,  # what the caller knows, no model can talk away
        summary=synthesis.summary,
        topics=synthesis.topics,
        decisions=synthesis.decisions,
        action_items=synthesis.action_items,
        risks=synthesis.risks,
        questions=synthesis.questions,
        possibly_missed=cues.missed(panel.transcript, (*synthesis.decisions, *synthesis.action_items)),
        quality=quality,
        provenance=Provenance(
            seats=synthesis.seats,
            strategy=ran,
            prompt_version=panel.job.prompt_version,
            catalog_version=panel.job.catalog_version,
        ),
    )


def _write(panel: Panel, ran: str, analysis: Analysis, beside: Beside) -> None:
    """The result and the job's end in one transaction; a job that was canceled meanwhile keeps its end."""
    found = panel.facts
    planned, quorum = panel.job.strategy_planned, panel.job.quorum
    cheaper = panel.job.cheaper_because
    lost = degradations(found, planned=planned, ran=ran, quorum=quorum, cheaper=cheaper, beside=beside)
    named = label(found, planned=planned, ran=ran, quorum=quorum, cheaper=cheaper, beside=beside)
    here = resources.current()
    with here.database.tenant(panel.job.tenant_id) as connection:
        ended = jobs.move(
            connection,
            panel.job.id,
            JobStatus.SUCCEEDED,
            "job.succeeded",
            {"degraded": bool(lost)},
            strategy_ran=ran,
            label=named + redacting.remark(panel.job.context),
            degradations=[_plain(one) for one in lost],
            finished_at=here.dispatch.now(),
            synthesis_lease_until=None,
            **_voted(panel.job),
        )
        if ended is not None:
            results.add_result(connection, panel.job.id, analysis.model_dump(mode="json"))
            records.note(connection, panel.job.id, meeting_type(panel.job), _records(panel, analysis))
    _tell(panel)
    log.info("synthesize.done", strategy=ran, written=ended is not None)


def _voted(job: JobRow) -> JsonObject:
    """What changes of a job by its seats' votes on what type the meeting is, where they were asked."""
    return {"context": job.context} if prompts.asks_type(job.prompt_version) else {}


def _records(panel: Panel, analysis: Analysis) -> list[SeatRecord]:
    """What became of each seat's items. Where one seat alone answered nobody could disagree; a replay is no news."""
    if len(panel.candidates) == 1 or panel.job.replay_of is not None:
        return []
    kept = {kind: analysis.of(kind) for kind in KINDS}
    return [
        SeatRecord(seat=seat, model=panel.models[seat], tallies=tally(candidate, seat, kept))
        for seat, candidate in panel.candidates.items()
    ]


def _fail(panel: Panel, code: str, detail: str) -> None:
    here = resources.current()
    error: JsonObject = {
        "type": f"urn:meetingmind:problem:{code}",
        "title": "The job has failed",
        "code": code,
        "detail": detail,
    }
    with here.database.tenant(panel.job.tenant_id) as connection:
        jobs.move(
            connection,
            panel.job.id,
            JobStatus.FAILED,
            "job.failed",
            {"code": code},
            error=error,
            finished_at=here.dispatch.now(),
            synthesis_lease_until=None,
        )
    _tell(panel)
    log.warning("synthesize.failed", code=code)


def _tell(panel: Panel) -> None:
    """Wake those who wait, at once; the delivery that follows does it again if this was not heard."""
    failpoints.reach("synthesis.written")
    with suppress(hinting.Unheard):
        hinting.hint(panel.job.id)


def _told(panel: Panel) -> str:
    ends = ", ".join(
        f"seat {seat.seat}: {seat.reason or seat.status.value}"
        for seat in panel.analysts
        if seat.status is not SeatStatus.ANSWERED
    )
    return f"{len(panel.candidates)} of {len(panel.analysts)} seats answered; {panel.job.quorum} had to ({ends})."


def _plain(one: Degradation) -> JsonObject:
    return one.model_dump(mode="json")
