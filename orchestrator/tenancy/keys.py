"""API keys: `mm_<environment>_<random>`. The database holds a digest under a pepper that it never sees, so that a
stolen dump verifies no key. Keys are random, hence no slow hash.
"""

import hashlib
import hmac
import re
import secrets
import string
from collections.abc import Callable, Iterable
from datetime import datetime, timedelta
from typing import Final

from sqlalchemy import Connection, func, insert, select, text
from sqlalchemy.dialects.postgresql import insert as upsert

from orchestrator.errors import DomainError
from orchestrator.ids import new_id
from orchestrator.storage import api_keys as storage
from orchestrator.storage.engine import Database, connect
from orchestrator.storage.tables import api_keys, tenants
from orchestrator.tenancy import audit
from orchestrator.tenancy.audit import OPERATOR, Act, Action, Actor
from orchestrator.tenancy.scopes import SCOPES, TENANT_SCOPES, Scope, in_order
from providers.calls import JsonObject, Value

_RANDOM_CHARACTERS: Final = 43  # of 62: 256 bits
_SHAPE: Final = re.compile(r"mm_[a-z]{1,12}_[A-Za-z0-9]{20,64}")
_SHOWN_CHARACTERS: Final = 4  # of those: enough to tell a tenant's keys apart, and 232 bits are left
_OWNER: Final = text("SELECT tenant_id, key_id, scopes, expires_at FROM meetingmind_key_owner(:digest)")


class BadKey(DomainError):
    """Missing, malformed, unknown, expired or revoked: a caller learns no more than that."""

    code = "unauthenticated"


class Principal(Value):
    """Who is calling. `environment` is the second part of the key; `expires_at` None: it has no end."""

    tenant: str
    key_id: str
    scopes: frozenset[str]
    environment: str
    expires_at: datetime | None = None

    def has_ended(self, now: Callable[[], datetime]) -> bool:
        """The time is asked for only if there is an end."""
        return self.expires_at is not None and self.expires_at <= now()


def generate(environment: str) -> str:
    """A new key. Show it once; only its digest is kept."""
    letters = string.ascii_letters + string.digits
    return f"mm_{environment}_" + "".join(secrets.choice(letters) for _ in range(_RANDOM_CHARACTERS))


def prefix(key: str) -> str:
    """How a key begins, by which people know it."""
    environment_part, _, letters = key.rpartition("_")
    return f"{environment_part}_{letters[:_SHOWN_CHARACTERS]}"


def digest(key: str, pepper: str) -> bytes:
    return hmac.digest(pepper.encode(), key.encode(), hashlib.sha256)


def authenticate(connection: Connection, key: str, pepper: str) -> Principal:
    """Name the tenant that a key belongs to. Any role of ours may ask.

    A malformed key is looked up all the same, so that it takes as long as a wrong one.

    Raises:
        BadKey: no live key has this digest.
    """
    row = connection.execute(_OWNER, {"digest": digest(key, pepper)}).one_or_none()
    if row is None or not _SHAPE.fullmatch(key):
        raise BadKey("The key is missing, wrong, expired or revoked.")
    return Principal(
        tenant=row.tenant_id,
        key_id=row.key_id,
        scopes=frozenset(row.scopes),
        environment=key.split("_")[1],
        expires_at=row.expires_at,
    )


def check_still_opens(connection: Connection, caller: Principal) -> None:
    """For who was let in a while ago, in the tenant's transaction or the system's. Raises BadKey."""
    if storage.ended(connection, {(caller.tenant, caller.key_id)}):
        raise BadKey("The key has expired or was revoked.")


def ensure_key(
    database_url: str,
    pepper: str,
    key: str,
    *,
    tenant_name: str,
    key_name: str,
    scopes: Iterable[Scope] = TENANT_SCOPES,
    expires_in_s: int | None = None,
) -> None:
    """Make sure that the key works and belongs to the tenant, making both if need be. Safe to repeat.

    A key that is there already keeps the scopes that it has. One that is made stands in the tenant's audit log, as an
    act of the operator.

    Raises:
        ValueError: the key is not shaped like one.
        Unavailable: PostgreSQL is away.
    """
    if not _SHAPE.fullmatch(key):
        raise ValueError("An API key is written mm_<environment>_<20 to 64 letters and digits>.")
    database = connect(database_url, pool_size=1, name="meetingmind set-up")
    try:
        with database.system() as connection:
            tenant = _ensure_tenant(connection, tenant_name)
            row = {"tenant_id": tenant, "id": new_id("key"), "name": key_name, "scopes": list(in_order(scopes))}
            row["prefix"] = prefix(key)
            end = None if expires_in_s is None else func.clock_timestamp() + timedelta(seconds=expires_in_s)
            made = upsert(api_keys).values(**row, digest=digest(key, pepper), expires_at=end)
            once = made.on_conflict_do_nothing(index_elements=["digest"]).returning(api_keys.c.id)
            new = connection.execute(once).scalar_one_or_none()
            if new is not None:
                after: JsonObject = {"name": key_name, "scopes": list(row["scopes"])}
                act = Act(action=Action.KEY_CREATED, object=new, after=after)
                audit.record(connection, Actor(tenant=tenant, name=OPERATOR), act)
    finally:
        database.close()


def add_tenant(database: Database, name: str, key: str, pepper: str, scopes: tuple[Scope, ...] = SCOPES) -> str:
    """Make a tenant with one key; returns the tenant's id."""
    with database.system() as connection:
        tenant = _ensure_tenant(connection, name)
        row = {"tenant_id": tenant, "id": new_id("key"), "name": "first", "prefix": prefix(key), "scopes": list(scopes)}
        connection.execute(insert(api_keys).values(**row, digest=digest(key, pepper)))
        return tenant


def _ensure_tenant(connection: Connection, name: str) -> str:
    made = upsert(tenants).values(id=new_id("ten"), name=name)
    connection.execute(made.on_conflict_do_nothing(index_elements=["name"]))
    found: str = connection.execute(select(tenants.c.id).where(tenants.c.name == name)).scalar_one()
    return found


def live_keys(connection: Connection) -> int:
    """How many keys there are; 0 means that nobody can call."""
    return connection.execute(select(func.count()).select_from(api_keys)).scalar_one()
