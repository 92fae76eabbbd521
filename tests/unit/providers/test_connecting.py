"""How often, and for how long, a connection is tried for."""

from collections.abc import Callable, Iterator
from itertools import repeat

import pytest

from providers.connecting import CONNECT_ATTEMPTS, CONNECT_RETRY_S, until_connected
from providers.errors import Interrupted, ProviderError, Unreachable
from providers.sockets import Cancel


def in_turn(*outcomes: ProviderError | str) -> tuple[Callable[[], str], list[int]]:
    """An attempt that ends as told, the last outcome again and again, and what counts it."""
    told: Iterator[ProviderError | str] = iter((*outcomes[:-1], *repeat(outcomes[-1], 9)))
    tried: list[int] = []

    def attempt() -> str:
        tried.append(1)
        outcome = next(told)
        if isinstance(outcome, ProviderError):
            raise outcome
        return outcome

    return attempt, tried


def impatient() -> Cancel:
    """A cancel that has come: no nap lasts."""
    cancel = Cancel()
    cancel.cancel()
    return cancel


def clock() -> float:
    return 0.0


def untrusted() -> Unreachable:
    error = Unreachable("a certificate of nobody's")
    error.retryable = False
    return error


@pytest.mark.parametrize("failures", range(CONNECT_ATTEMPTS))
def test_a_connection_that_comes_about_in_three_attempts_is_enough(failures: int) -> None:
    attempt, tried = in_turn(*(Unreachable("no") for _ in range(failures)), "hello")

    answer = until_connected(attempt, cancel=impatient(), clock=clock)

    assert answer == "hello"
    assert len(tried) == failures + 1


def test_the_third_failure_goes_up_as_it_is() -> None:
    third = Unreachable("third")
    attempt, tried = in_turn(Unreachable("first"), Unreachable("second"), third)

    with pytest.raises(Unreachable) as failed:
        until_connected(attempt, cancel=impatient(), clock=clock)

    assert failed.value is third
    assert failed.value.__cause__ is None
    assert failed.value.__context__ is None
    assert len(tried) == CONNECT_ATTEMPTS


@pytest.mark.parametrize("before", range(CONNECT_ATTEMPTS))
@pytest.mark.parametrize("final", [Interrupted("it broke"), untrusted()], ids=["something was sent", "for good"])
def test_what_another_attempt_cannot_cure_goes_up_at_once(final: ProviderError, before: int) -> None:
    attempt, tried = in_turn(*(Unreachable("no") for _ in range(before)), final)

    with pytest.raises(ProviderError) as failed:
        until_connected(attempt, cancel=impatient(), clock=clock)

    assert failed.value is final
    assert len(tried) == before + 1


def test_an_attempt_that_took_the_whole_second_is_the_last() -> None:
    attempt, tried = in_turn(Unreachable("slow"))
    times = iter((0.0, CONNECT_RETRY_S))

    with pytest.raises(Unreachable, match="slow"):
        until_connected(attempt, cancel=impatient(), clock=lambda: next(times))

    assert len(tried) == 1


def test_between_two_attempts_there_is_a_nap_that_a_cancel_ends() -> None:
    cancel = Cancel()

    def attempt() -> str:
        if cancel.canceled:
            return "canceled meanwhile"
        cancel.cancel()
        raise Unreachable("no")

    assert until_connected(attempt, cancel=cancel, clock=clock) == "canceled meanwhile"
