"""When a job of a plan will about be done, by how long its models took of late. Pure."""

from collections.abc import Mapping
from statistics import median

from orchestrator.routing.planning import Plan
from orchestrator.work.parts import calls
from orchestrator.work.seats import SeatPlan


def expected_s(made: Plan, latencies_s: Mapping[str, list[float]]) -> float | None:
    """Seats run side by side, but for those that wait for another's cached prompt; the parts of one seat run one after
    the other, and callers come after all.
    """
    panel = _slowest_s(made.seats, latencies_s)
    callers = _slowest_s(made.callers, latencies_s) if made.callers else 0.0
    if panel is None or callers is None:
        return None
    rounds = 2 if any(seat.follows is not None for seat in made.seats) else 1
    return round(rounds * panel + callers, 1)


def _slowest_s(seats: tuple[SeatPlan, ...], latencies_s: Mapping[str, list[float]]) -> float | None:
    """None: one of the first rungs is not known."""
    firsts = [latencies_s.get(str(seat.ladder[0])) for seat in seats]
    known = [calls(seat.cut) * median(found) for seat, found in zip(seats, firsts, strict=True) if found]
    return None if len(known) < len(firsts) else max(known)
