"""Every route by every id that it takes, every list by every cursor, every moment by good and bad ones.

The routes are the application's own; what each takes stands in `route_table.py`, and is held to the document.
"""

import json
from collections.abc import Iterator
from typing import Any, Final
from urllib.parse import parse_qsl

import pytest

from orchestrator.ids import new_id
from orchestrator.settings import Settings
from orchestrator.storage.engine import Database
from tests.integration.route_table import (
    KINDS,
    LISTS,
    MOMENTS_IN_BODIES,
    MOMENTS_IN_QUERIES,
    MORE,
    NO_IDS,
    NO_MOMENTS,
    ROUTES,
    Takes,
)
from tests.integration.strangers import HOOK, JOB, Statement, Two, strangers

GOOD: Final = ("2026-11-28T09:30:00Z", "2026-11-28T09:30:00.123456+05:30", "2026-11-28 09:30:00z",
    "0001-01-01T00:00:00Z", "9999-12-31T23:59:59-14:00")  # fmt: skip
BAD: Final = ("", "yesterday", "2026-11-28", "2026-11-28T09:30:00", "1764322200", "2026-02-30T09:30:00Z",
    "2026-11-28T25:00:00Z", "2026-11-28T09:30:00+99:00", "2026-11-28T09:30:00Z; DROP", "\x00", "²⁰²⁶-11-28T09:30:00Z",
    "-0001-01-01T00:00:00Z", "10000-01-01T00:00:00Z", "2026-11-28T09:30Z" * 99)  # fmt: skip

BAD_IN_BODIES: Final[tuple[Any, ...]] = (*BAD, 1764322200, 1764322200.5, True, [], {})
NO_MOMENT: Final = {"Value", "Input"}  # how the messages of pydantic begin
AROUND: Final[dict[str, Any]] = {
    "created_after": {"reprocess": {"created_after": "GIVEN"}},
    "created_before": {"reprocess": {"created_before": "GIVEN"}},
    "not_before": {**JOB, "not_before": "GIVEN"},
    "expires_at": {"expires_at": "GIVEN"},
    "POST /v1/keys": {"name": "one more", "scopes": ["read"], "expires_at": "GIVEN"},
    "since": {"since": "GIVEN"},
    "until": {"since": "0001-01-01T00:00:00Z", "until": "GIVEN"},
    "override_until": {"period": "day", "limit_usd": "5.00", "override_usd": "6.00", "override_until": "GIVEN"},
}


@pytest.fixture
def two(settings: Settings, database: Database) -> Iterator[Two]:
    with strangers(settings, database) as made:
        yield made


def operations(two: Two) -> dict[str, dict[str, Any]]:
    paths: dict[str, dict[str, Any]] = two.http.get("/openapi.json").json()["paths"]
    return {f"{method.upper()} {path}": what for path, methods in paths.items() for method, what in methods.items()}


def fields(two: Two, operation: dict[str, Any], ending: str) -> set[str]:
    """The names in query and body that end so, however deep."""
    schemas: dict[str, Any] = two.http.get("/openapi.json").json()["components"]["schemas"]
    asked = {one["name"] for one in operation.get("parameters", ()) if one["in"] == "query"}
    seen: set[str] = set()

    def walk(node: Any) -> None:
        if isinstance(node, dict):
            name = str(node.get("$ref", "")).rpartition("/")[2]
            if name and name not in seen:
                seen.add(name)
                walk(schemas[name])
            asked.update(node.get("properties", {}))
            for inner in node.values():
                walk(inner)
        elif isinstance(node, list):
            for inner in node:
                walk(inner)

    for content in operation.get("requestBody", {}).get("content", {}).values():
        walk(content.get("schema", {}))
    return {name for name in asked if name.endswith(ending)}


def test_every_route_has_a_row_that_names_every_id_it_takes(two: Two) -> None:
    found = operations(two)

    assert set(ROUTES) == set(found)
    for route, operation in found.items():
        assert fields(two, operation, "_id") - NO_IDS == set(ROUTES[route].fields), route
        in_path = {part.strip("{}") for part in route.split("/") if part.endswith("_id}")}
        assert in_path - NO_IDS <= set(KINDS), route


def filled(given: Any, things: dict[str, str]) -> Any:
    written = json.dumps(given)
    for kind, thing in things.items():
        written = written.replace(f"{{{kind}}}", thing)
    return json.loads(written)


def asked(two: Two, route: str, takes: Takes, things: dict[str, str]) -> Any:
    """The answer, and the statements without what they were given."""
    method, path = route.split(" ")
    for kind, thing in things.items():
        path = path.replace(f"{{{kind}}}", thing)
    more = {"json": filled(takes.body, things), "params": filled(takes.query, things)}
    answer, statements = two.asked(method, path, "", **more)
    return answer, [_words(statement) for statement in statements]


def _words(statement: Statement) -> str:
    return statement[0]


def test_an_id_of_another_tenant_is_answered_like_one_of_nobody_wherever_it_stands(two: Two) -> None:
    rows = [*ROUTES.items(), *MORE]
    nobodys = {kind: new_id(prefix) for kind, prefix in KINDS.items()}
    tried = 0

    for route, takes in rows:
        in_path = any(f"{{{kind}}}" in route for kind in KINDS)
        if in_path or takes.fields:
            foreign, of_foreign = asked(two, route, takes, two.things)
            missing, of_missing = asked(two, route, takes, nobodys)
            assert foreign == missing, route
            assert of_foreign == of_missing, route
            assert of_foreign, route
            assert foreign.status == 404 if in_path else foreign.status < 500, (route, foreign)
            tried += 1

    assert tried >= 40


def test_every_list_with_a_cursor_has_a_row(two: Two) -> None:
    with_cursor = {
        route
        for route, operation in operations(two).items()
        if any(one["name"] == "cursor" for one in operation.get("parameters", ()))
    }

    assert set(LISTS) == with_cursor


def test_a_cursor_goes_on_its_own_list_of_its_own_tenant_and_no_other(two: Two) -> None:
    owner, stranger = ({"Authorization": f"Bearer {one.key}"} for one in (two.owner, two.stranger))
    lists = _lists_of_two(two, owner)
    cursors = {name: _page(two, path, owner, limit=1).json()["next_cursor"] for name, path in lists.items()}
    assert all(cursors.values())

    for name, path in lists.items():
        for of, cursor in cursors.items():
            answer = _page(two, path, owner, cursor=cursor)
            assert answer.status_code == (200 if of == name else 422), (name, of, answer.text)
        foreign = _page(two, path, stranger, cursor=cursors[name])
        assert foreign.status_code == 422, name
        for wrong in _tampered(cursors[name]):
            answer = _page(two, path, owner, cursor=wrong)
            assert (answer.status_code, answer.json()["code"]) == (422, "invalid-request"), (name, wrong)


def _page(two: Two, path: str, headers: dict[str, str], **asked: str | int) -> Any:
    plain, _, query = path.partition("?")
    return two.http.get(plain, params={**dict(parse_qsl(query)), **asked}, headers=headers)


def _lists_of_two(two: Two, owner: dict[str, str]) -> dict[str, str]:
    """Each list with two things in it, and the deliveries of two endpoints, each a list of its own."""
    post = two.http.post
    another = post("/v1/jobs", json=JOB, headers=owner).json()["id"]
    post("/v1/batches", json={"jobs": [JOB]}, headers=owner)
    second = post("/v1/webhooks", json={**HOOK, "url": "https://hooks.example.com/2"}, headers=owner).json()["id"]
    for hook in (two.things["webhook_id"], second, second):
        assert post(f"/v1/webhooks/{hook}/test", headers=owner).status_code == 202
    for job in (two.things["job_id"], another):
        assert post("/v1/feedback", json={"job_id": job, "verdict": "right"}, headers=owner).status_code == 201
    for limit in ("5.00", "6.00"):
        put = {"period": "month", "limit_usd": limit}
        assert two.http.put("/v1/budgets/tenant", json=put, headers=owner).status_code == 200
        text = {"instruction": f"- {limit}"}
        assert two.http.put("/v1/templates/standup", json=text, headers=owner).status_code == 200, limit
    for job in (two.things["job_id"], another):
        assert post(f"/v1/jobs/{job}/cancel", headers=owner).status_code == 200
    named = {route: path.replace("{webhook_id}", two.things["webhook_id"]) for route, path in LISTS.items()}
    return {**named, "deliveries of another": f"/v1/webhooks/{second}/deliveries"}


def _tampered(cursor: str) -> tuple[str, ...]:
    last_id, _, seal = cursor.partition(".")
    other = last_id[:-1] + ("0" if last_id[-1] != "0" else "1")
    return (f"{other}.{seal}", f"{last_id}.{seal[:-1]}", f"{last_id}.", last_id, f".{seal}", cursor + "0", "x" * 200,
        f"{last_id}.{seal[::-1]}", "²" * 20, "' OR 1=1 --", cursor.upper(), f" {cursor}", "\x00")  # fmt: skip


def test_every_moment_that_is_taken_has_a_row(two: Two) -> None:
    found = operations(two)
    endings = ("_after", "_before", "since", "until", "expires_at")
    taken = {
        route: {
            name for ending in endings for name in fields(two, operation, ending) if (route, name) not in NO_MOMENTS
        }
        for route, operation in found.items()
    }
    declared = {route: set(names) for route, names in [*MOMENTS_IN_QUERIES.items(), *MOMENTS_IN_BODIES.items()]}

    assert {route: names for route, names in taken.items() if names} == declared


@pytest.mark.parametrize("route", MOMENTS_IN_QUERIES)
def test_a_moment_in_a_query_is_one_with_a_zone_or_refused(two: Two, route: str) -> None:
    mine = {"Authorization": f"Bearer {two.owner.key}"}
    path = route.split(" ")[1]

    for name in MOMENTS_IN_QUERIES[route]:
        for good in GOOD:
            assert two.http.get(path, params={name: good}, headers=mine).status_code == 200, good
        for bad in BAD:
            answer = two.http.get(path, params={name: bad}, headers=mine)
            assert (answer.status_code, answer.json()["code"]) == (422, "invalid-request"), bad
            assert answer.json()["errors"][0]["pointer"] == f"/query/{name}"


@pytest.mark.parametrize("route", MOMENTS_IN_BODIES)
def test_a_moment_in_a_body_is_one_with_a_zone_or_refused(two: Two, route: str) -> None:
    mine = {"Authorization": f"Bearer {two.owner.key}"}
    method, path = filled(route, {**two.things, "scope": "tenant"}).split(" ")

    def answered(name: str, given: Any) -> tuple[int, str]:
        """The status, and the first word of what is wrong with the body."""
        around = AROUND.get(route, AROUND[name])
        if "requeue" in route:
            around = {"filter": {name: "GIVEN"}, "dry_run": True}
        body = json.loads(json.dumps(around).replace('"GIVEN"', json.dumps(given)))
        answer = two.http.request(method, path, json=body, headers=mine)
        (wrong, *_) = answer.json().get("errors") or ({"message": ""},)
        return answer.status_code, wrong["message"].partition(" ")[0]

    for name in MOMENTS_IN_BODIES[route]:
        for good in GOOD:
            status, wrong = answered(name, good)
            assert status < 500, (name, good)
            assert wrong not in NO_MOMENT, (name, good)  # it may be refused for what it says: there is no such meeting
        for bad in BAD_IN_BODIES:
            status, wrong = answered(name, bad)
            assert (status, wrong in NO_MOMENT) == (422, True), (name, bad)
