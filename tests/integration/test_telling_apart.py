"""What is another tenant's is asked for, looked for and answered as what nobody has; a wrong key as any other one.

Equal paths by construction: the same statements in the same order, and within PostgreSQL the same steps through the
same indexes. `ops/bench/enumeration.py` measures what is left.
"""

import re
from collections.abc import Iterator
from typing import Any, Final

import pytest
from fastapi.testclient import TestClient
from sqlalchemy import text
from sqlalchemy.exc import IntegrityError

from ops.drills import crowd
from orchestrator.ids import new_id
from orchestrator.settings import Settings
from orchestrator.storage.engine import Database
from tests.integration.route_table import KINDS, ROUTES
from tests.integration.strangers import Answer, Statement, Two, listened, strangers, told
from tests.servers import Tenant

CROWD: Final = 3_000  # rows enough that PostgreSQL goes by an index
STATEMENTS_BY_ID: Final = (
    "SELECT * FROM jobs WHERE id = %(job)s",
    "SELECT id FROM jobs WHERE id = %(job)s FOR UPDATE",
    "UPDATE jobs SET version = version WHERE id = %(job)s",
)
# A statement is worth a plan if it looks for something; the rest set the tenant or a lock.
_LOOKS: Final = re.compile(r"\s*(?:SELECT|UPDATE|DELETE|INSERT|WITH)\b.*\b(?:FROM|UPDATE|INTO)\b", re.DOTALL)


@pytest.fixture
def two(settings: Settings, database: Database) -> Iterator[Two]:
    with strangers(settings, database) as made:
        yield made


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


def test_postgresql_goes_the_same_way_for_both(two: Two, database: Database) -> None:
    _crowd(database, two)
    for method, path, kind in routes(two.http):
        takes = ROUTES[f"{method.upper()} {path}"]
        more = {"json": takes.body, "params": takes.query}
        _, of_foreign = two.asked(method, path, two.things[kind], **more)
        _, of_missing = two.asked(method, path, new_id(KINDS[kind]), **more)
        for foreign, missing in zip(of_foreign, of_missing, strict=True):
            if _LOOKS.match(foreign[0]):
                steps = plan(database, two.stranger, foreign)
                assert steps == plan(database, two.stranger, missing), (method, path, foreign[0])


@pytest.mark.parametrize("words", STATEMENTS_BY_ID)
def test_the_row_of_anothers_job_is_never_fetched(two: Two, database: Database, words: str) -> None:
    _crowd(database, two)

    steps = plan(database, two.stranger, (words, {"job": two.things["job_id"]}))

    assert any(" jobs " in step and "Index" in step for step in steps), steps
    assert not [step for step in steps if "thrown away" in step], steps


def test_no_two_tenants_have_one_id(two: Two, database: Database) -> None:
    copied = text(
        "INSERT INTO jobs"
        " SELECT (jsonb_populate_record(jobs, jsonb_build_object('tenant_id', cast(:tenant AS text)))).*"
        " FROM jobs WHERE id = :job"
    )

    with database.system() as connection, pytest.raises(IntegrityError, match="uq_jobs_id_alone"):
        connection.execute(copied, {"tenant": two.stranger.id, "job": two.things["job_id"]})


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
