"""Refusals about money, as callers read them."""

from datetime import UTC, datetime

from api import problems
from orchestrator.errors import AdmissionStopped, BudgetExhausted


def test_a_budget_that_is_used_up_says_which_and_when_it_begins_anew() -> None:
    error = BudgetExhausted("No room.", scope="the tenant's month", resets_at=datetime(2026, 12, 1, tzinfo=UTC))

    document, status, headers = problems.of(error, "req_1", "/v1/jobs")

    assert (status, document["code"], document["title"]) == (402, "budget-exhausted", "A budget is used up")
    assert (document["scope"], document["resets_at"]) == ("the tenant's month", "2026-12-01T00:00:00.000Z")
    assert headers == {"Retry-After": "Tue, 01 Dec 2026 00:00:00 GMT"}


def test_a_budget_without_a_period_never_begins_anew() -> None:
    document, _, headers = problems.of(BudgetExhausted("No room.", scope="the job", resets_at=None), "req_1", "/")

    assert document["resets_at"] is None
    assert headers == {}


def test_a_stopped_admission_is_no_matter_of_waiting() -> None:
    document, status, headers = problems.of(AdmissionStopped("A bill passed its bound."), "req_1", "/v1/jobs")

    assert (status, document["code"], document["title"]) == (402, "admission-stopped", "Admission is stopped")
    assert headers == {}
