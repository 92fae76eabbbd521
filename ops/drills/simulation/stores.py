"""PostgreSQL and the broker as a schedule has them: away for a while, in doubt, forgetful; late, deaf, doubling."""

from collections.abc import Callable
from random import Random
from typing import NamedTuple, ParamSpec, TypeVar

from ops.drills.simulation.plan import Plan
from ops.drills.simulation.rows import Claim, Rows

Given = ParamSpec("Given")
Found = TypeVar("Found")


class StoreAway(Exception):
    """PostgreSQL did not answer. What was asked of it may have been done all the same."""


class Store:
    """Transactions, one after the other. `commits` counts them."""

    def __init__(self, rows: Rows, plan: Plan, chance: Random) -> None:
        self.rows = rows
        self.commits = 0
        self.doubts = 0
        self.away_until = 0.0
        self.now = 0.0
        self._in_doubt = plan.in_doubt
        self._calm_at = plan.calm_at
        self._draw = chance.random
        self._may_forget = plan.crash > 0
        self._kept: Rows | None = None  # the rows before the first commit that a crash would forget

    def do(self, step: Callable[Given, Found], *given: Given.args, **named: Given.kwargs) -> Found:
        """One durable transaction. Raises StoreAway: it was not made, or nobody said that it was."""
        self._reach()
        found = step(*given, **named)
        self._kept = None
        return self._tell(found)

    def do_forgettably(self, step: Callable[Given, Found], *given: Given.args, **named: Given.kwargs) -> Found:
        """One that returns before it is on the disk. The next durable one takes it along (ADR 18)."""
        self._reach()
        if self._may_forget and self._kept is None:
            # What the step is handed must not be what is kept: the rows stay, their image is put aside.
            self._kept = self.rows.copy()
        return self._tell(step(*given, **named))

    def crash(self) -> bool:
        """Go down without warning. Returns whether something was forgotten."""
        if self._kept is None:
            return False
        self.rows, self._kept = self._kept, None
        self.commits += 1
        return True

    def _reach(self) -> None:
        if self.now < self.away_until:
            raise StoreAway

    def _tell(self, found: Found) -> Found:
        self.commits += 1
        if self._in_doubt and self.now < self._calm_at and self._draw() < self._in_doubt:
            self.doubts += 1
            raise StoreAway
        return found


class Message(NamedTuple):
    """An ask for a seat, as it stood in that epoch; without a seat, the ending of a job."""

    queue: int
    job: int
    seat: int | None = None
    epoch: int = 0

    def __str__(self) -> str:
        return (
            f"the ending of job {self.job}" if self.seat is None else f"the ask for seat {self.seat} of job {self.job}"
        )


class Broker:
    """Where messages wait, and which. `World` delivers them."""

    def __init__(self) -> None:
        self.away_until = 0.0
        self.memory = 0  # which one: a message of an earlier one is gone
        self.waiting: dict[Message, int] = {}

    def wipe(self) -> None:
        self.memory += 1
        self.waiting = {}

    def put(self, message: Message) -> None:
        self.waiting[message] = self.waiting.get(message, 0) + 1

    def take(self, message: Message) -> None:
        left = self.waiting[message] - 1
        if left:
            self.waiting[message] = left
        else:
            del self.waiting[message]


class Kept:
    """An answer on the disk of the workers' machine."""

    __slots__ = ("call", "held", "price_micro_usd", "useless")

    def __init__(self, held: Claim, call: int, price_micro_usd: int, *, useless: bool) -> None:
        self.held = held
        self.call = call
        self.price_micro_usd = price_micro_usd
        self.useless = useless
