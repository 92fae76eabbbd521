"""What a key may do, in six words. Pure.

submit      jobs, batches, feedback, erasure
read        whatever the tenant has
webhooks    endpoints and what was sent to them
keys        other keys of the tenant
admin       what the tenant sets for itself: budgets, templates
ops         look at the house, which all tenants share; together with `admin`, change what touches all of them
"""

from collections.abc import Iterable
from typing import Final, Literal, TypeAlias, get_args

Scope: TypeAlias = Literal["submit", "read", "webhooks", "keys", "admin", "ops"]
SCOPES: Final[tuple[Scope, ...]] = get_args(Scope)
# What a tenant may do with its own; `ops` is for whoever runs the house, and is given by name alone (ADR 0057).
TENANT_SCOPES: Final[tuple[Scope, ...]] = tuple(scope for scope in SCOPES if scope != "ops")


def in_order(scopes: Iterable[str]) -> tuple[Scope, ...]:
    """Each once, in the order of `SCOPES`; words that are none are left out."""
    wanted = frozenset(scopes)
    return tuple(scope for scope in SCOPES if scope in wanted)
