"""Announces what happens to budgets: thresholds as they are crossed, and limits that will not last.

Runs every few seconds; an advisory lock lets one run at a time. Spending is read from the counters, which are set from
the ledger where they are missing, so that a round costs one trip for two hundred budgets. An announcement is a row,
written once; whoever delivers news finds it there.
"""

from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from datetime import UTC, date, datetime, timedelta
from typing import Any, Final

import structlog
from celery import shared_task
from sqlalchemy import text

from orchestrator import names
from orchestrator.errors import Unavailable
from orchestrator.money.forecast import HISTORY_DAYS
from orchestrator.money.watching import crossings, foreseen, scope_name
from orchestrator.storage import budgets, reports
from orchestrator.storage.budgets import BudgetRow
from orchestrator.work import scopes
from orchestrator.work.announcements import BudgetEvent
from orchestrator.work.scopes import TENANT, Balance, Claimed
from orchestrator.work.sums import Span
from tasks import resources

log = structlog.get_logger()

LOCK: Final = 7_306_241_988  # an advisory lock number of our own
BATCH: Final = 200

# A forecast adds up ninety days of rows and takes some 15 ms: once an hour for each budget is soon enough.
FORECAST_EVERY: Final = timedelta(hours=1)
MOST_FORECASTS: Final = 20  # in one round; the next is seconds away


@shared_task(name=names.WATCH_BUDGETS, ignore_result=True)
def watch_budgets(*, schema: int = names.MESSAGE_SCHEMA, **_newer: Any) -> None:
    """One round over all budgets. Safe to run at any time, from any number of processes."""
    try:
        with _alone() as mine:
            if mine:
                _round(resources.current().forecasts_due)
    except Unavailable as error:
        log.warning("watch_budgets.store_away", error=error.message)


def _round(due: dict[str, datetime]) -> None:
    here = resources.current()
    with here.database.system() as connection:
        rows = budgets.of_tenant(connection)
        at = reports.now(connection).astimezone(UTC)
    claimed = [_claimed(row, at.date()) for row in rows]
    platform = here.settings.monthly_budget_micro_usd
    claimed.append(Claimed(scope=scopes.of_platform(at.date()), limit_micro_usd=platform))
    left = MOST_FORECASTS
    for batch in _batches(claimed):
        for balance in here.balances.of(batch):
            _announce(balance, crossings(balance))
            if left and _is_due(balance, due, at):
                left -= 1
                _foresee(balance, at)


def _claimed(row: BudgetRow, today: date) -> Claimed:
    if row.scope == TENANT:
        scope = scopes.of_tenant(row.tenant_id, row.period, today)
    else:
        scope = scopes.of_project(row.tenant_id, row.scope.removeprefix("project:"), row.period, today)
    return Claimed(scope=scope, limit_micro_usd=row.in_force_micro_usd)


def _is_due(balance: Balance, due: dict[str, datetime], at: datetime) -> bool:
    """Whether this budget's forecast is to be made now; notes when the next one is."""
    if balance.scope.period != "month" or balance.spent_micro_usd == 0 or due.get(balance.scope.name, at) > at:
        return False
    due[balance.scope.name] = at + FORECAST_EVERY
    return True


def _foresee(balance: Balance, at: datetime) -> None:
    event = foreseen(balance, _history(balance, at.date()), at)
    if event is not None:
        _announce(balance, [event])


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


def _announce(balance: Balance, events: Iterable[BudgetEvent]) -> None:
    told = list(events)
    if not told:
        return
    with resources.current().database.system() as connection:
        new = [event for event in told if budgets.announce(connection, balance.scope.tenant, event)]
    for event in new:
        log.warning(
            "money.announced",
            type=event.type,
            tenant=balance.scope.tenant,
            scope=scope_name(balance.scope),
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
        yield bool(connection.execute(statement, {"lock": LOCK}).scalar_one())
