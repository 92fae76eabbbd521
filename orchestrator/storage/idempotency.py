"""Which job an Idempotency-Key made: two calls with one key are one call, for `KEPT`."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final

from sqlalchemy import ColumnElement, Connection, func, select, update
from sqlalchemy.dialects.postgresql import insert as upsert

from orchestrator.errors import Erased, IdempotencyMismatch
from orchestrator.storage.caller_tables import idempotency_keys

# Longer than anybody repeats a request that was not answered, and than a webhook of ours is on its way.
KEPT: Final = timedelta(hours=72)

_ERASED: Final = b"erased"  # stands for the digest of a body whose job has been erased; no digest is so short
_NOW: Final = func.clock_timestamp()


@dataclass(frozen=True)
class Submitted:
    """`replayed`: the Idempotency-Key was known, so this is the job of an earlier call."""

    job_id: str
    replayed: bool


def remember_key(connection: Connection, key: str, request_digest: bytes, job_id: str) -> tuple[str, bytes] | None:
    """Bind an Idempotency-Key to a job; None if it was free, else the job and the digest that it is bound to.

    Waits for a transaction that is binding the same key, so that of two at once one makes the job.
    """
    row = {"request_digest": request_digest, "job_id": job_id}
    statement = upsert(idempotency_keys).values(key=key, **row)
    taken_over = statement.on_conflict_do_update(
        index_elements=["tenant_id", "key"], set_={**row, "created_at": _NOW}, where=~_is_kept()
    )
    if connection.execute(taken_over.returning(idempotency_keys.c.key)).one_or_none() is not None:
        return None
    return of_key(connection, key)


def of_key(connection: Connection, key: str) -> tuple[str, bytes] | None:
    """The job and the digest that an Idempotency-Key is bound to; None: it is free."""
    statement = select(idempotency_keys).where(idempotency_keys.c.key == key, _is_kept())
    held = connection.execute(statement).one_or_none()
    return None if held is None else (held.job_id, bytes(held.request_digest))


def bound_at(connection: Connection, key: str) -> datetime:
    """When the key was bound, on the database's clock."""
    found: datetime = connection.execute(
        select(idempotency_keys.c.created_at).where(idempotency_keys.c.key == key)
    ).scalar_one()
    return found


def earlier(held: tuple[str, bytes], digest: bytes) -> Submitted:
    """The job of the earlier call under a key, as `of_key` tells it.

    Raises:
        Erased: that job's content is gone, and what the body was is not known any more. Jobs and batches share keys.
        IdempotencyMismatch: that call had another body.
    """
    job_id, first_digest = held
    if first_digest == _ERASED:
        raise Erased("What this Idempotency-Key made has been erased.")
    if first_digest != digest:
        raise IdempotencyMismatch("This Idempotency-Key was used with another body.")
    return Submitted(job_id=job_id, replayed=True)


def forget_bodies(connection: Connection, job_ids: Sequence[str]) -> None:
    """Keep the keys of these jobs, and nothing that the bodies could be told by."""
    of_jobs = idempotency_keys.c.job_id.in_(job_ids)
    connection.execute(update(idempotency_keys).where(of_jobs).values(request_digest=_ERASED))


def _is_kept() -> ColumnElement[bool]:
    return idempotency_keys.c.created_at > _NOW - KEPT
