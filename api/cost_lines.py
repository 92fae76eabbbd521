"""Costs as lines of a table and bars of a picture: the terminal and the page show the same ones. Pure."""

from collections.abc import Iterable, Sequence
from datetime import date, timedelta
from decimal import Decimal
from typing import Final

from api import wording
from api.money_schemas import CostRow, CostsView, SavingsView
from orchestrator.work.sums import GroupBy
from providers.calls import Value

HEADS: Final[dict[GroupBy, str]] = {
    "day": "Day",
    "model": "Model",
    "provider": "Provider",
    "project": "Project",
    "policy": "Policy",
}
# In the order in which they are taken, each from what the one before has left.
LEVERS: Final[dict[str, str]] = {
    "panel": "Fewer seats",
    "routing": "Other models",
    "caching": "Prompt caches",
    "service_tier": "Service tiers",
    "channel": "Resellers",
    "dedupe": "Answers used again",
    "batch": "Batches",
    "overhead": "Calls that brought nothing",
}


class Line(Value):
    """One group. `share` is its part of the dearest one, 0 to 1; `notes` say what is special about its figures."""

    label: str
    cost_usd: str
    share: float
    calls: int
    tokens_in: int
    tokens_out: int


class Step(Value):
    """One bar of the way from the reference's price to what was paid. `begin` and `end` are parts of the whole width.

    `whole`: it is one of the two ends, not a lever.
    """

    label: str
    amount_usd: str
    begin: float
    end: float
    saves: bool = True
    whole: bool = False


def lines(view: CostsView) -> tuple[Line, ...]:
    """The groups in the order of the view; days without a call stand between the others, so that a gap is seen."""
    most = max((Decimal(row.cost_usd) for row in view.data), default=Decimal(0))
    found = tuple(_line(row, view.group_by, most) for row in view.data)
    return _without_gaps(found) if view.group_by == "day" else found


def steps(savings: SavingsView) -> tuple[Step, ...]:
    """The way from the reference to the actual price, lever by lever; those that changed nothing are left out."""
    changed = [
        (name, Decimal(savings.levers[name])) for name in _ordered(savings.levers) if Decimal(savings.levers[name])
    ]
    walk = [Decimal(savings.reference_usd)]
    for _, saved in changed:
        walk.append(walk[-1] - saved)
    widest = max([*walk, Decimal(savings.actual_usd)])
    levers = [
        Step(
            label=lever_name(name),
            amount_usd=savings.levers[name],
            begin=_part(min(before, after), widest),
            end=_part(max(before, after), widest),
            saves=saved >= 0,
        )
        for (name, saved), before, after in zip(changed, walk, walk[1:], strict=False)
    ]
    return (
        _whole(begin(savings), savings.reference_usd, widest),
        *levers,
        _whole("Paid", savings.actual_usd, widest),
    )


def begin(savings: SavingsView) -> str:
    return f"At {savings.reference}" if savings.reference else "At a reference"


def claim(savings: SavingsView) -> str:
    """The claim, or why there is none, as sentences."""
    said = f"{savings.claim[:1].upper()}{savings.claim[1:]}."
    if savings.left_out:
        said += f" Left out of these figures: {wording.count(savings.left_out, 'answer')} that cannot be compared."
    return said


def lever_name(name: str) -> str:
    return LEVERS.get(name, name.replace("_", " ").capitalize())


def taken_off(amount_usd: str) -> str:
    """What a lever saved is taken off, what it cost is added: `-$0.40`, `+$0.02`."""
    return f"+{wording.dollars(amount_usd[1:])}" if amount_usd.startswith("-") else f"-{wording.dollars(amount_usd)}"


def summary(view: CostsView) -> str:
    """One sentence: the total, and how far the figures can be trusted."""
    calls = sum(row.calls for row in view.data)
    said = f"{wording.dollars(view.total_usd)} for {wording.count(calls, 'call')}, {view.first} to {view.last} (UTC)."
    unknown = sum(row.unknown_calls for row in view.data)
    if unknown:
        said += (
            f" {wording.count(unknown, 'call')} never told what became of it: booked at the most that it can have cost."
        )
    estimated = sum(row.estimated_calls for row in view.data)
    if estimated:
        said += f" Of {wording.count(estimated, 'call')} the provider named no tokens; they were counted here."
    return said


def _line(row: CostRow, by: GroupBy, most: Decimal) -> Line:
    tokens = row.tokens
    return Line(
        label=_label(row, by),
        cost_usd=row.cost_usd,
        share=_part(Decimal(row.cost_usd), most),
        calls=row.calls,
        tokens_in=tokens.input_tokens + tokens.cached_input_tokens + tokens.cache_write_tokens + tokens.image_tokens,
        tokens_out=tokens.output_tokens + tokens.reasoning_tokens,
    )


def _label(row: CostRow, by: GroupBy) -> str:
    if row.groups > 1:
        return f"{row.groups:,} others"
    return f"(no {by})" if row.key is None else row.key


def _without_gaps(found: Sequence[Line]) -> tuple[Line, ...]:
    by_day = {line.label: line for line in found}
    if not by_day:
        return ()
    first, last = date.fromisoformat(min(by_day)), date.fromisoformat(max(by_day))
    days = [(first + timedelta(days=ahead)).isoformat() for ahead in range((last - first).days + 1)]
    return tuple(by_day.get(day) or _nothing(day) for day in days)


def _nothing(day: str) -> Line:
    return Line(label=day, cost_usd="0.000000", share=0.0, calls=0, tokens_in=0, tokens_out=0)


def _ordered(levers: Iterable[str]) -> list[str]:
    """In the order in which they are taken; one that this version does not know stands last."""
    places = {name: place for place, name in enumerate(LEVERS)}
    return sorted(levers, key=lambda name: (places.get(name, len(places)), name))


def _whole(label: str, amount_usd: str, widest: Decimal) -> Step:
    return Step(label=label, amount_usd=amount_usd, begin=0.0, end=_part(Decimal(amount_usd), widest), whole=True)


def _part(amount: Decimal, whole: Decimal) -> float:
    """Between 0 and 1, whatever corrections below zero there are."""
    return float(min(max(amount / whole, Decimal(0)), Decimal(1))) if whole > 0 else 0.0
