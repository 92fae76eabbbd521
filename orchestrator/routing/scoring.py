"""How models that could be asked are put in order: a score that is a sum of named parts, each with its weight. Pure.

    score = quality x w + cost x w + order x w + latency x w + load x w        parts in 0..1, weights that add up to 1

    quality   how well the model's tier suits the policy: 1 for the tier that it wants, evenly less for the next ones;
              less where `profiles.py` knows something against the model for such a meeting. Where records of models are
              at hand, half of it is the model's own, which is measured; one that has none counts as the mean of those
              that have, so that what is presumed of its tier decides between it and them.
    cost      what the cheapest is expected to cost for this prompt, divided by what this one is; 1 for what is free
    order     its place among those of its tier, as the house asks providers and a provider's best model first: 1 for
              the first, 0 for the last. For round-robin the places move on by one with each turn.
    latency   SCALE_S / (SCALE_S + median): one half at the scale, and for a model of which nothing is known
    load      the share of calls that it did not fail, divided by 1 + what is in flight / FULL; 1 where nothing is known

A model whose circuit is open, or that fails half of its calls, goes behind all others, whatever its score. Floating
point adds up in one fixed order and is rounded, so that the same inputs give the same order; what is equal then goes by
tier and place.

The weights of each strategy stand in `STRATEGIES`. Under `preference` the price has none: a tier is a class of prices,
and the policy has chosen it. The next tier loses a third of quality's weight there, which is more than place, latency
or load can win for it alone: it takes several at once, or a model that is out of order. With records it is half of
that: a model of the next tier that has been found much better passes one that has been found worse.
"""

from collections.abc import Iterator, Mapping, Sequence
from math import fsum
from typing import Final, NamedTuple

from orchestrator.routing import profiles
from orchestrator.routing.live import Live
from orchestrator.routing.market import Market
from orchestrator.routing.request import RoutingStrategy
from providers.calls import ServiceTier, Target, Value
from providers.catalog import ModelCard, Tier

PERFORMANCE_WEIGHTING: Final = 0.3  # the share of latency and load, unless the house says otherwise (capabilities A4.3)
SCALE_S: Final = 20.0  # an answer of 4,200 tokens at two hundred tokens a second: a scale, not a measurement
FULL: Final = 64  # calls in flight at which a model counts half: half of what a key's permits start at over all workers
PLACES: Final = 6  # differences below that are noise of floating point
_SHOWN: Final = 2  # places of a record that are told in words


class Terms(NamedTuple):
    """A routing strategy, spelled out.

    Args:
        quality, cost, order: how the part of the weights is shared that latency and load leave over.
        latency, load: how their part is shared.
        least_performance: what latency and load have at least, whatever the house's weighting.
        takes_turns: the places of `order` move on with each turn.
    """

    quality: float
    cost: float
    order: float
    latency: float
    load: float
    least_performance: float = 0.0
    takes_turns: bool = False


STRATEGIES: Final[dict[RoutingStrategy, Terms]] = {
    "preference": Terms(quality=0.9, cost=0.0, order=0.1, latency=0.5, load=0.5),
    "performance": Terms(quality=0.9, cost=0.0, order=0.1, latency=0.5, load=0.5, least_performance=0.5),
    # Some weight for the tier, so that of two models that cost about as much the better one is asked.
    "cost": Terms(quality=0.2, cost=0.8, order=0.0, latency=0.5, load=0.5),
    # The fast one would have every turn, did its speed count.
    "round-robin": Terms(quality=0.9, cost=0.0, order=0.1, latency=0.0, load=1.0, takes_turns=True),
}


class Weights(Value):
    """They add up to 1."""

    quality: float
    cost: float
    order: float
    latency: float
    load: float


class Scored(Value):
    """A model with its parts and their weighted sum. `against`: what counts against it, in words.

    `record`: how good it was found in meetings of this type; None: it has no record there. `out`: why it goes behind
    all others; None: it does not.
    """

    target: Target
    quality: float
    cost: float
    order: float
    latency: float
    load: float
    score: float
    against: tuple[str, ...] = ()
    record: float | None = None
    out: str | None = None


class Leaning(NamedTuple):
    """By what models are judged, beside themselves.

    Args:
        strategy: which weights.
        performance_weighting: the share of latency and load, 0..1.
        live: how they have fared of late.
        records: how good each was found in meetings of this kind, 0..1; empty: nobody has measured.
        language: of the meeting; None: not known.
        turn: how far the places have moved on.
        service_tier: at which they are asked, where they have it; its prices count.
    """

    strategy: RoutingStrategy
    performance_weighting: float
    live: Live
    records: Mapping[Target, float]
    language: str | None
    turn: int
    service_tier: ServiceTier = "standard"


def weights(strategy: RoutingStrategy, performance_weighting: float) -> Weights:
    """The weights of a strategy."""
    terms = STRATEGIES[strategy]
    performance = max(performance_weighting, terms.least_performance)
    rest = 1 - performance
    shares = {
        "quality": rest * terms.quality,
        "cost": rest * terms.cost,
        "order": rest * terms.order,
        "latency": performance * terms.latency,
        "load": performance * terms.load,
    }
    return Weights(**{name: round(share, PLACES) for name, share in shares.items()})


def ranked(cards: Sequence[ModelCard], tiers: Sequence[Tier], market: Market, leaning: Leaning) -> tuple[Scored, ...]:
    """Score these models, all of them of one of the tiers, and put the best first.

    Args:
        cards: in the catalog's order.
        tiers: the wanted one first.
    """
    weighed = weights(leaning.strategy, leaning.performance_weighting)
    places = _places(cards, market)
    costs = {card.target: market.about(card, leaning.service_tier) for card in cards}
    cheapest = min(filter(None, costs.values()), default=0)  # beside what is free
    usual = _usual(cards, leaning.records)
    scored = []
    for card in cards:
        worth, against = profiles.worth(card, leaning.language, market.expected_prompt_tokens(card))
        record = leaning.records.get(card.target)
        vitals = leaning.live.of(card.target)
        parts = {
            "quality": _quality(card, tiers, worth, usual, leaning),
            "cost": _share(cheapest, costs[card.target]),
            "order": _order(places[card.target], leaning),
            "latency": SCALE_S / (SCALE_S + (SCALE_S if vitals.latency_s is None else vitals.latency_s)),
            "load": (1 - vitals.fault_share) / (1 + vitals.in_flight / FULL),
        }
        score = fsum(part * getattr(weighed, name) for name, part in parts.items())
        shown = {name: round(part, PLACES) for name, part in parts.items()}
        said = Scored(
            target=card.target,
            score=round(score, PLACES),
            against=(*against, *_below(record, usual)),
            record=record,
            out=leaning.live.why_out(card.target),
            **shown,
        )
        scored.append(said)
    tier_of = {card.target: tiers.index(card.tier) for card in cards}
    return tuple(
        sorted(scored, key=lambda one: (one.out is not None, -one.score, tier_of[one.target], places[one.target]))
    )


def _quality(card: ModelCard, tiers: Sequence[Tier], worth: float, usual: float | None, leaning: Leaning) -> float:
    suits = worth * (len(tiers) - tiers.index(card.tier)) / len(tiers)
    return suits if usual is None else (suits + leaning.records.get(card.target, usual)) / 2


def _usual(cards: Sequence[ModelCard], records: Mapping[Target, float]) -> float | None:
    """The mean of the records of those that could be asked; None: none has one."""
    known = [records[card.target] for card in cards if card.target in records]
    return fsum(known) / len(known) if known else None


def _below(record: float | None, usual: float | None) -> Iterator[str]:
    if record is not None and usual is not None and round(record, _SHOWN) < round(usual, _SHOWN):
        yield f"its record in such meetings is {record:.{_SHOWN}f}, that of a usual model {usual:.{_SHOWN}f}"


class _Place(NamedTuple):
    """The `number`-th of so many, from 0."""

    number: int
    of: int


def _places(cards: Sequence[ModelCard], market: Market) -> dict[Target, _Place]:
    """Within each tier: in provider order, and there as the catalog has them, a provider's best first."""
    order = {card.id: place for place, card in enumerate(market.catalog.providers)}
    tiers: dict[Tier, list[ModelCard]] = {}
    for card in sorted(cards, key=lambda card: order[card.provider]):
        tiers.setdefault(card.tier, []).append(card)
    return {card.target: _Place(number, len(alike)) for alike in tiers.values() for number, card in enumerate(alike)}


def _order(place: _Place, leaning: Leaning) -> float:
    turn = leaning.turn if STRATEGIES[leaning.strategy].takes_turns else 0
    number = (place.number - turn) % place.of
    return 1 - number / max(1, place.of - 1)


def _share(cheapest: int, own: int) -> float:
    return cheapest / own if own else 1.0
