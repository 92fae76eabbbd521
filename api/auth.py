"""Who is calling: `Authorization: Bearer mm_<env>_<random>`, checked on every request."""

from collections.abc import Awaitable, Callable
from typing import Annotated

from fastapi import Depends, Request, Security
from fastapi.concurrency import run_in_threadpool
from fastapi.security import HTTPBearer
from fastapi.security.http import HTTPAuthorizationCredentials

from api.dependencies import House, house
from api.problems import Forbidden
from orchestrator.tenancy.keys import BadKey, Principal, Scope, authenticate, digest

MAX_KEY_CHARACTERS = 200  # a header of a megabyte is not worth a digest

_scheme = HTTPBearer(auto_error=False, description="An API key, such as mm_live_…")


async def principal(
    request: Request,
    given: Annotated[HTTPAuthorizationCredentials | None, Security(_scheme)],
    here: Annotated[House, Depends(house)],
) -> Principal:
    """Raises BadKey: there is no key, there are two, or it opens nothing."""
    if given is None or len(request.headers.getlist("authorization")) != 1:
        raise BadKey("Send one header: Authorization: Bearer <API key>.")
    key = given.credentials[:MAX_KEY_CHARACTERS]
    name = digest(key, here.pepper)
    if (known := here.known_keys.find(name)) is not None:
        return known
    caller = await run_in_threadpool(_look_up, here, key)
    here.known_keys.keep(name, caller)
    return caller


def may(scope: Scope) -> Callable[[Principal], Awaitable[Principal]]:
    """A dependency that demands the scope. Like all that needs no row, it takes no thread."""

    async def check(caller: Annotated[Principal, Depends(principal)]) -> Principal:
        if scope not in caller.scopes:
            raise Forbidden(f"The key lacks the scope {scope!r}.")
        return caller

    return check


def _look_up(here: House, key: str) -> Principal:
    with here.database.tenant("") as connection:
        return authenticate(connection, key, here.pepper)


Reader = Annotated[Principal, Depends(may("read"))]
Submitter = Annotated[Principal, Depends(may("submit"))]
Admin = Annotated[Principal, Depends(may("admin"))]
