"""The meeting that was posted: read, or found among those that the tenant has stored."""

import secrets
from typing import Final
from zlib import crc32

from sqlalchemy import Connection

from orchestrator.errors import EmptyTranscript, InvalidRequest, NotFound
from orchestrator.meeting import reading, speakers
from orchestrator.meeting.transcript import Transcript
from orchestrator.routing.request import MeetingFacts, PostedTranscript, as_utterances
from orchestrator.storage import transcripts

_BOUNDARY_BYTES: Final = 16  # 128 random bits: nobody guesses the line that ends the frame


def read_transcript(connection: Connection, posted: PostedTranscript) -> Transcript:
    """The meeting that was posted, or that the tenant has stored.

    Raises:
        UnparseableTranscript, EmptyTranscript, InvalidRequest: there is none in it.
    """
    if posted.content is not None:
        return reading.read(posted.content, posted.format)
    if posted.utterances is not None:
        return _from_utterances(posted)
    try:
        return transcripts.read(connection, posted.transcript_id or "", hold=True)
    except NotFound as error:
        raise InvalidRequest(error.message, pointer="/transcript/transcript_id") from error


def read_meeting(connection: Connection, posted: PostedTranscript, facts: MeetingFacts) -> Transcript:
    """The same with each speaker under one name. Raises as `read_transcript`."""
    people = [(person.name, *person.aliases) for person in facts.participants]
    return speakers.merged(read_transcript(connection, posted), people)


def new_boundary() -> str:
    """What the lines around a job's transcript carry: nobody who speaks in it can know it."""
    return secrets.token_urlsafe(_BOUNDARY_BYTES)


def turn_of(transcript: Transcript) -> int:
    """Where round-robin stands: by the meeting, so that a preview and its job take the same turn."""
    return crc32(f"{transcript.words} {transcript.utterances[-1].text}".encode())


def _from_utterances(posted: PostedTranscript) -> Transcript:
    utterances = as_utterances(posted.utterances or ())
    if not utterances:
        raise EmptyTranscript("The transcript holds no words.")
    if len({utterance.id for utterance in utterances}) != len(utterances):
        raise InvalidRequest("Two utterances have the same id.", pointer="/transcript/utterances")
    return Transcript(utterances=utterances)
