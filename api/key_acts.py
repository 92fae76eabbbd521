"""What the audit log says of keys. Pure. Nothing of what opens the house, and no digest of it."""

from pydantic import JsonValue

from api.views import maybe
from orchestrator.storage.api_keys import KeyRow
from orchestrator.tenancy.audit import Act, Action
from providers.calls import JsonObject


def created(row: KeyRow) -> Act:
    return Act(action=Action.KEY_CREATED, object=row.id, after=_safe(row))


def changed(before: KeyRow, after: KeyRow) -> Act:
    return Act(action=Action.KEY_CHANGED, object=after.id, before=_safe(before), after=_safe(after))


def rotated(before: KeyRow, after: KeyRow) -> Act:
    """`after`: the old key, as it stands beside its successor."""
    told: JsonObject = {**_safe(after), "replaced_by": after.replaced_by}
    return Act(action=Action.KEY_ROTATED, object=after.id, before=_safe(before), after=told)


def revoked(row: KeyRow) -> Act:
    return Act(action=Action.KEY_REVOKED, object=row.id, before=_safe(row))


def _safe(row: KeyRow) -> JsonObject:
    return {"name": row.name, "scopes": list[JsonValue](row.scopes), "expires_at": maybe(row.expires_at)}
