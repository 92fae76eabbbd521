"""Where a meeting may go, asked again at the time of each call: what was planned is no leave for ever."""

import pytest
from celery.exceptions import Retry

from orchestrator.settings import Settings
from orchestrator.storage.engine import Database
from orchestrator.work.attempts import AttemptState
from tasks import ask
from tests.acceptance.processes import Emulator
from tests.integration.workers_in_test import LUNA, attempts_of, opened, request, seats_of
from tests.servers import Tenant

DEMANDED_LATER = "UPDATE jobs SET context = jsonb_set(context, '{routing,zero_retention}', 'true')"


def expect_that_nobody_was_asked(database: Database, emulator: Emulator, job: str) -> None:
    (seat,), (attempt,) = seats_of(database, job), attempts_of(database, job)
    assert emulator.requests() == []
    assert (attempt.state, attempt.cost_micro_usd, attempt.sent_at) == (AttemptState.REFUSED, 0, None)
    assert attempt.error is not None
    assert attempt.error["code"] == "refused"
    assert seat.target.provider == "extractive", "every rung between leads to a provider that promises nothing"


@pytest.mark.parametrize("demanded", [{"regions": ("eu",)}, {"zero_retention": True}])
def test_a_seat_that_was_planned_before_the_house_became_stricter_is_sent_to_nobody(
    settings: Settings, tenant: Tenant, emulator: Emulator, database: Database, demanded: dict[str, object]
) -> None:
    with opened(settings, **emulator.environment) as held:
        job = held.dispatch.submit(tenant.id, request(LUNA)).job_id

    with opened(settings.model_copy(update=demanded), **emulator.environment), pytest.raises(Retry):
        ask.ask(job=job, seat=0, epoch=0)

    expect_that_nobody_was_asked(database, emulator, job)


def test_what_a_request_demanded_is_asked_of_its_own_row(
    settings: Settings, tenant: Tenant, emulator: Emulator, database: Database
) -> None:
    with opened(settings, **emulator.environment) as held:
        job = held.dispatch.submit(tenant.id, request(LUNA)).job_id
        with database.tenant(tenant.id) as connection:
            connection.exec_driver_sql(DEMANDED_LATER)

        with pytest.raises(Retry):
            ask.ask(job=job, seat=0, epoch=0)

    expect_that_nobody_was_asked(database, emulator, job)
