"""How a call that is written once, as a coroutine, serves callers with an event loop and callers without one.

A part of the client writes its calls as `async def` and marks them: `Verb` for one answer, `Series` for many. On a
client that is `Awaiting` they are what they are written as. On one that is `Blocking` they are plain functions:
whatever such a client awaits is done when it returns, so a coroutine runs from its beginning to its end without being
suspended, and there is no event loop, thread or task (ADR 0054).

Within a part one call does not use another by its public name: what that is depends on the client.
"""

from collections.abc import AsyncGenerator, Callable, Coroutine, Iterator
from functools import wraps
from types import MethodType
from typing import Concatenate, Generic, ParamSpec, TypeVar, overload

P = ParamSpec("P")
T = TypeVar("T")
C = TypeVar("C")


class Blocking:
    """Marks a client whose calls return what they bring."""


class Awaiting:
    """Marks a client whose calls are awaited."""


class _Marked:
    """A call as it is written, and as it is without an event loop."""

    def __init__(self, source: Callable[..., object], blocking: Callable[..., object]) -> None:
        self._source = source
        self._blocking = blocking

    def _of(self, client: object, owner: type) -> Callable[..., object]:
        function = self._blocking if issubclass(owner, Blocking) else self._source
        return function if client is None else MethodType(function, client)


class Verb(_Marked, Generic[P, T]):
    """A call that brings one thing."""

    def __init__(self, source: Callable[Concatenate[C, P], Coroutine[object, object, T]]) -> None:
        @wraps(source)
        def blocking(client: C, /, *args: P.args, **kwargs: P.kwargs) -> T:
            return finish(source(client, *args, **kwargs))

        super().__init__(source, blocking)

    @overload
    def __get__(self, client: None, owner: type) -> Callable[..., object]: ...
    @overload
    def __get__(self, client: Blocking, owner: type) -> Callable[P, T]: ...
    @overload
    def __get__(self, client: Awaiting, owner: type) -> Callable[P, Coroutine[object, None, T]]: ...
    def __get__(self, client: object, owner: type) -> Callable[..., object]:
        return self._of(client, owner)


class Series(_Marked, Generic[P, T]):
    """A call that brings one thing after the other, each when it is asked for. Close it to leave early."""

    def __init__(self, source: Callable[Concatenate[C, P], AsyncGenerator[T, None]]) -> None:
        @wraps(source)
        def blocking(client: C, /, *args: P.args, **kwargs: P.kwargs) -> Iterator[T]:
            return each(source(client, *args, **kwargs))

        super().__init__(source, blocking)

    @overload
    def __get__(self, client: None, owner: type) -> Callable[..., object]: ...
    @overload
    def __get__(self, client: Blocking, owner: type) -> Callable[P, Iterator[T]]: ...
    @overload
    def __get__(self, client: Awaiting, owner: type) -> Callable[P, AsyncGenerator[T, None]]: ...
    def __get__(self, client: object, owner: type) -> Callable[..., object]:
        return self._of(client, owner)


def finish(call: Coroutine[object, object, T]) -> T:
    """Run a coroutine that is never suspended, here and now.

    Raises:
        RuntimeError: it was suspended: something in it waits for an event loop.
    """
    try:
        call.send(None)
    except StopIteration as end:
        found: T = end.value
        return found
    call.close()
    raise RuntimeError("a blocking call waits for an event loop")


def each(items: AsyncGenerator[T, None]) -> Iterator[T]:
    """The items of a generator that is never suspended but by its items."""
    try:
        while True:
            try:
                item = finish(items.__anext__())
            except StopAsyncIteration:
                return
            yield item
    finally:
        finish(items.aclose())
