"""A handful of submits at once, a few that wait, and the rest refused at once."""

import asyncio
import threading

import pytest

from api.turns import Turns
from orchestrator.errors import Overloaded

PATIENCE_S = 10.0


def test_what_is_too_much_is_refused_at_once_and_the_others_are_done_in_their_order() -> None:
    asyncio.run(_crowd())


async def _crowd() -> None:
    turns, gate, begun = Turns(2, 0.15, most_waiting=3), threading.Event(), []

    def work(number: int) -> int:
        begun.append(number)
        assert gate.wait(PATIENCE_S)
        return number

    crowd = [asyncio.create_task(turns.work(work, number)) for number in range(5)]
    await asyncio.sleep(0)  # each has its place now: two of them a thread
    with pytest.raises(Overloaded) as early:
        turns.require_room()
    with pytest.raises(Overloaded):
        await turns.work(work, 5)
    async with asyncio.timeout(PATIENCE_S):
        while len(begun) < 2:
            await asyncio.sleep(0.001)
    gate.set()

    assert await asyncio.wait_for(asyncio.gather(*crowd), PATIENCE_S) == list(range(5))
    assert set(begun[:2]) == {0, 1}
    assert 1.0 <= early.value.retry_after_s <= 3.0
    turns.require_room()


def test_a_submit_that_fails_gives_its_place_back() -> None:
    async def fail() -> None:
        turns = Turns(1, 0.15, most_waiting=1)
        for _ in range(3):
            with pytest.raises(ZeroDivisionError):
                await turns.work(lambda: 1 / 0)
        turns.require_room()

    asyncio.run(fail())


@pytest.mark.parametrize(("took_s", "fit"), [(0.01, 8), (0.1, 2), (10.0, 1)])
def test_as_many_may_wait_as_have_their_turn_within_a_moment(took_s: float, fit: int) -> None:
    asyncio.run(_counted(took_s, fit))


async def _counted(took_s: float, fit: int) -> None:
    now_s, gate = [0.0], threading.Event()
    turns = Turns(1, 0.15, most_waiting=8, clock=lambda: now_s[0])

    def work() -> None:
        now_s[0] += took_s

    for _ in range(40):
        await turns.work(work)
    crowd = [asyncio.create_task(turns.work(gate.wait, PATIENCE_S)) for _ in range(20)]
    refused = 0
    for one in asyncio.as_completed(crowd, timeout=PATIENCE_S):
        try:
            await one
        except Overloaded:
            refused += 1
        if refused == 20 - fit - 1:
            gate.set()

    assert 20 - refused - 1 == fit
