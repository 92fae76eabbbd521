"""The providers of a schedule and their bank, which knows what was billed and nothing of the rows: the witness."""

from random import Random
from typing import Final, NamedTuple

from ops.drills.simulation.plan import Plan
from ops.drills.simulation.targets import BOUNDS_MICRO_USD, BUILT_IN, OUT_OF_TIME, UNBILLED, UNKNOWN
from providers.errors import ProviderError

CALM_CALL_S: Final = 5.0


class Fate(NamedTuple):
    """What becomes of a call. `error` None: it is answered, and `useless` says whether anybody can read that."""

    took_s: float
    error: ProviderError | None = None
    price_micro_usd: int = 0
    useless: bool = False


class Provider:
    """All of them at once. `billed` is their bank, by call; `requests` how often each call arrived,
    `broken_off` how many ended without a word on what is billed.
    """

    def __init__(self, plan: Plan, chance: Random) -> None:
        self.billed: dict[int, int] = {}
        self.requests: dict[int, int] = {}
        self.broken_off = 0
        self._plan = plan
        self._draw = chance.random
        self._choice = chance.choice
        self._forgiven: set[int] = set()

    def take(self, call: int, target: int, patience_s: float, now: float) -> Fate:
        """The first byte has arrived. What is billed is billed now, unless `cut` takes it back."""
        self.requests[call] = self.requests.get(call, 0) + 1
        if target == BUILT_IN:
            return Fate(0.05)
        plan, draw, calm = self._plan, self._draw, now >= self._plan.calm_at
        took_s, lot = 0.1 + draw() * (CALM_CALL_S if calm else plan.call_s), 1.0 if calm else draw()
        price = max(1, int(draw() * BOUNDS_MICRO_USD[target]))
        if lot < plan.unbilled:
            return Fate(min(took_s, patience_s), self._choice(UNBILLED))
        if lot < plan.unbilled + plan.unknown * (1 - plan.unbilled):
            if draw() < 0.5:
                self.billed[call] = price
            self.broken_off += 1
            return Fate(min(took_s, patience_s), self._choice(UNKNOWN))
        if draw() < 0.5:
            self._forgiven.add(call)
        self.billed[call] = price
        if took_s > patience_s:
            self.cut(call)
            self.broken_off += 1
            return Fate(patience_s, OUT_OF_TIME)
        return Fate(took_s, None, price, draw() < plan.useless)

    def cut(self, call: int) -> None:
        """The caller has hung up before the answer was whole: some bill that, some do not."""
        if call in self._forgiven:
            self.billed.pop(call, None)
