"""From a transcript and what the caller said of it to the meeting's context. Pure; the caller's word always wins."""

from typing import Final

from orchestrator.meeting.context import TOLD, UNKNOWN_LANGUAGE, Context, Finding, Told
from orchestrator.meeting.detectors import attendees, industry, languages, meeting_types, phrases, roles, voices
from orchestrator.meeting.detectors.sample import sample
from orchestrator.meeting.transcript import Transcript

SWITCHED_OFF: Final = "context-aware routing is off"


def detect(transcript: Transcript, told: Told) -> Context:
    """Find out what the caller did not say."""
    said = phrases.tokens(sample(transcript))
    heard = voices.listen(transcript)
    language = _told(told.language) or languages.find(said)
    kind = _told(told.type) or meeting_types.find(
        told.title, said, heard, words=transcript.words, language=language.value
    )
    listed, heads = attendees.find(heard, told.participants, roles.find(transcript, heard, kind.value))
    return Context(
        type=kind,
        language=language,
        industry=_told(told.industry) or industry.find(said),
        speakers=heard.count,
        words=transcript.words,
        duration_s=transcript.duration_s,
        heads=heads,
        attendees=listed,
    )


def counted(transcript: Transcript, told: Told) -> Context:
    """The context where nothing shall be found out: what is counted, and what the caller said but for the type.

    The type is "general" for every meeting then, so that all are treated alike.
    """
    heard = voices.listen(transcript)
    listed, heads = attendees.find(heard, told.participants, {})
    return Context(
        type=Finding(value="general", confidence=1.0, because=(SWITCHED_OFF,)),
        language=_told(told.language) or Finding(value=UNKNOWN_LANGUAGE, confidence=0.0, because=(SWITCHED_OFF,)),
        industry=_told(told.industry),
        speakers=heard.count,
        words=transcript.words,
        duration_s=transcript.duration_s,
        heads=heads,
        attendees=listed,
    )


def _told(word: str | None) -> Finding | None:
    return None if word is None else Finding(value=word, confidence=1.0, because=(TOLD,))
