"""The storm's checker for tests: they fail at what it finds. See `ops/drills/storm/judging.py` for the promises."""

from collections import Counter
from collections.abc import Iterator, Sequence
from typing import Any

from ops.drills.storm import evidence, judging
from ops.drills.storm.evidence import Call
from orchestrator.storage.engine import Database
from orchestrator.work.attempts import AttemptState
from orchestrator.work.jobs import TERMINAL

__all__ = ["Call", "books_agree", "calls_of", "every_job_ended_within_its_bound", "nothing_is_paid_twice"]


def calls_of(database: Database, statement: dict[str, int], requests: list[dict[str, Any]]) -> list[Call]:
    """Args: statement, the bank's sums by client request id; requests, the emulator's log."""
    asked = Counter(request["call_id"] for request in requests)
    with database.system() as connection:
        return [*evidence.calls_of(connection, statement, asked)]


def books_agree(calls: Sequence[Call]) -> None:
    """The bank is the ledger, to the micro-dollar, but for calls of unknown fate; and no call is open any more."""
    _nothing(judging.books(calls))
    open_calls = [call for call in calls if call.state in {AttemptState.INTENDED, AttemptState.SENT}]
    assert open_calls == []


def nothing_is_paid_twice(calls: Sequence[Call], *, repeats: int = judging.MOST_REPEATS) -> None:
    """Each call went out once, and each seat paid one call and one for each of unknown fate, `repeats` at most."""
    _nothing(judging.paid_twice(calls, repeats))


def every_job_ended_within_its_bound(database: Database) -> None:
    with database.system() as connection:
        rows = evidence.jobs_of(connection)
    _nothing(judging.over_bounds(rows.values()))
    assert [row for row in rows.values() if row.status not in TERMINAL] == []


def _nothing(broken: Iterator[tuple[str, str | None]]) -> None:
    assert [*broken] == []
