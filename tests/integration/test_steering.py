"""What the house says to planning reaches every plan: constraints, the way of choosing, how models fare of late."""

from dataclasses import replace

import pytest

from orchestrator.dispatch import Dispatch
from orchestrator.routing.case import Yardstick
from orchestrator.routing.constraints import Constraints
from orchestrator.routing.live import Live, Vitals
from orchestrator.settings import Settings
from orchestrator.steering import Steering
from orchestrator.storage.engine import Database
from providers.calls import Target
from tests.integration.test_backlog import submit
from tests.integration.workers_in_test import dispatch_of, producer, request, seats_of
from tests.servers import Tenant

TERRA = Target.parse("openai/gpt-6.1-terra")


@pytest.fixture
def dispatch(database: Database, settings: Settings) -> Dispatch:
    return dispatch_of(database, producer(settings), "openai", "google", "anthropic")


def first(dispatch: Dispatch, tenant: Tenant) -> str:
    return str(dispatch.preview(tenant.id, request()).plan.seats[0].asked)


def test_a_job_is_planned_by_how_models_fare_and_so_is_its_preview(
    dispatch: Dispatch, tenant: Tenant, database: Database
) -> None:
    down = replace(dispatch, steering=Steering(live=lambda: Live({TERRA: Vitals(is_open=True)})))

    (job,) = submit(down, tenant)

    assert first(dispatch, tenant) == str(TERRA)
    assert first(down, tenant) == str(seats_of(database, job)[0].plan.asked) == "google/gemini-3.8-flash"


def test_who_is_refused_at_the_door_costs_no_look_at_how_models_fare(dispatch: Dispatch, tenant: Tenant) -> None:
    looks: list[int] = []

    def look() -> Live:
        looks.append(1)
        return Live()

    watched = replace(dispatch, steering=Steering(live=look))
    door = watched.admit(tenant.id, request())

    assert looks == []
    watched.accept(tenant.id, request(), door)
    assert looks == [1]


def test_what_the_house_demands_is_demanded_of_every_job(
    dispatch: Dispatch, tenant: Tenant, database: Database
) -> None:
    strict = replace(dispatch, steering=Steering(constraints=Constraints(zero_retention=True)))

    (job,) = submit(strict, tenant)

    assert {rung.provider for seat in seats_of(database, job) for rung in seat.plan.ladder} == {"extractive"}


def test_the_houses_way_of_choosing_is_taken_where_a_request_names_none(dispatch: Dispatch, tenant: Tenant) -> None:
    cheap = replace(dispatch, steering=Steering(yardstick=Yardstick(strategy="cost")))

    assert first(cheap, tenant) == "openai/gpt-6-luna"


def test_round_robin_takes_the_turn_of_the_meeting_in_preview_and_job_alike(
    dispatch: Dispatch, tenant: Tenant, database: Database
) -> None:
    turning = replace(dispatch, steering=Steering(yardstick=Yardstick(strategy="round-robin")))

    (job,) = submit(turning, tenant)

    assert first(turning, tenant) == str(seats_of(database, job)[0].plan.asked)
