"""Whether the budgets let a new job in, and how cheaply it is to be planned. Pure.

Only what has been spent keeps a job out: what is held for calls under way comes back for the most part, and the hold at
execution is what counts.
"""

from collections.abc import Iterable
from datetime import UTC, datetime, time

from orchestrator.errors import BudgetExhausted
from orchestrator.money.pace import elapsed
from orchestrator.work.pressure import Squeeze, Standing, squeeze
from orchestrator.work.scopes import Balance, after_last_day


def pressed(balances: Iterable[Balance], at: datetime) -> Squeeze:
    """What the budgets that run out ask of a new plan."""
    return squeeze(_standing(balance, at) for balance in balances if balance.limit_micro_usd is not None)


def has_room(balances: Iterable[Balance], needed_micro_usd: int) -> bool:
    """Whether each budget has enough left for the plan's worst case."""
    try:
        require_room(balances, needed_micro_usd)
    except BudgetExhausted:
        return False
    return True


def require_room(balances: Iterable[Balance], needed_micro_usd: int) -> None:
    """Raises BudgetExhausted: a budget has not enough left for the plan's worst case. A free plan always fits."""
    for balance in balances:
        left = balance.left_micro_usd
        if needed_micro_usd > 0 and left is not None and needed_micro_usd > left:
            raise BudgetExhausted(
                f"{_capital(balance.scope.words)} has {_usd(max(0, left))} US dollars left; "
                f"this job may need {_usd(needed_micro_usd)}.",
                scope=balance.scope.words,
                resets_at=_resets_at(balance),
            )


def _standing(balance: Balance, at: datetime) -> Standing:
    scope = balance.scope
    return Standing(
        scope=scope.words,
        limit_micro_usd=balance.limit_micro_usd or 0,
        spent_micro_usd=balance.spent_micro_usd,
        held_micro_usd=balance.held_micro_usd,
        elapsed=1.0 if scope.period is None else elapsed(scope.period, at),
    )


def _resets_at(balance: Balance) -> datetime | None:
    scope = balance.scope
    if scope.period is None or scope.start is None:
        return None
    return datetime.combine(after_last_day(scope.period, scope.start), time(), UTC)


def _usd(micro_usd: int) -> str:
    return f"{micro_usd // 1_000_000}.{micro_usd % 1_000_000:06d}"


def _capital(words: str) -> str:
    return words[:1].upper() + words[1:]
