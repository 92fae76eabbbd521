"""Whatever a model answers, a job says what it can prove, no reader's program is steered, and every bill is booked."""

import csv
import io
import re
import unicodedata
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any, get_args

import httpx
import pytest
from icalendar import Calendar

from api.schemas import ExportFormat, JobView
from orchestrator.storage.tables import attempts
from tests.acceptance.bad_replies import (
    BROKEN,
    LONG,
    OTHER,
    PAYLOADS,
    STRING_MB,
    TRUE,
    USAGES,
    Broken,
    Payload,
    Told,
    answered,
)
from tests.acceptance.conftest import Build, Town
from tests.acceptance.processes import until
from tests.acceptance.test_cli import run
from tests.acceptance.test_injection import ADDRESS, KINDS, TAGS_THAT_ACT
from tests.acceptance.test_jobs import MEETING, micro, rows
from tests.servers import new_tenant
from tests.unit.api.pages import Page
from tests.unit.api.test_exports_markdown import ALLOWED, parsed

ONE = {"panel": {"models": ["openai/gpt-6-luna"]}, "strategy": "single"}
ALONE = {"allow_substitution": False, "allow_extractive": False}
STEERING = 64  # the row of payloads that are for terminals
FORMULA = re.compile(r"\s*[=+\-@＝＋－＠\t\r\n]")
MOST_GROWTH_KB = 50 * 1024
WORDS = MEETING["content"]

pytestmark = pytest.mark.timeout(400)  # a job and a command for each payload, on a machine with two busy cores


@dataclass(frozen=True)
class Spoiled:
    """A job whose model said a payload, and what readers get of it."""

    payload: Payload
    job: dict[str, Any]
    page: str
    exports: dict[str, str]
    shown: str
    shown_as_json: str
    feed: str

    @property
    def texts(self) -> Iterator[str]:
        summary = self.job["result"]["summary"]
        return iter((summary["text"], *summary["bullets"], *(item["text"] for item in self.items)))

    @property
    def items(self) -> list[dict[str, Any]]:
        return [item for kind in KINDS for item in self.job["result"][kind]]


@pytest.fixture(scope="module")
def running(build_town: Build) -> Town:
    return build_town(lambda emulator: emulator.environment)


@pytest.fixture
def own(running: Town) -> Town:
    running.forget()
    return running


@pytest.fixture(scope="module")
def spoiled(running: Town) -> list[Spoiled]:
    return [_spoiled(running, payload) for payload in PAYLOADS]


def _spoiled(town: Town, payload: Payload) -> Spoiled:
    http = town.product.http
    town.forget()
    town.emulator.order("faults", match={}, fault="says", args={"message": answered(payload.words)})
    job = town.product.end_of(town.product.submit(transcript=MEETING, **ONE, **ALONE)["id"])
    path, key = f"/v1/jobs/{job['id']}", str(http.headers["authorization"]).removeprefix("Bearer ")
    where = ("--url", town.product.url, "--key", key)
    return Spoiled(
        payload=payload,
        job=job,
        page=http.get(f"{path}/report").text,
        exports={wanted: http.get(f"{path}/export?format={wanted}").text for wanted in get_args(ExportFormat)},
        shown=run("show", job["id"], *where).stdout,
        shown_as_json=run("show", job["id"], "--json", *where).stdout if payload.row == STEERING else "",
        feed=http.get("/v1/events", params={"limit": 1_000}).text,
    )


def hidden(text: str) -> list[str]:
    """Characters that steer a terminal, or turn text around."""
    return [char for char in text if unicodedata.category(char) in ("Cc", "Cf") and char != "\n"]


def test_each_job_succeeds_and_shows_what_was_said_and_proved(spoiled: list[Spoiled]) -> None:
    for one in spoiled:
        assert one.job["status"] == "succeeded", one.payload
        assert any("battery" in text for text in one.texts), one.payload
        assert all(item["verified"] for item in one.items)
        assert all(piece["quote"] in WORDS for item in one.items for piece in item["evidence"])
        assert all(item["owner"] is None and item["due"] is None for item in one.items), one.payload


def test_the_answer_holds_no_address_and_nothing_hidden(spoiled: list[Spoiled]) -> None:
    for one in spoiled:
        assert not [found for text in one.texts for found in ADDRESS.findall(text)], one.payload
        assert not [char for text in one.texts for char in hidden(text)], one.payload


def test_the_report_shows_it_and_does_nothing_of_it(spoiled: list[Spoiled]) -> None:
    for one in spoiled:
        page = Page(one.page)
        assert not TAGS_THAT_ACT & page.tags.keys(), one.payload
        assert not [name for _tag, name in page.attributes if name.startswith("on") or name in ("src", "style")]
        assert all(link.startswith("#") for link in page.links), one.payload
        assert page.unclosed == page.misnested == []
        assert not hidden(one.page)
        assert all(text in page.words for text in one.texts), one.payload


def test_no_export_does_anything_of_it(spoiled: list[Spoiled]) -> None:
    for one in spoiled:
        cells = [cell for row in csv.reader(io.StringIO(one.exports["csv"], newline="")) for cell in row]
        assert not [cell for cell in cells if FORMULA.match(cell)], one.payload
        assert len(cells) % 14 == 0
        assert {token.type for token in parsed(one.exports["md"])} <= ALLOWED, one.payload
        assert not [todo for todo in Calendar.from_ical(one.exports["ics"]).walk("VTODO") if "attach" in todo]
        for wanted in get_args(ExportFormat):
            assert not hidden(one.exports[wanted].replace("\r\n", "\n")), (one.payload, wanted)


def test_a_formula_is_kept_as_text_in_its_cell(spoiled: list[Spoiled]) -> None:
    for one in spoiled:
        if one.payload.row == 63:
            written = [row["text"] for row in csv.DictReader(io.StringIO(one.exports["csv"], newline=""))]
            assert written == [f"'{item['text']}" for item in sorted(one.items, key=_place)], one.payload
            assert written


def _place(item: dict[str, Any]) -> str:
    return str(item["id"])


def test_a_terminal_is_not_steered(spoiled: list[Spoiled]) -> None:
    for one in spoiled:
        assert "battery" in one.shown, one.payload
        assert not hidden(one.shown), one.payload


def test_a_terminal_is_not_steered_by_the_document_either(spoiled: list[Spoiled]) -> None:
    for one in spoiled:
        if one.payload.row == STEERING:
            assert not hidden(one.shown_as_json), one.payload
            assert JobView.model_validate_json(one.shown_as_json).status == "succeeded"


def test_no_event_holds_a_word_of_it(spoiled: list[Spoiled]) -> None:
    for one in spoiled:
        assert "battery" not in one.feed, one.payload


@pytest.mark.parametrize("broken", BROKEN, ids=lambda broken: broken.name)
def test_an_answer_is_read_or_asked_for_once_more_and_given_up(own: Town, broken: Broken) -> None:
    own.emulator.order("faults", match={}, fault="says", args={"message": broken.said})

    job = own.product.end_of(own.product.submit(transcript=MEETING, **ONE, **ALONE)["id"])

    (seat,) = job["seats"]
    if broken.taken:
        assert (job["status"], seat["attempts"]) == ("succeeded", 1)
        assert [item["text"] for item in job["result"]["decisions"]] == [TRUE]
    else:
        assert (job["status"], job["error"]["code"]) == ("failed", "quorum-not-reached")
        assert (seat["attempts"], seat["reason"]) == (2, "exhausted")
        assert job["result"] is None
    assert micro(job["cost"]["spent_usd"]) == own.emulator.billed_micro_usd() > 0


def test_a_string_of_fifty_megabytes_is_not_read_to_its_end_and_not_kept(own: Town) -> None:
    fault = {"fault": LONG.fault, "args": {"size_mb": STRING_MB}}
    asking = own.product.processes.running["ask"].pid

    def long_answer() -> dict[str, Any]:
        own.forget()
        own.emulator.order("faults", match={}, **fault)
        return own.product.end_of(own.product.submit(transcript=MEETING, **ONE, **ALONE)["id"])

    first, before_kb = long_answer(), rss_kb(asking)
    second = long_answer()

    for job in (first, second):
        assert (job["status"], job["seats"][0]["reason"]) == ("failed", "exhausted")
    until(lambda: rss_kb(asking) < before_kb + MOST_GROWTH_KB, "the memory is given back")


def rss_kb(pid: int) -> int:
    status = Path(f"/proc/{pid}/status").read_text("ascii")
    return int(re.findall(r"VmRSS:\s+(\d+)", status)[0])


def test_an_answer_to_another_request_proves_nothing_and_none_of_it_is_kept(own: Town) -> None:
    own.emulator.order("faults", match={}, fault="says", args={"message": OTHER.said})

    job = own.product.end_of(own.product.submit(transcript=MEETING, **ONE, **ALONE)["id"])

    assert [item for kind in KINDS for item in job["result"][kind]] == []
    assert job["result"]["quality"]["components"]["evidence"] == 0


@pytest.mark.parametrize("told", USAGES, ids=lambda told: told.name)
def test_whatever_usage_is_told_the_answer_is_booked_and_a_false_bill_stops_no_other_tenant(
    own: Town, told: Told
) -> None:
    tenant = new_tenant(own.database, told.name)
    mine = {"Authorization": f"Bearer {tenant.key}"}
    own.emulator.order("faults", match={}, fault=told.fault)

    with httpx.Client(base_url=own.product.url, headers=mine, timeout=70.0, trust_env=False) as http:
        job_id = http.post("/v1/jobs", json={"transcript": MEETING, **ONE, **ALONE}).json()["id"]
        job = until(lambda: _ended(http, job_id), "the job has ended")
        own.forget()
        again = http.post("/v1/jobs", json={"transcript": MEETING, **ONE, **ALONE})
        if again.status_code == 202:
            until(lambda: _ended(http, again.json()["id"]), "the next one has ended")

    (attempt,) = rows(own.database, attempts, job_id)
    passed = told.fault == "usage_above_limit"
    assert job["status"] == "succeeded"
    assert attempt.cost_micro_usd == micro(job["cost"]["spent_usd"]) > 0
    assert (attempt.cost_micro_usd > attempt.bound_micro_usd) is passed
    assert again.status_code == (402 if passed else 202)
    assert own.product.end_of(own.product.submit(transcript=MEETING, **ONE)["id"])["status"] == "succeeded"


def _ended(http: httpx.Client, job_id: str) -> dict[str, Any] | None:
    job: dict[str, Any] = http.get(f"/v1/jobs/{job_id}", params={"wait_s": 2}).json()
    return job if job["finished_at"] else None


def test_a_model_of_a_forbidden_provider_is_asked_nothing(own: Town) -> None:
    wish = {"transcript": MEETING, **ONE, **ALONE, "routing": {"zero_retention": True}}

    answer = own.product.http.post("/v1/jobs", json=wish)

    assert (answer.status_code, answer.json().get("code")) == (422, "unknown-model"), answer.text
    assert own.emulator.requests() == []
