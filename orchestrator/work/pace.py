"""How fast a lane's jobs go to the workers, as seen of late. Pure.

The dispatcher lets a job go when a slot has taken one before it; so what went in some seconds of a full lane is what
the whole fleet got done in it, whatever held it up: slots, a provider's limits, the cores, more urgent lanes.
"""

from typing import Final

from orchestrator.work.fairness import FIRST_GUESS_S
from providers.calls import Value

HALF_LIFE_S: Final = 10.0  # what went ten seconds ago counts half: long against a round, short against a lane's limit
GUESS_S: Final = 3.0  # a first guess counts as much as that many seconds of looking
FEWEST_SLOTS: Final = 1.0


class Pace(Value):
    """What went while somebody looked; older seconds count for less."""

    seconds: float
    jobs: float
    asks: float

    @property
    def jobs_per_s(self) -> float:
        return self.jobs / self.seconds

    @property
    def asks_per_s(self) -> float:
        return self.asks / self.seconds


def guess(*, slots: float, call_s: float, asks_a_job: float) -> Pace:
    """Before anything was seen: every slot that the lane may count on takes one ask after the other.

    Args:
        slots: of the lane; a share of a slot is a slot for some of the time.
        call_s: of one ask.
    """
    asks = max(FEWEST_SLOTS, slots) * GUESS_S / (call_s or FIRST_GUESS_S)
    return Pace(seconds=GUESS_S, jobs=asks / max(1.0, asks_a_job), asks=asks)


def after(pace: Pace, *, seconds: float, jobs: int, asks: int) -> Pace:
    """The pace once more time has passed, in which so many went."""
    kept = 2 ** (-seconds / HALF_LIFE_S)
    return Pace(seconds=pace.seconds * kept + seconds, jobs=pace.jobs * kept + jobs, asks=pace.asks * kept + asks)
