"""API keys as the HTTP contract shows them. What opens the house is shown once, by the call that makes it."""

from typing import Annotated, Final, TypeAlias

from pydantic import ConfigDict, Field

from api.queries import PostedMoment
from api.schemas import Shown
from orchestrator.routing.request import Line, Strict
from orchestrator.storage.api_keys import KeyState
from orchestrator.tenancy.grants import LONGEST_S
from orchestrator.tenancy.scopes import SCOPES, Scope
from providers.calls import JsonObject

OVERLAP_S: Final = 86_400  # a day: long enough to bring the successor to everything that has the old key
LONGEST_OVERLAP_S: Final = 2_592_000  # thirty days

_KEY: Final[JsonObject] = {
    "id": "key_06a9k3v0x1q8h5t2n7c4e0m9zr",
    "object": "key",
    "name": "the CRM",
    "prefix": "mm_live_4kPq",
    "scopes": ["submit", "read"],
    "state": "live",
    "made_by": "key_06a9k3v0x1q8h5t2n7c4e0m9zq",
    "created_at": "2026-11-28T09:30:00.000Z",
    "expires_at": "2027-02-26T09:30:00.000Z",
    "revoked_at": None,
    "replaced_by": None,
    "last_used_at": None,
}

At: TypeAlias = PostedMoment
InS: TypeAlias = Annotated[int, Field(ge=1, le=LONGEST_S)]


class KeyBody(Strict):
    """A key that shall be. Without an end it has none, or that of the key that makes it."""

    model_config = ConfigDict(
        json_schema_extra={
            "examples": [
                {"name": "the CRM", "scopes": ["submit", "read"], "expires_in_s": 7_776_000},
                {"name": "reports", "scopes": ["read"]},
            ]
        }
    )

    name: Line
    scopes: Annotated[tuple[Scope, ...], Field(min_length=1, max_length=len(SCOPES))]
    expires_at: At | None = None
    expires_in_s: InS | None = None


class KeyChange(Strict):
    """What shall be different. `expires_at` null: it has no end. Scopes never change: make another key."""

    model_config = ConfigDict(json_schema_extra={"examples": [{"name": "the old CRM"}, {"expires_in_s": 3_600}]})

    name: Line | None = None
    expires_at: At | None = None
    expires_in_s: InS | None = None


class RotateBody(Strict):
    """How long the old key still lives, 0: no longer; and when its successor ends: without a word, as it would have."""

    model_config = ConfigDict(json_schema_extra={"examples": [{"overlap_s": OVERLAP_S}, {"overlap_s": 0}]})

    overlap_s: Annotated[int, Field(ge=0, le=LONGEST_OVERLAP_S)] = OVERLAP_S
    expires_at: At | None = None
    expires_in_s: InS | None = None


class KeyView(Shown):
    """`prefix`: how it begins; null: it is older than this list. `made_by`: a key of yours; null: an operator.

    `replaced_by`: its newest successor. `last_used_at`: to the minute; null: never, or before this was noted.
    """

    model_config = ConfigDict(json_schema_extra={"examples": [_KEY]})

    id: str
    object: str = "key"
    name: str
    prefix: str | None
    scopes: tuple[str, ...]
    state: KeyState
    made_by: str | None
    created_at: str
    expires_at: str | None
    revoked_at: str | None
    replaced_by: str | None
    last_used_at: str | None


class KeyWithSecret(KeyView):
    """`secret` is the key itself, shown this once; null: an earlier call under this Idempotency-Key has shown it."""

    model_config = ConfigDict(json_schema_extra={"examples": [{**_KEY, "secret": "mm_live_..."}]})

    secret: str | None


class KeysView(Shown):
    """The newest first. `next_cursor` leads to the older ones; null: there are none."""

    model_config = ConfigDict(json_schema_extra={"examples": [{"data": [_KEY], "next_cursor": None}]})

    data: tuple[KeyView, ...]
    next_cursor: str | None
