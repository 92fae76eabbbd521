"""How many requests a key may make of all API processes together: counted in Redis, by one script and one trip.

While Redis is away, each process lets in its share by its own buckets (`api/rates.py`): the limit divided by how many
processes there were when it was last known, as each shows itself in Redis. Those buckets count along all the time, so
that a key that has used up its minute is not given another by an outage. Redis may be flushed at any time: what is owed
is forgiven then.

`<prefix>rate:processes`   sorted set: process -> the second at which it was last seen; lives `GONE_AFTER_S`
`<prefix>rate:<key id>`    see `rates.lua`
"""

import asyncio
import contextlib
import time
from typing import Final

import structlog

from api.counting import Away, Line
from api.rates import WINDOW_S, Left, Rates
from providers.scripts import source

log = structlog.get_logger()

SCRIPT: Final = source("api", "rates.lua")
LOOK_EVERY_S: Final = 0.25  # for a Redis that is away
SHOWN_EVERY_S: Final = 5.0  # that this process is there
GONE_AFTER_S: Final = 15  # without being shown
_MICRO: Final = 1_000_000
_WINDOW: Final = round(WINDOW_S * _MICRO)


class SharedRates:
    """Belongs to one event loop.

    Args:
        per_minute: 0: nobody is counted.
        prefix: of every key in Redis.
        process: names this process among the others.
        look_every_s: how often Redis is looked for while it is away.
    """

    def __init__(
        self, per_minute: int, line: Line, prefix: str, process: str, look_every_s: float = LOOK_EVERY_S
    ) -> None:
        self._quota = per_minute
        self._line = line
        self._prefix = prefix
        self._process = process
        self._look_every_s = look_every_s
        self._own = Rates(per_minute)
        self._processes = 1
        self._digest = ""
        self._is_shared = False
        self._is_told = False
        self._show_at = 0.0
        self._task: asyncio.Task[None] | None = None

    @property
    def processes(self) -> int:
        """How many share the limit, as was last known; this one is among them."""
        return self._processes

    @property
    def is_shared(self) -> bool:
        """Whether Redis counts; if not, this process does for itself."""
        return self._is_shared and self._line.is_up

    async def start(self) -> None:
        """Look for Redis, for a second at most; and from now on, whenever it is away."""
        if self._quota:
            await self._look()
            self._task = asyncio.create_task(self._keep_looking(), name="rates")

    async def stop(self) -> None:
        if self._task is not None:
            self._task.cancel()
            with contextlib.suppress(asyncio.CancelledError):
                await self._task
        with contextlib.suppress(Away):
            await self._line.ask(("ZREM", self._key("rate:processes"), self._process))
        await self._line.close()

    async def take(self, key_id: str) -> Left | None:
        """Count one request of a key. None: nobody is counted."""
        alone = self._own.take(key_id, self._processes)
        if alone is None or not self.is_shared:
            return alone
        question = ("EVALSHA", self._digest, 1, self._key(f"rate:{key_id}"), self._quota, _WINDOW)
        try:
            ((fits, remaining, wait),) = await self._line.ask(question)
        except Away as error:
            self._went(error)
            return alone
        return Left(bool(fits), self._quota, remaining, max(1, -(-wait // _MICRO)))

    async def _keep_looking(self) -> None:
        while True:
            await asyncio.sleep(self._look_every_s)
            if not self.is_shared or time.monotonic() >= self._show_at:
                await self._look()

    async def _look(self) -> None:
        try:
            if not self._line.is_up:
                await self._line.connect()
                (digest,) = await self._line.ask(("SCRIPT", "LOAD", SCRIPT))
                self._digest = digest.decode()
            self._processes = await self._show()
        except Away as error:
            self._went(error)
            return
        self._show_at = time.monotonic() + SHOWN_EVERY_S
        self._is_shared = True
        if self._is_told:
            log.info("rates.together", processes=self._processes)
            self._is_told = False

    async def _show(self) -> int:
        """Be known as there; how many are."""
        key = self._key("rate:processes")
        ((seconds, _),) = await self._line.ask(("TIME",))
        *_, count = await self._line.ask(
            ("ZADD", key, int(seconds), self._process),
            ("ZREMRANGEBYSCORE", key, "-inf", int(seconds) - GONE_AFTER_S),
            ("EXPIRE", key, GONE_AFTER_S),
            ("ZCARD", key),
        )
        return max(1, int(count))

    def _went(self, why: Away) -> None:
        self._is_shared = False
        if not self._is_told:
            log.warning("rates.alone", error=str(why), processes=self._processes)
            self._is_told = True

    def _key(self, name: str) -> str:
        return f"{self._prefix}{name}"
