"""How long a job that joins a lane now would wait, and whether it may join. Pure.

Little's law: whoever joins waits as long as those before it need to go, and how many go in a second has been seen.
Before it stand no more than the turns let pass: in each turn every tenant that waits sends its share, so a newcomer's
first job has one share of each tenant before it, not the whole backlog of a crowd (`work/fairness.py`).
"""

import math
from typing import Final

from orchestrator.errors import Overloaded, QueueFull
from orchestrator.work.fairness import FIRST_GUESS_S
from orchestrator.work.lanes import Lane
from providers.calls import Value

# Above these a caller is better told to come back: nobody looks at a page for longer, a service has given up, a night
# and a day are over.
LONGEST_S: Final[dict[Lane, float]] = {"interactive": 30.0, "standard": 15 * 60.0, "bulk": 24 * 3_600.0}

# An estimate of a queue is off by a fifth now and then (ops/drills/overload.py): a job that starts in time only if all
# goes well would expire, and what it has cost would be lost.
CARE: Final = 1.25

LONGEST_RETRY_S: Final = 600.0  # within ten minutes much changes: workers come, callers go
SHORTEST_RETRY_S: Final = 1.0

SEATS_GUESSED: Final = 3  # of a job, while none has been seen


class Bounds(Value):
    """Jobs that one tenant may have: `waiting` for their turn, and `scheduled` for a moment that has not come."""

    waiting: int
    scheduled: int


class Line(Value):
    """What a job of one tenant finds in a lane.

    Attributes:
        waits: jobs of the lane wait in rows; `jobs` is how many, as last counted, and None while nobody has counted.
        standing: asks of the lane that stand in the broker, before all that wait in rows.
        slots: of the workers that live and serve the lane. Both are 0 where nobody waits: they are not asked for then.
        own: the tenant's own jobs that wait in the lane; `own_in_all` in all lanes.
        weight: the tenant's; `weights`: of all tenants that wait in the lane, together.
        jobs_per_s, asks_per_s: how many go, as seen of late; None while nobody has seen.
        call_s: how long the calls of the jobs take that went of late.
    """

    waits: bool
    standing: int
    slots: int
    own: int
    own_in_all: int
    weight: float
    jobs: int | None = None
    weights: float | None = None
    jobs_per_s: float | None = None
    asks_per_s: float | None = None
    call_s: float | None = None

    @property
    def share(self) -> float:
        """Of what goes, the part that would be the tenant's."""
        others = self.weights or 0.0
        return self.weight / max(self.weight, others if self.own else others + self.weight)

    @property
    def pace(self) -> tuple[float, float]:
        """Jobs and asks a second."""
        asks = self.slots / FIRST_GUESS_S if self.asks_per_s is None else self.asks_per_s
        return (asks / SEATS_GUESSED if self.jobs_per_s is None else self.jobs_per_s), asks


def wait_s(line: Line) -> float | None:
    """Until a job that joins now starts its first call; infinite while nothing goes.

    None: no worker has been seen, so nobody knows. It may be back in a second.
    """
    if not line.slots:
        return None
    jobs_per_s, asks_per_s = line.pace
    return _over(line.standing, asks_per_s) + _over(_before(line), jobs_per_s)


def refusal(
    line: Line, lane: Lane, *, deadline_s: float, most_own: int, chance: float
) -> Overloaded | QueueFull | None:
    """Why a job may not join the lane now; None: it may.

    Args:
        deadline_s: of the job, from now.
        most_own: jobs that a tenant may have waiting.
        chance: from 0 to 1; spreads the returns of those who are refused at once.
    """
    if line.own_in_all >= most_own:
        return QueueFull(f"{line.own_in_all} of your jobs wait already.", retry_after_s=_until_own_are_gone_s(line))
    expected_s = wait_s(line)
    if expected_s is None or not line.waits:
        # Rows are the truth: they wait for workers that a restart has taken away for a moment. And in a lane where
        # nobody waits there is nothing to wait for but calls that are under way.
        return None
    if expected_s > LONGEST_S[lane]:
        return _overloaded(f"A job in lane {lane} would wait for", expected_s, LONGEST_S[lane], chance)
    needed_s = expected_s * CARE + (line.call_s or 0.0)
    if needed_s > deadline_s:
        return _overloaded(
            "Before its deadline the job could not end: it would wait for", expected_s, deadline_s, chance
        )
    return None


def shortly(what: str, *, chance: float) -> Overloaded:
    """A refusal of what is over in a second or two."""
    return Overloaded(what, retry_after_s=_jittered(2 * SHORTEST_RETRY_S, chance))


def _before(line: Line) -> float:
    if not line.waits:
        return 0.0
    in_turns = (line.own + 1) / line.share
    return in_turns if line.jobs is None else min(float(line.jobs), in_turns)


def _overloaded(what: str, expected_s: float, allowed_s: float, chance: float) -> Overloaded:
    told = "long" if math.isinf(expected_s) else f"{expected_s:.0f} s"
    return Overloaded(f"{what} about {told}.", retry_after_s=_jittered(expected_s - allowed_s, chance))


def _until_own_are_gone_s(line: Line) -> float:
    if not line.slots:
        return LONGEST_RETRY_S
    jobs_per_s, _ = line.pace
    return _bounded(_over(line.own_in_all, jobs_per_s * line.share))


def _jittered(wait_s: float, chance: float) -> float:
    return _bounded(_bounded(wait_s) * (0.5 + chance))


def _bounded(wait_s: float) -> float:
    return min(LONGEST_RETRY_S, max(SHORTEST_RETRY_S, wait_s))


def _over(many: float, per_s: float) -> float:
    if not many:
        return 0.0
    return many / per_s if per_s > 0 else math.inf
