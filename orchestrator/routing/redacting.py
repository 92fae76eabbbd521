"""What is hidden of a job's meeting: from what house and request ask for to what the job keeps of it. Pure.

A job keeps what was asked for and how many values there were, and no table of values: who needs the tokens makes them
of the transcript anew, and gets the same.
"""

from collections.abc import Mapping
from typing import NamedTuple

from orchestrator.meeting.redaction import NOTHING, Redaction, Wish
from orchestrator.meeting.tokens import Kind
from orchestrator.meeting.transcript import Transcript
from orchestrator.routing import contexts
from orchestrator.routing.request import MeetingFacts, Participant, RedactionWish
from providers.calls import JsonObject

KEPT_AS = "redaction"  # in a job's context


class Hiding(NamedTuple):
    """What is asked for of one meeting, and what that comes to; `made` None: nothing is hidden of it."""

    wish: Wish
    made: Redaction | None

    @property
    def kept(self) -> JsonObject:
        """What a job keeps of it; nothing where nothing is hidden."""
        if self.made is None:
            return {}
        return {
            KEPT_AS: {
                **self.wish.model_dump(mode="json"),
                "hidden": {str(kind): count for kind, count in self.made.hidden.items()},
            }
        }

    def shown(self, transcript: Transcript) -> Transcript:
        """The meeting as models see it."""
        return transcript if self.made is None else self.made.transcript

    def told(self, facts: MeetingFacts) -> MeetingFacts:
        """The facts as they may be told to models."""
        return facts if self.made is None else _told(facts, self.made)


def find(transcript: Transcript, facts: MeetingFacts, asked: RedactionWish | None, house: Wish) -> Hiding:
    """What the house demands, and what the request adds to it."""
    wish = house if asked is None else house.and_those_of(Wish(kinds=asked.kinds, terms=asked.terms))
    return Hiding(wish, of(transcript, wish, facts))


def of(transcript: Transcript, wish: Wish, facts: MeetingFacts) -> Redaction | None:
    """None: nothing shall be hidden."""
    if not wish.kinds:
        return None
    words = (*facts.glossary, *((facts.industry,) if facts.industry else ()))
    return Redaction(transcript, wish, contexts.people(facts), words)


def wish_in(kept: JsonObject) -> Wish:
    """What is hidden of the meeting of a job that keeps this."""
    found = kept.get(KEPT_AS)
    if not isinstance(found, dict):
        return NOTHING
    return Wish.model_validate({name: found[name] for name in Wish.model_fields}, strict=False)


def counts_in(kept: JsonObject) -> Mapping[Kind, int] | None:
    """How many values are hidden of each kind that was asked for; None: nothing was."""
    wish, found = wish_in(kept), kept.get(KEPT_AS)
    if not wish.kinds or not isinstance(found, dict):
        return None
    hidden = found.get("hidden")
    counted = hidden if isinstance(hidden, dict) else {}
    return {kind: int(str(counted.get(kind, 0))) for kind in wish.kinds}


def remark(kept: JsonObject) -> str:
    """What a result's label says of it; "" where nothing was to be hidden."""
    counts = counts_in(kept)
    if counts is None:
        return ""
    total = sum(counts.values())
    return f", {total or 'no'} {'value' if total == 1 else 'values'} hidden from models"


def lacks(kept: JsonObject, house: Wish) -> tuple[Kind, ...]:
    """Kinds that the house demands now, and with which the job was not posted; its terms count for new jobs alone."""
    have = wish_in(kept).kinds
    return tuple(kind for kind in house.kinds if kind not in have and kind != "custom")


def _told(facts: MeetingFacts, made: Redaction) -> MeetingFacts:
    hide = made.hide_name
    people = tuple(
        Participant.model_construct(name=hide(one.name), id=one.id, aliases=tuple(map(hide, one.aliases)))
        for one in facts.participants
    )
    industry = facts.industry and made.hide(facts.industry)
    glossary = tuple(map(made.hide, facts.glossary))
    return facts.model_copy(update={"participants": people, "glossary": glossary, "industry": industry})
