"""Transcripts: stored once, compressed by us, read whole."""

import zlib
from typing import Final

from sqlalchemy import Connection, func, insert, select, update

from orchestrator.errors import NotFound
from orchestrator.ids import new_id
from orchestrator.meeting.transcript import Transcript
from orchestrator.storage.tables import jobs, transcripts

MOST_TOLD: Final = 100  # jobs that share a transcript, in the answer to who erases one of them
_LEVEL: Final = 3  # 159 KB of talk: 2.5 ms to 35 % of its size; level 6 takes 6.6 ms for 32 %


def add(connection: Connection, transcript: Transcript) -> str:
    """Store it for the transaction's tenant; returns its id."""
    body = zlib.compress(transcript.model_dump_json(exclude_none=True).encode(), _LEVEL)
    transcript_id = new_id("trn")
    connection.execute(insert(transcripts).values(id=transcript_id, body=body, words=transcript.words))
    return transcript_id


def read(connection: Connection, transcript_id: str, *, hold: bool = False) -> Transcript:
    """A stored transcript.

    Args:
        hold: nobody erases it until the transaction ends.

    Raises:
        NotFound: the tenant has no such transcript, or it has been erased.
    """
    found = select(transcripts.c.body).where(transcripts.c.id == transcript_id, transcripts.c.erased_at.is_(None))
    statement = found.with_for_update(read=True, key_share=True) if hold else found
    body = connection.execute(statement).scalar_one_or_none()
    if body is None:
        raise NotFound(f"There is no transcript {transcript_id}.")
    return Transcript.model_validate_json(zlib.decompress(body))


def erase_unused(connection: Connection, transcript_id: str) -> list[str]:
    """Empty a transcript if no job is left that has not been erased; else the newest of those that are, `MOST_TOLD`.

    Waits for whoever is making a job of it. Safe to repeat.
    """
    this = transcripts.c.id == transcript_id
    connection.execute(select(transcripts.c.id).where(this).with_for_update())
    using = jobs.c.transcript_id == transcript_id, jobs.c.erased_at.is_(None)
    statement = select(jobs.c.id).where(*using).order_by(jobs.c.id.desc()).limit(MOST_TOLD)
    users = list(connection.execute(statement).scalars())
    if not users:
        emptied = update(transcripts).where(this, transcripts.c.erased_at.is_(None))
        connection.execute(emptied.values(body=b"", erased_at=func.clock_timestamp()))
    return users
