"""What ten times the load does to those who were let in: open-loop submits at multiples of a measured capacity.

    python -P -m ops.drills.overload [--rates 1 2 5 10] [--seconds 25]

Starts the embedded stack with a few slots and the emulator as its only provider, and ends both. Slots, not cores, are
what runs out, as with models that take seconds to answer: so the client, the emulator and the refusals find their share
of a small machine. Jobs have 20 s, so that what is accepted too late is lost. Exit status 1: a promise broke.

Promises: goodput (jobs that ended well in their time) at the highest rate at least 90 % of the best; 99 % of what was
accepted ends in its time; no answer is a 500 or missing; refusals within 50 ms and acceptances within 300 ms at p99;
every read is answered meanwhile; once the load drops to seven tenths, 90 % of it ends well, without a hand on it.
"""

import argparse
import asyncio
import json
import math
import os
import signal
import sys
import time
from collections import Counter
from collections.abc import Iterator, Sequence
from contextlib import closing
from dataclasses import dataclass
from itertools import cycle, islice
from types import FrameType
from typing import Final

from sqlalchemy import text

from ops.bench import slice_load, slice_meters
from ops.bench.slice_meters import Meters
from ops.bench.slice_rig import NoRig, Product, rigged
from ops.drills.light_client import Answer, LightClient
from providers.errors import ProviderError

THINK_S: Final = 3.0
SLOTS: Final = 6  # of each of the two processes that ask in all lanes
DEADLINE_S: Final = 20
BODIES: Final = 40
BODY_BYTES: Final = 2_000
CAPACITY_S: Final = 20
SETTLE_S: Final = THINK_S + 2.0  # until what comes out is what goes in
RECOVERY_S: Final = 40
CALM: Final = 0.7
READ_EVERY_S: Final = 0.25
REST_S: Final = 2.0 * DEADLINE_S
MOST_S: Final = 300
MOST_REQUESTS: Final = 60_000

_ENDED: Final = text(
    "SELECT count(*) FROM jobs WHERE status = 'succeeded' AND finished_at <= deadline_at"
    " AND finished_at BETWEEN to_timestamp(:begin) AND to_timestamp(:end)"
)
_FATES: Final = text(
    "SELECT count(*) AS accepted, count(*) FILTER (WHERE status = 'succeeded' AND finished_at <= deadline_at) AS good"
    " FROM jobs WHERE created_at BETWEEN to_timestamp(:begin) AND to_timestamp(:end)"
)
_OPEN: Final = text("SELECT count(*) FROM jobs WHERE finished_at IS NULL")


@dataclass(frozen=True)
class Phase:
    """One rate for some time. `goodput` and `offered` are jobs a second.

    `api_ms` is what the API's process worked for each submit, `other_cores` how many cores worked for somebody else.
    """

    name: str
    begin: float
    end: float
    offered: float
    goodput: float
    submits: tuple[Answer, ...]
    reads: tuple[Answer, ...]
    api_ms: float
    other_cores: float

    @property
    def accepted(self) -> tuple[Answer, ...]:
        return tuple(one for one in self.submits if one.status == 202)

    @property
    def refused(self) -> tuple[Answer, ...]:
        return tuple(one for one in self.submits if one.status in {429, 503})

    @property
    def lost(self) -> int:
        """Answers that nobody should get."""
        return len(self.submits) - len(self.accepted) - len(self.refused)


class Load:
    """Drives the product, and reads from its rows what became of it."""

    def __init__(self, product: Product, meters: Meters) -> None:
        self._client = LightClient(product.url, product.key)
        self._meters = meters
        self._requests = [self._client.request("POST", "/v1/jobs", body) for body in islice(_bodies(), BODIES)]

    def capacity(self) -> float:
        """Jobs a second that end well while there is always one that waits."""
        begin = time.time()
        asyncio.run(self._post(3.0 * 2 * SLOTS / THINK_S, CAPACITY_S))
        return self._ended(begin + SETTLE_S, time.time()) / (time.time() - begin - SETTLE_S)

    def phase(self, name: str, per_s: float, seconds: float) -> Phase:
        """Let this rate in for so long, with reads beside it."""
        begin, before = time.time(), self._meters.read()
        submits, reads = asyncio.run(self._post(per_s, seconds))
        end, after = begin + seconds, self._meters.read()
        use = slice_meters.used(before, after, after)
        settled = begin + SETTLE_S
        goodput = self._ended(settled, end) / (end - settled)
        return Phase(
            name=name,
            begin=begin,
            end=end,
            offered=per_s,
            goodput=goodput,
            submits=tuple(submits),
            reads=tuple(reads),
            api_ms=use.cpu_ms["api"] / len(submits),
            other_cores=use.other_cores,
        )

    def rest(self) -> None:
        """Until nothing is open any more; what is left then has met its deadline."""
        until = time.monotonic() + REST_S
        while time.monotonic() < until and self._count(_OPEN):
            time.sleep(0.25)

    def fates(self, begin: float, end: float) -> tuple[int, int]:
        """Of the jobs accepted then: how many there are, and how many ended well in their time."""
        with self._meters.database.system() as connection:
            row = connection.execute(_FATES, {"begin": begin, "end": end}).one()
        return row.accepted, row.good

    async def _post(self, per_s: float, seconds: float) -> tuple[list[Answer], list[Answer]]:
        count = min(MOST_REQUESTS, int(per_s * seconds))
        begin = time.monotonic()
        with closing(self._client):
            reading = asyncio.create_task(self._read(begin + seconds))
            sent = []
            for number, request in zip(range(count), cycle(self._requests), strict=False):
                due_s = begin + number / per_s
                await asyncio.sleep(max(0.0, due_s - time.monotonic()))
                sent.append(asyncio.create_task(self._client.send(request, due_s)))
            submits = await asyncio.gather(*sent)
            reads = await reading
        return submits, reads

    async def _read(self, until: float) -> list[Answer]:
        paths = cycle(("/v1/jobs?limit=1", "/health/ready", "/health/live"))
        answers = []
        while time.monotonic() < until:
            answers.append(await self._client.send(self._client.request("GET", next(paths))))
            await asyncio.sleep(READ_EVERY_S)
        return answers

    def _ended(self, begin: float, end: float) -> int:
        return self._count(_ENDED, begin=begin, end=end)

    def _count(self, statement: object, **given: float) -> int:
        with self._meters.database.system() as connection:
            return int(connection.execute(statement, given).scalar_one())  # type: ignore[call-overload]  # text


def drill(load: Load, rates: Sequence[float], seconds: float) -> bool:
    """All phases, their table, and a verdict for each promise."""
    capacity = load.capacity()
    load.rest()
    print(f"capacity: {capacity:.1f} jobs/s; load of others: {os.getloadavg()[0]:.1f}")
    print(
        f"{'load':>10} {'offered/s':>9} {'accepted':>8} {'refused':>7} {'lost':>4} {'goodput/s':>9} {'on time':>7}",
        end="",
    )
    print(f" {'accept p99':>10} {'refuse p99':>10} {'read p99':>8} {'api a submit':>12}   (ms) other cores")
    phases, timely = [], []
    for rate in rates:
        phases.append(load.phase(f"{rate:g}x", rate * capacity, seconds))
        if rate == rates[-1]:
            recovery = load.phase("then 0.7x", CALM * capacity, RECOVERY_S)
        load.rest()
        timely.append(_told(load, phases[-1]))
    _told(load, recovery)
    posted = [one for one in recovery.submits if one.at_s >= recovery.end - RECOVERY_S / 2]
    _, good = load.fates(recovery.end - RECOVERY_S / 2, recovery.end)
    everything = [*phases, recovery]
    best, last = max(one.goodput for one in phases), phases[-1].goodput
    reads = [read for one in everything for read in one.reads]
    verdicts = (
        ("goodput at the highest rate, of the best", last / best if best else 0.0, 0.9, math.inf),
        ("of what was accepted ended in time", min(timely), 0.99, math.inf),
        ("answers lost or 500", sum(one.lost for one in everything), 0, 0),
        ("reads without an answer of 200", sum(read.status != 200 for read in reads), 0, 0),
        ("refusals, p99 ms", max(_p99_ms(one.refused) for one in everything), 0, 50),
        ("acceptances, p99 ms", max(_p99_ms(one.accepted) for one in everything), 0, 300),
        ("of the calm load ended well, 20 s after the storm", good / len(posted) if posted else 0.0, 0.9, math.inf),
    )
    for what, found, least, most in verdicts:
        print(f"{'kept ' if least <= found <= most else 'BROKE'}  {what}: {found:.3g}")
    print("answers:", dict(Counter(_code(answer) for one in everything for answer in one.submits)))
    return all(least <= found <= most for _, found, least, most in verdicts)


def _told(load: Load, one: Phase) -> float:
    """A line of the table; returns how much of what was accepted ended in time."""
    accepted, good = load.fates(one.begin, one.end)
    timely = good / accepted if accepted else 0.0
    counts = f"{len(one.accepted):8} {len(one.refused):7} {one.lost:4}"
    waits = f"{_p99_ms(one.accepted):10.0f} {_p99_ms(one.refused):10.0f} {_p99_ms(one.reads):8.0f}"
    machine = f"{one.api_ms:12.1f} {one.other_cores:17.1f}"
    print(f"{one.name:>10} {one.offered:9.1f} {counts} {one.goodput:9.2f} {timely:7.1%} {waits} {machine}", flush=True)
    return timely


def _bodies() -> Iterator[bytes]:
    for content in slice_load.transcripts():
        yield json.dumps(
            {
                "transcript": {"format": "text", "content": content[:BODY_BYTES]},
                "panel": {"models": [slice_load.MODELS[0]]},
                "allow_substitution": False,
                "allow_extractive": False,
                "deadline_s": DEADLINE_S,
            }
        ).encode()


def _code(answer: Answer) -> str:
    if answer.status == 202:
        return "202"
    try:
        return f"{answer.status} {json.loads(answer.body)['code']}"
    except (ValueError, KeyError):
        return str(answer.status)


def _p99_ms(answers: Sequence[Answer]) -> float:
    took = sorted(answer.took_s for answer in answers)
    return took[math.ceil(0.99 * len(took)) - 1] * 1e3 if took else 0.0


def _leave(_signal: int, _frame: FrameType | None) -> None:
    raise SystemExit(128 + signal.SIGTERM)


def _parser() -> argparse.ArgumentParser:
    def seconds(given: str) -> float:
        if not (given.isdecimal() and SETTLE_S < int(given) <= MOST_S):
            raise argparse.ArgumentTypeError(f"a number above {SETTLE_S:g} and up to {MOST_S}")
        return float(given)

    def rate(given: str) -> float:
        if not 0 < float(given) <= 20:
            raise argparse.ArgumentTypeError("a number above 0 and up to 20")
        return float(given)

    parser = argparse.ArgumentParser(prog="python -P -m ops.drills.overload", description="Goodput under overload.")
    parser.add_argument("--rates", type=rate, nargs="+", default=[1.0, 2.0, 5.0, 10.0], help="multiples of capacity")
    parser.add_argument("--seconds", type=seconds, default=25.0, help="at each rate")
    return parser


def main() -> int:
    """Run the drill; returns the exit status."""
    given = _parser().parse_args()
    signal.signal(signal.SIGTERM, _leave)  # as Ctrl-C does: unwinding ends what was started
    few_slots = {"MEETINGMIND_ASK_SLOTS": str(SLOTS)}
    try:
        with rigged(1e3 * THINK_S, None, few_slots) as rig, slice_meters.opened(rig.product.pid, None) as meters:
            if meters is None:
                print("overload: this system has no /proc, by which the stack's rows are found.", file=sys.stderr)
                return 1
            return 0 if drill(Load(rig.product, meters), sorted(given.rates), given.seconds) else 1
    except (NoRig, ProviderError) as error:
        print(f"overload: {error}", file=sys.stderr)
        return 1
    except KeyboardInterrupt:
        return 130


if __name__ == "__main__":
    sys.exit(main())
