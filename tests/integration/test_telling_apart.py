"""What is another tenant's is asked for, looked for and answered as what nobody has; a wrong key as any other one.

Equal paths by construction: the same statements in the same order, and within PostgreSQL the same steps through the
same indexes. `ops/bench/enumeration.py` measures what is left.
"""

import json
import re
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any, Final, NamedTuple, TypeAlias

import pytest
from fastapi.testclient import TestClient
from sqlalchemy import Engine, event, text

from api.app import build
from ops.drills import crowd
from orchestrator.ids import Prefix, new_id
from orchestrator.settings import Settings
from orchestrator.storage.engine import Database
from tests.servers import Tenant, new_tenant

Statement: TypeAlias = tuple[str, Any]

TRIES: Final = 5
LOOKS_FOR_A_KEY: Final = "meetingmind_key_owner"
CROWD: Final = 3_000  # rows enough that PostgreSQL goes by an index
JOB: Final = {"transcript": {"content": "Ann: We ship on Friday."}, "panel": {"models": ["extractive/cue-rules"]}}
HOOK: Final = {"url": "https://hooks.example.com/", "events": ["job.failed"]}
KINDS: Final[dict[str, Prefix]] = {"job_id": "job", "batch_id": "bat", "webhook_id": "whk", "delivery_id": "dlv"}
BODIES: Final[dict[tuple[str, str], dict[str, Any]]] = {
    ("post", "/v1/jobs/{job_id}/replay"): {"strategy": "consensus"},
    ("post", "/v1/jobs/{job_id}/result-url"): {},
    ("patch", "/v1/webhooks/{webhook_id}"): {"enabled": False},
    ("post", "/v1/webhooks/{webhook_id}/redeliver"): {"since": "2026-11-01T00:00:00Z"},
}
QUERIES: Final = {"/v1/jobs/{job_id}/export": {"format": "json"}}
# Ids of jobs are unique across tenants, by an index that tasks need: they know a job and not whose it is. By that index
# PostgreSQL may come upon another's row, and throws it away: one row, of which nothing is read but whose it is.
THROWN_AWAY: Final = " thrown away: 1"
ONE_ROW: Final = f" jobs uq_jobs_id{THROWN_AWAY}"
_IDS: Final = re.compile(r"(?:job|bat|whk|dlv|trn|req)_[0-9a-z]{26}")
# A statement is worth a plan if it looks for something; the rest set the tenant or a lock.
_LOOKS: Final = re.compile(r"\s*(?:SELECT|UPDATE|DELETE|INSERT|WITH)\b.*\b(?:FROM|UPDATE|INTO)\b", re.DOTALL)


class Answer(NamedTuple):
    """All that a caller sees but for what names one request among others."""

    status: int
    headers: dict[str, str]
    words: str


@dataclass(frozen=True)
class Two:
    """The API in this process, the tenant that has one of each kind of thing, and one that has none of them."""

    http: TestClient
    owner: Tenant
    stranger: Tenant
    things: dict[str, str]

    def asked(self, method: str, path: str, thing: str, **more: Any) -> tuple[Answer, list[Statement]]:
        """What the stranger is answered, and the statements that were executed for it, once his key is known."""
        for _ in range(TRIES):
            with listened() as statements:
                answer = self.http.request(
                    method,
                    re.sub(r"\{\w+\}", thing, path),
                    headers={"Authorization": f"Bearer {self.stranger.key}"},
                    **more,
                )
            if not any(LOOKS_FOR_A_KEY in statement for statement, _ in statements):
                return told(answer), statements
        raise AssertionError("the key is forgotten again and again")


@pytest.fixture
def two(settings: Settings, database: Database) -> Iterator[Two]:
    owner, stranger = new_tenant(database, "owner"), new_tenant(database, "stranger")
    with TestClient(build(settings)) as http:
        mine = {"Authorization": f"Bearer {owner.key}"}
        things = {
            "job_id": http.post("/v1/jobs", json=JOB, headers=mine).json()["id"],
            "batch_id": http.post("/v1/batches", json={"jobs": [JOB]}, headers=mine).json()["id"],
            "webhook_id": http.post("/v1/webhooks", json=HOOK, headers=mine).json()["id"],
        }
        sent = http.post(f"/v1/webhooks/{things['webhook_id']}/test", headers=mine)
        yield Two(http, owner, stranger, {**things, "delivery_id": sent.json()["id"]})


@contextmanager
def listened() -> Iterator[list[Statement]]:
    """The statements of requests, as they come; what clocks and watchers execute meanwhile is not theirs."""
    found: list[Statement] = []

    def note(_connection: object, _cursor: object, statement: str, parameters: Any, *_: object) -> None:
        if threading.current_thread().name.startswith("AnyIO worker thread"):
            found.append((statement, parameters))

    event.listen(Engine, "before_cursor_execute", note)
    try:
        yield found
    finally:
        event.remove(Engine, "before_cursor_execute", note)


def told(answer: Any) -> Answer:
    """Of the test client's own type."""
    headers = {name: value for name, value in answer.headers.items() if not name.startswith("ratelimit")}
    return Answer(answer.status_code, {**headers, "x-request-id": "ID"}, _IDS.sub("ID", answer.text))


def routes(http: TestClient) -> list[tuple[str, str, str]]:
    """Method, path and the kind of its id, of each route that names something of a tenant."""
    paths: dict[str, dict[str, Any]] = http.get("/openapi.json").json()["paths"]
    return [
        (method, path, kind)
        for path, methods in paths.items()
        for method in methods
        for kind in KINDS
        if f"{{{kind}}}" in path
    ]


def test_what_is_anothers_is_answered_by_the_same_statements_as_what_is_not(two: Two) -> None:
    found = routes(two.http)

    for method, path, kind in found:
        more = {"json": BODIES.get((method, path)), "params": QUERIES.get(path)}
        foreign, of_foreign = two.asked(method, path, two.things[kind], **more)
        missing, of_missing = two.asked(method, path, new_id(KINDS[kind]), **more)
        assert foreign.status == 404, (method, path, foreign)
        assert foreign == missing, (method, path)
        assert [statement for statement, _ in of_foreign] == [statement for statement, _ in of_missing], (method, path)
        assert of_foreign, (method, path)

    assert len(found) >= 24
    assert {kind for _, _, kind in found} == {*KINDS}


@pytest.mark.parametrize(
    ("method", "path", "body"),
    [
        ("post", "/v1/feedback", {"job_id": "job_id", "verdict": "right"}),
        ("post", "/v1/jobs", {"transcript": {"transcript_id": "transcript_id"}}),
        ("post", "/v1/plans", {"transcript": {"transcript_id": "transcript_id"}}),
    ],
)
def test_so_it_is_where_a_body_names_it(two: Two, database: Database, method: str, path: str, body: Any) -> None:
    with database.system() as connection:
        stored = connection.execute(text("SELECT id FROM transcripts LIMIT 1")).scalar_one()
    things = {**two.things, "transcript_id": stored}

    def named(of: dict[str, str]) -> dict[str, Any]:
        written = json.dumps(body)
        for kind, thing in of.items():
            written = written.replace(f'": "{kind}"', f'": "{thing}"')
        return {"json": json.loads(written)}

    nobodys = {**{kind: new_id(prefix) for kind, prefix in KINDS.items()}, "transcript_id": new_id("trn")}
    foreign, of_foreign = two.asked(method, path, "", **named(things))
    missing, of_missing = two.asked(method, path, "", **named(nobodys))

    assert 400 <= foreign.status < 500
    assert foreign == missing
    assert [statement for statement, _ in of_foreign] == [statement for statement, _ in of_missing]


def test_postgresql_goes_the_same_way_for_both(two: Two, database: Database) -> None:
    _crowd(database, two)
    for method, path, kind in routes(two.http):
        more = {"json": BODIES.get((method, path)), "params": QUERIES.get(path)}
        _, of_foreign = two.asked(method, path, two.things[kind], **more)
        _, of_missing = two.asked(method, path, new_id(KINDS[kind]), **more)
        for foreign, missing in zip(of_foreign, of_missing, strict=True):
            if _LOOKS.match(foreign[0]):
                steps = [_but_one_row(step) for step in plan(database, two.stranger, foreign)]
                assert steps == plan(database, two.stranger, missing), (method, path, foreign[0])


def _but_one_row(step: str) -> str:
    return step.removesuffix(THROWN_AWAY) if ONE_ROW in step else step


def _crowd(database: Database, two: Two) -> None:
    """Many more jobs of either tenant, each like the owner's one."""
    with database.system() as connection:
        for tenant in (two.owner, two.stranger):
            crowd.add(connection, two.things["job_id"], tenant.id, "bulk", CROWD)
    with database.system() as connection:
        connection.execute(text("SET LOCAL role NONE"))
        connection.execute(text("ANALYZE jobs"))


def plan(database: Database, tenant: Tenant, statement: Statement) -> list[str]:
    """The steps that PostgreSQL takes for it, as that tenant, and how many rows it came upon for nothing."""
    words, parameters = statement
    with database.tenant(tenant.id) as connection:
        written = connection.exec_driver_sql(f"EXPLAIN (ANALYZE, TIMING OFF, FORMAT JSON) {words}", parameters)
        (found,) = written.scalar_one()
        connection.rollback()
    return [*_steps(found["Plan"])]


def _steps(node: dict[str, Any]) -> Iterator[str]:
    thrown = node.get("Rows Removed by Filter", 0) + node.get("Rows Removed by Index Recheck", 0)
    told = f"{node['Node Type']} {node.get('Relation Name', '')} {node.get('Index Name', '')}"
    yield f"{told} thrown away: {thrown:g}" if thrown else told
    for inner in node.get("Plans", ()):
        yield from _steps(inner)


def test_a_wrong_key_is_looked_for_like_any_other(two: Two) -> None:
    good = two.owner.key
    keys = {
        "the beginning of a good one": good[:-12] + good[-12:].swapcase()[::-1],
        "all but the last character": good[:-1] + ("a" if good[-1] != "a" else "b"),
        "of nobody": "mm_test_" + "Z" * 43,
        "of another environment": good.replace("mm_test_", "mm_live_"),
        "no key at all by its shape": "something else",
        "endless": good + "x" * 300,
    }
    found: dict[str, tuple[Answer, list[str]]] = {}
    for name, key in keys.items():
        with listened() as statements:
            answer = two.http.get("/v1/jobs", headers={"Authorization": f"Bearer {key}"})
        found[name] = told(answer), [statement for statement, _ in statements]

    first = found["of nobody"]
    assert first[0].status == 401
    assert sum("meetingmind_key_owner" in statement for statement in first[1]) == 1
    assert all(one == first for one in found.values()), found
