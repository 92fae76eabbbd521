"""The typed client, against a double of the wire."""

import itertools
import json
from collections.abc import Callable, Iterator

import httpx
import pytest

from api.client import Client, NotInTime, Problem, Silent, Trouble, Unreachable
from api.schemas import JobStatus, JobView
from orchestrator.routing.request import AnalysisRequest, PostedTranscript
from providers.http import open_http
from tests.unit.api.meetings import job

Responder = Callable[[httpx.Request], httpx.Response]


class Wire:
    """Answers each request with the next of `answers`, the last one again and again, and keeps what was asked."""

    def __init__(self, *answers: httpx.Response | Exception) -> None:
        self._answers = itertools.chain(answers, itertools.repeat(answers[-1]))
        self.asked: list[httpx.Request] = []

    def __call__(self, request: httpx.Request) -> httpx.Response:
        self.asked.append(request)
        answer = next(self._answers)
        if isinstance(answer, Exception):
            raise answer
        return httpx.Response(answer.status_code, headers=answer.headers, content=answer.content)


class Closable(httpx.MockTransport):
    """Says whether it was closed."""

    closed = False

    def __init__(self) -> None:
        super().__init__(lambda _: httpx.Response(200))

    def close(self) -> None:
        self.closed = True


def client(wire: Responder, *, clock: Callable[[], float] = lambda: 0.0) -> Client:
    http = open_http("http://service", {"authorization": "Bearer k"}, 1.0, wire=httpx.MockTransport(wire))
    return Client("http://service", "k", http=http, clock=clock, sleep=lambda _: None)


def shown(whole: JobView, status: int = 200) -> httpx.Response:
    return httpx.Response(status, text=whole.model_dump_json())


def refused(status: int, **fields: object) -> httpx.Response:
    document = {"title": "The request is not valid", "status": status, "code": "invalid-request", **fields}
    return httpx.Response(status, text=json.dumps(document))


def at(status: JobStatus, version: int) -> httpx.Response:
    return shown(job(status=status, version=version, result=None))


def test_a_request_is_posted_as_json_with_its_key() -> None:
    wire = Wire(shown(job(), 202))
    request = AnalysisRequest(transcript=PostedTranscript(content="Ann: café"))

    found = client(wire).submit(request, "once")

    (asked,) = wire.asked
    assert (asked.method, asked.url.path) == ("POST", "/v1/jobs")
    assert json.loads(asked.content) == {"transcript": {"content": "Ann: café"}}
    assert asked.headers["idempotency-key"] == "once"
    assert asked.headers["authorization"] == "Bearer k"
    assert found == job()


def test_a_refusal_keeps_all_that_the_service_said() -> None:
    said = refused(
        422, detail="See errors.", request_id="req_1", errors=[{"pointer": "/strategy", "message": "unknown"}], line=3
    )

    with pytest.raises(Problem) as caught:
        client(Wire(said)).submit({"transcript": {"content": "x"}})

    problem = caught.value
    assert (problem.status, problem.code, problem.request_id) == (422, "invalid-request", "req_1")
    assert str(problem) == "The request is not valid: See errors."
    assert problem.errors == (("/strategy", "unknown"),)
    assert problem.document["line"] == 3


@pytest.mark.parametrize("body", ["<html>Bad gateway</html>", "[]", "", '{"message": "no"}'])
def test_an_error_in_other_words_is_a_problem_all_the_same(body: str) -> None:
    with pytest.raises(Problem) as caught:
        client(Wire(httpx.Response(404, text=body))).get("job_1")

    assert (caught.value.status, caught.value.code) == (404, "unknown")
    assert "http://service answered 404" in str(caught.value)


@pytest.mark.parametrize("body", ["", "null", "{}", '{"id": "job_1"}', "<html>"])
def test_a_success_that_is_no_job_is_told_in_a_sentence(body: str) -> None:
    with pytest.raises(Silent, match="not in the contract"):
        client(Wire(httpx.Response(200, text=body))).get("job_1")


def test_a_field_that_we_do_not_know_is_passed_over() -> None:
    document = json.loads(job().model_dump_json()) | {"new_field": 1}

    assert client(Wire(httpx.Response(200, json=document))).get("job_1") == job()


@pytest.mark.parametrize("hiccup", [httpx.ConnectError("refused"), httpx.Response(503, json={"code": "unavailable"})])
def test_a_read_is_tried_again_for_a_moment(hiccup: httpx.Response | Exception) -> None:
    wire = Wire(hiccup, hiccup, shown(job()))

    assert client(wire).get("job_1") == job()
    assert len(wire.asked) == 3


@pytest.mark.parametrize(
    ("answer", "tries"),
    [
        (httpx.ConnectError("refused"), 4),
        (httpx.ReadError("reset"), 4),
        (httpx.ReadTimeout("silent"), 1),
        (httpx.Response(503, json={"code": "unavailable"}), 4),
        (httpx.Response(404, json={"code": "not-found"}), 1),
        (httpx.Response(429, json={"code": "rate-limited"}), 1),
        (httpx.Response(500, json={"code": "internal-error"}), 1),
    ],
)
def test_a_read_gives_up_after_four_tries_or_at_once_where_more_cannot_help(
    answer: httpx.Response | Exception, tries: int
) -> None:
    wire = Wire(answer)

    with pytest.raises(Trouble):
        client(wire).get("job_1")

    assert len(wire.asked) == tries


@pytest.mark.parametrize("answer", [httpx.ConnectError("refused"), httpx.Response(503, json={"code": "unavailable"})])
def test_a_write_is_sent_once(answer: httpx.Response | Exception) -> None:
    wire = Wire(answer)

    with pytest.raises(Trouble):
        client(wire).submit({})

    assert len(wire.asked) == 1


def test_no_connection_is_a_sentence_that_names_the_address() -> None:
    with pytest.raises(Unreachable, match=r"No answer from http://service .*Is the service running there\?"):
        client(Wire(httpx.ConnectError("[Errno 111] Connection refused"))).ready()


def test_ids_cannot_lead_to_another_path() -> None:
    wire = Wire(shown(job()))

    client(wire).get("../../health?x=1#y")

    assert wire.asked[0].url.raw_path == b"/v1/jobs/..%2F..%2Fhealth%3Fx%3D1%23y"


def test_filters_that_are_not_set_are_not_sent() -> None:
    wire = Wire(httpx.Response(200, json={"data": [], "next_cursor": "c2"}))

    page = client(wire).jobs(limit=5, cursor=None, tag="a b&c")

    assert page.next_cursor == "c2"
    assert wire.asked[0].url.query == b"limit=5&tag=a+b%26c"


def test_waiting_asks_the_service_to_hold_its_answer_until_the_job_has_ended() -> None:
    wire = Wire(at("running", 2), shown(job()))

    assert client(wire).wait("job_1", 60).status == "succeeded"
    assert [request.url.query for request in wire.asked] == [b"wait_s=20", b"wait_s=20"]


def test_a_watched_job_is_shown_once_in_each_version() -> None:
    wire = Wire(at("queued", 1), at("running", 2), at("running", 2), at("running", 3), shown(job()))
    seen: list[int] = []

    client(wire).wait("job_1", 60, lambda version: seen.append(version.version))

    assert seen == [1, 2, 3, 7]


def test_waiting_ends_in_time_and_tells_how_the_job_stood() -> None:
    ticks: Iterator[float] = itertools.count(step=4.0)

    with pytest.raises(NotInTime) as caught:
        client(Wire(at("running", 2)), clock=lambda: next(ticks)).wait("job_1", 10)

    assert caught.value.job.status == "running"
    assert "still running after 10 seconds" in str(caught.value)


@pytest.mark.parametrize("url", ["", "service", "ftp://service", "http://", "http://[::1"])
def test_what_is_no_address_is_refused_at_once(url: str) -> None:
    with pytest.raises(ValueError, match=r"."):
        Client(url, "k")


@pytest.mark.parametrize("key", ["mm_dev_é", "mm dev", "mm\ndev", "mm\x00"])
def test_a_key_that_no_header_can_hold_is_refused_without_showing_it(key: str) -> None:
    with pytest.raises(ValueError, match="the key holds characters") as caught:
        Client("http://service", key)

    assert key not in str(caught.value)


def test_canceling_and_reading_the_report_go_to_the_job() -> None:
    wire = Wire(at("canceled", 3), httpx.Response(200, text="<!doctype html>é"))
    service = client(wire)

    canceled, page = service.cancel("job_1"), service.report("job_1")

    assert (canceled.status, page) == ("canceled", "<!doctype html>é")
    assert [(request.method, request.url.path) for request in wire.asked] == [
        ("POST", "/v1/jobs/job_1/cancel"),
        ("GET", "/v1/jobs/job_1/report"),
    ]


def test_readiness_is_told_as_the_service_tells_it() -> None:
    assert client(Wire(httpx.Response(200, json={"status": "ready"}))).ready() == {"status": "ready"}


def test_closing_the_client_closes_its_connections() -> None:
    wire = Closable()
    service = Client("http://service", "k", http=open_http("http://service", {}, 1.0, wire=wire))

    service.close()

    assert wire.closed


def test_a_replay_is_asked_of_the_job_with_its_strategy_and_seats() -> None:
    wire = Wire(shown(job(replay_of="job_1"), 202))
    service = client(wire)

    found = service.replay("job_1", "single")
    service.replay("job_1", "consensus", seats=(0, 2), idempotency_key="once")
    service.replay("job_1", "hierarchical", quorum=2, allow_calls=True, max_cost_usd="0.50")

    assert found.replay_of == "job_1"
    assert [(request.method, request.url.path) for request in wire.asked] == [("POST", "/v1/jobs/job_1/replay")] * 3
    assert [json.loads(request.content) for request in wire.asked] == [
        {"strategy": "single"},
        {"strategy": "consensus", "seats": [0, 2]},
        {"strategy": "hierarchical", "quorum": 2, "allow_calls": True, "max_cost_usd": "0.50"},
    ]
    assert [request.headers.get("idempotency-key") for request in wire.asked] == [None, "once", None]


def test_the_strategies_are_those_of_the_services_own_description() -> None:
    schema = {"ReplayRequest": {"properties": {"strategy": {"enum": ["single", "consensus"]}}}}
    wire = Wire(httpx.Response(200, json={"components": {"schemas": schema}}))

    assert client(wire).strategies() == ("single", "consensus")
    assert wire.asked[0].url.path == "/openapi.json"


@pytest.mark.parametrize("described", [{}, {"components": {"schemas": []}}, [], None])
def test_a_service_that_describes_no_strategies_is_another_one(described: object) -> None:
    with pytest.raises(Silent, match="not in the contract"):
        client(Wire(httpx.Response(200, json=described))).strategies()
