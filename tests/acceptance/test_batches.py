"""Batches as a contract, seen from outside: whole processes, and the emulator's count of what was asked."""

import json
from collections.abc import Iterator
from typing import Any

import pytest
from sqlalchemy import func, select

from orchestrator.storage.tables import jobs
from orchestrator.tenancy.keys import add_tenant, generate
from tests.acceptance.conftest import Town
from tests.acceptance.processes import until
from tests.acceptance.test_jobs import THREE
from tests.servers import PEPPER

BUILT_IN = {"panel": {"models": ["extractive/cue-rules"]}, "strategy": "single"}
ENDED = {"finished", "canceled"}
WITHIN_S = 120.0
NDJSON = {"Content-Type": "application/x-ndjson"}


def job(number: int, **fields: Any) -> dict[str, Any]:
    said = f"Ann: Let us decide on item {number} today.\nBob: I'll send the report on item {number} by Friday."
    return {"custom_id": f"c{number}", "transcript": {"content": said}, **fields}


def ndjson(*documents: Any) -> bytes:
    return b"".join((one if isinstance(one, bytes) else json.dumps(one).encode()) + b"\n" for one in documents)


def post(town: Town, body: Any, **headers: str) -> Any:
    return town.product.http.post("/v1/batches", content=body, headers=NDJSON | headers)


def batch_of(town: Town, batch: str) -> dict[str, Any]:
    answer = town.product.http.get(f"/v1/batches/{batch}")
    assert answer.status_code == 200, answer.text
    found: dict[str, Any] = answer.json()
    return found


def end_of(town: Town, batch: str) -> dict[str, Any]:
    return until(
        lambda: found if (found := batch_of(town, batch))["status"] in ENDED else None, f"{batch} has ended", WITHIN_S
    )


def results_of(town: Town, batch: str, after: int = 0) -> list[dict[str, Any]]:
    answer = town.product.http.get(f"/v1/batches/{batch}/results", params={"after": after})
    assert answer.headers["content-type"] == "application/x-ndjson"
    return [json.loads(line) for line in answer.text.splitlines()]


def test_two_hundred_jobs_are_taken_in_run_and_come_back_in_order(town: Town) -> None:
    bodies = [job(number, **BUILT_IN) for number in range(1, 201)]
    bodies[99] = job(100, **BUILT_IN, priority="sometime")

    answer = post(town, ndjson(*bodies))
    batch = answer.json()
    ended = end_of(town, batch["id"])
    found = results_of(town, batch["id"])

    assert (answer.status_code, answer.headers["location"]) == (202, f"/v1/batches/{batch['id']}")
    assert (batch["lines"], batch["jobs"], batch["refused"]) == (200, 199, 1)
    assert [(one["line"], one["error"]["code"]) for one in batch["errors"]] == [(100, "invalid-request")]
    assert batch["errors"][0]["error"]["errors"][0]["pointer"] == "/priority"
    assert (ended["status"], ended["progress"], ended["counts"]["succeeded"]) == ("finished", 1.0, 199)
    assert [one["line"] for one in found] == list(range(1, 201))
    assert [one["custom_id"] for one in found] == [f"c{number}" for number in range(1, 100)] + [None] + [
        f"c{number}" for number in range(101, 201)
    ]
    assert [one["line"] for one in found if one["status"] != "succeeded"] == [100]
    assert results_of(town, batch["id"], after=150) == found[150:]
    one = town.product.job(found[0]["job_id"])
    assert (one["batch_id"], one["priority"], one["result"]) == (batch["id"], "bulk", found[0]["result"])
    listed = town.product.http.get("/v1/jobs", params={"batch_id": batch["id"], "limit": 200}).json()["data"]
    assert len(listed) == 199
    assert town.product.http.get("/v1/batches").json()["data"][0]["id"] == batch["id"]


def test_models_are_asked_and_the_costs_of_a_batch_are_its_jobs(town: Town) -> None:
    bodies = [job(number, panel=THREE) for number in range(1, 4)]

    batch = town.product.http.post("/v1/batches", json={"jobs": bodies, "defaults": {"strategy": "consensus"}})
    ended = end_of(town, batch.json()["id"])

    assert ended["counts"]["succeeded"] == 3
    assert round(float(ended["cost"]["spent_usd"]) * 1e6) == town.emulator.billed_micro_usd() > 0
    assert len(town.emulator.requests()) == 9


def test_a_first_line_speaks_for_all_that_do_not_say_otherwise(town: Town) -> None:
    said = {"defaults": {**BUILT_IN, "tags": ["archive"], "reference": "all"}}

    batch = post(town, ndjson(said, job(1), b"", job(2, reference="mine"))).json()
    end_of(town, batch["id"])
    found = results_of(town, batch["id"])

    assert [one["line"] for one in found] == [2, 4]
    made = [town.product.job(one["job_id"]) for one in found]
    assert [(one["reference"], one["tags"]) for one in made] == [("all", ["archive"]), ("mine", ["archive"])]


def test_a_repeated_key_goes_on_with_the_batch_and_says_when_it_was_whole(town: Town) -> None:
    body = ndjson(job(1, **BUILT_IN), job(2, **BUILT_IN))

    first, again = (post(town, body, **{"Idempotency-Key": "batch once"}) for _ in range(2))
    other = post(town, ndjson(job(1, **BUILT_IN), job(3, **BUILT_IN)), **{"Idempotency-Key": "batch once"})

    assert first.json()["id"] == again.json()["id"]
    assert (first.headers.get("idempotent-replayed"), again.headers["idempotent-replayed"]) == (None, "true")
    assert (other.status_code, other.json()["code"]) == (422, "idempotency-mismatch")


def one_that_comes_in(town: Town) -> dict[str, Any] | None:
    newest: list[dict[str, Any]] = town.product.http.get("/v1/batches").json()["data"][:1]
    return next((one for one in newest if one["status"] == "receiving" and one["lines"]), None)


def test_an_upload_that_breaks_goes_on_under_its_key(town: Town) -> None:
    def broken() -> Iterator[bytes]:
        yield ndjson(*(job(number, **BUILT_IN) for number in range(1, 41)))
        until(lambda: one_that_comes_in(town), "some lines were taken in")
        raise ConnectionAbortedError

    key = {"Idempotency-Key": "batch broken"}
    with pytest.raises(ConnectionAbortedError):
        post(town, broken(), **key)
    left = until(lambda: one_that_comes_in(town), "some lines were taken in")
    whole = post(town, ndjson(*(job(number, **BUILT_IN) for number in range(1, 61))), **key)

    assert left["lines"] <= 40
    assert whole.json()["id"] == left["id"]
    assert whole.json()["jobs"] == 60
    assert end_of(town, left["id"])["counts"]["succeeded"] == 60


def test_a_line_that_finds_no_budget_is_an_error_of_that_line(town: Town) -> None:
    limit = {"period": "month", "limit_usd": "0.000001"}
    town.product.http.put("/v1/budgets/project:poor", json=limit).raise_for_status()
    asked = {"panel": {"models": ["openai/gpt-6-luna"]}, "allow_extractive": False, "strategy": "single"}

    answer = post(town, ndjson(job(1, **asked), job(2, **asked, project="poor")))
    ended = end_of(town, answer.json()["id"])

    assert [(one["line"], one["error"]["code"]) for one in answer.json()["errors"]] == [(2, "budget-exhausted")]
    assert (ended["counts"]["succeeded"], ended["refused"], len(town.emulator.requests())) == (1, 1, 1)


def test_an_atomic_batch_takes_all_or_none(town: Town) -> None:
    before = town.product.http.get("/v1/jobs", params={"limit": 1}).json()["data"]
    bodies = [job(1, **BUILT_IN), b'{"transcript": ', job(3, panel={"models": ["nobody/nothing"]}), job(1, **BUILT_IN)]

    refused = town.product.http.post("/v1/batches?atomic=true", content=ndjson(*bodies), headers=NDJSON)
    after = town.product.http.get("/v1/jobs", params={"limit": 1}).json()["data"]
    good = town.product.http.post("/v1/batches?atomic=true", json={"jobs": [job(1, **BUILT_IN), job(2, **BUILT_IN)]})

    assert (refused.status_code, refused.json()["code"]) == (422, "batch-refused")
    assert [(one["line"], one["code"]) for one in refused.json()["lines"]] == [
        (2, "malformed-json"),
        (3, "unknown-model"),
        (4, "invalid-request"),
    ]
    assert [one["id"] for one in after] == [one["id"] for one in before]
    assert (good.status_code, good.json()["atomic"]) == (202, True)
    assert end_of(town, good.json()["id"])["counts"]["succeeded"] == 2


def test_stored_meetings_are_analysed_anew_without_being_sent_again(town: Town) -> None:
    old = [
        town.product.submit(transcript=job(number)["transcript"], **BUILT_IN, tags=["again"]) for number in (701, 702)
    ]
    body = {"reprocess": {"tag": "again"}, "defaults": {**BUILT_IN, "tags": []}}

    made = town.product.http.post("/v1/batches", json=body, headers={"Idempotency-Key": "reprocess"})
    again = town.product.http.post("/v1/batches", json=body, headers={"Idempotency-Key": "reprocess"})
    end_of(town, made.json()["id"])
    found = results_of(town, made.json()["id"])

    assert (made.json()["jobs"], again.json()["id"]) == (2, made.json()["id"])
    assert [one["custom_id"] for one in found] == [one["id"] for one in old]
    assert [town.product.job(one["job_id"])["transcript_id"] for one in found] == [one["transcript_id"] for one in old]


def let_go(town: Town, batch: str) -> int:
    """How many of its jobs have left the rows."""
    with town.database.system() as connection:
        gone = select(func.count()).where(jobs.c.batch_id == batch, jobs.c.dispatched_at.is_not(None))
        return connection.execute(gone).scalar_one()


def test_a_paused_batch_is_not_asked_about_and_a_canceled_one_not_any_more(town: Town) -> None:
    town.emulator.order("latency", median_ms=4_000)
    asked = {"panel": {"models": ["openai/gpt-6-luna"]}, "allow_extractive": False, "allow_substitution": False}
    batch = post(town, ndjson(*(job(number, **asked) for number in range(1, 301)))).json()["id"]
    act = f"/v1/batches/{batch}"

    paused = town.product.http.post(f"{act}/pause").json()
    gone = let_go(town, batch)
    town.emulator.order("latency", median_ms=0)
    until(lambda: batch_of(town, batch)["counts"]["succeeded"] == gone, "what was let go has ended", WITHIN_S)
    held = let_go(town, batch), len(town.emulator.requests())
    resumed = town.product.http.post(f"{act}/resume").json()
    until(lambda: let_go(town, batch) > gone, "it goes on")
    canceled = town.product.http.post(f"{act}/cancel").json()
    asked_then = len(town.emulator.requests()) + town.emulator.waiting()
    ended = end_of(town, batch)

    assert (paused["status"], resumed["status"]) == ("paused", "running")
    assert 0 < gone < 300
    assert held == (gone, gone)
    assert canceled["status"] in {"canceling", "canceled"}
    assert (ended["status"], sum(ended["counts"].values())) == ("canceled", 300)
    assert ended["counts"]["canceled"] > 0
    assert len(town.emulator.requests()) + town.emulator.waiting() <= asked_then
    assert town.product.http.post(f"{act}/cancel").json()["status"] == "canceled"
    refused = town.product.http.post(f"{act}/pause")
    assert (refused.status_code, refused.json()["code"]) == (409, "terminal")
    assert [one["line"] for one in results_of(town, batch)] == list(range(1, 301))


@pytest.mark.parametrize(
    ("body", "headers", "status", "code"),
    [
        (b"", NDJSON, 422, "invalid-request"),
        (b"\n\n\n", NDJSON, 422, "invalid-request"),
        (b'{"jobs": []}', {"Content-Type": "application/json"}, 422, "invalid-request"),
        (b'{"jobs": 3}', {"Content-Type": "application/json"}, 422, "invalid-request"),
        (b"{}", {"Content-Type": "application/json"}, 422, "invalid-request"),
        (b'{"jobs": [{}', {"Content-Type": "application/json"}, 400, "malformed-json"),
        (b'{"jobs": [{}], "more": 1}', {"Content-Type": "application/json"}, 422, "invalid-request"),
        (b"[]", {"Content-Type": "application/json"}, 400, "malformed-json"),
        (b'{"jobs": [{}]}', {"Content-Type": "text/plain"}, 415, "unsupported-media-type"),
        (b"{}\n", NDJSON | {"Content-Encoding": "gzip"}, 415, "unsupported-media-type"),
        (b'{"defaults": {"transcript": {}}}\n{}\n', NDJSON, 422, "invalid-request"),
        (b'{"defaults": {"priority": "now"}}\n{}\n', NDJSON, 422, "invalid-request"),
        (b'{"defaults": 3}\n{}\n', NDJSON, 422, "invalid-request"),
        (b'{"reprocess": {"tag": "never seen"}}', {"Content-Type": "application/json"}, 422, "invalid-request"),
        (b'{"jobs": [' + b"{}," * 10_000 + b"{}]}", {"Content-Type": "application/json"}, 413, "too-large"),
        (b"{}\n", NDJSON | {"Idempotency-Key": "x" * 256}, 422, "invalid-request"),
    ],
    ids=str,
)
def test_what_is_no_batch_is_refused(town: Town, body: bytes, headers: dict[str, str], status: int, code: str) -> None:
    before = town.product.http.get("/v1/batches").json()["data"]

    answer = town.product.http.post("/v1/batches", content=body, headers=headers)

    assert (answer.status_code, answer.json()["code"]) == (status, code), answer.text
    assert [one["id"] for one in town.product.http.get("/v1/batches").json()["data"]] == [one["id"] for one in before]


def test_lines_that_are_no_jobs_are_told_each_by_itself(town: Town) -> None:
    good = json.dumps(job(1, **BUILT_IN)).encode()
    lines = {
        b'{"transcript": ': "malformed-json",
        b"[]": "invalid-request",
        b"\xff\xfe": "malformed-json",
        b'{"transcript": {"content": "a: b"}, "priority": "bulk", "priority": "bulk"}': "malformed-json",
        b"[" * 5_000: "malformed-json",
        b'{"transcript": {"content": "Ann: x"}, "deadline_s": NaN}': "malformed-json",
        b'{"transcript": {"content": "' + b"a" * (5 * 1024 * 1024) + b'"}}': "too-large",
        b'{"transcript": {"content": "  "}}': "empty-transcript",
        b'{"transcript": {"content": "Ann: x"}, "strategy": "oracle"}': "unknown-strategy",
        b'{"transcript": {"content": "Ann: x"}, "max_cost_usd": "-1"}': "invalid-request",
        b'{"transcript": {"content": "Ann: x"}, "custom_id": 3}': "invalid-request",
        b'{"transcript": {"transcript_id": "trn_none"}}': "invalid-request",
    }

    answer = post(town, ndjson(good, *lines))

    assert answer.status_code == 202, answer.text
    assert answer.json()["jobs"] == 1
    assert [(one["line"], one["error"]["code"]) for one in answer.json()["errors"]] == list(
        enumerate(lines.values(), start=2)
    )
    batch = answer.json()["id"]
    page = town.product.http.get(f"/v1/batches/{batch}/errors", params={"after": 3, "limit": 2}).json()
    assert ([one["line"] for one in page["data"]], page["next_after"]) == ([4, 5], 5)


def test_a_foreign_batch_is_not_there(town: Town) -> None:
    batch = post(town, ndjson(job(1, **BUILT_IN))).json()["id"]
    key = generate("test")
    add_tenant(town.database, f"other {key[-6:]}", key, PEPPER)
    theirs = {"Authorization": f"Bearer {key}"}

    for path in (batch, f"{batch}/results", f"{batch}/errors", "bat_of_nobody", f"{batch.upper()}"):
        answer = town.product.http.get(f"/v1/batches/{path}", headers=theirs)
        assert (answer.status_code, answer.json()["code"]) == (404, "not-found")
    for act in ("pause", "resume", "cancel", "retry"):
        assert town.product.http.post(f"/v1/batches/{batch}/{act}", headers=theirs).status_code == 404
    end_of(town, batch)


def test_the_service_describes_batches_and_its_examples_are_good(town: Town) -> None:
    described = town.product.http.get("/openapi.json").json()
    content = described["paths"]["/v1/batches"]["post"]["requestBody"]["content"]

    lines = post(town, content["application/x-ndjson"]["example"])
    document = town.product.http.post("/v1/batches", json=content["application/json"]["example"])

    assert {"BatchJob", "BatchBody", "BatchView", "ResultLine"} <= described["components"]["schemas"].keys()
    assert (lines.status_code, lines.json()["jobs"]) == (202, 1)
    assert (document.status_code, document.json()["jobs"]) == (202, 2)
