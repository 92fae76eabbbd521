"""A value that is worked out when it is first asked for, and kept; without a lock.

`functools.cached_property` of Python 3.11 holds one lock for all instances of a class while it works one value out
(3.12 dropped it), so threads that take apart different meetings wait for one another.
"""

from collections.abc import Callable
from typing import Any, Generic, Self, TypeVar, overload

Of = TypeVar("Of")


class Once(Generic[Of]):
    """Decorates a method without arguments of a class that has a `__dict__`, frozen or not.

    Two threads that ask at the same moment may both work it out, and one of the two equal values stays: for what is
    pure. Never call it for what may happen once only.
    """

    def __init__(self, work: Callable[[Any], Of]) -> None:
        self._work = work
        self._name = work.__name__
        self.__doc__ = work.__doc__

    @overload
    def __get__(self, instance: None, owner: type) -> Self: ...

    @overload
    def __get__(self, instance: object, owner: type) -> Of: ...

    def __get__(self, instance: object | None, owner: type) -> Self | Of:
        if instance is None:
            return self
        value = self._work(instance)
        # The instance's own entry goes before this class' one from now on: it defines no `__set__`.
        instance.__dict__[self._name] = value
        return value
