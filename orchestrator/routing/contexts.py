"""From a request to the context of its meeting, and to what a job keeps of both. Pure."""

from collections.abc import Sequence
from typing import Final

from orchestrator.meeting import detection
from orchestrator.meeting.context import UNKNOWN_LANGUAGE, Context, Finding, Person, Told
from orchestrator.meeting.transcript import Transcript
from orchestrator.routing import opinions
from orchestrator.routing.features import Features
from orchestrator.routing.request import MeetingFacts
from providers.calls import JsonObject

_VOTED: Final = "voted"


def find(transcript: Transcript, facts: MeetingFacts, features: Features) -> Context:
    """What the caller said, and what can be found out of the rest, if the house finds out things."""
    if features.context_aware_routing:
        return detection.detect(transcript, told(facts))
    return detection.counted(transcript, told(facts))


def told(facts: MeetingFacts) -> Told:
    return Told(
        title=facts.title,
        type=facts.type,
        industry=facts.industry,
        language=facts.language,
        participants=people(facts),
    )


def people(facts: MeetingFacts) -> tuple[Person, ...]:
    """Whom the caller named."""
    return tuple(Person(name=one.name, id=one.id, aliases=one.aliases) for one in facts.participants)


def known(facts: MeetingFacts, found: Context) -> MeetingFacts:
    """The caller's facts, with what was found out where they say nothing. A language that is not known stays null."""
    return facts.model_copy(update=_filled(facts, found))


def stored(facts: MeetingFacts, found: Context) -> JsonObject:
    """What a job keeps of its meeting: the caller's facts, and what was found out where they say nothing.

    `detected` tells the two apart: a finding that `Finding.told` holds of is the caller's word. A language that is not
    known stays null, as nothing can be held against it.
    """
    return {
        **facts.model_dump(mode="json"),
        **_filled(facts, found),
        "duration_s": found.duration_s,
        "words": found.words,
        "detected": found.model_dump(mode="json"),
    }


def facts_in(kept: JsonObject) -> MeetingFacts:
    """The caller's facts in what a job keeps, with what was found out where they say nothing."""
    said = {name: kept[name] for name in MeetingFacts.model_fields if name in kept}
    return MeetingFacts.model_validate(said, strict=False)


def after_votes(kept: JsonObject, votes: Sequence[str]) -> JsonObject:
    """What a job keeps once its seats have said of what type the meeting is.

    What was found out before stays beside it, so that a replay, with all of the seats or some, starts from the same.
    """
    ruled = _ruled(kept)
    if ruled is None:
        return kept
    resolved = opinions.resolve(ruled.type, votes)
    if resolved != ruled.type:
        return {**kept, "type": resolved.value, _VOTED: resolved.model_dump(mode="json")}
    if _VOTED not in kept:
        return kept
    return {**{name: value for name, value in kept.items() if name != _VOTED}, "type": ruled.type.value}


def found_in(kept: JsonObject) -> Context | None:
    """The context in what a job keeps, its type by the seats' votes where they had any; None: the job is older."""
    ruled, voted = _ruled(kept), kept.get(_VOTED)
    if ruled is None or voted is None:
        return ruled
    return ruled.model_copy(update={"type": Finding.model_validate(voted, strict=False)})


def _ruled(kept: JsonObject) -> Context | None:
    """As it was found out when the job came in. What a newer release added is passed over."""
    found = kept.get("detected")
    if not isinstance(found, dict):
        return None
    return Context.model_validate({name: found[name] for name in Context.model_fields if name in found}, strict=False)


def _filled(facts: MeetingFacts, found: Context) -> dict[str, str | None]:
    language = None if found.language.value == UNKNOWN_LANGUAGE else found.language.value
    return {
        "type": facts.type or found.type.value,
        "language": facts.language or language,
        "industry": facts.industry or (found.industry.value if found.industry else None),
    }
