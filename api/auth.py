"""Who is calling: `Authorization: Bearer mm_<env>_<random>`, checked on every request; or a gateway's word for it."""

from collections.abc import Awaitable, Callable
from typing import Annotated

from fastapi import Depends, Security
from fastapi.concurrency import run_in_threadpool
from fastapi.security import HTTPBearer
from fastapi.security.http import HTTPAuthorizationCredentials
from starlette.requests import HTTPConnection

from api import room
from api.dependencies import House, house
from api.gateway import is_tenant
from api.problems import Forbidden, TooManyRequests
from api.request_ids import MORE_HEADERS
from orchestrator.tenancy.audit import Actor
from orchestrator.tenancy.keys import BadKey, Principal, authenticate, digest
from orchestrator.tenancy.scopes import Scope

MAX_KEY_CHARACTERS = 200  # a header of a megabyte is not worth a digest

_scheme = HTTPBearer(auto_error=False, description="An API key, such as mm_live_…")


async def principal(
    asked: HTTPConnection,
    given: Annotated[HTTPAuthorizationCredentials | None, Security(_scheme)],
    here: Annotated[House, Depends(house)],
) -> Principal:
    """Who is calling, counted against what the key may ask in a minute and its tenant at once.

    Raises:
        BadKey: there is no key, there are two, or it opens nothing; or it is no word of the gateway's.
        TooManyRequests: it has asked too often, or its tenant has too much under way.
    """
    if here.gateway is not None and here.gateway.speaks(asked):
        caller = await _of_gateway(here, here.gateway.claimed(asked))
    else:
        caller = await _of_key(asked, given, here)
    await _count(asked, here, caller)
    room.admit(asked.scope, caller.tenant)
    return caller


async def _of_key(asked: HTTPConnection, given: HTTPAuthorizationCredentials | None, here: House) -> Principal:
    if given is None or len(asked.headers.getlist("authorization")) != 1:
        raise BadKey("Send one header: Authorization: Bearer <API key>.")
    key = given.credentials[:MAX_KEY_CHARACTERS]
    name = digest(key, here.pepper)
    caller = here.known_keys.find(name)
    if caller is None or caller.has_ended(here.clock.now):
        asked_at = here.known_keys.moment()
        caller = await run_in_threadpool(_look_up, here, key)
        here.known_keys.keep(name, caller, asked_at)
    here.key_uses.note(caller)
    return caller


async def _of_gateway(here: House, claimed: Principal) -> Principal:
    name = f"{claimed.key_id} {' '.join(sorted(claimed.scopes))}".encode()
    if here.known_keys.find(name) is None:
        asked_at = here.known_keys.moment()
        if not await run_in_threadpool(_is_tenant, here, claimed.tenant):
            raise BadKey("There is no such tenant.")
        here.known_keys.keep(name, claimed, asked_at)
    return claimed


async def _count(asked: HTTPConnection, here: House, caller: Principal) -> None:
    left = await here.rates.take(caller.key_id)
    if left is None:
        return
    asked.scope[MORE_HEADERS] = left.headers
    if not left.fits:
        raise TooManyRequests(f"The key may make {left.quota} requests a minute.", retry_after_s=left.reset_s)


def may(*needed: Scope) -> Callable[[Principal], Awaitable[Principal]]:
    """A dependency that demands all of these scopes. Like all that needs no row, it takes no thread."""

    async def check(caller: Annotated[Principal, Depends(principal)]) -> Principal:
        for scope in needed:
            if scope not in caller.scopes:
                raise Forbidden(f"The key lacks the scope {scope!r}.")
        return caller

    return check


def either(*enough: Scope) -> Callable[[Principal], Awaitable[Principal]]:
    """A dependency that demands one of these scopes."""

    async def check(caller: Annotated[Principal, Depends(principal)]) -> Principal:
        if caller.scopes.isdisjoint(enough):
            raise Forbidden(f"The key has none of the scopes {', '.join(map(repr, enough))}.")
        return caller

    return check


def _look_up(here: House, key: str) -> Principal:
    with here.database.tenant("") as connection:
        return authenticate(connection, key, here.pepper)


def _is_tenant(here: House, tenant: str) -> bool:
    with here.database.tenant(tenant) as connection:
        return is_tenant(connection)


async def acting(asked: HTTPConnection, caller: Annotated[Principal, Depends(principal)]) -> Actor:
    """Who is to be named in the audit log, and which request it was."""
    return Actor(tenant=caller.tenant, name=caller.key_id, request_id=str(asked.scope["request_id"]))


Reader = Annotated[Principal, Depends(may("read"))]
Submitter = Annotated[Principal, Depends(may("submit"))]
Hooker = Annotated[Principal, Depends(may("webhooks"))]
Keeper = Annotated[Principal, Depends(may("keys"))]
Admin = Annotated[Principal, Depends(may("admin"))]
Operator = Annotated[Principal, Depends(may("admin", "ops"))]  # changes what all tenants share
By = Annotated[Actor, Depends(acting)]
