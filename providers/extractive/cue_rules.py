"""The model `cue-rules`: says what matched a phrase that people use to commit, decide, warn or ask. Pure.

Every statement is held against the cue tables. The weights of what matched add up, the setting adds or takes away
(who speaks, how late it is, whether others agree), and what reaches the threshold of its kind becomes an item. It knows
nothing of how central a statement is to the meeting, nor of where it stands in its topic: others know little else.
"""

import re
from bisect import bisect_left, bisect_right
from dataclasses import dataclass, replace
from typing import Final

from providers.extractive import amounts, assignments, circumstances, cues, objections, outline, owners, tidy
from providers.extractive.conversation import Conversation, Statement
from providers.extractive.cues import Cue
from providers.extractive.findings import Finding, Findings, Kind, distinct, plain

THRESHOLD: Final[dict[Kind, float]] = {
    "action_items": 3.0,
    "decisions": 3.0,
    "risks": 2.4,
    "questions": 2.6,
    "topics": 2.0,
}

# What the setting adds to the score of a kind.
SETTING: Final[dict[Kind, dict[str, float]]] = {
    "action_items": {"chair": 0.4, "late": 0.6, "due": 0.8, "assent": 0.3, "thin": -1.6, "asks": -0.4},
    "decisions": {"chair": 0.7, "late": 0.4, "number": 0.4, "assent": 0.5, "thin": -1.2, "asks": -2.5},
    "risks": {"thin": -1.0, "asks": -0.8, "number": 0.2},
    "questions": {"asks": 1.2, "thin": -1.4, "chair": -0.2},
    "topics": {"chair": 0.8, "thin": -1.5, "asks": -0.3},
}
# Tasks are given out in a row: others of the kind near by, even weak ones, make each of them likelier.
COMPANY: Final = 8  # statements before and after
COMPANION_SCORE: Final = 1.0
COMPANION_BONUS: Final = 0.4
MAX_COMPANIONS: Final = 3


@dataclass(frozen=True, slots=True)
class Verdict:
    """Why a statement may be an item: its score, the strongest cue, and what that cue matched."""

    statement: Statement
    score: float
    cue: Cue
    match: re.Match[str]


def analyse(conversation: Conversation) -> Findings:
    """Judge every statement and keep the best of each kind."""
    known = owners.roster(conversation)
    verdicts = _verdicts(conversation, known)
    chosen = {kind: _best(found, amounts.of(kind, conversation.token_count)) for kind, found in verdicts.items()}
    taken_on = {verdict.statement.place for verdict in chosen["action_items"]}
    decisions = [verdict for verdict in chosen["decisions"] if verdict.statement.place not in taken_on]
    items: dict[Kind, tuple[Finding, ...]] = {
        "topics": outline.announced(
            conversation, [(v.statement, v.match.string[v.match.end() :]) for v in chosen["topics"]]
        ),
        "decisions": distinct(plain(verdict.statement) for verdict in decisions),
        "action_items": distinct(_action(conversation, verdict, known) for verdict in chosen["action_items"]),
        "risks": distinct(plain(verdict.statement) for verdict in chosen["risks"]),
        "questions": distinct(plain(verdict.statement) for verdict in chosen["questions"]),
    }
    summary, bullets = outline.digest(conversation, items)
    return Findings(conversation.language, summary, bullets, items)


def _verdicts(conversation: Conversation, known: re.Pattern[str]) -> dict[Kind, list[Verdict]]:
    indexes = [cues.by_trigger(language) for language in cues.spoken(conversation.language)]
    found: dict[Kind, list[Verdict]] = {kind: [] for kind in THRESHOLD}
    for statement in conversation.statements:
        for kind, matches in _matches(statement, indexes, known).items():
            found[kind].append(_judge(conversation, statement, kind, matches))
    found["action_items"] = _in_company(found["action_items"])
    return {kind: _convincing(conversation, verdicts, kind) for kind, verdicts in found.items()}


def _convincing(conversation: Conversation, verdicts: list[Verdict], kind: Kind) -> list[Verdict]:
    """What reaches the threshold of its kind in spite of what speaks against it."""
    likely = [verdict for verdict in verdicts if verdict.score >= THRESHOLD[kind]]
    weighed = [
        replace(verdict, score=verdict.score - objections.weight(verdict.statement, kind, conversation.language))
        for verdict in likely
    ]
    return [verdict for verdict in weighed if verdict.score >= THRESHOLD[kind]]


def _in_company(verdicts: list[Verdict]) -> list[Verdict]:
    """Raise what stands among others of its kind: tasks are given out in a row."""
    likely = [verdict.statement.place for verdict in verdicts if verdict.score >= COMPANION_SCORE]
    raised = []
    for verdict in verdicts:
        place = verdict.statement.place
        company = bisect_right(likely, place + COMPANY) - bisect_left(likely, place - COMPANY)
        others = company - (verdict.score >= COMPANION_SCORE)
        raised.append(replace(verdict, score=verdict.score + min(MAX_COMPANIONS, others) * COMPANION_BONUS))
    return raised


def _matches(
    statement: Statement, indexes: list[dict[str, tuple[Cue, ...]]], known: re.Pattern[str]
) -> dict[Kind, list[tuple[Cue, re.Match[str]]]]:
    spoken = set(statement.tokens)
    tried = dict.fromkeys(cue for index in indexes for token in sorted(spoken & index.keys()) for cue in index[token])
    text = tidy.unfill(statement.text.replace("’", "'")) if tried else ""
    matches: dict[Kind, list[tuple[Cue, re.Match[str]]]] = {}
    # What speaks against a kind is tried last, and only where something spoke for it.
    for cue in sorted(tried, key=lambda cue: -cue.weight):
        if (cue.weight > 0 or cue.kind in matches) and (match := cue.pattern.search(text)):
            if cue.role == "named" and not owners.named(match, known):
                continue  # "Nothing to add" is built like "Scott to add", but names nobody
            matches.setdefault(cue.kind, []).append((cue, match))
    return matches


def _judge(
    conversation: Conversation, statement: Statement, kind: Kind, matches: list[tuple[Cue, re.Match[str]]]
) -> Verdict:
    cue, match = max(matches, key=lambda pair: (pair[0].weight, -pair[1].start(), pair[0].pattern.pattern))
    # The strongest cue counts in full; others support it by half, so that one long sentence does not win by length.
    support = sum(other.weight * (0.5 if other.weight > 0 else 1.0) for other, _ in matches if other is not cue)
    settings = SETTING[kind]
    setting = sum(settings[name] for name in circumstances.of(conversation, statement, settings))
    score = cue.weight + support + setting
    return Verdict(statement, score, cue, match)


def _best(found: list[Verdict], limit: int) -> list[Verdict]:
    ranked = sorted(found, key=lambda verdict: (-verdict.score, verdict.statement.place))
    return sorted(ranked[:limit], key=lambda verdict: verdict.statement.place)


def _action(conversation: Conversation, verdict: Verdict, known: re.Pattern[str]) -> Finding:
    statement, role = verdict.statement, verdict.cue.role
    if role == "speaker":
        return assignments.write(conversation, statement, statement.speaker)
    if role not in ("named", "addressee"):
        return assignments.write(conversation, statement, "")
    return assignments.give(conversation, statement, known, named=owners.named(verdict.match, known))
