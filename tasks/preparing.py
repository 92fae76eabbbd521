"""From a claimed seat to the call that is about to be made, and from its reply to what is kept of it."""

from dataclasses import dataclass

from sqlalchemy import Connection

from orchestrator.analysis import (
    combining,
    earlier_prompts,
    evidence,
    opinions,
    prompts,
    repairs,
    replies,
    restoring,
    tongues,
)
from orchestrator.analysis.items import Candidate
from orchestrator.ids import new_id
from orchestrator.meeting import cuts
from orchestrator.routing.market import MAX_OUTPUT_TOKENS
from orchestrator.routing.rungs import patience_s
from orchestrator.storage import attempts, intentions, questions
from orchestrator.storage import prompts as kept
from orchestrator.storage.intentions import Intention
from orchestrator.storage.jobs import JobRow
from orchestrator.storage.seats import Claim, SeatRow
from orchestrator.work.parts import calls
from orchestrator.work.seats import ANALYST
from providers.calls import Call, JsonObject, Message, Reply
from providers.catalog import ModelCard
from providers.pricing import bound
from tasks import mending, recording, resources
from tasks.meeting_facts import people, started_on, unverified
from tasks.recording import COMMIT_MARGIN_S
from tasks.work import Work


def prepare(connection: Connection, row: SeatRow, job: JobRow, *, part: int | None = None, hedge: bool = False) -> Work:
    """Write down the intention to call the row's target, within the transaction.

    Args:
        part: that the call is about, from 1; None: all of the meeting.
        hedge: it is a second call beside one that is under way, under the same claim.
    """
    here = resources.current()
    claim = Claim(job=job.id, seat=row.seat, epoch=row.epoch)
    card = here.catalog.model(row.target) if here.catalog.knows(row.target) else None
    begun_at = here.dispatch.now()
    call = _call(connection, row, job, card, part=part, hedge=hedge)
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
        part=part,
    )
    intended = intentions.intend(connection, claim, intention)
    recording.started(connection, job, row, part)
    return Work(
        claim=claim,
        seat=row,
        job=job,
        call=call,
        bound_micro_usd=bound_micro_usd,
        begun_at=begun_at,
        intended=intended,
        part=part,
    )


def read(work: Work, reply: Reply) -> Candidate | Reply:
    """What a reply says: an analyst's candidate, or the reply of a lead or judge as its question wants it.

    Raises:
        UnreadableReply: it is not what was asked for.
    """
    if work.seat.role != ANALYST:
        return opinions.read(work.call.schema_name, reply)
    return _candidate(work, reply)


def _candidate(work: Work, reply: Reply) -> Candidate:
    """Checked against the transcript, in the language that it is in; of a part, what that part proves."""
    heard = resources.heard_of(work.job)
    transcript = heard.transcript
    said = replies.read(reply.text, with_type=prompts.asks_type(work.job.prompt_version))
    hiding = resources.redaction_of(work.job)
    candidate = evidence.check(
        said if hiding is None else restoring.restored(said, hiding),
        transcript,
        people(work.job),
        started_on(work.job),
        seat=work.seat.seat,
        unverified=unverified(work.job),
        heard=heard,
    )
    if work.part is not None:
        part = cuts.parts(work.seat.plan.cut, transcript)[work.part - 1]
        candidate = combining.own_of(candidate, part, transcript)
    return tongues.as_written(candidate, mending.detect)


def _call(
    connection: Connection, row: SeatRow, job: JobRow, card: ModelCard | None, *, part: int | None, hedge: bool
) -> Call:
    shown = _shown(connection, row, job, part, mends=not hedge)
    most = shown.max_output_tokens if card is None else min(shown.max_output_tokens, card.max_output_tokens)
    return Call(
        call_id=new_id("atm"),
        messages=shown.messages,
        max_output_tokens=most,
        timeout_s=_patience_s(row, job),
        schema_name=shown.schema_name,
        json_schema=shown.json_schema,
        # The cheaper tier may have no place: then the next attempt pays the list price rather than wait on.
        service_tier=row.service_tier if _is_first(connection, row, part) else "standard",
    )


def _is_first(connection: Connection, row: SeatRow, part: int | None) -> bool:
    """Whether nobody has been asked the same for the seat before."""
    return row.attempts == 1 or (part is not None and not attempts.tally(connection, row.job_id, row.seat, part).made)


@dataclass(frozen=True)
class _Shown:
    """What a seat is shown, and the shape that its answer must have."""

    messages: tuple[Message, ...]
    schema_name: str
    json_schema: JsonObject
    max_output_tokens: int


def _shown(connection: Connection, row: SeatRow, job: JobRow, part: int | None, *, mends: bool) -> _Shown:
    asked = None if row.role == ANALYST else questions.of_seat(connection, job.id, row.seat)
    if asked is not None:
        hiding = resources.redaction_of(job, connection)
        shown = asked.messages if hiding is None else restoring.hidden(asked.messages, hiding)
        return _Shown(shown, asked.schema_name, asked.json_schema, asked.max_output_tokens)
    messages = _messages(connection, row, job, part, mends=mends)
    schema = prompts.schema(with_type=prompts.asks_type(job.prompt_version))
    return _Shown(messages, prompts.SCHEMA_NAME, schema, MAX_OUTPUT_TOKENS)


def _messages(
    connection: Connection, row: SeatRow, job: JobRow, part: int | None = None, *, mends: bool
) -> tuple[Message, ...]:
    """The words that the job was posted with, whatever this release would say; and what its last answer lacks.

    Args:
        mends: whether it may be the seat's repair; a second call beside it goes to somebody who has not answered yet.
    """
    words = kept.read(connection, job.id) or earlier_prompts.meeting_1(_glossary(job))
    hiding = resources.redaction_of(job, connection)
    transcript = resources.transcript_of(job, connection) if hiding is None else hiding.transcript
    if part is None:
        asked = prompts.messages(transcript, job.boundary, words, cached=row.cached)
    else:
        parts = cuts.parts(row.plan.cut, transcript)
        asked = prompts.messages_of_part(parts, part, transcript, job.boundary, words)
    repair = row.repair if mends else None
    return repairs.messages(asked, job.boundary, repair) if repair and repair.problems else asked


def _patience_s(row: SeatRow, job: JobRow) -> float:
    """A fair share of what is left of the job's time; the client caps it by the provider's own limit."""
    left_s = (job.deadline_at - resources.current().dispatch.now()).total_seconds() - COMMIT_MARGIN_S
    to_come = max(1, calls(row.plan.cut) - len(row.parts_served))
    return max(0.1, patience_s(row.plan, row.rung, left_s / to_come))


def _glossary(job: JobRow) -> tuple[str, ...]:
    words = job.context.get("glossary")
    return tuple(str(word) for word in words) if isinstance(words, list) else ()
