"""Exports, timeline and what leads to them, over HTTP: whole processes and the emulator."""

import csv
import io
from typing import Any, get_args

import pytest
from icalendar import Calendar

from api.client import Client
from api.schemas import ExportFormat
from orchestrator.analysis.items import Analysis
from tests.acceptance.conftest import Town
from tests.acceptance.processes import until
from tests.acceptance.test_jobs import MEETING, THREE
from tests.servers import new_tenant

KINDS = ("action_items", "decisions", "questions", "risks", "topics")
TYPES = {
    "md": "text/markdown; charset=utf-8",
    "csv": "text/csv; charset=utf-8; header=present",
    "ics": "text/calendar; charset=utf-8",
    "vtt": "text/vtt; charset=utf-8",
    "json": "application/json",
}
HELD = {"title": "Battery <b>&</b> case; weekly", "started_at": "2026-11-23T09:00:00Z"}


def submitted(town: Town, **posted: Any) -> dict[str, Any]:
    return town.product.submit(transcript=MEETING, panel=THREE, meeting=HELD, **posted)


@pytest.fixture
def ended(town: Town) -> dict[str, Any]:
    return town.product.end_of(submitted(town)["id"])


def exported(town: Town, job: str, wanted: str) -> Any:
    return town.product.http.get(f"/v1/jobs/{job}/export", params={"format": wanted})


@pytest.mark.parametrize("wanted", get_args(ExportFormat))
def test_an_export_is_a_file_with_a_type_and_a_safe_name(town: Town, ended: dict[str, Any], wanted: str) -> None:
    answer = exported(town, ended["id"], wanted)

    assert (answer.status_code, answer.headers["content-type"]) == (200, TYPES[wanted])
    assert (
        answer.headers["content-disposition"]
        == f'attachment; filename="battery-b-b-case-weekly-{ended["id"]}.{wanted}"'
    )
    assert answer.headers["x-content-type-options"] == "nosniff"
    assert answer.content == exported(town, ended["id"], wanted).content


def test_each_format_holds_the_items_of_the_result(town: Town, ended: dict[str, Any]) -> None:
    of = {wanted: exported(town, ended["id"], wanted) for wanted in TYPES}
    items = [(kind, item["id"]) for kind in KINDS for item in ended["result"][kind]]
    dated = [item for item in ended["result"]["action_items"] if item["due"] and item["due"]["date"]]

    assert items
    assert dated
    assert of["json"].json()["result"] == ended["result"]
    assert Analysis.model_validate(of["json"].json()["result"])
    assert [(row["kind"], row["id"]) for row in csv.DictReader(io.StringIO(of["csv"].text, newline=""))] == items
    todos = Calendar.from_ical(of["ics"].content).walk("VTODO")
    assert [str(todo["uid"]).partition(".")[0] for todo in todos] == [item["id"] for item in dated]
    assert [todo.decoded("due").isoformat() for todo in todos] == [item["due"]["date"] for item in dated]
    assert of["md"].text.startswith("# Battery &lt;b&gt;&amp;&lt;/b&gt; case; weekly\n")
    assert all(ended["label"] in of[wanted].text for wanted in ("md", "ics", "vtt", "json"))


def test_a_replay_has_the_same_todos(town: Town, ended: dict[str, Any]) -> None:
    made = town.product.http.post(f"/v1/jobs/{ended['id']}/replay", json={"strategy": "consensus"}).json()
    town.product.end_of(made["id"])

    def uids(job: str) -> list[str]:
        return [str(todo["uid"]) for todo in Calendar.from_ical(exported(town, job, "ics").content).walk("VTODO")]

    assert uids(made["id"]) == uids(ended["id"]) != []


def test_a_job_without_a_result_has_nothing_to_export_and_has_a_timeline(town: Town) -> None:
    town.emulator.order("latency", median_ms=3_000)
    job = submitted(town)["id"]
    until(lambda: town.emulator.waiting() == 3, "three calls wait for their answers")
    early = exported(town, job, "csv")
    course = town.product.http.get(f"/v1/jobs/{job}/timeline").json()
    town.product.http.post(f"/v1/jobs/{job}/cancel")

    late = exported(town, job, "json")

    assert [(one.status_code, one.json()["code"]) for one in (early, late)] == [(409, "no-result")] * 2
    assert "running" in early.json()["detail"]
    assert "canceled" in late.json()["detail"]
    assert [(stage["stage"], stage["state"]) for stage in course["stages"]] == [
        ("queued", None),
        *[("attempt", "sent")] * 3,
    ]
    assert [stage["ended_at"] is None for stage in course["stages"]] == [False, True, True, True]


@pytest.mark.parametrize("wanted", ["xlsx", "", "MD", "csv/../md"])
def test_a_format_that_is_none_is_refused_with_those_that_are(town: Town, ended: dict[str, Any], wanted: str) -> None:
    answer = exported(town, ended["id"], wanted)

    assert (answer.status_code, answer.json()["code"]) == (422, "invalid-request")
    assert [error["pointer"] for error in answer.json()["errors"]] == ["/query/format"]


def test_an_export_without_a_format_is_refused(town: Town, ended: dict[str, Any]) -> None:
    answer = town.product.http.get(f"/v1/jobs/{ended['id']}/export")

    assert (answer.status_code, answer.json()["errors"][0]["pointer"]) == (422, "/query/format")


def test_another_tenants_job_has_no_export_no_timeline_and_no_report(town: Town, ended: dict[str, Any]) -> None:
    stranger = {"Authorization": f"Bearer {new_tenant(town.database, 'globex').key}"}

    answers = [
        town.product.http.get(f"/v1/jobs/{ended['id']}/{what}", headers=stranger)
        for what in ("export?format=json", "timeline", "report")
    ]

    assert [(answer.status_code, answer.json()["code"]) for answer in answers] == [(404, "not-found")] * 3


def test_the_timeline_tells_every_call_with_what_it_cost(town: Town) -> None:
    town.emulator.order("faults", match={"persona": "openai", "model": "gpt-6-luna"}, fault="500", count=1)
    job = town.product.end_of(submitted(town)["id"])
    until(lambda: _course(town, job["id"])["stages"][-1]["ended_at"], "the news have gone out")

    course = _course(town, job["id"])

    calls = [stage for stage in course["stages"] if stage["stage"] == "attempt"]
    others = [stage["stage"] for stage in course["stages"] if stage["stage"] != "attempt"]
    assert (course["object"], course["job_id"], course["version"]) == ("timeline", job["id"], job["version"])
    assert (course["status"], others) == ("succeeded", ["queued", "synthesis", "delivery"])
    assert sorted(call["state"] for call in calls) == ["answered", "answered", "answered", "refused"]
    assert {call["role"] for call in calls} == {"analyst"}
    assert sum(float(call["cost_usd"]) for call in calls) == pytest.approx(float(job["cost"]["spent_usd"]))
    assert [bool(call["error"]) for call in calls] == [call["state"] == "refused" for call in calls]
    assert all(stage["started_at"] <= stage["ended_at"] for stage in course["stages"])
    assert job["links"]["timeline"] == f"/v1/jobs/{job['id']}/timeline"


def _course(town: Town, job: str) -> dict[str, Any]:
    found: dict[str, Any] = town.product.http.get(f"/v1/jobs/{job}/timeline").json()
    return found


def test_the_client_fetches_both(town: Town, ended: dict[str, Any]) -> None:
    client = Client(town.product.url, town.product.http.headers["authorization"].removeprefix("Bearer "))

    assert client.export(ended["id"], "csv") == exported(town, ended["id"], "csv").content
    assert client.timeline(ended["id"]).stages[0].stage == "queued"


def test_the_openapi_document_describes_them(town: Town) -> None:
    document = town.product.http.get("/openapi.json").json()
    paths, schemas = document["paths"], document["components"]["schemas"]

    files = paths["/v1/jobs/{job_id}/export"]["get"]
    assert set(files["responses"]["200"]["content"]) == {kind.partition(";")[0] for kind in TYPES.values()}
    (wanted,) = [one for one in files["parameters"] if one["name"] == "format"]
    assert (wanted["in"], wanted["required"], wanted["schema"]["enum"]) == (
        "query",
        True,
        ["md", "csv", "ics", "vtt", "json"],
    )
    assert paths["/v1/jobs/{job_id}/timeline"]["get"]["responses"]["200"]["content"]["application/json"]["schema"] == {
        "$ref": "#/components/schemas/TimelineView"
    }
    assert {"ExportView", "JobHead", "StageView"} <= set(schemas)
    assert schemas["StageView"]["required"] == ["stage", "started_at", "ended_at", "took_s"]
