"""The chord's body: reads the outcomes, runs the strategy, writes the one result.

However often it is rung, one claim wins. A job whose panel stayed below its quorum ends as failed, and says why.
"""

from contextlib import suppress
from dataclasses import dataclass
from typing import Any, Final

import structlog
from celery import shared_task

from orchestrator import failpoints, names
from orchestrator.analysis.items import KINDS, Analysis, Candidate, Provenance
from orchestrator.analysis.labels import Degradation, SeatFact, degradations, label
from orchestrator.analysis.quality import score
from orchestrator.errors import Unavailable
from orchestrator.storage import attempts, candidates, jobs, results, seats, transcripts
from orchestrator.storage.jobs import JobRow
from orchestrator.storage.seats import SeatRow
from orchestrator.synthesis import STRATEGIES
from orchestrator.synthesis.flow import Inputs, Needs, Synthesis, drive
from orchestrator.work.jobs import JobStatus
from orchestrator.work.seats import SeatStatus
from providers.calls import JsonObject, Target
from tasks import hinting, resources
from tasks.meeting_facts import facts

log = structlog.get_logger()

LEASE_S: Final = 15.0  # a synthesis takes well under a second; after this another process may take it over
MAX_CLAIMS: Final = 3  # a synthesis that was claimed this often without a result kills its process: the job fails


@dataclass(frozen=True)
class Panel:
    """A closed panel: its job, its seats, what they brought.

    `unreadable` answers were paid for and of no use; `places` are those of the utterances in the meeting, by id.
    """

    job: JobRow
    seats: list[SeatRow]
    candidates: dict[int, Candidate]
    unreadable: int
    places: dict[str, int]


@shared_task(name=names.SYNTHESIZE, bind=True)
def synthesize(self: Any, *, job: str, schema: int = names.MESSAGE_SCHEMA, **_newer: Any) -> None:
    """End a job whose panel has closed. Safe to run twice."""
    structlog.contextvars.bind_contextvars(job=job, task_id=self.request.id)
    try:
        panel = _claim(job)
        if panel is not None:
            failpoints.reach("synthesis.claimed")
            _end(panel)
    except Unavailable as error:
        # The claim's lease runs out, and the reconciler rings again.
        log.warning("synthesize.store_away", error=error.message)
    finally:
        structlog.contextvars.clear_contextvars()


def _claim(job_id: str) -> Panel | None:
    # A claim that a crash forgets is made again; the result's commit is durable.
    with resources.current().database.tenant_of(job_id, durable=False) as connection:
        job = jobs.claim_synthesis(connection, job_id, LEASE_S)
        if job is None:
            return None
        documents = candidates.read(connection, job_id)
        utterances = transcripts.read(connection, job.transcript_id).utterances
        return Panel(
            job=job,
            seats=seats.of_job(connection, job_id),
            candidates={seat: Candidate.model_validate(document) for seat, document in documents.items()},
            unreadable=attempts.unusable(connection, job_id),
            places={utterance.id: place for place, utterance in enumerate(utterances)},
        )


def _end(panel: Panel) -> None:
    if panel.job.synthesis_epoch > MAX_CLAIMS:
        _fail(panel, "synthesis-failed", "The synthesis was begun several times and never ended.")
    elif len(panel.candidates) < panel.job.quorum:
        _fail(panel, "quorum-not-reached", _told(panel))
    else:
        _succeed(panel)


def _succeed(panel: Panel) -> None:
    ran = _strategy(panel)
    inputs = Inputs(candidates=panel.candidates, places=panel.places, quorum=panel.job.quorum)
    match drive(STRATEGIES[ran].strategy(inputs), replies=[]):
        case Synthesis() as synthesis:
            _write(panel, ran, _analysis(panel, synthesis, ran))
        case Needs():
            _fail(panel, "synthesis-failed", f"The strategy {ran} asked for a call that this release cannot make.")


def _strategy(panel: Panel) -> str:
    """The one that was planned, unless too few seats answered for it."""
    planned = panel.job.strategy_planned
    return planned if len(panel.candidates) >= STRATEGIES[planned].min_seats else "single"


def _analysis(panel: Panel, synthesis: Synthesis, ran: str) -> Analysis:
    items = [item for kind in KINDS for item in synthesis.of(kind)]
    quality = score(
        items,
        [panel.candidates[seat] for seat in synthesis.seats],
        unreadable=panel.unreadable,
        places=panel.places,
        language=synthesis.language,
        spoken=facts(panel.job).language,
    )
    return Analysis(
        language=synthesis.language,
        summary=synthesis.summary,
        topics=synthesis.topics,
        decisions=synthesis.decisions,
        action_items=synthesis.action_items,
        risks=synthesis.risks,
        questions=synthesis.questions,
        quality=quality,
        provenance=Provenance(
            seats=synthesis.seats,
            strategy=ran,
            prompt_version=panel.job.prompt_version,
            catalog_version=panel.job.catalog_version,
        ),
    )


def _write(panel: Panel, ran: str, analysis: Analysis) -> None:
    """The result and the job's end in one transaction; a job that was canceled meanwhile keeps its end."""
    found = _facts(panel)
    planned, quorum = panel.job.strategy_planned, panel.job.quorum
    lost = degradations(found, planned=planned, ran=ran, quorum=quorum, cheaper=panel.job.cheaper_because)
    here = resources.current()
    with here.database.tenant(panel.job.tenant_id) as connection:
        ended = jobs.move(
            connection,
            panel.job.id,
            JobStatus.SUCCEEDED,
            "job.succeeded",
            {"degraded": bool(lost)},
            strategy_ran=ran,
            label=label(found, planned=planned, ran=ran, quorum=quorum),
            degradations=[_plain(one) for one in lost],
            finished_at=here.dispatch.now(),
            synthesis_lease_until=None,
        )
        if ended is not None:
            results.add_result(connection, panel.job.id, analysis.model_dump(mode="json"))
    _tell(panel)
    log.info("synthesize.done", strategy=ran, written=ended is not None)


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
        for seat in panel.seats
        if seat.status is not SeatStatus.ANSWERED
    )
    return f"{len(panel.candidates)} of {len(panel.seats)} seats answered; {panel.job.quorum} had to ({ends})."


def _facts(panel: Panel) -> tuple[SeatFact, ...]:
    return tuple(
        SeatFact(
            seat=seat.seat,
            asked=Target.parse(seat.asked),
            served=Target.parse(seat.served) if seat.served else None,
            answered=seat.status is SeatStatus.ANSWERED,
            reason=seat.reason,
        )
        for seat in panel.seats
    )


def _plain(one: Degradation) -> JsonObject:
    return one.model_dump(mode="json")
