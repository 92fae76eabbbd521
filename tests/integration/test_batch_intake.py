"""Uploads that do not come to their end: what becomes of the lines that were taken in before."""

import asyncio
import json
from collections.abc import AsyncIterator

import pytest
from starlette.requests import ClientDisconnect

from api.batch_bodies import Words
from api.batch_desk import Desk
from api.batch_intake import Intake
from api.problems import BodyTooSlow
from api.uploads import Uploads
from orchestrator.dispatch import Dispatch
from orchestrator.errors import BatchRefused
from orchestrator.settings import Settings
from orchestrator.storage import batches
from orchestrator.storage.batches import BatchRow
from orchestrator.storage.engine import Database
from orchestrator.work.batches import BatchStatus, status
from tests.integration.workers_in_test import dispatch_of, producer
from tests.servers import Tenant

LINES = 20  # more than a turn takes in
BUILT_IN = {"panel": {"models": ["extractive/cue-rules"]}, "strategy": "single"}


@pytest.fixture
def dispatch(database: Database, settings: Settings) -> Dispatch:
    return dispatch_of(database, producer(settings))


def line(number: int, **fields: object) -> bytes:
    said = f"Ann: Let us decide on item {number} today."
    return json.dumps({"transcript": {"content": said}, **BUILT_IN, **fields}).encode() + b"\n"


async def broken(why: Exception) -> AsyncIterator[bytes]:
    for number in range(1, LINES + 1):
        yield line(number)
    raise why


def desk_of(dispatch: Dispatch, tenant: Tenant, *, key: str | None = None, atomic: bool = False) -> Desk:
    return Desk(dispatch, tenant.id, atomic, key, Words("req_1", "/v1/batches"), as_lines=True)


def row_of(database: Database, tenant: Tenant, desk: Desk) -> BatchRow:
    assert desk.begun is not None
    with database.tenant(tenant.id) as connection:
        return batches.read(connection, desk.begun.batch_id)


@pytest.mark.parametrize("why", [BodyTooSlow("silent"), ClientDisconnect()], ids=["silent", "gone"])
def test_without_a_key_an_upload_that_broke_is_what_was_taken_in(
    database: Database, tenant: Tenant, dispatch: Dispatch, why: Exception
) -> None:
    desk = desk_of(dispatch, tenant)

    with pytest.raises(type(why)):
        asyncio.run(Intake(desk, Uploads(lambda: False)).stream(broken(why)))

    row = row_of(database, tenant, desk)
    assert 0 < row.jobs == row.lines < LINES
    assert (status(row), row.received_at is not None) == (BatchStatus.RUNNING, True)


@pytest.mark.parametrize("why", [BodyTooSlow("silent"), ClientDisconnect()], ids=["silent", "gone"])
def test_with_a_key_it_is_open_for_whoever_goes_on_with_it(
    database: Database, tenant: Tenant, dispatch: Dispatch, why: Exception
) -> None:
    desk = desk_of(dispatch, tenant, key="goes on")

    with pytest.raises(type(why)):
        asyncio.run(Intake(desk, Uploads(lambda: False)).stream(broken(why)))

    assert status(row_of(database, tenant, desk)) is BatchStatus.RECEIVING


def test_of_many_bad_lines_all_are_counted_and_the_first_are_told(
    database: Database, tenant: Tenant, dispatch: Dispatch
) -> None:
    desk = desk_of(dispatch, tenant, atomic=True)

    async def body() -> AsyncIterator[bytes]:
        yield line(1)
        for number in range(2, 102):
            yield line(number, priority="sometime")

    with pytest.raises(BatchRefused) as refused:
        asyncio.run(Intake(desk, Uploads(lambda: False)).whole(body()))

    assert refused.value.message == "100 lines are not good; none was taken in."
    assert [one["line"] for one in refused.value.lines] == list(range(2, 52))
    assert desk.begun is None
    with database.tenant(tenant.id) as connection:
        assert batches.page(connection, None, 1) == []
