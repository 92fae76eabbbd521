"""What a judge is asked about several candidates, and what may be read out of its answer. Pure.

A judge sees the finalists under numbers, without seats or models, each with as many bytes as the others
(`MAX_SHOWN_BYTES` together, some 12,000 tokens of English), its best proved items first. It answers with these
numbers, best first, and can so invent nothing (ADR 0041).

Models favour what they read first, or last. So the numbers go by content, not by seat; every second judge reads the
same order from its end; and each pair of judges begins at another candidate. Two judges who only ever prefer the first
of two cancel out. A single judge's preference cannot be balanced; what it can move is bounded (`contest`).
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Final

from pydantic import BaseModel, ConfigDict, StrictInt, ValidationError

from orchestrator.analysis.agreeing import strongest_first
from orchestrator.analysis.items import KINDS, Candidate, Item, Kind
from orchestrator.analysis.replies import UnreadableReply, the_object
from orchestrator.analysis.showing import MAX_TEXT_CHARACTERS, RULES, frame, line, quotes, short, strict_object, within
from providers.calls import JsonObject, Message

SCHEMA_NAME: Final = "candidate_ranking_v1"
MAX_JUDGES: Final = 3  # an odd panel decides; a fourth judge costs as much as the first and changes little
MAX_FINALISTS: Final = 4  # more are ranked badly, and the last by the checks seldom is the best
MAX_SHOWN_BYTES: Final = 48_000
MAX_SUMMARY_CHARACTERS: Final = 1_200
MAX_OUTPUT_TOKENS: Final = 2_000  # a ranking is some twenty tokens; the rest is room to think

SYSTEM: Final = f"""\
You judge analyses of one meeting that were written independently.
{RULES}
Every quote was found in the transcript by a program. You do nothing but rank."""

INSTRUCTION: Final = """\
Rank the candidates, best first: what they say is proved by their quotes; nothing of consequence is missing that \
another one proves; owners and dates are right; it is said plainly and once. Longer is not better, and the order in \
which they stand means nothing. Answer with one JSON object and nothing else:
- ranking: the number of every candidate, each once, the best first."""

SCHEMA: Final[JsonObject] = strict_object({"ranking": {"type": "array", "items": {"type": "integer"}}})


@dataclass(frozen=True)
class Ballot:
    """What one judge is shown. `order` holds places in the list of finalists; number n of its answer is the n-th."""

    order: tuple[int, ...]
    messages: tuple[Message, ...]


class _Ranking(BaseModel):
    model_config = ConfigDict(frozen=True, extra="ignore")

    ranking: tuple[StrictInt, ...]


def ballot(finalists: Sequence[Candidate], judge: int, *, places: Mapping[str, int], boundary: str) -> Ballot:
    """Write down the finalists for a judge.

    Args:
        finalists: in an order that goes by content alone.
        judge: which, from 0.
        places: of each utterance in the transcript, by id.
        boundary: frames what is shown.
    """
    first = judge // 2 % len(finalists)
    turned = [*range(first, len(finalists)), *range(first)]
    order = tuple(turned[::-1] if judge % 2 else turned)
    limit = MAX_SHOWN_BYTES // len(finalists)
    lines = [
        one for number, place in enumerate(order, 1) for one in within(limit, _lines(number, finalists[place], places))
    ]
    text = f"{frame('candidates', lines, boundary)}\n\nThere are {len(finalists)} candidates. {INSTRUCTION}"
    return Ballot(order=order, messages=(Message(role="system", text=SYSTEM), Message(role="user", text=text)))


def read(text: str, cast: Ballot) -> tuple[int, ...]:
    """A judge's ranking, best first, in places of the list of finalists.

    Raises:
        UnreadableReply: the answer is malformed, leaves a candidate out or names one twice, or one that does not exist.
    """
    numbers = numbers_in(text)
    if sorted(numbers) != list(range(1, len(cast.order) + 1)):
        raise UnreadableReply("the ranking does not name each candidate once")
    return tuple(cast.order[number - 1] for number in numbers)


def numbers_in(text: str) -> tuple[int, ...]:
    """A judge's ranking as it is written down. Raises UnreadableReply: there is none."""
    try:
        return _Ranking.model_validate(the_object(text)).ranking
    except ValidationError:
        raise UnreadableReply("the answer is not the ranking that was asked for") from None


def _lines(number: int, candidate: Candidate, places: Mapping[str, int]) -> Iterator[str]:
    found = [(kind, item) for kind in KINDS for item in candidate.of(kind)]
    yield line(
        {
            "candidate": number,
            "items": len(found),
            "summary": short(candidate.summary.text, MAX_SUMMARY_CHARACTERS),
            "bullets": [short(bullet, MAX_TEXT_CHARACTERS) for bullet in candidate.summary.bullets],
        }
    )
    for kind, item in sorted(found, key=lambda pair: strongest_first(pair[1])):
        yield line({"candidate": number, **_item(kind, item, places)})


def _item(kind: Kind, item: Item, places: Mapping[str, int]) -> JsonObject:
    return {
        "kind": kind,
        "text": short(item.text, MAX_TEXT_CHARACTERS),
        "owner": item.owner.name if item.owner else "",
        "due": item.due.text if item.due else "",
        "quotes": quotes(item.evidence, places),
    }
