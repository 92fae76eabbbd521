"""A job's course as its rows have it, and as tasks of this process write it."""

from collections.abc import Iterator

import pytest

from orchestrator.settings import Settings
from orchestrator.storage import jobs, timelines
from orchestrator.storage.engine import Database
from orchestrator.work.timeline import Stage, StageKind
from tasks import ask, synthesize
from tasks.resources import Resources
from tests.integration.rows import add_job
from tests.integration.workers_in_test import opened
from tests.servers import Tenant, new_tenant


@pytest.fixture
def at_hand(settings: Settings) -> Iterator[Resources]:
    """A worker of this process, without a provider."""
    with opened(settings) as held:
        yield held


def course(database: Database, tenant: str, job: str) -> tuple[Stage, ...]:
    with database.tenant(tenant) as connection:
        return timelines.read(connection, job)


def test_a_job_has_waited_called_been_put_together_and_been_told(
    database: Database, tenant: Tenant, at_hand: Resources
) -> None:
    job = add_job(database, tenant.id)
    before = course(database, tenant.id, job)
    for seat in range(2):
        ask.ask(job=job, seat=seat, epoch=0)
    synthesize.synthesize(job=job)
    untold = course(database, tenant.id, job)
    with database.tenant(tenant.id) as connection:
        jobs.unannounced(connection, job)

    told = course(database, tenant.id, job)

    assert [(stage.kind, stage.ended_at) for stage in before] == [(StageKind.QUEUED, None)]
    assert [stage.kind for stage in told] == [
        StageKind.QUEUED,
        StageKind.ATTEMPT,
        StageKind.ATTEMPT,
        StageKind.SYNTHESIS,
        StageKind.DELIVERY,
    ]
    assert (untold[-1].ended_at, told[-1].ended_at is None) == (None, False)
    assert all(stage.ended_at and stage.started_at <= stage.ended_at for stage in told)
    calls = [stage.call for stage in told if stage.call]
    assert {(call.seat, call.role, call.state, call.cost_micro_usd, call.hedge) for call in calls} == {
        (0, "analyst", "answered", 0, False),
        (1, "analyst", "answered", 0, False),
    }


def test_another_tenant_sees_nothing_of_it(database: Database, tenant: Tenant) -> None:
    job = add_job(database, tenant.id)

    assert course(database, new_tenant(database, "globex").id, job) == ()
