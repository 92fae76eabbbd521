"""Scores: sums of visible parts, the same whatever the order in which the facts come."""

from collections.abc import Mapping
from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from orchestrator.routing import scoring
from orchestrator.routing.case import Case, Yardstick
from orchestrator.routing.live import NOTHING_KNOWN, Live, Vitals
from orchestrator.routing.planning import plan_of
from orchestrator.routing.policies import POLICIES
from orchestrator.routing.request import Policy, RoutingStrategy
from orchestrator.routing.scoring import STRATEGIES, Leaning, Scored, ranked, weights
from providers.calls import Target
from providers.catalog import Catalog, ModelCard
from tests.unit.routing.cases import CATALOG, EVERYONE, FOUR, asked, case, market, meeting, request, target

TERRA, SONNET, FLASH = "openai/gpt-6.1-terra", "anthropic/claude-sonnet-5-5", "google/gemini-3.8-flash"
DIRECT = ("openai", "google", "anthropic")
NAMES: tuple[RoutingStrategy, ...] = tuple(STRATEGIES)


def leaning(
    strategy: RoutingStrategy = "preference",
    *,
    weighting: float = 0.3,
    live: Live = NOTHING_KNOWN,
    records: Mapping[Target, float] = {},
    language: str | None = None,
    turn: int = 0,
) -> Leaning:
    return Leaning(strategy, weighting, live, records, language, turn)


def order(policy: Policy = "balanced", *keys: str, words: int = 200, how: Leaning | None = None) -> tuple[Scored, ...]:
    here = market(*(keys or DIRECT), words=words)
    tiers = POLICIES[policy].tiers
    return ranked(here.candidates(tiers), tiers, here, how or leaning())


def by_name(scored: tuple[Scored, ...]) -> dict[str, Scored]:
    return {str(one.target): one for one in scored}


@pytest.mark.parametrize("strategy", NAMES)
@pytest.mark.parametrize("weighting", [0.0, 0.3, 1.0])
def test_the_weights_of_every_strategy_add_up_to_one(strategy: RoutingStrategy, weighting: float) -> None:
    assert sum(weights(strategy, weighting).model_dump().values()) == pytest.approx(1)


def test_the_houses_weighting_is_the_share_of_latency_and_load() -> None:
    weighed = weights("preference", 0.3)

    assert weighed.latency + weighed.load == pytest.approx(0.3)
    assert weights("preference", 0.0).latency == 0
    assert weights("performance", 0.3).latency + weights("performance", 0.3).load == pytest.approx(0.5)
    assert weights("performance", 0.8).load == pytest.approx(0.4)


@pytest.mark.parametrize("strategy", NAMES)
def test_a_score_is_the_sum_of_its_parts_by_their_weights(strategy: RoutingStrategy) -> None:
    vitals = Vitals(calls=20, faults=3, latency_s=35.0, in_flight=9)
    weighed = weights(strategy, 0.3).model_dump()

    for one in order(how=leaning(strategy, live=Live({target(TERRA): vitals}))):
        parts = {name: getattr(one, name) for name in weighed}
        assert all(0 <= part <= 1 for part in parts.values())
        assert one.score == pytest.approx(sum(part * weighed[name] for name, part in parts.items()), abs=1e-5)


def test_quality_falls_with_the_place_of_the_tier_in_the_policy() -> None:
    found = by_name(order())

    assert [found[name].quality for name in (TERRA, "openai/gpt-6-luna", "openai/gpt-6.1-sol")] == pytest.approx(
        [1, 2 / 3, 1 / 3], abs=1e-6
    )


def test_the_cheapest_has_all_of_cost_and_the_others_their_share_of_it() -> None:
    here, found = market(*DIRECT), by_name(order())
    luna, terra = (CATALOG.model(target(name)) for name in ("openai/gpt-6-luna", TERRA))

    assert found["openai/gpt-6-luna"].cost == 1
    assert found[TERRA].cost == pytest.approx(here.about(luna) / here.about(terra), abs=1e-6)


def test_what_is_free_is_as_cheap_as_the_cheapest_and_spoils_no_other_share() -> None:
    price = (
        CATALOG.model(target(TERRA))
        .prices[0]
        .model_copy(
            update={
                "input_micro_usd": 0,
                "output_micro_usd": 0,
                "cached_input_micro_usd": 0,
                "cache_write_micro_usd": 0,
            }
        )
    )
    free = CATALOG.model(target(TERRA)).model_copy(update={"prices": (price,)})
    here = market(*DIRECT)
    cards = [free if card.target == free.target else card for card in here.candidates(POLICIES["balanced"].tiers)]

    found = by_name(ranked(cards, POLICIES["balanced"].tiers, here, leaning("cost")))

    assert (found[TERRA].cost, found["openai/gpt-6-luna"].cost) == (1, 1)


def test_order_is_the_place_within_the_tier_as_the_house_asks_its_providers() -> None:
    found = by_name(order())

    assert [found[name].order for name in (TERRA, FLASH, SONNET)] == [1, 0.5, 0]


def test_latency_is_a_half_at_the_scale_and_where_nothing_is_known() -> None:
    live = Live({target(TERRA): Vitals(latency_s=scoring.SCALE_S), target(FLASH): Vitals(latency_s=0.0)})

    found = by_name(order(how=leaning(live=live)))

    assert [found[name].latency for name in (TERRA, FLASH, SONNET)] == [0.5, 1, 0.5]


@pytest.mark.parametrize(
    ("vitals", "load"),
    [
        (Vitals(), 1.0),
        (Vitals(calls=20), 1.0),
        (Vitals(calls=20, faults=10), 0.5),
        (Vitals(calls=4, faults=4), 1.0),  # too few to tell
        (Vitals(in_flight=scoring.FULL), 0.5),
        (Vitals(calls=20, faults=20), 0.0),
    ],
)
def test_load_counts_what_a_model_fails_and_what_it_has_in_hand(vitals: Vitals, load: float) -> None:
    assert by_name(order(how=leaning(live=Live({target(TERRA): vitals}))))[TERRA].load == pytest.approx(load)


def test_a_model_that_is_slow_is_passed_by_an_equal_that_is_not() -> None:
    slow = Live({target(TERRA): Vitals(calls=20, latency_s=60.0)})

    assert str(order()[0].target) == TERRA
    assert str(order(how=leaning(live=slow))[0].target) == FLASH


def test_a_tier_that_is_slow_and_half_failing_is_still_what_the_policy_pays_for() -> None:
    poor = Vitals(calls=20, faults=9, latency_s=90.0, in_flight=20)
    live = Live({target(name): poor for name in (TERRA, FLASH, SONNET)})

    assert [CATALOG.model(one.target).tier for one in order(how=leaning(live=live))[:3]] == ["balanced"] * 3


@pytest.mark.parametrize(
    ("vitals", "out"),
    [
        (Vitals(is_open=True), "its circuit is open"),
        (Vitals(calls=20, faults=10), "it failed 10 of its last 20 calls"),
        (Vitals(calls=4, faults=4), None),
        (Vitals(calls=20, faults=9), None),
    ],
)
def test_a_model_that_is_out_of_order_goes_behind_all_others_and_says_so(vitals: Vitals, out: str | None) -> None:
    found = order(how=leaning(live=Live({target(TERRA): vitals})))

    place = [str(one.target) for one in found].index(TERRA)
    assert (found[place].out, place == len(found) - 1) == (out, out is not None)


def test_of_a_provider_whose_circuits_are_all_open_no_other_model_is_asked_first_either() -> None:
    live = Live({target(name): Vitals(is_open=True) for name in (TERRA, "openai/gpt-6-sol")})
    found = by_name(order("balanced", "openai", "google", how=leaning(live=live)))

    assert found["openai/gpt-6-luna"].out == "the circuits of openai are open"
    assert found[FLASH].out is None


@pytest.mark.parametrize("others", [{}, {target("openai/gpt-6-sol"): Vitals(calls=3)}])
def test_one_open_circuit_says_nothing_of_the_provider(others: dict[Target, Vitals]) -> None:
    live = Live({target(TERRA): Vitals(is_open=True), **others})

    assert live.why_out(target("openai/gpt-6-luna")) is None


def test_a_record_counts_as_much_as_the_tier_and_who_has_none_is_taken_for_the_mean() -> None:
    records = {target(TERRA): 0.4, target(FLASH): 0.8}

    found = by_name(order(how=leaning(records=records)))

    assert [found[name].quality for name in (TERRA, FLASH, SONNET)] == pytest.approx([0.7, 0.9, 0.8])


def test_a_record_is_shown_and_one_below_the_usual_counts_against_its_model() -> None:
    found = by_name(order(how=leaning(records={target(TERRA): 0.4, target(FLASH): 0.8})))

    assert [found[name].record for name in (TERRA, FLASH, SONNET)] == [0.4, 0.8, None]
    assert found[TERRA].against == ("its record in such meetings is 0.40, that of a usual model 0.60",)
    assert found[FLASH].against == found[SONNET].against == ()


def test_a_record_as_good_as_the_usual_counts_against_nobody() -> None:
    assert by_name(order(how=leaning(records={target(TERRA): 0.4})))[TERRA].against == ()


def test_a_model_with_a_much_better_record_passes_one_of_the_wanted_tier() -> None:
    records = {target(TERRA): 0.3, target(SONNET): 0.3, target(FLASH): 0.3, target("openai/gpt-6-luna"): 0.9}

    assert str(order(how=leaning(records=records))[0].target) == "openai/gpt-6-luna"


def test_strategy_cost_asks_the_cheapest_of_the_policys_tiers() -> None:
    here = market(*FOUR, words=9_000)
    tiers = POLICIES["balanced"].tiers

    first, second = ranked(here.candidates(tiers), tiers, here, leaning("cost"))[:2]

    assert {str(first.target), str(second.target)} == {"openai/gpt-6-luna", "aimlapi/openai/gpt-6-luna"}
    assert first.target.provider == "openai"


def test_round_robin_gives_each_of_a_tier_its_turn_and_keeps_the_tier() -> None:
    firsts = [order(how=leaning("round-robin", turn=turn))[0].target for turn in range(6)]

    assert [str(first) for first in firsts] == [TERRA, FLASH, SONNET] * 2


def test_round_robin_minds_failures_and_no_speed() -> None:
    slow = Live({target(TERRA): Vitals(calls=20, latency_s=200.0)})
    failing = Live({target(TERRA): Vitals(calls=20, faults=6)})

    assert str(order(how=leaning("round-robin", live=slow))[0].target) == TERRA
    assert str(order(how=leaning("round-robin", live=failing))[0].target) == FLASH


def test_a_turn_moves_nothing_where_no_turns_are_taken() -> None:
    assert order(how=leaning(turn=1)) == order()


def test_the_only_model_of_a_tier_has_all_of_order() -> None:
    assert by_name(order("quality", "google"))["google/gemini-4-argon"].order == 1


def test_nobody_is_ranked_where_nobody_can_be_asked() -> None:
    here = market()

    assert ranked((), POLICIES["balanced"].tiers, here, leaning()) == ()


GROUPS = sorted({(card.provider, card.tier) for card in CATALOG.models})


def shuffled(draw: st.DataObject) -> Catalog:
    """The catalog with its models in another order, but for those of one provider and tier: theirs has a meaning."""
    slots = draw.draw(st.permutations([(card.provider, card.tier) for card in CATALOG.models]))
    queues: dict[tuple[str, str], list[ModelCard]] = {}
    for card in CATALOG.models:
        queues.setdefault((card.provider, card.tier), []).append(card)
    models = tuple(queues[slot].pop(0) for slot in slots)
    return Catalog(version="shuffled", providers=CATALOG.providers, models=models, aliases=CATALOG.aliases)


FACTS = st.lists(
    st.tuples(
        st.sampled_from([card.target for card in CATALOG.models]),
        st.builds(
            Vitals,
            calls=st.just(30),
            faults=st.integers(0, 30),
            latency_s=st.none() | st.floats(0, 300),
            in_flight=st.integers(0, 300),
            is_open=st.booleans(),
        ),
        st.floats(0, 1),
    ),
    max_size=12,
    unique_by=lambda fact: str(fact[0]),
)


@given(
    draw=st.data(),
    keys=st.sets(st.sampled_from(EVERYONE)),
    policy=st.sampled_from(["aggressive", "balanced", "quality"]),
    strategy=st.sampled_from(NAMES),
    turn=st.integers(0, 50),
    facts=FACTS,
    preferred=st.none() | st.sampled_from(EVERYONE),
)
def test_the_same_facts_make_the_same_plan_in_whatever_order_they_come(
    draw: st.DataObject,
    keys: set[str],
    policy: str,
    strategy: RoutingStrategy,
    turn: int,
    facts: list[tuple[Target, Vitals, float]],
    preferred: str | None,
) -> None:
    wish = request(policy=policy, routing={"strategy": strategy, "preferred_provider": preferred})
    first = Case(
        wish,
        market(*sorted(keys)),
        context=meeting("committee"),
        live=Live({name: vitals for name, vitals, _ in facts}),
        yardstick=Yardstick(records={name: record for name, _, record in facts}),
        turn=turn,
        asks={"consensus": {"lead": 1, "judge": 2}},
    )
    other_way_round = draw.draw(st.permutations(facts))
    second = replace(
        first,
        market=replace(first.market, catalog=shuffled(draw), reachable=frozenset(sorted(keys, reverse=True))),
        live=Live({name: vitals for name, vitals, _ in other_way_round}),
        yardstick=Yardstick(records={name: record for name, _, record in other_way_round}),
    )

    assert plan_of(first) == plan_of(second) == plan_of(first)


@given(facts=FACTS, strategy=st.sampled_from(NAMES), weighting=st.floats(0, 1), turn=st.integers(0, 99))
def test_whatever_is_known_every_part_and_score_stays_between_nothing_and_one(
    facts: list[tuple[Target, Vitals, float]], strategy: RoutingStrategy, weighting: float, turn: int
) -> None:
    how = leaning(
        strategy,
        weighting=weighting,
        live=Live({name: vitals for name, vitals, _ in facts}),
        records={name: record for name, _, record in facts},
        turn=turn,
    )

    for one in order("quality", *EVERYONE, how=how):
        parts = one.model_dump(include={"quality", "cost", "order", "latency", "load", "score"})
        assert all(0 <= part <= 1 + 1e-5 for part in parts.values())


@pytest.mark.parametrize("policy", ["balanced", "quality"])
def test_without_anything_known_the_default_goes_by_tier_then_provider_then_catalog(policy: Policy) -> None:
    places = {card.id: place for place, card in enumerate(CATALOG.providers)}
    tiers = POLICIES[policy].tiers
    here = market(*EVERYONE)

    found = [CATALOG.model(one.target) for one in order(policy, *EVERYONE)]

    cards = here.candidates(tiers)
    assert found == sorted(cards, key=lambda card: (tiers.index(card.tier), places[card.provider]))


def test_a_policy_that_saves_asks_the_cheapest_sellers_unless_the_house_has_set_an_order() -> None:
    free = case(*FOUR, policy="aggressive", words=9_000)

    assert asked(plan_of(free)) == ["openai/gpt-6-luna", "anthropic/claude-haiku-5-5"]
    assert free.routing == ("cost", "as policy aggressive does")


def test_what_a_patient_job_pays_at_the_cheaper_tier_is_what_counts() -> None:
    """At half price OpenAI's second economy model reads a long meeting for less than Anthropic's, which has no tier."""
    patient = case(*DIRECT, words=40_000, policy="aggressive", deadline_s=86_400, priority="bulk")
    hurried = case(*DIRECT, words=40_000, policy="aggressive")

    assert asked(plan_of(patient)) == ["openai/gpt-6-luna", "openai/gpt-5.6-luna"]
    assert asked(plan_of(hurried)) == ["openai/gpt-6-luna", "anthropic/claude-haiku-5-5"]
