"""How good an analysis is, by checks that need no judge. Pure. Every component and the score lie in 0..1.

| component | formula |
|---|---|
| evidence | verified items the seats brought / (all of theirs + what was dropped); 1/2 when nothing was claimed |
| schema | answers read / (answers read + answers that could not be read, also those repaired later) |
| agreement | mean over the result's items of seats that have it / seats read; 1/2 when there is one seat or no item: nobody to agree, and nobody to disagree |
| duplicates | items that no other item of their kind repeats, by wording and proof / all items; 1/2 when there is none |
| coverage | stretches of the meeting that some item quotes / all stretches; ten of equal length, or one per utterance in a shorter meeting |
| language | seats whose own words are in the meeting's language / seats whose language can be told; 1/2 where none can; where the meeting's is not known, in the result's |

The score is their weighted mean; see `WEIGHTS`. What had nothing to look at counts half: a result without items is not
praised for what it did not do wrong. As it covers nothing, it has 0.7 at most, and 0.525 where no seat claimed anything.
"""  # noqa: E501  a row of a table cannot be broken

from collections.abc import Collection, Mapping, Sequence
from itertools import combinations
from typing import Final

from orchestrator.analysis.items import KINDS, Candidate, Item, Kind, Quality
from orchestrator.analysis.resemblance import apart, resemblance
from orchestrator.meeting.context import UNKNOWN_LANGUAGE

# Proof counts most: it is what a reader can check. Schema and language seldom fail, and are seen at once when they do.
# Repeated items raise agreement and coverage for nothing, so what they cost is taken from those two.
WEIGHTS: Final[dict[str, float]] = {
    "evidence": 0.35,
    "schema": 0.10,
    "agreement": 0.20,
    "duplicates": 0.10,
    "coverage": 0.15,
    "language": 0.10,
}
STRETCHES: Final = 10  # a tenth of a meeting without any item is worth a look
NOTHING_TO_JUDGE: Final = 0.5
PLACES: Final = 4
_ALIASES: Final = {"nb": "no", "nn": "no"}  # two written forms of one language (ISO 639-1 has codes for all three)


def score(
    items: Mapping[Kind, Sequence[Item]],
    candidates: Collection[Candidate],
    *,
    unreadable: int,
    places: Mapping[str, int],
    language: str,
    spoken: str | None,
) -> Quality:
    """Judge a synthesis.

    Args:
        items: by kind, as they stand in the result.
        candidates: of the seats that the synthesis read; at least one.
        unreadable: answers that `replies.read` refused, of all seats.
        places: of each utterance in the transcript, by id.
        language: of the result.
        spoken: the meeting's language where it is known.
    """
    whole = [item for kind in items.values() for item in kind]
    components = {
        "evidence": evidence(candidates),
        "schema": len(candidates) / (len(candidates) + unreadable),
        "agreement": agreement(whole, len(candidates)),
        "duplicates": unrepeated(items),
        "coverage": coverage(whole, places),
        "language": language_share(candidates, spoken or language),
    }
    total = sum(WEIGHTS[name] * value for name, value in components.items())
    return Quality(
        score=round(total, PLACES), components={name: round(value, PLACES) for name, value in components.items()}
    )


def evidence(candidates: Collection[Candidate]) -> float:
    """The share of what the seats claimed that was proved."""
    items = [item for candidate in candidates for kind in KINDS for item in candidate.of(kind)]
    proved = sum(item.verified for item in items)
    claimed = len(items) + sum(candidate.dropped for candidate in candidates)
    return proved / claimed if claimed else NOTHING_TO_JUDGE


def agreement(items: Collection[Item], seats: int) -> float:
    """How many of the seats have an item, on average."""
    if seats < 2 or not items:
        return NOTHING_TO_JUDGE
    return sum(len(item.seats) for item in items) / (seats * len(items))


def unrepeated(items: Mapping[Kind, Sequence[Item]]) -> float:
    """The share of items that stand once."""
    count = sum(map(len, items.values()))
    return sum(map(_standing_once, items.values())) / count if count else NOTHING_TO_JUDGE


def coverage(items: Collection[Item], places: Mapping[str, int]) -> float:
    """How much of the meeting is quoted somewhere."""
    stretches = min(STRETCHES, len(places))
    quoted = {
        places[utterance] * stretches // len(places)
        for item in items
        for piece in item.evidence
        for utterance in piece.utterances
    }
    return len(quoted) / stretches


def language_share(candidates: Collection[Candidate], wanted: str) -> float:
    """How many seats answered in a language, whatever its regional form; of those whose language can be told."""
    known = [_primary(candidate.language) for candidate in candidates if candidate.language != UNKNOWN_LANGUAGE]
    return sum(one == _primary(wanted) for one in known) / len(known) if known else NOTHING_TO_JUDGE


def _standing_once(items: Sequence[Item]) -> int:
    parts = [apart(item) for item in items]
    pairs = combinations(range(len(parts)), 2)
    repeated = {place for pair in pairs if resemblance(parts[pair[0]], parts[pair[1]]) for place in pair}
    return len(parts) - len(repeated)


def _primary(language: str) -> str:
    code = language.partition("-")[0].lower()
    return _ALIASES.get(code, code)
