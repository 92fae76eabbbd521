"""Nothing that a job hides goes over the wire, whoever is asked, however often; and its result is as ever.

The witness is the wire itself, between the product and its providers.
"""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from tests.acceptance.conftest import Build, Town
from tests.acceptance.narrow import CATALOG, RED, utterances
from tests.acceptance.processes import Emulator
from tests.acceptance.wiretap import Wiretap

PEOPLE = ({"name": "Zoelle Quartz", "id": "p-1", "aliases": ["Zozo"]}, {"name": "Boberto Rubinska", "id": "p-2"})
SAID = (
    ("Zoelle Quartz", "Good morning. Boberto, let us decide on the offer for Project Falcon today."),
    ("Boberto Rubinska", "I'll send the offer to vera.canary@example.com by Friday."),
    ("Zoelle Quartz", "Agreed, we will use the account DE89 3704 0044 0532 0130 00 for the deposit."),
    (
        "Boberto Rubinska",
        "I will call Zozo at +1 (555) 010-4477 tomorrow, or write to john dot canary at example dot net.",
    ),
    ("Zoelle Quartz", "We decided to pay with the card 4111 1111 1111 1111 until the contract is signed."),
    ("Cemalda Onyxian", "One risk is that the server 203.0.113.77 is down. Who checks https://canary.example/status?"),
    ("Boberto Rubinska", "Zoelle, can you check the server of project falcon by Monday? Ask Vera.Canary@example.com."),
)
CANARIES = (
    "canary", "Canary", "Falcon", "falcon", "DE89 3704", "0532 0130", "010-4477", "4111 1111", "203.0.113",
    "Zoelle", "Quartz", "Zozo", "Boberto", "Rubinska", "Cemalda", "Onyxian",
)  # fmt: skip
REDACTION = {
    "kinds": ["email", "phone", "payment_card", "iban", "url", "ip", "person"],
    "terms": ["Project Falcon", "Falcon"],
}
THREE = ("openai/gpt-6.1-terra", "google/gemini-3.8-flash", "anthropic/claude-sonnet-5-5")
KINDS = ("topics", "decisions", "action_items", "risks", "questions")


@pytest.fixture(scope="module")
def taps() -> Iterator[list[Wiretap]]:
    found: list[Wiretap] = []
    yield found
    for one in found:
        one.close()


@pytest.fixture(scope="module")
def _tapped(build_town: Build, taps: list[Wiretap], tmp_path_factory: pytest.TempPathFactory) -> Town:
    catalog: Path = tmp_path_factory.mktemp("house") / "narrow.toml"
    catalog.write_text(CATALOG, "utf-8")

    def providers(emulator: Emulator) -> dict[str, str]:
        taps.append(Wiretap(int(emulator.url.rpartition(":")[2])))
        named = {**emulator.all_tiers, "ACME_API_KEY": "emulated-openai-key", "ACME_BASE_URL": f"{emulator.url}/v1"}
        return {name: value.replace(emulator.url, taps[0].url) for name, value in named.items()}

    return build_town(providers, MEETINGMIND_CATALOG=str(catalog))


@pytest.fixture
def town(_tapped: Town, taps: list[Wiretap]) -> Town:
    _tapped.forget()
    taps[0].forget()
    return _tapped


@pytest.fixture
def wire(town: Town, taps: list[Wiretap]) -> Wiretap:
    return taps[0]


def spoken(said: tuple[tuple[str, str], ...] = SAID) -> list[dict[str, Any]]:
    return [{"id": f"s{place}", "speaker": who, "text": text} for place, (who, text) in enumerate(said, 1)]


def posted(**fields: Any) -> dict[str, Any]:
    meeting = {
        "participants": list(PEOPLE),
        "glossary": ["Falcon deposit", "Zoelle"],
        "language": "en",
        "title": "Falcon",
    }
    return {"transcript": {"utterances": spoken()}, "meeting": meeting, "redaction": REDACTION, **fields}


def items(job: dict[str, Any]) -> list[dict[str, Any]]:
    return [item for kind in KINDS for item in job["result"][kind]]


def assert_nothing_hidden_went(wire: Wiretap) -> None:
    heard = wire.heard()
    assert "[EMAIL_1]" in heard
    assert [canary for canary in CANARIES if canary in heard] == []


def assert_the_result_is_true(job: dict[str, Any], said: list[dict[str, Any]]) -> None:
    texts = {one["id"]: one["text"] for one in said}
    assert job["status"] == "succeeded", job
    assert items(job)
    for item in items(job):
        assert item["verified"]
        for piece in item["evidence"]:
            assert piece["quote"] in " ".join(texts[name] for name in piece["utterances"])
    for tag in ("[EMAIL_", "[PERSON_", "[TERM_"):
        assert tag not in str(job["result"])


@pytest.mark.parametrize("strategy", ["single", "consensus", "expertise", "hierarchical", "competitive"])
def test_no_strategy_shows_anybody_what_is_hidden_and_results_hold_what_was_said(
    town: Town, wire: Wiretap, strategy: str
) -> None:
    models = THREE[:1] if strategy == "single" else THREE

    job = town.product.end_of(town.product.submit(**posted(strategy=strategy, panel={"models": models}))["id"])

    assert_the_result_is_true(job, spoken())
    assert_nothing_hidden_went(wire)
    owners = {item["owner"]["name"] for item in job["result"]["action_items"] if item["owner"]}
    assert owners <= {"Zoelle Quartz", "Boberto Rubinska", "Cemalda Onyxian"}
    assert owners
    assert "[removed]" not in str(job["result"])
    assert "vera.canary@example.com" in str(job["result"])
    assert job["label"].endswith(", 12 values hidden from models")
    page = town.product.http.get(f"/v1/jobs/{job['id']}/report").text
    assert "Not shown to models: 2 email" in page
    assert job["redaction"] == {
        "terms": 2,
        "hidden": {
            "email": 2, "url": 1, "iban": 1, "payment_card": 1, "ip": 1, "phone": 1, "custom": 2, "person": 3
        },
    }  # fmt: skip
    if strategy in ("hierarchical", "competitive"):
        assert [seat for seat in job["seats"] if seat["role"] != "analyst"]


def test_an_answer_that_is_mended_and_a_provider_that_is_replaced_see_no_more(town: Town, wire: Wiretap) -> None:
    town.emulator.order("faults", match={}, fault="other_schema", count=1)
    mended = town.product.end_of(town.product.submit(**posted(strategy="single", panel={"models": THREE[:1]}))["id"])
    town.emulator.order("faults", match={"persona": "openai"}, fault="503")
    moved = town.product.end_of(town.product.submit(**posted(strategy="single", panel={"models": THREE[:1]}))["id"])

    assert [seat["attempts"] for seat in mended["seats"]] == [2]
    assert [seat["failovers"] > 0 for seat in moved["seats"]] == [True]
    for job in (mended, moved):
        assert_the_result_is_true(job, spoken())
    assert_nothing_hidden_went(wire)


def test_a_replay_that_asks_a_lead_and_judges_hides_what_its_job_hid(town: Town, wire: Wiretap) -> None:
    first = town.product.submit(**posted(strategy="consensus", panel={"models": THREE}))
    town.product.end_of(first["id"])

    for strategy in ("hierarchical", "competitive"):
        wish = {"strategy": strategy, "allow_calls": True}
        answer = town.product.http.post(f"/v1/jobs/{first['id']}/replay", json=wish)
        job = town.product.end_of(answer.json()["id"])

        assert [seat["served"] for seat in job["seats"] if seat["role"] != "analyst"]
        assert_the_result_is_true(job, spoken())
    assert_nothing_hidden_went(wire)


def test_a_long_meeting_in_parts_hides_in_each(town: Town, wire: Wiretap) -> None:
    hour = [{**one, "speaker": one.get("speaker") or "Zoelle Quartz"} for one in utterances()]
    first, last = ([{**one, "id": f"{when}-{one['id']}"} for one in spoken()] for when in ("first", "last"))
    told = [*first, *hour, *last]
    body = posted(strategy="single", panel={"models": [RED]}, allow_extractive=False, transcript={"utterances": told})

    job = town.product.end_of(town.product.submit(**body)["id"], within_s=120.0)

    assert job["seats"][0]["parts"] > 1
    assert_the_result_is_true(job, told)
    assert_nothing_hidden_went(wire)


def test_the_witness_would_tell_and_a_job_that_hides_nothing_says_so(town: Town, wire: Wiretap) -> None:
    """Teeth: the same meeting with nothing hidden."""
    body = posted(strategy="single", panel={"models": THREE[:1]}, redaction=None)

    job = town.product.end_of(town.product.submit(**body)["id"])

    assert job["redaction"] is None
    assert [canary for canary in CANARIES if canary not in wire.heard()] == []


def test_plans_and_previews_count_and_show_what_models_see(town: Town) -> None:
    plan = town.product.http.post("/v1/plans", json=posted()).json()
    wish = {"transcript": {"utterances": spoken()}, "meeting": posted()["meeting"], "redaction": REDACTION}
    preview = town.product.http.post("/v1/templates/preview", json=wish).json()

    shown = " ".join(message["text"] for message in preview["messages"])
    assert plan["redaction"]["hidden"]["email"] == 2
    assert "[PERSON_1]: Good morning. [PERSON_2.2], let us decide on the offer for [TERM_1] today." in shown
    assert [canary for canary in CANARIES if canary in shown] == []


@pytest.mark.parametrize("wish", [{}, {"kinds": ["ssn"]}, {"terms": ["--"]}, {"kinds": ["email"], "more": 1}])
def test_a_wish_that_cannot_be_kept_is_refused(town: Town, wish: dict[str, Any]) -> None:
    answer = town.product.http.post("/v1/jobs", json=posted(redaction=wish))

    assert (answer.status_code, answer.json()["code"]) == (422, "invalid-request")
