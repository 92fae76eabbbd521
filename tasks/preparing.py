"""From a claimed seat to the call that is about to be made, and from its reply to a checked candidate."""

from sqlalchemy import Connection

from orchestrator.analysis import evidence, prompts, replies
from orchestrator.analysis.items import Candidate
from orchestrator.ids import new_id
from orchestrator.routing.market import MAX_OUTPUT_TOKENS
from orchestrator.routing.rungs import patience_s
from orchestrator.storage import intentions
from orchestrator.storage.intentions import Intention
from orchestrator.storage.jobs import JobRow
from orchestrator.storage.seats import Claim, SeatRow
from providers.calls import Call, Reply
from providers.catalog import ModelCard
from providers.pricing import bound
from tasks import recording, resources
from tasks.meeting_facts import people, started_on
from tasks.recording import COMMIT_MARGIN_S
from tasks.work import Work


def prepare(connection: Connection, row: SeatRow, job: JobRow, *, hedge: bool = False) -> Work:
    """Write down the intention to call the row's target, within the transaction.

    Args:
        hedge: it is a second call beside one that is under way, under the same claim.
    """
    here = resources.current()
    claim = Claim(job=job.id, seat=row.seat, epoch=row.epoch)
    card = here.catalog.model(row.target) if here.catalog.knows(row.target) else None
    begun_at = here.dispatch.now()
    call = _call(connection, row, job, card)
    # A model that has left the catalog since is not asked: the client says so, and the seat moves on.
    bound_micro_usd = 0 if card is None else bound(call, card, begun_at)
    intention = Intention(
        id=call.call_id,
        rung=row.rung,
        target=row.target,
        bound_micro_usd=bound_micro_usd,
        project=job.project,
        price_version=here.catalog.version,
        service_tier=call.service_tier,
        hedge=hedge,
    )
    intended = intentions.intend(connection, claim, intention)
    recording.started(connection, job, row)
    return Work(
        claim=claim,
        seat=row,
        job=job,
        call=call,
        bound_micro_usd=bound_micro_usd,
        begun_at=begun_at,
        intended=intended,
    )


def read(work: Work, reply: Reply) -> Candidate:
    """What a reply says, checked against the transcript. Raises UnreadableReply."""
    return evidence.check(
        replies.read(reply.text),
        resources.transcript_of(work.job),
        people(work.job),
        started_on(work.job),
        seat=work.seat.seat,
    )


def _call(connection: Connection, row: SeatRow, job: JobRow, card: ModelCard | None) -> Call:
    transcript = resources.transcript_of(job, connection)
    most = MAX_OUTPUT_TOKENS if card is None else min(MAX_OUTPUT_TOKENS, card.max_output_tokens)
    return Call(
        call_id=new_id("atm"),
        messages=prompts.messages(transcript, job.boundary, glossary=_glossary(job), cached=row.cached),
        max_output_tokens=most,
        timeout_s=_patience_s(row, job),
        schema_name=prompts.SCHEMA_NAME,
        json_schema=prompts.SCHEMA,
        # The cheaper tier may have no place: then the next attempt pays the list price rather than wait on.
        service_tier=row.service_tier if row.attempts == 1 else "standard",
    )


def _patience_s(row: SeatRow, job: JobRow) -> float:
    """A fair share of what is left of the job's time; the client caps it by the provider's own limit."""
    left_s = (job.deadline_at - resources.current().dispatch.now()).total_seconds() - COMMIT_MARGIN_S
    return max(0.1, patience_s(row.plan, row.rung, left_s))


def _glossary(job: JobRow) -> tuple[str, ...]:
    words = job.context.get("glossary")
    return tuple(str(word) for word in words) if isinstance(words, list) else ()
