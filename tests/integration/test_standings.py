"""What became of models' items in earlier meetings of the tenant moves its next plan, for one statement."""

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest
from sqlalchemy import event, update

from orchestrator.analysis.items import Kind
from orchestrator.analysis.records import PRIOR_ITEMS, Tally
from orchestrator.dispatch import Dispatch
from orchestrator.routing.request import AnalysisRequest
from orchestrator.settings import Settings
from orchestrator.steering import Steering
from orchestrator.storage import records, standings
from orchestrator.storage.engine import Database
from orchestrator.storage.record_tables import seat_records
from orchestrator.storage.records import RECENT, SeatRecord
from orchestrator.storage.standings import KEPT_S, MOST_KEPT, Memory
from providers.calls import Target
from tests.integration.rows import add_job
from tests.integration.workers_in_test import dispatch_of, producer, request, seats_of
from tests.servers import Tenant, new_tenant

TERRA, FLASH, SONNET = "openai/gpt-6.1-terra", "google/gemini-3.8-flash", "anthropic/claude-sonnet-5-5"
GOOD, BAD = Tally(brought=100, kept=90), Tally(brought=100, kept=10, refused=50)


@pytest.fixture
def dispatch(database: Database, settings: Settings) -> Dispatch:
    return dispatch_of(database, producer(settings), "openai", "google", "anthropic")


def of(**fields: object) -> AnalysisRequest:
    return request(panel={"size": 1}, meeting={"type": "design"}, **fields)


def first(dispatch: Dispatch, tenant: Tenant, asked: AnalysisRequest | None = None) -> str:
    return str(dispatch.preview(tenant.id, asked or of()).plan.seats[0].asked)


def note(
    database: Database, tenant: Tenant, tallies: Mapping[str, Tally], *, of_type: str = "design", kind: Kind = "risks"
) -> str:
    """As if a meeting had ended in which these models brought that."""
    job = add_job(database, tenant.id)
    found = [SeatRecord(seat=n, model=model, tallies={kind: one}) for n, (model, one) in enumerate(tallies.items())]
    with database.tenant(tenant.id) as connection:
        records.note(connection, job, of_type, found)
    return job


def read(database: Database, tenant: Tenant, of_type: str = "design") -> Mapping[Target, float]:
    with database.tenant(tenant.id) as connection:
        return standings.read(connection, tenant.id, of_type, datetime.now(UTC))


@contextmanager
def statements(database: Database) -> Iterator[list[str]]:
    sent: list[str] = []

    def listen(_connection: object, _cursor: object, statement: str, *_: object) -> None:
        sent.append(statement)

    engine = database._engine
    event.listen(engine, "before_cursor_execute", listen)
    try:
        yield sent
    finally:
        event.remove(engine, "before_cursor_execute", listen)


def test_a_model_whose_items_did_not_stand_is_asked_no_more_and_preview_and_job_agree(
    database: Database, dispatch: Dispatch, tenant: Tenant
) -> None:
    before = first(dispatch, tenant)
    note(database, tenant, {TERRA: BAD, FLASH: GOOD})

    planned = first(dispatch, tenant)
    job = dispatch.submit(tenant.id, of()).job_id

    assert (before, planned) == (TERRA, FLASH)
    assert str(seats_of(database, job)[0].plan.asked) == planned
    shown = {str(one.target): one for one in dispatch.preview(tenant.id, of()).explanation.scores.ranking}
    assert (shown[TERRA].record or 0) < 0.5 < (shown[FLASH].record or 0)
    assert shown[SONNET].record is None
    assert any("its record in such meetings is 0." in words for words in shown[TERRA].against)


@pytest.mark.parametrize("strategy", ["auto", "single", "consensus"])
def test_a_record_counts_whatever_strategy_is_asked_for(
    database: Database, dispatch: Dispatch, tenant: Tenant, strategy: str
) -> None:
    note(database, tenant, {TERRA: BAD, FLASH: GOOD})
    asked = request(panel={"size": 2}, meeting={"type": "design"}, strategy=strategy)

    panel = [str(seat.asked) for seat in dispatch.preview(tenant.id, asked).plan.seats]

    assert TERRA not in panel


def test_a_record_is_of_one_tenant_and_one_type_of_meeting(
    database: Database, dispatch: Dispatch, tenant: Tenant
) -> None:
    other = new_tenant(database, "other")
    note(database, other, {TERRA: BAD, FLASH: GOOD})
    note(database, tenant, {TERRA: BAD, FLASH: GOOD}, of_type="sales")

    assert first(dispatch, tenant) == TERRA
    assert first(dispatch, other) == FLASH
    assert first(dispatch, tenant, request(panel={"size": 1}, meeting={"type": "sales"})) == FLASH


def test_of_a_model_with_few_items_as_much_is_presumed_as_before(
    database: Database, dispatch: Dispatch, tenant: Tenant
) -> None:
    note(database, tenant, {TERRA: Tally(brought=PRIOR_ITEMS - 1), FLASH: Tally(brought=9, kept=9)})

    assert read(database, tenant) == {}
    assert first(dispatch, tenant) == TERRA


def test_what_was_refused_counts_like_what_did_not_stand(database: Database, tenant: Tenant) -> None:
    proved = Tally(brought=50, kept=40)
    note(database, tenant, {TERRA: proved.model_copy(update={"refused": 100}), FLASH: proved})

    found = read(database, tenant)

    assert found[Target.parse(TERRA)] < 0.5 < found[Target.parse(FLASH)]


def test_what_came_later_does_not_count(database: Database, tenant: Tenant) -> None:
    note(database, tenant, {TERRA: BAD})

    with database.tenant(tenant.id) as connection:
        before, after = (
            records.tallies(connection, "design", before=datetime.now(UTC) + timedelta(days=days)) for days in (-1, 1)
        )

    assert (before, after) == ({}, {TERRA: {"risks": BAD}})


def test_of_many_seats_the_most_recent_count(database: Database, tenant: Tenant) -> None:
    old, job = note(database, tenant, {TERRA: BAD}), add_job(database, tenant.id)
    one: dict[Kind, Tally] = {"risks": Tally(brought=1, kept=1)}
    with database.system() as connection:
        past = datetime.now(UTC) - timedelta(days=9)
        connection.execute(update(seat_records).where(seat_records.c.job_id == old).values(at=past))

    with database.tenant(tenant.id) as connection:
        records.note(connection, job, "design", [SeatRecord(seat=n, model=FLASH, tallies=one) for n in range(RECENT)])
        found = records.tallies(connection, "design", before=datetime.now(UTC) + timedelta(days=1))

    assert found == {FLASH: {"risks": Tally(brought=RECENT, kept=RECENT)}}


def test_tallies_of_several_seats_and_kinds_add_up(database: Database, tenant: Tenant) -> None:
    note(database, tenant, {TERRA: Tally(brought=2, kept=1), FLASH: Tally(refused=3)})
    note(database, tenant, {TERRA: Tally(brought=3, kept=3, refused=1)})
    note(database, tenant, {TERRA: Tally(brought=5)}, kind="topics")

    with database.tenant(tenant.id) as connection:
        found = records.tallies(connection, "design", before=datetime.now(UTC) + timedelta(days=1))

    assert found == {
        TERRA: {"risks": Tally(brought=5, kept=4, refused=1), "topics": Tally(brought=5)},
        FLASH: {"risks": Tally(refused=3)},
    }


def test_a_submit_reads_records_in_one_statement_and_again_only_once_what_it_read_is_old(
    database: Database, dispatch: Dispatch, tenant: Tenant
) -> None:
    clock = [0.0]
    remembering = replace(dispatch, steering=Steering(measured=Memory(lambda: clock[0]).read))
    counts = []

    for at in (0.0, KEPT_S - 0.1, KEPT_S + 0.1):
        clock[0] = at
        with statements(database) as sent:
            remembering.submit(tenant.id, of())
        counts.append(sum("seat_records" in one for one in sent))

    assert counts == [1, 0, 1]


def test_what_is_remembered_is_of_one_tenant_and_type_and_not_for_ever(
    database: Database, dispatch: Dispatch, tenant: Tenant
) -> None:
    clock, other = [0.0], new_tenant(database, "other")
    remembering = replace(dispatch, steering=Steering(measured=Memory(lambda: clock[0]).read))
    before = first(remembering, tenant)
    note(database, tenant, {TERRA: BAD, FLASH: GOOD})
    note(database, other, {TERRA: BAD, FLASH: GOOD})

    soon, elsewhere = first(remembering, tenant), first(remembering, other)
    clock[0] = KEPT_S
    later = first(remembering, tenant)

    assert (before, soon, elsewhere, later) == (TERRA, TERRA, FLASH, FLASH)


def test_a_memory_forgets_what_it_read_longest_ago(database: Database, tenant: Tenant) -> None:
    memory, now = Memory(lambda: 0.0), datetime.now(UTC)
    with database.tenant(tenant.id) as connection, statements(database) as sent:
        for number in range(MOST_KEPT + 1):
            memory._seen[tenant.id, f"type {number}"] = standings._Seen(1.0, {})
        memory.read(connection, tenant.id, "design", now)
        memory.read(connection, tenant.id, f"type {MOST_KEPT}", now)
        memory.read(connection, tenant.id, "type 0", now)

    assert len(memory._seen) == MOST_KEPT
    assert sum("seat_records" in one for one in sent) == 2
