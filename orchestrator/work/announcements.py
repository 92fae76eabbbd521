"""What is announced of budgets: each thing once. Pure values."""

from datetime import date
from typing import Literal, TypeAlias

from orchestrator.work.scopes import Period
from providers.calls import JsonObject, Value

BudgetEventType: TypeAlias = Literal["budget.threshold", "budget.forecast", "budget.bound_passed"]


class BudgetEvent(Value):
    """One thing that happened to a budget. `threshold` is a percentage of the limit, `scope` as budgets name it."""

    type: BudgetEventType
    scope: str
    period: Period
    period_start: date
    threshold: int
    limit_micro_usd: int
    data: JsonObject
