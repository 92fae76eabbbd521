"""Which crossings of budgets are to be announced. Pure; that each is announced once is the table's own rule.

A threshold is crossed by what has been spent: what is held comes back for the most part. A limit that is changed is a
new line, with crossings of its own. A forecast counts as one crossing a period and limit, at the first time that its
upper bound passes the limit while there is time left to do something about it.
"""

from collections.abc import Iterator, Mapping
from datetime import date, datetime
from typing import Final

from orchestrator.money.forecast import Forecast, forecast, would_pass
from orchestrator.money.pace import end_of
from orchestrator.work.announcements import BudgetEvent
from orchestrator.work.scopes import TENANT, Balance, Period, Scope, project_scope
from providers.calls import JsonObject

# The brief's three, and the hard stop itself.
THRESHOLDS: Final = (70, 85, 95, 100)
PLATFORM: Final = "platform"


def crossings(balance: Balance) -> Iterator[BudgetEvent]:
    """Every threshold that this budget has reached."""
    limit, spent = balance.limit_micro_usd, balance.spent_micro_usd
    if limit is None:
        return
    for threshold in THRESHOLDS:
        if spent * 100 >= limit * threshold and (spent or limit == 0):
            said = f"{spent * 100 // limit if limit else 100} % of {balance.scope.words} budget is spent"
            yield _event("budget.threshold", balance, threshold, {"threshold": threshold, "said": said})


def foreseen(balance: Balance, cost_by_day: Mapping[date, int], at: datetime) -> BudgetEvent | None:
    """The announcement that the limit will not last, if the forecast's upper bound says so.

    One that no back-test stands behind says that it is a guess.
    """
    period, limit = balance.scope.period, balance.limit_micro_usd
    if period is None or limit is None or balance.spent_micro_usd >= limit:
        return None
    made = forecast(period, cost_by_day, at)
    if not would_pass(made, limit):
        return None
    return _event("budget.forecast", balance, 100, _foretold(made, balance))


def scope_name(scope: Scope) -> str:
    """As budgets and the HTTP contract call it."""
    names = {"tenant": TENANT, "platform": PLATFORM}
    return names.get(scope.owner, project_scope(scope.of))


def _foretold(made: Forecast, balance: Balance) -> JsonObject:
    tested = made.back_test_percent
    trust = "a guess: there is too little history to test it" if tested is None else f"off by {tested:g} % in tests"
    return {
        "low_usd": usd(made.low_micro_usd),
        "mid_usd": usd(made.mid_micro_usd),
        "high_usd": usd(made.high_micro_usd),
        "method": made.method,
        "back_test_percent": tested,
        "said": f"{balance.scope.words} may come to {usd(made.high_micro_usd)} US dollars ({trust})",
    }


def _event(kind: str, balance: Balance, threshold: int, data: JsonObject) -> BudgetEvent:
    period, start, limit = _of_period(balance)
    told: JsonObject = {
        "spent_usd": usd(balance.spent_micro_usd),
        "limit_usd": usd(limit),
        "resets_at": end_of(period, start).isoformat(),
    }
    return BudgetEvent.model_validate(
        {
            "type": kind,
            "scope": scope_name(balance.scope),
            "period": period,
            "period_start": start,
            "threshold": threshold,
            "limit_micro_usd": limit,
            "data": {**told, **data},
        }
    )


def _of_period(balance: Balance) -> tuple[Period, date, int]:
    scope, limit = balance.scope, balance.limit_micro_usd
    if scope.period is None or scope.start is None or limit is None:
        raise ValueError(f"{scope.name} has no period, or no limit")
    return scope.period, scope.start, limit


def usd(micro_usd: int) -> str:
    """US dollars with six places."""
    return f"{micro_usd // 1_000_000}.{micro_usd % 1_000_000:06d}"
