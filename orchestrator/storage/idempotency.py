"""Which job an Idempotency-Key made: two calls with one key are one call."""

from sqlalchemy import Connection, select
from sqlalchemy.dialects.postgresql import insert as upsert

from orchestrator.storage.tables import idempotency_keys


def remember_key(connection: Connection, key: str, request_digest: bytes, job_id: str) -> tuple[str, bytes] | None:
    """Bind an Idempotency-Key to a job; None if it was free, else the job and the digest that it is bound to.

    Waits for a transaction that is binding the same key, so that of two at once one makes the job.
    """
    row = {"key": key, "request_digest": request_digest, "job_id": job_id}
    statement = upsert(idempotency_keys).values(**row).on_conflict_do_nothing().returning(idempotency_keys.c.key)
    if connection.execute(statement).one_or_none() is not None:
        return None
    return of_key(connection, key)


def of_key(connection: Connection, key: str) -> tuple[str, bytes] | None:
    """The job and the digest that an Idempotency-Key is bound to; None: it is free."""
    held = connection.execute(select(idempotency_keys).where(idempotency_keys.c.key == key)).one_or_none()
    return None if held is None else (held.job_id, bytes(held.request_digest))
