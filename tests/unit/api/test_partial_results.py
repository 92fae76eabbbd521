"""What has been found so far, as clients read it and people see it; against a double of the wire."""

import io
from collections.abc import Sequence

import httpx
import pytest
from rich.console import Console

from api import partial_terminal, terminal
from api.cli.following import Found
from api.client import Problem
from api.partial_schemas import PartialView
from api.schemas import JobStatus, JobView, SeatStatus
from orchestrator.analysis.partials import Named, PartialItem
from tests.unit.api.meetings import item, job, seat
from tests.unit.api.test_api_client import client, refused, shown
from tests.unit.api.test_both_clients import GONE, Ask, Wire, awaiting, blocking
from tests.unit.api.test_terminal import words


def found(text: str, *seats: int) -> PartialItem:
    named = tuple(Named(seat=number, id=f"itm_{text}") for number in seats)
    return PartialItem(**dict(item(text, ("u1",), f"we {text}", seats=seats)), named=named)


def view(version: int = 6, status: JobStatus = "running", *, decisions: Sequence[str] = ("ship",)) -> PartialView:
    return PartialView(
        job_id="job_1",
        version=version,
        status=status,
        label="not synthesised yet",
        seats_answered=2,
        seats_total=3,
        progress=0.5,
        topics=(),
        decisions=tuple(found(text, 0, 1) for text in decisions),
        action_items=(found("write", 0),),
        risks=(),
        questions=(),
    )


def answered(told: PartialView) -> httpx.Response:
    return httpx.Response(200, headers={"etag": f'"{told.version}"'}, text=told.model_dump_json())


@pytest.fixture(params=[blocking, awaiting])
def ask(request: pytest.FixtureRequest) -> Ask:
    ask: Ask = request.param
    return ask


def test_what_was_found_so_far_is_read_again_when_the_service_is_away_for_a_moment(ask: Ask) -> None:
    wire = Wire(GONE, answered(view()))

    assert ask(wire, lambda client: client.partial("job_1")) == view()
    assert [str(request.url) for request in wire.asked] == ["http://service/v1/jobs/job_1/partial"] * 2
    assert "if-none-match" not in wire.asked[0].headers


def test_who_has_seen_a_version_waits_for_the_next_one(ask: Ask) -> None:
    wire = Wire(answered(view(9)))

    assert ask(wire, lambda client: client.partial("job_1", view(6), wait_s=20)) == view(9)
    assert wire.asked[0].url.query == b"wait_s=20"
    assert wire.asked[0].headers["if-none-match"] == '"6"'


def test_what_has_not_changed_comes_back_as_it_was_seen(ask: Ask) -> None:
    seen = view()

    assert ask(Wire(httpx.Response(304)), lambda client: client.partial("job_1", seen, wait_s=1)) is seen


def test_a_job_that_has_succeeded_is_the_answer(ask: Ask) -> None:
    wire = Wire(httpx.Response(303, headers={"location": "/v1/jobs/job_1"}), shown(job()))

    assert ask(wire, lambda client: client.partial("job_1")) == job()
    assert [request.url.path for request in wire.asked] == ["/v1/jobs/job_1/partial", "/v1/jobs/job_1"]


@pytest.mark.parametrize("refusal", [refused(410), httpx.Response(304)])
def test_what_cannot_be_had_is_told(ask: Ask, refusal: httpx.Response) -> None:
    with pytest.raises(Problem):
        ask(Wire(refusal), lambda client: client.partial("job_1"))


def test_people_see_items_and_that_nothing_is_decided() -> None:
    text = words(partial_terminal.partial(view()))

    assert text.startswith("job_1: asking the panel, 50 % done Label: not synthesised yet Action items (1) 1. write")
    assert "Decisions (1) 1. ship “we ship” 2 of 2 seats" in text
    assert "Risks" not in text


@pytest.mark.parametrize(
    ("told", "expected"),
    [
        (view(decisions=("ship", "hire")), "2 decisions, 1 action item so far"),
        (view().model_copy(update={"action_items": (), "decisions": ()}), ""),
    ],
)
def test_counts_are_one_line(told: PartialView, expected: str) -> None:
    assert partial_terminal.counts(told) == expected


def under_way(*seats: SeatStatus) -> JobView:
    return job(status="running", result=None, seats=tuple(seat(number, one) for number, one in enumerate(seats)))


def test_what_is_found_is_asked_for_once_for_each_seat_that_answers() -> None:
    wire = Wire(answered(view(decisions=())), answered(view()))
    so_far = Found(client(wire))

    told = [
        so_far.words(one)
        for one in (
            under_way("running", "running"),
            under_way("answered", "running"),
            under_way("answered", "running"),
            under_way("answered", "answered"),
            job(),
        )
    ]

    assert told == ["", "1 action item so far", "1 action item so far", "1 decision, 1 action item so far", ""]
    assert len(wire.asked) == 2


@pytest.mark.parametrize(
    "answer", [refused(404), httpx.Response(303, headers={"location": "/"}), httpx.ReadTimeout("silent")]
)
def test_a_job_is_followed_though_what_it_found_cannot_be_had(answer: httpx.Response | Exception) -> None:
    wire = Wire(answer, shown(job()))

    assert Found(client(wire)).words(under_way("answered", "running")) == ""


def test_a_watch_says_what_was_found_once() -> None:
    file = io.StringIO()

    with terminal.Watch(Console(file=file, width=200)) as watch:
        watch.see(under_way("answered"), found="1 decision so far")
        watch.see(under_way("answered"), found="1 decision so far")
        watch.see(job())

    assert file.getvalue().splitlines().count("1 decision so far") == 1


def test_a_table_that_moves_has_it_in_its_head() -> None:
    file = io.StringIO()
    console = Console(file=file, width=80, force_terminal=True, color_system=None)

    with terminal.Watch(console, lambda: 0.0) as watch:
        watch.see(under_way("answered"), found="1 decision so far")

    assert "job_1: asking the panel, 0 s, 1 decision so far" in file.getvalue()
