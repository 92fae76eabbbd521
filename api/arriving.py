"""A long body whose caller is slow, told from one whose caller has left it lying.

There is no time in which two hundred megabytes must have come: over a slow line that takes an hour. But each piece has
one, and all together must keep up a least rate. Only the time in which the caller is waited for counts: an upload that
waits for its turn here is not slow.
"""

import asyncio
import time
from collections.abc import AsyncIterator, Callable
from typing import Final

from api.problems import BodyTooSlow

PIECE_WITHIN_S: Final = 30.0  # as a small body has as a whole; TCP itself needs seconds to get over a lost packet
LEAST_BYTES_PER_S: Final = 32 * 1024  # a quarter of a megabit: the slowest line over which a batch makes sense


async def alive(
    body: AsyncIterator[bytes],
    clock: Callable[[], float] = time.monotonic,
    within_s: float = PIECE_WITHIN_S,
    least_bytes_per_s: float = LEAST_BYTES_PER_S,
) -> AsyncIterator[bytes]:
    """The pieces of a body, as long as they come.

    Raises:
        BodyTooSlow: one took too long, or all together fall behind the least rate by as much.
    """
    waited_s, bytes_ = 0.0, 0
    while True:
        began = clock()
        piece = await _next(body, within_s)
        waited_s += clock() - began
        if piece is None:
            return
        bytes_ += len(piece)
        if waited_s > within_s + bytes_ / least_bytes_per_s:
            raise BodyTooSlow(f"A batch must come with at least {least_bytes_per_s:g} bytes a second.")
        yield piece


async def _next(body: AsyncIterator[bytes], within_s: float) -> bytes | None:
    try:
        async with asyncio.timeout(within_s):
            return await anext(body, None)
    except TimeoutError:
        raise BodyTooSlow(f"Nothing more of the body came within {within_s:g} seconds.") from None
