"""How providers are shown: by what the gate knows, or by what was booked where the gate is away."""

from datetime import UTC, date, datetime

import pytest

from api import provider_views
from api.examples import JOB, PAGE, PLAN
from api.plan_schemas import PlanView
from api.schemas import JobPage, JobView
from api.standings import Standing
from orchestrator.routing.live import Live, Vitals
from providers.calls import Target
from providers.catalog import Catalog, ModelCard, Price, ProviderCard
from providers.gate.passes import CircuitReading, CircuitState, GateStates, LimitState, Transition

NOW = datetime(2026, 11, 28, 12, tzinfo=UTC)
ACME = ProviderCard(id="acme", name="Acme", dialect="openai_chat", regions=("eu",), retains=False)
BOLT = ProviderCard(id="bolt", name="Bolt", dialect="openai_chat")


def price(since: date, micro_usd: int, *, over: int = 0) -> Price:
    return Price(
        since=since,
        over_prompt_tokens=over,
        input_micro_usd=micro_usd,
        cached_input_micro_usd=micro_usd,
        cache_write_micro_usd=micro_usd,
        output_micro_usd=4 * micro_usd,
    )


def model(name: str, *prices: Price, **changed: object) -> ModelCard:
    return ModelCard.model_validate(
        {
            "provider": "acme",
            "id": name,
            "tier": "economy",
            "window_tokens": 1_000,
            "max_output_tokens": 100,
            "equivalent": "e",
            "prices": prices or (price(date(2026, 1, 1), 1_000_000),),
            **changed,
        }
    )


LARGE, SMALL = model("large"), model("small")
CATALOG = Catalog(version="test", providers=(ACME, BOLT), models=(LARGE, SMALL))


def reading(
    target: Target, state: CircuitState = CircuitState.CLOSED, *, calls: int = 0, faults: int = 0
) -> CircuitReading:
    return CircuitReading(
        target=target,
        state=state,
        openings=1,
        wait_s=2.5,
        probing=False,
        calls=calls,
        faults=faults,
        successes=calls - faults,
        failures=faults,
        latency_s=1.23456 if calls else None,
        success_ago_s=1.0 if calls else None,
        fault_ago_s=None,
        last_fault="overloaded" if faults else "",
    )


def limit(provider: str) -> LimitState:
    return LimitState(
        provider=provider,
        key_name="k0",
        permits=16.0,
        in_flight=3,
        paused_s=0.0,
        parked_s=0.0,
        parked_why="",
        requests=12.0,
        tokens=None,
    )


def standing(*readings: CircuitReading, live: Live | None = None) -> Standing:
    states = GateStates(circuits=readings, limits=(limit("acme"), limit("bolt")))
    return Standing(gate=states, waiting={"acme": 7}, live=live or Live())


def test_a_provider_is_its_models_and_keys_together() -> None:
    live = Live({LARGE.target: Vitals(in_flight=2), SMALL.target: Vitals(in_flight=1)})
    now = standing(
        reading(LARGE.target, calls=8, faults=2), reading(SMALL.target, CircuitState.RAMP, calls=2), live=live
    )

    view = provider_views.provider(ACME, CATALOG, now, reachable=True)

    assert (view.id, view.known_by, view.reachable, view.models) == ("acme", "gate", True, 2)
    assert (view.state, view.circuit, view.calls, view.error_rate, view.latency_s) == (
        "degraded",
        "ramp",
        10,
        0.2,
        1.235,
    )
    assert [(one.key, one.in_flight, one.requests_left, one.tokens_left) for one in view.limits] == [
        ("k0", 3, 12.0, None)
    ]
    assert (view.queue.waiting, view.queue.in_flight) == (7, 3)
    assert (view.regions, view.retains) == (("eu",), False)


def test_one_that_nobody_has_asked_is_unknown_and_lets_calls_through() -> None:
    view = provider_views.provider(BOLT, CATALOG, standing(), reachable=False)

    assert (view.state, view.circuit, view.calls, view.error_rate) == ("unknown", "closed", 0, None)
    assert view.queue.waiting is None


@pytest.mark.parametrize("worst", [CircuitState.RAMP, CircuitState.HALF_OPEN, CircuitState.OPEN])
def test_the_worst_circuit_of_its_models_is_the_provider_s(worst: CircuitState) -> None:
    now = standing(reading(LARGE.target, worst), reading(SMALL.target))

    assert provider_views.provider(ACME, CATALOG, now, reachable=True).circuit == worst.value


def test_without_the_gate_the_rows_are_told_and_the_state_is_open() -> None:
    live = Live(
        {
            LARGE.target: Vitals(calls=6, faults=3, latency_s=2.0, in_flight=1),
            SMALL.target: Vitals(calls=4, faults=0, latency_s=1.0),
            Target(provider="bolt", model="other"): Vitals(calls=9, faults=9),
        }
    )
    now = Standing(gate=None, waiting={}, live=live)

    view = provider_views.provider(ACME, CATALOG, now, reachable=True)

    assert (view.state, view.circuit, view.known_by) == ("unknown", "unknown", "rows")
    assert (view.calls, view.error_rate, view.latency_s, view.queue.in_flight) == (10, 0.3, 1.5, 1)
    assert (view.limits, view.queue.waiting) == ((), None)
    assert provider_views.provider(BOLT, CATALOG, Standing(None, {}, Live()), reachable=True).error_rate is None


def test_models_are_shown_with_how_they_fare() -> None:
    now = standing(reading(LARGE.target, CircuitState.OPEN, calls=9, faults=9))

    large, small = provider_views.models("acme", CATALOG, now, NOW).data
    away = provider_views.models("acme", CATALOG, Standing(None, {}, Live()), NOW).data

    assert (large.target, large.state, large.circuit, large.error_rate) == ("acme/large", "down", "open", 1.0)
    assert (small.state, small.circuit) == ("unknown", "closed")
    assert {(one.state, one.circuit) for one in away} == {("unknown", "unknown")}
    assert provider_views.models("bolt", CATALOG, now, NOW).data == ()


def test_prices_are_those_of_today_in_dollars_for_a_million_tokens() -> None:
    card = model(
        "dated",
        price(date(2026, 1, 1), 900_000),
        price(date(2026, 6, 1), 2_000_000, over=200_000),
        price(date(2026, 6, 1), 1_250_000),
        price(date(2027, 1, 1), 100_000),
    )
    announced = model("soon", price(date(2027, 1, 1), 100_000))
    catalog = Catalog(version="test", providers=(ACME,), models=(card, announced))

    found, soon = provider_views.models("acme", catalog, standing(), NOW).data

    assert [(one.over_prompt_tokens, one.input_usd_per_million) for one in found.prices] == [
        (0, "1.250000"),
        (200_000, "2.000000"),
    ]
    assert found.prices[0].output_usd_per_million == "5.000000"
    assert [one.since for one in soon.prices] == ["2027-01-01"]


@pytest.mark.parametrize(
    ("dates", "lifecycle"),
    [
        ({}, "active"),
        ({"available_from": date(2027, 1, 1)}, "announced"),
        ({"retires_on": date(2027, 1, 1)}, "retiring"),
        ({"replaced_by": "acme/large"}, "retiring"),
        ({"retires_on": date(2026, 11, 28)}, "retired"),
    ],
)
def test_where_a_model_stands_in_its_life(dates: dict[str, object], lifecycle: str) -> None:
    catalog = Catalog(version="test", providers=(ACME,), models=(LARGE, model("aging", **dates)))

    assert provider_views.models("acme", catalog, standing(), NOW).data[1].lifecycle == lifecycle


def test_circuits_stand_in_the_order_of_their_names_or_are_not_known() -> None:
    states = GateStates(circuits=(reading(SMALL.target, CircuitState.OPEN, calls=3, faults=3), reading(LARGE.target)))

    view, away = provider_views.circuits(states), provider_views.circuits(None)

    assert [(one.target, one.state, one.last_fault) for one in view.data] == [
        ("acme/large", "closed", None),
        ("acme/small", "open", "overloaded"),
    ]
    assert (view.known, away.known, away.data) == (True, False, ())


def test_a_reset_tells_what_it_changed() -> None:
    changed = Transition(target=LARGE.target, before=CircuitState.OPEN, after=CircuitState.CLOSED, why="reset")

    view = provider_views.reset("acme", [changed])

    assert [(one.target, one.before, one.after) for one in view.changed] == [("acme/large", "open", "closed")]


def test_the_examples_of_the_contract_fit_their_schemas() -> None:
    assert JobView.model_validate(JOB).model_dump(mode="json").keys() == JOB.keys()
    assert JobPage.model_validate(PAGE).next_cursor is None
    assert PlanView.model_validate(PLAN).model_dump(mode="json").keys() == PLAN.keys()
