"""`key TENANT [--scopes A,B] [--expires-in-s N]`: makes a key for a tenant, and the tenant if it is new.

Without `--scopes` it may do all that a tenant does for itself. `ops` is given only when it is named: by it one looks at
the house that all tenants share, and with `admin` beside it changes that house.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

from orchestrator.settings import Settings
from orchestrator.tenancy import keys
from orchestrator.tenancy.grants import LONGEST_S
from orchestrator.tenancy.scopes import SCOPES, TENANT_SCOPES, Scope, in_order

SYNOPSIS: Final = "TENANT [ --scopes A,B ] [ --expires-in-s N ]"
ENVIRONMENT: Final = "live"
_PAIR: Final = 2


@dataclass(frozen=True)
class Wish:
    """`expires_in_s` None: it has no end."""

    tenant: str
    scopes: tuple[Scope, ...] = TENANT_SCOPES
    expires_in_s: int | None = None


def wish(words: Sequence[str]) -> Wish | None:
    """What the words after `key` ask for; None: they are wrong."""
    tenant, *rest = [*words] or [""]
    pairs = [rest[place : place + _PAIR] for place in range(0, len(rest), _PAIR)]
    options = {pair[0]: pair[1] for pair in pairs if len(pair) == _PAIR}
    if len(options) != len(pairs) or not tenant.strip() or tenant.startswith("-"):
        return None
    scopes = _scopes(options.pop("--scopes", ",".join(TENANT_SCOPES)))
    seconds = options.pop("--expires-in-s", None)
    if options or scopes is None or not (seconds is None or _is_time(seconds)):
        return None
    return Wish(tenant.strip(), scopes, None if seconds is None else int(seconds))


def make(settings: Settings, wanted: Wish) -> str:
    """The key, which is known nowhere else. Raises Unavailable."""
    key = keys.generate(ENVIRONMENT)
    keys.ensure_key(
        settings.database_url.get_secret_value(),
        settings.key_pepper.get_secret_value(),
        key,
        tenant_name=wanted.tenant,
        key_name="by hand",
        scopes=wanted.scopes,
        expires_in_s=wanted.expires_in_s,
    )
    return key


def _scopes(words: str) -> tuple[Scope, ...] | None:
    named = words.split(",")
    found = in_order(named)
    return found if len(found) == len(named) and set(named) <= set(SCOPES) else None


def _is_time(seconds: str) -> bool:
    return seconds.isascii() and seconds.isdigit() and 0 < int(seconds[:10]) <= LONGEST_S and len(seconds) <= 9
