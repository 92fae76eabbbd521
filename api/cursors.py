"""Cursors: where a list goes on, signed and bound to the tenant. A forged or foreign one is refused."""

import hashlib
import hmac

from api.problems import BadQuery


def write(last_id: str, tenant: str, secret: str) -> str:
    return f"{last_id}.{_seal(last_id, tenant, secret)}"


def read(cursor: str, tenant: str, secret: str) -> str:
    """The id that the last page ended with. Raises BadQuery."""
    last_id, _, seal = cursor.partition(".")
    if not hmac.compare_digest(seal.encode(), _seal(last_id, tenant, secret).encode()):
        raise BadQuery("The cursor is not one of ours.")
    return last_id


def _seal(last_id: str, tenant: str, secret: str) -> str:
    message = f"cursor\n{tenant}\n{last_id}".encode()
    return hmac.new(secret.encode(), message, hashlib.sha256).hexdigest()[:24]
