"""API keys: `mm_<environment>_<random>`. The database holds a digest under a pepper that it never sees, so that a
stolen dump verifies no key. Keys are random, hence no slow hash.
"""

import hashlib
import hmac
import re
import secrets
import string
from typing import Final, Literal, TypeAlias

from sqlalchemy import Connection, func, insert, select, text
from sqlalchemy.dialects.postgresql import insert as upsert

from orchestrator.errors import DomainError
from orchestrator.ids import new_id
from orchestrator.storage.engine import Database, connect
from orchestrator.storage.tables import api_keys, tenants
from orchestrator.tenancy import audit
from orchestrator.tenancy.audit import OPERATOR, Act, Action, Actor
from providers.calls import JsonObject, Value

Scope: TypeAlias = Literal["submit", "read", "webhooks", "keys", "admin", "ops"]
SCOPES: Final[tuple[Scope, ...]] = ("submit", "read", "webhooks", "keys", "admin", "ops")

_RANDOM_CHARACTERS: Final = 43  # of 62: 256 bits
_SHAPE: Final = re.compile(r"mm_[a-z]{1,12}_[A-Za-z0-9]{20,64}")
_OWNER: Final = text("SELECT tenant_id, key_id, scopes FROM meetingmind_key_owner(:digest)")


class BadKey(DomainError):
    """Missing, malformed, unknown, expired or revoked: a caller learns no more than that."""

    code = "unauthenticated"


class Principal(Value):
    """Who is calling."""

    tenant: str
    key_id: str
    scopes: frozenset[str]


def generate(environment: str) -> str:
    """A new key. Show it once; only its digest is kept."""
    letters = string.ascii_letters + string.digits
    return f"mm_{environment}_" + "".join(secrets.choice(letters) for _ in range(_RANDOM_CHARACTERS))


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
    return Principal(tenant=row.tenant_id, key_id=row.key_id, scopes=frozenset(row.scopes))


def ensure_key(database_url: str, pepper: str, key: str, *, tenant_name: str, key_name: str) -> None:
    """Make sure that the key works and belongs to the tenant, making both if need be. Safe to repeat.

    A key that is made stands in the tenant's audit log, as an act of the operator.

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
            row = {"tenant_id": tenant, "id": new_id("key"), "name": key_name, "scopes": list(SCOPES)}
            made = upsert(api_keys).values(**row, digest=digest(key, pepper))
            once = made.on_conflict_do_nothing(index_elements=["digest"]).returning(api_keys.c.id)
            new = connection.execute(once).scalar_one_or_none()
            if new is not None:
                after: JsonObject = {"name": key_name, "scopes": list(SCOPES)}
                act = Act(action=Action.KEY_CREATED, object=new, after=after)
                audit.record(connection, Actor(tenant=tenant, name=OPERATOR), act)
    finally:
        database.close()


def add_tenant(database: Database, name: str, key: str, pepper: str, scopes: tuple[Scope, ...] = SCOPES) -> str:
    """Make a tenant with one key; returns the tenant's id."""
    with database.system() as connection:
        tenant = _ensure_tenant(connection, name)
        connection.execute(
            insert(api_keys).values(
                tenant_id=tenant, id=new_id("key"), name="first", scopes=list(scopes), digest=digest(key, pepper)
            )
        )
        return tenant


def _ensure_tenant(connection: Connection, name: str) -> str:
    made = upsert(tenants).values(id=new_id("ten"), name=name)
    connection.execute(made.on_conflict_do_nothing(index_elements=["name"]))
    found: str = connection.execute(select(tenants.c.id).where(tenants.c.name == name)).scalar_one()
    return found


def live_keys(connection: Connection) -> int:
    """How many keys there are; 0 means that nobody can call."""
    return connection.execute(select(func.count()).select_from(api_keys)).scalar_one()
