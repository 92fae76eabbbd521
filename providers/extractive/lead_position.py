"""The model `lead-position`: takes what stands where meetings put it. Pure.

Newspapers put the news first; meetings open with what they are about and close with what was settled and who does it.
The meeting is dealt into equal stretches. Their openings make topics and summary; what was said near the end, at the
end of its stretch, and met with assent, makes items, if its grammar has somebody acting (`stances.py`). The model knows
neither phrases nor which words matter.
"""

from collections.abc import Iterator, Sequence
from itertools import islice, pairwise
from typing import Final

from providers.extractive import amounts, assignments, circumstances, clauses, objections, owners, stances, tidy
from providers.extractive.conversation import Conversation, Statement
from providers.extractive.findings import Finding, Findings, Kind, distinct, plain

MIN_TERMS: Final = 3  # of a statement that stands for its stretch
SUMMARY_SENTENCES: Final = 5
BULLETS: Final = 7
LEADS: Final = 2  # sentences of the summary that come from the very beginning

# What the place adds: how late in the meeting, 0..1, and whether in the last third of its stretch.
LATENESS: Final = 1.5
CLOSING: Final = 0.4
CLOSING_FROM: Final = 2 / 3
SETTING: Final[dict[Kind, dict[str, float]]] = {
    "action_items": {"assent": 0.5, "taken": 0.8, "due": 1.0, "chair": 0.4, "thin": -1.5, "asks": -1.0, "long": -0.5},
    "decisions": {"assent": 0.8, "chair": 0.5, "number": 0.4, "thin": -1.5, "asks": -2.5, "long": -0.5},
    "risks": {},
    "questions": {"assent": -0.8, "thin": -1.0, "chair": -0.3},
    "topics": {},
}
# A kind's own threshold: an action needs more than that somebody acts late in the meeting.
THRESHOLD: Final[dict[Kind, float]] = {"action_items": 1.2, "decisions": 1.8, "questions": 0.9}


def analyse(conversation: Conversation) -> Findings:
    """Deal the meeting out, then take openings and endings."""
    stretches = list(_stretches(conversation))
    leads = [lead for stretch in stretches if (lead := _lead(stretch))]
    items: dict[Kind, tuple[Finding, ...]] = {
        "topics": distinct(plain(lead) for lead in leads),
        "decisions": distinct(plain(one) for one in _best(conversation, "decisions", stretches)),
        "action_items": _actions(conversation, stretches),
        "questions": distinct(plain(one) for one in _best(conversation, "questions", stretches)),
    }
    told = _telling(conversation, leads)
    return Findings(conversation.language, _sentences(told[:SUMMARY_SENTENCES]), _sentences(told[:BULLETS]), items)


def _stretches(conversation: Conversation) -> Iterator[Sequence[Statement]]:
    """As many as the meeting may have topics, of equal length."""
    statements = conversation.statements
    count = min(len(statements), amounts.of("topics", conversation.token_count))
    borders = [len(statements) * number // max(1, count) for number in range(count + 1)]
    return (statements[first:last] for first, last in pairwise(borders))


def _lead(stretch: Sequence[Statement]) -> Statement | None:
    """The first statement of a stretch that says something."""
    return next((one for one in stretch if len(set(one.terms)) >= MIN_TERMS and not one.asks), None)


def _best(conversation: Conversation, kind: Kind, stretches: Sequence[Sequence[Statement]]) -> list[Statement]:
    """The best placed statements of a kind, in the order of the meeting."""
    scores = {
        one.place: score
        for stretch in stretches
        for one in stretch
        if _may_be(conversation, one, kind) and (score := _score(conversation, one, kind, stretch)) >= THRESHOLD[kind]
    }
    limit = amounts.of(kind, conversation.token_count)
    places = sorted(scores, key=lambda place: (-scores[place], place))[:limit]
    return [conversation.statements[place] for place in sorted(places)]


def _may_be(conversation: Conversation, statement: Statement, kind: Kind) -> bool:
    if kind == "questions":
        return statement.asks
    stance = stances.of(conversation, statement)
    return stance == "we" if kind == "decisions" else stance in ("i", "you")


def _score(conversation: Conversation, statement: Statement, kind: Kind, stretch: Sequence[Statement]) -> float:
    setting = SETTING[kind]
    held = sum(setting[name] for name in circumstances.of(conversation, statement, setting))
    lateness = LATENESS * (statement.place + 1) / len(conversation.statements)
    closing = CLOSING if statement.place - stretch[0].place >= CLOSING_FROM * len(stretch) else 0.0
    return held + lateness + closing - objections.weight(statement, kind, conversation.language)


def _actions(conversation: Conversation, stretches: Sequence[Sequence[Statement]]) -> tuple[Finding, ...]:
    known = owners.roster(conversation)
    return distinct(
        assignments.write(conversation, one, one.speaker)
        if stances.of(conversation, one) == "i"
        else assignments.give(conversation, one, known)
        for one in _best(conversation, "action_items", stretches)
    )


def _telling(conversation: Conversation, leads: Sequence[Statement]) -> list[Statement]:
    """The first whole sentences of the meeting and of its stretches, in order; the very first where none is whole."""
    whole = (one for one in conversation.statements if _is_whole(one, conversation.language))
    first = [*islice(whole, LEADS), *(lead for lead in leads if _is_whole(lead, conversation.language))]
    told = {one.place: one for one in first or conversation.statements[:BULLETS]}
    return [told[place] for place in sorted(told)]


def _is_whole(statement: Statement, language: str) -> bool:
    return clauses.stands_alone(tidy.sentence(statement.text), language)


def _sentences(statements: Sequence[Statement]) -> tuple[str, ...]:
    return tuple(finding.text for finding in distinct(plain(one) for one in statements))
