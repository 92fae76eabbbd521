"""What a numbered feed costs those who write events: the ways to number them, side by side.

    python -P -m ops.bench.feed [--writers 8] [--seconds 6] [--rounds 3]

A PostgreSQL of its own, ended at the end. The writers are threads of one tenant, each with its own job, that commit
one event after the other, as the transactions of a job do. Three ways, by turns:

none       nobody numbers
counted    each transaction takes the tenant's next number itself, and so locks the tenant's count until it is committed
by readers nobody but one reader beside them, which asks for the feed's next page ten times a second

Afterwards the time to number the events of the first way, and what a page costs that needs no numbers.
"""

import argparse
import statistics
import sys
import threading
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import Final, TypeAlias

from sqlalchemy import Connection, text

from ops.bench.money_rig import rigged
from orchestrator.storage import feed, jobs
from orchestrator.storage.engine import Database
from orchestrator.tenancy.keys import add_tenant, generate

READ_EVERY_S: Final = 0.1
PAGES: Final = 200

Way: TypeAlias = Callable[[Connection], object]

# A count beside that of the feed, so that it is not in the way of the other two.
_COUNTED: Final = text(
    "INSERT INTO feeds (tenant_id, last) VALUES (current_setting('meetingmind.tenant_id'), 1)"
    " ON CONFLICT (tenant_id) DO UPDATE SET last = feeds.last + 1 RETURNING last"
)
_TRANSCRIPT: Final = text("INSERT INTO transcripts (id, body, words) VALUES (:id, '', 0)")


def write(database: Database, job: str, way: Way, ends_at: float) -> list[float]:
    """Commit events until the time is over; the seconds that each transaction took."""
    took: list[float] = []
    while (began := time.perf_counter()) < ends_at:
        with database.tenant_of(job) as connection:
            way(connection)
            jobs.note(connection, job, "seat.attempted", {"seat": 0, "target": "openai/gpt-6-luna"})
        took.append(time.perf_counter() - began)
    return took


def read(database: Database, tenant: str, over: threading.Event) -> int:
    """Follow the feed; how far it has come."""
    after = 0
    while not over.wait(READ_EVERY_S):
        after = drain(database, tenant, after)
    return after


def drain(database: Database, tenant: str, after: int) -> int:
    while True:
        with database.tenant(tenant) as connection:
            page = feed.page(connection, after, feed.BATCH)
        if not page:
            return after
        after = page[-1].number or after


def run(database: Database, name: str, writers: int, seconds: float) -> str:
    """One way for that long; the tenant whose events they are."""
    tenant = add_tenant(database, f"{name} {time.monotonic_ns()}", generate("bench"), "pepper")
    made = [add_job(database, tenant, f"job_{time.monotonic_ns()}_{place}") for place in range(writers)]
    way: Way = (lambda connection: connection.execute(_COUNTED)) if name == "counted" else (lambda _: None)
    over, ends_at = threading.Event(), time.perf_counter() + seconds
    with ThreadPoolExecutor(writers + 1) as pool:
        reading = pool.submit(read, database, tenant, over) if name == "by readers" else None
        works = [pool.submit(write, database, job, way, ends_at) for job in made]
        took = sorted(each for work in works for each in work.result())
        over.set()
        _say(name, took, seconds, reading.result() if reading else None)
    return tenant


def _say(name: str, took: list[float], seconds: float, numbered: int | None) -> None:
    p50, p99 = (1_000 * took[int(len(took) * share)] for share in (0.5, 0.99))
    beside = "" if numbered is None else f"; {numbered} numbered meanwhile"
    print(f"{name:<10}  {len(took) / seconds:7.0f} commits/s   p50 {p50:6.2f} ms   p99 {p99:6.2f} ms{beside}")


def number_all(database: Database, tenant: str) -> None:
    began, given = time.perf_counter(), 0
    while True:
        with database.tenant(tenant) as connection:
            found = feed.number(connection)
        if not found:
            break
        given += found
    took_s = time.perf_counter() - began
    print(f"numbering {given} events in batches of {feed.BATCH}: {1e6 * took_s / max(1, given):.1f} us each")
    took = []
    for _ in range(PAGES):
        began = time.perf_counter()
        with database.tenant(tenant) as connection:
            feed.page(connection, given - 50, 100)
        took.append(time.perf_counter() - began)
    print(f"the feed's last page, nothing to number: {1_000 * statistics.median(took):.2f} ms (median of {PAGES})")


def add_job(database: Database, tenant: str, job: str, *, seats: int = 1) -> str:
    """A queued job without rows of its seats; returns its id."""
    values = {
        "id": job, "transcript_id": job, "boundary": "", "strategy_asked": "auto", "strategy_planned": "single",
        "strategy_reason": "", "policy": "balanced", "priority": "standard", "quorum": 1, "open_seats": seats,
        "context": {}, "catalog_version": "", "prompt_version": "", "bound_micro_usd": 0, "tags": [], "metadata": {},
    }  # fmt: skip
    with database.tenant(tenant) as connection:
        connection.execute(_TRANSCRIPT, {"id": job})
        jobs.add(connection, values, deadline_s=3_600)
    return job


def main(arguments: list[str]) -> int:
    parser = argparse.ArgumentParser(prog="python -P -m ops.bench.feed", description=__doc__)
    parser.add_argument("--writers", type=int, default=8)
    parser.add_argument("--seconds", type=float, default=6.0)
    parser.add_argument("--rounds", type=int, default=3)
    given = parser.parse_args(arguments)
    with rigged() as rig:
        database = rig.database(given.writers + 2)
        tenant = ""
        for _ in range(given.rounds):
            tenant = run(database, "none", given.writers, given.seconds)
            run(database, "counted", given.writers, given.seconds)
            run(database, "by readers", given.writers, given.seconds)
        number_all(database, tenant)
        database.close()
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
