"""Webhooks to a receiver that fails, while their sender is killed: is every event told, once under one id?

    python -P -m ops.drills.webhooks [--jobs 200] [--kills 100] [--failing 0.3] [--seed 1]

Builds a town of its own, with the emulator as its only provider, and ends all of it. First jobs are told to a receiver
that is well, and the time from each event to its first attempt is taken. Then --jobs jobs of three seats are posted,
ten events each, while the receiver fails --failing of all requests (a 500, a link that is reset, or silence
until the sender gives up) and the sending process is killed --kills times: each time it is up again, half of the times
at some moment, the other half while the receiver has a request of it in hand. It is started again at once. At last the
receiver is well again, and so is the sender. The pauses of the schedule are cut short in the rows, as if the time had
passed: what is tried again is due at the next look. Exit status 1: a promise broke; `webhook_judging` has them.
"""

import argparse
import random
import socket
import sys
import threading
import time
from collections.abc import Callable, Mapping, Sequence
from contextlib import closing, suppress
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler
from typing import Final, get_args

from sqlalchemy import text

from api.client import Client, Trouble
from ops.bench import slice_load
from ops.drills import webhook_judging as judging
from ops.drills.receiver import Received, Receiver, answering, receiving
from ops.drills.storm.plan import Fault, Kind
from ops.drills.storm.town import Layout, Town, town
from ops.drills.webhook_judging import Facts, Phase
from orchestrator.routing.request import AnalysisRequest, PanelWish, PostedTranscript, WebhookEvent
from workers.errors import CannotStart, Interrupted

SENDER: Final = "delivery-1"
PROCESSES: Final = {f"{kind}-1": kind for kind in ("ask", "synthesis", "maintenance", "delivery", "beat", "api")}
INSIDE: Final = {"MEETINGMIND_WEBHOOK_NETWORKS": "127.0.0.0/8"}
LATENCY_MS: Final = 50.0
TOLD: Final[tuple[WebhookEvent, ...]] = tuple(
    event for event in get_args(WebhookEvent) if event.startswith(("job.", "seat."))
)
WELL_JOBS: Final = 40
SILENT_S: Final = 16.0  # the sender gives up after fifteen
IN_HAND_S: Final = 3.0  # how long a request is held for its sender's end
SOON_S: Final = 1.5  # a kill at some moment comes within that
NOBODY_S: Final = 10.0  # after that long without a request the kill comes all the same
LOOK_S: Final = 0.5
TICK_S: Final = 0.02
PATIENCE_S: Final = 300.0
TELL_EVERY: Final = 10  # kills

# Only of those whose last attempt is written down: a sender that was killed is found out in its own time.
_TIME_PASSES: Final = text("""
UPDATE deliveries AS d SET next_at = clock_timestamp()
WHERE d.state = 'pending' AND d.next_at > clock_timestamp() AND EXISTS (
    SELECT FROM delivery_attempts AS a
    WHERE a.tenant_id = d.tenant_id AND a.delivery_id = d.id AND a.number = d.attempts
)
""")
_STATES: Final = text("SELECT state, count(*) AS many FROM deliveries GROUP BY state")
_OPEN: Final = text("SELECT count(*) FROM jobs WHERE finished_at IS NULL")


@dataclass
class Moods:
    """A receiver that fails that share of all requests, and holds one in its hand while `wanted` is set.

    `held` is set once it has one; `ended` when the sender is no more.
    """

    failing: float
    seed: int
    wanted: threading.Event = field(default_factory=threading.Event)
    held: threading.Event = field(default_factory=threading.Event)
    ended: threading.Event = field(default_factory=threading.Event)

    def __post_init__(self) -> None:
        self._chance = random.Random(self.seed)  # noqa: S311 - a die, not a secret

    def answer(self, handler: BaseHTTPRequestHandler, found: Received) -> None:
        if self.wanted.is_set():
            self.held.set()
            self.ended.wait(IN_HAND_S)
        with suppress(OSError):  # who is dead hears nothing
            self._answer(handler, found)

    def _answer(self, handler: BaseHTTPRequestHandler, found: Received) -> None:
        drawn = self._chance.random()
        if drawn >= self.failing:
            answering(204)(handler, found)
        elif drawn < self.failing / 2:
            answering(500)(handler, found)
        elif drawn < self.failing * 0.95:
            handler.close_connection = True
            handler.connection.shutdown(socket.SHUT_RDWR)
        else:
            handler.close_connection = True
            time.sleep(SILENT_S)


@dataclass(frozen=True)
class Order:
    """What is to be run.

    Args:
        failing: the share of requests that fail in the storm.
        well: jobs of each phase without a fault.
        patience_s: how long after a phase's last job what is not delivered may take.
        modules: as in `Layout`: for runs with teeth.
    """

    jobs: int
    kills: int
    failing: float
    seed: int
    well: int = WELL_JOBS
    patience_s: float = PATIENCE_S
    modules: Mapping[str, str] = field(default_factory=dict)


def run(order: Order) -> Facts:
    """Do it, and end everything that was started.

    Raises:
        CannotStart, Interrupted: see `town.town`.
        Trouble: the API refused something.
    """
    layout = Layout(PROCESSES, INSIDE, LATENCY_MS, order.seed, modules=order.modules)
    with town(layout) as there, receiving() as receiver:
        return Course(there, receiver, order).run()


class Course:
    """For the main thread alone, which tends the town meanwhile."""

    def __init__(self, there: Town, receiver: Receiver, order: Order) -> None:
        self._there = there
        self._receiver = receiver
        self._order = order
        self._chance = random.Random(order.seed)  # noqa: S311 - a die, not a secret
        self._posted = 0
        self._kills = 0
        self._look_at = 0.0
        self._pause = threading.Event()  # never set: a wait that lets signals in
        self._client = Client(there.api_url, there.key)

    def run(self) -> Facts:
        """Raises Interrupted, Trouble."""
        with closing(self._client):
            secret = self._client.add_webhook(self._receiver.url, TOLD).secret
            before = self._well("before the storm")
            storm = self._storm(Moods(self._order.failing, self._order.seed))
            self._receiver.manners = answering(204)
            after = self._well("after it")
            return Facts(
                wanted=self._wanted(),
                seen=tuple(self._receiver.seen),
                secret=secret,
                states=self._states(),
                well=(before, after),
                storm=storm,
                kills=self._kills,
                kills_asked=self._order.kills,
                deaths=len(self._there.deaths),
            )

    def _well(self, name: str) -> Phase:
        self._attend(lambda: self._there.serves(SENDER), PATIENCE_S)
        known = len(self._receiver.seen)
        self._post(self._order.well)
        self._until_told()
        return Phase(name, judging.first_late_s(tuple(self._receiver.seen), known))

    def _storm(self, moods: Moods) -> Phase:
        began, known = time.monotonic(), len(self._receiver.seen)
        self._receiver.manners = moods.answer
        for number in range(self._order.kills):
            self._post(self._share(number))
            self._attend(lambda: self._there.serves(SENDER), PATIENCE_S)
            self._await_moment(moods)
            self._there.strike(Fault(0.0, Kind.KILL, SENDER))
            self._kills += 1
            self._attend(lambda: not self._there.serves(SENDER), PATIENCE_S)
            moods.ended.set()
            if self._kills % TELL_EVERY == 0:
                _say(f"{self._kills} kills, {len(self._receiver.seen):,} requests, {self._states()}")
        moods.wanted.clear()
        self._post(self._order.jobs if not self._order.kills else 0)
        self._until_told()
        _say(f"The storm took {time.monotonic() - began:.0f} s.")
        return Phase("in the storm", judging.first_late_s(tuple(self._receiver.seen), known))

    def _await_moment(self, moods: Moods) -> None:
        moods.held.clear()
        moods.ended.clear()
        if self._chance.random() < 0.5:
            moods.wanted.set()
            self._attend(moods.held.is_set, NOBODY_S)
        else:
            moods.wanted.clear()
            self._attend(lambda: False, self._chance.uniform(0.0, SOON_S))

    def _share(self, number: int) -> int:
        """Of the jobs, those that are posted before this kill."""
        jobs, kills = self._order.jobs, self._order.kills
        return int(jobs * (number + 1) / kills) - int(jobs * number / kills)

    def _post(self, count: int) -> None:
        for _ in range(count):
            self._posted += 1
            self._client.submit(REQUEST, f"job {self._posted}")
            self._tick()

    def _until_told(self) -> None:
        """Until all jobs have ended and nothing is to be delivered any more; the judge says what is missing then."""
        self._attend(lambda: self._open_jobs() == 0, PATIENCE_S)
        self._attend(lambda: not self._untold(), self._order.patience_s)

    def _untold(self) -> bool:
        return self._states().get("pending", 0) > 0 or not self._wanted() <= {*self._receiver.ids()}

    def _wanted(self) -> set[str]:
        return {event.id for event in self._client.events() if event.type in TOLD}

    def _attend(self, done: Callable[[], bool], within_s: float) -> None:
        ends_at = time.monotonic() + within_s
        while not done() and time.monotonic() < ends_at:
            self._tick()
            self._pause.wait(TICK_S)

    def _tick(self) -> None:
        self._there.tend()
        if time.monotonic() >= self._look_at:
            with self._there.database.system() as connection:
                connection.execute(_TIME_PASSES)
            self._look_at = time.monotonic() + LOOK_S

    def _states(self) -> dict[str, int]:
        with self._there.database.system() as connection:
            return {row.state: int(row.many) for row in connection.execute(_STATES)}

    def _open_jobs(self) -> int:
        with self._there.database.system() as connection:
            return int(connection.execute(_OPEN).scalar_one())


REQUEST: Final = AnalysisRequest(
    transcript=PostedTranscript(content=next(slice_load.transcripts())),
    panel=PanelWish(models=slice_load.MODELS),
    strategy="consensus",
)


def main(arguments: Sequence[str]) -> int:
    """Run the drill; its exit code."""
    given = _parser().parse_args(arguments)
    try:
        lines = judging.judged(run(Order(given.jobs, given.kills, given.failing, given.seed)))
    except (CannotStart, Trouble) as error:
        print(f"webhooks: {error}", file=sys.stderr)
        return 1
    except (Interrupted, KeyboardInterrupt):
        return 130
    print(judging.table(lines))
    return 0 if judging.is_sound(lines) else 1


def _say(what: str) -> None:
    print(what, file=sys.stderr, flush=True)


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="python -P -m ops.drills.webhooks", description="Webhooks under fire.")
    parser.add_argument("--jobs", type=_within(2_000), default=200)
    parser.add_argument("--kills", type=_within(1_000), default=100)
    parser.add_argument("--failing", type=float, default=0.3, help="of all requests, while the sender is killed")
    parser.add_argument("--seed", type=int, default=1)
    return parser


def _within(most: int) -> Callable[[str], int]:
    def number(given: str) -> int:
        if not (given.isdecimal() and int(given) <= most):
            raise argparse.ArgumentTypeError(f"a number up to {most}")
        return int(given)

    return number


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
