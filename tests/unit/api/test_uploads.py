"""Uploads share one thread, few at once, and let single submits go before them."""

import asyncio
import threading

import pytest

from api.uploads import LONGEST_PAUSE_S, Uploads
from orchestrator.errors import Overloaded, QueueFull


def test_so_many_uploads_are_taken_in_at_once_and_a_place_that_is_left_is_free() -> None:
    async def crowd() -> None:
        uploads = Uploads(lambda: False, most=2)
        async with uploads.one("acme"):
            async with uploads.one("globex"):
                with pytest.raises(Overloaded):
                    async with uploads.one("initech"):
                        pass
            async with uploads.one("initech"):
                pass

    asyncio.run(crowd())


def test_a_tenant_has_not_all_of_the_places_and_is_told_that_it_is_its_own() -> None:
    async def crowd() -> None:
        uploads = Uploads(lambda: False, most=3, most_of_tenant=2)
        async with uploads.one("acme"):
            async with uploads.one("acme"):
                with pytest.raises(QueueFull):
                    async with uploads.one("acme"):
                        pass
                async with uploads.one("globex"):
                    pass
            async with uploads.one("acme"):
                pass

    asyncio.run(crowd())


def test_turns_of_all_uploads_are_worked_on_one_at_a_time() -> None:
    inside: list[int] = []
    most: list[int] = []

    def work(number: int) -> int:
        inside.append(number)
        most.append(len(inside))
        inside.remove(number)
        return number

    async def crowd() -> list[int]:
        uploads = Uploads(lambda: False)
        return list(await asyncio.gather(*(uploads.work(work, number) for number in range(20))))

    assert asyncio.run(crowd()) == list(range(20))
    assert set(most) == {1}


@pytest.mark.parametrize(("busy", "pauses"), [(False, 0), (True, 1)])
def test_an_upload_pauses_while_single_jobs_are_handed_in(*, busy: bool, pauses: int) -> None:
    slept: list[float] = []
    here = threading.get_ident()

    async def rest(seconds: float) -> None:
        slept.append(seconds)

    found = asyncio.run(Uploads(lambda: busy, sleep=rest).work(threading.get_ident))

    assert found != here
    assert len(slept) == pauses
    assert all(0 <= seconds <= LONGEST_PAUSE_S for seconds in slept)
