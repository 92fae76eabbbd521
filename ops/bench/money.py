"""Budgets under fire: do they ever overshoot, leak, or refuse what would have fitted, and what does a hold cost.

    python -m ops.bench.money flood [--processes 32] [--calls 100000] [--kills 500] [--cut-percent 20] [--seed 1]
    python -m ops.bench.money stores [--events 20] [--processes 8]
    python -m ops.bench.money first-requests [--rounds 50]
    python -m ops.bench.money cost [--seconds 5]

Everything runs on servers of its own, on loopback, and ends by itself. The first three exit with 1 if a promise broke.
The calls have no provider: what is on trial is rows, holds, counters and their meeting.
"""

import argparse
import logging
import statistics
import sys
import time
from concurrent.futures import ThreadPoolExecutor
from datetime import datetime
from pathlib import Path
from typing import Final

import structlog

from ops.bench import money_cost, money_rig, money_runs, money_witness
from ops.bench.money_calls import PREFIX, claims
from ops.bench.money_rig import Rig
from ops.bench.money_runs import MEAN_COST, Town
from ops.bench.money_witness import Verdict
from ops.drills.link import Link, Manner, redis_target, redis_through
from orchestrator.money.counters import Counters
from orchestrator.money.holds import Holds

DEMANDS: Final = (99.9, 100.0, 100.1)  # the limit, in percent of what all calls together are expected to cost
STORES: Final = ("FLUSHALL", "empty restart", "old snapshot")
TIMEOUT_S: Final = 3_600.0


def flood(rig: Rig, given: argparse.Namespace) -> bool:
    """All calls in three parts, each with another limit."""
    fine = True
    for place, share in enumerate(DEMANDS):
        calls = given.calls // len(DEMANDS)
        limit = int(calls * MEAN_COST * share / 100)
        lossy = Manner(reply_cut_share=given.cut_percent / 100)
        with Link(redis_target(rig.store.url), lossy, seed=given.seed + place) as link:
            with money_runs.town(
                rig, limit=limit, redis_url=redis_through(link), twice=True, seed=given.seed + place
            ) as there:
                began = time.monotonic()
                verdict = money_runs.run(
                    there, processes=given.processes, calls=calls, kills=given.kills // len(DEMANDS)
                )
                took_s = time.monotonic() - began
            lost = 100 * link.done.cuts / max(1, link.done.replies)
        _say(f"limit {share:g} % of demand", limit, verdict, f"{lost:.1f} % of {link.done.replies} replies cut", took_s)
        fine = fine and not verdict.broken
    return fine


def stores(rig: Rig, given: argparse.Namespace) -> bool:
    """The store forgets in three ways, again and again, under load."""
    fine = True
    for place, how in enumerate(STORES):
        limit = int(given.calls * MEAN_COST)
        with money_runs.town(rig, limit=limit, redis_url=rig.store.url, twice=False, seed=given.seed + place) as there:
            strikes = _Strikes(there, how, given.events)
            began = time.monotonic()
            verdict = money_runs.run(
                there, processes=given.processes, calls=given.calls, kills=0, between=strikes.maybe
            )
            took_s = time.monotonic() - began
            pauses = money_witness.pauses_s(there.database, strikes.at)
        told = (
            f"{len(strikes.at)} times; until the next call left: median {statistics.median(pauses):.2f} s,"
            f" longest {max(pauses):.2f} s"
        )
        _say(how, limit, verdict, told, took_s)
        fine = fine and not verdict.broken and len(strikes.at) == given.events and max(pauses) <= 10.0
    return fine


class _Strikes:
    """Hits the store a number of times, some moments apart."""

    def __init__(self, there: Town, how: str, events: int) -> None:
        self._there, self._how, self._left = there, how, events
        self._copy = there.rig.folder / f"snapshot {how}"
        self._next = time.monotonic() + 2.0
        self.at: list[datetime] = []

    def maybe(self) -> None:
        if self._left == 0 or time.monotonic() < self._next:
            return
        self._left -= 1
        store = self._there.rig.store
        self.at.append(money_runs.now(self._there.database))
        if self._how == "FLUSHALL":
            money_rig.client(store.url).flushall()
        elif self._how == "empty restart":
            store.begin_with(None)
        else:
            older = self._copy if self._copy.exists() else None
            store.begin_with(older)
            if older is None:
                store.copy_to(self._copy)
        self._next = time.monotonic() + self._there.chance.uniform(0.5, 1.5)


def first_requests(rig: Rig, given: argparse.Namespace) -> bool:
    """Eight first requests at once through a budget that fits one, as a gateway's users reported it."""
    most, fine = 0, True
    for number in range(given.rounds):
        with money_runs.town(rig, limit=100, redis_url=rig.store.url, twice=False, seed=number) as there:
            money_rig.client(rig.store.url).flushall()
            if number % 2:
                there.counters.rebuild()  # so that the scopes are missing, and not all counters void
            with ThreadPoolExecutor(8) as pool:
                admitted = sum(pool.map(lambda place: _first(there, place), range(8)))
        most, fine = max(most, admitted), fine and admitted == 1
    print(f"first requests: {given.rounds} rounds of 8 at once, at most {most} admitted")
    return fine


def _first(there: Town, place: int) -> bool:
    counters = Counters(Holds(money_rig.client(there.rig.store.url), PREFIX), there.database)
    claimed = claims(there.tenant, there.jobs[0], there.day, there.limit, there.platform)
    while True:
        answer = counters.holds.hold(f"atm_{there.tenant}_{place}", 60, claimed)
        if answer.state == "void":
            counters.rebuild()
        elif answer.state == "missing":
            counters.open([claimed[at].scope for at in answer.scopes], answer.generation)
        else:
            return answer.agreed


def cost(rig: Rig, given: argparse.Namespace) -> bool:
    """What a hold and its settlement take, by themselves and within the gate's trips."""
    print(money_cost.table(money_rig.client(rig.store.url), rig.store.url, given.seconds))
    return True


def _say(what: str, limit: int, verdict: Verdict, more: str, took_s: float) -> None:
    states = ", ".join(f"{count} {state}" for state, count in sorted(verdict.states.items()))
    total = sum(verdict.states.values())
    print(
        f"{what}: {total} calls in {took_s:.0f} s ({states}); limit {limit}, most by counters"
        f" {verdict.most_by_counters}, by rows {verdict.most_by_rows}, spent in the end {verdict.spent}; {more}"
    )
    for sentence in verdict.broken:
        print(f"  BROKEN: {sentence}")
    sys.stdout.flush()


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("run", choices=("flood", "stores", "first-requests", "cost"))
    parser.add_argument("--processes", type=int)
    parser.add_argument("--calls", type=int)
    parser.add_argument("--kills", type=int, default=500)
    parser.add_argument("--cut-percent", type=float, default=20.0)
    parser.add_argument("--events", type=int, default=20)
    parser.add_argument("--rounds", type=int, default=50)
    parser.add_argument("--seconds", type=float, default=5.0)
    parser.add_argument("--seed", type=int, default=1)
    return parser


def main() -> int:
    """Run what was asked for."""
    given = _parser().parse_args()
    given.processes = given.processes or {"flood": 32, "stores": 8}.get(given.run, 1)
    given.calls = given.calls or {"flood": 100_000, "stores": 30_000}.get(given.run, 0)
    runs = {"flood": flood, "stores": stores, "first-requests": first_requests, "cost": cost}
    structlog.configure(wrapper_class=structlog.make_filtering_bound_logger(logging.ERROR))  # each rebuild is told
    with money_rig.rigged() as rig:
        return 0 if runs[given.run](rig, given) else 1


if __name__ == "__main__":
    sys.path.insert(0, str(Path(__file__).resolve().parents[2]))
    sys.exit(main())
