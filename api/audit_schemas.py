"""Entries of the audit log as the HTTP contract shows them: byte for byte what their digests are made of."""

from typing import Final

from pydantic import ConfigDict

from api.schemas import Shown
from orchestrator.tenancy import chain
from orchestrator.tenancy.chain import Content, Entry
from providers.calls import JsonObject

_ENTRY: Final = chain.sealed(
    Content(
        tenant_id="ten_06a9k3v0x1q8h5t2n7c4e0m9zp",
        sequence=1,
        at="2026-11-28T09:30:00.000Z",
        actor="key_06a9k3v0x1q8h5t2n7c4e0m9zq",
        action="budget.set",
        object="budgets/project:crm/month",
        before={"limit_usd": None, "override_usd": None, "override_until": None},
        after={"limit_usd": "100.000000", "override_usd": None, "override_until": None, "version": 1},
        request_id="req_06a9zk3w8mxq4v1nd7b2c5hfgj",
        previous=chain.START,
    )
)
_SHOWN: Final[JsonObject] = _ENTRY.model_dump()


class AuditEntryView(Shown):
    """Who did what to what. `sequence` has no gaps. `actor` is the id of a key, or `operator`.

    `hash` is the SHA-256 of all other fields as JSON in the canonical form of RFC 8785; `previous` is the `hash` of the
    entry before, 64 zeros for the first. A reader passes over actions that it does not know.
    """

    tenant_id: str
    sequence: int
    at: str
    actor: str
    action: str
    object: str
    before: JsonObject | None
    after: JsonObject | None
    request_id: str | None
    previous: str
    hash: str

    @property
    def entry(self) -> Entry:
        """For a check of the chain."""
        return Entry(**self.model_dump())


class AuditView(Shown):
    """`next` is where the next page begins: its `after`."""

    model_config = ConfigDict(json_schema_extra={"examples": [{"data": [_SHOWN], "next": 1}]})

    data: tuple[AuditEntryView, ...]
    next: int


def entry(row: Entry) -> AuditEntryView:
    return AuditEntryView(**row.model_dump())
