"""The headers that each route really sends stand in the document, by method, path and status."""

from collections.abc import Iterator
from typing import Any, Final

import pytest

from orchestrator.ids import new_id
from orchestrator.settings import Settings
from orchestrator.storage.engine import Database
from tests.integration.route_table import KINDS, ROUTES
from tests.integration.strangers import JOB, Two, strangers
from tests.integration.test_every_route import filled, operations

# What every server and every body has.
PLUMBING: Final = frozenset({"content-length", "content-type", "transfer-encoding", "date"})
NAMES: Final = {"scope": "tenant", "meeting_type": "standup", "provider_id": "extractive"}
BODIES: Final[dict[str, Any]] = {"POST /v1/jobs": JOB, "POST /v1/batches": {"jobs": [JOB]}}


@pytest.fixture
def two(settings: Settings, database: Database) -> Iterator[Two]:
    with strangers(settings, database) as made:
        yield made


@pytest.fixture
def document(two: Two) -> dict[str, Any]:
    found: dict[str, Any] = two.http.get("/openapi.json").json()
    return found


def rank(route: str) -> tuple[int, str]:
    """Reads first; a job's events once it is canceled, so that they end; what takes a thing away last."""
    if route.endswith("{job_id}/events"):
        return 2, route
    if route.endswith("{job_id}/cancel"):
        return 1, route
    return {"GET": 0, "DELETE": 4}.get(route.partition(" ")[0], 3), route


def example(document: dict[str, Any], operation: dict[str, Any]) -> Any:
    """The first that the document has of the body, or of its schema."""
    for content in operation.get("requestBody", {}).get("content", {}).values():
        for one in content.get("examples", {}).values():
            return one["value"]
        if "example" in content:
            return content["example"]
        name = str(content["schema"].get("$ref", "")).rpartition("/")[2]
        return document["components"]["schemas"][name]["examples"][0]
    return None


def ask(two: Two, route: str, things: dict[str, str], body: Any, key: str, **headers: str) -> Any:
    method, path = route.split(" ")
    return two.http.request(
        method,
        filled(path, {**things, **NAMES}),
        json=filled(body, things),
        params=filled(ROUTES[route].query, things),
        headers={"Authorization": f"Bearer {key}", **headers},
    )


def undeclared(operation: dict[str, Any], answer: Any) -> set[str]:
    """Headers of the answer that its status does not have in the document."""
    declared = operation["responses"].get(str(answer.status_code), {}).get("headers", {})
    return {*answer.headers} - PLUMBING - {name.lower() for name in declared}


def test_every_route_sends_the_headers_that_the_document_has_of_it(two: Two, document: dict[str, Any]) -> None:
    found = operations(two)
    nobodys = {kind: new_id(prefix) for kind, prefix in KINDS.items()}
    well = 0

    for route in sorted(ROUTES, key=rank):
        operation = found[route]
        body = BODIES.get(route) or ROUTES[route].body or example(document, operation)
        callers = ((two.things, two.owner.key), (nobodys, two.owner.key), (two.things, "mm_test_nobody"))
        for things, key in callers:
            answer = ask(two, route, things, body, key)
            assert str(answer.status_code) in operation["responses"], (route, answer.status_code, answer.text[:300])
            assert undeclared(operation, answer) == set(), (route, answer.status_code)
            well += answer.is_success and key == two.owner.key and things is two.things

    assert well >= 40


@pytest.mark.parametrize("route", ["POST /v1/jobs", "POST /v1/batches"])
def test_what_was_made_by_an_earlier_call_is_said_and_so_is_where_it_is(two: Two, route: str) -> None:
    answers = [ask(two, route, {}, BODIES[route], two.owner.key, **{"Idempotency-Key": "once"}) for _ in range(2)]

    assert [answer.headers.get("idempotent-replayed") for answer in answers] == [None, "true"]
    assert len({answer.headers["location"] for answer in answers}) == 1
    assert undeclared(operations(two)[route], answers[1]) == set()


def test_a_job_that_is_as_it_was_has_its_version(two: Two) -> None:
    route = "GET /v1/jobs/{job_id}"
    etag = ask(two, route, two.things, None, two.owner.key).headers["etag"]

    same = ask(two, route, two.things, None, two.owner.key, **{"If-None-Match": etag})

    assert (same.status_code, same.headers["etag"]) == (304, etag)
    assert undeclared(operations(two)[route], same) == set()
