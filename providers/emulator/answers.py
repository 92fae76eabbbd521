"""What an emulated model says: a function of the prompt, the model, the mode and the seed, and of nothing else. Pure.

Asked for the meeting schema, it reports true quotes of the meeting that stands in the prompt. Models agree on most
items and differ on some, in choice and in wording, as real panels do.
"""

import json
import re
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Final

from pydantic import JsonValue

from providers.emulator import meeting as meetings
from providers.emulator import opinions
from providers.emulator.described import schema_in
from providers.emulator.drafts import KINDS, Draft, DraftItem
from providers.emulator.draws import digest, fraction, pick
from providers.emulator.instances import fill
from providers.emulator.material import Find, piles
from providers.emulator.meeting import Meeting
from providers.emulator.modes import HONEST, Mode, apply

KEEP_SHARED: Final = 0.88  # a model's chance to report what all could report: two models share about 0.8 of it
ADD_OWN: Final = 0.25  # its chance to add a find that most leave out
SHARE_TYPE: Final = 0.75  # its chance to hold the meeting to be of the type that most hold it to be

_MEETING_FIELDS: Final = frozenset({"summary", "action_items", "decisions"})
_LEAD_IN = re.compile(r"^(?:(?:okay|ok|so|well|uh|um|yeah|yes|right|and|but)\b[,.\s]*)+", re.I)
_PROMISE = re.compile(r"\bI(?:'ll| will| can)\b", re.I)
_DUE = re.compile(
    r"\b(?:by |on |before |until )?(?:(?:next |this )?(?:mon|tues|wednes|thurs|fri|satur|sun)day|tomorrow|today|"
    r"next (?:week|month|meeting)|the end of the (?:day|week|month))\b",
    re.I,
)
_DAY = re.compile(r"\b\d{4}-\d{2}-\d{2}\b")


@dataclass(frozen=True)
class Question:
    """What the model is shown. `schema` is None for free text; `json_only` asks for any JSON object.

    Then the model keeps to a schema that the prompt tells it in words, as a good one does.
    """

    model: str
    texts: tuple[str, ...]
    schema: dict[str, JsonValue] | None = None
    json_only: bool = False

    @property
    def digest(self) -> str:
        """Names the prompt."""
        return digest(*self.texts)


@dataclass(frozen=True)
class Answer:
    """The text, and the texts of the items that the mode planted in it."""

    text: str
    planted: tuple[str, ...] = ()


def answer(question: Question, seed: int, mode: Mode = HONEST) -> Answer:
    """What the model says."""
    meeting = next(filter(None, map(meetings.find, question.texts)), None)
    schema = question.schema
    if schema is None and not question.json_only:
        return Answer(_prose(question, meeting, seed))
    schema = schema or schema_in(question.texts)
    opinion = opinions.find(question.texts, question.model, seed)
    if opinion is not None:
        return Answer(_dump(opinion))
    if schema is not None and not _is_meeting(schema):
        return Answer(_dump(fill(schema, None, digest(seed, question.model, question.digest))))
    draft = apply(mode, _draft(meeting, question.model, seed), meeting, digest(seed, question.model))
    facts = _facts(draft) | _type(schema, meeting, question.model, seed)
    shaped = fill(schema, facts, digest(seed, question.model)) if schema is not None else facts
    return Answer(_dump(shaped), draft.planted)


def _type(schema: dict[str, JsonValue] | None, meeting: Meeting | None, model: str, seed: int) -> dict[str, JsonValue]:
    """Of what type the model holds the meeting to be, where the schema lists types to choose from. By lot: which one it
    is, is not the point; that most models agree on it, and some do not, is.
    """
    properties = (schema or {}).get("properties")
    asked = properties.get("meeting_type") if isinstance(properties, dict) else None
    types = asked.get("enum") if isinstance(asked, dict) else None
    if meeting is None or not isinstance(types, list) or not types:
        return {}
    shares = fraction(seed, model, meeting.digest, "type") < SHARE_TYPE
    return {"meeting_type": pick(types, meeting.digest, "type", *(() if shares else (seed, model)))}


def _draft(meeting: Meeting | None, model: str, seed: int) -> Draft:
    if meeting is None:
        return Draft("und", "No meeting was shown.", ("No meeting was shown.",), ())
    items = tuple(
        _item(kind, found, model, seed) for kind in piles(meeting) for found in _chosen(meeting, kind, model, seed)
    )
    quotes = list(dict.fromkeys(item.quote for item in items))
    return Draft(meeting.language, " ".join(quotes[:4]), tuple(quotes[:5]), items)


def _chosen(meeting: Meeting, kind: str, model: str, seed: int) -> Iterable[Find]:
    """This model's finds of a kind, in the order in which they were said."""
    pile = piles(meeting)[kind]

    def wants(found: Find, chance: float) -> bool:
        return fraction(seed, model, meeting.digest, kind, found.utterance.id) < chance

    kept = [found for found in pile.shared if wants(found, KEEP_SHARED)] or list(pile.shared[:1])
    return sorted(
        kept + [found for found in pile.reserve if wants(found, ADD_OWN)],
        key=lambda found: int(found.utterance.id[1:]),
    )


def _item(kind: str, found: Find, model: str, seed: int) -> DraftItem:
    said = found.utterance
    due, day = _DUE.search(said.text), _DAY.search(said.text)
    return DraftItem(
        kind=kind,
        text=_worded(found, model, seed),
        utterance=said.id,
        quote=found.quote,
        owner=said.speaker if _PROMISE.search(said.text) else "",
        due_text=due[0] if due else "",
        due_date=day[0] if day else "",
    )


def _worded(found: Find, model: str, seed: int) -> str:
    """The same find in the model's own words: near enough to the quote for anyone to see that they mean the same."""
    plain = _LEAD_IN.sub("", found.quote) or found.quote
    plain = plain[0].upper() + plain[1:]
    speaker = found.utterance.speaker
    wordings = (plain, found.quote, plain.rstrip(".!"), f"{speaker}: {plain}" if speaker else plain)
    return pick([words for words in wordings if words], seed, model, found.utterance.id, "wording")


def _facts(draft: Draft) -> dict[str, JsonValue]:
    """Everything that is known, under each name by which a meeting schema may ask for it."""
    lists: dict[str, JsonValue] = {
        kind: [_item_facts(item, place) for place, item in enumerate(draft.of(kind), start=1)] for kind in KINDS
    }
    summary: JsonValue = {
        "text": draft.summary,
        "bullets": list(draft.bullets),
        "headline": draft.bullets[0],
        "short": draft.bullets[0],
        "detailed": draft.summary,
    }
    return {"language": draft.language, "summary": summary, **lists, "open_questions": lists["questions"]}


def _item_facts(item: DraftItem, place: int) -> JsonValue:
    named: dict[str, JsonValue] = dict.fromkeys(("text", "title", "task", "question", "summary"), item.text)
    return named | {
        "id": f"{item.kind}-{place}",
        "owner": item.owner,
        "due_text": item.due_text,
        "due_date": item.due_date,
        "segment_ids": [item.utterance],
        "evidence": [{"utterance": item.utterance, "segment_id": item.utterance, "quote": item.quote}],
    }


def _prose(question: Question, meeting: Meeting | None, seed: int) -> str:
    if meeting is not None:
        return _draft(meeting, question.model, seed).summary
    word = pick(("Understood", "Noted", "Certainly"), seed, question.model, question.digest)
    return f"{word}. This is an emulated answer to prompt {question.digest}."


def _is_meeting(schema: dict[str, JsonValue]) -> bool:
    properties = schema.get("properties")
    return isinstance(properties, dict) and properties.keys() >= _MEETING_FIELDS


def _dump(value: JsonValue) -> str:
    return json.dumps(value, ensure_ascii=False, separators=(",", ":"))
