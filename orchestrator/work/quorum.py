"""How long a panel that has its quorum waits for the others. Pure.

The late seats get as long again as the job took to come so far, and never less than their lane's patience; a bulk job
has all the time until its deadline. Near the deadline everybody is late: a partial result in time beats a whole one
that nobody reads.
"""

from typing import Final

from orchestrator.work.lanes import Lane

PATIENCE_S: Final[dict[Lane, float | None]] = {"interactive": 3.0, "standard": 15.0, "bulk": None}

# Checking, synthesis and commits take well under a second; the sweep that ends a panel looks once a second.
KEPT_FOR_THE_END_S: Final = 3.0


def late_after_s(lane: Lane, *, took_s: float, left_s: float) -> float:
    """Seconds from now after which seats that have not ended are late.

    Args:
        took_s: since the job started.
        left_s: until its deadline.
    """
    patience_s, most_s = PATIENCE_S[lane], max(0.0, left_s - KEPT_FOR_THE_END_S)
    return most_s if patience_s is None else min(most_s, max(patience_s, took_s))
