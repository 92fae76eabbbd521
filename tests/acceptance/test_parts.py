"""A real meeting of 30,000 words in a house whose models have small windows: asked in parts, and nothing is lost."""

from pathlib import Path
from typing import Any

import pytest

from tests.acceptance.conftest import Build, Town
from tests.acceptance.narrow import BLUE, CATALOG, RED, providers, utterances
from tests.acceptance.processes import until
from tests.acceptance.test_jobs import micro

KINDS = ("topics", "decisions", "action_items", "risks", "questions")
ALONE = {"allow_extractive": False, "allow_substitution": False, "deadline_s": 300}


@pytest.fixture(scope="module")
def _narrow(build_town: Build, tmp_path_factory: pytest.TempPathFactory) -> Town:
    catalog: Path = tmp_path_factory.mktemp("house") / "narrow.toml"
    catalog.write_text(CATALOG, "utf-8")
    return build_town(providers, MEETINGMIND_CATALOG=str(catalog))


@pytest.fixture
def town(_narrow: Town) -> Town:
    _narrow.forget()
    return _narrow


def body(**fields: Any) -> dict[str, Any]:
    return {"transcript": {"utterances": list(utterances())}, **ALONE, **fields}


def evidence(job: dict[str, Any]) -> list[dict[str, Any]]:
    return [piece for kind in KINDS for item in job["result"][kind] for piece in item["evidence"]]


def places(job: dict[str, Any]) -> list[int]:
    """Of the utterances that the result's evidence names."""
    return [int(name.removeprefix("s")) for piece in evidence(job) for name in piece["utterances"]]


def test_the_whole_meeting_is_analysed_part_by_part_and_paid_once(town: Town) -> None:
    plan = town.product.http.post("/v1/plans", json=body(strategy="consensus", panel={"models": [RED, BLUE]})).json()

    job = town.product.submit(**body(strategy="consensus", panel={"models": [RED, BLUE]}))
    ended = town.product.end_of(job["id"], within_s=120.0)

    parts = plan["seats"][0]["parts"]
    assert 4 <= parts <= 16
    assert ended["status"] == "succeeded", ended
    assert [(seat["parts"], seat["parts_answered"], seat["attempts"]) for seat in ended["seats"]] == [
        (parts, parts, parts)
    ] * 2
    assert ended["label"] == "consensus of 2 models, 2 shown the meeting in parts"
    assert [(one["code"], one["seat"]) for one in ended["degradations"]] == [("in-parts", 0), ("in-parts", 1)]

    said = {one["id"]: one["text"] for one in utterances()}
    assert evidence(ended)
    for piece in evidence(ended):
        assert piece["quote"] in " ".join(said[name] for name in piece["utterances"])
    assert all(item["verified"] for kind in KINDS for item in ended["result"][kind])
    last = len(said) - 1
    assert min(places(ended)) < last / parts
    assert max(places(ended)) > last - last / parts

    requests = town.emulator.requests()
    assert [one["status"] for one in requests] == [200] * 2 * parts
    assert len({one["prompt_digest"] for one in requests}) == parts
    assert micro(ended["cost"]["spent_usd"]) == town.emulator.billed_micro_usd() > 0
    assert micro(ended["cost"]["spent_usd"]) <= micro(ended["cost"]["bound_usd"]) == micro(plan["bound_usd"])


def test_a_house_that_names_nobody_asks_its_narrow_models_in_parts_and_the_plan_says_why(town: Town) -> None:
    answer = town.product.http.post("/v1/plans", json=body())

    plan = answer.json()
    assert answer.status_code == 200, plan
    assert {seat["asked"] for seat in plan["seats"]} >= {RED, BLUE}
    assert all(seat["parts"] > 1 for seat in plan["seats"])
    assert all("no model holds the meeting whole" in seat["because"][0] for seat in plan["seats"])
    assert all("each a call that is paid" in seat["because"][1] for seat in plan["seats"])
    assert town.emulator.requests() == []


def test_a_seat_with_a_part_that_nobody_answers_is_unanswered_and_the_label_says_so(town: Town) -> None:
    model = BLUE.removeprefix("acme/")
    town.emulator.order("latency", model=model, median_ms=150)
    job = town.product.submit(**body(strategy="consensus", quorum=1, panel={"models": [RED, BLUE]}))
    until(lambda: town.product.job(job["id"])["seats"][1]["parts_answered"] >= 2, "two parts are answered")
    town.emulator.order("faults", match={"model": model}, fault="400_context")

    ended = town.product.end_of(job["id"], within_s=120.0)

    assert ended["status"] == "succeeded", ended
    red, blue = ended["seats"]
    assert (red["status"], blue["status"]) == ("answered", "failed")
    assert 2 <= blue["parts_answered"] < blue["parts"]
    lost = next(one for one in ended["degradations"] if one["code"] == "seat-lost")
    assert lost["detail"].endswith(f"{blue['parts_answered']} of {blue['parts']} parts were answered")
    assert ended["label"].startswith("single model: acme/emulated-window-16k-red, 1 of 2 seats answered")
    assert micro(ended["cost"]["spent_usd"]) == town.emulator.billed_micro_usd()
