"""Jobs that ended badly, over HTTP and on the command line, with workers at their work."""

import json
from typing import Any
from uuid import uuid4

import httpx
import pytest

from tests.acceptance.conftest import Town
from tests.acceptance.test_erasure_api import command
from tests.servers import new_tenant

TRANSCRIPT = {"content": "Ann: We ship on Friday.\nBob: I'll send the report by Thursday."}
LATER = "9999"  # of a cursor that is none of ours


def canceled(town: Town, reference: str, count: int = 1) -> list[str]:
    """Jobs that were canceled before they could begin."""
    found = []
    for _ in range(count):
        body = {"transcript": TRANSCRIPT, "panel": {"models": ["extractive/cue-rules"]}, "reference": reference}
        job = town.product.submit(**body)["id"]
        answer = town.product.http.post(f"/v1/jobs/{job}/cancel")
        if answer.status_code == 200:
            found.append(job)
    return found


def requeue(town: Town, *, key: str | None = None, **body: Any) -> httpx.Response:
    headers = {} if key is None else {"Idempotency-Key": key}
    return town.product.http.post("/v1/dead-letters/requeue", json=body, headers=headers)


def listed(town: Town, **query: Any) -> Any:
    answer = town.product.http.get("/v1/dead-letters", params=query)
    assert answer.status_code == 200, answer.text
    return answer.json()


def some(town: Town, reference: str, count: int = 1) -> list[str]:
    """As many as that: a job may be faster than its cancel."""
    found: list[str] = []
    for _ in range(50):
        found += canceled(town, reference, count - len(found))
        if len(found) == count:
            return found
    pytest.fail("no job was ever slower than its cancel")


def test_they_are_listed_by_page_and_go_on_by_filter(town: Town) -> None:
    reference = f"dead-{uuid4().hex[:8]}"
    jobs = some(town, reference, 3)
    asked = {"status": "canceled", "reference": reference}

    first = listed(town, **asked, limit=2)
    second = listed(town, **asked, limit=2, cursor=first["next_cursor"])
    done = requeue(town, filter=asked, key=reference).json()
    repeated = requeue(town, filter=asked, key=reference)

    assert [one["job_id"] for one in (*first["data"], *second["data"])] == sorted(jobs, reverse=True)
    assert (first["counts"], second["next_cursor"]) == ([{"status": "canceled", "reason": "canceled", "jobs": 3}], None)
    assert (done["requeued"], done["more"], [one["job_id"] for one in done["data"]]) == (3, False, sorted(jobs))
    assert (repeated.headers["idempotent-replayed"], repeated.json()["requeued"]) == ("true", 0)
    for job in jobs:
        assert town.product.end_of(job)["status"] == "succeeded"
    assert listed(town, **asked)["data"] == []


def test_what_is_refused_of_one_job_is_a_problem_inside(town: Town) -> None:
    gone, good = some(town, f"dead-{uuid4().hex[:8]}", 2)
    assert town.product.http.delete(f"/v1/jobs/{gone}").status_code == 202
    nobodys = "job_" + "0" * 26

    done = requeue(town, job_ids=[gone, good, nobodys]).json()

    assert [(one["outcome"], (one["problem"] or {}).get("status")) for one in done["data"]] == [
        ("refused", 410),
        ("requeued", None),
        ("refused", 404),
    ]
    problem = done["data"][0]["problem"]
    assert (problem["code"], problem["instance"]) == ("erased", "/v1/dead-letters/requeue")
    assert problem["request_id"].startswith("req_")


def test_another_tenant_sees_nothing_and_moves_nothing(town: Town) -> None:
    (job,) = some(town, f"dead-{uuid4().hex[:8]}")
    other = {"Authorization": f"Bearer {new_tenant(town.database, 'stranger').key}"}

    seen = town.product.http.get("/v1/dead-letters", params={"status": "canceled"}, headers=other).json()
    moved = town.product.http.post("/v1/dead-letters/requeue", json={"job_ids": [job]}, headers=other).json()

    assert (seen["data"], seen["counts"]) == ([], [])
    assert [one["problem"]["code"] for one in moved["data"]] == ["not-found"]
    assert town.product.job(job)["status"] == "canceled"


@pytest.mark.parametrize(
    "body",
    [
        {},
        {"job_ids": []},
        {"job_ids": ["job_1"]},
        {"job_ids": ["job_" + "0" * 26] * 1_001},
        {"job_ids": ["job_" + "0" * 26], "filter": {}},
        {"filter": {"status": "succeeded"}},
        {"filter": {"created_after": "2026-11-28T09:00:00"}},
        {"filter": {"nobody": 1}},
        {"filter": {}, "limit": 0},
        {"filter": {}, "limit": 1_001},
        {"filter": {}, "dry_run": "yes"},
    ],
)
def test_what_is_no_wish_is_refused(town: Town, body: dict[str, Any]) -> None:
    answer = requeue(town, **body)

    assert (answer.status_code, answer.json()["code"]) == (422, "invalid-request")


@pytest.mark.parametrize("query", [{"status": "succeeded"}, {"cursor": LATER}, {"limit": 0}, {"created_after": "1"}])
def test_what_is_no_question_is_refused(town: Town, query: dict[str, Any]) -> None:
    answer = town.product.http.get("/v1/dead-letters", params=query)

    assert (answer.status_code, answer.json()["code"]) == (422, "invalid-request")


def test_the_command_line_lists_them_and_has_them_go_on(town: Town) -> None:
    reference = f"dead-{uuid4().hex[:8]}"
    jobs = some(town, reference, 2)
    asked = ("--status", "canceled", "--reference", reference)

    shown = command(town, "dead-letters", *asked)
    told = command(town, "dead-letters", *asked, "--json")
    looked = command(town, "dead-letters", "requeue", *asked, "--dry-run")
    done = command(town, "dead-letters", "requeue", *asked, "--json")
    both = command(town, "dead-letters", "requeue", jobs[0], "--reason", "x")

    assert "2 canceled: canceled" in shown.stdout
    assert {json.loads(line)["job_id"] for line in told.stdout.splitlines()} == set(jobs)
    assert looked.stdout.startswith("2 would go on")
    assert json.loads(done.stdout)["requeued"] == 2
    assert [one.returncode for one in (shown, told, looked, done, both)] == [0, 0, 0, 0, 2]
