"""Plans as a contract: what is promised before, what is held during, what was paid after; seen from outside."""

from collections.abc import Iterator
from typing import Any

import pytest

from orchestrator.storage import budgets
from tests.acceptance.conftest import Build, Town

TEXT = {"transcript": {"content": "Ann: I'll send the report by Friday.\nBob: We will use the new battery."}}


@pytest.fixture(scope="module")
def _priced(build_town: Build) -> Town:
    return build_town(lambda emulator: emulator.all_tiers)


@pytest.fixture
def town(_priced: Town) -> Iterator[Town]:
    _priced.forget()
    yield _priced
    with _priced.database.tenant(tenant_of(_priced)) as connection:
        budgets.remove(connection, "tenant", "month")


def tenant_of(town: Town) -> str:
    with town.database.system() as connection:
        found: str = connection.exec_driver_sql("SELECT id FROM tenants").scalar_one()
        return found


def limit(town: Town, micro_usd: int) -> None:
    with town.database.tenant(tenant_of(town)) as connection:
        budgets.put(connection, "tenant", "month", micro_usd)


def plan(town: Town, **fields: Any) -> dict[str, Any]:
    answer = town.product.http.post("/v1/plans", json={**TEXT, **fields})
    assert answer.status_code == 200, answer.text
    made: dict[str, Any] = answer.json()
    return made


def micro(usd: str) -> int:
    return round(float(usd) * 1e6)


def spent(town: Town) -> int:
    with town.database.system() as connection:
        return int(connection.exec_driver_sql("SELECT coalesce(sum(cost_micro_usd), 0) FROM ledger").scalar_one())


def test_a_plan_tells_seats_costs_and_reasons_and_asks_and_stores_nothing(town: Town) -> None:
    made = plan(town, policy="balanced")

    with town.database.system() as connection:
        stored = connection.exec_driver_sql("SELECT count(*) FROM jobs").scalar_one()
    assert (town.emulator.requests(), stored) == ([], 0)
    assert [seat["ladder"][0]["target"] for seat in made["seats"]] == [seat["asked"] for seat in made["seats"]]
    assert micro(made["bound_usd"]) == 2 * micro(made["needed_usd"]) > 2 * micro(made["expected_usd"]) > 0
    assert made["cheapest"]["provider"] in {"openai", "google", "anthropic", "aimlapi"}
    assert {one["code"] for one in made["rejected"]} >= {"no-key", "other-tier"}
    assert any("Policy aggressive" in sentence for sentence in made["advice"])
    assert (made["admitted"], made["refusal"]) == (True, None)


@pytest.mark.parametrize("policy", ["aggressive", "balanced", "quality"])
def test_a_job_is_what_its_plan_was_and_never_costs_more(town: Town, policy: str) -> None:
    made = plan(town, policy=policy)

    job = town.product.end_of(town.product.submit(**TEXT, policy=policy)["id"])

    asked = [(seat["asked"], seat["role"]) for seat in job["seats"]]
    panel, callers = ([(seat["asked"], seat["role"]) for seat in made[name]] for name in ("seats", "callers"))
    assert asked[: len(panel)] == panel
    assert asked[len(panel) :] == callers[: len(asked) - len(panel)]
    assert job["cost"]["bound_usd"] == made["bound_usd"]
    assert 0 < micro(job["cost"]["spent_usd"]) <= micro(made["bound_usd"])
    assert micro(job["cost"]["held_usd"]) == 0


def test_the_most_that_a_caller_allows_decides_and_the_refusal_names_what_is_needed(town: Town) -> None:
    needed = plan(town)["needed_usd"]
    too_little = f"{(micro(needed) - 1) / 1e6:.6f}"

    refused = town.product.http.post("/v1/jobs", json={**TEXT, "max_cost_usd": too_little})
    told = plan(town, max_cost_usd=too_little)
    job = town.product.end_of(town.product.submit(**TEXT, max_cost_usd=needed)["id"])

    assert (refused.status_code, refused.json()["code"]) == (402, "max-cost-too-low")
    assert refused.json()["bound_usd"] == needed
    assert (told["admitted"], told["refusal"]["code"]) == (False, "max-cost-too-low")
    assert job["cost"]["bound_usd"] == needed
    assert job["status"] == "succeeded"


def test_a_job_that_a_budget_has_no_room_for_is_refused_and_a_known_key_still_finds_its_own(town: Town) -> None:
    first = town.product.http.post("/v1/jobs", json=TEXT, headers={"Idempotency-Key": "k-1"})
    town.product.end_of(first.json()["id"])
    limit(town, spent(town) + 1)

    refused = town.product.http.post("/v1/jobs", json=TEXT)
    again = town.product.http.post("/v1/jobs", json=TEXT, headers={"Idempotency-Key": "k-1"})
    told = plan(town)

    assert (refused.status_code, refused.json()["code"]) == (402, "budget-exhausted")
    assert refused.json()["scope"] == "the tenant's month"
    assert refused.json()["resets_at"].endswith("Z")
    assert (again.status_code, again.json()["id"]) == (202, first.json()["id"])
    assert told["refusal"]["code"] == "budget-exhausted"


@pytest.mark.parametrize(("used_percent", "planned"), [(90, "balanced"), (97, "aggressive")])
def test_budgets_that_run_out_make_new_plans_cheaper_and_say_so(town: Town, used_percent: int, planned: str) -> None:
    town.product.end_of(town.product.submit(**TEXT)["id"])
    wide = plan(town, policy="quality")
    limit(town, spent(town) * 100 // used_percent)

    made = plan(town, policy="quality")

    assert wide["policy"] == {"asked": "quality", "planned": "quality", "because": None}
    assert made["policy"]["planned"] == planned
    assert "of the tenant's month budget is used" in made["policy"]["because"]
    assert micro(made["expected_usd"]) < micro(wide["expected_usd"])


def test_a_job_for_which_only_the_cheapest_plan_has_room_is_planned_so_and_says_so(town: Town) -> None:
    town.product.end_of(town.product.submit(**TEXT)["id"])
    dear = micro(plan(town, policy="quality", strategy="consensus")["needed_usd"])  # with nobody asked beside the panel
    cheap = micro(plan(town, policy="aggressive")["needed_usd"])
    limit(town, spent(town) + (dear + cheap) // 2)

    job = town.product.end_of(town.product.submit(**TEXT, policy="quality")["id"])

    assert (job["policy"], job["policy_planned"], job["status"]) == ("quality", "aggressive", "succeeded")
    assert "cheaper-plan" in {one["code"] for one in job["degradations"]}
    assert "The tenant's month budget" in job["strategy"]["reason"]


def test_a_job_that_must_stay_in_a_region_is_read_here_and_nobody_is_sent_it(town: Town) -> None:
    """No provider of the catalog that ships says where it handles what it is sent."""
    strict = {"routing": {"regions": ["eu"], "zero_retention": True}}
    made = plan(town, **strict)

    job = town.product.end_of(town.product.submit(**TEXT, **strict)["id"])

    assert (made["routing"]["regions"], made["routing"]["zero_retention"]) == (["eu"], True)
    assert {rung["provider"] for seat in made["seats"] for rung in seat["ladder"]} == {"extractive"}
    assert "forbidden" in {one["code"] for one in made["rejected"]}
    assert {seat["provider"] for seat in job["seats"]} == {"extractive"}
    assert town.emulator.requests() == []


def test_a_plan_tells_who_was_scored_how_and_a_preferred_provider_comes_first(town: Town) -> None:
    made = plan(town, routing={"preferred_provider": "anthropic"})

    weights = made["routing"]["weights"]
    first = next(one for one in made["routing"]["scores"] if one["target"] == made["seats"][0]["asked"])
    assert made["seats"][0]["ladder"][0]["provider"] == "anthropic"
    assert sum(weights.values()) == pytest.approx(1)
    assert first["score"] == pytest.approx(sum(weights[name] * first[name] for name in weights), abs=1e-5)
    assert all(one["why_not"] for seat in made["seats"] for one in seat["candidates"][1:])


@pytest.mark.parametrize(
    ("routing", "pointer"),
    [
        ({"strategy": "cheapest"}, "/routing/strategy"),
        ({"region": "eu"}, "/routing/region"),
        ({"regions": ["EU!"]}, "/routing/regions/0"),
        ({"preferred_provider": "opnai"}, "/routing/preferred_provider"),
    ],
)
def test_a_wish_about_routing_that_cannot_be_understood_is_refused_where_it_stands(
    town: Town, routing: dict[str, Any], pointer: str
) -> None:
    refused = town.product.http.post("/v1/plans", json={**TEXT, "routing": routing})

    assert (refused.status_code, refused.json()["code"]) == (422, "invalid-request")
    assert pointer in {one["pointer"] for one in refused.json()["errors"]}
