"""The runs of the bench of money: a crowd of callers, kills, a reconciler, and stores that lose everything."""

import json
import random
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Final

from redis.exceptions import RedisError
from sqlalchemy import text

from ops.bench import money_calls, money_rig, money_witness
from ops.bench.money_calls import PREFIX, Order, book
from ops.bench.money_rig import Rig
from ops.bench.money_witness import Verdict
from orchestrator.money.counters import Counters
from orchestrator.money.holds import Holds
from orchestrator.storage import attempts, ledger
from orchestrator.storage.engine import Database
from orchestrator.work import scopes
from orchestrator.work.scopes import Scope

JOBS: Final = 20
MOST_PER_CALL: Final = 100  # micro-dollars; calls hold 1 to this, and cost 0 to what they hold
MEAN_COST: Final = MOST_PER_CALL / 4 + 0.25
LOOK_EVERY_S: Final = 0.2
SETTLE_S: Final = 60.0

_TODAY = text("SELECT (clock_timestamp() AT TIME ZONE 'UTC')::date")
_NOW = text("SELECT clock_timestamp()")


@dataclass
class Town:
    """One tenant with its jobs, the processes that call for it, and those of them that are gone."""

    rig: Rig
    database: Database
    tenant: str
    jobs: tuple[str, ...]
    day: date
    limit: int
    platform: int
    redis_url: str
    twice: bool
    chance: random.Random
    running: dict[int, tuple[subprocess.Popen[bytes], int]] = field(default_factory=dict)
    gone: set[int] = field(default_factory=set)
    made: int = 0

    @property
    def counters(self) -> Counters:
        return Counters(Holds(money_rig.client(self.rig.store.url), PREFIX), self.database)

    @property
    def limited(self) -> list[Scope]:
        """Those that have the limit: all but the job's and the platform's, which other tenants count in too."""
        return [one.scope for one in money_calls.claims(self.tenant, "", self.day, 0, 0)[1:-1]]

    def start(self, calls: int) -> None:
        epoch = self.made = self.made + 1
        order = Order(
            database_url=self.rig.database_url,
            redis_url=self.redis_url,
            tenant=self.tenant,
            jobs=self.jobs,
            limit=self.limit,
            platform=self.platform,
            calls=calls,
            most_per_call=MOST_PER_CALL,
            epoch=epoch,
            seed=self.chance.randrange(10**9),
            twice=self.twice,
            day=self.day,
        )
        process = subprocess.Popen(
            [sys.executable, "-m", "ops.bench.money_calls", json.dumps(order.model_dump(mode="json"))],
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
        )
        self.running[epoch] = (process, calls)

    def kill_one(self) -> None:
        """Kill -9, and let another do what it had not begun. Its calls are the reconciler's."""
        epoch = self.chance.choice([*self.running])
        process, calls = self.running.pop(epoch)
        process.kill()
        done = len(process.stdout.read()) if process.stdout else 0
        process.wait(10)
        self.gone.add(epoch)
        if calls > done:
            self.start(calls - done)

    def reap(self) -> None:
        """Forget those that have finished their calls."""
        for epoch, (process, _) in [*self.running.items()]:
            if process.poll() is not None:
                del self.running[epoch]
                self.gone.add(epoch)

    def reconcile(self) -> None:
        """What the product's reconciler does: write off what dead processes left, settle holds by the rows."""
        with self.database.tenant(self.tenant) as connection:
            left = connection.execute(
                text(
                    "SELECT id, job_id, state, bound_micro_usd FROM attempts"
                    " WHERE state IN ('intended', 'sent') AND epoch = ANY(:gone)"
                ),
                {"gone": sorted(self.gone)},
            ).all()
        for row in left:
            self._write_off(row.id, row.job_id, row.state, row.bound_micro_usd)
        try:
            held = self.counters.holds.standing_holds(0.5)
            with self.database.system() as connection:
                known = attempts.costs(connection, held)
            for call_id in held:
                cost = known.get(call_id, 0)
                if cost is not None:
                    self.counters.holds.settle(call_id, cost)
        except RedisError:
            return  # the store is away; the next round is moments away

    def _write_off(self, call_id: str, job: str, state: str, bound: int) -> None:
        cost = bound if state == "sent" else 0
        end = "ambiguous" if state == "sent" else "refused"
        with self.database.tenant(self.tenant) as connection:
            ended = connection.execute(money_calls._END, {"id": call_id, "state": end, "cost": cost})  # noqa: SLF001
            if ended.rowcount and cost:
                book(connection, call_id, job, "ambiguous", cost, self.day)

    def end(self) -> None:
        for process, _ in self.running.values():
            process.kill()
            process.wait(10)


@contextmanager
def town(rig: Rig, *, limit: int, redis_url: str, twice: bool, seed: int) -> Iterator[Town]:
    """A new tenant with jobs of one seat each."""
    database, chance = rig.database(4), random.Random(seed)  # noqa: S311 - a die, not a secret
    tenant = f"ten_bench{chance.randrange(10**9)}"
    jobs = tuple(f"job_{tenant}_{number}" for number in range(JOBS))
    with database.system() as connection:
        connection.execute(text("INSERT INTO tenants (id, name) VALUES (:id, :id)"), {"id": tenant})
        day = connection.execute(_TODAY).scalar_one()
    with database.tenant(tenant) as connection:
        connection.execute(text("INSERT INTO transcripts (id, body, words) VALUES ('trn_bench', '', 0)"))
        for job in jobs:
            connection.execute(_JOB, {"id": job})
            connection.execute(_SEAT, {"id": job})
    with database.system() as connection:
        before = ledger.standing(connection, scopes.of_platform(day)).spent_micro_usd
    made = Town(rig, database, tenant, jobs, day, limit, before + limit, redis_url, twice, chance)
    try:
        yield made
    finally:
        made.end()
        database.close()


def run(there: Town, *, processes: int, calls: int, kills: int, between: Callable[[], None] = lambda: None) -> Verdict:
    """All calls, with kills spread over them; then offers until nothing fits; then the verdict.

    Args:
        between: called over and over while calls are under way.
    """
    for number in range(processes):
        there.start(calls // processes + (number < calls % processes))
    pause = threading.Event()
    next_kill, killed = time.monotonic() + 2.0, 0
    spacing_s = max(0.1, calls / 600 / max(1, kills))  # some hundred calls a second: spread over most of the run
    while there.running:
        there.reap()
        there.reconcile()
        between()
        if killed < kills and there.running and time.monotonic() >= next_kill:
            there.kill_one()
            killed += 1
            next_kill = time.monotonic() + spacing_s * there.chance.uniform(0.5, 1.5)
        pause.wait(LOOK_EVERY_S)
    _until_at_rest(there)
    _offer_until_nothing_fits(there)
    _until_at_rest(there)
    return money_witness.judge(
        there.database, there.counters.holds, there.tenant, there.limited, there.limit, MOST_PER_CALL
    )


def _offer_until_nothing_fits(there: Town) -> None:
    """The dearest call, again and again: what is refused then could not have been let in."""
    order = Order(
        database_url=there.rig.database_url,
        redis_url=there.rig.store.url,
        tenant=there.tenant,
        jobs=there.jobs,
        limit=there.limit,
        platform=there.platform,
        calls=0,
        most_per_call=MOST_PER_CALL,
        epoch=0,
        seed=1,
        twice=False,
        day=there.day,
    )
    offering = money_calls.caller(order)
    while offering.call(MOST_PER_CALL, MOST_PER_CALL):
        continue


def _until_at_rest(there: Town) -> None:
    ends_at, pause = time.monotonic() + SETTLE_S, threading.Event()
    while time.monotonic() < ends_at:
        there.reconcile()
        if not there.counters.holds.standing_holds(-1):
            return
        pause.wait(LOOK_EVERY_S)


def now(database: Database) -> datetime:
    with database.system() as connection:
        found: datetime = connection.execute(_NOW).scalar_one()
        return found


_JOB = text(
    "INSERT INTO jobs (id, status, transcript_id, boundary, strategy_asked, strategy_planned, strategy_reason, policy,"
    " priority, quorum, open_seats, context, catalog_version, prompt_version, bound_micro_usd, tags, metadata)"
    " VALUES (:id, 'running', 'trn_bench', '', 'single', 'single', '', 'balanced', 'standard', 1, 1, '{}', '', '', 0,"
    " '{}', '{}')"
)
_SEAT = text(
    "INSERT INTO seats (job_id, seat, role, status, asked, ladder)"
    " VALUES (:id, 0, 'analyst', 'running', 'openai/gpt-6-luna', '{openai/gpt-6-luna}')"
)
