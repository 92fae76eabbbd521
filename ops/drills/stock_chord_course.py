"""The course of the stock drill: jobs are handed in, faults strike, things settle, witnesses are heard."""

import json
import sys
import time
from collections.abc import Mapping
from contextlib import closing
from dataclasses import dataclass, field
from typing import Final

from ops.bench import slice_rig
from ops.bench.slice_rig import NoRig
from ops.drills import stock_chord_town, stock_chord_verdict, stock_chord_witnesses
from ops.drills.stock_chord_faults import USUAL_SHARES, Kind, plan
from ops.drills.stock_chord_strikes import Strikes
from ops.drills.stock_chord_tasks import SEATS, Pool
from ops.drills.stock_chord_town import Town
from ops.drills.stock_chord_verdict import Verdict
from providers.http import Http, open_http

CALM_JOBS_A_S: Final = 10.0  # the pace without faults, whose time would give it otherwise
LOOKED_AFTER_S: Final = 2.0  # what is due to come back is looked for every second, and then has to be taken
POLL_S: Final = 0.05
ASK_S: Final = 1.0  # how often the provider's log, which grows long, is asked whether anything is under way
TIMEOUT_S: Final = 30.0
LATE: Final = 2.0  # a run may take so many times what was planned; faults that have not struck by then are left out
MOST_SETTLE_S: Final = 900.0
TELL_S: Final = 30.0


@dataclass(frozen=True)
class Course:
    """What is played. `settle_s` is how long nothing at all may happen before it counts as over."""

    jobs: int
    faults: int
    every_s: float
    shares: Mapping[Kind, int] = field(default_factory=lambda: USUAL_SHARES)
    seed: int = 1
    workers: int = 4
    pool: Pool = "threads"
    concurrency: int = 8
    visibility_timeout_s: float = 10.0
    longest_freeze_s: float = 12.0  # the longest outlast the visibility timeout, most do not
    latency_ms: float = 300.0
    refused_percent: int = 0
    settle_s: float = 45.0

    @property
    def over_s(self) -> float:
        """The seconds over which jobs are handed in."""
        return self.faults * self.every_s or self.jobs / CALM_JOBS_A_S


@dataclass(frozen=True)
class Played:
    """What was found. `ended_workers` ended by themselves; `left` is what still lay in Redis at the end."""

    verdict: Verdict
    ended_workers: int
    left: Mapping[str, int]
    settled: bool
    took_s: float


def play(course: Course) -> Played:
    """Start everything, play it, end everything.

    Raises:
        NoRig, NoTown: something did not start or hangs, or two witnesses contradict each other.
    """
    began = time.monotonic()
    with (
        slice_rig.started_emulator(course.latency_ms) as emulator,
        closing(open_http(emulator.url, {}, TIMEOUT_S)) as provider,
        stock_chord_town.opened(
            emulator.url,
            pool=course.pool,
            concurrency=course.concurrency,
            visibility_timeout_s=course.visibility_timeout_s,
            workers=course.workers,
        ) as town,
    ):
        _order_refusals(provider, course.refused_percent)
        town.start_client(course.jobs, course.over_s)
        strikes = Strikes(
            town, plan(course.seed, course.shares, course.faults, course.every_s, course.longest_freeze_s)
        )
        _until_struck(town, strikes, LATE * course.over_s + TIMEOUT_S)
        settled = _settle(town, provider, course.settle_s)
        return Played(
            verdict=stock_chord_verdict.judge(
                stock_chord_witnesses.handed_in(town.wiring.handed_in),
                stock_chord_witnesses.bodies(town.wiring.bodies),
                stock_chord_witnesses.calls(provider).paid,
                strikes.struck,
                seats=SEATS,
                patience_s=course.visibility_timeout_s + LOOKED_AFTER_S,
            ),
            ended_workers=sum(worker.ended for worker in town.workers),
            left=town.left_in_redis(),
            settled=settled,
            took_s=time.monotonic() - began,
        )


def _until_struck(town: Town, strikes: Strikes, within_s: float) -> None:
    """Until all faults have struck and all jobs are handed in.

    Raises:
        NoRig: the client does not come to its end.
    """
    began = told = time.monotonic()
    while strikes.left or not town.client_is_done():
        town.look_after()
        strikes.maybe()
        now = time.monotonic()
        if now - began > within_s:
            break
        if now - told > TELL_S:
            told = now
            struck = len(strikes.struck)
            sys.stderr.write(f"{now - began:.0f} s: {struck} faults have struck, {strikes.left} are to come\n")
        time.sleep(POLL_S)
    if not town.client_is_done():
        raise NoRig(f"The client had not handed in all jobs after {within_s:.0f} s.")


def _settle(town: Town, provider: Http, quiet_s: float) -> bool:
    """Until no body has run and no call has come for `quiet_s`; False if that never happens."""
    end = time.monotonic() + MOST_SETTLE_S
    seen, since, next_ask = (-1, -1), time.monotonic(), 0.0
    while (now := time.monotonic()) < end:
        town.look_after()
        if now >= next_ask:
            next_ask = now + ASK_S
            calls = stock_chord_witnesses.calls(provider)
            found = calls.settled, len(stock_chord_witnesses.bodies(town.wiring.bodies))
            if calls.waiting or found != seen:
                seen, since = found, now
        if now - since > quiet_s and not any(worker.frozen_until for worker in town.workers):
            return True
        time.sleep(POLL_S)
    return False


def _order_refusals(provider: Http, percent: int) -> None:
    if percent:
        rule = {"match": {"persona": "openai"}, "fault": "503", "probability": percent / 100}
        provider.post("/_control/faults", json.dumps(rule).encode(), {"content-type": "application/json"})
