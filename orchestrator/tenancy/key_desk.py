"""Making, changing, exchanging and ending the keys of a tenant, in its own transaction. `grants` says what may be.

What was made is shown once: of a repeated call the row is known, and not the key.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final

from sqlalchemy import Connection

from orchestrator.errors import KeyEnded, TooMany
from orchestrator.ids import new_id
from orchestrator.storage import api_keys, idempotency
from orchestrator.storage.api_keys import KeyRow
from orchestrator.tenancy import grants, keys
from orchestrator.tenancy.keys import Principal
from orchestrator.tenancy.scopes import in_order

MOST_KEYS: Final = 200  # that open something


@dataclass(frozen=True)
class Made:
    """A key that was made. `secret` None: by an earlier call under the same Idempotency-Key."""

    row: KeyRow
    secret: str | None


@dataclass(frozen=True)
class Order:
    """What a call that makes a key brings beside its wishes. `digest`: of its body; `repeats`: its Idempotency-Key."""

    caller: Principal
    pepper: str
    now: datetime
    digest: bytes
    repeats: str | None


def make(connection: Connection, order: Order, name: str, scopes: frozenset[str], end: datetime | None) -> Made:
    """Make a key; without an end it ends with its maker.

    Raises:
        BeyondOwnKey: it would have more than its maker, or outlast it.
        TooMany: there are `MOST_KEYS` already.
        IdempotencyMismatch: the Idempotency-Key belongs to another call.
    """
    grants.check_scopes(order.caller.scopes, scopes)
    ends = grants.end_of_made(end, None, order.caller.expires_at)
    return _made(connection, order, name, scopes, ends)


def rotate(connection: Connection, order: Order, key_id: str, overlap_s: int, end: datetime | None) -> Made:
    """Make a successor of the same name and scopes, which ends as the old key would have, and have that end soon.

    Raises:
        NotFound, KeyEnded: there is no such key; it opens nothing any more.
        BeyondOwnKey, TooMany, IdempotencyMismatch: as `make` does.
    """
    known = _earlier(connection, order)
    if known is not None:
        return known
    row = _held_alive(connection, order, key_id)
    grants.check_scopes(order.caller.scopes, row.scopes)
    ends = grants.end_of_made(end, row.expires_at, order.caller.expires_at)
    made = _made(connection, order, row.name, frozenset(row.scopes), ends)
    if made.secret is not None:
        gone = grants.earlier(row.expires_at, order.now + timedelta(seconds=overlap_s))
        api_keys.change(connection, key_id, {"expires_at": gone, "replaced_by": made.row.id})
    return made


def change(
    connection: Connection, caller: Principal, key_id: str, values: Mapping[str, object], now: datetime
) -> KeyRow:
    """Set `name` and `expires_at`, whichever is given.

    Raises:
        NotFound, KeyEnded, BeyondOwnKey: the last only where the key would last longer than it does.
    """
    row = api_keys.read(connection, key_id, hold=True)
    if "expires_at" in values:
        _check_alive(row, now)
        after = values["expires_at"]
        if grants.check_change(caller.expires_at, row.expires_at, after if isinstance(after, datetime) else None):
            grants.check_scopes(caller.scopes, row.scopes)
    if values:
        api_keys.change(connection, key_id, values)
    return api_keys.read(connection, key_id)


def _made(connection: Connection, order: Order, name: str, scopes: frozenset[str], ends: datetime | None) -> Made:
    key_id, secret = new_id("key"), keys.generate(order.caller.environment)
    if order.repeats is not None:
        held = idempotency.remember_key(connection, order.repeats, order.digest, key_id)
        if held is not None:
            return Made(api_keys.read(connection, idempotency.earlier(held, order.digest).job_id), None)
    if api_keys.count_live(connection) >= MOST_KEYS:
        raise TooMany(f"There are {MOST_KEYS} keys already. Revoke one first.")
    row: dict[str, object] = {
        "id": key_id,
        "name": name,
        "prefix": keys.prefix(secret),
        "scopes": list(in_order(scopes)),
    }
    more: dict[str, object] = {
        "digest": keys.digest(secret, order.pepper),
        "made_by": order.caller.key_id,
        "expires_at": ends,
    }
    api_keys.add(connection, row | more)
    return Made(api_keys.read(connection, key_id), secret)


def _earlier(connection: Connection, order: Order) -> Made | None:
    """What an earlier call made: asked before anything is refused, as that call may have ended the key it rotates."""
    held = None if order.repeats is None else idempotency.of_key(connection, order.repeats)
    if held is None:
        return None
    return Made(api_keys.read(connection, idempotency.earlier(held, order.digest).job_id), None)


def _held_alive(connection: Connection, order: Order, key_id: str) -> KeyRow:
    row = api_keys.read(connection, key_id, hold=True)
    _check_alive(row, order.now)
    return row


def _check_alive(row: KeyRow, now: datetime) -> None:
    if row.state_at(now) != "live":
        raise KeyEnded("The key has been revoked or has expired, and stays so: make another.")
