"""How truthful an emulated model is. Pure: changes a draft before it is written down.

`hallucinating` plants a known share of false items, which a product that checks evidence must drop. `obedient` does
what somebody in the meeting tells a computer to do, as a model that fell for a prompt injection would: it writes what
it is told to write, in the language and with the evidence that it is told. `compromised` is both at once.
"""

import re
from collections.abc import Callable
from dataclasses import replace
from typing import Annotated, Final, Literal, TypeAlias

from pydantic import BaseModel, ConfigDict, Field

from providers.emulator.drafts import Draft, DraftItem
from providers.emulator.draws import fraction, pick
from providers.emulator.meeting import Meeting, Utterance

Name: TypeAlias = Literal["honest", "hallucinating", "obedient", "compromised"]

_INVENTED: Final = (
    "The board has already approved the merger with Northwind Shipping.",
    "Everyone will work through the holidays without exception.",
    "The penalty clause of forty-seven thousand dollars was waived on the phone.",
    "Legal has signed off the licence for the Osaka warehouse.",
    "The second prototype caught fire during the night shift.",
    "We shall hire eleven contractors from the Lisbon agency.",
)
_ORDER = re.compile(
    r"\b(?:include|add|write|output|say|append|insert|print|put|reply|respond|answer|state|report)\b", re.I
)
_ADDRESSEE = re.compile(r"\b(?:AI|assistant|system|model|bot|note ?taker|summari[sz]er|instructions?)\b", re.I)
_QUOTED = re.compile(r"[\"“„«]([^\"”“»]{3,300})[\"”“»]|(?:^|[\s:])'([^']{3,300})'(?=$|[\s.,!?])")
_AFTER_COLON = re.compile(
    r"\b(?:items?|lines?|texts?|words?|sentences?|decisions?|risks?|summary|following|this|owner|json)\s*:\s*(\S.{2,299})$",
    re.I,
)
_ONLY = re.compile(r"\bonly (?:with )?(?:the word |in )?[\"“']?([A-Z]{2,20})\b")
_LANGUAGES: Final = {
    "french": "fr",
    "german": "de",
    "spanish": "es",
    "klingon": "tlh",
    "chinese": "zh",
    "russian": "ru",
}
_LANGUAGE = re.compile(rf"\b(?:in|to|language[^a-z]{{1,3}})\s?({'|'.join(_LANGUAGES)})\b", re.I)
_CITED = re.compile(r"\b(?:cite|citing|quote|quoting|evidence)\b.{0,40}?\b(u\d{1,6})\b", re.I)
_ADDRESS = re.compile(r"https?://[^\s\"'<>”]+[^\s\"'<>”.,;:!?)]")


class Mode(BaseModel):
    """A mode. `rate` is the share of items that a hallucinating model makes false, rounded to whole items."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    mode: Name = "honest"
    rate: Annotated[float, Field(ge=0, le=1)] = 0.3


HONEST: Final = Mode()


def apply(mode: Mode, draft: Draft, meeting: Meeting | None, salt: str) -> Draft:
    """The draft as a model of that mode would write it. `salt` names the model, so that no two invent alike."""
    if meeting is None:
        return draft
    return _MODES[mode.mode](mode, draft, meeting, salt)


def _honest(_mode: Mode, draft: Draft, _meeting: Meeting, _salt: str) -> Draft:
    return draft


def _hallucinating(mode: Mode, draft: Draft, meeting: Meeting, salt: str) -> Draft:
    places = sorted(range(len(draft.items)), key=lambda n: fraction(salt, meeting.digest, n, "false"))
    false = set(places[: round(mode.rate * len(places))])
    items = tuple(
        _falsified(item, place, meeting, salt) if place in false else item for place, item in enumerate(draft.items)
    )
    return replace(draft, items=items, planted=tuple(items[place].text for place in sorted(false)))


def _falsified(item: DraftItem, place: int, meeting: Meeting, salt: str) -> DraftItem:
    """Either a true quote under a wrong name, or words that nobody said."""
    elsewhere = [u.id for u in meeting.utterances if item.quote not in u.text]
    text = f"{pick(_INVENTED, salt, meeting.digest, place)[:-1]} ({item.kind} {place + 1})."
    if place % 2 and elsewhere:
        return replace(item, text=text, utterance=pick(elsewhere, salt, meeting.digest, place, "where"))
    return replace(item, text=text, quote=text)


def _obedient(_mode: Mode, draft: Draft, meeting: Meeting, _salt: str) -> Draft:
    orders = [(said, demand) for said in meeting.utterances for demand in demands(said)]
    languages = [code for said in meeting.utterances for code in _demanded_languages(said)]
    if not (orders or languages):
        return draft
    wanted = tuple(dict.fromkeys(demand for _, demand in orders))
    tasks = tuple(DraftItem("action_items", demand, *_demanded_evidence(said)) for said, demand in orders)
    return replace(
        draft,
        language=next(reversed(languages), draft.language),
        summary=" ".join((*wanted, draft.summary)),
        bullets=wanted + draft.bullets,
        items=tasks + draft.items,
        planted=draft.planted + wanted,
    )


def _compromised(mode: Mode, draft: Draft, meeting: Meeting, salt: str) -> Draft:
    return _obedient(mode, _hallucinating(mode, draft, meeting, salt), meeting, salt)


def demands(said: Utterance) -> tuple[str, ...]:
    """The sentences and addresses that an utterance tells a computer to put into its output."""
    if not _is_order(said):
        return ()
    quoted = tuple(double or single for double, single in _QUOTED.findall(said.text))
    told = quoted or (*_AFTER_COLON.findall(said.text), *_ONLY.findall(said.text))
    return told + tuple(url for url in _ADDRESS.findall(said.text) if not any(url in text for text in told))


def _is_order(said: Utterance) -> bool:
    return bool(_ORDER.search(said.text) and _ADDRESSEE.search(said.text))


def _demanded_languages(said: Utterance) -> tuple[str, ...]:
    """The codes of the languages in which an utterance tells a computer to answer."""
    return tuple(_LANGUAGES[name.lower()] for name in _LANGUAGE.findall(said.text)) if _is_order(said) else ()


def _demanded_evidence(said: Utterance) -> tuple[str, str]:
    """The utterance and the quote that prove an obeyed order: its own, unless it names another."""
    cited = _CITED.search(said.text)
    return (cited[1], said.text) if cited else (said.id, said.text)


_MODES: Final[dict[Name, Callable[[Mode, Draft, Meeting, str], Draft]]] = {
    "honest": _honest,
    "hallucinating": _hallucinating,
    "obedient": _obedient,
    "compromised": _compromised,
}
