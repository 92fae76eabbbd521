"""Replays that may ask, and judges that are asked together: whole processes, judged by the emulator's books."""

from collections.abc import Iterator
from datetime import datetime, timedelta
from itertools import combinations
from typing import Any

import pytest

from orchestrator.storage import budgets
from tests.acceptance.conftest import Build, Town
from tests.acceptance.test_jobs import MEETING, THREE
from tests.acceptance.test_plans import limit, micro, spent, tenant_of


@pytest.fixture(scope="module")
def _of_four(build_town: Build) -> Town:
    return build_town(lambda emulator: emulator.all_tiers)


@pytest.fixture
def town(_of_four: Town) -> Iterator[Town]:
    _of_four.forget()
    yield _of_four
    with _of_four.database.tenant(tenant_of(_of_four)) as connection:
        budgets.remove(connection, "tenant", "month")


@pytest.fixture
def ended(town: Town) -> dict[str, Any]:
    product = town.product
    return product.end_of(product.submit(transcript=MEETING, panel=THREE, strategy="consensus")["id"])


def replay(town: Town, job: str, strategy: str = "hierarchical", **posted: Any) -> Any:
    return town.product.http.post(f"/v1/jobs/{job}/replay", json={"strategy": strategy, "allow_calls": True, **posted})


def end_of(town: Town, answer: Any) -> dict[str, Any]:
    assert answer.status_code == 202, answer.text
    return town.product.end_of(answer.json()["id"])


def beside(job: dict[str, Any]) -> list[dict[str, Any]]:
    return [seat for seat in job["seats"] if seat["role"] != "analyst"]


def test_a_lead_over_a_finished_consensus_costs_what_the_bank_says_and_a_second_time_nothing(
    town: Town, ended: dict[str, Any]
) -> None:
    before, booked = town.emulator.billed_micro_usd(), spent(town)

    first = end_of(town, replay(town, ended["id"]))
    billed, calls = town.emulator.billed_micro_usd() - before, len(town.emulator.requests())
    second = end_of(town, replay(town, ended["id"]))

    (lead,) = beside(first)
    assert (first["status"], first["replay_of"], first["degradations"]) == ("succeeded", ended["id"], [])
    assert first["label"] == f"hierarchical of 3 models, reviewed by {lead['served']}"
    assert billed > 0
    assert micro(first["cost"]["spent_usd"]) == micro(lead["cost_usd"]) == spent(town) - booked == billed
    assert billed <= micro(first["cost"]["bound_usd"])
    assert {seat["cost_usd"] for seat in first["seats"] if seat["role"] == "analyst"} == {"0.000000"}
    assert (second["status"], second["label"], second["result"]) == ("succeeded", first["label"], first["result"])
    assert {*second["cost"].values()} == {"0.000000"}
    assert "a question has been asked before" in second["strategy"]["reason"]
    assert (town.emulator.billed_micro_usd() - before, len(town.emulator.requests())) == (billed, calls)


def test_with_a_budget_that_is_used_up_a_replay_may_not_ask_and_is_free_without(
    town: Town, ended: dict[str, Any]
) -> None:
    limit(town, 1)
    calls = len(town.emulator.requests())

    refused = replay(town, ended["id"])
    dear = replay(town, ended["id"], max_cost_usd="0.000001")
    free = end_of(town, replay(town, ended["id"], allow_calls=False))

    assert (refused.status_code, refused.json()["code"]) == (402, "budget-exhausted")
    assert (dear.status_code, dear.json()["code"]) == (402, "max-cost-too-low")
    assert micro(dear.json()["bound_usd"]) > 1
    assert (free["status"], free["cost"]["spent_usd"], beside(free)) == ("succeeded", "0.000000", [])
    assert len(town.emulator.requests()) == calls


def test_two_judges_are_asked_at_the_same_time(town: Town, ended: dict[str, Any]) -> None:
    """Each call takes a second, in which the emulator sees the others come."""
    town.emulator.order("latency", median_ms=1_000)
    known = {entry["request_id"] for entry in town.emulator.requests()}

    job = end_of(town, replay(town, ended["id"], "competitive"))

    judges = beside(job)
    calls = [entry for entry in town.emulator.requests() if entry["request_id"] not in known]
    assert len(judges) >= 2
    assert job["label"].endswith(f"ranked by checks and {len(judges)} judges")
    assert len(calls) == len(judges)
    assert all(overlap(one, other) for one, other in combinations(calls, 2))


def overlap(one: dict[str, Any], other: dict[str, Any]) -> bool:
    """Whether two requests waited for their answers at one moment, by the emulator's log."""
    began = [datetime.fromisoformat(entry["arrived_at"]) for entry in (one, other)]
    over = [at + timedelta(milliseconds=entry["duration_ms"]) for at, entry in zip(began, (one, other), strict=True)]
    return max(began) < min(over)
