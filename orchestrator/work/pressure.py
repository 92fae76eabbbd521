"""How hard budgets that run out press on new plans, and why; what to do about it is the planner's. Pure.

Two things press: what is used of a limit, and being ahead of the pace at which the limit lasts for its whole period.
What calls hold counts as used, since it may be spent to the last micro-dollar.
"""

from collections.abc import Iterable
from enum import IntEnum
from typing import Final

from pydantic import Field

from providers.calls import Value

# The three are compared in whole percent of a limit, all of them in integers.
EASE_AT_PERCENT: Final = 85  # people are alerted here for the second time; a month's last sixth can still be stretched
SAVE_AT_PERCENT: Final = 95  # the last alert before calls are refused: what is left shall answer as many as it can
PACED_FROM_PERCENT: Final = 50  # below, one dear meeting on a quiet morning would look like haste

# A quarter ahead of the clock. Who spends evenly on weekdays alone runs up to 1.48 times ahead in a month's first days,
# but never more than 1.17 once half is gone (the months of 2024 to 2035).
AHEAD_PERCENT: Final = 125

_PPM: Final = 1_000_000  # a share of time becomes an integer to a millionth: 2.7 seconds of a month


class Pressure(IntEnum):
    """What new plans do about budgets that run out; the greater, the harder."""

    NONE = 0
    EASE = 1
    SAVE = 2


class Standing(Value):
    """How one budget stands. `scope` is what people call it, as `Scope.words` does: "the tenant's month"."""

    scope: str
    limit_micro_usd: int = Field(ge=0)
    spent_micro_usd: int
    held_micro_usd: int
    elapsed: float = Field(ge=0, le=1, description="the share of its period that has passed")

    @property
    def used_micro_usd(self) -> int:
        return self.spent_micro_usd + self.held_micro_usd

    @property
    def used_percent(self) -> int:
        """Rounded down, so that nobody reads 95 % before 95 % are used. Of nothing, all is used."""
        return self.used_micro_usd * 100 // self.limit_micro_usd if self.limit_micro_usd else 100


class Squeeze(Value):
    """`because` is a sentence for the job's reader, without its full stop; "" if nothing presses."""

    pressure: Pressure
    because: str = ""


RELAXED: Final = Squeeze(pressure=Pressure.NONE)
_SO: Final[dict[Pressure, str]] = {
    Pressure.EASE: "cheaper models were planned",
    Pressure.SAVE: "the cheapest models were planned",
}


def squeeze(standings: Iterable[Standing]) -> Squeeze:
    """The hardest pressure of these budgets; among equals, that of the one which is used up most speaks."""
    pressed = [standing for standing in standings if pressure_of(standing)]
    if not pressed:
        return RELAXED
    worst = max(pressed, key=lambda standing: (pressure_of(standing), standing.used_percent))
    return Squeeze(pressure=pressure_of(worst), because=f"{_state(worst)}, so {_SO[pressure_of(worst)]}")


def pressure_of(standing: Standing) -> Pressure:
    """What one budget alone would press. A limit of 0 allows nothing, so it presses as hard as can be."""
    if _is_used(standing, SAVE_AT_PERCENT):
        return Pressure.SAVE
    if _is_used(standing, EASE_AT_PERCENT) or _is_ahead(standing):
        return Pressure.EASE
    return Pressure.NONE


def _is_used(standing: Standing, percent: int) -> bool:
    return standing.used_micro_usd * 100 >= standing.limit_micro_usd * percent


def _is_ahead(standing: Standing) -> bool:
    in_time = standing.limit_micro_usd * round(standing.elapsed * _PPM)
    return _is_used(standing, PACED_FROM_PERCENT) and standing.used_micro_usd * _PPM * 100 > in_time * AHEAD_PERCENT


def _state(standing: Standing) -> str:
    if not standing.limit_micro_usd:
        return f"{standing.scope} budget is 0"
    used = f"{standing.used_percent} % of {standing.scope} budget is used"
    if _is_used(standing, EASE_AT_PERCENT):
        return used
    return f"{used} and {int(standing.elapsed * 100)} % of its time has passed"
