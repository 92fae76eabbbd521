"""Plans for meetings that do not fit: who is asked in parts, where such a seat goes, what it costs, what is said."""

from dataclasses import replace

import pytest

from orchestrator.errors import PanelTooSmall, UnknownModel
from orchestrator.routing.explaining import explain
from orchestrator.routing.market import MAX_OUTPUT_TOKENS
from orchestrator.routing.planning import Plan, plan_of
from orchestrator.routing.rungs import usable
from orchestrator.routing.sums import CALLS_HELD
from orchestrator.work.parts import WHOLE
from providers.calls import Call
from providers.pricing import bound
from tests.unit.routing.cases import NOW, asked, target
from tests.unit.routing.narrow import BLUE, GREEN, NARROW, RED, WIDE, case, market, talk

SLIM = ("slim",)
NO_HELP = {"allow_extractive": False}


def rungs(made: Plan, seat: int = 0) -> list[str]:
    return [str(one) for one in made.seats[seat].ladder]


def test_a_meeting_that_fits_is_asked_whole() -> None:
    made = plan_of(replace(case("slim"), market=market("slim", transcript=talk(50))))

    assert all(seat.cut == WHOLE for seat in made.seats)


def test_where_no_window_holds_the_meeting_the_panel_is_asked_in_parts() -> None:
    made = plan_of(case(*SLIM, **NO_HELP))

    assert asked(made) == [RED, BLUE]
    assert [len(seat.cut) > 1 for seat in made.seats] == [True, True]
    assert len(made.seats[1].cut) > len(made.seats[0].cut)  # its window is smaller
    assert made.because[0][0].startswith("no model holds the meeting whole; it scores")
    assert f"asked about {len(made.seats[0].cut)} parts of it" in made.because[0][1]


def test_models_that_hold_it_whole_sit_first_and_others_only_where_seats_are_left() -> None:
    made = plan_of(case("broad", *SLIM))
    alone = plan_of(case("broad", *SLIM, panel={"size": 1}))

    assert asked(made) == [WIDE, RED, BLUE]
    assert (made.seats[0].cut, bool(made.seats[1].cut)) == (WHOLE, True)
    assert made.because[1][0].startswith("too few models hold the meeting whole; it scores")
    assert asked(alone) == [WIDE]


def test_a_preferred_provider_whose_models_would_be_cut_stands_back_and_the_plan_says_why() -> None:
    made = plan_of(case("broad", *SLIM, panel={"size": 1}, routing={"preferred_provider": "slim"}))

    assert asked(made) == [WIDE]
    assert any("the meeting would have to be cut for its models" in note for note in made.notes)


def test_a_named_model_is_asked_in_parts_rather_than_replaced() -> None:
    made = plan_of(case("broad", *SLIM, panel={"models": [RED]}))
    strict = plan_of(case(*SLIM, panel={"models": [RED]}, allow_substitution=False, **NO_HELP))

    assert (asked(made), rungs(made)[0]) == ([RED], RED)
    assert made.seats[0].cut == strict.seats[0].cut != WHOLE


def test_stand_ins_hold_the_parts_that_the_asked_model_was_cut_for() -> None:
    red = plan_of(case("slim", "slender", panel={"models": [RED]}))
    blue = plan_of(case("slim", "slender", panel={"models": [BLUE]}))

    assert GREEN in rungs(red)  # a larger window
    assert BLUE not in rungs(red)  # a smaller one
    assert {RED, GREEN} <= {*rungs(blue)}
    assert rungs(red)[-1].startswith("extractive/")


def test_a_model_without_a_key_is_stood_in_for_in_parts_where_nobody_holds_it_whole() -> None:
    made = plan_of(case("slender", panel={"models": [RED]}))

    assert rungs(made)[0] == GREEN
    assert made.seats[0].cut == market("slender").cut(NARROW.model(target(GREEN)))


def test_a_model_that_no_sensible_part_fits_is_refused_as_before() -> None:
    with pytest.raises(UnknownModel, match="too small"):
        plan_of(case(*SLIM, panel={"models": ["slim/tiny"]}, allow_substitution=False))


def test_where_time_is_too_short_for_parts_the_built_in_models_sit_or_the_plan_is_refused() -> None:
    hurried = market(*SLIM, most=1)

    made = plan_of(replace(case(*SLIM), market=hurried))

    assert {seat.asked.provider for seat in made.seats} == {"extractive"}
    with pytest.raises(PanelTooSmall):
        plan_of(replace(case(*SLIM, **NO_HELP), market=hurried))


def test_the_bound_holds_every_part_with_all_that_stands_around_it_and_a_repeat_of_each() -> None:
    made = plan_of(case(*SLIM, panel={"models": [RED]}, allow_substitution=False, **NO_HELP))
    here, card = market(*SLIM), NARROW.model(target(RED))

    dearest = sum(
        bound(
            Call(
                call_id="plan",
                messages=shown.messages,
                max_output_tokens=min(MAX_OUTPUT_TOKENS, card.max_output_tokens),
                timeout_s=3_600,
                schema_name="meeting_analysis_v1",
            ),
            card,
            NOW,
        )
        for shown in here.calls(made.seats[0].cut)
    )

    assert len(here.calls(made.seats[0].cut)) == len(made.seats[0].cut)
    assert made.needed_micro_usd > dearest  # the schema is not in it
    assert made.bound_micro_usd == CALLS_HELD * made.needed_micro_usd
    assert made.needed_micro_usd == here.bound(target(RED)) > made.expected_micro_usd


def test_each_part_may_be_answered_by_the_dearest_rung() -> None:
    made = plan_of(case("slim", "slender", panel={"models": [RED]}))
    here, cut = market("slim", "slender"), made.seats[0].cut

    assert made.needed_micro_usd == here.bound(target(GREEN), cut) > here.bound(target(RED), cut)
    assert made.expected_micro_usd == here.expected(target(RED), cut=cut)


def test_seats_with_one_prompt_in_parts_do_not_wait_for_each_other() -> None:
    made = plan_of(case(*SLIM, policy="aggressive", panel={"models": [RED, RED]}))

    assert [(seat.cached, seat.follows) for seat in made.seats] == [(False, None), (False, None)]


def test_a_rung_is_usable_by_the_part_that_is_shown_next() -> None:
    here = market("slim", "slender")
    seat = plan_of(case("slim", "slender", panel={"models": [BLUE]})).seats[0]

    first, *_others = here.calls(seat.cut)

    assert usable(seat, first, 10**9) == frozenset(range(len(seat.ladder)))


def test_the_explanation_prices_all_parts_and_says_who_would_have_been_cut() -> None:
    made = case("broad", "slim", panel={"size": 1})
    whole = explain(plan_of(made), made)
    parted = case(*SLIM, panel={"models": [RED]})
    told = explain(plan_of(parted), parted)

    reasons = {str(one.target): (one.code, one.reason) for one in whole.rejected}
    assert reasons[RED] == ("behind-others", "it could only be asked in parts, which costs and takes more")
    assert reasons["slim/tiny"][0] == "too-small"
    assert reasons["slim/tiny"][1].endswith("nor do 16 parts of it")
    assert told.offers[0][target(RED)].bound_micro_usd == market(*SLIM).bound(target(RED))
    assert all("an hour" not in sentence for sentence in told.advice)


def test_a_candidate_that_scores_more_in_parts_sits_behind_one_that_is_shown_the_whole() -> None:
    made = case("broad", "slim", policy="balanced")
    told = explain(plan_of(made), made)

    first = {str(one.target): one.why_not for one in told.scores.candidates[0]}
    assert first[WIDE] is None
    assert first[RED] == "it sits on seat 1"
