"""`/v1/keys`: the tenant's keys: making, listing, changing, exchanging and ending them. See ADR 0057."""

import re
from typing import Annotated, Any, Final, TypeAlias

from fastapi import APIRouter, Depends, Header, Query, Response

from api import cursors, key_acts, key_views
from api.auth import By, Keeper
from api.bodies import JsonBytes, parse
from api.dependencies import Here, House
from api.digests import digest
from api.key_schemas import KeyBody, KeyChange, KeysView, KeyView, KeyWithSecret, RotateBody
from api.routes.jobs import checked_key
from orchestrator.errors import InvalidRequest, NotFound
from orchestrator.storage import api_keys
from orchestrator.tenancy import audit, key_desk
from orchestrator.tenancy.grants import wished_end
from orchestrator.tenancy.key_desk import Made, Order
from orchestrator.tenancy.keys import Principal

MAX_PAGE: Final = 200
_ID: Final = re.compile(r"key_[0-9a-z]{26}")
_OF: Final = "keys"  # what a cursor of this list is for

IdempotencyKey: TypeAlias = Annotated[str | None, Header(description="1 to 255 printable characters")]

router = APIRouter(prefix="/v1/keys", tags=["keys"])


def _body(name: str) -> dict[str, Any]:
    schema = {"schema": {"$ref": f"#/components/schemas/{name}"}}
    return {"requestBody": {"required": True, "content": {"application/json": schema}}}


async def _known(key_id: str) -> str:
    if not _ID.fullmatch(key_id):
        raise NotFound("There is no such key.")
    return key_id


KeyId = Annotated[str, Depends(_known)]


@router.post("", response_model=KeyWithSecret, status_code=201, openapi_extra=_body("KeyBody"), summary="Make a key")
def add(
    response: Response, body: JsonBytes, caller: Keeper, by: By, here: Here, idempotency_key: IdempotencyKey = None
) -> KeyWithSecret:
    """With no more scopes than yours, and no later end. `secret` is in this answer and never again.

    A repeated Idempotency-Key answers with the key that it has made, and `secret` null: nobody has kept it.
    """
    wish = parse(body, KeyBody)
    order = _order(here, caller, digest("key", body), checked_key(idempotency_key))
    end = wished_end(order.now, wish.expires_at, wish.expires_in_s)
    with here.database.tenant(caller.tenant) as connection:
        audit.hold(connection, caller.tenant)
        made = key_desk.make(connection, order, wish.name, frozenset(wish.scopes), end)
        if made.secret is not None:
            audit.record(connection, by, key_acts.created(made.row))
    return _shown_once(response, order, made)


@router.get("", response_model=KeysView, summary="List the keys, newest first")
def page(
    caller: Keeper,
    here: Here,
    *,
    limit: Annotated[int, Query(ge=1, le=MAX_PAGE)] = 50,
    cursor: Annotated[str | None, Query(max_length=200)] = None,
) -> KeysView:
    """Those that have ended among them; none of them with what opens the house."""
    before = None if cursor is None else cursors.read(cursor, caller.tenant, here.pepper, of=_OF)
    with here.database.tenant(caller.tenant) as connection:
        rows = api_keys.page(connection, limit=limit + 1, before=before)
    last = rows[limit - 1].id if len(rows) > limit else None
    more = None if last is None else cursors.write(last, caller.tenant, here.pepper, of=_OF)
    now = here.clock.now()
    return KeysView(data=tuple(key_views.key(row, now) for row in rows[:limit]), next_cursor=more)


@router.get("/{key_id}", response_model=KeyView, summary="Read a key")
def read(key_id: KeyId, caller: Keeper, here: Here) -> KeyView:
    """Everything but what opens the house."""
    with here.database.tenant(caller.tenant) as connection:
        return key_views.key(api_keys.read(connection, key_id), here.clock.now())


@router.patch(
    "/{key_id}", response_model=KeyView, openapi_extra=_body("KeyChange"), summary="Change a key's name or its end"
)
def change(key_id: KeyId, body: JsonBytes, caller: Keeper, by: By, here: Here) -> KeyView:
    """Only what is named changes. A key that shall last longer may do no more than yours, and ends no later."""
    wish, now = parse(body, KeyChange), here.clock.now()
    values: dict[str, object] = wish.model_dump(include={"name"}, exclude_unset=True)
    if values.get("name", "") is None:
        raise InvalidRequest("name cannot be null", pointer="/name")
    if wish.model_fields_set & {"expires_at", "expires_in_s"}:
        values["expires_at"] = wished_end(now, wish.expires_at, wish.expires_in_s)
    with here.database.tenant(caller.tenant) as connection:
        audit.hold(connection, caller.tenant)
        before = api_keys.read(connection, key_id)
        row = key_desk.change(connection, caller, key_id, values, now)
        if (row.name, row.expires_at) != (before.name, before.expires_at):
            audit.record(connection, by, key_acts.changed(before, row))
    here.known_keys.forget(key_id)
    return key_views.key(row, now)


@router.delete("/{key_id}", response_model=KeyView, summary="Revoke a key")
def revoke(key_id: KeyId, caller: Keeper, by: By, here: Here) -> KeyView:
    """It opens nothing any more, here at once, in other processes within two seconds. Twice is the same as once.

    Whatever it may do: taking a key away gives nobody anything. The keys that it has made stay; `made_by` names them.
    """
    with here.database.tenant(caller.tenant) as connection:
        audit.hold(connection, caller.tenant)
        before = api_keys.read(connection, key_id)
        api_keys.revoke(connection, key_id)
        row = api_keys.read(connection, key_id)
        if before.revoked_at is None:
            audit.record(connection, by, key_acts.revoked(before))
    here.known_keys.forget(key_id)
    return key_views.key(row, here.clock.now())


@router.post(
    "/{key_id}/rotate",
    response_model=KeyWithSecret,
    status_code=201,
    openapi_extra=_body("RotateBody"),
    summary="Exchange a key",
)
def rotate(
    response: Response,
    key_id: KeyId,
    body: JsonBytes,
    caller: Keeper,
    by: By,
    here: Here,
    idempotency_key: IdempotencyKey = None,
) -> KeyWithSecret:
    """Makes a successor of the same name and scopes; the old key lives on for `overlap_s`, a day without a word.

    `secret` is in this answer and never again. Without a key under Idempotency-Key each call makes another successor.
    """
    wish = parse(body, RotateBody)
    order = _order(here, caller, digest(f"rotate {key_id}", body), checked_key(idempotency_key))
    end = wished_end(order.now, wish.expires_at, wish.expires_in_s)
    with here.database.tenant(caller.tenant) as connection:
        audit.hold(connection, caller.tenant)
        before = api_keys.read(connection, key_id)
        made = key_desk.rotate(connection, order, key_id, wish.overlap_s, end)
        if made.secret is not None:
            audit.record(connection, by, key_acts.rotated(before, api_keys.read(connection, key_id)))
    here.known_keys.forget(key_id)
    return _shown_once(response, order, made)


def _order(here: House, caller: Principal, of: bytes, repeats: str | None) -> Order:
    return Order(caller=caller, pepper=here.pepper, now=here.clock.now(), digest=of, repeats=repeats)


def _shown_once(response: Response, order: Order, made: Made) -> KeyWithSecret:
    """Stored by nobody on the way, as it holds a secret (RFC 9111, section 5.2.2.5)."""
    response.headers["Cache-Control"] = "no-store"
    response.headers["Location"] = f"/v1/keys/{made.row.id}"
    if made.secret is None:
        response.headers["Idempotent-Replayed"] = "true"
    return key_views.made(made, order.now)
