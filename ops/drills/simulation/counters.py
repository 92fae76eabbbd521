"""The counters of budgets in Redis, for the one scope that every call counts in: its job.

As orchestrator/money/holds.lua has them, operation by operation; a Redis that lost its memory has void counters, which
are set anew from the rows under the next generation (`orchestrator/money/counters.py`).
"""

from collections.abc import Iterable
from enum import Enum, auto
from typing import Final, NamedTuple

VOID_GENERATION: Final = 0


class Said(Enum):
    """What came of asking for a hold."""

    VOID = auto()
    DONE = auto()
    MISSING = auto()
    REFUSED = auto()
    HELD = auto()


class Hold(NamedTuple):
    """`generation`: under which it is held; `final`: what was spent is in the way; `spent_micro_usd`: of the job."""

    said: Said
    generation: int = VOID_GENERATION
    final: bool = False
    spent_micro_usd: int = 0


class Counters:
    """Belongs to the Redis of a world. Every operation may be repeated."""

    def __init__(self, generation: int) -> None:
        self.generation = generation
        self._holds: dict[int, tuple[int, int, float]] = {}  # call -> job, amount, since
        self._done: dict[int, int] = {}
        self._spent: dict[int, int] = {}
        self._held: dict[int, int] = {}

    def wipe(self) -> None:
        """Redis starts again, empty."""
        self.generation = VOID_GENERATION
        self._holds, self._done, self._spent, self._held = {}, {}, {}, {}

    def standing(self, since: float) -> list[int]:
        """The calls that have been held since that moment or longer."""
        return [call for call, (_, _, began) in self._holds.items() if began <= since]

    def hold(self, call: int, job: int, amount: int, limit: int, known: tuple[int, int] | None, now: float) -> Hold:
        """Hold a call's worst case. `known`: a generation, and what the job had spent then with nothing under way."""
        if self.generation == VOID_GENERATION:
            return Hold(Said.VOID)
        if call in self._done:
            return Hold(Said.DONE)
        if call in self._holds:
            return Hold(Said.HELD, self.generation)
        if job not in self._spent and known is not None and known[0] == self.generation:
            self._spent[job], self._held[job] = known[1], 0
        if job not in self._spent:
            return Hold(Said.MISSING, self.generation)
        spent = self._spent[job]
        if spent + self._held[job] + amount > limit:
            return Hold(Said.REFUSED, final=spent + amount > limit, spent_micro_usd=spent)
        self._held[job] += amount
        self._holds[call] = job, amount, now
        return Hold(Said.HELD, self.generation)

    def settle(self, call: int, cost_micro_usd: int) -> None:
        """The call is over, and that is what it came to."""
        if call in self._done:
            return
        self._done[call] = cost_micro_usd
        job, amount, _ = self._holds.pop(call, (None, 0, 0.0))
        if job is not None and job in self._spent:
            self._spent[job] += cost_micro_usd
            self._held[job] -= amount

    def open(
        self, job: int, generation: int, spent_micro_usd: int, under_way: Iterable[tuple[int, int]], now: float
    ) -> None:
        """Set the counters of a job as the rows had them under that generation, unless they stand by now."""
        if generation != self.generation or job in self._spent:
            return
        spent, held = spent_micro_usd, 0
        for call, amount in under_way:
            if call in self._done:
                spent += self._done[call]
            else:
                held += amount
                self._holds[call] = job, amount, now
        self._spent[job], self._held[job] = spent, held

    def found(self, generation: int) -> None:
        """Begin a generation: all counters are missing from now on."""
        if self.generation >= generation:
            return
        self.generation = generation
        self._holds, self._spent, self._held = {}, {}, {}
