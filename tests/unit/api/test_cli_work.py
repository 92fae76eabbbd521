"""Several files through the service at once, against a double of the wire."""

import json
from contextlib import closing
from pathlib import Path

import httpx
import pytest

from api.cli import work
from api.cli.exits import Stopped
from api.cli.inputs import TranscriptFile
from api.cli.options import Wishes
from api.client import Client
from api.schemas import JobView
from providers.http import open_http
from tests.unit.api.meetings import analysis, item, job


class Service:
    """A job for each file; `room` jobs may be under way, `refuse` names texts that are no transcripts."""

    def __init__(self, room: int = 1000, refuse: frozenset[str] = frozenset()) -> None:
        self.room = room
        self.refuse = refuse
        self.under_way: list[str] = []
        self.most = 0
        self.canceled: list[str] = []

    def __call__(self, request: httpx.Request) -> httpx.Response:
        name = request.url.path.split("/")[3] if request.url.path != "/v1/jobs" else ""
        if request.url.path.endswith("/cancel"):
            self.canceled.append(name)
        elif request.method == "POST":
            return self._take(json.loads(request.content)["transcript"]["content"])
        self.under_way.remove(name)
        return httpx.Response(200, text=job(id=name).model_dump_json())

    def _take(self, text: str) -> httpx.Response:
        if text in self.refuse:
            return httpx.Response(422, json={"title": "The transcript is empty", "code": "empty-transcript"})
        if len(self.under_way) >= self.room:
            return httpx.Response(429, json={"title": "The queue is full", "code": "queue-full"})
        self.under_way.append(f"job_{text}")
        self.most = max(self.most, len(self.under_way))
        return httpx.Response(202, text=job(id=f"job_{text}", status="queued", result=None).model_dump_json())

    def client(self) -> Client:
        http = open_http("http://service", {}, 1.0, wire=httpx.MockTransport(self))
        return Client("http://service", "k", http=http, sleep=lambda _: None)


def files(count: int) -> list[TranscriptFile]:
    return [TranscriptFile(Path(f"{n}.txt"), str(n).encode()) for n in range(count)]


def test_files_run_at_once_and_end_in_their_order() -> None:
    service = Service()

    ends = list(work.analyze(service.client(), files(40), Wishes()))

    assert [end.path.name for end in ends] == [f"{n}.txt" for n in range(40)]
    assert all(end.succeeded for end in ends)
    assert service.most == work.WINDOW


def test_a_full_queue_is_met_with_patience() -> None:
    service = Service(room=3)

    ends = list(work.analyze(service.client(), files(10), Wishes()))

    assert all(end.succeeded for end in ends)
    assert service.most == 3


def test_a_queue_that_others_fill_is_told_as_a_problem() -> None:
    (end,) = work.analyze(Service(room=0).client(), files(1), Wishes())

    assert json.loads(end.line)["code"] == "queue-full"


def test_a_refused_file_is_a_problem_in_its_place_and_the_others_go_on() -> None:
    service = Service(refuse=frozenset("1"))

    ends = list(work.analyze(service.client(), files(3), Wishes()))

    assert [end.succeeded for end in ends] == [True, False, True]
    assert json.loads(ends[1].line) == {"title": "The transcript is empty", "code": "empty-transcript"}


def test_leaving_early_cancels_what_is_still_under_way() -> None:
    service = Service()

    with closing(work.analyze(service.client(), files(4), Wishes())) as ends:
        next(ends)

    assert service.canceled == ["job_1", "job_2", "job_3"]


def test_whoever_leaves_early_may_leave_the_jobs_and_is_told_of_each_file() -> None:
    service, told = Service(room=2, refuse=frozenset("0")), list[work.Left]()

    with closing(work.analyze(service.client(), files(4), Wishes(), leave=told.append)) as ends:
        next(ends)
        next(ends)

    assert told == [work.Left(jobs=((Path("2.txt"), "job_2"),), unsent=(Path("3.txt"),))]
    assert service.canceled == []


def test_of_a_file_that_is_just_being_handed_in_nobody_knows() -> None:
    def stopped(request: httpx.Request) -> httpx.Response:
        raise Stopped(2)

    told = list[work.Left]()
    http = open_http("http://service", {}, 1.0, wire=httpx.MockTransport(stopped))
    client = Client("http://service", "k", http=http)

    with pytest.raises(Stopped):
        list(work.analyze(client, files(3), Wishes(), leave=told.append))

    assert told == [work.Left(jobs=(), unsent=(Path("1.txt"), Path("2.txt")), unsure=Path("0.txt"))]


def test_each_job_is_waited_for_with_its_file_and_until_it_must_have_ended() -> None:
    service, asked = Service(), list[tuple[str, str, float]]()

    def wait(path: Path, job_id: str, timeout_s: float) -> JobView:
        asked.append((path.name, job_id, timeout_s))
        return job(id=job_id)

    ends = list(work.analyze(service.client(), files(2), Wishes(), wait=wait))

    assert asked == [("0.txt", "job_0", 300 + work.GRACE_S), ("1.txt", "job_1", 300 + work.GRACE_S)]
    assert all(end.succeeded for end in ends)


@pytest.mark.parametrize("end", ["\n", "\u0085", "\u2028", "\u2029", "\r"])
def test_a_job_is_one_line_for_every_program(end: str) -> None:
    said = analysis(decisions=(item(f"a{end}b", ("u1",), f"c{end}d"),))
    whole = job(result=said)

    line = work.Ended(Path(), whole).line

    assert len(line.splitlines()) == 1
    assert json.loads(line) == json.loads(whole.model_dump_json())


def test_a_service_that_goes_away_leaves_a_problem_for_the_file() -> None:
    def gone(request: httpx.Request) -> httpx.Response:
        raise httpx.ConnectError("refused")

    http = open_http("http://service", {}, 1.0, wire=httpx.MockTransport(gone))
    client = Client("http://service", "k", http=http, sleep=lambda _: None)

    (end,) = work.analyze(client, files(1), Wishes())

    assert json.loads(end.line)["code"] == "unreachable"
    assert not end.succeeded
