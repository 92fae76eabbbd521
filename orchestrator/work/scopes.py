"""What a call's money is counted in: its job, its tenant's day and month, its project's, the platform's month. Pure."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, timedelta
from functools import lru_cache
from typing import Final, Literal, TypeAlias

from providers.calls import Value

Period: TypeAlias = Literal["day", "month"]
Owner: TypeAlias = Literal["job", "tenant", "project", "platform"]
Limits: TypeAlias = Mapping[tuple[str, Period], int]  # (tenant or project:NAME, period) -> micro-dollars

TENANT: Final = "tenant"
PROJECT_NAME: Final = "[A-Za-z0-9](?:[A-Za-z0-9 ._-]{0,78}[A-Za-z0-9])?"  # a pattern: what a project may be called
_PERIODS: Final[tuple[Period, ...]] = ("day", "month")

# Counters of a period outlive it, so that a call which ends late still finds them. A job's are read again from the rows
# if they are needed after an hour: there are as many as jobs, and Redis shall stay small.
_KEPT_S: Final[dict[Owner, int]] = {
    "job": 3_600,
    "tenant": 35 * 86_400,
    "project": 35 * 86_400,
    "platform": 35 * 86_400,
}


@dataclass(frozen=True, slots=True)
class Scope:
    """One budget in one period. `of` is the job's id or the project's name; `start` the period's first day in UTC.

    `name` is how it is called in Redis, unique over all tenants. `book` says what its counters are kept with: all
    budgets of a month are together, a job's are by themselves.
    """

    owner: Owner
    tenant: str = ""
    of: str = ""
    period: Period | None = None
    start: date | None = None
    name: str = field(init=False, repr=False, compare=False)
    book: str = field(init=False, repr=False, compare=False)

    def __post_init__(self) -> None:
        name = ":".join(filter(None, (self.owner, self.tenant, self.of)))
        book = name
        if self.start is not None:
            name, book = f"{name}:{self.period}:{self.start.isoformat()}", f"month:{self.start.isoformat()[:7]}"
        object.__setattr__(self, "name", name)
        object.__setattr__(self, "book", book)

    @property
    def kept_s(self) -> int:
        """How long its counters live, in seconds, from when they or a later one of their book are opened."""
        return _KEPT_S[self.owner]

    @property
    def words(self) -> str:
        """For people: "the tenant's month"."""
        whose = f"the project {self.of}'s" if self.owner == "project" else f"the {self.owner}'s"
        return f"{whose} {self.period}" if self.period else f"the {self.owner}"


@dataclass(frozen=True, slots=True)
class Claimed:
    """A scope that a call is held in. `limit_micro_usd` None: it only counts. `known_micro_usd`: see `holds.lua`."""

    scope: Scope
    limit_micro_usd: int | None
    known_micro_usd: int | None = None


class Balance(Value):
    """One budget in its period, in micro-dollars; `limit_micro_usd` None: it is only counted."""

    scope: Scope
    limit_micro_usd: int | None
    spent_micro_usd: int
    held_micro_usd: int

    @property
    def left_micro_usd(self) -> int | None:
        """What may still be spent; what is held is not spent yet. Below zero where a limit was lowered."""
        return None if self.limit_micro_usd is None else self.limit_micro_usd - self.spent_micro_usd


def project_scope(project: str) -> str:
    """How a project's budget is called in rows and in the HTTP contract."""
    return f"project:{project}"


def first_day(period: Period, day: date) -> date:
    return day if period == "day" else day.replace(day=1)


def after_last_day(period: Period, day: date) -> date:
    """The first day of the period that follows."""
    return day + timedelta(days=1) if period == "day" else (day.replace(day=28) + timedelta(days=4)).replace(day=1)


def of_tenant(tenant: str, period: Period, day: date) -> Scope:
    return Scope(owner="tenant", tenant=tenant, period=period, start=first_day(period, day))


def of_project(tenant: str, project: str, period: Period, day: date) -> Scope:
    return Scope(owner="project", tenant=tenant, of=project, period=period, start=first_day(period, day))


def of_platform(day: date) -> Scope:
    return Scope(owner="platform", period="month", start=first_day("month", day))


def of_job(tenant: str, job: str) -> Scope:
    return Scope(owner="job", tenant=tenant, of=job)


def of_periods(
    tenant: str, project: str | None, day: date, limits: Limits, platform_micro_usd: int | None
) -> tuple[Claimed, ...]:
    """Every budget of a period in which a call of that day counts, with its limit: all but the job's own.

    Those without a limit are counted too: a limit that is set in mid-period must find what was spent.
    """
    return tuple(
        Claimed(scope=scope, limit_micro_usd=limits.get(wanted) if wanted else platform_micro_usd)
        for scope, wanted in _of_periods(tenant, project, day)
    )


@lru_cache(maxsize=4_096)  # the same few for every call of a day, and asked for by every call
def _of_periods(tenant: str, project: str | None, day: date) -> tuple[tuple[Scope, tuple[str, Period] | None], ...]:
    """The scopes, each with where its limit stands; None: the platform's, which is a setting."""
    found: list[tuple[Scope, tuple[str, Period] | None]] = []
    for period in _PERIODS:
        found.append((of_tenant(tenant, period, day), (TENANT, period)))
        if project is not None:
            found.append((of_project(tenant, project, period, day), (project_scope(project), period)))
    return (*found, (of_platform(day), None))
