"""What it costs to tell which items a seat found: no event, one for a seat, one for each item, side by side.

    python -P -m ops.bench.found [--jobs 200] [--items 12] [--rounds 3]

A PostgreSQL of its own, ended at the end, and one connection to it. Each job has three seats that answer with so many
items each. Of each way: the milliseconds of a job, by the clock and of that connection's backend (where there is
/proc), for the three transactions that end the seats, for the announcement and for the numbers of the feed.
"""

import argparse
import os
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Final, TypeAlias

from sqlalchemy import Connection, text

from ops.bench.feed import add_job
from ops.bench.money_rig import rigged
from orchestrator.ids import new_id
from orchestrator.storage import feed, jobs
from orchestrator.storage.engine import Database
from orchestrator.tenancy.keys import add_tenant, generate
from providers.calls import JsonObject

SEATS: Final = 3
KINDS: Final = ("topics", "decisions", "action_items", "risks", "questions")

Way: TypeAlias = Callable[[Connection, str, int, list[str]], object]

_RAISE: Final = text("UPDATE jobs SET version = version + :many WHERE id = :job RETURNING version")
_EACH: Final = text("""
INSERT INTO events (job_id, sequence, id, type, data)
SELECT :job, :first + place, id, 'item.found',
    jsonb_build_object('seat', CAST(:seat AS int), 'kind', 'decisions', 'item', item)
FROM unnest(CAST(:ids AS text[]), CAST(:items AS text[])) WITH ORDINALITY AS each(id, item, place)
""")


def nothing(connection: Connection, job: str, seat: int, _items: list[str]) -> None:
    _count_out(connection, job, seat, None)


def of_a_seat(connection: Connection, job: str, seat: int, items: list[str]) -> None:
    by_kind = {kind: items[place :: len(KINDS)] for place, kind in enumerate(KINDS)}
    counts: JsonObject = {kind: len(names) for kind, names in by_kind.items()}
    found: JsonObject = {kind: [*names] for kind, names in by_kind.items()}
    _count_out(connection, job, seat, {"seat": seat, "counts": counts, "items": found})


def of_each_item(connection: Connection, job: str, seat: int, items: list[str]) -> None:
    """In two statements more, however many items there are."""
    _count_out(connection, job, seat, None)
    last: int = connection.execute(_RAISE, {"many": len(items), "job": job}).scalar_one()
    ids = [new_id("evt") for _ in items]
    given = {"job": job, "seat": seat, "first": last - len(items), "ids": ids, "items": items}
    connection.execute(_EACH, given)


WAYS: Final[dict[str, Way]] = {"no event": nothing, "one a seat": of_a_seat, "one an item": of_each_item}


def _count_out(connection: Connection, job: str, seat: int, found: JsonObject | None) -> None:
    data: JsonObject = {"seat": seat, "target": "openai/gpt-6-luna", "served": "openai/gpt-6-luna"}
    jobs.count_out(connection, job, "seat.answered", data, answered=True, cost_micro_usd=120, found=found)


class Meter:
    """Adds up what steps take: by the clock, and the CPU time of a process."""

    def __init__(self, pid: int) -> None:
        self._stat = Path(f"/proc/{pid}/stat")
        self.spent: dict[str, list[float]] = {}

    @contextmanager
    def of(self, step: str) -> Iterator[None]:
        clock, cpu = time.perf_counter(), self._cpu_s()
        yield
        spent = self.spent.setdefault(step, [0.0, 0.0])
        spent[0] += time.perf_counter() - clock
        spent[1] += self._cpu_s() - cpu

    def _cpu_s(self) -> float:
        """Source: proc_pid_stat(5), fields 14 and 15; the name, which may hold spaces, ends with the last bracket."""
        if not self._stat.exists():
            return 0.0
        user, system = self._stat.read_text().rpartition(")")[2].split()[11:13]
        return (int(user) + int(system)) / os.sysconf("SC_CLK_TCK")


def run(database: Database, way: Way, count: int, items: int) -> Meter:
    tenant = add_tenant(database, new_id("ten"), generate("bench"), "pepper")
    made = [add_job(database, tenant, new_id("job"), seats=SEATS) for _ in range(count)]
    with database.tenant(tenant) as connection:
        meter = Meter(connection.exec_driver_sql("SELECT pg_backend_pid()").scalar_one())
    with meter.of("answers"):
        for job in made:
            for seat in range(SEATS):
                with database.tenant_of(job) as connection:
                    way(connection, job, seat, [f"itm_{new_id('evt')}" for _ in range(items)])
    with meter.of("announced"):
        for job in made:
            with database.tenant_of(job) as connection:
                jobs.unannounced(connection, job)
    _analyze(database)
    with meter.of("numbered"):
        _number_all(database, tenant)
    return meter


def _analyze(database: Database) -> None:
    """As PostgreSQL does by itself from time to time: a plan made by old figures would be measured here."""
    with database.system() as connection:
        connection.exec_driver_sql("RESET ROLE")
        connection.exec_driver_sql("ANALYZE events")


def _number_all(database: Database, tenant: str) -> None:
    given = 1
    while given:
        with database.tenant(tenant) as connection:
            given = feed.number(connection)


def main(arguments: list[str]) -> int:
    parser = argparse.ArgumentParser(prog="python -P -m ops.bench.found", description=__doc__)
    parser.add_argument("--jobs", type=int, default=200)
    parser.add_argument("--items", type=int, default=12)
    parser.add_argument("--rounds", type=int, default=3)
    given = parser.parse_args(arguments)
    print("milliseconds of a job, by the clock / of PostgreSQL's CPU")
    with rigged() as rig:
        database = rig.database(1)
        for _ in range(given.rounds):
            for name, way in WAYS.items():
                spent = run(database, way, given.jobs, given.items).spent
                each = "   ".join(
                    f"{step} {1_000 * clock / given.jobs:6.2f} / {1_000 * cpu / given.jobs:5.2f}"
                    for step, (clock, cpu) in spent.items()
                )
                print(f"{name:<12} {each}")
        database.close()
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
