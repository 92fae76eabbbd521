"""Memory is given back after large bodies: once for all that end together, and once more for those that end later."""

import asyncio
from collections.abc import Awaitable, Callable

from starlette.types import Message, Receive, Scope, Send

from api.given_back import LARGE_BYTES, GivenBack

PATIENCE_S = 30.0
SCOPE: Scope = {"type": "http"}


async def read_it(_scope: Scope, receive: Receive, _send: Send) -> None:
    while (await receive())["more_body"]:
        pass


async def nothing(_message: Message) -> None:
    """Nobody reads the answer."""


def body(*sizes: int) -> Receive:
    """A body that comes in pieces of these sizes."""
    pieces = [{"type": "http.request", "body": bytes(size), "more_body": True} for size in sizes]
    pieces[-1]["more_body"] = False
    left = iter(pieces)

    async def receive() -> Message:
        return next(left)

    return receive


class Counted:
    """How often memory was given back; set from a thread."""

    def __init__(self) -> None:
        self.times = 0
        self._loop = asyncio.get_running_loop()
        self._news = asyncio.Event()

    def __call__(self) -> None:
        self.times += 1
        self._loop.call_soon_threadsafe(self._news.set)

    async def reach(self, times: int) -> None:
        async with asyncio.timeout(PATIENCE_S):
            while self.times < times:
                await self._news.wait()
                self._news.clear()


def course(of: Callable[[GivenBack, Counted], Awaitable[None]], after_s: float = 0.05) -> None:
    async def run() -> None:
        counted = Counted()
        await of(GivenBack(read_it, counted, after_s), counted)

    asyncio.run(run())


def test_bodies_that_end_together_have_it_given_back_and_once_more_as_the_last_may_have_been_at_hand() -> None:
    async def of(middleware: GivenBack, counted: Counted) -> None:
        for _ in range(5):
            await middleware(SCOPE, body(LARGE_BYTES, 1), nothing)
        await counted.reach(2)
        await middleware(SCOPE, body(LARGE_BYTES, 1), nothing)
        await counted.reach(3)

        assert counted.times == 3

    course(of)


def test_small_bodies_cost_nothing() -> None:
    async def of(middleware: GivenBack, counted: Counted) -> None:
        await middleware(SCOPE, body(LARGE_BYTES), nothing)
        await middleware(SCOPE, body(10, 10), nothing)
        quiet = not middleware._is_due
        await middleware(SCOPE, body(LARGE_BYTES, 1), nothing)
        await counted.reach(1)

        assert quiet
        assert counted.times == 1

    course(of)
