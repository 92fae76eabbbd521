"""The model `central-sentences`: says what the meeting keeps coming back to. Pure.

Statements are ranked by a random walk over shared rare words; items are picked by a weighted sum over single words,
centrality and circumstances; topics are stretches of steady vocabulary. It knows no phrases and no grammar; another
built-in model knows little else, so that it means something when the two agree.
"""

import re
from collections.abc import Mapping, Sequence
from itertools import chain, pairwise
from typing import Final, TypeAlias

from providers.extractive import (
    amounts,
    assignments,
    circumstances,
    graph,
    nouns,
    objections,
    owners,
    phrases,
    summaries,
    tiling,
    weights,
)
from providers.extractive.conversation import Conversation, Statement
from providers.extractive.findings import Finding, Findings, Kind, distinct, plain

SCORED: Final[tuple[Kind, ...]] = ("action_items", "decisions", "risks", "questions")

MAX_WORD_SCORE: Final = 5.0  # a long sentence holds every word once; beyond this it says nothing new
SUMMARY_SENTENCES: Final = 5
BULLETS: Final = 7
MIN_SENTENCE_TOKENS: Final = 8  # a shorter statement cannot stand without its neighbours
OPENING: Final = 0.1  # of the meeting: here people say what it is about
OPENING_BONUS: Final = 0.15
ITEM_BONUS: Final = 0.04  # a point of the item classifier: what is settled or taken on belongs in a summary

Scores: TypeAlias = dict[Kind, dict[int, float]]  # kind -> place -> score


def analyse(conversation: Conversation) -> Findings:
    """Rank all statements, then pick items, topics and a summary from the ranking."""
    central = graph.centrality(conversation.statements)
    scores = score(conversation, central)
    known = owners.roster(conversation)
    chosen = {kind: _best(conversation, kind, scores[kind]) for kind in SCORED}
    chosen["decisions"] = _not_rather_actions(chosen["decisions"], scores)
    items: dict[Kind, tuple[Finding, ...]] = {
        kind: distinct(plain(statement) for statement in statements) for kind, statements in chosen.items()
    }
    items["action_items"] = distinct(_action(conversation, statement, known) for statement in chosen["action_items"])
    items["topics"] = _topics(conversation, central)
    telling = _telling(conversation, central, scores)
    ranked = [conversation.statements[place] for place in sorted(telling, key=lambda place: (-telling[place], place))]
    picked = summaries.pick(summaries.whole(ranked, conversation.language, summaries.POOL), telling, BULLETS)
    return Findings(conversation.language, _sentences(picked[:SUMMARY_SENTENCES]), _sentences(picked), items)


def score(conversation: Conversation, central: Mapping[int, float]) -> Scores:
    """Weighted sums of words and circumstances, by kind and place; only those that reach the bias."""
    tables = {kind: weights.of(conversation.language, kind) for kind in SCORED}
    scores: Scores = {kind: {} for kind in SCORED}
    for statement in conversation.statements:
        said = {*statement.tokens, *(f"{one}_{two}" for one, two in pairwise(statement.tokens))}
        for kind, table in tables.items():
            points = _word_score(said, table)
            if points > 0:
                points += _setting_score(conversation, statement, kind, central)
                if points >= weights.BIAS[kind]:
                    points -= objections.weight(statement, kind, conversation.language)
                if points >= weights.BIAS[kind]:
                    scores[kind][statement.place] = points
    return scores


def _word_score(said: set[str], table: weights.Weights) -> float:
    return min(MAX_WORD_SCORE, sum(table[word] for word in sorted(said & table.keys())))


def _setting_score(conversation: Conversation, statement: Statement, kind: Kind, central: Mapping[int, float]) -> float:
    table = weights.CIRCUMSTANCES[kind]
    held = sum(table[name] for name in circumstances.of(conversation, statement, table))
    position = table.get("position", 0.0) * statement.place / len(conversation.statements)
    return held + position + table["central"] * central.get(statement.place, 0.0)


def _best(conversation: Conversation, kind: Kind, scores: Mapping[int, float]) -> list[Statement]:
    """The highest scores of a kind, in the order of the meeting."""
    limit = amounts.of(kind, conversation.token_count)
    places = sorted(scores, key=lambda place: (-scores[place], place))[:limit]
    return [conversation.statements[place] for place in sorted(places)]


def _not_rather_actions(decisions: list[Statement], scores: Scores) -> list[Statement]:
    actions = scores["action_items"]
    return [s for s in decisions if actions.get(s.place, 0.0) <= scores["decisions"][s.place]]


def _action(conversation: Conversation, statement: Statement, known: re.Pattern[str]) -> Finding:
    """The first person is the speaker; "we" is nobody in particular; otherwise it is whoever is spoken to."""
    said = set(statement.tokens)
    if "i" in said and not said.isdisjoint(("ll", "will")):
        return assignments.write(conversation, statement, statement.speaker)
    called, spoken_to = owners.mentioned(statement, known), owners.speaks_to_somebody(statement)
    if said & {"i", "we", "let"} and not (called and spoken_to):
        return assignments.write(conversation, statement, "")
    if not spoken_to:
        return assignments.write(conversation, statement, called)
    return assignments.give(conversation, statement, known)


def _topics(conversation: Conversation, central: Mapping[int, float]) -> tuple[Finding, ...]:
    read = phrases.read(conversation.statements)
    known = nouns.learn(chain.from_iterable(read), conversation.language)
    stretches = tiling.segments(conversation.statements, amounts.of("topics", conversation.token_count))
    headings = phrases.headings([phrases.count((read[s.place] for s in stretch), known) for stretch in stretches])
    headed = [(stretch, heading) for stretch, heading in zip(stretches, headings, strict=True) if heading]
    return distinct(_topic(_herald(stretch, heading, central), heading) for stretch, heading in headed)


def _topic(herald: Statement, heading: Sequence[str]) -> Finding:
    return Finding(phrases.title(heading, herald), phrases.proof(herald, heading))


def _herald(segment: Sequence[Statement], heading: Sequence[str], central: Mapping[int, float]) -> Statement:
    """The statement that stands for a segment: it holds most of the heading, and is central."""

    def fitness(statement: Statement) -> tuple[float, int]:
        return phrases.held(statement, heading) + central.get(statement.place, 0.0), -statement.place

    return max(segment, key=fitness)


def _telling(conversation: Conversation, central: Mapping[int, float], scores: Scores) -> dict[int, float]:
    """What each statement is worth in a summary, by place; the number of its terms where none can stand alone."""
    opening = OPENING * len(conversation.statements)
    worth = {}
    for place, centrality in central.items():
        statement = conversation.statements[place]
        if len(statement.tokens) >= MIN_SENTENCE_TOKENS and not statement.asks:
            items = max(scores[kind].get(place, 0.0) for kind in ("decisions", "action_items", "risks"))
            worth[place] = centrality + ITEM_BONUS * items + (OPENING_BONUS if place < opening else 0.0)
    return worth or {s.place: float(len(set(s.terms))) for s in conversation.statements}


def _sentences(statements: Sequence[Statement]) -> tuple[str, ...]:
    in_order = sorted(statements, key=lambda statement: statement.place)
    return tuple(finding.text for finding in distinct(plain(statement) for statement in in_order))
