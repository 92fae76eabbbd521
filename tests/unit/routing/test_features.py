"""Plans of a house that asks one model for one meeting."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from orchestrator.errors import UnknownStrategy
from orchestrator.routing.features import ONE_MODEL, alone
from orchestrator.routing.market import Market
from orchestrator.routing.planning import Plan, plan
from orchestrator.routing.request import AnalysisRequest
from orchestrator.work.pressure import Pressure, Squeeze
from tests.unit.routing.test_planning import CATALOG, EVERYONE, NOW, SHOWN, request


def planned(asked: AnalysisRequest, *reachable: str, squeeze: Squeeze | None = None) -> Plan:
    market = Market(CATALOG, frozenset(reachable), NOW, SHOWN, multi_model=False)
    return plan(asked, market) if squeeze is None else plan(asked, market, squeeze)


@pytest.mark.parametrize("reachable", [(), EVERYONE])
@pytest.mark.parametrize("strategy", ["auto", "single", "consensus"])
def test_every_plan_has_one_seat_and_says_why(strategy: str, reachable: tuple[str, ...]) -> None:
    made = planned(request(strategy=strategy, quorum=3, panel={"size": 4}), *reachable)

    assert (len(made.seats), made.strategy, made.quorum, made.reason) == (1, "single", 1, ONE_MODEL)


def test_the_first_model_that_was_named_is_asked() -> None:
    made = planned(request(panel={"models": ["openai/gpt-6-luna", "extractive/lead"]}), "openai")

    assert [str(seat.asked) for seat in made.seats] == ["openai/gpt-6-luna"]


def test_a_strategy_that_nobody_has_built_is_refused_all_the_same() -> None:
    with pytest.raises(UnknownStrategy):
        planned(request(strategy="oracle"))


def test_a_cheaper_plan_has_one_seat_too_and_gives_both_reasons() -> None:
    squeeze = Squeeze(pressure=Pressure.SAVE, because="the budget of the month is nearly spent")

    made = planned(request(policy="quality"), *EVERYONE, squeeze=squeeze)

    assert (len(made.seats), made.policy) == (1, "aggressive")
    assert made.reason == f"{ONE_MODEL}. The budget of the month is nearly spent"


@given(st.integers(1, 10), st.lists(st.sampled_from(["a/b", "c/d"]), max_size=3))
def test_alone_is_alone_however_often(size: int, models: list[str]) -> None:
    once = alone(request(panel={"size": size, "models": models}))

    assert alone(once) == once
    assert (once.strategy, once.panel.size, once.panel.models) == ("single", 1, tuple(models[:1]))
