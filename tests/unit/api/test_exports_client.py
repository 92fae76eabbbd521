"""What the client and the command line ask about exports, against a double of the wire."""

from pathlib import Path

import httpx
import pytest

from api.cli.exits import USAGE, Told
from api.cli.exporting import chosen
from api.client import Problem
from api.schemas import ExportFormat
from api.timeline_schemas import TimelineView
from tests.unit.api.meetings import stages
from tests.unit.api.test_api_client import Wire, client, refused

COURSE = TimelineView(job_id="job_1", version=7, status="succeeded", stages=stages())


def test_an_export_is_the_bytes_of_the_file() -> None:
    wire = Wire(httpx.Response(200, content="kind\r\né".encode()))

    assert client(wire).export("job_1", "csv") == "kind\r\né".encode()
    assert str(wire.asked[0].url) == "http://service/v1/jobs/job_1/export?format=csv"


def test_an_id_of_odd_letters_stays_in_its_place() -> None:
    wire = Wire(refused(404, code="not-found"))

    with pytest.raises(Problem):
        client(wire).export("../keys?x=", "md")

    assert wire.asked[0].url.raw_path == b"/v1/jobs/..%2Fkeys%3Fx%3D/export?format=md"


def test_a_job_without_a_result_is_a_problem() -> None:
    with pytest.raises(Problem) as caught:
        client(Wire(refused(409, code="no-result"))).export("job_1", "json")

    assert (caught.value.status, caught.value.code) == (409, "no-result")


def test_a_timeline_is_read_into_its_shape() -> None:
    wire = Wire(httpx.Response(200, text=COURSE.model_dump_json()))

    assert client(wire).timeline("job_1") == COURSE
    assert wire.asked[0].url.path == "/v1/jobs/job_1/timeline"


@pytest.mark.parametrize(
    ("wanted", "output", "found"),
    [("csv", None, "csv"), (None, "items.ICS", "ics"), ("json", "notes.md", "json"), (None, "a.b/c.md", "md")],
)
def test_the_format_is_the_one_that_was_named_or_the_one_of_the_file(
    wanted: str | None, output: str | None, found: ExportFormat
) -> None:
    assert chosen(wanted, Path(output) if output else None) == found


@pytest.mark.parametrize(("wanted", "output"), [(None, None), ("xlsx", None), (None, "items"), (None, "items.xlsx")])
def test_another_format_is_told_with_those_that_there_are(wanted: str | None, output: str | None) -> None:
    with pytest.raises(Told, match="--format md, csv, ics, vtt, json") as told:
        chosen(wanted, Path(output) if output else None)

    assert told.value.code == USAGE
