"""The model `topic-segments`: cuts the meeting where its vocabulary changes, and says what marks each stretch. Pure.

Within a stretch a statement counts by how many words it holds that belong to this stretch and not to the others (terms
weighed as TF-IDF weighs them, with stretches for documents). So each part of a meeting has its say, however long
another was talked about; the models that rank over the whole meeting give the loudest topic most places.
"""

from collections import Counter
from collections.abc import Mapping, Sequence
from itertools import chain
from math import log
from typing import Final

from providers.extractive import (
    amounts,
    assignments,
    circumstances,
    nouns,
    objections,
    owners,
    phrases,
    stances,
    summaries,
    tiling,
)
from providers.extractive.conversation import Conversation, Statement
from providers.extractive.findings import Finding, Findings, Kind, distinct, plain

STRETCHES: Final = 2  # as many stretches as topics would be too coarse to tell what marks one off
MIN_TERMS: Final = 3
SUMMARY_SENTENCES: Final = 5
BULLETS: Final = 7

SETTING: Final[dict[Kind, dict[str, float]]] = {
    "action_items": {"due": 1.0, "taken": 0.8, "assent": 0.4, "late": 0.6, "chair": 0.4, "asks": -1.0, "short": -1.2},
    "decisions": {"assent": 0.7, "chair": 0.6, "number": 0.4, "late": 0.3, "asks": -2.5, "short": -1.2},
    "questions": {"assent": -0.5, "short": -1.2},
}
THRESHOLD: Final[dict[Kind, float]] = {"action_items": 0.8, "decisions": 1.2, "questions": 0.5}


def analyse(conversation: Conversation) -> Findings:
    """Cut the meeting, then let each stretch speak."""
    limit = amounts.of("topics", conversation.token_count)
    stretches = tiling.segments(conversation.statements, STRETCHES * limit)
    marks = _marks(stretches)
    items: dict[Kind, tuple[Finding, ...]] = {
        "topics": _topics(conversation, stretches, marks, limit),
        "decisions": distinct(plain(one) for one in _best(conversation, "decisions", stretches, marks)),
        "action_items": _actions(conversation, stretches, marks),
        "questions": distinct(plain(one) for one in _best(conversation, "questions", stretches, marks)),
    }
    told = _telling(conversation, stretches, marks)
    return Findings(conversation.language, _sentences(told[:SUMMARY_SENTENCES]), _sentences(told), items)


def _marks(stretches: Sequence[Sequence[Statement]]) -> dict[int, float]:
    """How much each statement marks its stretch off from the others, by place; 1 for the one that does most."""
    held = [Counter(chain.from_iterable(one.terms for one in stretch)) for stretch in stretches]
    found: dict[int, float] = {}
    everywhere = Counter(chain.from_iterable(held))
    for stretch, counts in zip(stretches, held, strict=True):
        weights = {term: (1 + log(times)) * log(1 + len(held) / everywhere[term]) for term, times in counts.items()}
        worth = {one.place: sum(weights[term] for term in set(one.terms)) for one in stretch}
        most = max(worth.values(), default=0.0) or 1.0
        found |= {place: value / most for place, value in worth.items()}
    return found


def _best(
    conversation: Conversation, kind: Kind, stretches: Sequence[Sequence[Statement]], marks: Mapping[int, float]
) -> list[Statement]:
    """The best statements of a kind: each stretch's first one before any second, in the order of the meeting."""
    ranked = []
    for stretch in stretches:
        scores = {one: _score(conversation, one, kind, marks) for one in stretch if _may_be(conversation, one, kind)}
        fit = sorted(
            (one for one in scores if scores[one] >= THRESHOLD[kind]), key=lambda one: (-scores[one], one.place)
        )
        ranked += [(turn, -scores[one], one.place) for turn, one in enumerate(fit)]
    chosen = sorted(ranked)[: amounts.of(kind, conversation.token_count)]
    return [conversation.statements[place] for place in sorted(place for _turn, _score, place in chosen)]


def _may_be(conversation: Conversation, statement: Statement, kind: Kind) -> bool:
    if kind == "questions":
        return statement.asks
    stance = stances.of(conversation, statement)
    return stance == "we" if kind == "decisions" else stance in ("i", "you")


def _score(conversation: Conversation, statement: Statement, kind: Kind, marks: Mapping[int, float]) -> float:
    setting = SETTING[kind]
    held = sum(setting[name] for name in circumstances.of(conversation, statement, setting))
    return marks[statement.place] + held - objections.weight(statement, kind, conversation.language)


def _actions(
    conversation: Conversation, stretches: Sequence[Sequence[Statement]], marks: Mapping[int, float]
) -> tuple[Finding, ...]:
    known = owners.roster(conversation)
    return distinct(
        assignments.write(conversation, one, one.speaker)
        if stances.of(conversation, one) == "i"
        else assignments.give(conversation, one, known)
        for one in _best(conversation, "action_items", stretches, marks)
    )


def _topics(
    conversation: Conversation, stretches: Sequence[Sequence[Statement]], marks: Mapping[int, float], limit: int
) -> tuple[Finding, ...]:
    """The longest stretches that repeat something, headed by it, proved by the statement that holds most of it."""
    read = phrases.read(conversation.statements)
    known = nouns.learn(chain.from_iterable(read), conversation.language)
    headings = phrases.headings([phrases.count((read[s.place] for s in stretch), known) for stretch in stretches])
    headed = [(stretch, heading) for stretch, heading in zip(stretches, headings, strict=True) if heading]
    longest = sorted(headed, key=lambda pair: (-len(pair[0]), pair[0][0].place))[:limit]
    return distinct(
        _topic(stretch, heading, marks) for stretch, heading in sorted(longest, key=lambda pair: pair[0][0].place)
    )


def _topic(stretch: Sequence[Statement], heading: Sequence[str], marks: Mapping[int, float]) -> Finding:
    herald = max(stretch, key=lambda one: (phrases.held(one, heading) + marks[one.place], -one.place))
    return Finding(phrases.title(heading, herald), phrases.proof(herald, heading))


def _telling(
    conversation: Conversation, stretches: Sequence[Sequence[Statement]], marks: Mapping[int, float]
) -> list[Statement]:
    """The sentences that best stand for the longest stretches, several each where these are few, in the order of the
    meeting.
    """
    heralds: list[Statement] = []
    each = -(-BULLETS // max(1, len(stretches)))
    for stretch in sorted(stretches, key=lambda one: (-len(one), one[0].place))[:BULLETS]:
        fit = [one for one in stretch if len(set(one.terms)) >= MIN_TERMS and not one.asks] or list(stretch)
        ranked = sorted(fit, key=lambda one: (-marks[one.place], one.place))
        heralds += summaries.whole(ranked, conversation.language, each)
    return sorted(heralds[:BULLETS], key=lambda one: one.place)


def _sentences(statements: Sequence[Statement]) -> tuple[str, ...]:
    return tuple(finding.text for finding in distinct(plain(one) for one in statements))
