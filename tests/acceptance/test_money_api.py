"""Budgets, costs and analytics over HTTP: what they show, what they refuse, and that nobody sees a stranger's money."""

from collections.abc import Iterator
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from typing import Any

import pytest

from orchestrator.storage import budgets, reports, tenants
from providers import catalog
from providers.comparison import Comparison
from tests.acceptance.callers import Alone, Caller, api_alone
from tests.integration.entries import OPUS, entry
from tests.servers import Addresses

BY = ("day", "model", "provider", "project", "policy")
READS = ("/v1/budgets", "/v1/costs", "/v1/analytics", "/v1/analytics?detailed=true")


@pytest.fixture(scope="module")
def alone(addresses: Addresses, template: str, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Alone]:
    with api_alone(addresses, template, tmp_path_factory.mktemp("api")) as running:
        yield running


@pytest.fixture
def acme(alone: Alone) -> Caller:
    return alone.tenant()


@pytest.fixture
def today(alone: Alone) -> date:
    with alone.database.system() as connection:
        return reports.now(connection).date()


def budget(shown: Any, scope: str, period: str) -> Any:
    (found,) = [one for one in shown["data"] if (one["scope"], one["period"]) == (scope, period)]
    return found


def test_day_and_month_are_always_shown_and_the_platforms_month_to_operators_alone(alone: Alone) -> None:
    callers = alone.tenant("read"), alone.tenant("read", "admin"), alone.tenant("read", "ops")

    names = [[(one["scope"], one["period"]) for one in who.read("/v1/budgets")["data"]] for who in callers]

    assert names == [
        [("tenant", "day"), ("tenant", "month")],
        [("tenant", "day"), ("tenant", "month")],
        [("tenant", "day"), ("tenant", "month"), ("platform", "month")],
    ]


def test_a_budget_shows_what_is_spent_and_left_and_when_it_begins_anew(acme: Caller, today: date) -> None:
    acme.book(entry(1_250_000, today.isoformat(), project="crm"), entry(250_000, today.isoformat()))
    acme.put("tenant", period="month", limit_usd="10.00")

    found = budget(acme.read("/v1/budgets"), "tenant", "month")

    after = (today.replace(day=28) + timedelta(days=4)).replace(day=1)
    assert found["limit_usd"] == "10.000000"
    assert (found["spent_usd"], found["held_usd"], found["remaining_usd"]) == ("1.500000", "0.000000", "8.500000")
    assert found["resets_at"] == f"{after.isoformat()}T00:00:00.000Z"
    assert Decimal(found["forecast"]["low_usd"]) >= Decimal("1.5")
    assert found["forecast"]["confidence_percent"] == 90
    assert Decimal(found["pace"]["allowed_to_date_usd"]) <= 10


def test_a_project_has_a_budget_of_its_own(acme: Caller, today: date) -> None:
    acme.book(entry(1_250_000, today.isoformat(), project="crm"), entry(250_000, today.isoformat()))

    set_now = acme.put("project:crm", period="day", limit_usd="2")

    assert (set_now["scope"], set_now["period"], set_now["spent_usd"]) == ("project:crm", "day", "1.250000")
    assert budget(acme.read("/v1/budgets"), "project:crm", "day")["limit_usd"] == set_now["limit_usd"] == "2.000000"


def test_an_override_holds_until_its_time_and_is_told(acme: Caller) -> None:
    until = (datetime.now(UTC) + timedelta(days=2)).replace(microsecond=0)

    found = acme.put("tenant", period="day", limit_usd="5.00", override_usd="7.50", override_until=until.isoformat())

    assert found["limit_usd"] == "5.000000"
    assert found["override"] == {
        "limit_usd": "7.500000",
        "until": until.isoformat().replace("+00:00", ".000Z"),
    }
    assert found["remaining_usd"] == "7.500000"


def test_an_override_whose_time_has_passed_is_gone(acme: Caller) -> None:
    with acme.database.tenant(acme.tenant.id) as connection:
        budgets.put(
            connection,
            "tenant",
            "day",
            5_000_000,
            override_micro_usd=7_500_000,
            override_until=datetime.now(UTC) - timedelta(hours=1),
        )

    found = budget(acme.read("/v1/budgets"), "tenant", "day")

    assert (found["override"], found["remaining_usd"]) == (None, "5.000000")


def test_a_limit_below_what_is_spent_is_taken_and_leaves_less_than_nothing(acme: Caller, today: date) -> None:
    acme.book(entry(3_000_000, today.isoformat()))

    found = acme.put("tenant", period="day", limit_usd="1.00")

    assert found["remaining_usd"] == "-2.000000"
    assert found["forecast"]["passes_limit"] is True


def test_a_limit_that_is_taken_away_leaves_the_count(acme: Caller, today: date) -> None:
    acme.book(entry(3_000_000, today.isoformat()))
    acme.put("tenant", period="day", limit_usd="1.00")

    found = acme.put("tenant", period="day", limit_usd=None)

    assert (found["limit_usd"], found["remaining_usd"], found["pace"]) == (None, None, None)
    assert found["spent_usd"] == "3.000000"
    assert found["forecast"]["passes_limit"] is None


AHEAD = (datetime.now(UTC) + timedelta(days=2)).isoformat()
LIMIT = {"period": "month", "limit_usd": "1.00"}


@pytest.mark.parametrize(
    ("scope", "body", "pointer"),
    [
        ("tenant", {"period": "month"}, "/limit_usd"),
        ("tenant", {"limit_usd": "1"}, "/period"),
        ("tenant", LIMIT | {"period": "week"}, "/period"),
        ("tenant", LIMIT | {"limit_usd": 1}, "/limit_usd"),
        ("tenant", LIMIT | {"limit_usd": "-1"}, "/limit_usd"),
        ("tenant", LIMIT | {"limit_usd": "0.0000001"}, "/limit_usd"),
        ("tenant", LIMIT | {"limit_usd": "9223372036854775808"}, "/limit_usd"),
        ("tenant", LIMIT | {"limit_usd": "NaN"}, "/limit_usd"),
        ("tenant", LIMIT | {"limit": "1"}, "/limit"),
        ("tenant", LIMIT | {"override_usd": "2"}, "/override_until"),
        ("tenant", LIMIT | {"override_until": AHEAD}, "/override_until"),
        ("tenant", LIMIT | {"override_usd": "2", "override_until": "2020-01-01T00:00:00Z"}, "/override_until"),
        ("tenant", LIMIT | {"override_usd": "2", "override_until": "9999-12-31T23:59:59-12:00"}, "/override_until"),
        ("tenant", LIMIT | {"override_usd": "2", "override_until": "2030-01-01T00:00:00"}, "/override_until"),
        (
            "tenant",
            {"period": "day", "limit_usd": None, "override_usd": "2", "override_until": AHEAD},
            "/override_usd",
        ),
        ("platform", LIMIT, "/path/scope"),
        ("project:", LIMIT, "/path/scope"),
        ("project:%20a", LIMIT, "/path/scope"),
        (f"project:{'a' * 81}", LIMIT, "/path/scope"),
        ("project:a%00b", LIMIT, "/path/scope"),
    ],
)
def test_a_budget_that_cannot_be_is_refused_with_a_pointer_and_changes_nothing(
    acme: Caller, scope: str, body: dict[str, Any], pointer: str
) -> None:
    answer = acme.ask(f"/v1/budgets/{scope}", "PUT", **body)

    assert answer.status_code == 422
    assert answer.headers["content-type"] == "application/problem+json"
    assert [one["pointer"] for one in answer.json()["errors"]] == [pointer]
    assert all(one["limit_usd"] is None for one in acme.read("/v1/budgets")["data"] if one["scope"] != "platform")


def test_a_project_may_be_called_as_jobs_call_it(acme: Caller) -> None:
    assert acme.put("project:Big client 7_b.c-d", **LIMIT)["scope"] == "project:Big client 7_b.c-d"


def test_there_may_be_two_hundred_limits_and_one_that_is_there_can_still_be_changed(acme: Caller) -> None:
    with acme.database.tenant(acme.tenant.id) as connection:
        for number in range(200):
            budgets.put(connection, f"project:p{number}", "month", 1_000_000)

    refused = acme.ask("/v1/budgets/project:one-more", "PUT", **LIMIT)
    changed = acme.put("project:p7", period="month", limit_usd="3.00")

    assert refused.status_code == 422
    assert refused.json()["errors"][0]["pointer"] == "/limit_usd"
    assert changed["limit_usd"] == "3.000000"
    assert len(acme.read("/v1/budgets")["data"]) == 203


def test_a_stop_is_told_and_lifted_once(acme: Caller) -> None:
    with acme.database.tenant(acme.tenant.id) as connection:
        tenants.stop(connection, acme.tenant.id, "a bill above its bound")

    shown = acme.read("/v1/budgets")["stopped"]
    lifted = [acme.ask("/v1/budgets/resume", "POST").json() for _ in range(2)]

    assert shown["why"] == "a bill above its bound"
    assert lifted == [{"resumed": True}, {"resumed": False}]
    assert acme.read("/v1/budgets")["stopped"] is None


def test_a_stopped_tenants_job_is_refused_with_the_reason(alone: Alone) -> None:
    acme = alone.tenant("submit")
    with acme.database.tenant(acme.tenant.id) as connection:
        tenants.stop(connection, acme.tenant.id, "a bill above its bound")

    answer = acme.ask("/v1/jobs", "POST", transcript={"content": "Ann: We will ship on Friday."})

    assert (answer.status_code, answer.json()["code"]) == (402, "admission-stopped")
    assert "a bill above its bound" in answer.json()["detail"]


@pytest.mark.parametrize("by", BY)
def test_costs_add_up_to_their_total_to_the_micro_dollar(acme: Caller, by: str) -> None:
    acme.book(
        entry(900_001, "2026-11-02", project="crm"),
        entry(50, "2026-11-10", served=OPUS, project="crm", policy="quality"),
        entry(7, "2026-11-30"),
    )

    found = acme.read(f"/v1/costs?group_by={by}&from=2026-11-01&to=2026-11-30")

    assert found["total_usd"] == "0.900058" == f"{sum(Decimal(row['cost_usd']) for row in found['data']):.6f}"
    assert sum(row["calls"] for row in found["data"]) == 3
    assert sum(row["tokens"]["input_tokens"] for row in found["data"]) == 300
    assert (found["from"], found["to"], found["group_by"]) == ("2026-11-01", "2026-11-30", by)


def test_savings_lead_lever_by_lever_from_the_reference_to_what_was_paid(acme: Caller) -> None:
    reference = catalog.load().reference
    figures = Comparison(
        reference_micro_usd=1_000_000, direct_micro_usd=400_000, cached_micro_usd=300_000, tier_micro_usd=200_000
    )
    known = entry(210_000, reference=reference, comparison=figures)
    again = entry(190_000, reference=reference, comparison=figures)
    acme.book(known, again, entry(50_000, used=False), entry(7, used=True))

    found = acme.read("/v1/costs?from=2026-11-01&to=2026-11-30")["savings"]

    levers = sum(Decimal(amount) for amount in found["levers"].values())
    assert (found["reference"], found["actual_usd"], found["left_out"]) == (reference, "0.450000", 1)
    assert levers == Decimal(found["reference_usd"]) - Decimal(found["actual_usd"])
    assert found["levers"]["overhead"] == "-0.050000"
    assert found["stale"] or Decimal(found["saved_usd"]) == levers


def test_costs_without_days_are_those_of_this_month(acme: Caller, today: date) -> None:
    first = today.replace(day=1)
    acme.book(entry(5, today.isoformat()), entry(70, first.isoformat()), entry(9, (first - timedelta(1)).isoformat()))

    found = acme.read("/v1/costs")

    assert (found["from"], found["to"], found["group_by"]) == (first.isoformat(), today.isoformat(), "day")
    assert found["total_usd"] == "0.000075"


@pytest.mark.parametrize(
    ("query", "pointer"),
    [
        ("group_by=hour", "/query/group_by"),
        ("from=yesterday", "/query/from"),
        ("from=2026-11-10&to=2026-11-09", "/query/from"),
        ("from=2025-01-01&to=2026-11-09", "/query/from"),
        ("from=0001-01-01&to=9999-12-31", "/query/from"),
    ],
)
def test_costs_that_cannot_be_are_refused_with_a_pointer(acme: Caller, query: str, pointer: str) -> None:
    answer = acme.ask(f"/v1/costs?{query}")

    assert answer.status_code == 422
    assert [one["pointer"] for one in answer.json()["errors"]] == [pointer]


@pytest.mark.parametrize("query", ["to=0001-01-01", "from=9999-12-31&to=9999-12-31", "to=9999-12-31"])
def test_the_ends_of_the_calendar_are_days_like_others(acme: Caller, query: str) -> None:
    assert acme.read(f"/v1/costs?{query}")["data"] == []


def test_analytics_tell_usage_costs_performance_and_predictions(acme: Caller, today: date) -> None:
    acme.book(entry(5_000_000, today.isoformat()))

    found = acme.read("/v1/analytics?days=7")

    assert (found["from"], found["to"]) == ((today - timedelta(days=6)).isoformat(), today.isoformat())
    assert found["usage"]["jobs"] == 0
    assert found["costs"]["total"]["cost_usd"] == "5.000000"
    assert found["performance"]["calls"]["success_rate"] is None
    assert [one["period"] for one in found["predictions"]] == ["day", "month"]
    assert found["costs"]["by_model"] is found["performance"]["by_day"] is None


def test_details_are_told_when_they_are_asked_for(acme: Caller, today: date) -> None:
    acme.book(entry(5_000_000, today.isoformat()))

    found = acme.read("/v1/analytics?detailed=true")

    assert [row["key"] for row in found["costs"]["by_model"]] == ["openai/gpt-6-luna"]
    assert found["performance"]["by_model"] == found["performance"]["by_day"] == []


@pytest.mark.parametrize("days", [0, 401, "many"])
def test_analytics_of_days_that_cannot_be_are_refused(acme: Caller, days: object) -> None:
    answer = acme.ask(f"/v1/analytics?days={days}")

    assert [one["pointer"] for one in answer.json()["errors"]] == ["/query/days"]


def test_a_stranger_sees_nothing_of_it(alone: Alone, acme: Caller, today: date) -> None:
    acme.book(entry(5_000_000, today.isoformat(), project="crm"))
    acme.put("project:crm", period="month", limit_usd="1.00")
    stranger = alone.tenant("read")

    shown = [stranger.read(path) for path in READS]

    text = repr(shown)
    assert "crm" not in text
    assert "gpt-6-luna" not in text
    assert "5.000000" not in text
    assert [one["scope"] for one in shown[0]["data"]] == ["tenant", "tenant"]


def test_the_contract_describes_what_is_posted_and_shown(alone: Alone) -> None:
    document = alone.product.http.get("/openapi.json").json()

    schemas = document["components"]["schemas"]
    put = document["paths"]["/v1/budgets/{scope}"]["put"]
    assert put["requestBody"]["content"]["application/json"]["schema"]["$ref"].endswith("/BudgetBody")
    for name in ("BudgetBody", "BudgetView", "BudgetsView", "CostsView", "AnalyticsView"):
        assert schemas[name]["examples"], name


@pytest.mark.parametrize("path", READS)
def test_who_may_not_read_sees_no_money(alone: Alone, path: str) -> None:
    answer = alone.tenant("submit", "admin").ask(path)

    assert (answer.status_code, answer.json()["code"]) == (403, "forbidden")


@pytest.mark.parametrize(
    ("method", "path", "posted"), [("PUT", "/v1/budgets/tenant", LIMIT), ("POST", "/v1/budgets/resume", {})]
)
def test_who_is_no_admin_sets_no_budget(alone: Alone, method: str, path: str, posted: dict[str, Any]) -> None:
    reader = alone.tenant("read", "submit")

    answer = reader.ask(path, method, **posted)

    assert (answer.status_code, answer.json()["code"]) == (403, "forbidden")
    assert all(one["limit_usd"] is None for one in reader.read("/v1/budgets")["data"])


@pytest.mark.parametrize("path", READS)
def test_without_a_key_there_is_no_money_to_see(alone: Alone, path: str) -> None:
    answer = alone.product.http.get(path, headers={"Authorization": ""})

    assert answer.status_code == 401
