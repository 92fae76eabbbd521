"""Batches through the typed client, against a double of the wire."""

import json
from collections.abc import Callable, Iterator

import httpx
import pytest

from api.batch_client import Job
from api.batch_schemas import BatchCostView, BatchLinksView, BatchStatus, BatchView, CountsView
from api.client import Client, Problem, Unreachable
from providers.http import open_http

ID = "bat_01"


def batch(status: BatchStatus = "running", *, eta_s: float | None = 90.0, refused: int = 0, **counts: int) -> BatchView:
    jobs = sum(counts.values())
    return BatchView(
        id=ID,
        version=1,
        status=status,
        atomic=False,
        lines=jobs + refused,
        jobs=jobs,
        refused=refused,
        counts=CountsView(**counts),
        cost=BatchCostView(bound_usd="1.000000", expected_usd="0.500000", spent_usd="0.250000"),
        progress=0.5,
        eta_s=eta_s,
        errors=(),
        created_at="2026-11-28T10:00:00.000Z",
        received_at=None,
        paused_at=None,
        canceled_at=None,
        finished_at=None,
        links=BatchLinksView(self="/s", results="/r", errors="/e", jobs="/j"),
    )


def client(wire: Callable[[httpx.Request], httpx.Response], slept: list[float] | None = None) -> Client:
    http = open_http("http://service", {"authorization": "Bearer k"}, 1.0, wire=httpx.MockTransport(wire))
    rest = [] if slept is None else slept
    return Client("http://service", "k", http=http, sleep=rest.append)


def shown(view: BatchView, status: int = 200) -> httpx.Response:
    return httpx.Response(status, text=view.model_dump_json())


def result(line: int) -> bytes:
    return json.dumps({"line": line, "custom_id": None, "job_id": None, "status": "refused"}).encode() + b"\n"


class Broken(httpx.SyncByteStream):
    """A stream that breaks after what it has."""

    def __init__(self, *pieces: bytes) -> None:
        self._pieces = pieces

    def __iter__(self) -> Iterator[bytes]:
        yield from self._pieces
        raise httpx.ReadError("gone")


def test_jobs_are_sent_as_lines_behind_what_is_said_for_all() -> None:
    asked: list[httpx.Request] = []

    def wire(request: httpx.Request) -> httpx.Response:
        request.read()
        asked.append(request)
        return shown(batch(queued=3), 202)

    jobs: list[Job] = [{"custom_id": "café"}, b'{"raw": 1}\r\n', b'{"raw": 2}']
    found = client(wire).create_batch(iter(jobs), defaults={"tags": ["x"]}, atomic=True, idempotency_key="once")

    (request,) = asked
    assert (request.method, request.url.path, request.url.query) == ("POST", "/v1/batches", b"atomic=true")
    assert request.content.decode() == '{"defaults": {"tags": ["x"]}}\n{"custom_id": "café"}\n{"raw": 1}\n{"raw": 2}\n'
    assert (request.headers["content-type"], request.headers["idempotency-key"]) == ("application/x-ndjson", "once")
    assert found == batch(queued=3)


def test_stored_meetings_are_asked_for_by_what_they_are() -> None:
    asked: list[httpx.Request] = []

    def wire(request: httpx.Request) -> httpx.Response:
        request.read()
        asked.append(request)
        return shown(batch(), 202)

    client(wire).reprocess({"tag": "weekly"}, defaults={"strategy": "single"})

    assert json.loads(asked[0].content) == {"reprocess": {"tag": "weekly"}, "defaults": {"strategy": "single"}}
    assert "idempotency-key" not in asked[0].headers


def test_a_refused_batch_is_a_problem() -> None:
    refusal = {"code": "batch-refused", "title": "Lines of the batch are not good", "lines": [{"line": 2}]}

    with pytest.raises(Problem) as told:
        client(lambda _: httpx.Response(422, json=refusal)).create_batch([{}])

    assert told.value.document["lines"] == [{"line": 2}]


def test_a_stream_of_results_that_breaks_goes_on_behind_its_last_whole_line() -> None:
    asked: list[str] = []

    def wire(request: httpx.Request) -> httpx.Response:
        asked.append(str(request.url))
        if not request.url.path.endswith("/results"):
            return shown(batch())
        after = int(request.url.params["after"])
        if after == 0:
            return httpx.Response(200, stream=Broken(result(1), result(2), result(3)[:9]))
        return httpx.Response(200, content=result(3))

    found = [one.line for one in client(wire).batch_results(ID)]

    assert found == [1, 2, 3]
    assert [one.rpartition("/")[2] for one in asked] == ["results?after=0", ID, "results?after=2"]


def test_a_stream_that_brings_nothing_is_given_up() -> None:
    def wire(request: httpx.Request) -> httpx.Response:
        if request.url.path.endswith("/results"):
            return httpx.Response(200, stream=Broken())
        return shown(batch())

    with pytest.raises(Unreachable):
        list(client(wire).batch_results(ID))


def test_results_of_a_batch_that_is_not_there_are_a_problem() -> None:
    gone = httpx.Response(404, json={"code": "not-found", "title": "Not found"})

    with pytest.raises(Problem):
        list(client(lambda _: gone).batch_results(ID))


def test_a_batch_is_looked_at_until_it_has_ended() -> None:
    views = iter([batch(queued=2), batch(queued=1, succeeded=1), batch("finished", succeeded=2)])
    seen: list[str] = []
    slept: list[float] = []

    found = client(lambda _: shown(next(views)), slept).wait_batch(ID, lambda one: seen.append(one.status))

    assert found.status == "finished"
    assert seen == ["running", "running", "finished"]
    assert len(slept) == 2


@pytest.mark.parametrize("act", ["pause", "resume", "cancel", "retry"])
def test_what_may_be_asked_for_a_batch_is_posted(act: str) -> None:
    asked: list[httpx.Request] = []

    def wire(request: httpx.Request) -> httpx.Response:
        asked.append(request)
        return shown(batch("paused"))

    found = getattr(client(wire), f"{act}_batch")(ID)

    assert (asked[0].method, asked[0].url.path) == ("POST", f"/v1/batches/{ID}/{act}")
    assert found.status == "paused"


def test_batches_and_refused_lines_come_in_pages() -> None:
    asked: list[str] = []

    def wire(request: httpx.Request) -> httpx.Response:
        asked.append(str(request.url).rpartition("/v1/")[2])
        if "errors" not in request.url.path:
            return httpx.Response(200, json={"data": [], "next_cursor": None})
        after = int(request.url.params["after"])
        line = {"line": after + 3, "custom_id": None, "error": {"code": "too-large"}}
        return httpx.Response(200, json={"data": [line], "next_after": after + 3 if after == 0 else None})

    here = client(wire)

    assert [one.line for one in here.batch_errors(ID)] == [3, 6]
    assert here.batches(5, "c").data == ()
    assert asked == [f"batches/{ID}/errors?after=0", f"batches/{ID}/errors?after=3", "batches?limit=5&cursor=c"]
