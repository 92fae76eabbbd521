"""How central each statement is: a walk over the graph of statements that share rare words. Pure.

After LexRank (Erkan and Radev, 2004): edges are cosine similarities of TF-IDF vectors, centrality is the stationary
distribution of a random walk with restarts. Bounded so that an hour costs a fraction of a second and an archive does
not explode: only the richest statements become nodes, only their rarest terms make edges, only the strongest edges
stay.
"""

import heapq
from collections import Counter, defaultdict
from collections.abc import Mapping, Sequence
from math import log, sqrt
from typing import Final

from providers.extractive.conversation import Statement

MAX_NODES: Final = 1_200  # about an hour of sentences; beyond, the richest ones speak for the rest
MAX_TERMS_A_NODE: Final = 12
MAX_POSTINGS: Final = 60  # a term in more statements than this joins everything to everything
MAX_EDGES_A_NODE: Final = 12
MIN_TERMS: Final = 3
DAMPING: Final = 0.85
ROUNDS: Final = 20  # the order of the first hundred no longer changes after about fifteen

Vector = Mapping[str, float]


def rarity(statements: Sequence[Statement]) -> dict[str, float]:
    """The inverse document frequency of each term."""
    documents = Counter(term for statement in statements for term in set(statement.terms))
    return {term: log(1 + len(statements) / times) for term, times in documents.items()}


def vector(statement: Statement, idf: Mapping[str, float]) -> dict[str, float]:
    """TF-IDF of the rarest terms, of length one; empty when the statement has no content."""
    weights = {term: (1 + log(times)) * idf[term] for term, times in Counter(statement.terms).items()}
    strongest = heapq.nsmallest(MAX_TERMS_A_NODE, weights.items(), key=lambda pair: (-pair[1], pair[0]))
    length = sqrt(sum(weight * weight for _, weight in strongest))
    return {term: weight / length for term, weight in strongest} if length else {}


def cosine(one: Vector, other: Vector) -> float:
    """Likeness of two vectors of length one, 0..1."""
    if len(other) < len(one):
        one, other = other, one
    return sum(weight * other.get(term, 0.0) for term, weight in one.items())


def centrality(statements: Sequence[Statement]) -> dict[int, float]:
    """Centrality by place, the highest being 1. Statements with too little content are absent."""
    idf = rarity(statements)
    nodes = _richest(statements, idf)
    vectors = [vector(statement, idf) for statement in nodes]
    neighbours = _strongest_edges(_edges(vectors))
    rank = _walk(neighbours, len(nodes))
    top = max(rank, default=1.0)
    return {statement.place: score / top for statement, score in zip(nodes, rank, strict=True)}


def _richest(statements: Sequence[Statement], idf: Mapping[str, float]) -> list[Statement]:
    eligible = [statement for statement in statements if len(set(statement.terms)) >= MIN_TERMS]
    if len(eligible) <= MAX_NODES:
        return eligible
    # Shared words make edges, so richness counts the terms that are neither everywhere nor unique.
    unique = log(1 + len(statements))
    richest = heapq.nsmallest(
        MAX_NODES,
        eligible,
        key=lambda statement: (-sum(idf[term] < unique for term in set(statement.terms)), statement.place),
    )
    return sorted(richest, key=lambda statement: statement.place)


def _edges(vectors: Sequence[Vector]) -> list[dict[int, float]]:
    postings: defaultdict[str, list[int]] = defaultdict(list)
    for node, weights in enumerate(vectors):
        for term in weights:
            postings[term].append(node)
    edges: list[dict[int, float]] = []
    for node, weights in enumerate(vectors):
        likeness: defaultdict[int, float] = defaultdict(float)
        for term, weight in weights.items():
            holders = postings[term]
            if len(holders) <= MAX_POSTINGS:
                for other in holders:
                    likeness[other] += weight * vectors[other][term]
        likeness.pop(node, None)
        edges.append(likeness)
    return edges


def _strongest_edges(edges: list[dict[int, float]]) -> list[dict[int, float]]:
    """Keep each node's strongest edges and share its weight out among them."""
    kept = []
    for likeness in edges:
        strongest = heapq.nsmallest(MAX_EDGES_A_NODE, likeness.items(), key=lambda pair: (-pair[1], pair[0]))
        total = sum(weight for _, weight in strongest)
        kept.append({other: weight / total for other, weight in strongest})
    return kept


def _walk(neighbours: list[dict[int, float]], size: int) -> list[float]:
    rank = [1.0 / size] * size if size else []
    for _ in range(ROUNDS):
        arriving = [(1 - DAMPING) / size] * size if size else []
        for node, shares in enumerate(neighbours):
            for other, share in shares.items():
                arriving[other] += DAMPING * share * rank[node]
        rank = arriving
    return rank
