"""What a crowd does to its neighbours: fair turns under a flood, timed by the neighbours' own jobs.

    python -P -m ops.drills.backlog flood [--waiting 20000] [--seconds 120] [--think-ms 3000]
    python -P -m ops.drills.backlog shares [--tenants 20] [--seconds 30]
    python -P -m ops.drills.backlog rows [--waiting 100000] [--tenants 20]

Each starts the embedded stack with the emulator as its only provider, and ends both. Exit status 1: a promise broke.

flood   one tenant has bulk jobs waiting, another posts an interactive one a second: its wait until a worker writes down
        its first call, before the flood and in it. Promise: p95 at most twice the idle one, and at most a second. Both
        are timed when the stack is warm; the flood when it stands: its rows are written at one blow, and that work is
        not timed (the feed numbers 20,000 events, PostgreSQL looks its tables over). Models take seconds, so that slots
        are what is short; with --think-ms 300 cores are. No two calls take the same time: else all slots that begin
        together end together, and the cores' load comes in thumps that no real model makes (--spread 0).
shares  tenants of one weight and very unequal demand: Jain's index of the calls that were answered. Promise: 0.95.
rows    what waiting costs: the dispatcher's look at the backlog and the sweeps, with nothing else to do; then Redis'
        memory after some seconds of work. Promise: the look at most 20 ms at p95, a submit's at its lane 5 ms, and less
        than 50 MB.
"""

import argparse
import math
import signal
import sys
import time
from collections.abc import Callable, Sequence
from contextlib import closing, suppress
from types import FrameType
from typing import Final

from sqlalchemy import Connection, text

from api.client import Client, Trouble
from ops.bench import slice_load, slice_meters
from ops.bench.slice_meters import Meters
from ops.bench.slice_rig import NoRig, Product, rigged
from ops.drills import crowd
from orchestrator.routing.request import AnalysisRequest, PanelWish, PostedTranscript
from orchestrator.storage import backlog, lane_figures, standstill
from orchestrator.work.lanes import Lane
from orchestrator.work.pace import Pace
from providers.errors import ProviderError

THINK_MS: Final = 3_000
QUICK_MS: Final = 300
SPREAD: Final = 0.3  # of a hundred calls that take 3 s at the median, ninety take 1.8 to 4.9 s
WARM_S: Final = 10
IDLE_S: Final = 60
STANDS_WITHIN_S: Final = 120
LOOKS: Final = 200
MOST_WAITING: Final = 200_000
MOST_S: Final = 600

# By PostgreSQL's clock alone; `started_at` is what a worker takes for it, and may be some milliseconds off.
_WAITS: Final = text(
    "SELECT extract(epoch FROM coalesce(min(attempts.created_at), clock_timestamp()) - jobs.created_at) FROM jobs"
    " LEFT JOIN attempts ON attempts.tenant_id = jobs.tenant_id AND attempts.job_id = jobs.id"
    " WHERE jobs.id = ANY(:ids) GROUP BY jobs.id, jobs.created_at"
)
_UNNUMBERED: Final = text("SELECT count(*) FROM events WHERE tenant_id = :tenant AND number IS NULL")
_ANSWERED: Final = text(
    "SELECT tenant_id, count(*) AS calls FROM seats WHERE tenant_id = ANY(:tenants) AND status = 'answered' GROUP BY 1"
)


def flood(product: Product, meters: Meters, given: argparse.Namespace) -> bool:
    like = _post(product, 1, "standard")[0]
    _post(product, WARM_S, "interactive")
    idle_s = _waits(meters, _post(product, IDLE_S, "interactive"))
    with meters.database.system() as connection:
        flooding = crowd.add_tenant(connection, "crowd")
        crowd.add(connection, like, flooding, "bulk", given.waiting)
        _look_over(connection)
    _until_it_stands(meters, flooding)
    _post(product, WARM_S, "interactive")
    before = _served(meters)
    flooded_s = _waits(meters, _post(product, given.seconds, "interactive"))
    served = _served(meters) - before
    _say("wait for a worker, idle", idle_s)
    _say(f"... with {given.waiting} bulk jobs waiting", flooded_s)
    print(f"calls answered a second meanwhile: {served / given.seconds:.1f}")
    return _p95(flooded_s) <= min(1.0, 2 * _p95(idle_s))


def shares(product: Product, meters: Meters, given: argparse.Namespace) -> bool:
    like = _post(product, 1, "standard")[0]
    with meters.database.system() as connection:
        tenants = [crowd.add_tenant(connection, f"tenant {place}") for place in range(given.tenants)]
        for place, tenant in enumerate(tenants):
            crowd.add(connection, like, tenant, "standard", 100 * (1 + 3 * place))
    time.sleep(given.seconds)
    with meters.database.system() as connection:
        answered = {row.tenant_id: row.calls for row in connection.execute(_ANSWERED, {"tenants": tenants})}
    calls = [answered.get(tenant, 0) for tenant in tenants]
    index = sum(calls) ** 2 / (len(calls) * sum(count * count for count in calls)) if any(calls) else 0.0
    print(f"{len(tenants)} tenants with 100 to {100 * (1 + 3 * (len(tenants) - 1))} jobs waiting, {given.seconds} s:")
    print(f"calls answered each: least {min(calls)}, most {max(calls)}; Jain's index {index:.4f}")
    return index >= 0.95


def rows(product: Product, meters: Meters, given: argparse.Namespace) -> bool:
    like = _post(product, 1, "standard")[0]
    bare = meters.redis_bytes()
    with meters.database.system() as connection:
        for place in range(given.tenants):
            tenant = crowd.add_tenant(connection, f"tenant {place}")
            crowd.add(connection, like, tenant, "standard", given.waiting // given.tenants)
        _look_over(connection)
        # In the same transaction: the product does not see them yet, and so does not work beside us.
        looked_s = _timed(lambda: backlog.waiting(connection, "standard", 96))
        asked_s = _timed(lambda: backlog.room(connection, "standard"))
        swept_s = _timed(lambda: _sweep(connection))
        counted_s = _timed(lambda: lane_figures.count(connection, "standard"), looks=20)
        queue, pace = lane_figures.count(connection, "standard"), Pace(seconds=1.0, jobs=1.0, asks=3.0)
        lane_figures.tell(connection, "standard", queue, pace, 1.0)
        connection.execute(text("SELECT set_config('meetingmind.tenant_id', :id, true)"), {"id": tenant})
        joined_s = _timed(lambda: lane_figures.line(connection, "standard", 50_000))
    time.sleep(given.seconds)
    used = meters.redis_bytes()
    print(f"{given.waiting} jobs of {given.tenants} tenants wait:")
    _say("the dispatcher's look at the backlog", looked_s)
    _say("a submit's look at the room", asked_s)
    _say("... and at the lane, of a tenant with a crowd in it", joined_s)
    _say("the dispatcher's count", counted_s)
    _say("the reconciler's looks", swept_s)
    print(f"Redis: {used / 1e6:.1f} MB in use, {bare / 1e6:.1f} MB before")
    return _p95(looked_s) <= 0.020 and _p95(joined_s) <= 0.005 and used < 50e6


def _look_over(connection: Connection) -> None:
    """Tell PostgreSQL what its tables hold now, as it would have found out itself while a queue grew."""
    connection.execute(text("SET LOCAL role NONE"))
    connection.execute(text("ANALYZE jobs, seats, events"))
    connection.execute(text("SET LOCAL role meetingmind_system"))


def _until_it_stands(meters: Meters, tenant: str) -> None:
    """Wait until a crowd's events are numbered, but for those that come in while we look."""
    until = time.monotonic() + STANDS_WITHIN_S
    while time.monotonic() < until:
        with meters.database.system() as connection:
            if connection.execute(_UNNUMBERED, {"tenant": tenant}).scalar_one() < LOOKS:
                return
        time.sleep(1)
    raise Trouble(f"The crowd's events were not numbered within {STANDS_WITHIN_S} s.")


def _sweep(connection: Connection) -> None:
    standstill.overdue(connection, 200)
    standstill.unheard(connection, 10.0, [], 200)
    standstill.unsynthesised(connection, 5.0, 200)


def _timed(look: Callable[[], object], *, looks: int = LOOKS) -> list[float]:
    times_s = []
    for _ in range(looks):
        began = time.perf_counter()
        look()
        times_s.append(time.perf_counter() - began)
    return times_s


def _post(product: Product, count: int, lane: Lane) -> list[str]:
    """One job a second, each for three models; waits for the last one's end. Returns the ids."""
    ids = []
    with closing(Client(product.url, product.key)) as client:
        begin = time.monotonic()
        for number, content in zip(range(count), slice_load.transcripts(), strict=False):
            time.sleep(max(0.0, begin + number - time.monotonic()))
            request = AnalysisRequest(
                transcript=PostedTranscript(format="text", content=content),
                panel=PanelWish(models=slice_load.MODELS),
                allow_substitution=False,
                allow_extractive=False,
                priority=lane,
            )
            ids.append(client.submit(request).id)
        client.wait(ids[-1], slice_load.JOB_S)
    return ids


def _waits(meters: Meters, ids: Sequence[str]) -> list[float]:
    with meters.database.system() as connection:
        return [float(wait) for wait in connection.execute(_WAITS, {"ids": list(ids)}).scalars()]


def _served(meters: Meters) -> int:
    with meters.database.system() as connection:
        return int(connection.execute(text("SELECT count(*) FROM seats WHERE status = 'answered'")).scalar_one())


def _p95(times_s: Sequence[float]) -> float:
    return sorted(times_s)[math.ceil(0.95 * len(times_s)) - 1]


def _say(what: str, times_s: Sequence[float]) -> None:
    ordered = sorted(times_s)
    middle, most = ordered[len(ordered) // 2], ordered[-1]
    print(f"{what}: p50 {middle * 1e3:.1f} ms, p95 {_p95(times_s) * 1e3:.1f} ms, most {most * 1e3:.1f} ms")


def _leave(_signal: int, _frame: FrameType | None) -> None:
    raise SystemExit(128 + signal.SIGTERM)


def _parser() -> argparse.ArgumentParser:
    def within(most: int) -> Callable[[str], int]:
        def number(given: str) -> int:
            if not (given.isdecimal() and 0 < int(given) <= most):
                raise argparse.ArgumentTypeError(f"a number from 1 to {most}")
            return int(given)

        return number

    parser = argparse.ArgumentParser(prog="python -P -m ops.drills.backlog", description="Fair turns under a flood.")
    drills = parser.add_subparsers(required=True, metavar="{flood,shares,rows}")
    for run, waiting, tenants, seconds, think_ms in (
        (flood, 20_000, 1, 120, THINK_MS),
        (shares, 1, 20, 30, QUICK_MS),
        (rows, 100_000, 20, 10, QUICK_MS),
    ):
        drill = drills.add_parser(run.__name__)
        drill.set_defaults(run=run)
        drill.add_argument("--waiting", type=within(MOST_WAITING), default=waiting)
        drill.add_argument("--tenants", type=within(1_000), default=tenants)
        drill.add_argument("--seconds", type=within(MOST_S), default=seconds)
        drill.add_argument("--think-ms", type=within(60_000), default=think_ms, help="of a call to a model, the median")
        drill.add_argument("--spread", type=_spread, default=SPREAD, help="of these times: sigma of their logarithm")
    return parser


def _spread(given: str) -> float:
    with suppress(ValueError):
        if 0 <= (sigma := float(given)) <= 2:
            return sigma
    raise argparse.ArgumentTypeError("a number from 0 to 2")


def main() -> int:
    """Run the drill; returns the exit status."""
    given = _parser().parse_args()
    signal.signal(signal.SIGTERM, _leave)  # as Ctrl-C does: unwinding ends what was started
    try:
        with rigged(given.think_ms, None) as rig, slice_meters.opened(rig.product.pid, None) as meters:
            if meters is None:
                print("backlog: this system has no /proc, by which the stack's rows are found.", file=sys.stderr)
                return 1
            if rig.emulator is not None:
                rig.emulator.vary(given.think_ms, given.spread)
            return 0 if given.run(rig.product, meters, given) else 1
    except (NoRig, Trouble, ProviderError) as error:
        print(f"backlog: {error}", file=sys.stderr)
        return 1
    except KeyboardInterrupt:
        return 130


if __name__ == "__main__":
    sys.exit(main())
