"""How models fare of late, seen on a real PostgreSQL: over all tenants, within milliseconds, by one look for many."""

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta

import pytest
from sqlalchemy import Connection, insert, text, update

from orchestrator.errors import Unavailable
from orchestrator.ids import new_id
from orchestrator.routing.live import NOTHING_KNOWN, Live, Vitals
from orchestrator.storage.engine import Database
from orchestrator.storage.seats import Claim
from orchestrator.storage.tables import attempts
from orchestrator.storage.vitals import KEPT_S, MOST_CALLS, OPEN_FOR_S, SICK_FOR_S, Watch, recent
from orchestrator.work.attempts import AttemptState
from providers.calls import JsonObject, Target
from tests.integration.rows import add_job, intend
from tests.servers import Tenant, new_tenant

LUNA = Target(provider="openai", model="gpt-6-luna")
OPUS = Target(provider="anthropic", model="claude-opus-5-5")
OVERLOADED: JsonObject = {"code": "overloaded", "type": "overloaded"}
OPEN: JsonObject = {"code": "circuit_open", "type": "overloaded"}


@pytest.fixture
def job(database: Database, tenant: Tenant) -> str:
    return add_job(database, tenant.id)


def call(
    database: Database,
    tenant: str,
    job: str,
    state: AttemptState = AttemptState.ANSWERED,
    *,
    target: Target = LUNA,
    took_s: float = 2.0,
    ended_ago_s: float = 1.0,
    error: JsonObject | None = None,
    left: bool = True,
) -> None:
    """A call that ended so long ago; one that is only sent is still under way."""
    now = datetime.now(UTC)
    ended_at = None if state is AttemptState.SENT else now - timedelta(seconds=ended_ago_s)
    begun_at = (ended_at or now) - timedelta(seconds=took_s)
    values = {
        "state": state,
        "error": error,
        "created_at": begun_at,
        "sent_at": begun_at if left else None,
        "ended_at": ended_at,
    }
    attempt = new_id("atm")
    with database.tenant(tenant) as connection:
        intend(connection, attempt, Claim(job=job, seat=0, epoch=0), target=target)
        connection.execute(update(attempts).where(attempts.c.id == attempt).values(**values))


def test_a_house_in_which_nothing_was_called_knows_nothing(database: Database) -> None:
    assert recent(database) == NOTHING_KNOWN


def test_calls_of_all_tenants_are_counted_and_their_median_is_taken(
    database: Database, tenant: Tenant, job: str
) -> None:
    other = new_tenant(database, "globex")
    others_job = add_job(database, other.id)
    for took_s in (1.0, 2.0, 3.0, 8.0):
        call(database, tenant.id, job, took_s=took_s)
    call(database, other.id, others_job, took_s=9.0)
    call(database, other.id, others_job, AttemptState.SENT)
    call(database, other.id, others_job, AttemptState.REFUSED, target=OPUS, error=OVERLOADED)

    found = recent(database)

    assert found.of(LUNA) == Vitals(calls=5, faults=0, latency_s=3.0, in_flight=1)
    assert found.of(OPUS) == Vitals(calls=1, faults=1)


def test_of_a_few_answers_no_median_is_taken(database: Database, tenant: Tenant, job: str) -> None:
    for _ in range(4):
        call(database, tenant.id, job)

    assert recent(database).of(LUNA) == Vitals(calls=4)


@pytest.mark.parametrize(
    ("error", "is_a_fault"),
    [
        ({"code": "server_fault", "type": "api_error"}, True),
        ({"code": "interrupted", "type": "network_error"}, True),
        ({"code": "timed_out", "type": "timeout"}, True),
        ({"code": "rate_limited", "type": "rate_limit"}, True),
        ({"code": "unauthenticated", "type": "authentication"}, False),
        ({"code": "content_filtered", "type": "content_filter"}, False),
        ({"code": "refused", "type": "invalid_request"}, False),
        ({"code": "holder_lost"}, False),
    ],
)
def test_a_fault_is_what_tells_of_the_model_and_not_of_the_request_or_the_key(
    database: Database, tenant: Tenant, job: str, error: JsonObject, *, is_a_fault: bool
) -> None:
    call(database, tenant.id, job, AttemptState.AMBIGUOUS, error=error)

    assert recent(database).of(LUNA) == Vitals(calls=1, faults=int(is_a_fault))


def test_faults_are_forgotten_soon_and_latencies_are_not(database: Database, tenant: Tenant, job: str) -> None:
    for _ in range(5):
        call(database, tenant.id, job, AttemptState.REFUSED, error=OVERLOADED, ended_ago_s=SICK_FOR_S + 1)
        call(database, tenant.id, job, took_s=4.0, ended_ago_s=SICK_FOR_S + 1)

    assert recent(database).of(LUNA) == Vitals(latency_s=4.0)


@pytest.mark.parametrize(
    ("held_back_ago_s", "answered_ago_s", "is_open"), [(2, 9, True), (9, 2, False), (2, None, True)]
)
def test_a_call_that_was_held_back_tells_of_an_open_circuit_until_an_answer_comes(
    database: Database,
    tenant: Tenant,
    job: str,
    held_back_ago_s: float,
    answered_ago_s: float | None,
    *,
    is_open: bool,
) -> None:
    call(database, tenant.id, job, AttemptState.REFUSED, error=OPEN, ended_ago_s=held_back_ago_s, left=False)
    if answered_ago_s is not None:
        call(database, tenant.id, job, ended_ago_s=answered_ago_s)

    found = recent(database).of(LUNA)

    assert (found.is_open, found.faults) == (is_open, 0)


def test_an_open_circuit_is_forgotten_where_nobody_calls_any_more(database: Database, tenant: Tenant, job: str) -> None:
    call(database, tenant.id, job, AttemptState.REFUSED, error=OPEN, ended_ago_s=OPEN_FOR_S + 1, left=False)

    assert recent(database).of(LUNA).is_open is False


def test_a_look_goes_by_the_newest_calls_and_reads_no_more_than_these(
    database: Database, tenant: Tenant, job: str
) -> None:
    call(database, tenant.id, job, target=OPUS, ended_ago_s=30.0)
    with database.tenant(tenant.id) as connection:
        row = connection.execute(text("SELECT * FROM attempts")).mappings().one()
        fresh = {**row, "target": str(LUNA), "created_at": datetime.now(UTC)}
        connection.execute(insert(attempts), [{**fresh, "id": new_id("atm")} for _ in range(MOST_CALLS)])

    assert set(recent(database).vitals) == {LUNA}


def test_a_look_is_led_by_an_index(database: Database) -> None:
    with database.system() as connection:
        connection.execute(text("SET LOCAL enable_seqscan = off"))
        plan = connection.execute(
            text("EXPLAIN SELECT target FROM attempts WHERE created_at > now() ORDER BY created_at DESC LIMIT 10")
        ).scalars()

        assert "ix_attempts_newest" in " ".join(plan)


class Counting:
    """A database that counts who asks for a transaction, and may be away."""

    def __init__(self, database: Database, *, is_away: bool = False) -> None:
        self._database = database
        self._is_away = is_away
        self.asked = 0

    @contextmanager
    def system(self) -> Iterator[Connection]:
        self.asked += 1
        if self._is_away:
            raise Unavailable("away")
        with self._database.system() as connection:
            yield connection


def test_one_look_serves_all_plans_of_some_seconds(database: Database, tenant: Tenant, job: str) -> None:
    now, counting = [0.0], Counting(database)
    watch = Watch(counting, lambda: now[0])  # type: ignore[arg-type]  # all that it uses of a database

    first = watch.live()
    call(database, tenant.id, job)
    again = watch.live()
    now[0] += KEPT_S
    later = watch.live()

    assert (first, again, counting.asked) == (NOTHING_KNOWN, NOTHING_KNOWN, 2)
    assert later == Live({LUNA: Vitals(calls=1)})


def test_who_plans_while_the_store_is_away_knows_nothing_and_is_told_by_his_own_transaction(
    database: Database,
) -> None:
    watch = Watch(Counting(database, is_away=True), lambda: 0.0)  # type: ignore[arg-type]  # as above

    assert watch.live() is NOTHING_KNOWN
