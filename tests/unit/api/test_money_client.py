"""What the client asks about money, against a double of the wire."""

import json
from datetime import UTC, date, datetime

import httpx
import pytest
from pydantic import BaseModel

from api.analytics_schemas import AnalyticsView
from api.client import Client, Problem, Unreachable
from api.money_schemas import BudgetBody, BudgetsView, BudgetView, CostsView, ResumedView
from tests.unit.api.accounts import budget, budgets, costs
from tests.unit.api.test_api_client import Wire, client

MODELS = (BudgetBody, BudgetView, BudgetsView, ResumedView, CostsView, AnalyticsView)


def examples(model: type[BaseModel]) -> list[object]:
    found = model.model_json_schema()["examples"]
    assert isinstance(found, list)
    return found


def asked(wire: Wire) -> tuple[str, str]:
    (request,) = wire.asked
    return request.method, request.url.raw_path.decode()


def shown(view: BaseModel) -> httpx.Response:
    return httpx.Response(200, text=view.model_dump_json())


@pytest.mark.parametrize("model", MODELS, ids=lambda model: model.__name__)
def test_the_contracts_examples_are_of_the_shape_that_they_are_examples_of(model: type[BaseModel]) -> None:
    for example in examples(model):
        read = model.model_validate_json(json.dumps(example))

        assert json.loads(read.model_dump_json(exclude_unset=True)).keys() == dict(example).keys()  # type: ignore[call-overload]  # an object


def test_budgets_are_read_as_they_stand() -> None:
    wire = Wire(shown(budgets()))

    assert client(wire).budgets() == budgets()
    assert asked(wire) == ("GET", "/v1/budgets")


def test_a_budget_is_put_with_its_override() -> None:
    wire = Wire(shown(budget()))

    made = client(wire).set_budget(
        "project:Big client/7",
        "month",
        "100.00",
        override_usd="150.00",
        override_until=datetime(2026, 12, 1, tzinfo=UTC),
    )

    assert made == budget()
    assert asked(wire) == ("PUT", "/v1/budgets/project:Big%20client%2F7")
    assert json.loads(wire.asked[0].content) == {
        "period": "month",
        "limit_usd": "100.00",
        "override_usd": "150.00",
        "override_until": "2026-12-01T00:00:00+00:00",
    }


def test_a_limit_is_taken_away_by_none() -> None:
    wire = Wire(shown(budget(limit_usd=None)))

    assert client(wire).set_budget("tenant", "day", None).limit_usd is None
    assert json.loads(wire.asked[0].content) == {
        "period": "day",
        "limit_usd": None,
        "override_usd": None,
        "override_until": None,
    }


def test_a_stop_is_lifted_by_a_post() -> None:
    wire = Wire(httpx.Response(200, json={"resumed": True}))

    assert client(wire).resume() is True
    assert asked(wire) == ("POST", "/v1/budgets/resume")


def test_costs_are_asked_for_by_group_and_days() -> None:
    wire = Wire(shown(costs()))

    found = client(wire).costs("model", first=date(2026, 11, 1), last=date(2026, 11, 30))

    assert (found.first, found.last, found.total_usd) == ("2026-11-01", "2026-11-30", "2.500000")
    assert asked(wire) == ("GET", "/v1/costs?group_by=model&from=2026-11-01&to=2026-11-30")


def test_days_that_are_not_named_are_not_sent() -> None:
    wire = Wire(shown(costs()))

    client(wire).costs()

    assert asked(wire) == ("GET", "/v1/costs?group_by=day")


def test_analytics_are_asked_for_by_days_and_detail() -> None:
    wire = Wire(httpx.Response(200, json=examples(AnalyticsView)[0]))

    assert client(wire).analytics(7, detailed=True).usage.jobs == 130
    assert asked(wire) == ("GET", "/v1/analytics?days=7&detailed=true")


def test_a_read_is_tried_again_and_a_write_is_sent_once() -> None:
    away = httpx.Response(503, json={"code": "unavailable", "title": "Temporarily unavailable"})
    reading, writing = Wire(away, shown(budgets())), Wire(away, shown(budget()))

    assert client(reading).budgets() == budgets()
    with pytest.raises(Problem):
        client(writing).set_budget("tenant", "day", "1.00")

    assert (len(reading.asked), len(writing.asked)) == (2, 1)


def test_an_answer_of_another_service_is_told_as_one() -> None:
    with pytest.raises(Unreachable, match="not in the contract"):
        client(Wire(httpx.Response(200, json={"data": 1}))).budgets()


def test_the_client_of_jobs_is_the_client_of_money() -> None:
    assert {"budgets", "set_budget", "resume", "costs", "analytics"} <= set(dir(Client))
