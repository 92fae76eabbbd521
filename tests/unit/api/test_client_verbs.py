"""A call is written once, and is a function on one client and a coroutine on the other."""

import inspect
from collections.abc import AsyncGenerator, Callable, Coroutine, Generator, Iterator
from typing import assert_type

import pytest

from api.async_client import AsyncClient
from api.batch_schemas import ResultLine
from api.client import Client
from api.client_verbs import Series, Verb, each, finish
from api.event_schemas import EventView
from api.schemas import ExportFormat, JobView
from api.service_calls import ServiceCalls

PARTS = [part for part in ServiceCalls.__mro__ if part.__name__.endswith("Calls")]
MARKED = {name for part in PARTS for name, found in vars(part).items() if isinstance(found, Verb | Series)}


class Suspended:
    """What only an event loop could end."""

    def __await__(self) -> Generator[None, None, None]:
        yield


def public(kind: type) -> dict[str, object]:
    return {name: getattr(kind, name) for name in dir(kind) if not name.startswith("_")}


def test_every_call_of_one_client_is_a_call_of_the_other_with_the_same_parameters_and_brings_the_same() -> None:
    blocking, awaiting = public(Client), public(AsyncClient)

    assert blocking.keys() == awaiting.keys() == MARKED | {"close"}
    for name in MARKED:
        one, other = blocking[name], awaiting[name]
        assert callable(one)
        assert callable(other)
        assert inspect.signature(one) == inspect.signature(other)
        assert one.__doc__ == other.__doc__ != None  # noqa: E711 - all three are compared


@pytest.mark.parametrize("name", sorted(MARKED))
def test_a_call_is_plain_on_one_client_and_asynchronous_on_the_other(name: str) -> None:
    blocking, awaiting = getattr(Client("http://service", "k"), name), getattr(AsyncClient("http://service", "k"), name)

    assert inspect.iscoroutinefunction(awaiting) or inspect.isasyncgenfunction(awaiting)
    assert not inspect.iscoroutinefunction(blocking)
    assert not inspect.isasyncgenfunction(blocking)


def test_no_part_offers_a_call_that_is_not_marked() -> None:
    unmarked = {
        f"{part.__name__}.{name}"
        for part in PARTS
        for name, found in vars(part).items()
        if not name.startswith("_") and not isinstance(found, Verb | Series)
    }

    assert unmarked == set()


def test_types_say_what_each_client_brings() -> None:
    def known(blocking: Client, awaiting: AsyncClient) -> None:
        assert_type(blocking.get("job_1"), JobView)
        _ = assert_type(awaiting.get("job_1"), Coroutine[object, None, JobView])
        assert_type(blocking.stream("job_1"), Iterator[EventView])
        assert_type(awaiting.stream("job_1"), AsyncGenerator[EventView, None])
        assert_type(blocking.batch_results("bat_1", after=3), Iterator[ResultLine])
        fetch: Callable[[str, ExportFormat], bytes] = blocking.export
        assert fetch is not None

    assert callable(known)  # what stands in it is mypy's to judge


def test_what_would_wait_for_an_event_loop_is_refused() -> None:
    async def call() -> None:
        await Suspended()

    with pytest.raises(RuntimeError, match="waits for an event loop"):
        finish(call())


def numbers(left: list[str]) -> AsyncGenerator[int, None]:
    async def found() -> AsyncGenerator[int, None]:
        try:
            yield 1
            yield 2
            raise ValueError("three")
        finally:
            left.append("closed")

    return found()


def test_leaving_early_closes_what_brings_many() -> None:
    left: list[str] = []

    found = each(numbers(left))
    assert next(found) == 1
    assert left == []

    found.close()  # type: ignore[attr-defined]  # a generator

    assert left == ["closed"]


def test_an_error_comes_after_what_was_brought_before_it() -> None:
    left: list[str] = []
    found = each(numbers(left))

    assert [next(found), next(found)] == [1, 2]
    with pytest.raises(ValueError, match="three"):
        next(found)
    assert left == ["closed"]
