"""What is announced of budgets has a type that the contract names."""

from datetime import date

import pytest
from pydantic import ValidationError

from orchestrator.work.announcements import BudgetEvent


def announced(kind: str) -> BudgetEvent:
    fields = {"scope": "tenant", "period": "month", "period_start": date(2026, 11, 1), "threshold": 85}
    return BudgetEvent.model_validate({"type": kind, **fields, "limit_micro_usd": 900, "data": {}})


@pytest.mark.parametrize("kind", ["budget.threshold", "budget.forecast", "budget.bound_passed"])
def test_the_types_of_the_contract_can_be_announced(kind: str) -> None:
    assert announced(kind).type == kind


def test_another_type_is_refused() -> None:
    with pytest.raises(ValidationError):
        announced("budget.gone")
