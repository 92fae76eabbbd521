"""The rules that are compared: the product's strategies, and three plain ones to hold them against."""

from collections.abc import Callable, Iterator, Sequence
from typing import Final, TypeAlias

from ops.bench.quality.origins import Accepted
from ops.bench.quality.simulation import Origin, Simulated
from orchestrator.analysis.items import KINDS, Candidate, Item, Kind
from orchestrator.analysis.quotes import fold
from orchestrator.synthesis import STRATEGIES
from orchestrator.synthesis.flow import Inputs, Needs, Replies, Rule, Synthesis, drive

SAME_TOKENS: Final = 0.5  # Jaccard; the usual choice where nothing was measured
ENOUGH_SEATS: Final = 2

Decide: TypeAlias = Callable[[Simulated], Sequence[Accepted]]


def strategies() -> dict[str, Decide]:
    """Every row of the table, with nobody to ask in another role."""
    return {name: _running(rule) for name, rule in STRATEGIES.items()}


def run(rule: Rule, panel: Simulated) -> Synthesis:
    """Drive a strategy over a simulated panel; its questions find nobody."""
    inputs = Inputs(
        candidates=panel.candidates,
        places=panel.meeting.places,
        quorum=rule.default_quorum(len(panel.candidates)),
    )
    nobody: list[Replies] = []
    while isinstance(found := drive(rule.strategy(inputs), nobody), Needs):
        nobody.append([None] * len(found.questions))
    return found


def seat_alone(panel: Simulated, seat: int) -> list[Accepted]:
    """All that one seat brought."""
    return [(kind, item.text) for kind, item in _items(panel.candidates[seat])]


def greedy(panel: Simulated) -> list[Accepted]:
    """What two seats have, items put together greedily by shared tokens: the vote that is written first."""
    groups: list[tuple[Kind, frozenset[str], str, set[int]]] = []
    for seat, candidate in sorted(panel.candidates.items()):
        for kind, item in _items(candidate):
            tokens = frozenset(fold(item.text).split())
            same = (group for group in groups if group[0] == kind and _jaccard(tokens, group[1]) >= SAME_TOKENS)
            if group := next(same, None):
                group[3].add(seat)
            else:
                groups.append((kind, tokens, item.text, {seat}))
    return [(kind, text) for kind, _tokens, text, seats in groups if len(seats) >= ENOUGH_SEATS]


def knowing(panel: Simulated) -> list[Accepted]:
    """What two seats have, items put together by where they really came from, in the words of the first seat.

    No real rule can know that. It shows what voting alone can reach: invented items have voters too.
    """
    groups: dict[tuple[bool, str], tuple[Accepted, set[int]]] = {}
    for seat, candidate in sorted(panel.candidates.items()):
        for kind, item in _items(candidate):
            _accepted, seats = groups.setdefault(_matter(panel.origin(kind, item.text)), ((kind, item.text), set()))
            seats.add(seat)
    return [accepted for accepted, seats in groups.values() if len(seats) >= ENOUGH_SEATS]


def _running(rule: Rule) -> Decide:
    def decide(panel: Simulated) -> list[Accepted]:
        synthesis = run(rule, panel)
        return [(kind, item.text) for kind in KINDS for item in synthesis.of(kind)]

    return decide


def _matter(origin: Origin) -> tuple[bool, str]:
    """A gold item and its corrupted form are one matter."""
    return origin.truth == "invented", origin.source


def _items(candidate: Candidate) -> Iterator[tuple[Kind, Item]]:
    return ((kind, item) for kind in KINDS for item in candidate.of(kind))


def _jaccard(one: frozenset[str], other: frozenset[str]) -> float:
    return len(one & other) / max(1, len(one | other))


PLAIN: Final[dict[str, Decide]] = {"2 seats, greedy tokens": greedy, "2 seats, perfect clusters": knowing}
