"""What people see of a plan in a terminal: rich renderables. Pure."""

from collections.abc import Iterator

from rich import box
from rich.console import ConsoleRenderable, Group
from rich.table import Table

from api import wording
from api.plan_schemas import OfferView, PlannedSeatView, PlanView
from api.terminal import said

_SHOWN_REJECTED = 12  # the rest are counted: a catalog has several dozen models


def plan(view: PlanView, *, every: bool = False) -> ConsoleRenderable:
    """Seats with their ladders, what it may cost, what would save, and what was rejected (all of it with `every`)."""
    return Group(
        *_meeting(view),
        said(f"{view.strategy} of {len(view.seats)}, quorum {view.quorum}: {view.reason}."),
        *_routing(view),
        "",
        _seats((*view.seats, *view.callers)),
        *(said(f"seat {seat.seat}: {sentence}.") for seat in view.seats for sentence in seat.because),
        *_scores(view, every=every),
        "",
        *_costs(view),
        *(said(f"- {sentence}.") for sentence in view.advice),
        "",
        *_rejected(view, every=every),
        *_verdict(view),
    )


def _meeting(view: PlanView) -> Iterator[ConsoleRenderable]:
    """An older service says nothing of it."""
    for name, reasons in wording.findings(view.context) if view.context else ():
        yield said(f"{name}: {reasons}")
    if view.context:
        yield said("")


def _routing(view: PlanView) -> Iterator[ConsoleRenderable]:
    made = view.routing
    shares = {name: round(100 * weight) for name, weight in made.weights.model_dump().items() if weight}
    weighed = ", ".join(f"{name} {share} %" for name, share in sorted(shares.items(), key=lambda one: -one[1]))
    yield said(f"Models chosen by {made.strategy}, {made.because}: {weighed}.")
    if made.regions is not None:
        yield said(f"Only providers that handle it in {', '.join(made.regions) or 'no region at all'} are asked.")
    if made.zero_retention:
        yield said("Only providers that keep nothing of it, and do not train on it, are asked.")


def _scores(view: PlanView, *, every: bool) -> Iterator[ConsoleRenderable | str]:
    if not every or not view.routing.scores:
        return
    table = Table(box=box.SIMPLE_HEAD, pad_edge=False)
    for name in ("Could be asked", "Score", "Quality", "Record", "Cost", "Order", "Latency", "Load"):
        table.add_column(name, justify="left" if name == "Could be asked" else "right")
    for one in view.routing.scores:
        parts = (one.score, one.quality, one.record, one.cost, one.order, one.latency, one.load)
        table.add_row(said(one.target), *("" if part is None else f"{part:.3f}" for part in parts))
    yield ""
    yield table
    for one in view.routing.scores:
        for sentence in (*one.against, *((one.out,) if one.out else ())):
            yield said(f"{one.target}: {sentence}.")


def _seats(seats: tuple[PlannedSeatView, ...]) -> Table:
    table = Table(box=box.SIMPLE_HEAD, pad_edge=False)
    for name in ("Seat", "Asked, then", "Expected", "At most", "Tier"):
        table.add_column(name, justify="right" if name in {"Expected", "At most"} else "left")
    for seat in seats:
        for place, offer in enumerate(seat.ladder):
            first = place == 0
            tier = "" if not first else _tier(seat)
            table.add_row(
                str(seat.seat) if first else "",
                said(offer.target if first else f"  {offer.target}"),
                wording.dollars(offer.expected_usd),
                wording.dollars(offer.bound_usd),
                tier,
            )
    return table


def _tier(seat: PlannedSeatView) -> str:
    waits = "" if seat.follows is None else f", after seat {seat.follows}"
    role = "" if seat.role == "analyst" else f", {seat.role}"
    parts = "" if seat.parts == 1 else f", in {seat.parts} parts"
    return seat.service_tier + parts + waits + role


def _costs(view: PlanView) -> Iterator[ConsoleRenderable]:
    yield said(
        f"Expected to cost {wording.dollars(view.expected_usd)}; needs {wording.dollars(view.needed_usd)} to be let in,"
        f" and never costs more than {wording.dollars(view.bound_usd)}."
    )
    if view.expected_finish_s is not None:
        yield said(f"Expected to be done in {view.expected_finish_s:g} s.")
    if view.cheapest is not None:
        yield said(f"Cheapest for this transcript: {_offer(view.cheapest)}.")


def _offer(offer: OfferView) -> str:
    return f"{offer.target}, {wording.dollars(offer.expected_usd)} a call"


def _rejected(view: PlanView, *, every: bool) -> Iterator[ConsoleRenderable]:
    """Those without a key last: they are the least news."""
    ordered = sorted(view.rejected, key=lambda one: one.code == "no-key")
    shown = ordered if every else ordered[:_SHOWN_REJECTED]
    for one in shown:
        yield said(f"not asked: {one.target}: {one.reason}")
    if len(shown) < len(ordered):
        yield said(f"not asked: {len(ordered) - len(shown)} more; --all lists them")


def _verdict(view: PlanView) -> Iterator[ConsoleRenderable]:
    if view.refusal is not None:
        yield said(f"It would be refused as a job ({view.refusal.code}): {view.refusal.detail}", "yellow")
