"""Erasure and feedback over HTTP and on the command line, with workers at their work."""

import json
from typing import Any

import pytest
from sqlalchemy import select

from api.erasure_schemas import ErasureView
from api.feedback_schemas import FeedbackPage, FeedbackView
from orchestrator.storage.tables import attempts
from tests.acceptance.conftest import Town
from tests.acceptance.processes import until
from tests.acceptance.test_cli import Finished, run
from tests.integration.test_erasure import holding
from tests.servers import new_tenant

CANARY = "ostrichvellum"
MEETING = {
    "format": "text",
    "content": "\n".join(
        (
            f"Ann: Good morning. Let us decide on the {CANARY} today.",
            f"Bob: I'll send the {CANARY} report by Friday.",
            f"Ann: Agreed, we will use the {CANARY}. One risk is that the {CANARY} does not fit.",
        )
    ),
}
ONE = {"transcript": MEETING, "panel": {"models": ["openai/gpt-6-luna"]}}
AROUND = {"meeting": {"title": CANARY, "participants": [{"name": f"Ann {CANARY}"}]}, "reference": CANARY}
CHILD = {"strategy": "single"}
# What `data` of an event may hold, by the handbook's page of events.
FIELDS = {
    *("status", "replay_of", "degraded", "code"),
    *("seat", "counts", "provider", "model", "asked", "served", "from", "to"),
    *("because", "reason", "wait_s", "repair", "part", "cost_usd"),
}


def erase(town: Town, job: str) -> ErasureView:
    answer = town.product.http.delete(f"/v1/jobs/{job}")
    assert answer.status_code == 202, answer.text
    return ErasureView.model_validate_json(answer.text)


def command(town: Town, *arguments: str) -> Finished:
    key = str(town.product.http.headers["Authorization"]).removeprefix("Bearer ")
    return run(*arguments, "--url", town.product.url, "--key", key)


def give(town: Town, **said: Any) -> Any:
    return town.product.http.post("/v1/feedback", json=said)


def test_a_finished_job_is_read_without_content_and_its_result_is_gone(town: Town) -> None:
    job = town.product.end_of(town.product.submit(**ONE, **AROUND)["id"])
    assert CANARY in json.dumps(job["result"])
    replay = town.product.http.post(f"/v1/jobs/{job['id']}/replay", json=CHILD).json()["id"]
    town.product.end_of(replay)

    done = erase(town, job["id"])

    after = town.product.job(job["id"])
    assert done.jobs == (job["id"], replay)
    assert (done.transcript.erased, done.transcript.used_by) == (True, ())
    assert [(one.provider, one.model, one.calls) for one in done.recipients] == [("openai", "gpt-6-luna", 1)]
    assert after["erased_at"] == done.erased_at
    assert (after["status"], after["result"], after["label"]) == ("succeeded", None, job["label"])
    assert after["cost"]["spent_usd"] == job["cost"]["spent_usd"]
    assert after["version"] > job["version"]
    assert CANARY not in json.dumps(after)
    assert holding(town.database, CANARY) == set()
    gone = town.product.http.get(f"/v1/jobs/{job['id']}/report")
    assert (gone.status_code, gone.json()["code"]) == (410, "erased")
    for what, body in (("replay", CHILD), ("retry", {})):
        gone = town.product.http.post(f"/v1/jobs/{job['id']}/{what}", json=body)
        assert (gone.status_code, gone.json()["code"]) == (410, "erased")


def test_the_stream_of_an_erased_job_still_tells_what_was_done_and_no_word_of_what_was_said(town: Town) -> None:
    """Not even what a provider said about the meeting when it refused it."""
    echo = {"fault": "400", "args": {"message": f"the prompt about {CANARY} is too odd"}}
    town.emulator.order("faults", match={"model": "gpt-6-luna"}, **echo)
    town.emulator.order("faults", match={"model": "gpt-6.1-terra"}, fault="500", args={"message": CANARY})
    panel = {"panel": {"models": ["openai/gpt-6-luna", "openai/gpt-6.1-terra", "openai/gpt-5.6-luna"]}}
    job = town.product.end_of(town.product.submit(**ONE | panel, **AROUND)["id"])

    erase(town, job["id"])

    stream = town.product.http.get(f"/v1/jobs/{job['id']}/events")
    feed = town.product.http.get("/v1/events", params={"limit": 1_000})
    told = [json.loads(line[6:]) for line in stream.text.splitlines() if line.startswith("data: ")]
    assert stream.status_code == feed.status_code == 200
    assert [event["version"] for event in told] == [*range(1, town.product.job(job["id"])["version"] + 1)]
    assert {"job.queued", "seat.failed_over", "seat.answered", "items.found", "job.erased"} <= {
        event["type"] for event in told
    }
    assert CANARY not in stream.text + feed.text
    assert {field for event in told for field in event["data"]} <= FIELDS
    assert not [
        value for event in told for value in event["data"].values() if " " in json.dumps(value, separators=(",", ":"))
    ]


def test_a_job_whose_call_is_under_way_is_canceled_and_what_it_brings_is_not_kept(town: Town) -> None:
    town.emulator.order("latency", median_ms=700)
    job = town.product.submit(**ONE, **AROUND)["id"]
    until(town.emulator.waiting, "the call is under way")

    erase(town, job)
    at_once = town.product.job(job)
    until(lambda: not town.emulator.waiting(), "the call is over")
    until(lambda: all(row["ended_at"] for row in _attempts(town, job)), "the call is booked")

    assert at_once["status"] == "canceled"
    assert len(town.emulator.requests()) == 1
    assert holding(town.database, CANARY) == set()
    assert town.product.job(job)["result"] is None


def _attempts(town: Town, job: str) -> list[dict[str, Any]]:
    with town.database.system() as connection:
        rows = connection.execute(select(attempts).where(attempts.c.job_id == job)).mappings()
        return [dict(row) for row in rows]


def test_a_poll_that_waits_hears_of_the_erasure(town: Town) -> None:
    job = town.product.end_of(town.product.submit(**ONE)["id"])
    etag = f'"{job["version"]}"'

    erase(town, job["id"])
    answer = town.product.http.get(f"/v1/jobs/{job['id']}", headers={"If-None-Match": etag})

    assert answer.status_code == 200
    assert answer.json()["erased_at"]


def test_nobody_erases_or_judges_the_job_of_another(town: Town) -> None:
    job = town.product.end_of(town.product.submit(**ONE)["id"])
    stranger = {"Authorization": f"Bearer {new_tenant(town.database, 'globex').key}"}

    answers = [
        town.product.http.delete(f"/v1/jobs/{job['id']}", headers=stranger),
        town.product.http.post("/v1/feedback", json={"job_id": job["id"], "verdict": "right"}, headers=stranger),
        town.product.http.get(f"/v1/jobs/{job['id']}", headers=stranger),
    ]

    assert [(answer.status_code, answer.json()["code"]) for answer in answers] == [(404, "not-found")] * 3
    assert town.product.job(job["id"])["erased_at"] is None


def test_an_idempotency_key_of_an_erased_job_brings_nothing_back(town: Town) -> None:
    keyed = {"Idempotency-Key": "of-an-erased-job"}
    job = town.product.http.post("/v1/jobs", json=ONE, headers=keyed).json()["id"]
    erase(town, job)
    told = town.product.http.get("/openapi.json").json()["paths"]

    for path, body in (("/v1/jobs", ONE), ("/v1/batches", {"jobs": [ONE]})):
        answer = town.product.http.post(path, json=body, headers=keyed)

        assert (answer.status_code, answer.json()["code"]) == (410, "erased")
        assert "410" in told[path]["post"]["responses"]


def test_feedback_is_taken_replaced_listed_and_paged(town: Town) -> None:
    job = town.product.end_of(town.product.submit(**ONE)["id"])
    item = next(one["id"] for kind in ("action_items", "decisions", "risks") for one in job["result"][kind])
    said = {"job_id": job["id"], "item_id": item}

    first, again = give(town, **said, verdict="right", score=1), give(town, **said, verdict="wrong")
    for words in ("the room", "the date"):
        give(town, job_id=job["id"], verdict="missing", text=words)
    query = {"job_id": job["id"], "limit": 2}
    page = FeedbackPage.model_validate(town.product.http.get("/v1/feedback", params=query).json())
    rest = FeedbackPage.model_validate(
        town.product.http.get("/v1/feedback", params={**query, "cursor": page.next_cursor}).json()
    )
    wrong = town.product.http.get("/v1/feedback", params={"verdict": "wrong", "job_id": job["id"]}).json()["data"]

    assert (first.status_code, again.status_code) == (201, 200)
    assert FeedbackView.model_validate(first.json()).id == again.json()["id"]
    assert [one.text for one in page.data] == ["the date", "the room"]
    assert [one.item_id for one in rest.data] == [item]
    assert rest.next_cursor is None
    assert [one["verdict"] for one in wrong] == ["wrong"]
    assert wrong[0]["confidence"] is not None


@pytest.mark.parametrize(
    ("said", "status", "code"),
    [
        ({"verdict": "missing"}, 422, "invalid-request"),
        ({"verdict": "edited", "text": "so"}, 422, "invalid-request"),
        ({"verdict": "missing", "item_id": "itm_x", "text": "so"}, 422, "invalid-request"),
        ({"verdict": "perhaps"}, 422, "invalid-request"),
        ({"verdict": "right", "score": 2}, 422, "invalid-request"),
        ({"verdict": "right", "text": "a\u0000b"}, 422, "invalid-request"),
        ({"verdict": "right", "item_id": "itm_none"}, 404, "not-found"),
        ({"verdict": "right", "job_id": "job_none"}, 404, "not-found"),
        ({"verdict": "right", "tenant_id": "ten_other"}, 422, "invalid-request"),
    ],
)
def test_feedback_that_does_not_fit_is_refused(town: Town, said: dict[str, Any], status: int, code: str) -> None:
    job = town.product.submit(**ONE)["id"]

    answer = give(town, **{"job_id": job, **said})

    assert (answer.status_code, answer.json()["code"]) == (status, code)


def test_the_command_line_erases_after_a_yes_and_takes_feedback(town: Town) -> None:
    job = town.product.end_of(town.product.submit(**ONE)["id"])["id"]

    right = command(town, "feedback", job, "right", "--score", "0.9")
    as_json = command(town, "feedback", job, "missing", "--text", "the room", "--json")
    wrong = command(town, "feedback", job, "perhaps")
    unasked = command(town, "erase", job)
    kept = town.product.job(job)["erased_at"]
    done = command(town, "erase", job, "--yes", "--json")
    again = command(town, "erase", job, "--yes")
    nobody = command(town, "erase", "job_nobody", "--yes")

    assert [one.returncode for one in (right, as_json, wrong, unasked, done, again, nobody)] == [0, 0, 2, 2, 0, 0, 1]
    assert FeedbackView.model_validate_json(as_json.stdout).text == "the room"
    assert "There is no verdict 'perhaps'" in wrong.stderr
    assert "--yes" in unasked.stderr
    assert kept is None
    view = ErasureView.model_validate_json(done.stdout)
    assert (view.job_id, view.erased_at) == (job, town.product.job(job)["erased_at"])
    assert "The transcript is erased." in again.stdout
