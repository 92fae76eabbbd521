"""The part of the client that asks about money."""

from datetime import date, datetime
from urllib.parse import quote

from api.analytics_schemas import AnalyticsView
from api.client_answers import query
from api.client_calls import Calls
from api.client_verbs import Verb
from api.money_schemas import BudgetsView, BudgetView, CostsView, ResumedView
from orchestrator.work.scopes import Period
from orchestrator.work.sums import GroupBy
from providers.calls import JsonObject


class MoneyCalls(Calls):
    """Raises (each method) what the client's other calls raise: Problem, Unreachable."""

    @Verb
    async def budgets(self) -> BudgetsView:
        """How the budgets stand."""
        return await self._ask(BudgetsView, "/v1/budgets")

    @Verb
    async def set_budget(
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
        return await self._tell(BudgetView, "PUT", f"/v1/budgets/{quote(scope, safe=':')}", body)

    @Verb
    async def resume(self) -> bool:
        """Have jobs taken in again after a stop; needs the scopes `admin` and `ops`. False: there was none."""
        return (await self._tell(ResumedView, "POST", "/v1/budgets/resume", {})).resumed

    @Verb
    async def costs(
        self, group_by: GroupBy = "day", *, first: date | None = None, last: date | None = None
    ) -> CostsView:
        """What the calls of these days came to, and what was saved: in UTC, both included; by default this month."""
        asked = {"group_by": group_by, "from": _day(first), "to": _day(last)}
        return await self._ask(CostsView, f"/v1/costs{query(**asked)}")

    @Verb
    async def analytics(self, days: int = 30, *, detailed: bool = False) -> AnalyticsView:
        """Usage, costs, performance and predictions of the last days (1 to 400, today included)."""
        return await self._ask(AnalyticsView, f"/v1/analytics?days={days}&detailed={str(detailed).lower()}")


def _day(day: date | None) -> str | None:
    return None if day is None else day.isoformat()
