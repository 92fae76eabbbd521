"""Announces what happens to budgets: thresholds as they are crossed, and limits that will not last.

Runs every few seconds; an advisory lock lets one run at a time. Spending is read from the counters, which are set from
the ledger where they are missing, so that a round costs one trip to Redis and one to PostgreSQL for two hundred
budgets. An announcement is a row, written once; whoever delivers news finds it there.

A call counts in the period in which it was intended, and may end in the next. So a period is looked at for a while
after it has ended, by the limits that held then.
"""

import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from datetime import UTC, date, datetime, timedelta
from typing import Any, Final

import structlog
from celery import shared_task
from sqlalchemy import text

from orchestrator import names
from orchestrator.errors import Unavailable
from orchestrator.money.forecast import HISTORY_DAYS
from orchestrator.money.pace import end_of
from orchestrator.money.watching import crossings, foreseen
from orchestrator.storage import budgets, reports
from orchestrator.storage.budgets import BudgetRow
from orchestrator.storage.locks import Lock
from orchestrator.work import scopes
from orchestrator.work.announcements import BudgetEvent
from orchestrator.work.scopes import TENANT, Balance, Claimed, Period, first_day
from orchestrator.work.sums import Span
from tasks import resources

log = structlog.get_logger()

BATCH: Final = 200

# PostgreSQL takes the lock from a round that keeps it idle for thirty. Where counters are missing each budget is summed
# up from rows; those that were reached have theirs then, and the next round comes further. While Redis is away none has
# them: of several thousand budgets the last wait until it is back.
ROUND_S: Final = 20.0

# Of a period that has ended: longer than any call and than what it takes to write one off.
LOOKED_BACK_AT: Final = timedelta(hours=1)

# A forecast adds up ninety days of rows and takes some 15 ms: once an hour for each budget is soon enough.
FORECAST_EVERY: Final = timedelta(hours=1)
MOST_FORECASTS: Final = 20  # in one round; the next is seconds away


@shared_task(name=names.WATCH_BUDGETS, ignore_result=True)
def watch_budgets(*, schema: int = names.MESSAGE_SCHEMA, **_newer: Any) -> None:
    """One round over all budgets. Safe to run at any time, from any number of processes."""
    try:
        with _alone() as mine:
            if mine:
                with resources.current().database.system() as connection:
                    at = reports.now(connection)
                look(at)
    except Unavailable as error:
        log.warning("watch_budgets.store_away", error=error.message)


def look(at: datetime) -> None:
    """One round, as of that moment. Raises Unavailable: PostgreSQL is away."""
    here, ends_at, forecasts = resources.current(), time.monotonic() + ROUND_S, MOST_FORECASTS
    for batch in _batches(list(_watched(at.astimezone(UTC)))):
        if time.monotonic() >= ends_at:
            log.warning("watch_budgets.out_of_time")
            return
        found = here.balances.of(batch)
        told = [(balance.scope.tenant, event) for balance in found for event in crossings(balance)]
        due = [balance for balance in found if _is_due(balance, at)][:forecasts]
        forecasts -= len(due)
        _announce([*told, *_foretold(due, at)])


def _watched(at: datetime) -> Iterator[Claimed]:
    """The platform's budget first: it is the one that stops everybody."""
    here = resources.current()
    with here.database.system() as connection:
        rows = budgets.of_tenant(connection)
    for day in _days("month", at):
        limit = here.settings.monthly_budget_micro_usd
        yield Claimed(scope=scopes.of_platform(day), limit_micro_usd=limit)
    for row in rows:
        claimed = (_claimed(row, day, at) for day in _days(row.period, at))
        yield from (one for one in claimed if one.limit_micro_usd is not None)


def _days(period: Period, at: datetime) -> Iterator[date]:
    """A day of each period that is looked at: of the one around `at`, and of the one before if that has just ended."""
    today = at.date()
    yield today
    before = first_day(period, today) - timedelta(days=1)
    if at - end_of(period, before) < LOOKED_BACK_AT:
        yield before


def _claimed(row: BudgetRow, day: date, at: datetime) -> Claimed:
    end = end_of(row.period, day)
    limit = row.in_force_micro_usd if at < end else row.held_until(end)
    if row.scope == TENANT:
        return Claimed(scope=scopes.of_tenant(row.tenant_id, row.period, day), limit_micro_usd=limit)
    project = row.scope.removeprefix("project:")
    return Claimed(scope=scopes.of_project(row.tenant_id, project, row.period, day), limit_micro_usd=limit)


def _is_due(balance: Balance, at: datetime) -> bool:
    """Whether this budget's forecast is to be made now. Days are too short for one that is an hour old."""
    scope, due = balance.scope, resources.current().forecasts_due
    if scope.period != "month" or scope.start != first_day("month", at.date()) or balance.spent_micro_usd == 0:
        return False
    return due.get(scope.name, at) <= at


def _foretold(due: Sequence[Balance], at: datetime) -> Iterator[tuple[str, BudgetEvent]]:
    for balance in due:
        event = foreseen(balance, _history(balance, at.date()), at)
        resources.current().forecasts_due[balance.scope.name] = at + FORECAST_EVERY
        if event is not None:
            yield balance.scope.tenant, event


def _history(balance: Balance, today: date) -> dict[date, int]:
    here, scope = resources.current(), balance.scope
    span = Span(first=today - timedelta(days=HISTORY_DAYS), last=today)
    if scope.owner == "platform":
        with here.database.system() as connection:
            return reports.history(connection, span)
    with here.database.tenant(scope.tenant) as connection:
        if scope.owner == "project":
            return reports.histories(connection, span, [scope.of]).get(scope.of, {})
        return reports.history(connection, span)


def _announce(told: Sequence[tuple[str, BudgetEvent]]) -> None:
    """All of a batch in one trip: most of them are known, and a trip for each would take longer than the round has."""
    if not told:
        return
    with resources.current().database.system() as connection:
        new = budgets.announce_all(connection, told)
    for tenant, event in new:
        log.warning(
            "money.announced",
            type=event.type,
            tenant=tenant,
            scope=event.scope,
            period=event.period,
            threshold=event.threshold,
        )


def _batches(claimed: Sequence[Claimed]) -> Iterator[Sequence[Claimed]]:
    for first in range(0, len(claimed), BATCH):
        yield claimed[first : first + BATCH]


@contextmanager
def _alone() -> Iterator[bool]:
    """Whether no other round is under way; the lock is held by a transaction, so a dead process frees it."""
    with resources.current().database.system() as connection:
        statement = text("SELECT pg_try_advisory_xact_lock(:lock)")
        yield bool(connection.execute(statement, {"lock": Lock.BUDGET_WATCH}).scalar_one())
