"""Meetings, answers and candidates for the tests of analysis and synthesis, and hypothesis strategies for them."""

import json
from collections.abc import Mapping, Sequence
from typing import TypeAlias

from hypothesis import strategies as st
from pydantic import JsonValue

from orchestrator.analysis.identity import in_order, item_id, told_apart
from orchestrator.analysis.items import KINDS, Candidate, Due, Evidence, Item, Kind, Owner, Summary
from orchestrator.analysis.replies import RawCandidate
from orchestrator.meeting.transcript import Transcript, Utterance
from providers.calls import JsonObject


def meeting(*lines: str) -> Transcript:
    """A transcript of lines such as "Ann: We ship on Friday."; ids are s1, s2, ... and an utterance lasts 10 s."""
    return Transcript(
        utterances=tuple(
            Utterance(id=f"s{number}", speaker=speaker or None, start_s=10.0 * number, text=text)
            for number, (speaker, _, text) in enumerate((line.partition(": ") for line in lines), start=1)
        )
    )


def proof(utterance: str, quote: str) -> JsonObject:
    return {"utterance": utterance, "quote": quote}


def plain(text: str, *evidence: JsonObject) -> JsonObject:
    return {"text": text, "evidence": [*evidence]}


def action(text: str, *evidence: JsonObject, owner: str = "", due_text: str = "", due_date: str = "") -> JsonObject:
    return {**plain(text, *evidence), "owner": owner, "due_text": due_text, "due_date": due_date}


def answer(
    *,
    language: str = "en",
    text: str = "They met.",
    bullets: Sequence[str] = (),
    topics: Sequence[JsonObject] = (),
    decisions: Sequence[JsonObject] = (),
    action_items: Sequence[JsonObject] = (),
    risks: Sequence[JsonObject] = (),
    questions: Sequence[JsonObject] = (),
) -> JsonObject:
    """An answer as a model should write it."""
    return {
        "language": language,
        "summary": {"text": text, "bullets": [*bullets]},
        "topics": [*topics],
        "decisions": [*decisions],
        "action_items": [*action_items],
        "risks": [*risks],
        "questions": [*questions],
    }


def written(content: Mapping[str, JsonValue]) -> str:
    return json.dumps(content, ensure_ascii=False)


def raw(content: JsonObject) -> RawCandidate:
    return RawCandidate.model_validate(content)


def item(
    text: str, *utterances: str, kind: Kind = "decisions", seat: int = 0, confidence: float = 0.6, quote: str = ""
) -> Item:
    """An item proved by one piece of evidence in each utterance."""
    return Item(
        id=item_id(kind, utterances),
        text=text,
        evidence=tuple(Evidence(utterances=(name,), quote=quote or f"said in {name}") for name in utterances),
        confidence=confidence,
        seats=(seat,),
        verified=True,
    )


def candidate(*decisions: Item, language: str = "en", summary: str = "They met.", dropped: int = 0) -> Candidate:
    return Candidate(language=language, summary=Summary(text=summary, bullets=()), decisions=decisions, dropped=dropped)


def seated(found: Candidate, seat: int) -> Candidate:
    """The same candidate as if another seat had brought it."""
    lists: dict[str, tuple[Item, ...]] = {
        kind: tuple(one.model_copy(update={"seats": (seat,)}) for one in found.of(kind)) for kind in KINDS
    }
    return found.model_copy(update=lists)


PLACES: dict[str, int] = {f"s{number}": number - 1 for number in range(1, 25)}

# Few words and places, so that items of different seats meet often; a text is three words chosen by one number.
_WORDS = "ship release friday hire testers budget not approved report two".split()
_TEXTS = st.integers(0, 999).map(lambda n: " ".join(_WORDS[int(digit)] for digit in str(n)))
_OWNERS = (None, Owner(name="Ann Lee", id="u1"), Owner(name="Bo"), Owner(name="Friday"))
_DUES = (None, Due(text="Friday", date="2026-11-27"), Due(text="by Friday", date="2026-11-27"), Due(text="soon"))
_PROOFS = st.lists(st.tuples(st.integers(1, 8), st.integers(1, 2), _TEXTS), min_size=1, max_size=2, unique=True)
_ITEMS = st.lists(
    st.tuples(_TEXTS, _PROOFS, st.integers(0, 10_000), st.sampled_from(_OWNERS), st.sampled_from(_DUES)),
    max_size=3,
    unique_by=lambda drawn: drawn[0],
)

_Proof: TypeAlias = tuple[int, int, str]
_Drawn: TypeAlias = tuple[str, list[_Proof], int, Owner | None, Due | None]


@st.composite
def candidates(draw: st.DrawFn) -> Candidate:
    """Candidates as `evidence.check` leaves them: in order, ids unique, no text twice in a list; of seat 0."""
    return Candidate(
        language=draw(st.sampled_from(["en", "de", "und"])),
        summary=Summary(text=draw(_TEXTS), bullets=(draw(_TEXTS),)),
        decisions=_settled("decisions", [(*drawn[:3], None, None) for drawn in draw(_ITEMS)]),
        action_items=_settled("action_items", draw(_ITEMS)),
    )


def panels(min_seats: int = 1, max_seats: int = 5) -> st.SearchStrategy[dict[int, Candidate]]:
    """Candidates by seat."""
    lists = st.lists(candidates(), min_size=min_seats, max_size=max_seats)
    return lists.map(lambda found: {seat: seated(one, seat) for seat, one in enumerate(found)})


def _settled(kind: Kind, drawn: Sequence[_Drawn]) -> tuple[Item, ...]:
    return told_apart(in_order((_item(kind, *parts) for parts in drawn), PLACES))


def _item(
    kind: Kind,
    text: str,
    proofs: Sequence[_Proof],
    confidence: int,
    owner: Owner | None,
    due: Due | None,
) -> Item:
    pieces = tuple(
        Evidence(utterances=tuple(f"s{number}" for number in range(first, first + length)), quote=quote)
        for first, length, quote in sorted(proofs)
    )
    return Item(
        id=item_id(kind, (name for piece in pieces for name in piece.utterances)),
        text=text,
        evidence=pieces,
        confidence=confidence / 10_000,  # four places, as `evidence.check` gives them
        seats=(0,),
        verified=True,
        owner=owner,
        due=due,
    )
