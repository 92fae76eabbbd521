"""Picks few statements that together say much: maximal marginal relevance. Pure.

After Carbonell and Goldstein (1998): each next statement is the one with the best balance of its own score and its
unlikeness to what was already picked.
"""

from collections.abc import Mapping, Sequence
from itertools import islice
from typing import Final

from providers.extractive import clauses, graph, tidy
from providers.extractive.conversation import Statement

BALANCE: Final = 0.65  # of relevance against novelty; 0.5 to 0.8 is customary for summaries of one document
POOL: Final = 30  # candidates that novelty may still promote; beyond, relevance is too low to matter


def pick(statements: Sequence[Statement], score: Mapping[int, float], amount: int) -> list[Statement]:
    """At most `amount` statements, best first. `score` is by place; statements without one are left out."""
    scored = [statement for statement in statements if statement.place in score]
    pool = sorted(scored, key=lambda statement: (-score[statement.place], statement.place))[:POOL]
    idf = graph.rarity(pool)
    vectors = {statement.place: graph.vector(statement, idf) for statement in pool}
    likeness = dict.fromkeys(vectors, 0.0)
    picked: list[Statement] = []
    while pool and len(picked) < amount:
        best = max(pool, key=lambda s: (BALANCE * score[s.place] - (1 - BALANCE) * likeness[s.place], -s.place))
        picked.append(best)
        pool.remove(best)
        for statement in pool:
            near = graph.cosine(vectors[best.place], vectors[statement.place])
            likeness[statement.place] = max(likeness[statement.place], near)
    return picked


def whole(ranked: Sequence[Statement], language: str, amount: int) -> Sequence[Statement]:
    """The first of the ranked statements that can stand alone, at most `amount`; the first of all when none can."""
    standing = (s for s in ranked if clauses.stands_alone(tidy.sentence(s.text), language))
    return list(islice(standing, amount)) or ranked[:amount]
