"""What a hold and its settlement cost: alone, and riding along with the gate, in one run on one store."""

import multiprocessing
import os
import statistics
import time
from collections.abc import Callable
from datetime import date
from itertools import count
from typing import Final, NamedTuple, TypeAlias

from redis import Redis

from ops.bench import money_rig
from ops.bench.money_calls import PREFIX
from ops.bench.slice_meters import pace_ms
from orchestrator.ids import new_id
from orchestrator.money import holds as holding
from orchestrator.money.holds import HoldAnswer, Holds
from orchestrator.work import scopes
from orchestrator.work.scopes import Claimed, Limits
from providers.calls import Finish, Reply, Target, Usage
from providers.catalog import load
from providers.gate.gate import Gate
from providers.gate.passes import Companion
from providers.gate.rules import LimitRules

TARGET: Final = Target.parse("openai/gpt-6-luna")
REPLY: Final = Reply(text="", finish=Finish.STOP, model_served="gpt-6-luna", usage=Usage(input_tokens=1))
LIMITS: Final = LimitRules(start_permits=1_000, most_permits=1_000)
SIDES: Final = ("hold and settle, alone", "gate, alone", "gate with hold, no project", "gate with hold and project")
PROCESSES: Final = (1, 2, 4)
MOST: Final = 10**12
ROUNDS: Final = 100
JOBS: Final = count(1)

Step: TypeAlias = Callable[[], None]


class Figures(NamedTuple):
    calls_a_second: float
    p50_ms: float
    p99_ms: float
    client_ms: float
    server_ms: float
    trips: float


def table(redis: Redis, url: str, seconds: float) -> str:
    """Measure all sides in turn, each for so many seconds together, then the holds of several processes at once."""
    steps = {side: _step(side, url) for side in SIDES}
    rounds: dict[str, list[Figures]] = {side: [] for side in SIDES}
    for _ in range(ROUNDS):  # what else the machine does meanwhile then meets all sides alike
        for side, step in steps.items():
            rounds[side].append(_measured(step, redis, seconds / ROUNDS))
    rows = {side: _median(found) for side, found in rounds.items()}
    lines = [f"{'':28} {'calls/s':>8} {'p50 ms':>7} {'p99 ms':>7} {'CPU client':>11} {'server':>7} {'trips':>6}"]
    lines += [
        f"{side:28} {one.calls_a_second:8.0f} {one.p50_ms:7.3f} {one.p99_ms:7.3f} {one.client_ms:8.3f} ms"
        f" {one.server_ms:4.3f} {one.trips:6.2f}"
        for side, one in rows.items()
    ]
    gate = rows[SIDES[1]]
    for side in SIDES[2:]:
        both = rows[side]
        added = both.client_ms + both.server_ms - gate.client_ms - gate.server_ms
        lines.append(
            f"{side}: {added:.3f} ms CPU a call more than the gate alone, {both.trips - gate.trips:.2f} trips more"
        )
    lines.append(f"pace of the machine: {pace_ms():.1f} ms")
    cores = os.cpu_count() or 1
    for processes in PROCESSES:
        rate = _rate(processes, url, seconds)
        lines.append(f"{processes} processes: {rate:.0f} holds settled a second, {rate / cores:.0f} a core of {cores}")
    return "\n".join(lines)


def _measured(step: Step, redis: Redis, seconds: float) -> Figures:
    for _ in range(5):
        step()  # scripts loaded, caches warm
    times_ms, before, cpu = [], _server(redis), time.process_time()
    ends_at = time.monotonic() + seconds
    while time.monotonic() < ends_at:
        began = time.perf_counter()
        step()
        times_ms.append((time.perf_counter() - began) * 1_000)
    client_ms = (time.process_time() - cpu) * 1_000
    after, count = _server(redis), len(times_ms)
    return Figures(
        calls_a_second=count / seconds,
        p50_ms=statistics.median(times_ms),
        p99_ms=statistics.quantiles(times_ms, n=100)[98],
        client_ms=client_ms / count,
        server_ms=(after[0] - before[0]) * 1_000 / count,
        trips=(after[1] - before[1]) / count,
    )


def _median(rounds: list[Figures]) -> Figures:
    return Figures(*(statistics.median(column) for column in zip(*rounds, strict=True)))


def _step(side: str, url: str) -> Step:
    """One call, from its hold to its settlement, as this side makes it."""
    redis = money_rig.client(url)
    holds = Holds(redis, PREFIX)
    gate = Gate(redis, PREFIX, load(), limit_rules=LIMITS, companion_source=holding.SOURCE)
    _open(holds)
    generation = holds.generation()

    def alone() -> None:
        call_id, claimed = new_id("atm"), _claims("Apollo")
        _agreed(holds.hold(call_id, 900, claimed, generation))
        holds.settle(call_id, 100)

    def through_the_gate(*, with_hold: bool, project: str | None = None) -> None:
        call_id, claimed = new_id("atm"), _claims(project) if with_hold else []
        wish = holds.hold_question(call_id, 900, claimed, generation) if with_hold else None
        entered = gate.enter(
            TARGET, ("key",), call_id, tokens=10, ttl_s=60, companion=None if wish is None else Companion(*wish)
        )
        end = Companion(*holds.settle_question(call_id, 100)) if with_hold else None
        gate.leave(entered, REPLY, companion=end)

    return {
        SIDES[0]: alone,
        SIDES[1]: lambda: through_the_gate(with_hold=False),
        SIDES[2]: lambda: through_the_gate(with_hold=True),
        SIDES[3]: lambda: through_the_gate(with_hold=True, project="Apollo"),
    }[side]


def _claims(project: str | None) -> list[Claimed]:
    """A job of its own for each call, as a panel's first seat finds it: all other scopes stand, and this one is new."""
    limits: Limits = {("tenant", "day"): MOST, ("tenant", "month"): MOST, ("project:Apollo", "month"): MOST}
    own = Claimed(scope=scopes.of_job("ten_cost", f"job_{next(JOBS):026}"), limit_micro_usd=MOST, known_micro_usd=0)
    return [own, *scopes.of_periods("ten_cost", project, date(2026, 11, 27), limits, MOST)]


def _open(holds: Holds) -> None:
    holds.found(1)
    for one in _claims("Apollo")[1:]:
        holds.open(one.scope, holds.generation(), 0, [])


def _agreed(answer: HoldAnswer) -> None:
    if not answer.agreed:
        raise RuntimeError(f"a hold was not agreed to: {answer.state}")


def _server(redis: Redis) -> tuple[float, int]:
    """Seconds of CPU of the store, and the questions it was asked."""
    told = redis.info()
    scripts = redis.info("commandstats").get("cmdstat_evalsha", {"calls": 0})["calls"]
    return told["used_cpu_user"] + told["used_cpu_sys"], scripts


def _rate(processes: int, url: str, seconds: float) -> float:
    with multiprocessing.get_context("spawn").Pool(processes) as pool:
        return float(sum(pool.starmap(_settled, [(url, seconds)] * processes))) / seconds


def _settled(url: str, seconds: float) -> int:
    step, done = _step(SIDES[0], url), 0
    ends_at = time.monotonic() + seconds
    while time.monotonic() < ends_at:
        step()
        done += 1
    return done
