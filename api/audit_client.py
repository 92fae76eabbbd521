"""The part of the client that asks who changed what, and what was before."""

from collections.abc import AsyncGenerator
from typing import Final
from urllib.parse import quote

from api.audit_schemas import AuditEntryView, AuditView
from api.client_answers import query
from api.client_calls import Calls
from api.client_verbs import Series, Verb
from api.money_schemas import BudgetView
from api.template_schemas import TemplateView
from api.version_schemas import BudgetVersionsView, TemplateVersionsView
from orchestrator.analysis.templates import TemplateFor
from orchestrator.tenancy import chain
from orchestrator.tenancy.chain import Anchor, Entry, Verdict
from orchestrator.work.scopes import Period

PAGE: Final = 500


class AuditCalls(Calls):
    """Raises (each method) what the client's other calls raise: Problem, Unreachable."""

    @Verb
    async def audit(
        self,
        after: int = 0,
        limit: int = PAGE,
        *,
        action: str | None = None,
        about: str | None = None,
        house: bool = False,
    ) -> AuditView:
        """A page of the audit log after that entry. Go on with `after=page.next`.

        Args:
            action: only these acts, such as `budget.set`.
            about: only acts on this object, such as `budgets/tenant/month`.
            house: the log of acts that concern all tenants, for keys with the scope `ops`.
        """
        return await self._entries(after, limit, action=action, about=about, house=house)

    @Series
    async def every_audit_entry(
        self, after: int = 0, *, action: str | None = None, about: str | None = None, house: bool = False
    ) -> AsyncGenerator[AuditEntryView, None]:
        """All entries after that one, in their order."""
        while (page := await self._entries(after, PAGE, action=action, about=about, house=house)).data:
            for entry in page.data:
                yield entry
            after = page.next

    @Verb
    async def verify_audit(self, known: Anchor | None = None, *, house: bool = False) -> Verdict:
        """Fetch the whole log and check it here, against nothing but itself and what was noted of it before.

        Args:
            known: number and digest of an entry, noted elsewhere: without it nobody can tell that the end is missing.
        """
        found: list[Entry] = []
        after = 0
        while (page := await self._entries(after, PAGE, action=None, about=None, house=house)).data:
            found += (entry.entry for entry in page.data)
            after = page.next
        return chain.verify(found, known)

    @Verb
    async def budget_versions(
        self, scope: str, period: Period, *, limit: int = 50, cursor: str | None = None
    ) -> BudgetVersionsView:
        """Every limit that was set for a scope and a period, the newest first."""
        asked = query(period=period, limit=limit, cursor=cursor)
        return await self._ask(BudgetVersionsView, f"{_budget(scope)}/versions{asked}")

    @Verb
    async def restore_budget(self, scope: str, period: Period, version: int) -> BudgetView:
        """Have an older limit hold again, as the next version. Safe to repeat."""
        path = f"{_budget(scope)}/versions/{version}/restore{query(period=period)}"
        return await self._tell(BudgetView, "POST", path, {})

    @Verb
    async def template_versions(
        self, meeting_type: TemplateFor, *, limit: int = 50, cursor: str | None = None
    ) -> TemplateVersionsView:
        """Every text that was set for a type of meeting, the newest first."""
        asked = query(limit=limit, cursor=cursor)
        return await self._ask(TemplateVersionsView, f"/v1/templates/{meeting_type}/versions{asked}")

    @Verb
    async def restore_template(self, meeting_type: TemplateFor, version: int) -> TemplateView:
        """Have an older text hold again, as the next version. Safe to repeat."""
        return await self._tell(TemplateView, "POST", f"/v1/templates/{meeting_type}/versions/{version}/restore", {})

    async def _entries(
        self, after: int, limit: int, *, action: str | None, about: str | None, house: bool
    ) -> AuditView:
        asked = {"after": after, "limit": limit, "action": action, "object": about, "house": "true" if house else None}
        return await self._ask(AuditView, f"/v1/audit{query(**asked)}")


def _budget(scope: str) -> str:
    return f"/v1/budgets/{quote(scope, safe=':')}"
