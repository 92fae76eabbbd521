"""The course of a run: build the town, let clients post, strike by plan, wait until all is at rest, judge."""

import json
import os
import platform
import sys
import threading
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Final

from redis.exceptions import RedisError

from ops.drills.storm import disks, evidence, judging, probing, recovery, town, upstream
from ops.drills.storm import plan as plans
from ops.drills.storm.evidence import Evidence
from ops.drills.storm.judging import Finding
from ops.drills.storm.plan import Fault
from ops.drills.storm.probing import Answer, Answers
from ops.drills.storm.recovery import Recoveries, Struck
from ops.drills.storm.report import Run
from ops.drills.storm.town import Layout, Town
from ops.drills.storm.upstream import Crowd, Load
from orchestrator.errors import Unavailable
from orchestrator.settings import Settings

LATENCY_MS: Final = 300.0
TELL_EVERY_S: Final = 20.0
TICK_S: Final = 0.05
REST_S: Final = 20.0  # the reconciler looks every few seconds, and settles what has stood for five
PROMISED_S: Final = 45.0
USUAL_LEASE_S: Final = float(Settings.model_fields["lease_s"].default)

# What the providers do beside answering; each rule is drawn for the calls that those before it have spared.
ERRORS: Final[tuple[Mapping[str, object], ...]] = (
    {"fault": "503", "probability": 0.03},
    {"fault": "429", "probability": 0.01},
    {"fault": "close", "probability": 0.01},
    {"fault": "close_after_work", "probability": 0.01},
)


@dataclass(frozen=True)
class Order:
    """What is to be run.

    Args:
        lease_s: None: the product's own settings.
        every_s: between two jobs; None: they are spread over the storm.
        patience_s: how long after the last fault jobs may take; None: their deadline and half a minute, as promised.
        absent: names of processes that are never started, and `modules` as in `Layout`: for runs with teeth.
        logs: a folder to which what the processes said is copied at the end.
    """

    title: str
    command: str
    seed: int
    jobs: int
    plan: Sequence[Fault]
    asks: int
    lease_s: float | None = None
    every_s: float | None = None
    patience_s: float | None = None
    promised_s: float = PROMISED_S
    linked: bool = False
    errors: bool = True
    modules: Mapping[str, str] = field(default_factory=dict)
    absent: frozenset[str] = frozenset()
    logs: Path | None = None


def run(order: Order) -> Run:
    """Do it, and end everything that was started.

    Raises:
        CannotStart, Interrupted: see `town.town`.
    """
    settings = _settings(order.lease_s)
    residents = {name: kind for name, kind in town.processes(order.asks).items() if name not in order.absent}
    layout = Layout(residents, settings, LATENCY_MS, order.seed, order.linked, order.modules)
    with town.town(layout, order.logs) as there:
        _say("The town stands.")
        for rule in ERRORS if order.errors else ():
            there.emulator.post("/_control/faults", json.dumps(rule).encode(), {})
        began = time.monotonic()
        every_s = plans.lasts_s(order.plan) / order.jobs if order.every_s is None else order.every_s
        with probing.probing(there.api_url, there.key) as probe:
            with upstream.crowd(there.api_url, there.key, Load(order.jobs, every_s)) as crowd:
                struck = _strike_all(there, crowd, order)
                there.calm()
                _until_all_ended(there, crowd, order)
            found = _at_rest(there, order)
        took_s = time.monotonic() - began
        answers = probe.while_away(there.away, struck)
        slow = recovery.recoveries(found.jobs.values(), struck)
        return Run(
            title=order.title,
            command=order.command,
            seed=order.seed,
            machine=_machine(),
            took_s=took_s,
            settings=settings,
            struck=struck,
            evidence=found,
            log=crowd.log,
            findings=(
                *judging.judge(found, crowd.log),
                *_too_slow(slow, order.promised_s),
                *_silent(answers),
                *_wrong(probe.wrong()),
                *(Finding("no lie about a disk", what) for what in disks.lies(there.hits)),
            ),
            recoveries=slow,
            promised_s=order.promised_s,
            answers=answers,
            deaths=there.deaths,
            hits=there.hits,
        )


def _strike_all(there: Town, crowd: Crowd, order: Order) -> list[Struck]:
    struck: list[Struck] = []
    began = time.monotonic()
    tell_at = began + TELL_EVERY_S
    for fault in order.plan:
        while (now := time.monotonic()) < began + fault.at_s:
            _tick(there, crowd)
            if now >= tell_at:
                tell_at = now + TELL_EVERY_S
                _say_where(crowd, f"{now - began:.0f} s: {len(struck)} of {len(order.plan)} faults")
        struck.append(Struck(fault, there.strike(fault)))
    while time.monotonic() < began + plans.lasts_s(order.plan):
        _tick(there, crowd)
    return struck


def _until_all_ended(there: Town, crowd: Crowd, order: Order) -> None:
    """What has not ended by then never will, as far as the promise goes; the checker says which."""
    patience_s = upstream.DEADLINE_S + 30.0 if order.patience_s is None else order.patience_s
    began = time.monotonic()
    tell_at = began + TELL_EVERY_S
    while (now := time.monotonic()) < began + patience_s and not _tick(there, crowd):
        if now >= tell_at:
            tell_at = now + TELL_EVERY_S
            _say_where(crowd, f"the last fault was {now - began:.0f} s ago")


def _at_rest(there: Town, order: Order) -> Evidence:
    """The witnesses once they have nothing more to say, or when that has taken too long."""
    lease_s = order.lease_s or USUAL_LEASE_S
    ends_at = time.monotonic() + 3 * lease_s + REST_S
    while True:
        found = _read(there)
        if found is not None and (not any(judging.at_rest(found, upstream.Log())) or time.monotonic() > ends_at):
            return found
        look_at = time.monotonic() + 1.0
        while time.monotonic() < look_at:
            _tick(there, None)


def _read(there: Town) -> Evidence | None:
    try:
        return evidence.read(there.database, there.emulator, there.standing_holds())
    except (Unavailable, RedisError):
        return None  # a store is just coming back


def _tick(there: Town, crowd: Crowd | None) -> bool:
    """Returns whether the clients are done."""
    there.tend()
    _pause.wait(TICK_S)
    return crowd is None or crowd.is_done()


_pause = threading.Event()  # never set: a wait that a signal's handler can cut short


def _too_slow(slow: Recoveries, promised_s: float) -> list[Finding]:
    p99 = recovery.quantile(slow.times_s, 0.99)
    if p99 <= promised_s:
        return []
    return [Finding("recovery in time", f"p99 is {p99:.1f} s, promised are {promised_s:g} s")]


def _silent(answers: Answers) -> list[Finding]:
    """One finding for each way of being away."""
    return [
        Finding(
            "503 while PostgreSQL is away",
            f"{how}: {len(bad)} of {len(some)} answers were not 503 with Retry-After within {answers.within_s:g} s; "
            f"for example {bad[0].status} to {bad[0].door} after {bad[0].took_s:.2f} s",
        )
        for how, some in answers.by_way().items()
        if (bad := [one for one in some if not one.is_fine])
    ]


def _wrong(answers: Sequence[Answer]) -> list[Finding]:
    return [Finding("never a 500", f"{one.door} was answered {one.status}") for one in answers]


def _settings(lease_s: float | None) -> dict[str, str]:
    if lease_s is None:
        return {}
    return {"MEETINGMIND_LEASE_S": f"{lease_s:g}", "MEETINGMIND_UNCLAIMED_AFTER_S": f"{lease_s:g}"}


def _machine() -> str:
    """Of what kind it is, and how busy: figures of a shared machine say less."""
    load = os.getloadavg()[0]
    model = next((line for line in _cpu_lines() if line.startswith("model name")), "").partition(":")[2].strip()
    return f"{os.cpu_count()} cores ({model or platform.machine()}), {platform.system()}, load {load:.1f} at the end"


def _cpu_lines() -> list[str]:
    path = Path("/proc/cpuinfo")
    return path.read_text().splitlines() if path.exists() else []


def _say_where(crowd: Crowd, when: str) -> None:
    _say(f"{when}, {len(crowd.log.accepted())} jobs taken in, {crowd.log.ended()} ended")


def _say(sentence: str) -> None:
    sys.stderr.write(sentence + "\n")
    sys.stderr.flush()
