"""Event streams of jobs: many at once, at the cost of few. What they are told as, server-sent events or messages of a
WebSocket, is the route's.

A stream that waits is a coroutine and nothing else. A hint of the hub wakes it; and as long as there is any stream, a
look every `LOOK_EVERY_S`, one statement for all of them, wakes those whose job has gone on. Reading takes a thread and
a connection for a moment, and all streams together no more than `READERS` of them.
"""

import asyncio
import contextlib
import random
import time
from collections import Counter
from collections.abc import AsyncGenerator, Callable, Iterator
from contextvars import Context
from dataclasses import dataclass
from functools import partial
from typing import Final, TypeVar

import anyio.to_thread
import structlog
from anyio import CapacityLimiter

from api import event_schemas
from api.event_schemas import EventView
from api.problems import BadQuery
from api.waiting import Hub
from orchestrator.errors import DomainError, NotFound, Unavailable
from orchestrator.storage import api_keys, feed
from orchestrator.storage.api_keys import Named
from orchestrator.storage.engine import Database
from orchestrator.storage.feed import EventRow
from orchestrator.work import queueing
from orchestrator.work.events import is_end
from orchestrator.work.jobs import TERMINAL

log = structlog.get_logger()

MOST: Final = 1_000  # of this process: half of the connections that it takes
MOST_OF_TENANT: Final = 750  # so that one tenant alone does not take all
READERS: Final = 2  # threads, and connections, of all streams together
LOOK_EVERY_S: Final = 0.5  # the steps of a job before its end come without a hint
LOOKS_FOR_KEYS: Final = 4  # every so many looks: a stream ends within five seconds of the key that opened it
HEARTBEAT_S: Final = 15.0
LASTS_S: Final = 600.0  # then a reader comes back, and its key is looked at again

Found = TypeVar("Found")


@dataclass(frozen=True)
class Story:
    """What a look at a job found. `ended`: nothing follows."""

    events: tuple[EventRow, ...]
    ended: bool


@dataclass
class Stream:
    """One reader's way through one job. `after` is the version up to which it was told, `story` what comes next.

    `key`: the one that opened it; None: whoever opened it answers for it. `is_cut`: that key opens nothing any more.
    """

    tenant: str
    job_id: str
    after: int
    story: Story
    key: str | None = None
    is_cut: bool = False

    @property
    def is_over(self) -> bool:
        """Whether there is nothing to tell, now or later."""
        return self.story.ended and not self.story.events

    def may_go_on(self) -> bool:
        """Whether the key that opened it still opens something, as far as is known."""
        return not self.is_cut

    def told(self) -> None:
        if self.story.events:
            self.after = self.story.events[-1].sequence or self.after


class Streams:
    """All streams of this process. Belongs to one event loop.

    Args:
        heartbeat_s: how long a stream is silent at most.
        lasts_s: how long it lasts at most.
    """

    def __init__(
        self,
        database: Database,
        hub: Hub,
        *,
        most: int = MOST,
        most_of_tenant: int = MOST_OF_TENANT,
        heartbeat_s: float = HEARTBEAT_S,
        look_every_s: float = LOOK_EVERY_S,
        lasts_s: float = LASTS_S,
    ) -> None:
        self._database = database
        self._hub = hub
        self._most = most
        self._most_of_tenant = most_of_tenant
        self._heartbeat_s = heartbeat_s
        self._look_every_s = look_every_s
        self._lasts_s = lasts_s
        self._of_tenants: Counter[str] = Counter()
        self._open: dict[int, Stream] = {}
        self._readers = CapacityLimiter(READERS)
        self._looking: asyncio.Task[None] | None = None
        self._ending = False

    @contextlib.contextmanager
    def place(self, tenant: str) -> Iterator[None]:
        """Raises Overloaded: this process has as many streams as it takes, or as many of this tenant."""
        if self._of_tenants.total() >= self._most or self._of_tenants[tenant] >= self._most_of_tenant or self._ending:
            raise queueing.shortly(
                "More event streams are open than can be.",
                chance=random.random(),  # noqa: S311 - spreads returns; nobody gains by guessing it
            )
        self._of_tenants[tenant] += 1
        try:
            yield
        finally:
            self._of_tenants[tenant] -= 1
            if not self._of_tenants[tenant]:
                del self._of_tenants[tenant]

    async def open(self, tenant: str, job_id: str, after: int, key: str | None = None) -> Stream:
        """Begin a stream with what is there after that version.

        Raises:
            NotFound: the tenant has no such job.
            BadQuery: the job has not come to that version.
            Unavailable: PostgreSQL is away.
        """
        return Stream(tenant, job_id, after, await self._read(tenant, job_id, after), key)

    @property
    def is_ending(self) -> bool:
        """Whether this process ends, and all streams with it."""
        return self._ending

    async def events(self, stream: Stream) -> AsyncGenerator[EventView | None, None]:
        """Each event until the job has ended, the stream has lasted long enough, its key or this process ends; None
        whenever nothing was told for `heartbeat_s`. Afterwards `stream.story.ended` says whether the job has ended.
        """
        until = time.monotonic() + self._lasts_s
        with self._hub.listening(stream.job_id) as hint, self._watched(stream):
            while True:
                for event in stream.story.events:
                    yield event_schemas.of_job(event)
                stream.told()
                if stream.story.ended or not stream.may_go_on() or self._ending or time.monotonic() >= until:
                    return
                try:
                    # Not `wait_for`: in Python 3.11 it loses a cancellation that comes together with the hint.
                    async with asyncio.timeout(self._heartbeat_s):
                        await hint.wait()
                except TimeoutError:
                    yield None
                hint.clear()
                if not stream.may_go_on():
                    return  # who comes back is told why
                try:
                    stream.story = await self._read(stream.tenant, stream.job_id, stream.after)
                except Unavailable:
                    stream.story = Story((), ended=False)  # the look that finds PostgreSQL again wakes this stream
                except DomainError:
                    return  # the job is no more

    def end(self) -> None:
        """Let all streams end where they are: their readers come back to another process, and go on there."""
        self._ending = True
        for stream in self._open.values():
            self._hub.wake(stream.job_id)
        if self._looking is not None:
            self._looking.cancel()

    async def stop(self) -> None:
        """`end`, and wait for the look that is under way."""
        self.end()
        if self._looking is not None:
            with contextlib.suppress(asyncio.CancelledError):
                await self._looking

    @contextlib.contextmanager
    def _watched(self, stream: Stream) -> Iterator[None]:
        self._open[id(stream)] = stream
        if self._looking is None or self._looking.done():
            self._looking = asyncio.create_task(self._look_on(), name="looks at streamed jobs", context=Context())
        try:
            yield
        finally:
            del self._open[id(stream)]

    async def _look_on(self) -> None:
        """Wake the streams whose job has gone on or whose key has ended, until there are none."""
        looks = 0
        while self._open:
            await asyncio.sleep(self._look_every_s)
            looks += 1
            ids = sorted({stream.job_id for stream in self._open.values()})
            keys = (
                {_named(stream) for stream in self._open.values() if stream.key}
                if looks % LOOKS_FOR_KEYS == 0
                else set()
            )
            try:
                found, ended = await self._in_thread(partial(_look, self._database, ids, keys))
            except Unavailable as error:
                log.warning("streams.store_away", error=error.message)
                continue
            except Exception:
                log.exception("streams.look_failed")
                continue
            for stream in self._open.values():
                stream.is_cut = stream.is_cut or _named(stream) in ended
                if stream.is_cut or found.get(stream.job_id) != stream.after:
                    self._hub.wake(stream.job_id)

    async def _read(self, tenant: str, job_id: str, after: int) -> Story:
        return await self._in_thread(partial(_read, self._database, tenant, job_id, after))

    async def _in_thread(self, do: Callable[[], Found]) -> Found:
        """A read that has begun goes to its end and gives its connection back, whatever becomes of its stream. Until
        then it counts as one of the readers.
        """
        reading = asyncio.ensure_future(anyio.to_thread.run_sync(do, limiter=self._readers))
        return await asyncio.shield(reading)


def _read(database: Database, tenant: str, job_id: str, after: int) -> Story:
    with database.tenant(tenant) as connection:
        stands = feed.standing(connection, job_id)
        if stands is None:
            raise NotFound(f"There is no job {job_id}.")
        if after > stands.version:
            raise BadQuery(f"Last-Event-ID is {after}, and the job has come to {stands.version}.")
        found = tuple(feed.of_job(connection, job_id, after))
    # What was read last may be newer than what was read first; then its type tells.
    newer = bool(found) and found[-1].sequence != stands.version
    return Story(found, ended=is_end(found[-1].type) if newer else stands.status in TERMINAL)


def _named(stream: Stream) -> Named:
    return stream.tenant, stream.key or ""


def _look(database: Database, ids: list[str], keys: set[Named]) -> tuple[dict[str, int], frozenset[Named]]:
    """How far these jobs have come, and which of these keys have ended."""
    with database.system() as connection:
        return feed.versions(connection, ids), api_keys.ended(connection, keys) if keys else frozenset()
