"""Who may do what: every route of the application by every scope, against one table. A route without a row fails.

A row names what is enough: one of its alternatives, each of which is a set of scopes that a key must have together.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Final, TypeAlias

import pytest
from fastapi import APIRouter, FastAPI
from fastapi.testclient import TestClient
from starlette.routing import BaseRoute, Route, WebSocketRoute
from starlette.testclient import WebSocketDenialResponse
from starlette.websockets import WebSocketDisconnect

from api.app import build
from orchestrator.settings import Settings
from orchestrator.storage.engine import Database
from orchestrator.tenancy.keys import add_tenant, generate
from orchestrator.tenancy.scopes import SCOPES, Scope
from tests.servers import PEPPER

Enough: TypeAlias = tuple[frozenset[Scope], ...]


def one_of(*alternatives: str) -> Enough:
    """Each alternative as its scopes, with a plus between them."""
    return tuple(frozenset(scope for scope in SCOPES if scope in one.split("+")) for one in alternatives)


OPEN: Final[Enough] = (frozenset(),)  # no key is asked for
READ, SUBMIT, WEBHOOKS, KEYS = one_of("read"), one_of("submit"), one_of("webhooks"), one_of("keys")
ADMIN, OPS, OF_THE_HOUSE = one_of("admin"), one_of("ops"), one_of("admin+ops")

ROUTES: Final[dict[str, Enough]] = {
    "POST /v1/jobs": SUBMIT,
    "GET /v1/jobs": READ,
    "GET /v1/jobs/{job_id}": READ,
    "DELETE /v1/jobs/{job_id}": SUBMIT,
    "POST /v1/jobs/{job_id}/cancel": SUBMIT,
    "POST /v1/jobs/{job_id}/retry": SUBMIT,
    "POST /v1/jobs/{job_id}/replay": SUBMIT,
    "GET /v1/jobs/{job_id}/events": READ,
    "WEBSOCKET /v1/jobs/{job_id}/events": READ,
    "GET /v1/jobs/{job_id}/report": READ,
    "GET /v1/jobs/{job_id}/export": READ,
    "GET /v1/jobs/{job_id}/timeline": READ,
    "GET /v1/events": READ,
    "GET /v1/jobs/{job_id}/partial": READ,
    "POST /v1/jobs/{job_id}/result-url": READ,
    "GET /v1/results": OPEN,
    "GET /v1/dead-letters": READ,
    "POST /v1/dead-letters/requeue": SUBMIT,
    "POST /v1/plans": SUBMIT,
    "POST /v1/batches": SUBMIT,
    "GET /v1/batches": READ,
    "GET /v1/batches/{batch_id}": READ,
    "GET /v1/batches/{batch_id}/results": READ,
    "GET /v1/batches/{batch_id}/errors": READ,
    "POST /v1/batches/{batch_id}/pause": SUBMIT,
    "POST /v1/batches/{batch_id}/resume": SUBMIT,
    "POST /v1/batches/{batch_id}/cancel": SUBMIT,
    "POST /v1/batches/{batch_id}/retry": SUBMIT,
    "POST /v1/feedback": SUBMIT,
    "GET /v1/feedback": READ,
    "GET /v1/budgets": READ,
    "PUT /v1/budgets/{scope}": ADMIN,
    "POST /v1/budgets/resume": OF_THE_HOUSE,
    "GET /v1/costs": READ,
    "GET /v1/analytics": READ,
    "GET /v1/templates": READ,
    "POST /v1/templates/preview": READ,
    "GET /v1/templates/{meeting_type}": READ,
    "PUT /v1/templates/{meeting_type}": ADMIN,
    "DELETE /v1/templates/{meeting_type}": ADMIN,
    "GET /v1/budgets/{scope}/versions": READ,
    "POST /v1/budgets/{scope}/versions/{version}/restore": ADMIN,
    "GET /v1/templates/{meeting_type}/versions": READ,
    "POST /v1/templates/{meeting_type}/versions/{version}/restore": ADMIN,
    "GET /v1/audit": ADMIN,
    "POST /v1/webhooks": WEBHOOKS,
    "GET /v1/webhooks": WEBHOOKS,
    "GET /v1/webhooks/{webhook_id}": WEBHOOKS,
    "PATCH /v1/webhooks/{webhook_id}": WEBHOOKS,
    "DELETE /v1/webhooks/{webhook_id}": WEBHOOKS,
    "POST /v1/webhooks/{webhook_id}/rotate": WEBHOOKS,
    "POST /v1/webhooks/{webhook_id}/test": WEBHOOKS,
    "GET /v1/webhooks/{webhook_id}/deliveries": WEBHOOKS,
    "POST /v1/webhooks/{webhook_id}/redeliver": WEBHOOKS,
    "POST /v1/deliveries/{delivery_id}/redeliver": WEBHOOKS,
    "POST /v1/keys": KEYS,
    "GET /v1/keys": KEYS,
    "GET /v1/keys/{key_id}": KEYS,
    "PATCH /v1/keys/{key_id}": KEYS,
    "DELETE /v1/keys/{key_id}": KEYS,
    "POST /v1/keys/{key_id}/rotate": KEYS,
    "GET /v1/providers": READ,
    "GET /v1/providers/{provider_id}": READ,
    "GET /v1/providers/{provider_id}/models": READ,
    "GET /v1/circuits": one_of("admin", "ops"),
    "POST /v1/circuits/{provider_id}/reset": OF_THE_HOUSE,
    "GET /metrics": OPS,
    "GET /health": OPEN,
    "GET /health/live": OPEN,
    "GET /health/ready": OPEN,
    "GET /docs": OPEN,
    "GET /openapi.json": OPEN,
    "WEBSOCKET /{path:path}": OPEN,
}
# An id of the right shape that nobody has: scopes are looked at whether it is there or not.
PLACES: Final = {
    "{job_id}": f"job_{'0' * 26}",
    "{batch_id}": f"bat_{'0' * 26}",
    "{webhook_id}": f"whk_{'0' * 26}",
    "{key_id}": f"key_{'0' * 26}",
    "{delivery_id}": f"dlv_{'0' * 26}",
    "{scope}": "tenant",
    "{meeting_type}": "standup",
    "{version}": "1",
    "{provider_id}": "nobody",
    "{path:path}": "nowhere",
}
HELD: Final[dict[str, frozenset[Scope]]] = {
    **{scope: frozenset({scope}) for scope in SCOPES},
    "nothing": frozenset(),
    "admin+ops": frozenset({"admin", "ops"}),
    "all but ops": frozenset(SCOPES) - {"ops"},
}
REFUSED: Final = {401, 403}


@dataclass(frozen=True)
class Gate:
    """The application, and a key for each set of scopes; the one of `` is none."""

    client: TestClient
    keys: dict[str, str]

    def status(self, route: str, key: str) -> int:
        method, _, path = route.partition(" ")
        for place, value in PLACES.items():
            path = path.replace(place, value)
        headers = {"Authorization": f"Bearer {self.keys[key]}"} if key else {}
        if method == "WEBSOCKET":
            return self._handshake(path, headers)
        sent = {"content": b"{}", "headers": {**headers, "Content-Type": "application/json"}}
        return self.client.request(method, path, **sent).status_code  # type: ignore[arg-type]

    def _handshake(self, path: str, headers: dict[str, str]) -> int:
        try:
            with self.client.websocket_connect(path, headers=headers):
                return 101
        except WebSocketDenialResponse as refused:
            return refused.status_code
        except WebSocketDisconnect:
            return 101


def named(app: FastAPI) -> Iterator[str]:
    """The application's routes as the table names them."""
    for route in app.routes:
        yield from _named(route)


def _named(route: BaseRoute) -> Iterator[str]:
    included = getattr(route, "original_router", None)
    if isinstance(included, APIRouter):
        for inner in included.routes:
            yield from _named(inner)
    elif isinstance(route, Route):
        yield from (f"{method} {route.path}" for method in sorted((route.methods or set()) - {"HEAD"}))
    elif isinstance(route, WebSocketRoute):
        yield f"WEBSOCKET {route.path}"
    else:
        yield f"{type(route).__name__} {getattr(route, 'path', '')}"  # a mount, say: it has to be looked at


@pytest.fixture
def gate(settings: Settings, database: Database) -> Iterator[Gate]:
    keys = {name: generate("test") for name in HELD}
    for name, key in keys.items():
        add_tenant(database, "acme", key, PEPPER, tuple(HELD[name]))
    with TestClient(build(settings), raise_server_exceptions=False) as client:
        yield Gate(client, {**keys, "wrong": generate("test")})


def test_every_route_has_a_row_and_every_row_a_route(settings: Settings) -> None:
    assert sorted(named(build(settings))) == sorted(ROUTES)


def test_every_place_of_a_path_is_filled() -> None:
    assert {place for route in ROUTES for place in re.findall(r"\{[^}]+\}", route)} == set(PLACES)


def test_every_route_by_every_scope(gate: Gate) -> None:
    """401 without a good key; 403 with one whose scopes are not enough; with enough of them, anything else."""
    wrong = []
    for route, enough in ROUTES.items():
        for key in ("", "wrong", *HELD):
            status = gate.status(route, key)
            fits = enough == OPEN or any(one <= HELD.get(key, frozenset()) for one in enough if key in HELD)
            refusal = 403 if key in HELD else 401
            if (fits and status in REFUSED) or (not fits and status != refusal):
                wrong.append((route, key or "no key", status, "let in" if fits else refusal))

    assert wrong == []


def test_no_single_scope_changes_what_all_tenants_share() -> None:
    """Whoever adds such a route writes it as OF_THE_HOUSE; a key for scraping alone must not do it."""
    assert {route for route, enough in ROUTES.items() if enough == OF_THE_HOUSE} == {
        "POST /v1/budgets/resume",
        "POST /v1/circuits/{provider_id}/reset",
    }
