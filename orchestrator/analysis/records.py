"""How much a model's word counts for a kind of item, by what became of its items in earlier meetings. Pure.

A model's trust is the share of its claims that ended in a result, drawn towards the pool's while there are few:

    trust = (kept + P x m) / (brought + refused + P)        m = (K + 1) / (N + 2)

K of N claims of the pool (all models together) were kept; P is `PRIOR_ITEMS`: trust is the mean of the beta posterior
whose prior is worth P claims of an average model. The factor compares odds, since from 0.8 to 0.9 is as far as from 0.1
to 0.2:

    factor = (trust / (1 - trust)) / (m / (1 - m))          within `LEAST` .. `MOST`

So a model without a record counts 1, and five claims, all of them kept, of a pool that has six in ten kept, make 1.2.

The record tells how often others and the evidence bore a model out, which is not the same as being right: models that
err together vouch for each other. The bounds keep such a circle from silencing anybody. Meetings with one seat, where
nobody could disagree, are no record; whoever counts leaves them out.
"""

from collections.abc import Iterable, Mapping, Sequence
from math import exp, fsum, log
from typing import Final, Self

from pydantic import Field, model_validator

from orchestrator.analysis.items import KINDS, Candidate, Item, Kind
from providers.calls import Value

PRIOR_ITEMS: Final = 40  # a model brings five to ten items of a kind to a meeting: some six meetings weigh as much
LEAST: Final = 0.25
MOST: Final = 4.0  # four average seats, which are more than most panels have beside it
PLACES: Final = 3  # more would be noise


class Tally(Value):
    """What became of a model's claims of one kind, in meetings of one type.

    `brought` were proved and stood in its candidates, of which results `kept` some; `refused` had no proof, whether
    they were left out or kept and marked.
    """

    brought: int = Field(default=0, ge=0)
    kept: int = Field(default=0, ge=0)
    refused: int = Field(default=0, ge=0)

    @model_validator(mode="after")
    def _kept_was_brought(self) -> Self:
        if self.kept > self.brought:
            raise ValueError("no more items can be kept than were brought")
        return self

    @property
    def claimed(self) -> int:
        return self.brought + self.refused


def records(models: Mapping[int, str], tallies: Mapping[str, Mapping[Kind, Tally]]) -> dict[int, dict[Kind, float]]:
    """The factors of a panel's seats, as strategies take them.

    Args:
        models: by seat, under the names that `tallies` uses.
        tallies: of every model that is known in meetings of this type, by model and kind.

    Returns:
        By seat, the kinds of which its model has claimed anything; a seat whose model has not is left out.
    """
    pools = _pools(tallies)
    known = {
        seat: {kind: factor(tally, pools[kind]) for kind, tally in tallies.get(model, {}).items() if tally.claimed}
        for seat, model in models.items()
    }
    return {seat: kinds for seat, kinds in known.items() if kinds}


def established(tallies: Mapping[str, Mapping[Kind, Tally]]) -> frozenset[str]:
    """The models whose record speaks louder than what is presumed of everybody: of some kind, `PRIOR_ITEMS` claims."""
    return frozenset(
        model for model, kinds in tallies.items() if any(one.claimed >= PRIOR_ITEMS for one in kinds.values())
    )


def tally(candidate: Candidate, seat: int, kept: Mapping[Kind, Sequence[Item]]) -> dict[Kind, Tally]:
    """What became of a seat's items in a result.

    Args:
        candidate: of the seat.
        seat: its number.
        kept: the result's items, by kind; each names the seats that had it.
    """
    return {kind: _tally(candidate, seat, kind, kept[kind]) for kind in KINDS}


def standings(tallies: Mapping[str, Mapping[Kind, Tally]]) -> dict[str, float]:
    """How good each model has been found to be over all kinds, in 0..1: an average one 1/2, the best 4/5.

    Of those alone whose record is established: of the others as much is presumed as of anybody. It is `f / (1 + f)` for
    the mean `f` of the model's factors, each weighing as much as there were claims of its kind; of factors, since
    kinds differ in how much of them is kept.
    """
    pools = _pools(tallies)
    return {model: _standing(tallies[model], pools) for model in sorted(established(tallies))}


def factor(own: Tally, pool: Tally) -> float:
    """How much a model's word counts against an average one's, which counts 1."""
    mean = (pool.kept + 1) / (pool.claimed + 2)
    trust = (own.kept + PRIOR_ITEMS * mean) / (own.claimed + PRIOR_ITEMS)
    return round(min(MOST, max(LEAST, _odds(trust) / _odds(mean))), PLACES)


def _tally(candidate: Candidate, seat: int, kind: Kind, kept: Sequence[Item]) -> Tally:
    brought = sum(item.verified for item in candidate.of(kind))
    marked = len(candidate.of(kind)) - brought
    return Tally(
        brought=brought,
        kept=min(brought, sum(item.verified and seat in item.seats for item in kept)),
        refused=marked + candidate.refused.get(kind, 0),
    )


def _pools(tallies: Mapping[str, Mapping[Kind, Tally]]) -> dict[Kind, Tally]:
    """What became of the claims of all models together."""
    return {kind: _sum(tally for kinds in tallies.values() if (tally := kinds.get(kind))) for kind in KINDS}


def _standing(own: Mapping[Kind, Tally], pools: Mapping[Kind, Tally]) -> float:
    claimed = {kind: own[kind].claimed for kind in KINDS if kind in own}
    logs = fsum(count * log(factor(own[kind], pools[kind])) for kind, count in claimed.items())
    mean = exp(logs / sum(claimed.values()))
    return round(mean / (1 + mean), PLACES)


def _odds(share: float) -> float:
    return share / (1 - share)


def _sum(tallies: Iterable[Tally]) -> Tally:
    listed = tuple(tallies)
    return Tally(
        brought=sum(tally.brought for tally in listed),
        kept=sum(tally.kept for tally in listed),
        refused=sum(tally.refused for tally in listed),
    )
