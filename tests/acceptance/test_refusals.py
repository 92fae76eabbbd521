"""What the API refuses, how it says so, and that nothing half stored is left behind."""

import json
import socket
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import httpx
import pytest
from sqlalchemy import func, select

from orchestrator.storage.engine import Database, connect
from orchestrator.storage.schema import TENANT_TABLES
from orchestrator.tenancy.keys import add_tenant, generate
from tests.acceptance.processes import Processes, Product, closing, until
from tests.servers import (
    PEPPER,
    Addresses,
    Tenant,
    environment_of,
    fresh_database,
    fresh_prefix,
    impatient,
    new_tenant,
)

TEXT = {"content": "Ann: We will ship on Friday.\nBob: I'll write the notes."}
BODY = {"transcript": TEXT}


@dataclass(frozen=True)
class Alone:
    """The API process alone, and its rows: jobs are stored and stay queued."""

    product: Product
    database: Database
    key: str
    environment: dict[str, str]


@pytest.fixture(scope="module")
def alone(addresses: Addresses, template: str, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Alone]:
    with ExitStack() as stack:
        url = stack.enter_context(fresh_database(addresses, template))
        settings = impatient(addresses, url, stack.enter_context(fresh_prefix(addresses)))
        database = stack.enter_context(closing(connect(url, pool_size=2, name="test")))
        key = new_tenant(database, "acme").key
        processes = Processes(tmp_path_factory.mktemp("api"), environment_of(settings))
        product = stack.enter_context(closing(Product(processes, key)))
        processes.start("api", "api", "--port", str(product.port))
        processes.await_ready("api")
        yield Alone(product, database, key, environment_of(settings))


@pytest.fixture
def api(alone: Alone) -> Product:
    """The API with a client whose key is good."""
    alone.product.http.headers["Authorization"] = f"Bearer {alone.key}"
    return alone.product


@pytest.fixture
def database(alone: Alone) -> Database:
    """That of the API."""
    return alone.database


@pytest.fixture
def environment(alone: Alone) -> dict[str, str]:
    """That of the API."""
    return alone.environment


@pytest.fixture
def tenant(alone: Alone) -> Tenant:
    return Tenant(id="", key=alone.key)


def stored(database: Database) -> int:
    """How many rows there are beside tenants and keys."""
    with database.system() as connection:
        return sum(
            connection.execute(select(func.count()).select_from(table)).scalar_one()
            for table in TENANT_TABLES
            if table.name != "api_keys"
        )


def body(**fields: Any) -> bytes:
    return json.dumps({**BODY, **fields}).encode()


def transcript(**fields: Any) -> bytes:
    return json.dumps({"transcript": fields}).encode()


BAD_BODIES = [
    ("an empty body", b"", 400, "malformed-json"),
    ("broken JSON", b'{"transcript": ', 400, "malformed-json"),
    ("a trailing comma", b'{"transcript": {"content": "Ann: hi"},}', 400, "malformed-json"),
    ("NaN", b'{"transcript": {"content": "Ann: hi"}, "deadline_s": NaN}', 400, "malformed-json"),
    ("Infinity", b'{"transcript": {"content": "Ann: hi"}, "deadline_s": Infinity}', 400, "malformed-json"),
    (
        "a key twice",
        b'{"transcript": {"content": "a: b"}, "policy": "quality", "policy": "balanced"}',
        400,
        "malformed-json",
    ),
    ("100,000 nested arrays", b"[" * 100_000, 400, "malformed-json"),
    ("nested deeper than allowed", b'{"metadata": ' + b"[" * 40 + b"]" * 40 + b"}", 400, "malformed-json"),
    ("an integer of 5,000 digits", b'{"quorum": ' + b"9" * 5_000 + b"}", 400, "malformed-json"),
    ("a number beyond floats", body(deadline_s=1).replace(b"1}", b"1e999}"), 422, "invalid-request"),
    ("a lone surrogate", b'{"transcript": {"content": "\\ud800"}}', 400, "malformed-json"),
    ("invalid UTF-8", b'{"transcript": {"content": "\xff\xfe"}}', 400, "malformed-json"),
    ("UTF-16", '{"transcript": {"content": "Ann: hi"}}'.encode("utf-16"), 400, "malformed-json"),
    ("an array at the top", b"[]", 422, "invalid-request"),
    ("a string at the top", b'"hello"', 422, "invalid-request"),
    ("null at the top", b"null", 422, "invalid-request"),
    ("no transcript", b"{}", 422, "invalid-request"),
    ("two forms of a transcript", transcript(content="a: b", utterances=[{"text": "hi"}]), 422, "invalid-request"),
    ("a field that is not in the contract", body(tenant_id="ten_other"), 422, "invalid-request"),
    ("a status to be set", body(status="succeeded"), 422, "invalid-request"),
    ("a number as text", body(deadline_s="300"), 422, "invalid-request"),
    ("a deadline in the past", body(deadline_s=-1), 422, "invalid-request"),
    ("a deadline of ten years", body(deadline_s=315_360_000), 422, "invalid-request"),
    ("money as a number", body(max_cost_usd=0.5), 422, "invalid-request"),
    ("negative money", body(max_cost_usd="-1"), 422, "invalid-request"),
    ("money below a micro-dollar", body(max_cost_usd="0.0000001"), 422, "invalid-request"),
    ("money without end", body(max_cost_usd="1e400"), 422, "invalid-request"),
    ("a hundred models", body(panel={"models": ["openai/gpt-6-luna"] * 100}), 422, "invalid-request"),
    ("a panel of none", body(panel={"size": 0}), 422, "invalid-request"),
    ("a bidirectional override in a tag", body(tags=["\u202etag"]), 422, "invalid-request"),
    ("an unknown strategy", body(strategy="seance"), 422, "unknown-strategy"),
    ("an unknown model", body(panel={"models": ["openai/gpt-99"]}), 422, "unknown-model"),
    ("a model that is no target", body(panel={"models": ["gpt"]}), 422, "unknown-model"),
    ("a panel too small", body(panel={"size": 1}, strategy="consensus"), 422, "panel-too-small"),
    ("an empty file", transcript(content=""), 422, "empty-transcript"),
    ("white space alone", transcript(content=" \n\t\n "), 422, "empty-transcript"),
    ("zero-width characters alone", transcript(content="\u200b\u2060"), 422, "empty-transcript"),
    ("no utterances", transcript(utterances=[]), 422, "empty-transcript"),
    ("utterances without words", transcript(utterances=[{"text": " "}]), 422, "empty-transcript"),
    ("two utterances of one id", transcript(utterances=[{"id": "u", "text": "a"}] * 2), 422, "invalid-request"),
    ("20,001 utterances", transcript(utterances=[{"text": "a"}] * 20_001), 422, "invalid-request"),
    ("a negative time", transcript(utterances=[{"text": "a", "start_s": -1}]), 422, "invalid-request"),
    ("a transcript of nobody", transcript(transcript_id="trn_nobody"), 422, "invalid-request"),
    (
        "a broken cue",
        transcript(format="vtt", content="WEBVTT\n\n00:00 -> nowhere\nhello\n"),
        422,
        "unparseable-transcript",
    ),
    ("binary", transcript(format="vtt", content="WEBVTT\u0000\u0001\u0002" + "\u0003" * 500), 422, None),
]


def test_every_bad_body_has_its_status_and_its_code_and_leaves_nothing_behind(api: Product, database: Database) -> None:
    before = stored(database)

    found = {}
    for name, sent, _, _ in BAD_BODIES:
        answer = api.http.post("/v1/jobs", content=sent, headers={"Content-Type": "application/json"})
        found[name] = answer

    wrong = {
        name: (found[name].status_code, found[name].text[:300])
        for name, _, status, code in BAD_BODIES
        if found[name].status_code != status or (code and found[name].json()["code"] != code)
    }
    assert wrong == {}
    assert stored(database) == before
    for answer in found.values():
        problem = answer.json()
        assert answer.headers["content-type"] == "application/problem+json"
        assert problem["type"] == f"urn:meetingmind:problem:{problem['code']}"
        assert problem["request_id"] == answer.headers["x-request-id"]
        assert problem["status"] == answer.status_code
        assert "Traceback" not in answer.text
    assert "Traceback" not in api.processes.log("api")


def test_a_broken_transcript_is_told_by_its_line(api: Product) -> None:
    answer = api.http.post("/v1/jobs", json={"transcript": {"format": "vtt", "content": "WEBVTT\n\n00:00 --> x\nhi\n"}})

    assert (answer.status_code, answer.json()["line"]) == (422, 3)


def test_a_wrong_field_is_told_by_its_json_pointer(api: Product) -> None:
    answer = api.http.post("/v1/jobs", json={**BODY, "meeting": {"participants": [{"name": "Ann"}, {"id": "u-2"}]}})

    assert [error["pointer"] for error in answer.json()["errors"]] == ["/meeting/participants/1/name"]


def test_a_plan_dearer_than_allowed_is_told_with_its_bound(
    tmp_path: Path, environment: dict[str, str], tenant: Tenant
) -> None:
    keys = {"OPENAI_API_KEY": "a-key-that-is-never-used"}
    with closing(Product(Processes(tmp_path, environment | keys), tenant.key)) as api:
        api.processes.start("api", "api", "--port", str(api.port))
        api.processes.await_ready("api")

        answer = api.http.post("/v1/jobs", json={**BODY, "max_cost_usd": "0.000001"})

    assert (answer.status_code, answer.json()["code"]) == (402, "max-cost-too-low")
    assert float(answer.json()["bound_usd"]) > 0.000001


@pytest.mark.parametrize(
    "headers",
    [
        {},
        {"Authorization": "Bearer mm_test_wrongwrongwrongwrongwrong"},
        {"Authorization": "Bearer"},
        {"Authorization": "Basic YTpi"},
        {"Authorization": "Bearer " + "k" * 10_000},
    ],
    ids=["missing", "wrong", "empty", "another scheme", "endless"],
)
def test_a_call_without_a_good_key_is_refused(api: Product, headers: dict[str, str]) -> None:
    api.http.headers.pop("Authorization")

    answer = api.http.post("/v1/jobs", json=BODY, headers=headers)

    assert (answer.status_code, answer.json()["code"]) == (401, "unauthenticated")
    assert answer.headers["www-authenticate"] == "Bearer"


def test_a_key_without_the_scope_is_refused(api: Product, database: Database) -> None:
    reader = generate("test")
    add_tenant(database, "readers", reader, PEPPER, scopes=("read",))

    answer = api.http.post("/v1/jobs", json=BODY, headers={"Authorization": f"Bearer {reader}"})

    assert (answer.status_code, answer.json()["code"]) == (403, "forbidden")


def test_a_body_above_five_megabytes_is_refused_by_its_own_word(api: Product) -> None:
    answer = api.http.post("/v1/jobs", content=body(x="y" * 6_000_000), headers={"Content-Type": "application/json"})

    assert (answer.status_code, answer.json()["code"]) == (413, "too-large")


CHUNK = b"10000\r\n" + b"x" * 65_536 + b"\r\n"
NO_FURTHER_MB = 200  # far more than is thrown away for anybody


def without_end(api: Product, tenant: Tenant) -> socket.socket:
    """A connection on which 5.9 MB of a body have been sent that has not ended."""
    head = (
        f"POST /v1/jobs HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer {tenant.key}\r\n"
        "Content-Type: application/json\r\nTransfer-Encoding: chunked\r\n\r\n"
    ).encode()
    connection = socket.create_connection(("127.0.0.1", api.port), timeout=20)
    connection.sendall(head + CHUNK * 90)
    return connection


def told(connection: socket.socket) -> str:
    """The code of the problem that came, which is whole; nothing is awaited after it."""
    answer = connection.makefile("rb")
    head = b"".join(iter(answer.readline, b"\r\n")).lower()
    assert b" 413 " in head
    assert b"connection: close" in head
    code: str = json.loads(answer.read(int(head.split(b"content-length: ")[1].split()[0])))["code"]
    return code


def test_a_body_above_five_megabytes_is_refused_as_it_streams_in(api: Product, tenant: Tenant) -> None:
    with without_end(api, tenant) as connection:
        assert told(connection) == "too-large"


def test_who_sends_on_before_he_reads_still_gets_the_refusal(api: Product, tenant: Tenant) -> None:
    with without_end(api, tenant) as connection:
        connection.sendall(CHUNK * 320)  # another 20 MB, at once

        assert told(connection) == "too-large"


def test_a_batch_that_says_itself_that_it_is_too_large_is_told_so_while_it_is_sent(
    api: Product, tenant: Tenant
) -> None:
    head = (
        f"POST /v1/batches HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer {tenant.key}\r\n"
        f"Content-Type: application/x-ndjson\r\nContent-Length: {300 * 1024 * 1024}\r\n\r\n"
    ).encode()
    with socket.create_connection(("127.0.0.1", api.port), timeout=20) as connection:
        connection.sendall(head + b"x" * 20_000_000)

        assert told(connection) == "too-large"


def test_who_was_refused_and_sends_without_end_is_cut_off(api: Product, tenant: Tenant) -> None:
    with without_end(api, tenant) as connection, pytest.raises((BrokenPipeError, ConnectionResetError)):
        connection.sendall(CHUNK * 16 * NO_FURTHER_MB)


def test_who_was_refused_and_neither_sends_nor_leaves_is_left(api: Product, tenant: Tenant) -> None:
    with without_end(api, tenant) as connection:
        assert told(connection) == "too-large"

        assert connection.recv(1) == b""


@pytest.mark.parametrize(
    "headers",
    [
        {"Content-Type": "text/plain"},
        {"Content-Type": "application/json", "Content-Encoding": "gzip"},
        {"Content-Type": "multipart/form-data; boundary=x"},
    ],
)
def test_a_body_that_is_not_plain_json_is_refused(api: Product, headers: dict[str, str]) -> None:
    answer = api.http.post("/v1/jobs", content=body(), headers=headers)

    assert (answer.status_code, answer.json()["code"]) == (415, "unsupported-media-type")


@pytest.mark.parametrize(
    "path",
    ["/v1/jobs/job_unknown", "/v1/jobs/JOB_X", "/v1/jobs/%00", "/v1/jobs/" + "x" * 4_000, "/v1/nowhere", "/"],
)
def test_what_is_not_there_is_not_found(api: Product, path: str) -> None:
    answer = api.http.get(path)

    assert (answer.status_code, answer.json()["code"]) == (404, "not-found")


@pytest.mark.parametrize(
    "query",
    ["limit=-1", "limit=1000000000", "limit=1e3", "status=flying", "created_after=yesterday", "cursor=forged.cursor"],
)
def test_a_wrong_query_is_refused(api: Product, query: str) -> None:
    answer = api.http.get(f"/v1/jobs?{query}")

    assert (answer.status_code, answer.json()["code"]) == (422, "invalid-request")


@pytest.mark.parametrize("wait", ["-1", "61", "nan", "soon"])
def test_a_wrong_wait_is_refused(api: Product, wait: str) -> None:
    answer = api.http.get(f"/v1/jobs/job_{'0' * 26}?wait_s={wait}")

    assert (answer.status_code, answer.json()["code"]) == (422, "invalid-request")


def test_a_method_that_a_path_does_not_have_is_refused(api: Product) -> None:
    answer = api.http.delete("/v1/jobs")

    assert (answer.status_code, answer.json()["code"]) == (405, "method-not-allowed")


def test_one_idempotency_key_makes_one_job_however_often_and_at_once_it_is_sent(api: Product) -> None:
    def ask() -> httpx.Response | None:
        answer = api.http.post("/v1/jobs", json=BODY, headers={"Idempotency-Key": "one"})
        return None if answer.status_code == 503 else answer  # more at once than a slow machine takes in

    def submit(_: int) -> tuple[str, str | None]:
        answer = until(ask, "a place among the submits")
        return answer.json()["id"], answer.headers.get("idempotent-replayed")

    with ThreadPoolExecutor(8) as pool:
        answers = list(pool.map(submit, range(16)))

    assert len({job for job, _ in answers}) == 1
    assert [replayed for _, replayed in answers].count(None) == 1


def test_an_idempotency_key_with_another_body_is_refused(api: Product) -> None:
    api.http.post("/v1/jobs", json=BODY, headers={"Idempotency-Key": "one"})

    answer = api.http.post("/v1/jobs", json={**BODY, "reference": "other"}, headers={"Idempotency-Key": "one"})

    assert (answer.status_code, answer.json()["code"]) == (422, "idempotency-mismatch")


def test_the_same_body_spelled_otherwise_is_the_same_body(api: Product) -> None:
    first = api.http.post("/v1/jobs", content=b'{"transcript":{"content":"a: b"},"deadline_s":60}', headers=_keyed())
    second = api.http.post(
        "/v1/jobs", content=b'{ "deadline_s": 60.0, "transcript": {"content": "a: b"} }', headers=_keyed()
    )

    assert first.json()["id"] == second.json()["id"]


def _keyed() -> dict[str, str]:
    return {"Content-Type": "application/json", "Idempotency-Key": "spelled"}


@pytest.mark.parametrize("key", ["", "x" * 256, "tab\there"])
def test_an_idempotency_key_that_is_none_is_refused(api: Product, key: str) -> None:
    answer = api.http.post("/v1/jobs", json=BODY, headers={"Idempotency-Key": key})

    assert (answer.status_code, answer.json()["code"]) == (422, "invalid-request")


def test_jobs_are_listed_newest_first_and_page_by_page(api: Product, database: Database) -> None:
    api.http.headers["Authorization"] = f"Bearer {new_tenant(database, 'lister').key}"
    made = [api.submit(**BODY, reference=f"r{n % 2}", tags=["weekly"])["id"] for n in range(5)]

    first = api.http.get("/v1/jobs", params={"limit": 3}).json()
    second = api.http.get("/v1/jobs", params={"limit": 3, "cursor": first["next_cursor"]}).json()
    odd = api.http.get("/v1/jobs", params={"reference": "r1", "tag": "weekly", "status": "queued"}).json()

    assert [job["id"] for job in first["data"] + second["data"]] == made[::-1]
    assert second["next_cursor"] is None
    assert [job["id"] for job in odd["data"]] == [made[3], made[1]]


def test_a_cursor_of_another_tenant_is_refused(api: Product, database: Database) -> None:
    for _ in range(2):
        api.submit(**BODY)
    cursor = api.http.get("/v1/jobs", params={"limit": 1}).json()["next_cursor"]
    stranger = {"Authorization": f"Bearer {new_tenant(database, 'globex').key}"}

    answer = api.http.get("/v1/jobs", params={"cursor": cursor}, headers=stranger)

    assert answer.status_code == 422


def test_an_unchanged_job_is_not_sent_twice(api: Product) -> None:
    job = api.submit(**BODY)["id"]
    first = api.http.get(f"/v1/jobs/{job}")

    again = api.http.get(f"/v1/jobs/{job}", headers={"If-None-Match": first.headers["etag"]})

    assert (again.status_code, again.content) == (304, b"")


def test_health_tells_process_and_stores_apart(api: Product) -> None:
    live, ready = api.http.get("/health/live"), api.http.get("/health/ready")

    assert live.json() == {"status": "live"}
    assert ready.json()["status"] == "ready"
    assert all(store["ok"] for store in ready.json()["dependencies"].values())


def test_without_its_database_the_api_lives_and_says_that_it_cannot_work(
    tmp_path: Path, environment: dict[str, str], tenant: Tenant
) -> None:
    away = {"DATABASE_URL": "postgresql://nobody@127.0.0.1:1/none"}
    with closing(Product(Processes(tmp_path, environment | away), tenant.key)) as api:
        api.processes.start("api", "api", "--port", str(api.port))
        api.processes.await_ready("api")

        answers = [api.http.get("/health/live"), api.http.get("/health/ready"), api.http.post("/v1/jobs", json=BODY)]

    assert [answer.status_code for answer in answers] == [200, 503, 503]
    assert answers[2].json()["code"] == "unavailable"
    assert int(answers[2].headers["retry-after"]) >= 1


def test_the_openapi_document_describes_the_body_and_every_route(api: Product) -> None:
    document = api.http.get("/openapi.json").json()

    assert document["openapi"].startswith("3.1")
    assert {"/v1/jobs", "/v1/jobs/{job_id}", "/v1/jobs/{job_id}/cancel", "/v1/jobs/{job_id}/report"} <= set(
        document["paths"]
    )
    body_schema = document["paths"]["/v1/jobs"]["post"]["requestBody"]["content"]["application/json"]["schema"]
    assert body_schema == {"$ref": "#/components/schemas/AnalysisRequest"}
    assert _dangling(document) == set()


def _dangling(document: dict[str, Any]) -> set[str]:
    """References to schemas that are not there."""
    found: set[str] = set()
    nodes: list[Any] = [document]
    while nodes:
        node = nodes.pop()
        if isinstance(node, dict):
            if isinstance(node.get("$ref"), str):
                found.add(node["$ref"].removeprefix("#/components/schemas/"))
            nodes.extend(node.values())
        elif isinstance(node, list):
            nodes.extend(node)
    return found - set(document["components"]["schemas"])
