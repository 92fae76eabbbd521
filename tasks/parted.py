"""Seats that are asked about one part of the meeting after the other, as their models cannot be shown the whole.

Each ask of such a seat is about the first part that has no answer; once it has one, the seat is pending again, like one
that moves to another rung. The ask that finds an answer for every part makes no call: it combines them to what the seat
answers. Nothing of that is known elsewhere: attempts, holds, bookings, failover and cancel are those of any seat.
"""

from collections import Counter
from collections.abc import Sequence

import structlog
from sqlalchemy import Connection

from orchestrator.analysis import combining
from orchestrator.analysis.items import Candidate
from orchestrator.meeting import cuts
from orchestrator.routing.market import EXTRACTIVE
from orchestrator.storage import candidates, ledger, parts, spares
from orchestrator.storage.jobs import JobRow
from orchestrator.storage.parts import PartRow
from orchestrator.storage.seats import Claim, SeatRow
from providers.calls import JsonObject, Reply, Usage
from tasks import recording, resources
from tasks.booking import booking, served_by
from tasks.work import Account, Paid

log = structlog.get_logger()


def next_part(connection: Connection, row: SeatRow) -> int | None:
    """The first part of a claimed seat that has no answer, from 1; None: all have one.

    Answers that came when the seat was no longer their holder's are adopted first: they are paid for.
    """
    have = parts.answered(connection, row.job_id, row.seat)
    for part, spare in spares.of_parts(connection, row.job_id, row.seat).items():
        if part not in have:
            parts.keep(connection, _claim(row), part, spare)
            ledger.adopt(connection, spare.attempt_id)
            log.info("part.adopted", attempt=spare.attempt_id, part=part)
            have |= {part}
    return next((part for part in range(1, len(row.plan.cut) + 1) if part not in have), None)


def answered(paid: Paid, account: Account, reply: Reply, document: JsonObject, part: int, *, latency_s: float) -> None:
    """Keep a checked answer about a part; the seat is to be asked again. Safe to repeat: it is booked once.

    A built-in model stood in for one part: for the next one, the others are asked again.
    """
    spare = recording.spare_of(paid, reply, document, latency_s)
    with booking(paid, account) as made:
        is_news = made.reply(reply)
        restarts = paid.target.provider == EXTRACTIVE
        goes_on = parts.go_on(made.connection, paid.claim, served=spare.served, restarts=restarts)
        if is_news:
            made.enter(reply, used=goes_on)
        made.pay()
        if goes_on:
            parts.keep(made.connection, paid.claim, part, spare)
        elif is_news:
            recording.put_by(made.connection, paid, spare)
    if served_by(paid, reply) != paid.target:
        log.warning("attempt.other_model", asked=str(paid.target), served=spare.served)


def unite(connection: Connection, row: SeatRow, job: JobRow) -> bool:
    """End a claimed seat whose parts all have an answer with what these come to. Returns whether that closed the panel.

    Raises:
        PartsMissing: one has none; the seat is not ended.
    """
    found = parts.of_seat(connection, row.job_id, row.seat)
    transcript = resources.transcript_of(job, connection)
    answers = {one.part: Candidate.model_validate(one.document) for one in found}
    whole = combining.combine(answers, cuts.parts(row.plan.cut, transcript), transcript)
    each = [one.served for one in found]
    served = Counter(each).most_common(1)[0][0]  # of several that answered as many, the first
    took_s = round(sum(one.latency_s for one in found), 3)
    parts.unite(connection, _claim(row), served=served, latency_s=took_s, usage=_usage(found), each=each)
    document = whole.model_dump(mode="json")
    candidates.add(connection, _claim(row), found[-1].attempt_id, document)
    log.info("seat.united", job=row.job_id, seat=row.seat, parts=len(found))
    data: JsonObject = {"target": served, "served": served, "parts": len(found)}
    return recording.close_answered(connection, _claim(row), row.role, document, data)


def _claim(row: SeatRow) -> Claim:
    return Claim(job=row.job_id, seat=row.seat, epoch=row.epoch)


def _usage(found: Sequence[PartRow]) -> JsonObject:
    """All that was read and written for all parts."""
    used = [Usage.model_validate(one.usage) for one in found]
    counted = {name: sum(getattr(one, name) for one in used) for name in Usage.model_fields if name != "estimated"}
    return Usage(**counted, estimated=any(one.estimated for one in used)).model_dump()
