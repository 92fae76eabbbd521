"""Event streams on a real PostgreSQL and a real Redis: what they tell, what they hold, how they end."""

import asyncio
import json
from collections.abc import AsyncIterator, Callable, Coroutine
from contextlib import ExitStack, aclosing, asynccontextmanager
from typing import Any

import pytest
from redis import Redis
from redis.asyncio import Redis as AsyncRedis
from sqlalchemy import delete, insert, update

from api.event_frames import GREETING, HEARTBEAT, framed
from api.problems import BadQuery
from api.streams import Streams
from api.waiting import Hub
from orchestrator.broker import redis_py_url
from orchestrator.errors import NotFound, Overloaded
from orchestrator.storage import jobs
from orchestrator.storage.engine import Database
from orchestrator.storage.tables import events, seats
from orchestrator.storage.tables import jobs as job_table
from orchestrator.work.hints import channel
from orchestrator.work.jobs import JobStatus
from providers import sse
from tests.integration.rows import add_job
from tests.servers import Addresses, Tenant, new_tenant

PATIENCE_S = 20.0
NEVER_S = 600.0


@asynccontextmanager
async def streaming(addresses: Addresses, redis_prefix: str, database: Database, **more: Any) -> AsyncIterator[Streams]:
    hub = Hub(AsyncRedis.from_url(redis_py_url(addresses.redis_url)), channel(redis_prefix))
    hub.start()
    streams = Streams(database, hub, **{"heartbeat_s": NEVER_S, "look_every_s": 0.05, **more})
    try:
        yield streams
    finally:
        await streams.stop()
        await hub.stop()


def run(course: Coroutine[Any, Any, None]) -> None:
    async def bounded() -> None:
        async with asyncio.timeout(PATIENCE_S):
            await course

    asyncio.run(bounded())


async def in_thread(do: Callable[[], object]) -> None:
    await asyncio.to_thread(do)


def note(database: Database, job: str) -> None:
    with database.tenant_of(job) as connection:
        jobs.note(connection, job, "seat.attempted", {"seat": 0})


def end(database: Database, job: str) -> None:
    with database.tenant_of(job) as connection:
        jobs.move(connection, job, JobStatus.CANCELED, "job.canceled", {})


async def follow(streams: Streams, tenant: str, job: str, after: int = 0) -> list[int]:
    """The versions that a stream tells until it ends."""
    opened = await streams.open(tenant, job, after)
    pieces = [piece async for piece in framed(streams.events(opened))]
    found, stray = sse.events(b"".join(pieces))
    assert stray == b""
    return [json.loads(one.data)["version"] for one in found]


def test_a_job_that_has_ended_is_told_again_and_the_stream_ends(
    addresses: Addresses, redis_prefix: str, database: Database, tenant: Tenant
) -> None:
    job = add_job(database, tenant.id)
    note(database, job)
    end(database, job)

    async def course() -> None:
        async with streaming(addresses, redis_prefix, database) as streams:
            assert await follow(streams, tenant.id, job) == [1, 2, 3]
            assert await follow(streams, tenant.id, job, after=2) == [3]
            assert (await streams.open(tenant.id, job, 3)).is_over

    run(course())


@pytest.mark.parametrize("look_every_s", [0.05, NEVER_S])
def test_news_comes_by_a_look_and_by_a_hint(
    addresses: Addresses, redis_prefix: str, redis: "Redis", database: Database, tenant: Tenant, look_every_s: float
) -> None:
    """Where no look is made, the hint alone has to do it; the look alone where there is none."""
    job = add_job(database, tenant.id)

    async def course() -> None:
        async with streaming(addresses, redis_prefix, database, look_every_s=look_every_s) as streams:
            following = asyncio.create_task(follow(streams, tenant.id, job))
            for change in (note, note, end):
                await in_thread(lambda change=change: change(database, job))  # type: ignore[misc]
            while look_every_s == NEVER_S and not following.done():
                redis.publish(channel(redis_prefix), job)  # the subscription may still be on its way
                await asyncio.sleep(0.05)
            assert await following == [1, 2, 3, 4]

    run(course())


def test_what_is_written_of_a_job_after_its_end_is_told_and_the_stream_ends(
    addresses: Addresses, redis_prefix: str, database: Database, tenant: Tenant
) -> None:
    job = add_job(database, tenant.id)
    end(database, job)
    with database.tenant(tenant.id) as connection:
        connection.execute(update(job_table).where(job_table.c.id == job).values(version=3))
        connection.execute(insert(events).values(job_id=job, sequence=3, id="evt_3", type="job.of_tomorrow", data={}))

    async def course() -> None:
        async with streaming(addresses, redis_prefix, database) as streams:
            assert await follow(streams, tenant.id, job) == [1, 2, 3]

    run(course())


def test_a_job_that_goes_on_after_its_end_is_told_on(
    addresses: Addresses, redis_prefix: str, database: Database, tenant: Tenant
) -> None:
    job = add_job(database, tenant.id)
    end(database, job)
    with database.tenant_of(job) as connection:
        jobs.reopen(connection, job, missing=2, dispatched=True)

    async def course() -> None:
        async with streaming(addresses, redis_prefix, database) as streams:
            following = asyncio.create_task(follow(streams, tenant.id, job))
            await in_thread(lambda: end(database, job))
            assert await following == [1, 2, 3, 4]

    run(course())


def test_a_quiet_stream_beats_and_holds_nothing(
    addresses: Addresses, redis_prefix: str, database: Database, tenant: Tenant
) -> None:
    job = add_job(database, tenant.id)

    async def course() -> None:
        async with streaming(addresses, redis_prefix, database, heartbeat_s=0.02, look_every_s=NEVER_S) as streams:
            opened = await streams.open(tenant.id, job, 0)
            async with aclosing(framed(streams.events(opened))) as frames:
                seen = [await anext(frames) for _ in range(5)]

                assert seen[0] == GREETING
                assert seen[2:] == [HEARTBEAT] * 3
                assert database._in_use == set()

    run(course())


def test_a_stream_that_is_canceled_while_it_reads_leaves_no_connection_behind(
    addresses: Addresses, redis_prefix: str, database: Database, tenant: Tenant
) -> None:
    made = [add_job(database, tenant.id) for _ in range(20)]

    async def course() -> None:
        async with streaming(addresses, redis_prefix, database, heartbeat_s=0.001) as streams:
            following = [asyncio.create_task(follow(streams, tenant.id, job)) for job in made]
            await asyncio.sleep(0.2)
            for one in following:
                one.cancel()
            ends = await asyncio.gather(*following, return_exceptions=True)

            assert {type(one) for one in ends} == {asyncio.CancelledError}
            assert streams._open == {}
            while database._in_use or streams._readers.borrowed_tokens:  # reads that had begun come to their end
                await asyncio.sleep(0.01)

    run(course())


def test_nobody_follows_a_job_that_is_not_there_or_not_his(
    addresses: Addresses, redis_prefix: str, database: Database, tenant: Tenant
) -> None:
    other = new_tenant(database, "globex")
    job = add_job(database, tenant.id)

    async def course() -> None:
        async with streaming(addresses, redis_prefix, database) as streams:
            for owner, wanted in ((other.id, job), (tenant.id, "job_unknown")):
                with pytest.raises(NotFound):
                    await streams.open(owner, wanted, 0)
            with pytest.raises(BadQuery, match="has come to 1"):
                await streams.open(tenant.id, job, 2)

    run(course())


def test_the_stream_of_a_job_that_is_taken_away_ends(
    addresses: Addresses, redis_prefix: str, database: Database, tenant: Tenant
) -> None:
    job = add_job(database, tenant.id)

    def remove() -> None:
        with database.system() as connection:
            for table in (events, seats):
                connection.execute(delete(table).where(table.c.job_id == job))
            connection.execute(delete(job_table).where(job_table.c.id == job))

    async def course() -> None:
        async with streaming(addresses, redis_prefix, database) as streams:
            following = asyncio.create_task(follow(streams, tenant.id, job))
            while not streams._open:
                await asyncio.sleep(0.01)
            await in_thread(remove)
            assert await following == [1]

    run(course())


def test_streams_are_bounded_for_the_process_and_for_each_tenant(
    addresses: Addresses, redis_prefix: str, database: Database
) -> None:
    async def course() -> None:
        async with streaming(addresses, redis_prefix, database, most=3, most_of_tenant=2) as streams:
            with ExitStack() as held:
                held.enter_context(streams.place("acme"))
                held.enter_context(streams.place("acme"))
                with pytest.raises(Overloaded) as caught:
                    held.enter_context(streams.place("acme"))
                held.enter_context(streams.place("globex"))
                with pytest.raises(Overloaded):
                    held.enter_context(streams.place("initech"))

                assert caught.value.retry_after_s > 0
            with streams.place("acme"):
                assert dict(streams._of_tenants) == {"acme": 1}

    run(course())


@pytest.mark.parametrize("more", [{"lasts_s": 0.1, "heartbeat_s": 0.02}, {}])
def test_a_stream_ends_when_it_has_lasted_long_and_when_the_process_ends(
    addresses: Addresses, redis_prefix: str, database: Database, tenant: Tenant, more: dict[str, float]
) -> None:
    job = add_job(database, tenant.id)

    async def course() -> None:
        async with streaming(addresses, redis_prefix, database, **more) as streams:
            following = asyncio.create_task(follow(streams, tenant.id, job))
            while not streams._open:
                await asyncio.sleep(0.01)
            if not more:
                streams.end()
            assert await following == [1]

    run(course())


def test_a_look_that_finds_no_postgresql_is_made_again(
    addresses: Addresses, redis_prefix: str, database: Database, tenant: Tenant
) -> None:
    job = add_job(database, tenant.id)

    async def course() -> None:
        async with streaming(addresses, redis_prefix, database) as streams:
            following = asyncio.create_task(follow(streams, tenant.id, job))
            while not streams._open:
                await asyncio.sleep(0.01)
            database.fall_silent()
            await asyncio.sleep(0.2)  # looks are refused meanwhile; what follows has to come all the same
            database.be_heard()
            await in_thread(lambda: note(database, job))
            await in_thread(lambda: end(database, job))
            assert await following == [1, 2, 3]

    run(course())
