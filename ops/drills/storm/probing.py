"""Somebody who asks the API all the time: while PostgreSQL is away each answer has to be 503 with Retry-After, soon."""

import threading
import time
from collections import defaultdict
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Final

from ops.drills.storm.plan import role
from ops.drills.storm.recovery import Away, Struck
from providers.http import Http, open_http

EVERY_S: Final = 0.25
PATIENCE_S: Final = 10.0  # far above what is promised, so that what breaks it is measured and not cut off
WITHIN_S: Final = 1.0
API_START_S: Final = 15.0  # from a kill until it listens again; on an idle machine three
DOORS: Final = ("/v1/jobs?limit=1", "/v1/budgets")


@dataclass(frozen=True)
class Answer:
    """`status` None: nothing came back."""

    door: str
    began: datetime
    took_s: float
    status: int | None
    retry_after: str | None = None

    @property
    def ended(self) -> datetime:
        return self.began + timedelta(seconds=self.took_s)

    @property
    def is_fine(self) -> bool:
        return self.status == 503 and self.retry_after is not None and self.took_s <= WITHIN_S


@dataclass(frozen=True)
class Answers:
    """Those that fell into a time in which PostgreSQL was away, with how it was."""

    while_away: Sequence[tuple[str, Answer]] = ()
    within_s: float = WITHIN_S

    def by_way(self) -> dict[str, list[Answer]]:
        found: defaultdict[str, list[Answer]] = defaultdict(list)
        for how, answer in self.while_away:
            found[how].append(answer)
        return found


@dataclass
class Probe:
    """Made by `probing`. Read its answers once that has ended."""

    url: str
    key: str
    answers: list[Answer] = field(default_factory=list)

    def while_away(self, times: Sequence[Away], struck: Sequence[Struck] = ()) -> Answers:
        """Of those answers that began when it had gone, and were due before it came back.

        One that ended before it came back was due by then. Who asks while the API itself is dead, frozen or starting
        hears nothing of PostgreSQL; that is left out.
        """
        due, start = timedelta(seconds=WITHIN_S), timedelta(seconds=API_START_S)
        dumb = [(one.at, one.over_at + start) for one in struck if role(one.fault.victim) == "api"]
        found = [
            (away.how, answer)
            for answer in self.answers
            for away in times
            if away.since <= answer.began and min(answer.began + due, answer.ended) <= away.until
            if not any(since <= answer.ended and answer.began <= until for since, until in dumb)
        ]
        return Answers(tuple(found))

    def wrong(self) -> list[Answer]:
        """Whatever came back that was neither an answer nor 503 with Retry-After, at any time."""
        return [
            one
            for one in self.answers
            if one.status not in {None, 200} and (one.status != 503 or one.retry_after is None)
        ]


@contextmanager
def probing(url: str, key: str) -> Iterator[Probe]:
    """One asker for each door, so that one that is kept waiting does not keep the other from asking."""
    probe, over = Probe(url, key), threading.Event()
    askers = [threading.Thread(target=_ask_on, args=(probe, door, over), name="probe") for door in DOORS]
    for asker in askers:
        asker.start()
    try:
        yield probe
    finally:
        over.set()
        for asker in askers:
            asker.join(2 * PATIENCE_S)


def _ask_on(probe: Probe, door: str, over: threading.Event) -> None:
    http = open_http(probe.url, {"authorization": f"Bearer {probe.key}"}, PATIENCE_S)
    try:
        while not over.wait(EVERY_S):
            probe.answers.append(_ask(http, door))
    finally:
        http.close()


def _ask(http: Http, door: str) -> Answer:
    began, start_s = datetime.now(UTC), time.monotonic()
    try:
        answer = http.get(door)
    except (ConnectionError, TimeoutError):
        return Answer(door, began, time.monotonic() - start_s, None)
    return Answer(door, began, time.monotonic() - start_s, answer.status, answer.headers.get("retry-after"))
