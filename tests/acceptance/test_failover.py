"""Four tiers of providers, whole processes, the emulator's bank as the witness: outages, recovery, what it costs."""

from collections import Counter
from typing import Any

import pytest

from orchestrator.storage.tables import events
from tests.acceptance.conftest import Build, Town
from tests.acceptance.processes import until
from tests.acceptance.test_jobs import MEETING, micro, rows

TIERS = ("aimlapi", "openai", "gemini", "anthropic")  # the emulator's names, in the order of failover
JOBS = 50


@pytest.fixture(scope="module")
def four_tiers(build_town: Build) -> Town:
    """A product with keys for all four tiers, whose circuits look again after a second."""
    return build_town(lambda emulator: emulator.all_tiers, MEETINGMIND_CIRCUIT_OPEN_S="1")


@pytest.fixture
def town(four_tiers: Town) -> Town:
    four_tiers.forget()
    return four_tiers


def submit(town: Town, count: int = 1, **wish: Any) -> list[str]:
    asked = {"panel": {"size": 1}, "strategy": "single", "allow_extractive": False, **wish}
    return [town.product.submit(transcript=MEETING, **asked)["id"] for _ in range(count)]


def ends(town: Town, jobs: list[str]) -> list[dict[str, Any]]:
    return [town.product.end_of(job, within_s=90) for job in jobs]


def calls(town: Town) -> Counter[str]:
    return Counter(request["persona"] for request in town.emulator.requests())


def test_with_three_tiers_down_in_three_ways_every_job_succeeds_on_the_fourth_and_the_books_agree(town: Town) -> None:
    town.emulator.order("faults", match={"persona": TIERS[0]}, fault="503")
    town.emulator.order("faults", match={"persona": TIERS[1]}, fault="429", args={"retry_after": "300"})
    town.emulator.order("faults", match={"persona": TIERS[2]}, fault="401")

    jobs = ends(town, submit(town, JOBS))

    seats = [job["seats"][0] for job in jobs]
    assert {job["status"] for job in jobs} == {"succeeded"}
    assert {seat["provider"] for seat in seats} == {"anthropic"}
    assert {seat["failovers"] for seat in seats} == {3}
    assert sum(micro(job["cost"]["spent_usd"]) for job in jobs) == town.emulator.billed_micro_usd() > 0
    asked = calls(town)
    assert asked["anthropic"] == JOBS
    # The circuits and the parked key spare the tiers that are down: not every job tries each of them in vain.
    assert sum(asked[tier] for tier in TIERS[:3]) < 3 * JOBS


def test_with_all_four_down_the_job_fails_by_its_deadline_at_no_cost(town: Town) -> None:
    town.emulator.order("faults", match={}, fault="503")

    job = ends(town, submit(town, deadline_s=12))[0]

    assert (job["status"], job["error"]["code"], job["seats"][0]["reason"]) == (
        "failed",
        "quorum-not-reached",
        "exhausted",
    )
    assert job["finished_at"] < job["deadline_at"]
    assert micro(job["cost"]["spent_usd"]) == town.emulator.billed_micro_usd() == 0


def test_with_all_four_down_a_built_in_model_answers_where_it_may_and_the_label_says_so(town: Town) -> None:
    town.emulator.order("faults", match={}, fault="503")

    job = ends(town, submit(town, allow_extractive=True))[0]

    assert (job["status"], job["degraded"], job["seats"][0]["provider"]) == ("succeeded", True, "extractive")
    assert "built-in" in job["label"]
    assert micro(job["cost"]["spent_usd"]) == town.emulator.billed_micro_usd() == 0


def test_when_the_first_tier_recovers_its_traffic_returns_in_steps(town: Town) -> None:
    town.emulator.order("faults", match={"persona": TIERS[0]}, fault="503")
    ends(town, submit(town, 20))
    town.emulator.order("reset")
    shares: list[float] = []

    until(lambda: _is_back(town, shares), "all traffic has returned to the first tier", within_s=60)

    rising = shares[next(place for place, share in enumerate(shares) if share > 0) :]
    assert any(0 < share < 1 for share in rising), shares


def _is_back(town: Town, shares: list[float]) -> bool:
    """Send a handful of jobs, note what share of them the first tier answered, and whether it was all, twice."""
    providers = [str(job["seats"][0]["provider"]) for job in ends(town, submit(town, 8))]
    shares.append(providers.count(TIERS[0]) / len(providers))
    return shares[-2:] == [1.0, 1.0]


def test_a_storm_of_503_is_not_answered_by_a_storm_of_calls(town: Town) -> None:
    town.emulator.order("faults", match={}, fault="503")

    jobs = ends(town, submit(town, JOBS, deadline_s=10))

    seats = [job["seats"][0] for job in jobs]
    assert {job["status"] for job in jobs} <= {"failed", "expired"}  # out of rungs or out of time, whichever is first
    assert sum(calls(town).values()) <= 1.1 * len(seats) + sum(seat["failovers"] for seat in seats)


def test_a_rate_limit_pauses_its_provider_and_does_not_open_its_circuit(town: Town) -> None:
    town.emulator.order("faults", match={"persona": TIERS[0]}, fault="429", count=1, args={"retry_after": "1"})

    first = ends(town, submit(town))[0]
    later = ends(town, submit(town, 6))

    assert {job["status"] for job in (first, *later)} == {"succeeded"}
    assert {job["seats"][0]["provider"] for job in later} == {TIERS[0]}


def test_a_dead_key_is_parked_and_its_provider_answers_with_the_other_one(build_town: Build) -> None:
    town = build_town(lambda emulator: {**emulator.environment, "OPENAI_API_KEY": "emulated-dead, emulated-good"})
    town.emulator.order("faults", match={"key": "emulated-dead"}, fault="401")
    luna = {"models": ["openai/gpt-6-luna"]}

    jobs = [ends(town, submit(town, panel=luna, allow_substitution=False))[0] for _ in range(4)]

    refused = [request for request in town.emulator.requests() if request["status"] == 401]
    log = town.product.processes.log("ask")
    assert {job["status"] for job in jobs} == {"succeeded"}
    assert [seat["failovers"] for job in jobs for seat in job["seats"]] == [0] * 4
    assert len(refused) == log.count("provider.key_parked") == 1
    assert "emulated-dead" not in log


def test_another_model_than_was_asked_is_priced_as_what_it_is_and_said(town: Town) -> None:
    town.emulator.order("faults", match={"persona": "openai"}, fault="other_model", count=1)

    job = ends(town, submit(town, panel={"models": ["openai/gpt-6.1-terra"]}))[0]

    served = job["seats"][0]["served"]
    answered = [row for row in rows(town.database, events, job["id"]) if row.type == "seat.answered"]
    assert served != "openai/gpt-6.1-terra"
    assert [row.data["served"] for row in answered] == [served]
    assert [row.data["target"] for row in answered] == ["openai/gpt-6.1-terra"]
    assert micro(job["cost"]["spent_usd"]) == town.emulator.billed_micro_usd() > 0
