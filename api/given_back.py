"""What a large body took of the machine's memory is given back soon after its request.

A body of megabytes becomes some hundred thousand small objects, for a moment. The allocator of the C library keeps what
they leave behind, up to a hundred megabytes for the worst bodies that are refused, as long as one living object stands
between the free ones. It is told to return whole free pages, once for all large bodies of a second.
"""

import asyncio
import contextlib
import ctypes
import gc
from collections.abc import Callable
from typing import Final

from starlette.types import ASGIApp, Message, Receive, Scope, Send

LARGE_BYTES: Final = 1024 * 1024
_M_ARENA_MAX: Final = -8  # of glibc's malloc.h
AFTER_S: Final = 1.0  # by then a request that was refused has let go of all that it held


class GivenBack:
    """ASGI middleware. Belongs to one event loop.

    Args:
        give_back: does it; takes milliseconds, in a thread.
        after_s: from the end of a large body until then; bodies that end meanwhile have another turn.
    """

    def __init__(self, app: ASGIApp, give_back: Callable[[], object] | None = None, after_s: float = AFTER_S) -> None:
        self._app = app
        self._give_back = give_back or _trim()
        self._after_s = after_s
        self._is_due = self._came_since = False

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        came = 0

        async def counted() -> Message:
            nonlocal came
            message = await receive()
            came += len(message.get("body", b""))
            return message

        try:
            await self._app(scope, counted, send)
        finally:
            if came > LARGE_BYTES:
                self._later()

    def _later(self) -> None:
        if self._is_due:
            self._came_since = True
        else:
            self._is_due = True
            asyncio.get_running_loop().call_later(self._after_s, self._now)

    def _now(self) -> None:
        self._is_due = False
        asyncio.get_running_loop().run_in_executor(None, self._give_back)
        if self._came_since:
            # That one may be at hand still, and nobody else may come who would have its memory given back.
            self._came_since = False
            self._later()


def share_one_arena() -> None:
    """Have glibc keep the memory of all threads in one place; nothing happens elsewhere. Before any thread is started.

    By default a thread takes from one of eight places a core, and what a large body leaves in each of them stays: with
    one, a process held 22 to 27 MB after all bad inputs where it had held 30 to 44. Threads of Python wait for each
    other anyhow.
    """
    with contextlib.suppress(AttributeError, OSError, TypeError):
        ctypes.CDLL(None).mallopt(_M_ARENA_MAX, 1)


def _trim() -> Callable[[], object]:
    """`malloc_trim(0)` of glibc, which lets other threads run meanwhile; other C libraries have none and keep less."""
    try:
        trim = ctypes.CDLL(None).malloc_trim
    except (AttributeError, OSError, TypeError):
        return gc.collect

    def collect_and_trim() -> None:
        gc.collect()  # a refusal stands in a circle with its traceback, which holds the body
        trim(0)

    return collect_and_trim
