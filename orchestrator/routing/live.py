"""How models have fared of late, as far as a plan minds it. Pure data; somebody else looks.

What nobody knows is held against nobody: a model without figures counts as one without a fault, and as fast as the
scale of `orchestrator/routing/scoring.py` has it in the middle.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Final

from pydantic import Field

from providers.calls import Target, Value

FEWEST_CALLS: Final = 5  # of fewer, one that failed would decide alone
UNHEALTHY_SHARE: Final = 0.5  # as many of its calls must fail to open a circuit, too
FEWEST_OPEN: Final = 2  # circuits that tell of a provider: one may be its model's own trouble


class Vitals(Value):
    """Of one model at its provider, of late.

    `calls` ended within the last moments; of them `faults` are those that it failed or had no room for. `latency_s` is
    the median of those that it answered, over a longer time; None: too few. `in_flight` are under way. `is_open`: its
    circuit holds calls back.
    """

    calls: int = Field(default=0, ge=0)
    faults: int = Field(default=0, ge=0)
    latency_s: float | None = Field(default=None, ge=0)
    in_flight: int = Field(default=0, ge=0)
    is_open: bool = False

    @property
    def fault_share(self) -> float:
        """0 where too little is known."""
        return self.faults / self.calls if self.calls >= FEWEST_CALLS else 0.0


UNKNOWN: Final = Vitals()


@dataclass(frozen=True)
class Live:
    """The vitals of the models that were asked of late."""

    vitals: Mapping[Target, Vitals] = field(default_factory=dict)

    def of(self, target: Target) -> Vitals:
        return self.vitals.get(target, UNKNOWN)

    def why_out(self, target: Target) -> str | None:
        """Why a call to it would most likely fail or be held back now; None: it would not.

        A provider of which every model that was asked is held back, and several were, is out as a whole.
        """
        own = self.of(target)
        if own.is_open:
            return "its circuit is open"
        if own.fault_share >= UNHEALTHY_SHARE:
            return f"it failed {own.faults} of its last {own.calls} calls"
        others = [vitals for other, vitals in self.vitals.items() if other.provider == target.provider]
        if target not in self.vitals and len(others) >= FEWEST_OPEN and all(vitals.is_open for vitals in others):
            return f"the circuits of {target.provider} are open"
        return None


NOTHING_KNOWN: Final = Live()
