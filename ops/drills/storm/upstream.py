"""The upstream services: many clients that post jobs, try again until they are taken in, and read until the end.

They keep a log of their own, by which the product is judged: what was posted and what came back, and every version that
a reader has seen. Each job has an Idempotency-Key, so that a post of which nothing came back can be repeated.
"""

import json
import threading
import time
from collections.abc import Iterator, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime
from itertools import count
from typing import Final

from pydantic import BaseModel, ValidationError

from api.schemas import TERMINAL, JobStatus
from ops.bench import slice_load
from providers.calls import JsonObject
from providers.http import Answer, Http, open_http

MODELS: Final = slice_load.MODELS  # three seats
LINES: Final = 12  # of the sample's talk: what is on trial is not how long meetings are read
DEADLINE_S: Final = 300.0  # what a request has if it names none
MOST_CLIENTS: Final = 96  # above this a post is late, and the run a little longer
ANSWER_S: Final = 10.0
LONG_POLL_S: Final = 2.0
PAUSE_S: Final = 0.3  # before a post that broke is repeated; one that was refused says itself how long


@dataclass(frozen=True)
class Posted:
    """One attempt to hand in a job. `status` None: nothing came back. `job`: the one that a 202 named."""

    key: str
    began: datetime
    took_s: float
    status: int | None
    retry_after: str | None = None
    job: str | None = None


@dataclass(frozen=True)
class Seen:
    """What one reader saw of a job, in the order in which it saw it. `result`: whether there was one."""

    job: str
    version: int
    status: JobStatus
    result: bool


@dataclass
class Log:
    """Appended to by many threads, read when they have ended."""

    posted: list[Posted] = field(default_factory=list)
    seen: list[Seen] = field(default_factory=list)
    broken_reads: int = 0
    wrong_reads: list[tuple[str, int]] = field(default_factory=list)  # job and status: neither 200 nor 503

    def accepted(self) -> dict[str, set[str]]:
        """The jobs that were named to each key; more than one would be a promise broken."""
        found: dict[str, set[str]] = {}
        for one in self.posted:
            if one.job is not None:
                found.setdefault(one.key, set()).add(one.job)
        return found

    def ended(self) -> int:
        return len({one.job for one in self.seen if one.status in TERMINAL})


class _Job(BaseModel):
    id: str
    version: int
    status: JobStatus
    result: JsonObject | None


@dataclass(frozen=True)
class Load:
    """So many jobs, one every `every_s`."""

    jobs: int
    every_s: float


class Crowd:
    """Made by `crowd`. `stop` makes all of them give up soon."""

    def __init__(self, url: str, key: str, load: Load) -> None:
        self.log = Log()
        self._url, self._key, self._load = url, key, load
        self._stopping = threading.Event()
        self._numbers = count()
        self._bodies = _bodies(load.jobs)
        self._clients = max(1, min(load.jobs, MOST_CLIENTS))
        self._pool = ThreadPoolExecutor(self._clients, thread_name_prefix="client")
        self._work: list[Future[None]] = []

    def begin(self) -> None:
        begun_at = time.monotonic()
        self._work = [self._pool.submit(self._run, begun_at) for _ in range(self._clients)]

    def is_done(self) -> bool:
        """Raises what broke in a client of ours, which would be a mistake here and no finding."""
        for one in self._work:
            if one.done():
                one.result()
        return all(one.done() for one in self._work)

    def stop(self) -> None:
        self._stopping.set()
        self._pool.shutdown(wait=True, cancel_futures=True)

    def _run(self, begun_at: float) -> None:
        http = open_http(self._url, {"authorization": f"Bearer {self._key}"}, ANSWER_S)
        try:
            while (number := next(self._numbers)) < self._load.jobs and not self._stopping.is_set():
                self._stopping.wait(max(0.0, begun_at + number * self._load.every_s - time.monotonic()))
                self._follow(http, self._hand_in(http, f"job {number}", self._bodies[number]))
        finally:
            http.close()

    def _hand_in(self, http: Http, key: str, body: bytes) -> str | None:
        """Post until it is taken in; returns the job, None when told to stop or refused for good."""
        headers = {"content-type": "application/json", "idempotency-key": key}
        while not self._stopping.is_set():
            posted = post(http, body, headers, key)
            self.log.posted.append(posted)
            if posted.job is not None or (posted.status is not None and posted.status < 500):
                return posted.job
            self._stopping.wait(float(posted.retry_after or PAUSE_S))
        return None

    def _follow(self, http: Http, job: str | None) -> None:
        while job is not None and not self._stopping.is_set():
            seen = self._look(http, job)
            if seen is None:
                self.log.broken_reads += 1
                self._stopping.wait(PAUSE_S)
                continue
            self.log.seen.append(seen)
            if seen.status in TERMINAL:
                return

    def _look(self, http: Http, job: str) -> Seen | None:
        try:
            answer = http.get(f"/v1/jobs/{job}?wait_s={LONG_POLL_S:g}", timeout_s=ANSWER_S)
        except (ConnectionError, TimeoutError):
            return None
        if answer.status not in {200, 503}:
            self.log.wrong_reads.append((job, answer.status))
        found = _read(answer) if answer.status == 200 else None
        return None if found is None else Seen(found.id, found.version, found.status, found.result is not None)


def post(http: Http, body: bytes, headers: dict[str, str], key: str) -> Posted:
    """One attempt, timed."""
    began, start_s = datetime.now(UTC), time.monotonic()
    try:
        answer = http.post("/v1/jobs", body, headers)
    except (ConnectionError, TimeoutError):
        return Posted(key, began, time.monotonic() - start_s, None)
    took_s, found = time.monotonic() - start_s, _read(answer) if answer.status == 202 else None
    retry_after = answer.headers.get("retry-after")
    return Posted(key, began, took_s, answer.status, retry_after, None if found is None else found.id)


@contextmanager
def crowd(url: str, key: str, load: Load) -> Iterator[Crowd]:
    there = Crowd(url, key, load)
    there.begin()
    try:
        yield there
    finally:
        there.stop()


def _bodies(jobs: int) -> Sequence[bytes]:
    """Each differs from the next; all are the same in every run."""
    texts = slice_load.transcripts()
    shown = ["\n".join(next(texts).splitlines()[:LINES]) for _ in range(min(jobs, 64))]
    return [_body(shown[number % len(shown)], number) for number in range(jobs)]


def _body(text: str, number: int) -> bytes:
    request = {
        "transcript": {"format": "text", "content": text},
        "panel": {"models": list(MODELS)},
        "allow_extractive": False,  # it would hide that nobody answered
        "deadline_s": DEADLINE_S,
        "reference": f"storm {number}",
    }
    return json.dumps(request).encode()


def _read(answer: Answer) -> _Job | None:
    try:
        return _Job.model_validate_json(answer.body)
    except ValidationError:
        return None
