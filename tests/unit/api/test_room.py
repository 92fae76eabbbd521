"""Places of requests under way: for all together, and of them for one tenant."""

import asyncio
from collections.abc import Callable

import pytest
from starlette.types import Message, Receive, Scope, Send

from api import room
from api.problems import TooManyRequests
from api.room import Room


class Guests:
    """Requests that stay until they are let go. The tenant's name is the path's."""

    def __init__(self, most: int) -> None:
        self.room = Room(self._stay, most)
        self.refused: list[str] = []
        self._leave = asyncio.Event()

    async def _stay(self, scope: Scope, _receive: Receive, _send: Send) -> None:
        for _ in range(2):  # a request may be looked at twice and counts once
            room.admit(scope, scope["path"])
        await self._leave.wait()

    async def come(self, tenant: str) -> asyncio.Task[None]:
        task = asyncio.create_task(self._come(tenant))
        await asyncio.sleep(0)
        return task

    async def _come(self, tenant: str) -> None:
        await self.room({"type": "http", "path": tenant}, _nothing, _swallow)

    async def all_leave(self, *tasks: asyncio.Task[None]) -> None:
        self._leave.set()
        await asyncio.gather(*tasks)
        self._leave.clear()


async def _nothing() -> Message:
    return {"type": "http.disconnect"}


async def _swallow(_message: Message) -> None: ...


def run(scene: Callable[[], object]) -> None:
    asyncio.run(scene())  # type: ignore[arg-type]  # a coroutine function of the tests below


def test_one_tenant_does_not_take_the_places_of_all() -> None:
    async def scene() -> None:
        guests = Guests(most=8)
        inside = [await guests.come("/big") for _ in range(6)]

        with pytest.raises(TooManyRequests) as refused:
            await (await guests.come("/big"))
        assert 1 <= refused.value.retry_after_s <= 3

        others = [await guests.come("/small") for _ in range(2)]
        await guests.all_leave(*inside, *others)

    run(scene)


def test_a_place_is_free_when_its_request_has_ended() -> None:
    async def scene() -> None:
        guests = Guests(most=2)
        for _ in range(3):
            await guests.all_leave(await guests.come("/a"))
        assert guests.room._of_tenants == {}

    run(scene)


def test_even_the_smallest_room_lets_a_tenant_in() -> None:
    async def scene() -> None:
        guests = Guests(most=1)
        await guests.all_leave(await guests.come("/a"))

    run(scene)
