"""The service's figures in Prometheus' words, made anew from rows at each scrape, so that they are right with any
number of processes and after any restart. No label names a tenant, and all have few values.

Money is in US dollars here, as floats, since Prometheus knows nothing else; the rows stay the truth.
"""

import threading
import time
from collections.abc import Callable, Iterator, Mapping
from datetime import UTC
from typing import Final

from prometheus_client import CollectorRegistry, generate_latest
from prometheus_client.core import CounterMetricFamily, GaugeMetricFamily, Metric
from prometheus_client.registry import Collector

from orchestrator.errors import Unavailable
from orchestrator.money.balances import Balances
from orchestrator.money.watching import THRESHOLDS
from orchestrator.storage import meters, reports
from orchestrator.storage.engine import Database
from orchestrator.storage.meters import Meters, Used
from orchestrator.work import scopes
from orchestrator.work.scopes import Balance, Claimed, first_day

KEPT_S: Final = 5.0  # several scrapers, or an impatient one, cost no more than one
MICRO: Final = 1_000_000
PREFIX: Final = "meetingmind"  # of every name


class Figures:
    """The page for `/metrics`. Any number of threads may ask."""

    def __init__(
        self,
        database: Database,
        balances: Balances,
        platform_micro_usd: int,
        message_counts: Callable[[], Mapping[str, int]],
        clock: Callable[[], float] = time.monotonic,
        prefix: str = PREFIX,
    ) -> None:
        self._database = database
        self._balances = balances
        self._platform_micro_usd = platform_micro_usd
        self._message_counts = message_counts
        self._prefix = prefix
        self._clock = clock
        self._lock = threading.Lock()
        self._kept: tuple[float, bytes | Unavailable] | None = None

    def page(self) -> bytes:
        """Text, at most `KEPT_S` old. Raises Unavailable: PostgreSQL is away, or was as lately."""
        with self._lock:
            if self._kept is None or self._clock() - self._kept[0] > KEPT_S:
                found = self._tried()
                self._kept = (self._clock(), found)
            found = self._kept[1]
        if isinstance(found, Unavailable):
            raise Unavailable(found.message) from found
        return found

    def _tried(self) -> bytes | Unavailable:
        """A failure is kept like a page: it takes seconds to find out, and every scrape that waits takes a thread from
        those who ask for `/health/live`.
        """
        try:
            return self._made()
        except Unavailable as error:
            return error

    def _made(self) -> bytes:
        with self._database.system() as connection:
            today = reports.now(connection).astimezone(UTC).date()
            read = meters.read(connection, first_day("month", today), today, THRESHOLDS)
        (month,) = self._balances.of(
            [Claimed(scope=scopes.of_platform(today), limit_micro_usd=self._platform_micro_usd)]
        )
        registry = CollectorRegistry(auto_describe=False)
        registry.register(_Named(_Rows(read, month, self._message_counts()), self._prefix))
        return generate_latest(registry)


class _Named(Collector):
    """The same metrics under the house's own prefix."""

    def __init__(self, named: Collector, prefix: str) -> None:
        self._named = named
        self._prefix = prefix

    def collect(self) -> Iterator[Metric]:
        for metric in self._named.collect():
            metric.name = self._own(metric.name)
            metric.samples = [one._replace(name=self._own(one.name)) for one in metric.samples]
            yield metric

    def _own(self, name: str) -> str:
        return self._prefix + name.removeprefix(PREFIX)


class _Rows(Collector):
    """What was read, as metrics."""

    def __init__(self, read: Meters, month: Balance, messages: Mapping[str, int]) -> None:
        self._read = read
        self._month = month
        self._messages = messages

    def collect(self) -> Iterator[Metric]:
        yield from _platform(self._month)
        spend = GaugeMetricFamily(
            "meetingmind_spend_usd", "Booked in the running month (UTC), all tenants.", labels=["provider", "model"]
        )
        for (provider, model), micro_usd in self._read.spend.items():
            spend.add_metric([provider, model], micro_usd / MICRO)
        yield spend
        announced = CounterMetricFamily(
            "meetingmind_budget_events", "Crossings of budgets that were announced.", labels=["type", "threshold"]
        )
        for (kind, threshold), count in self._read.announced.items():
            announced.add_metric([kind, str(threshold)], count)
        yield announced
        yield from _limits(self._read.used)
        yield GaugeMetricFamily(
            "meetingmind_calls_of_unknown_fate",
            "Calls of the running month that were booked at their worst case.",
            value=self._read.unknown_calls,
        )
        yield GaugeMetricFamily(
            "meetingmind_admission_stopped_tenants",
            "Tenants whose jobs are not taken in after a bill above its bound.",
            value=self._read.stopped_tenants,
        )
        messages = CounterMetricFamily(
            "meetingmind_messages", "Messages that no worker took in, since Redis lost its memory.", labels=["end"]
        )
        for end, count in self._messages.items():
            messages.add_metric([end], count)
        yield messages
        yield GaugeMetricFamily(
            "meetingmind_returned_messages",
            "Messages of a newer release that wait for a worker that knows them.",
            value=self._read.returned_messages,
        )


def _platform(month: Balance) -> Iterator[Metric]:
    figures = {
        "limit": ("What all tenants together may spend in the running month (UTC).", month.limit_micro_usd or 0),
        "spent": ("What they have spent of it.", month.spent_micro_usd),
        "held": ("What calls under way hold of it.", month.held_micro_usd),
    }
    for name, (said, micro_usd) in figures.items():
        yield GaugeMetricFamily(f"meetingmind_platform_budget_{name}_usd", said, value=micro_usd / MICRO)


def _limits(used: Mapping[tuple[str, str], Used]) -> Iterator[Metric]:
    """Of tenants and projects: how many stand where, and how far the furthest is; who that is, rows and logs tell."""
    labels = ["owner", "period"]
    limits = GaugeMetricFamily("meetingmind_budget_limits", "Limits that are set.", labels=labels)
    most = GaugeMetricFamily(
        "meetingmind_budget_used_most", "The most that one limit is spent; 1 is all.", labels=labels
    )
    reached = GaugeMetricFamily(
        "meetingmind_budgets_reached",
        "Limits that are spent to this percentage or further.",
        labels=[*labels, "threshold"],
    )
    for (owner, period), one in used.items():
        limits.add_metric([owner, period], one.limits)
        most.add_metric([owner, period], one.most_ppm / MICRO)
        for threshold, count in one.reached.items():
            reached.add_metric([owner, period, str(threshold)], count)
    yield from (limits, most, reached)
