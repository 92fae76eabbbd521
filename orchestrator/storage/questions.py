"""What a synthesis asked a lead or judge, and what they replied. A question is known by its digest."""

import base64
import hashlib
from collections.abc import Iterable, Sequence
from typing import Any, Final

from sqlalchemy import Connection, Row, and_, delete, func, insert, select, update
from sqlalchemy.dialects.postgresql import distinct_on
from sqlalchemy.dialects.postgresql import insert as upsert

from orchestrator.storage import seats as seat_rows
from orchestrator.storage.jobs import JobRow
from orchestrator.storage.seats import Claim
from orchestrator.storage.tables import jobs, questions, seats
from orchestrator.synthesis.flow import Question
from orchestrator.work.jobs import JobStatus
from orchestrator.work.seats import OPEN, SeatPlan
from providers.calls import JsonObject, Reply, Target, Value

_NOW: Final = func.clock_timestamp()


class Asked(Value):
    """A question that was asked. `reply` None and not `open`: nobody had one."""

    question: Question
    seat: int | None
    open: bool
    reply: Reply | None


class Heard(Value):
    """A stored reply to a question, in whatever job it was asked, and whose it is."""

    job_id: str
    digest: str
    plan: SeatPlan
    reply: Reply


def digest(question: Question) -> str:
    """The same for the same question, in every process and release that words it alike."""
    found = hashlib.sha256(question.model_dump_json().encode()).digest()
    return base64.b32encode(found).decode().lower().rstrip("=")


def of_job(connection: Connection, job_id: str) -> dict[str, Asked]:
    """All that was asked, by digest."""
    seat = and_(seats.c.job_id == questions.c.job_id, seats.c.seat == questions.c.seat)
    rows = connection.execute(
        select(questions, seats.c.status).join(seats, seat, isouter=True).where(questions.c.job_id == job_id)
    )
    return {
        row.digest: Asked(
            question=Question.model_validate(row.document, strict=False),
            seat=row.seat,
            open=row.status in OPEN,
            reply=None if row.reply is None else Reply.model_validate(row.reply, strict=False),
        )
        for row in rows
    }


def heard(connection: Connection, asked: Iterable[Question]) -> dict[str, Heard]:
    """What was replied to these questions in any job of the transaction's tenant, by digest; the first reply counts."""
    seat = and_(seats.c.tenant_id == questions.c.tenant_id, seats.c.job_id == questions.c.job_id)
    rows = connection.execute(
        select(questions.c.job_id, questions.c.digest, questions.c.reply, seats.c.seat, seats.c.role)
        .add_columns(seats.c.asked, seats.c.ladder)
        .ext(distinct_on(questions.c.digest))
        .join(seats, and_(seat, seats.c.seat == questions.c.seat))
        .where(questions.c.digest.in_([digest(one) for one in asked]), questions.c.reply.is_not(None))
        .order_by(questions.c.digest, questions.c.created_at, questions.c.job_id)
    )
    return {row.digest: _heard(row) for row in rows}


def of_seat(connection: Connection, job_id: str, seat: int) -> Question | None:
    """What this seat is asked; None: it is no lead or judge."""
    found = select(questions.c.document).where(questions.c.job_id == job_id, questions.c.seat == seat)
    document = connection.execute(found).scalar_one_or_none()
    return None if document is None else Question.model_validate(document, strict=False)


def ask(
    connection: Connection, job: JobRow, put: Sequence[tuple[Question, SeatPlan]], *, late_after_s: float
) -> list[int] | None:
    """Open the panel again for one seat for each question, to be published once this is committed.

    Args:
        job: as it was claimed for synthesis; whoever claimed it since has the say.
        put: the questions, at least one, each with whom to ask; the seats take the job's next numbers.
        late_after_s: from then on the synthesis goes on without their replies.

    Returns:
        The seats' numbers; None: the synthesis is somebody else's by now, or the job has ended.
    """
    late_at = _NOW + func.make_interval(0, 0, 0, 0, 0, 0, late_after_s)
    opened = connection.execute(
        update(jobs)
        .where(
            jobs.c.id == job.id,
            jobs.c.status == JobStatus.SYNTHESIZING,
            jobs.c.synthesis_epoch == job.synthesis_epoch,
            jobs.c.open_seats == 0,
        )
        .values(open_seats=len(put), closed_at=None, late_at=late_at, synthesis_lease_until=None)
    )
    if opened.rowcount != 1:
        return None
    last = connection.execute(select(func.max(seats.c.seat)).where(seats.c.job_id == job.id)).scalar_one()
    numbered = [plan.model_copy(update={"seat": int(last) + nth}) for nth, (_question, plan) in enumerate(put, 1)]
    seat_rows.add(connection, job.id, numbered, lane=job.priority)
    rows = [_row(job.id, question, plan.seat) for (question, _plan), plan in zip(put, numbered, strict=True)]
    connection.execute(insert(questions), rows)
    return [plan.seat for plan in numbered]


def pass_over(connection: Connection, job: JobRow, left: Iterable[Question]) -> None:
    """Note that nobody could be had, so that a synthesis that starts over goes the same way. Safe to repeat."""
    for question in left:
        row = _row(job.id, question, None)
        connection.execute(upsert(questions).values(row).on_conflict_do_nothing())


def answer(connection: Connection, claim: Claim, reply: JsonObject) -> None:
    """Keep what the claim's seat replied."""
    connection.execute(
        update(questions).where(questions.c.job_id == claim.job, questions.c.seat == claim.seat).values(reply=reply)
    )


def forget_unanswered(connection: Connection, job_id: str) -> None:
    """A job that goes on after its end may ask them again, or others: more of its seats may have answered by then."""
    connection.execute(delete(questions).where(questions.c.job_id == job_id, questions.c.reply.is_(None)))


def _heard(row: Row[Any]) -> Heard:
    plan = SeatPlan(
        seat=row.seat,
        role=row.role,
        asked=Target.parse(row.asked),
        ladder=tuple(Target.parse(target) for target in row.ladder),
    )
    reply = Reply.model_validate(row.reply, strict=False)
    return Heard(job_id=row.job_id, digest=row.digest, plan=plan, reply=reply)


def _row(job_id: str, question: Question, seat: int | None) -> dict[str, object]:
    document = question.model_dump(mode="json")
    return {"job_id": job_id, "digest": digest(question), "seat": seat, "document": document}
