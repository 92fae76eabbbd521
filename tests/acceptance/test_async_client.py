"""The client for event loops against whole processes: jobs, streams that are cut, pages, batches, calls given up."""

import asyncio
import threading
from typing import Any

import pytest

from api.async_client import AsyncClient
from api.client import Client, Problem
from api.schemas import TERMINAL, JobView
from orchestrator.routing.request import AnalysisRequest, PanelWish, PostedTranscript
from tests.acceptance.conftest import Town
from tests.acceptance.relay import Relay
from tests.acceptance.test_batches import BUILT_IN, job
from tests.acceptance.test_events import key_of
from tests.acceptance.test_jobs import MEETING, THREE

PATIENCE_S = 60.0
AT_ONCE = 50
SLOWER_THAN_FIFTY_MS = 45_000  # no call ends before the last job has been handed in
HANDED_IN_AT_ONCE = 2  # a slow machine turns away more
ONE = {"panel": {"models": THREE["models"][:1]}, "strategy": "single"}


def asked(**more: Any) -> dict[str, Any]:
    return {"transcript": MEETING, "panel": THREE, **more}


def client_of(town: Town, url: str | None = None) -> AsyncClient:
    return AsyncClient(url or town.product.url, key_of(town.product))


def test_a_job_is_handed_in_once_under_its_key_and_awaited(town: Town) -> None:
    request = AnalysisRequest(
        transcript=PostedTranscript(content=MEETING["content"]), panel=PanelWish(models=tuple(THREE["models"]))
    )

    async def course() -> None:
        async with client_of(town) as client:
            first, again = await asyncio.gather(*(client.submit(request, "async once") for _ in range(2)))
            ended = await client.wait(first.id, PATIENCE_S)

            assert first.id == again.id
            assert (ended.status, ended.label) == ("succeeded", "consensus of 3 models")
            assert ended.result is not None
            assert (await client.report(first.id)).startswith("<!doctype html>")
            assert (await client.ready())["status"] == "ready"
            with Client(town.product.url, key_of(town.product)) as other:
                assert other.get(first.id) == ended == await client.get(first.id)

    asyncio.run(course())


async def followed(relay: Relay, key: str, job_id: str) -> list[int | None]:
    async with AsyncClient(relay.url, key) as client:
        return [one.version async for one in client.stream(job_id)]


async def followed_from_a_thread(relay: Relay, key: str, job_id: str) -> list[int | None]:
    def course() -> list[int | None]:
        with Client(relay.url, key) as client:
            return [one.version for one in client.stream(job_id)]

    return await asyncio.to_thread(course)


@pytest.mark.parametrize("follow", [followed, followed_from_a_thread])
def test_a_stream_that_is_cut_again_and_again_brings_each_event_once(town: Town, follow: Any) -> None:
    town.emulator.order("latency", median_ms=300)
    made = town.product.submit(**asked())

    async def course() -> None:
        async with Relay(town.product.port, cut_after_bytes=1_500) as relay:
            versions = await asyncio.wait_for(follow(relay, key_of(town.product), made["id"]), PATIENCE_S)

            assert versions == list(range(1, town.product.job(made["id"])["version"] + 1))
            assert relay.cuts >= 2

    asyncio.run(course())


def test_who_leaves_a_stream_early_has_no_connection_left(town: Town) -> None:
    town.emulator.order("latency", median_ms=20_000)
    made = town.product.submit(**asked())

    async def course() -> None:
        async with Relay(town.product.port) as relay, client_of(town, relay.url) as client:
            stream = client.stream(made["id"])
            assert (await anext(stream)).type == "job.queued"
            assert relay.live == 1

            await stream.aclose()

            await relay.emptied(PATIENCE_S)
            assert (await client.cancel(made["id"])).status == "canceled"

    asyncio.run(course())


def test_pages_are_turned_to_the_last(town: Town) -> None:
    made = [town.product.submit(**asked(tags=["async pages"], **ONE))["id"] for _ in range(5)]

    async def course() -> None:
        async with client_of(town) as client:
            first = await client.jobs(limit=2, tag="async pages")
            every = [one.id async for one in client.every_job(limit=2, tag="async pages")]

            assert [one.id for one in first.data] == every[:2]
            assert first.next_cursor is not None
            assert every == made[::-1]

    asyncio.run(course())


def test_a_refusal_is_a_problem_in_the_services_words(town: Town) -> None:
    async def course() -> None:
        async with client_of(town) as client:
            with pytest.raises(Problem) as unknown:
                await client.get(f"job_{'0' * 26}")
            with pytest.raises(Problem) as wrong:
                await client.submit(asked(strategy="by dice"))

            assert (unknown.value.status, unknown.value.code) == (404, "not-found")
            assert (wrong.value.status, wrong.value.errors[0][0]) == (422, "/strategy")
            assert wrong.value.request_id is not None

    asyncio.run(course())


def test_a_batch_is_handed_in_awaited_and_read_in_order(town: Town) -> None:
    async def course() -> None:
        bodies = [*(job(number, **BUILT_IN) for number in range(1, 20)), job(20, priority="sometime")]
        async with client_of(town) as client:
            batch = await client.create_batch(bodies, idempotency_key="async batch")
            ended = await client.wait_batch(batch.id)
            results = [one async for one in client.batch_results(batch.id)]
            errors = [one async for one in client.batch_errors(batch.id)]

            assert (batch.lines, batch.jobs, ended.status) == (20, 19, "finished")
            assert [one.line for one in results] == list(range(1, 21))
            assert [one.status for one in results] == ["succeeded"] * 19 + ["refused"]
            assert [one.line for one in errors] == [20]
            assert batch.id in [one.id async for one in client.every_batch()]

    asyncio.run(course())


def test_a_wait_that_is_canceled_closes_its_connection_and_leaves_the_job_and_the_client_as_they_are(
    town: Town,
) -> None:
    town.emulator.order("latency", median_ms=20_000)

    async def course() -> None:
        async with Relay(town.product.port) as relay, client_of(town, relay.url) as client:
            made = await client.submit(asked())
            waiting = asyncio.create_task(client.wait(made.id, PATIENCE_S))
            stream = client.stream(made.id)
            while (await anext(stream)).type != "seat.attempted":
                pass
            assert relay.live == 2  # the long poll's, and the stream's
            await stream.aclose()

            waiting.cancel()
            with pytest.raises(asyncio.CancelledError):
                await waiting

            await relay.emptied(PATIENCE_S)
            assert (await client.get(made.id)).status == "running"
            assert (await client.cancel(made.id)).status == "canceled"
            assert (await client.wait(made.id, PATIENCE_S)).status == "canceled"

    asyncio.run(course())


def test_fifty_jobs_are_awaited_at_once_in_one_loop_without_a_thread(town: Town) -> None:
    town.emulator.order("latency", median_ms=SLOWER_THAN_FIFTY_MS)

    async def course() -> None:
        turns = asyncio.Semaphore(HANDED_IN_AT_ONCE)

        async def handed_in(client: AsyncClient, place: int) -> JobView:
            async with turns:
                return await client.submit(asked(**ONE), f"fifty {place}")

        async with Relay(town.product.port) as relay, client_of(town, relay.url) as client:
            threads = threading.active_count()
            made = await asyncio.gather(*(handed_in(client, place) for place in range(AT_ONCE)))
            waiting = [asyncio.create_task(client.wait(one.id, PATIENCE_S)) for one in made]
            await relay.reached(AT_ONCE, PATIENCE_S)
            assert threading.active_count() == threads

            for one in made:
                await client.cancel(one.id)
            ended = await asyncio.gather(*waiting)

            assert [one.id for one in ended] == [one.id for one in made]
            assert {one.status for one in ended} == {"canceled"} < TERMINAL
            assert threading.active_count() == threads

    asyncio.run(course())
