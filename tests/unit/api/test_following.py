"""Waiting for a job by its bell, against a double of the wire. Where no bell rings, a test would last for ever."""

import itertools
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from threading import Event

import httpx
import pytest

from api.cli.following import Bell, listening, wait
from api.client import Client, NotInTime, Problem, Unreachable
from api.event_frames import frame
from api.event_schemas import EventView
from api.schemas import JobStatus, JobView
from providers.http import open_http
from tests.unit.api.meetings import job
from tests.unit.api.test_event_frames import event

FOR_EVER_S = 1e6

Answer = Callable[[], httpx.Response]


def version(number: int, status: JobStatus = "running") -> Answer:
    return lambda: httpx.Response(200, text=job(version=number, status=status).model_dump_json())


def away() -> httpx.Response:
    raise httpx.ConnectError("refused")


def client(*answers: Answer) -> Client:
    """Answers each request with the next, the last one again and again."""
    found = itertools.chain(answers, itertools.repeat(answers[-1]))
    http = open_http("http://service", {}, 1.0, wire=httpx.MockTransport(lambda _: next(found)()))
    return Client("http://service", "k", http=http, sleep=lambda _: None)


def silent(_: str) -> Iterator[EventView]:
    """A stream that is open and says nothing."""
    Event().wait()
    yield from ()


def broken(_: str) -> Iterator[EventView]:
    yield event(1)
    raise Unreachable("gone")


def refused(_: str) -> Iterator[EventView]:
    """Refused at the first event, as by a client that asks when it is read."""
    yield from map(_refuse, (1,))


def _refuse(_: int) -> EventView:
    raise Problem({"code": "overloaded"}, status=503)


def followed(asked: Client, listen: Callable[[str], Iterator[EventView]]) -> list[int]:
    seen = list[JobView]()
    ended = wait(asked, "job_1", FOR_EVER_S, seen.append, listen)
    assert ended == seen[-1]
    return [one.version for one in seen]


def test_a_bell_rings_for_what_is_new_alone() -> None:
    rung = Event()

    def events() -> Iterator[EventView]:
        yield event(1)
        yield event(2)
        rung.wait()
        yield event(3)

    bell = Bell(events)

    bell.wait(1, FOR_EVER_S)
    bell.wait(2, 0.01)  # in which nothing rings
    rung.set()
    bell.wait(2, FOR_EVER_S)


@pytest.mark.parametrize("listen", [broken, refused])
def test_a_bell_whose_stream_is_gone_keeps_nobody_waiting(listen: Callable[[str], Iterator[EventView]]) -> None:
    bell = Bell(lambda: listen("job_1"))

    for _ in range(3):
        bell.wait(1, FOR_EVER_S)


@pytest.mark.parametrize("listen", [silent, broken, refused])
def test_a_job_is_seen_to_its_end_whatever_becomes_of_the_stream(
    listen: Callable[[str], Iterator[EventView]],
) -> None:
    assert followed(client(version(1), version(1), version(3, "succeeded")), listen) == [1, 3]


def test_events_have_it_looked_at() -> None:
    looked = [Event(), Event()]

    def listen(_: str) -> Iterator[EventView]:
        for number, seen in enumerate(looked, 2):
            yield event(number)
            seen.wait()

    def see(found: JobView) -> None:
        if 2 <= found.version < 2 + len(looked):
            looked[found.version - 2].set()

    asked = client(version(1), version(2), version(3, "failed"))

    assert wait(asked, "job_1", FOR_EVER_S, see, listen).status == "failed"
    assert looked[0].is_set()


def test_a_service_that_is_away_for_a_moment_is_waited_for() -> None:
    assert followed(client(version(1), *[away] * 9, version(2, "succeeded")), broken) == [1, 2]


def test_a_refusal_is_told_at_once() -> None:
    gone = client(lambda: httpx.Response(404, json={"code": "not-found", "title": "Not found"}))

    with pytest.raises(Problem):
        wait(gone, "job_1", FOR_EVER_S, lambda _: None, broken)


def test_a_job_that_does_not_end_in_time_is_given_up() -> None:
    with pytest.raises(NotInTime) as caught:
        wait(client(version(4)), "job_1", 0, lambda _: None, silent)

    assert caught.value.job.version == 4


def test_it_listens_with_a_client_of_its_own_and_closes_it() -> None:
    closed = list[Client]()

    @contextmanager
    def another() -> Iterator[Client]:
        own = client(lambda: httpx.Response(200, content=frame(event(2, "job.succeeded"))))
        yield own
        closed.append(own)

    assert [one.version for one in listening(another)("job_1")] == [2]
    assert len(closed) == 1
