"""The part of the client that asks about money. `Client` brings the way to the service."""

from abc import ABC, abstractmethod
from datetime import date, datetime
from typing import Literal, TypeAlias, TypeVar
from urllib.parse import quote, urlencode

from pydantic import BaseModel

from api.analytics_schemas import AnalyticsView
from api.money_schemas import BudgetsView, BudgetView, CostsView, ResumedView
from orchestrator.work.scopes import Period
from orchestrator.work.sums import GroupBy
from providers.calls import JsonObject

Method: TypeAlias = Literal["POST", "PUT"]
Shape = TypeVar("Shape", bound=BaseModel)


class MoneyCalls(ABC):
    """Raises (each method) what the client's other calls raise: Problem, Unreachable."""

    def budgets(self) -> BudgetsView:
        """How the budgets stand."""
        return self._ask(BudgetsView, "/v1/budgets")

    def set_budget(
        self,
        scope: str,
        period: Period,
        limit_usd: str | None,
        *,
        override_usd: str | None = None,
        override_until: datetime | None = None,
    ) -> BudgetView:
        """Set a limit in US dollars, None to take it away. Safe to repeat.

        Args:
            scope: `tenant`, or `project:` and its name.
            override_until: aware; until then the override holds in the limit's place.
        """
        body: JsonObject = {"period": period, "limit_usd": limit_usd, "override_usd": override_usd}
        body["override_until"] = None if override_until is None else override_until.isoformat()
        return self._tell(BudgetView, "PUT", f"/v1/budgets/{quote(scope, safe=':')}", body)

    def resume(self) -> bool:
        """Have jobs taken in again after a stop. False: there was none."""
        return self._tell(ResumedView, "POST", "/v1/budgets/resume", {}).resumed

    def costs(self, group_by: GroupBy = "day", *, first: date | None = None, last: date | None = None) -> CostsView:
        """What the calls of these days came to, and what was saved: in UTC, both included; by default this month."""
        asked = {"group_by": group_by, "from": first and first.isoformat(), "to": last and last.isoformat()}
        query = urlencode({name: value for name, value in asked.items() if value is not None})
        return self._ask(CostsView, f"/v1/costs?{query}")

    def analytics(self, days: int = 30, *, detailed: bool = False) -> AnalyticsView:
        """Usage, costs, performance and predictions of the last days (1 to 400, today included)."""
        return self._ask(AnalyticsView, f"/v1/analytics?days={days}&detailed={str(detailed).lower()}")

    @abstractmethod
    def _ask(self, shape: type[Shape], path: str) -> Shape:
        """Read, again for a moment if the service is away."""

    @abstractmethod
    def _tell(self, shape: type[Shape], method: Method, path: str, body: JsonObject) -> Shape:
        """Write, once."""
