"""A body may be slow for as long as it comes."""

import asyncio
from collections.abc import AsyncIterator, Iterable

import pytest

from api.arriving import alive
from api.problems import BodyTooSlow


class Line:
    """A caller's body, of which each piece comes so many seconds after the last; by a clock of its own."""

    def __init__(self, *pieces: tuple[float, bytes]) -> None:
        self._pieces = pieces
        self.now = 0.0

    async def __aiter__(self) -> AsyncIterator[bytes]:
        for took_s, piece in self._pieces:
            self.now += took_s
            yield piece


def taken(line: Line, *, busy_s: float = 0.0) -> list[bytes]:
    """What comes of it at a rate of 10 bytes a second and 30 seconds in hand; each piece is worked on for `busy_s`."""

    async def take() -> list[bytes]:
        found = []
        async for piece in alive(aiter(line), lambda: line.now, 30.0, 10.0):
            found.append(piece)
            line.now += busy_s
        return found

    return asyncio.run(take())


@pytest.mark.parametrize(
    "pieces",
    [
        [],
        [(0.0, b"")],
        [(1.0, b"x" * 10)] * 500,  # just the least rate, for long
        [(29.0, b"x" * 500), (29.0, b"x" * 500)],  # with pauses
    ],
)
def test_a_body_that_keeps_coming_is_taken_whole(pieces: Iterable[tuple[float, bytes]]) -> None:
    given = tuple(pieces)

    assert taken(Line(*given)) == [piece for _, piece in given]


def test_a_body_that_dribbles_is_cut_when_it_is_too_far_behind() -> None:
    line = Line(*[(1.0, b"x")] * 500)

    with pytest.raises(BodyTooSlow, match="10 bytes a second"):
        taken(line)

    assert 30.0 < line.now < 40.0


def test_time_in_which_a_piece_is_worked_on_is_not_its_callers() -> None:
    line = Line(*[(0.0, b"x")] * 100)

    assert len(taken(line, busy_s=60.0)) == 100


def test_a_body_that_stops_is_cut_after_a_time() -> None:
    async def stopped() -> AsyncIterator[bytes]:
        yield b"x"
        await asyncio.Event().wait()

    async def take() -> list[bytes]:
        return [piece async for piece in alive(stopped(), within_s=0.02)]

    with pytest.raises(BodyTooSlow, match=r"within 0\.02 seconds"):
        asyncio.run(take())
