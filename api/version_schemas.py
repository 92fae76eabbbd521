"""Versions of budgets and templates as the HTTP contract shows them."""

from typing import Final

from pydantic import ConfigDict

from api.money_schemas import OverrideView
from api.schemas import Shown
from api.views import maybe, moment, usd
from orchestrator.analysis.templates import TemplateFor
from orchestrator.storage.budget_versions import VersionRow
from orchestrator.storage.templates import TemplateRow
from orchestrator.work.scopes import Period
from providers.calls import JsonObject

_BY: Final = "key_06a9k3v0x1q8h5t2n7c4e0m9zq"
_AT: Final = "2026-11-28T09:30:00.000Z"
_LIMIT: Final[JsonObject] = {
    "scope": "project:crm",
    "period": "month",
    "version": 2,
    "limit_usd": "100.000000",
    "override": None,
    "set_by": _BY,
    "set_at": _AT,
}
_TEXT: Final[JsonObject] = {
    "meeting_type": "standup",
    "version": 3,
    "name": "tpl_06a9k3v0x1q8h5t2n7c4e0m9zr/3",
    "instruction": "- risks: dates that somebody doubted.",
    "set_by": _BY,
    "set_at": _AT,
}


class BudgetVersionView(Shown):
    """A limit as it was set. `limit_usd` null: it was taken away. `set_by` null: an older release did not say."""

    scope: str
    period: Period
    version: int
    limit_usd: str | None
    override: OverrideView | None
    set_by: str | None
    set_at: str


class BudgetVersionsView(Shown):
    """The newest first."""

    model_config = ConfigDict(json_schema_extra={"examples": [{"data": [_LIMIT], "next_cursor": None}]})

    data: tuple[BudgetVersionView, ...]
    next_cursor: str | None


class TemplateVersionView(Shown):
    """A text as it was set. `instruction` null: from then on ours. `name` is what `provenance.prompt_version` says."""

    meeting_type: TemplateFor
    version: int
    name: str
    instruction: str | None
    set_by: str | None
    set_at: str


class TemplateVersionsView(Shown):
    """The newest first."""

    model_config = ConfigDict(json_schema_extra={"examples": [{"data": [_TEXT], "next_cursor": None}]})

    data: tuple[TemplateVersionView, ...]
    next_cursor: str | None


def budget(row: VersionRow) -> BudgetVersionView:
    return BudgetVersionView(
        scope=row.scope,
        period=row.period,
        version=row.version,
        limit_usd=None if row.limit_micro_usd is None else usd(row.limit_micro_usd),
        override=_override(row),
        set_by=row.set_by,
        set_at=moment(row.created_at),
    )


def template(row: TemplateRow) -> TemplateVersionView:
    return TemplateVersionView(
        meeting_type=row.meeting_type,
        version=row.version,
        name=f"{row.id}/{row.version}",
        instruction=row.instruction,
        set_by=row.set_by,
        set_at=moment(row.created_at),
    )


def _override(row: VersionRow) -> OverrideView | None:
    until = maybe(row.override_until)
    if row.override_micro_usd is None or until is None:
        return None
    return OverrideView(limit_usd=usd(row.override_micro_usd), until=until)
