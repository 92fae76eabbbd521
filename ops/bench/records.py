"""What it adds to a submit that plans go by what became of models' items: statements and milliseconds.

    python -P -m ops.bench.records [--drafts 200]

A PostgreSQL of its own, with as many seats in meetings of one type as are ever added up, and others around them. A
draft is the transaction of a submit up to its rows: the transcript read, the words, the plan. Nothing is published.
On a machine that others use the least is the better figure.
"""

import argparse
import sys
import time
from collections.abc import Iterator
from contextlib import closing, contextmanager
from datetime import UTC, datetime
from statistics import median
from typing import Final

from sqlalchemy import event
from sqlalchemy.engine import Engine

from ops.bench.money_rig import rigged
from orchestrator.analysis.items import KINDS
from orchestrator.analysis.records import Tally
from orchestrator.ids import new_id
from orchestrator.intake import Intake
from orchestrator.meeting.transcript import Transcript, Utterance
from orchestrator.routing.request import AnalysisRequest
from orchestrator.steering import Steering
from orchestrator.storage import jobs, records, standings, transcripts
from orchestrator.storage.engine import Database
from orchestrator.storage.records import RECENT, SeatRecord
from orchestrator.storage.standings import Memory, Read
from orchestrator.tenancy.keys import add_tenant, generate
from orchestrator.work.queueing import Bounds
from providers.catalog import load

KEYS: Final = frozenset({"aimlapi", "openai", "google", "anthropic"})
BOUNDS: Final = Bounds(waiting=100, scheduled=100)
MODELS: Final = ("openai/gpt-6.1-terra", "google/gemini-3.8-flash", "anthropic/claude-sonnet-5-5", "openai/gpt-6-luna")
WAYS: Final = ("nothing read", "read each time", "remembered")
TYPES: Final = 12
MEETING: Final = Transcript(utterances=(Utterance(id="u1", speaker="Ann", text="We will use the new battery."),))
REQUEST: Final = AnalysisRequest.model_validate(
    {"transcript": {"content": "Ann: We will use the new battery.\n" * 100}, "meeting": {"type": "type 0"}},
    strict=False,
)


def main() -> int:
    parser = argparse.ArgumentParser(prog="python -P -m ops.bench.records", description=__doc__)
    parser.add_argument("--drafts", type=int, default=200)
    drafts = parser.parse_args().drafts
    with rigged() as rig, closing(rig.database()) as database:
        tenant = add_tenant(database, "bench", generate("bench"), "bench")
        for number in range(TYPES):
            _fill(database, tenant, f"type {number}")
        with database.system() as connection:
            connection.exec_driver_sql("ANALYZE")
        ways: dict[str, Read] = {
            "nothing read": lambda *_: {},
            "read each time": standings.read,
            "remembered": Memory(time.monotonic).read,
        }
        intakes = {name: _intake(database, read) for name, read in ways.items()}
        took: dict[str, list[float]] = {name: [] for name in WAYS}
        sent: dict[str, int] = dict.fromkeys(WAYS, 0)
        for _ in range(drafts):
            for name in WAYS:  # by turns, so that a busy moment meets all alike
                with _counting() as statements:
                    took[name].append(_draft(database, tenant, intakes[name]))
                sent[name] += len(statements)
    for name in WAYS:
        least, middle = min(took[name]), median(took[name])
        print(f"{name:16} {sent[name] / drafts:5.2f} statements, least {least:6.2f} ms, median {middle:6.2f} ms")
    return 0


def _fill(database: Database, tenant: str, of_type: str) -> None:
    """As many seats as are added up, of four models by turns."""
    with database.tenant(tenant) as connection:
        job = new_id("job")
        values = {
            "id": job,
            "transcript_id": transcripts.add(connection, MEETING),
            "strategy_asked": "auto",
            "strategy_planned": "consensus",
            "strategy_reason": "for the bench",
            "policy": "balanced",
            "priority": "standard",
            "quorum": 1,
            "open_seats": 1,
            "bound_micro_usd": 0,
            "context": {},
            **dict.fromkeys(("boundary", "catalog_version", "prompt_version"), "bench"),
            "tags": [],
            "metadata": {},
        }
        jobs.add(connection, values, deadline_s=60.0)
        records.note(connection, job, of_type, [_record(n) for n in range(RECENT)])


def _record(number: int) -> SeatRecord:
    """No two alike."""
    kept = {kind: number * place % 9 for place, kind in enumerate(KINDS, 1)}
    tallies = {kind: Tally(brought=9 + number, kept=count, refused=number % 4) for kind, count in kept.items()}
    return SeatRecord(seat=number, model=MODELS[number % len(MODELS)], tallies=tallies)


def _intake(database: Database, read: Read) -> Intake:
    return Intake(database, load(), KEYS, lambda: datetime.now(UTC), None, BOUNDS, None, Steering(measured=read))


def _draft(database: Database, tenant: str, intake: Intake) -> float:
    """Milliseconds."""
    began = time.perf_counter()
    with database.tenant(tenant) as connection:
        intake.draft(connection, tenant, REQUEST, ())
    return (time.perf_counter() - began) * 1_000


@contextmanager
def _counting() -> Iterator[list[str]]:
    sent: list[str] = []

    def listen(_connection: object, _cursor: object, statement: str, *_: object) -> None:
        sent.append(statement)

    event.listen(Engine, "before_cursor_execute", listen)
    try:
        yield sent
    finally:
        event.remove(Engine, "before_cursor_execute", listen)


if __name__ == "__main__":
    sys.exit(main())
