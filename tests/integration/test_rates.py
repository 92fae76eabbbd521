"""The rate of a key, counted in Redis for all API processes: exact while Redis is there, shared out while it is not."""

import asyncio
from collections import Counter
from collections.abc import AsyncIterator, Callable, Coroutine, Iterator
from contextlib import AsyncExitStack, asynccontextmanager
from typing import Any

import pytest
from redis import Redis
from redis.asyncio import Redis as AsyncRedis

from api.counting import Away, Line
from api.shared_rates import SharedRates
from ops.drills.link import BLACK_HOLE, Link, redis_target
from orchestrator.broker import redis_py_url
from tests.servers import Addresses

QUOTA = 6  # a minute: the next one fits ten seconds later, longer than any test takes
PROCESSES = 3
PATIENT_S = 20.0  # no machine is so slow that Redis counts as away for it


@pytest.fixture
def link(addresses: Addresses) -> Iterator[Link]:
    with Link(redis_target(addresses.redis_url)) as link:
        yield link


@asynccontextmanager
async def processes(
    url: str, prefix: str, count: int = PROCESSES, quota: int = QUOTA, trip_s: float = PATIENT_S
) -> AsyncIterator[list[SharedRates]]:
    async with AsyncExitStack() as stack:
        made = []
        for nth in range(count):
            client = AsyncRedis.from_url(url)
            stack.push_async_callback(client.aclose)
            rates = SharedRates(quota, Line(client, trip_s), prefix, f"prc_{nth}", look_every_s=0.05)
            stack.push_async_callback(rates.stop)
            await rates.start()
            made.append(rates)
        yield made


async def burst(made: list[SharedRates], each: int, key: str = "key_a") -> Counter[bool]:
    """How many of a burst over all of them passed, and how many did not."""
    found = await asyncio.gather(*(rates.take(key) for rates in made for _ in range(each)))
    return Counter(left.fits for left in found if left is not None)


async def until(condition: Callable[[], bool]) -> None:
    async with asyncio.timeout(PATIENT_S):
        while not condition():
            await asyncio.sleep(0.01)


def run(test: Coroutine[Any, Any, None]) -> None:
    asyncio.run(test)


def test_a_burst_over_three_processes_passes_exactly_the_limit(addresses: Addresses, redis_prefix: str) -> None:
    async def scene() -> None:
        async with processes(redis_py_url(addresses.redis_url), redis_prefix) as made:
            assert await burst(made, 50) == {True: QUOTA, False: 3 * 50 - QUOTA}
            assert await burst(made, 2, key="key_b") == {True: QUOTA}

    run(scene())


def test_what_is_left_is_told_as_one_process_alone_would(addresses: Addresses, redis_prefix: str) -> None:
    async def scene() -> None:
        async with processes(redis_py_url(addresses.redis_url), redis_prefix, quota=3) as made:
            found = [await made[nth % 3].take("key_a") for nth in range(4)]
            assert [(left.fits, left.quota, left.remaining) for left in found if left] == [
                (True, 3, 2),
                (True, 3, 1),
                (True, 3, 0),
                (False, 3, 0),
            ]
            assert all(left and 1 <= left.reset_s <= 40 for left in found)

    run(scene())


@pytest.mark.parametrize("quota", [1, 7, 60, 999, 10_000_000])
def test_fractions_cost_no_request_and_give_none(addresses: Addresses, redis_prefix: str, quota: int) -> None:
    async def scene() -> None:
        async with processes(redis_py_url(addresses.redis_url), redis_prefix, count=1, quota=quota) as made:
            first = await made[0].take("key_a")
            assert first
            assert (first.fits, first.remaining) == (True, quota - 1)

    run(scene())


def test_only_what_is_owed_is_kept_and_no_longer_than_it_is(
    addresses: Addresses, redis: Redis, redis_prefix: str
) -> None:
    async def scene() -> None:
        async with processes(redis_py_url(addresses.redis_url), redis_prefix, count=1) as made:
            await made[0].take("key_a")
            assert 9_000 < redis.pttl(f"{redis_prefix}rate:key_a") <= 10_001
            assert {*redis.scan_iter(match=f"{redis_prefix}*")} == {
                f"{redis_prefix}rate:key_a".encode(),
                f"{redis_prefix}rate:processes".encode(),
            }

    run(scene())


def test_a_flushed_redis_forgives_what_is_owed_and_counts_on(
    addresses: Addresses, redis: Redis, redis_prefix: str
) -> None:
    async def scene() -> None:
        async with processes(redis_py_url(addresses.redis_url), redis_prefix) as made:
            await burst(made, 10)
            redis.delete(*redis.scan_iter(match=f"{redis_prefix}*"))
            assert await burst(made, 10) == {True: QUOTA, False: 3 * 10 - QUOTA}

    run(scene())


def test_a_redis_that_forgets_the_script_is_given_it_again(
    addresses: Addresses, redis: Redis, redis_prefix: str
) -> None:
    async def scene() -> None:
        async with processes(redis_py_url(addresses.redis_url), redis_prefix, count=1) as made:
            redis.script_flush()
            assert await made[0].take("key_a")
            await until(lambda: made[0].is_shared)
            await made[0].take("key_a")
            assert made[0].is_shared

    run(scene())


def test_while_redis_is_away_each_lets_in_its_share_and_none_that_was_had_before(link: Link, redis_prefix: str) -> None:
    async def scene() -> None:
        async with processes(f"redis://127.0.0.1:{link.port}/0", redis_prefix) as made:
            await until(lambda: all(rates.processes == PROCESSES for rates in made) or _show(made))
            await made[0].take("key_spent")
            await made[0].take("key_spent")
            link.cut()
            await burst(made, 1, key="key_other")
            assert not any(rates.is_shared for rates in made)

            assert [(await burst([rates], 10))[True] for rates in made] == [QUOTA // PROCESSES] * 3
            assert (await burst([made[0]], 10, key="key_spent"))[True] == 0

            link.mend()
            await until(lambda: all(rates.is_shared for rates in made))
            assert await burst(made, 10, key="key_new") == {True: QUOTA, False: 3 * 10 - QUOTA}

    run(scene())


def _show(made: list[SharedRates]) -> bool:
    """Those that came first learn of the later ones when they look again; here they are told to."""
    for rates in made:
        rates._show_at = 0.0
    return False


def test_a_redis_that_is_silent_holds_up_those_under_way_once_and_nobody_after(link: Link, redis_prefix: str) -> None:
    async def scene() -> None:
        url = f"redis://127.0.0.1:{link.port}/0"
        async with processes(url, redis_prefix, count=1, trip_s=0.03) as (rates,):
            await until(lambda: rates.is_shared)
            link.treat(BLACK_HOLE)
            await burst([rates], 5)
            assert not rates.is_shared
            sent = link.done.requests

            for _ in range(20):  # none of them goes anywhere: not one turn of the event loop is taken
                with pytest.raises(StopIteration):
                    rates.take("key_a").send(None)
            assert link.done.requests == sent

            link.mend()
            await until(lambda: rates.is_shared)

    run(scene())


def test_what_is_asked_during_a_trip_goes_with_the_next_and_is_answered_to_whom_it_belongs(
    link: Link, redis_prefix: str
) -> None:
    async def scene() -> None:
        async with AsyncRedis.from_url(f"redis://127.0.0.1:{link.port}/0") as client:
            line = Line(client, PATIENT_S)
            await line.connect()
            asked = [asyncio.create_task(line.ask(("ECHO", str(nth)), ("ECHO", "again"))) for nth in range(200)]
            await asyncio.sleep(0)
            asked[3].cancel()  # a caller that leaves takes nobody with it

            told = await asyncio.gather(*asked, return_exceptions=True)
            assert [told[nth] for nth in range(200) if nth != 3] == [
                [str(nth).encode(), b"again"] for nth in range(200) if nth != 3
            ]
            waiting = asyncio.create_task(line.ask(("BLPOP", f"{redis_prefix}nothing", 0)))
            await asyncio.sleep(0)
            await line.close()
            with pytest.raises(Away):
                await waiting
            with pytest.raises(Away):
                await line.ask(("PING",))

    run(scene())


def test_where_nobody_is_counted_redis_is_not_asked(link: Link, redis_prefix: str) -> None:
    async def scene() -> None:
        async with processes(f"redis://127.0.0.1:{link.port}/0", redis_prefix, count=1, quota=0) as (rates,):
            assert await rates.take("key_a") is None
        assert link.done.accepted == 0

    run(scene())
