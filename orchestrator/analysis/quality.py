"""How good an analysis is, by checks that need no judge. Pure. Every component and the score lie in 0..1.

| component | formula |
|---|---|
| evidence | items the seats brought / (these + what was dropped); 1 when nothing was claimed |
| schema | answers read / (answers read + answers that could not be read, also those repaired later) |
| agreement | mean over the result's items of seats that have it / seats read; 1/2 when there is one seat or no item: nobody to agree, and nobody to disagree |
| coverage | stretches of the meeting that some item quotes / all stretches; ten of equal length, or one per utterance in a shorter meeting |
| language | seats that answered in the meeting's language / seats; where it is not known, in the result's |

The score is their weighted mean; see `WEIGHTS`.
"""  # noqa: E501  a row of a table cannot be broken

from collections.abc import Collection, Mapping
from typing import Final

from orchestrator.analysis.items import KINDS, Candidate, Item, Quality

# Proof counts most: it is what a reader can check. Schema and language seldom fail, and are seen at once when they do.
WEIGHTS: Final[dict[str, float]] = {
    "evidence": 0.35,
    "schema": 0.10,
    "agreement": 0.25,
    "coverage": 0.20,
    "language": 0.10,
}
STRETCHES: Final = 10  # a tenth of a meeting without any item is worth a look
NO_SECOND_OPINION: Final = 0.5
PLACES: Final = 4


def score(
    items: Collection[Item],
    candidates: Collection[Candidate],
    *,
    unreadable: int,
    places: Mapping[str, int],
    language: str,
    spoken: str | None,
) -> Quality:
    """Judge a synthesis.

    Args:
        items: of every kind, as they stand in the result.
        candidates: of the seats that the synthesis read; at least one.
        unreadable: answers that `replies.read` refused, of all seats.
        places: of each utterance in the transcript, by id.
        language: of the result.
        spoken: the meeting's language where it is known.
    """
    components = {
        "evidence": evidence(candidates),
        "schema": len(candidates) / (len(candidates) + unreadable),
        "agreement": agreement(items, len(candidates)),
        "coverage": coverage(items, places),
        "language": language_share(candidates, spoken or language),
    }
    total = sum(WEIGHTS[name] * value for name, value in components.items())
    return Quality(
        score=round(total, PLACES), components={name: round(value, PLACES) for name, value in components.items()}
    )


def evidence(candidates: Collection[Candidate]) -> float:
    """The share of what the seats claimed that was proved."""
    proved = sum(len(candidate.of(kind)) for candidate in candidates for kind in KINDS)
    claimed = proved + sum(candidate.dropped for candidate in candidates)
    return proved / claimed if claimed else 1.0


def agreement(items: Collection[Item], seats: int) -> float:
    """How many of the seats have an item, on average."""
    if seats < 2 or not items:
        return NO_SECOND_OPINION
    return sum(len(item.seats) for item in items) / (seats * len(items))


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
    """How many seats answered in a language, whatever its regional form."""
    right = sum(_primary(candidate.language) == _primary(wanted) for candidate in candidates)
    return right / len(candidates)


def _primary(language: str) -> str:
    return language.partition("-")[0].lower()
