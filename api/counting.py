"""One connection to Redis for what every request asks of it; what is asked during a trip goes with the next one.

A request never makes a connection and never waits longer than `TRIP_S` for a trip: if either is needed the line counts
as away, and is, until `api/shared_rates.py` has connected it again. So a Redis that is dead costs a request nothing.
"""

import asyncio
import contextlib
from collections import deque
from collections.abc import Sequence
from contextvars import Context
from typing import Any, Final, TypeAlias

from redis.asyncio import Redis
from redis.asyncio.connection import AbstractConnection
from redis.exceptions import RedisError

TRIP_S: Final = 0.03  # a trip takes half a millisecond; a refusal is promised within 50
LATE_S: Final = 0.005  # an alarm that rings later than that says more of this process than of Redis
CONNECT_S: Final = 1.0  # by whoever connects, which no request does

Command: TypeAlias = Sequence[str | int]


class Away(Exception):
    """Redis does not answer, or refuses."""


class Line:
    """Asks over one connection. Belongs to one event loop.

    Args:
        redis: names the server; its pool is only asked for the connection.
    """

    def __init__(self, redis: Redis, trip_s: float = TRIP_S) -> None:
        self._redis = redis
        self._trip_s = trip_s
        self._connection: AbstractConnection | None = None
        self._asked: deque[tuple[list[Command], asyncio.Future[list[Any]]]] = deque()
        self._trips: asyncio.Task[None] | None = None

    @property
    def is_up(self) -> bool:
        return self._connection is not None

    async def connect(self) -> None:
        """Raises Away: there is no connection to be had."""
        connection = self._redis.connection_pool.make_connection()  # type: ignore[no-untyped-call]  # redis-py's
        try:
            async with asyncio.timeout(CONNECT_S):
                await connection.connect()
        except (RedisError, OSError, TimeoutError) as error:
            await _cut(connection)
            raise Away(type(error).__name__) from error
        self._connection = connection

    async def ask(self, *commands: Command) -> list[Any]:
        """The answer to each. Commands of several callers go in one trip, each in its caller's order.

        Raises:
            Away: no answer within the time, or a refusal; whether they were done is not known.
        """
        if self._connection is None:
            raise Away("not connected")
        answers: asyncio.Future[list[Any]] = asyncio.get_running_loop().create_future()
        self._asked.append(([*commands], answers))
        if self._trips is None:
            self._trips = asyncio.create_task(self._travel(self._connection), name="trips", context=Context())
        return await answers

    async def close(self) -> None:
        """Whoever still waits is told that Redis is away."""
        connection, self._connection = self._connection, None
        if self._trips is not None:
            self._trips.cancel()
            with contextlib.suppress(asyncio.CancelledError):
                await self._trips
        self._fail(Away("closed"))
        if connection is not None:
            await _cut(connection)

    async def _travel(self, connection: AbstractConnection) -> None:
        try:
            while self._asked:
                await self._trip(connection)
        except (RedisError, OSError, TimeoutError) as error:
            self._connection = self._trips = (
                None  # before anything else can come: the next connection has trips of its own
            )
            self._fail(Away(type(error).__name__))
            await _cut(connection)
        except asyncio.CancelledError:
            self._trips = None
            raise
        else:
            self._trips = None

    async def _trip(self, connection: AbstractConnection) -> None:
        taken = [*self._asked]
        written = [part for commands, _ in taken for one in commands for part in connection.pack_command(*one)]
        async with _Bound(self._trip_s):
            await connection.send_packed_command(written)
            for commands, answers in taken:
                told = [await connection.read_response() for _ in commands]
                self._asked.popleft()
                if not answers.done():  # its caller may have left
                    answers.set_result(told)

    def _fail(self, why: Away) -> None:
        while self._asked:
            _, answers = self._asked.popleft()
            if not answers.done():
                answers.set_exception(why)


class _Bound:
    """Ends a trip when its time is up, of which what this process' own loop stood still is no part.

    Raises (at its end): TimeoutError.
    """

    def __init__(self, within_s: float) -> None:
        self._within_s = within_s
        self._limit = asyncio.timeout(None)
        self._loop = asyncio.get_running_loop()

    async def __aenter__(self) -> None:
        await self._limit.__aenter__()
        self._wait()

    async def __aexit__(self, *raised: Any) -> None:
        self._alarm.cancel()
        await self._limit.__aexit__(*raised)

    def _wait(self) -> None:
        due = self._loop.time() + self._within_s
        self._alarm = self._loop.call_at(due, self._ring, due)

    def _ring(self, due: float) -> None:
        if self._loop.time() - due > LATE_S:  # the answer may have been there for long
            self._wait()
        else:
            self._limit.reschedule(due)


async def _cut(connection: AbstractConnection) -> None:
    await connection.disconnect(nowait=True)
