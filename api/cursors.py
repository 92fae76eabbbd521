"""Cursors: where a list goes on, signed and bound to the list and the tenant. A forged or foreign one is refused.

They do not expire: what a page ended with stays a place in the list.
"""

import hashlib
import hmac

from api.problems import BadQuery


def write(last_id: str, tenant: str, secret: str, *, of: str) -> str:
    """`of`: names the list that it goes on among all of the tenant's."""
    return f"{last_id}.{_seal(last_id, tenant, secret, of)}"


def read(cursor: str, tenant: str, secret: str, *, of: str) -> str:
    """The id that the last page ended with. Raises BadQuery."""
    last_id, _, seal = cursor.partition(".")
    if not hmac.compare_digest(seal.encode(), _seal(last_id, tenant, secret, of).encode()):
        raise BadQuery("The cursor is not one of ours.")
    return last_id


def _seal(last_id: str, tenant: str, secret: str, of: str) -> str:
    message = f"cursor of {of}\n{tenant}\n{last_id}".encode()
    return hmac.new(secret.encode(), message, hashlib.sha256).hexdigest()[:24]
