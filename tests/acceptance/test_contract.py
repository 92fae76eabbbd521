"""The contract's small print over HTTP: what every answer carries, who is counted, what the document says of itself."""

from collections.abc import Iterator
from typing import Any

import httpx
import pytest

from api import problems
from orchestrator.tenancy.keys import BadKey
from tests.acceptance.callers import Alone, Caller, api_alone
from tests.servers import Addresses

PER_MINUTE = 40
BODY = {"transcript": {"content": "Ann: We ship on Friday."}}
NEVER_TOLD = {problems.BadQuery}  # an invalid request, under the same code


@pytest.fixture(scope="module")
def alone(addresses: Addresses, template: str, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Alone]:
    more = {"MEETINGMIND_REQUESTS_PER_MINUTE": str(PER_MINUTE)}
    with api_alone(addresses, template, tmp_path_factory.mktemp("api"), **more) as running:
        yield running


@pytest.fixture
def caller(alone: Alone) -> Caller:
    return alone.tenant("read", "submit")


@pytest.fixture(scope="module")
def document(alone: Alone) -> dict[str, Any]:
    found: dict[str, Any] = alone.product.http.get("/openapi.json").json()
    return found


def operations(document: dict[str, Any]) -> dict[str, dict[str, Any]]:
    return {
        f"{method.upper()} {path}": operation
        for path, item in document["paths"].items()
        for method, operation in item.items()
    }


def has_example(document: dict[str, Any], content: dict[str, Any]) -> bool:
    schema = content.get("schema", {})
    if "$ref" in schema:
        schema = document["components"]["schemas"][schema["$ref"].rpartition("/")[2]]
    return bool(content.get("example") or content.get("examples") or schema.get("examples"))


def test_every_body_and_every_answer_of_every_route_has_an_example(document: dict[str, Any]) -> None:
    bare = [
        f"{name} {status}"
        for name, operation in operations(document).items()
        for status, answer in {**operation["responses"], "body": operation.get("requestBody", {})}.items()
        for content in answer.get("content", {}).values()
        if not has_example(document, content)
    ]

    assert bare == []


def test_every_problem_stands_in_the_document(document: dict[str, Any]) -> None:
    told = {
        code
        for operation in operations(document).values()
        for answer in operation["responses"].values()
        for code in answer.get("content", {}).get(problems.MEDIA_TYPE, {}).get("examples", {})
    }

    assert told == {kind.code for kind in problems.ROWS if kind not in NEVER_TOLD} | {BadKey.code}


def test_every_answer_is_declared_with_the_id_of_its_request(document: dict[str, Any]) -> None:
    bare = [
        f"{name} {status}"
        for name, operation in operations(document).items()
        for status, answer in operation["responses"].items()
        if "X-Request-Id" not in answer["headers"]
        or (status in {"429", "503"} and "Retry-After" not in answer["headers"])
    ]

    assert bare == []


@pytest.mark.parametrize(
    ("method", "path"),
    [
        ("GET", "/v1/jobs"),
        ("GET", "/v1/jobs/job_none"),
        ("GET", "/nowhere"),
        ("PATCH", "/v1/jobs"),
        ("PUT", "/v1/templates/preview"),
        ("GET", "/health/live"),
        ("POST", "/v1/jobs"),
    ],
)
def test_every_answer_names_its_request(caller: Caller, method: str, path: str) -> None:
    answers = [caller.ask(path, method) for _ in range(2)]

    ids = [answer.headers["x-request-id"] for answer in answers]
    assert len(set(ids)) == 2
    assert all(one.startswith("req_") for one in ids)


@pytest.mark.parametrize(
    ("path", "allow"),
    [
        ("/v1/jobs", "GET, POST"),
        ("/v1/jobs/job_none", "DELETE, GET"),
        ("/v1/templates/preview", "POST"),
        ("/v1/templates/standup", "DELETE, GET, PUT"),
    ],
)
def test_a_path_names_all_of_its_methods(caller: Caller, path: str, allow: str) -> None:
    answer = caller.ask(path, "PATCH")

    assert (answer.status_code, answer.headers["allow"]) == (405, allow)


def test_what_a_key_has_left_is_told_and_beyond_it_is_refused(alone: Alone) -> None:
    caller, other = alone.tenant("read"), alone.tenant("read")

    answers = [caller.ask("/v1/jobs") for _ in range(PER_MINUTE + 3)]
    refused = next(answer for answer in answers if answer.status_code == 429)

    assert answers[0].headers["ratelimit-limit"] == str(PER_MINUTE)
    assert int(answers[0].headers["ratelimit-remaining"]) == PER_MINUTE - 1
    assert answers[0].headers["ratelimit-policy"] == f'"key";q={PER_MINUTE};w=60'
    assert refused.json()["code"] == "rate-limited"
    assert refused.headers["ratelimit-remaining"] == "0"
    assert 1 <= int(refused.headers["retry-after"]) <= 60
    assert other.ask("/v1/jobs").status_code == 200
    assert caller.ask("/health/live").status_code == 200


def test_an_unchanged_job_is_known_by_its_etag_and_by_an_asterisk(caller: Caller) -> None:
    job = caller.ask("/v1/jobs", "POST", **BODY).json()
    etag = caller.ask(f"/v1/jobs/{job['id']}").headers["etag"]

    def ask(known: str) -> httpx.Response:
        headers = {"Authorization": f"Bearer {caller.tenant.key}", "If-None-Match": known}
        return caller.http.get(f"/v1/jobs/{job['id']}", headers=headers)

    assert [ask(known).status_code for known in (etag, f"W/{etag}", f'"x", {etag}', "*")] == [304] * 4
    assert [ask(known).status_code for known in ('"9999"', '""', "1")] == [200] * 3
    assert ask(etag).headers["x-request-id"]


def test_who_has_no_key_is_told_before_its_body_is_looked_at(caller: Caller) -> None:
    answer = caller.http.post("/v1/jobs", content=b"x" * 6_000_000, headers={"Authorization": "Bearer mm_test_none"})

    assert (answer.status_code, answer.json()["code"]) == (401, "unauthenticated")
