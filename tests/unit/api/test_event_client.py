"""Following events with the typed client, against a double of the wire that breaks off where it is told to."""

import itertools
from collections.abc import Callable, Iterator

import httpx
import pytest

from api.client import Client, Problem, Silent, Unreachable
from api.event_client import PAUSES_S
from api.event_frames import GREETING, HEARTBEAT, frame
from api.event_schemas import FeedEventView, FeedView
from providers.http import open_http
from tests.unit.api.test_event_frames import event

Answer = Callable[[], httpx.Response]


class Body(httpx.SyncByteStream):
    """Pieces of a body, and then the error with which it breaks off, if there is one."""

    def __init__(self, pieces: tuple[bytes, ...], error: Exception | None) -> None:
        self._pieces = pieces
        self._error = error

    def __iter__(self) -> Iterator[bytes]:
        yield from self._pieces
        if self._error is not None:
            raise self._error


def body(*pieces: bytes, error: Exception | None = None) -> Answer:
    return lambda: httpx.Response(200, stream=Body(pieces, error))


def refusal(status: int, **headers: str) -> Answer:
    return lambda: httpx.Response(status, headers=headers, json={"code": "overloaded", "title": "Overloaded"})


def away() -> httpx.Response:
    raise httpx.ConnectError("refused")


class Wire:
    """Answers each request with the next of `answers`, the last one again and again; keeps what was asked and slept."""

    def __init__(self, *answers: Answer) -> None:
        self._answers = itertools.chain(answers, itertools.repeat(answers[-1]))
        self.seen: list[str] = []
        self.pauses: list[float] = []

    def __call__(self, request: httpx.Request) -> httpx.Response:
        self.seen.append(request.headers.get("last-event-id", ""))
        return next(self._answers)()

    def client(self) -> Client:
        http = open_http("http://service", {}, 1.0, wire=httpx.MockTransport(self))
        return Client("http://service", "k", http=http, sleep=self.pauses.append)

    def versions(self, after: int = 0) -> list[int | None]:
        return [one.version for one in self.client().stream("job_1", after)]


def frames(*versions: int, end: bool = False) -> bytes:
    return b"".join(frame(event(n)) for n in versions) + (
        frame(event(versions[-1] + 1, "job.succeeded")) if end else b""
    )


def test_a_stream_is_read_to_the_jobs_end() -> None:
    wire = Wire(body(GREETING, frames(1, 2), HEARTBEAT, frames(3, end=True)))

    assert wire.versions() == [1, 2, 3, 4]
    assert wire.seen == ["0"]


@pytest.mark.parametrize("size", [1, 7, 1000])
def test_pieces_may_be_cut_anywhere(size: int) -> None:
    whole = GREETING + frames(1, 2, end=True)
    pieces = [whole[at : at + size] for at in range(0, len(whole), size)]

    assert Wire(body(*pieces)).versions() == [1, 2, 3]


@pytest.mark.parametrize("error", [httpx.ReadError("reset"), httpx.ReadTimeout("silent"), None])
def test_a_broken_stream_goes_on_where_it_broke_off(error: Exception | None) -> None:
    half = frames(3)[:-5]
    wire = Wire(body(GREETING, frames(1, 2), half, error=error), away, body(frames(3), frames(4, end=True)))

    assert wire.versions() == [1, 2, 3, 4, 5]
    assert wire.seen == ["0", "2", "2"]
    assert wire.pauses == [PAUSES_S[0], PAUSES_S[1]]


def test_a_stream_may_begin_later() -> None:
    wire = Wire(body(frames(6, end=True)))

    assert wire.versions(after=5) == [6, 7]
    assert wire.seen == ["5"]


def test_of_a_job_that_has_ended_nothing_may_be_left() -> None:
    assert Wire(lambda: httpx.Response(204)).versions(after=7) == []


def test_an_end_that_a_caller_revoked_is_not_the_end() -> None:
    retried = frame(event(2, "job.failed")) + frame(event(3, "job.queued"))
    wire = Wire(body(frames(1), retried), body(frames(4, end=True)))

    assert wire.versions() == [1, 2, 3, 4, 5]


def test_what_is_said_of_a_job_after_its_end_is_told_too() -> None:
    wire = Wire(body(frames(1, end=True), frame(event(3, "job.of_tomorrow"))))

    assert wire.versions() == [1, 2, 3]
    assert wire.seen == ["0"]


def test_a_cut_right_after_the_end_is_looked_into_once_more() -> None:
    wire = Wire(body(frames(1, end=True), error=httpx.ReadError("reset")), lambda: httpx.Response(204))

    assert wire.versions() == [1, 2]
    assert wire.seen == ["0", "2"]


def test_a_busy_service_is_given_the_time_it_asks_for() -> None:
    busy = [refusal(503, **{"retry-after": seconds}) for seconds in ("3", "99999", "soon")]
    wire = Wire(*busy, body(frames(1, end=True)))

    assert wire.versions() == [1, 2]
    assert wire.pauses == [3.0, 30.0, PAUSES_S[2]]


def test_a_refusal_is_a_problem_at_once() -> None:
    wire = Wire(refusal(404))

    with pytest.raises(Problem) as caught:
        wire.versions()

    assert (caught.value.status, len(wire.seen)) == (404, 1)


def test_who_finds_nobody_gives_up() -> None:
    wire = Wire(body(frames(1)), away)

    with pytest.raises(Unreachable, match="no further than to version 1"):
        wire.versions()

    assert len(wire.pauses) == len(PAUSES_S)


def test_something_else_than_our_events_is_told_in_a_sentence() -> None:
    with pytest.raises(Silent, match="not in the contract"):
        Wire(body(b"data: {}\n\n")).versions()


def test_leaving_early_closes_the_connection() -> None:
    stream = Wire(body(frames(1, 2, 3))).client().stream("job_1")

    assert next(iter(stream)).version == 1
    stream.close()  # type: ignore[attr-defined]  # a generator

    assert list(stream) == []


def feed_event(number: int) -> FeedEventView:
    return FeedEventView(**event(number).model_dump(), sequence=number)


def test_the_feed_is_read_page_by_page() -> None:
    asked: list[str] = []

    def answer(request: httpx.Request) -> httpx.Response:
        after = int(request.url.params["after"])
        asked.append(str(request.url.params))
        found = tuple(feed_event(n) for n in range(after + 1, min(after + 2, 5) + 1))
        return httpx.Response(
            200, text=FeedView(data=found, next=found[-1].sequence if found else after).model_dump_json()
        )

    http = open_http("http://service", {}, 1.0, wire=httpx.MockTransport(answer))
    found = [one.sequence for one in Client("http://service", "k", http=http).events(after=1)]

    assert found == [2, 3, 4, 5]
    assert asked == ["after=1&limit=500", "after=3&limit=500", "after=5&limit=500"]
