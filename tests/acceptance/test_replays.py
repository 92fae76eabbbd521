"""Replays as a contract, seen from outside: whole processes, the emulator's own count of what was asked and billed."""

from typing import Any

import pytest

from orchestrator.synthesis import STRATEGIES
from orchestrator.tenancy.keys import add_tenant, generate
from tests.acceptance.conftest import Town
from tests.acceptance.test_jobs import MEETING, THREE
from tests.servers import PEPPER


@pytest.fixture
def ended(town: Town) -> dict[str, Any]:
    product = town.product
    return product.end_of(product.submit(transcript=MEETING, panel=THREE, reference="crm-4711", tags=["weekly"])["id"])


def replay(town: Town, job: str, **posted: Any) -> Any:
    return town.product.http.post(f"/v1/jobs/{job}/replay", json=posted)


def result_of(town: Town, job: str) -> bytes:
    """The result as it went over the wire."""
    body = town.product.http.get(f"/v1/jobs/{job}").content
    return body[body.index(b'"result":') : body.index(b',"error":')]


def test_a_replay_is_answered_as_a_job_and_its_result_is_the_same_bytes_over_the_wire(
    town: Town, ended: dict[str, Any]
) -> None:
    before = town.emulator.requests(), town.emulator.billed_micro_usd()

    taken = replay(town, ended["id"], strategy="consensus")
    again = replay(town, ended["id"], strategy="consensus")
    jobs = [town.product.end_of(answer.json()["id"]) for answer in (taken, again)]

    assert (taken.status_code, taken.headers["location"]) == (202, f"/v1/jobs/{taken.json()['id']}")
    assert {job["id"] for job in jobs}.isdisjoint({ended["id"]})
    for job in jobs:
        assert (job["status"], job["replay_of"], job["label"]) == ("succeeded", ended["id"], ended["label"])
        assert (job["reference"], job["tags"]) == (None, [])
        assert set(job["cost"].values()) == {"0.000000"}
        assert [(seat["status"], seat["served"], seat["attempts"], seat["cost_usd"]) for seat in job["seats"]] == [
            ("answered", model, 0, "0.000000") for model in THREE["models"]
        ]
        assert result_of(town, job["id"]) == result_of(town, ended["id"])
    page = town.product.http.get(f"/v1/jobs/{jobs[0]['id']}/report")
    assert (page.status_code, ended["id"] in page.text) == (200, True)
    assert ended["replay_of"] is None
    assert (town.emulator.requests(), town.emulator.billed_micro_usd()) == before
    listed = town.product.http.get("/v1/jobs", params={"limit": 2}).json()["data"]
    assert [job["replay_of"] for job in listed] == [ended["id"]] * 2


def test_one_key_makes_one_replay_and_belongs_to_one_job_and_body(town: Town, ended: dict[str, Any]) -> None:
    other = replay(town, ended["id"], strategy="single").json()["id"]
    town.product.end_of(other)

    def ask(job: str, **posted: Any) -> Any:
        headers = {"Idempotency-Key": f"once {ended['id']}"}
        return town.product.http.post(f"/v1/jobs/{job}/replay", json=posted, headers=headers)

    first, again = ask(ended["id"], strategy="single"), ask(ended["id"], strategy="single")
    other_body, other_job = ask(ended["id"], strategy="consensus"), ask(other, strategy="single")

    assert first.json()["id"] == again.json()["id"]
    assert (first.headers.get("idempotent-replayed"), again.headers["idempotent-replayed"]) == (None, "true")
    assert [answer.json()["code"] for answer in (other_body, other_job)] == ["idempotency-mismatch"] * 2


@pytest.mark.parametrize(
    ("posted", "status", "code", "pointer"),
    [
        ({"strategy": "oracle"}, 422, "unknown-strategy", "/strategy"),
        ({"strategy": "auto"}, 422, "unknown-strategy", "/strategy"),
        ({}, 422, "invalid-request", "/strategy"),
        ({"strategy": "single", "policy": "quality"}, 422, "invalid-request", "/policy"),
        ({"strategy": "single", "seats": [0, 4]}, 422, "invalid-request", "/seats/1"),
        ({"strategy": "single", "seats": [0, "1"]}, 422, "invalid-request", "/seats/1"),
        ({"strategy": "consensus", "seats": [1]}, 422, "panel-too-small", "/seats"),
        ({"strategy": "consensus", "quorum": 4}, 422, "panel-too-small", "/quorum"),
    ],
)
def test_a_wish_that_does_not_fit_is_a_problem_with_its_place(
    town: Town, ended: dict[str, Any], posted: dict[str, Any], status: int, code: str, pointer: str
) -> None:
    answer = replay(town, ended["id"], **posted)

    assert (answer.status_code, answer.json()["code"]) == (status, code)
    assert [error["pointer"] for error in answer.json()["errors"]] == [pointer]


def test_what_is_not_there_to_replay_is_told(town: Town, ended: dict[str, Any]) -> None:
    town.emulator.order("latency", median_ms=20_000)
    under_way = town.product.submit(transcript=MEETING, panel=THREE)["id"]
    open_one = replay(town, under_way, strategy="single")
    town.product.http.post(f"/v1/jobs/{under_way}/cancel")
    canceled = replay(town, under_way, strategy="single")
    key = generate("test")
    add_tenant(town.database, f"other {key[-6:]}", key, PEPPER)
    theirs = town.product.http.post(
        f"/v1/jobs/{ended['id']}/replay", json={"strategy": "single"}, headers={"Authorization": f"Bearer {key}"}
    )

    assert [(one.status_code, one.json()["code"]) for one in (open_one, canceled, theirs)] == [
        (409, "not-replayable"),
        (409, "not-replayable"),
        (404, "not-found"),
    ]
    assert replay(town, "job_of_nobody", strategy="single").status_code == 404


def test_the_service_describes_what_may_be_asked_and_its_example_is_good(town: Town, ended: dict[str, Any]) -> None:
    described = town.product.http.get("/openapi.json").json()
    body = described["paths"]["/v1/jobs/{job_id}/replay"]["post"]["requestBody"]["content"]["application/json"]

    taken = replay(town, ended["id"], **body["example"])

    assert body["schema"] == {"$ref": "#/components/schemas/ReplayRequest"}
    assert described["components"]["schemas"]["ReplayRequest"]["properties"]["strategy"]["enum"] == [*STRATEGIES]
    assert taken.status_code == 202
    assert [seat["seat"] for seat in taken.json()["seats"]] == [1]
