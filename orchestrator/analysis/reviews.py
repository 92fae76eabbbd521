"""What a lead is asked about several models' drafts, and what may be read out of its answer. Pure.

The lead sees what code has checked: clusters of items that several seats have or one has, each under a number, with
their wordings and quotes, and the drafts' summaries and bullets, numbered too. It answers with these numbers and can
so invent nothing (ADR 0041); `reviewing` says what its answer may bring about. It sees neither seats nor models.

Cost is bounded by what is shown: `MAX_CLUSTERS` clusters in `MAX_CLUSTER_BYTES`, those with most support first;
`MAX_SUMMARIES` summaries and `MAX_BULLETS` bullets in `MAX_SUMMARY_BYTES` each list. With the instruction that is
below 60,000 bytes, some 15,000 tokens of English; a test holds it.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Final, Literal, TypeAlias

from pydantic import BaseModel, ConfigDict, StrictInt, ValidationError

from orchestrator.analysis.agreeing import Weighed
from orchestrator.analysis.items import Item, Kind, Summary
from orchestrator.analysis.replies import UnreadableReply, the_object
from orchestrator.analysis.showing import MAX_TEXT_CHARACTERS, RULES, frame, line, quotes, short, strict_object, within
from providers.calls import JsonObject, Message

SCHEMA_NAME: Final = "draft_review_v1"
MAX_CLUSTERS: Final = 120  # more than an hour's meeting holds; what is not shown is decided by the rule
MAX_CLUSTER_BYTES: Final = 40_000
MAX_WORDINGS: Final = 3  # of a cluster
MAX_SUMMARIES: Final = 6
MAX_BULLETS: Final = 40
MAX_SUMMARY_BYTES: Final = 8_000
LONGEST_SUMMARY: Final = 1_200  # in characters; six sentences were asked for
MAX_OUTPUT_TOKENS: Final = 6_000  # a decision is some 20 tokens; the rest is room to think

Decision: TypeAlias = Literal["keep", "drop", "merge"]

SYSTEM: Final = f"""\
You review drafts of a meeting's analysis that several models wrote independently.
{RULES}
Every quote was found in the transcript by a program. You can neither add nor change anything: you choose by number."""

INSTRUCTION: Final = """\
Each line with "cluster" is one item, as one or several of the drafts have it; "drafts" says how many. Answer with one \
JSON object and nothing else:
- decisions: one for each cluster, by its number. decision: "keep" if its quotes prove it and a reader of the analysis \
needs it; "drop" if they do not prove it, or if it is of no consequence; "merge" if another cluster of its kind says \
the same, with that one's number in into. wording: the number of the clearest true wording, from 1. into: 0 unless you \
merge.
- summary: the number of the truest summary, from 1.
- bullets: the numbers of the three to seven bullets that together tell the meeting best, in their order."""

SCHEMA: Final[JsonObject] = strict_object(
    {
        "decisions": {
            "type": "array",
            "items": strict_object(
                {
                    "cluster": {"type": "integer"},
                    "decision": {"type": "string", "enum": ["keep", "drop", "merge"]},
                    "wording": {"type": "integer"},
                    "into": {"type": "integer"},
                }
            ),
        },
        "summary": {"type": "integer"},
        "bullets": {"type": "array", "items": {"type": "integer"}},
    }
)


@dataclass(frozen=True)
class Draft:
    """One cluster, the item that the rule makes of it, and its wordings, each once, the preferred one first."""

    kind: Kind
    weighed: Weighed
    item: Item
    wordings: tuple[str, ...]


@dataclass(frozen=True)
class Dossier:
    """What a lead may choose from. Numbers of its answer count from 1 in these orders; only what was shown counts.

    `messages` is what it is shown, `shown` how many of the drafts that are in it.
    """

    drafts: tuple[Draft, ...]
    summaries: tuple[Summary, ...]
    bullets: tuple[str, ...]
    shown: int
    messages: tuple[Message, ...]


class _Answered(BaseModel):
    model_config = ConfigDict(frozen=True, extra="ignore")


class Verdict(_Answered):
    """On one cluster. Any number may be none of ours."""

    cluster: StrictInt
    decision: Decision
    wording: StrictInt
    into: StrictInt


class Review(_Answered):
    """What a lead answered, read but not believed."""

    decisions: tuple[Verdict, ...]
    summary: StrictInt
    bullets: tuple[StrictInt, ...]


def read(text: str) -> Review:
    """Find the one JSON object in an answer and check its shape.

    Raises:
        UnreadableReply: there is none, it is malformed, or it is not the object that was asked for.
    """
    try:
        return Review.model_validate(the_object(text))
    except ValidationError:
        raise UnreadableReply("the answer is not the review that was asked for") from None


def dossier(
    drafts: Sequence[Draft], summaries: Sequence[Summary], *, seats: int, places: Mapping[str, int], boundary: str
) -> Dossier:
    """Number what there is to choose from, in an order of content alone, and write it down.

    Args:
        drafts: of all kinds, in the order of the transcript.
        summaries: of the candidates, in any order.
        seats: how many drafts of the whole meeting there are.
        places: of each utterance in the transcript, by id.
        boundary: frames what is shown.
    """
    ranked = sorted(drafts, key=lambda draft: -round(draft.weighed.support, 9))  # stable: then as the meeting went
    distinct = sorted({one for one in summaries if one.text}, key=lambda one: (one.text, one.bullets))[:MAX_SUMMARIES]
    bullets = list(dict.fromkeys(bullet for one in distinct for bullet in one.bullets))[:MAX_BULLETS]
    lines = within(MAX_CLUSTER_BYTES, (_cluster(n, one, places) for n, one in enumerate(ranked, 1)))[:MAX_CLUSTERS]
    summary_lines = within(MAX_SUMMARY_BYTES, _summaries(distinct))
    bullet_lines = within(MAX_SUMMARY_BYTES, _bullets(bullets))
    shown = frame("drafts", (*lines, *summary_lines, *bullet_lines), boundary)
    text = f"{shown}\n\nThere are {seats} drafts. {INSTRUCTION}"
    return Dossier(
        drafts=tuple(ranked),
        summaries=tuple(distinct[: len(summary_lines)]),
        bullets=tuple(bullets[: len(bullet_lines)]),
        shown=len(lines),
        messages=(Message(role="system", text=SYSTEM), Message(role="user", text=text)),
    )


def _cluster(number: int, draft: Draft, places: Mapping[str, int]) -> str:
    item = draft.item
    shown: JsonObject = {
        "cluster": number,
        "kind": draft.kind,
        "drafts": len(draft.weighed.cluster.seats),
        "wordings": [short(text, MAX_TEXT_CHARACTERS) for text in draft.wordings[:MAX_WORDINGS]],
        "quotes": quotes(item.evidence, places),
    }
    if item.owner:
        shown["owner"] = item.owner.name
    if item.due:
        shown["due"] = item.due.text
    return line(shown)


def _summaries(summaries: Sequence[Summary]) -> Iterator[str]:
    for number, one in enumerate(summaries, 1):
        yield line({"summary": number, "text": short(one.text, LONGEST_SUMMARY)})


def _bullets(bullets: Sequence[str]) -> Iterator[str]:
    for number, bullet in enumerate(bullets, 1):
        yield line({"bullet": number, "text": short(bullet, MAX_TEXT_CHARACTERS)})
