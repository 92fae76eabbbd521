"""What both clients do alike, against one double of the wire: tries, pauses, streams, pages."""

import asyncio
import inspect
import itertools
import json
from collections.abc import AsyncIterator, Callable, Iterator
from datetime import UTC, datetime
from typing import Any, TypeAlias

import httpx
import pytest

from api.async_client import AsyncClient
from api.client import Client, NotInTime, Problem, Silent, Trouble, Unreachable
from api.event_client import PAUSES_S
from api.event_frames import GREETING, frame
from api.result_schemas import ResultUrlView
from api.schemas import JobPage
from api.webhook_schemas import RedeliveredView
from providers.http import open_async_http, open_http
from tests.unit.api.meetings import job
from tests.unit.api.test_api_client import at, refused, shown
from tests.unit.api.test_batch_client import ID, batch, result
from tests.unit.api.test_batch_client import shown as batch_shown
from tests.unit.api.test_event_frames import event

Either: TypeAlias = Client | AsyncClient
Answer: TypeAlias = Callable[[], httpx.Response]

GONE = httpx.ConnectError("refused")
RESET = httpx.ReadError("reset")
SILENT = httpx.ReadTimeout("silent")


class Body(httpx.SyncByteStream, httpx.AsyncByteStream):
    """Pieces of a body, and then the error with which it breaks off."""

    def __init__(self, *pieces: bytes, error: Exception | None = None) -> None:
        self._pieces = pieces
        self._error = error

    def __iter__(self) -> Iterator[bytes]:
        yield from self._pieces
        if self._error is not None:
            raise self._error

    async def __aiter__(self) -> AsyncIterator[bytes]:
        for piece in iter(self):
            yield piece


class Wire:
    """Answers each request with the next of `answers`, the last one again and again; keeps what was asked and slept."""

    def __init__(self, *answers: httpx.Response | Exception | Answer) -> None:
        self._answers = itertools.chain(answers, itertools.repeat(answers[-1]))
        self.asked: list[httpx.Request] = []
        self.pauses: list[float] = []

    def __call__(self, request: httpx.Request) -> httpx.Response:
        self.asked.append(request)
        answer = next(self._answers)
        if isinstance(answer, Exception):
            raise answer
        if not isinstance(answer, httpx.Response):
            return answer()
        return httpx.Response(answer.status_code, headers=answer.headers, content=answer.content)

    async def rest(self, seconds: float) -> None:
        self.pauses.append(seconds)


Ask: TypeAlias = Callable[[Wire, Callable[[Either], object]], Any]


def blocking(wire: Wire, call: Callable[[Either], object]) -> object:
    http = open_http("http://service", {}, 1.0, wire=httpx.MockTransport(wire))
    with Client("http://service", "k", http=http, clock=itertools.count().__next__, sleep=wire.pauses.append) as client:
        found = call(client)
        return list(found) if isinstance(found, Iterator) else found


def awaiting(wire: Wire, call: Callable[[Either], object]) -> object:
    async def course() -> object:
        http = open_async_http("http://service", {}, 1.0, wire=httpx.MockTransport(wire))
        clock = itertools.count().__next__
        async with AsyncClient("http://service", "k", http=http, clock=clock, sleep=wire.rest) as client:
            found = call(client)
            if inspect.isasyncgen(found):
                return [one async for one in found]
            assert inspect.isawaitable(found)
            return await found

    return asyncio.run(course())


@pytest.fixture(params=[blocking, awaiting])
def ask(request: pytest.FixtureRequest) -> Ask:
    """What a call of a client brings, all of it."""
    ask: Ask = request.param
    return ask


def busy(status: int, **headers: str) -> httpx.Response:
    return httpx.Response(status, headers=headers, json={"code": "overloaded", "title": "Overloaded"})


@pytest.mark.parametrize("hiccup", [GONE, RESET, busy(502), busy(503), busy(504)])
def test_a_read_is_tried_again_after_growing_pauses(ask: Ask, hiccup: httpx.Response | Exception) -> None:
    wire = Wire(hiccup, hiccup, hiccup, shown(job()))

    assert ask(wire, lambda client: client.get("job_1")) == job()
    assert len(wire.asked) == 4
    for slept, least in zip(wire.pauses, (0.2, 0.4, 0.8), strict=True):
        assert least <= slept <= least + 0.1


@pytest.mark.parametrize("hiccup", [GONE, RESET, busy(503)])
def test_a_post_is_tried_again_under_its_key(ask: Ask, hiccup: httpx.Response | Exception) -> None:
    wire = Wire(hiccup, shown(job(), 202))

    assert ask(wire, lambda client: client.submit({"transcript": {"content": "é"}}, "once")) == job()
    assert [request.headers["idempotency-key"] for request in wire.asked] == ["once", "once"]
    assert wire.asked[0].content == wire.asked[1].content


@pytest.mark.parametrize("hiccup", [GONE, RESET, busy(503)])
def test_a_post_without_a_key_is_sent_once(ask: Ask, hiccup: httpx.Response | Exception) -> None:
    wire = Wire(hiccup)

    with pytest.raises(Trouble):
        ask(wire, lambda client: client.submit({}))

    assert (len(wire.asked), wire.pauses) == (1, [])


def test_what_was_taken_and_not_answered_is_not_sent_again(ask: Ask) -> None:
    wire = Wire(SILENT)

    with pytest.raises(Silent):
        ask(wire, lambda client: client.submit({}, "once"))

    assert len(wire.asked) == 1


@pytest.mark.parametrize("status", [429, 503])
def test_a_service_that_asks_for_a_moment_is_given_it(ask: Ask, status: int) -> None:
    wire = Wire(busy(status, **{"retry-after": "3"}), shown(job()))

    assert ask(wire, lambda client: client.get("job_1")) == job()
    assert [3.2 <= slept <= 3.3 for slept in wire.pauses] == [True]


@pytest.mark.parametrize(
    ("answer", "after_s"),
    [(busy(429, **{"retry-after": "6"}), 6.0), (busy(503, **{"retry-after": "60"}), 60.0), (busy(429), 0.0)],
)
def test_who_should_come_later_than_in_a_moment_is_told_when(ask: Ask, answer: httpx.Response, after_s: float) -> None:
    wire = Wire(answer)

    with pytest.raises(Problem) as told:
        ask(wire, lambda client: client.get("job_1"))

    assert (told.value.retry_after_s, len(wire.asked), wire.pauses) == (after_s, 1, [])


def test_a_refusal_keeps_all_that_the_service_said(ask: Ask) -> None:
    with pytest.raises(Problem) as caught:
        ask(Wire(refused(422, errors=[{"pointer": "/panel", "message": "unknown"}])), lambda client: client.plan({}))

    assert (caught.value.status, caught.value.code) == (422, "invalid-request")
    assert caught.value.errors == (("/panel", "unknown"),)


def test_waiting_asks_the_service_to_hold_its_answer(ask: Ask) -> None:
    wire = Wire(at("running", 2), shown(job()))

    assert ask(wire, lambda client: client.wait("job_1", 60)) == job()
    assert [request.url.query for request in wire.asked] == [b"wait_s=20", b"wait_s=20"]
    assert wire.pauses == []


def test_waiting_ends_in_time(ask: Ask) -> None:
    with pytest.raises(NotInTime, match="still running after 3 seconds"):
        ask(Wire(at("running", 2)), lambda client: client.wait("job_1", 3))


def test_a_watched_job_is_shown_once_in_each_version(ask: Ask) -> None:
    seen: list[int] = []
    wire = Wire(at("queued", 1), at("running", 2), at("running", 2), shown(job()))

    ask(wire, lambda client: client.wait("job_1", 60, lambda one: seen.append(one.version)))

    assert seen == [1, 2, 7]
    assert len(wire.pauses) == 3


def test_a_broken_stream_goes_on_where_it_broke_off(ask: Ask) -> None:
    first = GREETING + frame(event(1)) + frame(event(2)) + frame(event(3))[:-5]
    wire = Wire(
        lambda: httpx.Response(200, stream=Body(first, error=RESET)),
        busy(503, **{"retry-after": "3"}),
        lambda: httpx.Response(200, stream=Body(frame(event(3)), frame(event(4, "job.succeeded")))),
    )

    assert [one.version for one in ask(wire, lambda client: client.stream("job_1"))] == [1, 2, 3, 4]
    assert [request.headers["last-event-id"] for request in wire.asked] == ["0", "2", "2"]
    assert wire.pauses == [PAUSES_S[0], 3.0]


def test_a_stream_that_is_refused_is_a_problem(ask: Ask) -> None:
    with pytest.raises(Problem, match="not valid"):
        ask(Wire(refused(404, code="not-found")), lambda client: client.stream("job_1"))


def test_pages_are_turned_to_the_last(ask: Ask) -> None:
    first = JobPage(data=(job(), job()), next_cursor="c2")
    wire = Wire(
        httpx.Response(200, text=first.model_dump_json()),
        httpx.Response(200, text=JobPage(data=(job(),), next_cursor=None).model_dump_json()),
    )

    assert ask(wire, lambda client: client.every_job(limit=2, tag="weekly")) == [job()] * 3
    assert [request.url.query for request in wire.asked] == [b"limit=2&tag=weekly", b"limit=2&tag=weekly&cursor=c2"]


@pytest.mark.parametrize(
    ("call", "paths"),
    [
        (lambda client: client.every_batch(), "/v1/batches"),
        (lambda client: client.every_key(), "/v1/keys"),
        (lambda client: client.every_delivery("whk_1"), "/v1/webhooks/whk_1/deliveries"),
        (lambda client: client.every_feedback(job_id="job_1"), "/v1/feedback?job_id=job_1"),
    ],
)
def test_everything_that_comes_in_pages_has_a_call_that_turns_them(
    ask: Ask, call: Callable[[Either], object], paths: str
) -> None:
    more = "&" if "?" in paths else "?"
    wire = Wire(*(httpx.Response(200, json={"data": [], "next_cursor": cursor}) for cursor in ("c2", None)))

    assert ask(wire, call) == []
    assert [str(one.url) for one in wire.asked] == [f"http://service{paths}", f"http://service{paths}{more}cursor=c2"]


def test_jobs_that_can_be_gone_through_twice_are_sent_again_under_the_key(ask: Ask) -> None:
    wire = Wire(RESET, batch_shown(batch(queued=2), 202))

    found = ask(wire, lambda client: client.create_batch([{"n": 1}, b'{"n": 2}'], idempotency_key="once"))

    assert found == batch(queued=2)
    assert [request.content for request in wire.asked] == [b'{"n": 1}\n{"n": 2}\n'] * 2


@pytest.mark.parametrize(("jobs", "key"), [(iter([{"n": 1}]), "once"), ([{"n": 1}], None)])
def test_other_batches_are_sent_once(ask: Ask, jobs: Any, key: str | None) -> None:
    wire = Wire(RESET)

    with pytest.raises(Unreachable):
        ask(wire, lambda client: client.create_batch(jobs, idempotency_key=key))

    assert len(wire.asked) == 1


def test_a_stream_of_results_that_breaks_goes_on_behind_its_last_whole_line(ask: Ask) -> None:
    wire = Wire(
        lambda: httpx.Response(200, stream=Body(result(1), result(2)[:9], error=RESET)),
        batch_shown(batch()),
        busy(503, **{"retry-after": "4"}),
        batch_shown(batch()),
        lambda: httpx.Response(200, stream=Body(result(2), result(3))),
    )

    assert [one.line for one in ask(wire, lambda client: client.batch_results(ID))] == [1, 2, 3]
    assert [request.url.query for request in wire.asked if request.url.path.endswith("results")] == [
        b"after=0",
        b"after=1",
        b"after=1",
    ]
    assert wire.pauses == [0.0, 4.0]


def test_a_batch_is_looked_at_until_it_has_ended(ask: Ask) -> None:
    wire = Wire(batch_shown(batch(queued=1)), batch_shown(batch("finished", succeeded=1)))
    seen: list[str] = []

    assert ask(wire, lambda client: client.wait_batch(ID, lambda one: seen.append(one.status))).status == "finished"
    assert (seen, wire.pauses) == (["running", "finished"], [1.0])


def test_what_is_erased_and_deleted_is_asked_for(ask: Ask) -> None:
    wire = Wire(httpx.Response(204))

    assert ask(wire, lambda client: client.delete_webhook("whk/1")) is None
    assert [(one.method, one.url.raw_path) for one in wire.asked] == [("DELETE", b"/v1/webhooks/whk%2F1")]
    assert json.loads(wire.asked[0].content) == {}


def test_a_span_of_any_length_is_sent_again_to_its_end_and_counted(ask: Ask) -> None:
    steps = [{"deliveries": 10_000, "next_cursor": "c2"}, {"deliveries": 12, "next_cursor": None}]
    wire = Wire(*(httpx.Response(202, json=step) for step in steps))
    since = datetime(2026, 11, 28, 9, tzinfo=UTC)

    assert ask(wire, lambda client: client.redeliver_since("whk_1", since)) == RedeliveredView(deliveries=10_012)
    bodies = [json.loads(one.content) for one in wire.asked]
    first = {"since": "2026-11-28T09:00:00+00:00", "until": None}
    assert bodies == [first, {**first, "cursor": "c2"}]


def test_how_an_endpoint_is_told_is_asked_for_only_where_it_was_chosen(ask: Ask) -> None:
    wire = Wire(httpx.Response(409, json={"code": "too-many", "status": 409}))
    for chosen in ({}, {"payload": "full"}, {"result_url": True}):
        with pytest.raises(Problem):
            ask(wire, lambda client, chosen=chosen: client.add_webhook("https://x.example", ["job.failed"], **chosen))  # type: ignore[misc]

    sent = [json.loads(one.content) for one in wire.asked]
    assert [(one.get("payload"), one.get("result_url")) for one in sent] == [
        (None, None),
        ("full", False),
        ("thin", True),
    ]


@pytest.mark.parametrize(("wish", "body"), [({}, {}), ({"expires_in_s": 60}, {"expires_in_s": 60})])
def test_a_link_to_a_result_is_asked_for(ask: Ask, wish: Any, body: Any) -> None:
    made = ResultUrlView(job_id="job_1", url="/v1/results?job=job_1", expires_at="2026-11-28T09:00:00.000Z")
    wire = Wire(httpx.Response(200, text=made.model_dump_json()))

    assert ask(wire, lambda client: client.result_url("job_1", **wish)) == made
    assert [(one.url.path, json.loads(one.content)) for one in wire.asked] == [("/v1/jobs/job_1/result-url", body)]


@pytest.mark.parametrize("url", ["", "service", "ftp://service", "http://", "http://[::1"])
@pytest.mark.parametrize("kind", [Client, AsyncClient])
def test_what_is_no_address_is_refused_at_once(kind: type[Client] | type[AsyncClient], url: str) -> None:
    with pytest.raises(ValueError, match=r"."):
        kind(url, "k")


@pytest.mark.parametrize("kind", [Client, AsyncClient])
def test_a_key_that_no_header_can_hold_is_refused_without_showing_it(kind: type[Client] | type[AsyncClient]) -> None:
    with pytest.raises(ValueError, match="the key holds characters") as caught:
        kind("http://service", "mm_dev_é")

    assert "mm_dev" not in str(caught.value)
