"""Cursors: where a list goes on, signed and bound to the tenant. A forged or foreign one is refused."""

import hashlib
import hmac

from api.problems import BadQuery


def write(last_id: str, tenant: str, secret: str, of: str = "") -> str:
    """`of`: the list that it goes on, where it is another than that of jobs."""
    return f"{last_id}.{_seal(last_id, tenant, secret, of)}"


def read(cursor: str, tenant: str, secret: str, of: str = "") -> str:
    """The id that the last page ended with. Raises BadQuery."""
    last_id, _, seal = cursor.partition(".")
    if not hmac.compare_digest(seal.encode(), _seal(last_id, tenant, secret, of).encode()):
        raise BadQuery("The cursor is not one of ours.")
    return last_id


def _seal(last_id: str, tenant: str, secret: str, of: str) -> str:
    message = f"cursor{of}\n{tenant}\n{last_id}".encode()
    return hmac.new(secret.encode(), message, hashlib.sha256).hexdigest()[:24]
