"""Where a meeting may go: no rung of any ladder stands outside, whatever is asked for, keyed and tagged."""

from dataclasses import replace

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from orchestrator.errors import InvalidRequest, PanelTooSmall, UnknownModel
from orchestrator.routing.case import Case, Yardstick
from orchestrator.routing.constraints import UNCONSTRAINED, Constraints
from orchestrator.routing.explaining import explain
from orchestrator.routing.live import Live, Vitals
from orchestrator.routing.planning import Plan, plan, plan_of
from orchestrator.routing.request import RoutingWish
from orchestrator.routing.rungs import usable
from orchestrator.work.pressure import Pressure, Squeeze
from providers.calls import Target
from providers.catalog import Catalog, ProviderCard
from tests.unit.routing.cases import CATALOG, EVERYONE, FOUR, asked, market, meeting, promising, request, rungs, target

EU = Constraints(regions=frozenset({"eu"}))
EUROPEAN = promising(google={"regions": ("eu",)}, anthropic={"regions": ("eu", "us")}, openai={"regions": ("us",)})
DISCREET = promising(google={"retains": False, "trains": False}, anthropic={"retains": False, "trains": True})


def card(**promises: object) -> ProviderCard:
    return CATALOG.provider("openai").model_copy(update=promises)


@pytest.mark.parametrize(
    ("constraints", "promises", "lacks"),
    [
        (UNCONSTRAINED, {}, None),
        (EU, {"regions": ("eu",)}, None),
        (EU, {}, "does not say in which regions it handles what it is sent"),
        (EU, {"regions": ("us", "eu", "asia")}, "may handle what it is sent in asia, us"),
        (Constraints(regions=frozenset()), {"regions": ("eu",)}, "may handle what it is sent in eu"),
        (Constraints(zero_retention=True), {}, "may keep what it is sent"),
        (Constraints(zero_retention=True), {"retains": False}, "may train on what it is sent"),
        (Constraints(zero_retention=True), {"retains": False, "trains": False}, None),
        (Constraints(regions=EU.regions, zero_retention=True), {"regions": ("eu",)}, "may keep what it is sent"),
    ],
)
def test_what_is_not_known_of_a_provider_is_not_fulfilled(
    constraints: Constraints, promises: dict[str, object], lacks: str | None
) -> None:
    assert constraints.why_not(card(**promises)) == lacks


@pytest.mark.parametrize("constraints", [EU, Constraints(regions=frozenset()), Constraints(zero_retention=True)])
def test_the_built_in_models_fulfil_everything(constraints: Constraints) -> None:
    assert constraints.why_not(CATALOG.provider("extractive")) is None


@pytest.mark.parametrize(
    ("house", "wish", "both"),
    [
        (UNCONSTRAINED, {}, UNCONSTRAINED),
        (EU, {}, EU),
        (UNCONSTRAINED, {"regions": ["eu"]}, EU),
        (EU, {"regions": ["eu", "us"]}, EU),
        (EU, {"regions": ["us"]}, Constraints(regions=frozenset())),
        (UNCONSTRAINED, {"zero_retention": True}, Constraints(zero_retention=True)),
        (Constraints(zero_retention=True), {"zero_retention": False}, Constraints(zero_retention=True)),
    ],
)
def test_a_request_can_only_ask_for_more_than_the_house_demands(
    house: Constraints, wish: dict[str, object], both: Constraints
) -> None:
    assert house.and_those_of(RoutingWish.model_validate(wish, strict=False)) == both


def test_a_panel_within_a_region_asks_only_who_stays_in_it() -> None:
    made = plan(request(), market(*FOUR, catalog=EUROPEAN, constraints=EU))

    assert {seat.asked.provider for seat in made.seats} == {"google"}
    assert {rung.provider for rung in rungs(made)} == {"google", "extractive"}


def test_a_panel_that_nobody_may_be_sent_is_of_built_in_models_and_says_why() -> None:
    made = plan(request(), market(*FOUR, constraints=EU))

    assert {seat.asked.provider for seat in made.seats} == {"extractive"}
    assert made.because[0] == (
        "no language model can be asked here (4 with a key do not fulfil what is demanded of regions and retention)",
    )


def test_a_named_model_that_must_not_be_sent_the_meeting_is_replaced_by_one_that_may() -> None:
    named = request(panel={"models": ["openai/gpt-6.1-terra"]})

    made = plan(named, market(*FOUR, catalog=DISCREET, constraints=Constraints(zero_retention=True)))

    assert asked(made) == ["openai/gpt-6.1-terra"]
    assert [str(rung) for rung in made.seats[0].ladder] == ["google/gemini-3.8-flash", "extractive/cue-rules"]


def test_a_named_model_that_must_not_be_sent_the_meeting_is_refused_where_nothing_may_stand_in() -> None:
    named = request(panel={"models": ["openai/gpt-6.1-terra"]}, allow_substitution=False)

    with pytest.raises(UnknownModel, match="openai may handle what it is sent in us"):
        plan(named, market(*FOUR, catalog=EUROPEAN, constraints=EU))


def test_a_caller_who_forbids_the_built_in_models_is_told_what_stood_in_the_way() -> None:
    with pytest.raises(PanelTooSmall, match="4 with a key do not fulfil what is demanded"):
        plan(request(allow_extractive=False), market(*FOUR, constraints=EU))


def test_models_that_must_not_be_sent_the_meeting_are_rejected_with_what_their_provider_lacks() -> None:
    case = Case(request(), market("openai", "google", catalog=EUROPEAN, constraints=EU))

    told = {str(one.target): one for one in explain(plan_of(case), case).rejected}

    assert told["openai/gpt-6.1-terra"].code == "forbidden"
    assert told["openai/gpt-6.1-terra"].reason == "openai may handle what it is sent in us"
    assert told["anthropic/claude-opus-5-5"].code == "no-key"


def test_a_rung_whose_provider_promises_less_than_when_it_was_planned_is_passed_over() -> None:
    """The house has learnt meanwhile that Google handles it elsewhere too."""
    made = plan(request(panel={"models": ["google/gemini-3.8-flash"]}), market(*FOUR, catalog=EUROPEAN, constraints=EU))
    wider = promising(google={"regions": ("eu", "us")})

    places = usable(made.seats[0], market(*FOUR, catalog=wider, constraints=EU), 10**9)

    assert usable(made.seats[0], market(*FOUR, catalog=EUROPEAN, constraints=EU), 10**9) == {0, 1}
    assert [made.seats[0].ladder[place].provider for place in places] == ["extractive"]


REGIONS = ("eu", "us", "asia")
CATALOGS = st.builds(
    lambda promises: promising(**dict(zip(EVERYONE[:-1], promises, strict=True))),  # the last one is built in
    st.tuples(
        *[
            st.fixed_dictionaries(
                {
                    "regions": st.lists(st.sampled_from(REGIONS), unique=True, max_size=2).map(tuple),
                    "retains": st.booleans(),
                    "trains": st.booleans(),
                }
            )
        ]
        * (len(EVERYONE) - 1)
    ),
)
NAMES = st.sampled_from([str(card.target) for card in CATALOG.models])
WISHES = st.fixed_dictionaries(
    {
        "policy": st.sampled_from(["aggressive", "balanced", "quality"]),
        "allow_substitution": st.booleans(),
        "panel": st.one_of(
            st.fixed_dictionaries({"size": st.none() | st.integers(1, 6)}),
            st.fixed_dictionaries({"models": st.lists(NAMES, min_size=1, max_size=3)}),
        ),
        "routing": st.fixed_dictionaries(
            {
                "regions": st.lists(st.sampled_from(REGIONS), unique=True, max_size=2),
                "zero_retention": st.booleans(),
                "strategy": st.none() | st.sampled_from(["preference", "performance", "cost", "round-robin"]),
                "preferred_provider": st.none() | st.sampled_from(EVERYONE),
                "pinned": st.booleans(),
            }
        ),
    }
)
HOUSES = st.sampled_from(
    [UNCONSTRAINED, EU, Constraints(regions=frozenset({"eu", "us"})), Constraints(zero_retention=True)]
)
VITALS = st.dictionaries(
    st.sampled_from([card.target for card in CATALOG.models]),
    st.builds(Vitals, calls=st.just(20), faults=st.integers(0, 20), is_open=st.booleans()),
    max_size=8,
)


def planned(case: Case, squeeze: Squeeze) -> Plan:
    try:
        return plan_of(case, squeeze)
    except (PanelTooSmall, UnknownModel, InvalidRequest):
        assume(False)
        raise


@given(
    catalog=CATALOGS,
    keys=st.sets(st.sampled_from(EVERYONE)),
    wish=WISHES,
    house=HOUSES,
    vitals=VITALS,
    pressure=st.sampled_from(Pressure),
)
def test_no_rung_of_any_plan_stands_where_the_meeting_must_not_go(
    catalog: Catalog,
    keys: set[str],
    wish: dict[str, object],
    house: Constraints,
    vitals: dict[Target, Vitals],
    pressure: Pressure,
) -> None:
    """Panel, lead and judges, planned and looked at again when a seat moves on."""
    asking = request(**wish)
    both = house.and_those_of(asking.routing)
    case = Case(
        asking,
        market(*keys, catalog=catalog, constraints=both),
        context=meeting("executive"),
        live=Live(vitals),
        yardstick=Yardstick(performance_weighting=0.5),
        asks={"single": {"lead": 1}, "consensus": {"lead": 1, "judge": 3}},
    )

    made = planned(case, Squeeze(pressure=pressure, because="90 % is used"))

    for rung in rungs(made):
        promises = catalog.provider(rung.provider)
        away = rung.provider != "extractive"
        assert not (away and both.regions is not None) or (promises.regions and set(promises.regions) <= both.regions)
        assert not (away and both.zero_retention) or not (promises.retains or promises.trains)
    later = replace(case.market, constraints=Constraints(regions=frozenset()))
    for seat in made.seats:
        assert all(seat.ladder[place].provider == "extractive" for place in usable(seat, later, 10**12))


def test_the_region_of_a_request_is_a_word() -> None:
    with pytest.raises(ValueError, match="should match pattern"):
        request(routing={"regions": ["EU West"]})


def test_an_unknown_field_of_a_routing_wish_is_refused() -> None:
    with pytest.raises(ValueError, match="Extra inputs are not permitted"):
        request(routing={"region": "eu"})


def test_a_resellers_copy_is_judged_by_the_reseller() -> None:
    """What OpenAI promises, it promises to those who buy from it."""
    catalog = promising(openai={"regions": ("eu",)})

    made = plan(request(panel={"models": ["openai/gpt-6-luna"]}), market(*FOUR, catalog=catalog, constraints=EU))

    assert target("aimlapi/openai/gpt-6-luna") not in rungs(made)
    assert {rung.provider for rung in rungs(made)} == {"openai", "extractive"}
