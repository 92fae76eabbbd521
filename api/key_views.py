"""From rows to what the contract shows of keys. Pure."""

from datetime import datetime

from api.key_schemas import KeyView, KeyWithSecret
from api.views import moment
from orchestrator.storage.api_keys import KeyRow
from orchestrator.tenancy.key_desk import Made
from providers.calls import JsonObject


def key(row: KeyRow, now: datetime) -> KeyView:
    return KeyView(
        id=row.id,
        name=row.name,
        prefix=row.prefix,
        scopes=tuple(row.scopes),
        state=row.state_at(now),
        made_by=row.made_by,
        created_at=moment(row.created_at),
        expires_at=_moment(row.expires_at),
        revoked_at=_moment(row.revoked_at),
        replaced_by=row.replaced_by,
        last_used_at=_moment(row.last_used_at),
    )


def made(one: Made, now: datetime) -> KeyWithSecret:
    """Shown once: there is no other place that has the secret."""
    shown: JsonObject = key(one.row, now).model_dump(mode="json")
    return KeyWithSecret.model_validate({**shown, "secret": one.secret})


def _moment(at: datetime | None) -> str | None:
    return None if at is None else moment(at)
