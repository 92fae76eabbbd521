"""What people say of results: of an item, of a result as a whole, or of what it misses.

Of an item or a result each person (each key) has one opinion, the newest. Of what was missed it may tell any number.
"""

import hashlib
from collections.abc import Sequence
from datetime import datetime
from typing import NamedTuple

from pydantic import ConfigDict
from sqlalchemy import ColumnElement, Connection, func, select
from sqlalchemy.dialects.postgresql import insert as upsert

from orchestrator.analysis.items import KINDS, Analysis, Item, Kind, Verdict
from orchestrator.errors import Erased, NotFound
from orchestrator.ids import new_id
from orchestrator.storage import jobs, results
from orchestrator.storage.caller_tables import feedback
from providers.calls import Value


class Opinion(Value):
    """What somebody says. `item_id` None: of the result as a whole. `text`: how it should be. `score`: 0 to 1."""

    job_id: str
    item_id: str | None = None
    verdict: Verdict
    text: str | None = None
    score: float | None = None


class FeedbackRow(Value):
    """An opinion as it is kept, with what the item was that it is about."""

    model_config = ConfigDict(extra="ignore", frozen=True)

    id: str
    job_id: str
    item_id: str
    kind: Kind | None
    confidence: float | None
    verdict: Verdict
    text: str | None
    score: float | None
    key_id: str
    at: datetime


class Given(NamedTuple):
    """`is_new` False: the person had said something of it before, which this replaces."""

    row: FeedbackRow
    is_new: bool


def give(connection: Connection, opinion: Opinion, key_id: str) -> Given:
    """Keep an opinion. Saying the same twice is the same as once.

    Raises:
        NotFound: the transaction's tenant has no such job, or its result has no such item.
        Erased: the job's content is gone.
    """
    jobs.whole(connection, opinion.job_id)
    found = None if opinion.item_id is None else _item(connection, opinion.job_id, opinion.item_id)
    names = {
        "job_id": opinion.job_id,
        "item_id": opinion.item_id or "",
        "key_id": key_id,
        "about": _about(opinion),
    }
    said = {
        "kind": None if found is None else found[0],
        "confidence": None if found is None else found[1].confidence,
        "verdict": opinion.verdict,
        "text": opinion.text,
        "score": opinion.score,
    }
    fresh = new_id("fbk")
    statement = (
        upsert(feedback)
        .values(id=fresh, **names, **said)
        .on_conflict_do_update(constraint="uq_feedback_once", set_={**said, "at": func.clock_timestamp()})
        .returning(feedback)
    )
    row = connection.execute(statement).mappings().one_or_none()
    if row is None:
        raise Erased("What was said in this job has been erased.")  # meanwhile
    return Given(FeedbackRow.model_validate(dict(row)), is_new=row["id"] == fresh)


def page(connection: Connection, conditions: Sequence[ColumnElement[bool]], limit: int) -> list[FeedbackRow]:
    """The newest of the transaction's tenant that meet all conditions."""
    statement = select(feedback).where(*conditions).order_by(feedback.c.id.desc()).limit(limit)
    return [FeedbackRow.model_validate(dict(row)) for row in connection.execute(statement).mappings()]


def _item(connection: Connection, job_id: str, item_id: str) -> tuple[Kind, Item]:
    document = results.read_result(connection, job_id)
    analysis = None if document is None else Analysis.model_validate(document)
    for kind in KINDS:
        for item in () if analysis is None else analysis.of(kind):
            if item.id == item_id:
                return kind, item
    raise NotFound("The job's result has no such item.")


def _about(opinion: Opinion) -> str:
    """What tells one missed thing from another: its words, of which no trace may outlive them."""
    if opinion.verdict != "missing":
        return ""
    return hashlib.sha256((opinion.text or "").encode()).hexdigest()[:24]
