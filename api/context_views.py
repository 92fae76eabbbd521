"""From what a job keeps of its meeting to the context of the HTTP contract. Pure."""

from api.schemas import ContextView, DetectedView, FindingView, ParticipantView
from orchestrator.meeting.context import Attendee, Context, Finding
from orchestrator.routing import contexts
from providers.calls import JsonObject

_PLAIN = ("type", "language", "industry", "title", "duration_s", "words")


def context(kept: JsonObject) -> ContextView:
    """A job of an older release has no `detected`: its participants are those whom the caller named."""
    found = contexts.found_in(kept)
    return ContextView.model_validate(
        {
            **{name: kept.get(name) for name in _PLAIN},
            "participants": _named(kept) if found is None else tuple(map(_attendee, found.attendees)),
            "detected": None if found is None else detected(found),
        }
    )


def detected(found: Context) -> DetectedView:
    return DetectedView(
        type=_finding(found.type),
        language=_finding(found.language),
        industry=None if found.industry is None else _finding(found.industry),
        speakers=found.speakers,
        head_count=found.heads,
    )


def _named(kept: JsonObject) -> tuple[ParticipantView, ...]:
    people = kept.get("participants") or []
    return tuple(ParticipantView.model_validate(one) for one in people) if isinstance(people, list) else ()


def _attendee(one: Attendee) -> ParticipantView:
    return ParticipantView(
        name=one.name or one.speakers[0],
        id=one.id,
        speakers=one.speakers,
        role=None if one.role is None else _finding(one.role),
    )


def _finding(found: Finding) -> FindingView:
    return FindingView(value=found.value, confidence=found.confidence, because=found.because)
