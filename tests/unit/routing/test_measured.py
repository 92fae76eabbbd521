"""Plans go by what became of models' items, and cover the one question more that seats may be asked."""

from dataclasses import replace

import pytest

from orchestrator.analysis.prompts import SCHEMA, SCHEMA_WITH_TYPE
from orchestrator.routing.case import Case, Yardstick
from orchestrator.routing.market import MAX_OUTPUT_TOKENS
from orchestrator.routing.planning import plan_of
from providers.calls import Call, JsonObject
from providers.pricing import bound
from tests.unit.routing.cases import CATALOG, FOUR, NOW, asked, case, market, target

LUNA = target("openai/gpt-6-luna")


def measured(free: Case, **standings: float) -> Case:
    """The case with records of the models that it would seat without any, by their places."""
    seated = [seat.asked for seat in plan_of(free).seats]
    return replace(free, yardstick=Yardstick(records={seated[int(n[1:])]: found for n, found in standings.items()}))


def test_a_model_whose_items_seldom_stood_gives_its_seat_to_one_of_which_nothing_is_known() -> None:
    free = case(*FOUR)

    weak = measured(free, s0=0.2, s1=0.5, s2=0.5)

    assert plan_of(free).seats[0].asked not in {seat.asked for seat in plan_of(weak).seats}
    assert plan_of(weak) == plan_of(weak)


def test_models_that_stand_alike_sit_where_they_would_without_a_record() -> None:
    free = case(*FOUR)

    assert asked(plan_of(measured(free, s0=0.5, s1=0.5, s2=0.5))) == asked(plan_of(free))


@pytest.mark.parametrize(("known", "strategy"), [({"s0": 0.5}, "consensus"), ({"s0": 0.5, "s1": 0.5}, "expertise")])
def test_auto_lets_each_count_by_its_record_where_half_of_the_panel_has_one(
    known: dict[str, float], strategy: str
) -> None:
    made = plan_of(measured(case(*FOUR), **known))

    assert made.strategy == strategy
    assert ("2 of them have a record in such meetings" in made.reason) is (strategy == "expertise")


@pytest.mark.parametrize(("with_type", "schema"), [(False, SCHEMA), (True, SCHEMA_WITH_TYPE)])
def test_a_bound_covers_the_schema_that_seats_are_sent(schema: JsonObject, *, with_type: bool) -> None:
    here = replace(market("openai"), with_type=with_type)
    card = CATALOG.model(LUNA)
    limit = min(MAX_OUTPUT_TOKENS, card.max_output_tokens)
    sent = Call(
        call_id="c",
        messages=here.messages,
        max_output_tokens=limit,
        timeout_s=60,
        schema_name="meeting_analysis_v1",
        json_schema=schema,
    )

    assert here.bound(LUNA) >= bound(sent, card, NOW)
    assert (here.bound(LUNA) > market("openai").bound(LUNA)) is with_type


def test_a_plan_whose_seats_are_asked_for_the_type_too_is_bound_higher() -> None:
    plain = case("openai")
    asking = replace(plain, market=replace(plain.market, with_type=True))

    assert plan_of(asking).bound_micro_usd > plan_of(plain).bound_micro_usd
    assert asked(plan_of(asking)) == asked(plan_of(plain))
