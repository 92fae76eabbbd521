"""How hard budgets that run out press on new plans."""

from itertools import permutations

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import ValidationError

from orchestrator.work.pressure import Pressure, Squeeze, Standing, pressure_of, squeeze

AMOUNTS = st.integers(0, 10**18)


def standing(
    spent: int, limit: int = 1_000, *, held: int = 0, elapsed: float = 1.0, scope: str = "the tenant's month"
) -> Standing:
    return Standing(scope=scope, limit_micro_usd=limit, spent_micro_usd=spent, held_micro_usd=held, elapsed=elapsed)


@pytest.mark.parametrize(
    ("spent", "held", "elapsed", "pressure"),
    [
        (0, 0, 0.0, Pressure.NONE),
        (849, 0, 1.0, Pressure.NONE),
        (850, 0, 1.0, Pressure.EASE),
        (949, 0, 1.0, Pressure.EASE),
        (950, 0, 1.0, Pressure.SAVE),
        (1_200, 0, 1.0, Pressure.SAVE),
        # what is held may be spent
        (500, 350, 1.0, Pressure.EASE),
        (500, 450, 1.0, Pressure.SAVE),
        # ahead of the clock: from half of the limit on, by more than a quarter
        (499, 0, 0.0, Pressure.NONE),
        (500, 0, 0.0, Pressure.EASE),
        (500, 0, 0.4, Pressure.NONE),
        (501, 0, 0.4, Pressure.EASE),
        (750, 0, 0.6, Pressure.NONE),
        (750, 1, 0.6, Pressure.EASE),
    ],
)
def test_pressure_grows_with_what_is_used_and_with_haste(
    spent: int, held: int, elapsed: float, pressure: Pressure
) -> None:
    assert pressure_of(standing(spent, held=held, elapsed=elapsed)) is pressure


def test_a_limit_of_nothing_presses_as_hard_as_can_be() -> None:
    assert squeeze([standing(0, 0, elapsed=0.0)]) == Squeeze(
        pressure=Pressure.SAVE, because="the tenant's month budget is 0, so the cheapest models were planned"
    )


@pytest.mark.parametrize(
    ("one", "because"),
    [
        (standing(879), "87 % of the tenant's month budget is used, so cheaper models were planned"),
        (standing(1_030), "103 % of the tenant's month budget is used, so the cheapest models were planned"),
        (
            standing(600, elapsed=0.25, scope="the tenant's day"),
            "60 % of the tenant's day budget is used and 25 % of its time has passed, so cheaper models were planned",
        ),
    ],
)
def test_the_reader_is_told_why(one: Standing, because: str) -> None:
    assert squeeze([one]).because == because


@pytest.mark.parametrize("standings", [[], [standing(10), standing(20, scope="the tenant's day")]])
def test_where_nothing_presses_nothing_is_said(standings: list[Standing]) -> None:
    assert squeeze(standings) == Squeeze(pressure=Pressure.NONE, because="")


@pytest.mark.parametrize(
    "standings",
    list(
        permutations(
            [
                standing(100),
                standing(900, elapsed=0.1, scope="the tenant's day"),
                standing(960, scope="the platform's month"),
                standing(970, scope="the project apollo's month"),
            ]
        )
    ),
)
def test_the_worst_standing_speaks_in_whatever_order_they_come(standings: tuple[Standing, ...]) -> None:
    made = squeeze(standings)

    assert made.pressure is Pressure.SAVE
    assert made.because.startswith("97 % of the project apollo's month budget")


@given(AMOUNTS, AMOUNTS, AMOUNTS, st.integers(0, 10**9), st.floats(0, 1))
def test_using_more_never_eases_the_pressure(limit: int, spent: int, held: int, more: int, elapsed: float) -> None:
    before = pressure_of(standing(spent, limit, held=held, elapsed=elapsed))

    assert pressure_of(standing(spent + more, limit, held=held, elapsed=elapsed)) >= before
    assert pressure_of(standing(spent, limit, held=held + more, elapsed=elapsed)) >= before


@given(st.integers(1, 10**18), AMOUNTS, st.floats(0, 1), st.floats(0, 1))
def test_time_that_passes_never_adds_pressure(limit: int, spent: int, one: float, other: float) -> None:
    earlier, later = sorted((one, other))

    assert pressure_of(standing(spent, limit, elapsed=later)) <= pressure_of(standing(spent, limit, elapsed=earlier))


@pytest.mark.parametrize(("limit", "elapsed"), [(-1, 0.5), (1, -0.1), (1, 1.1)])
def test_a_standing_that_cannot_be_is_refused(limit: int, elapsed: float) -> None:
    with pytest.raises(ValidationError):
        standing(0, limit, elapsed=elapsed)
