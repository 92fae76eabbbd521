"""What a plan tells of its scores: every seat its candidates, who sits there, and why nobody else does."""

from dataclasses import replace

from hypothesis import given
from hypothesis import strategies as st

from orchestrator.routing.case import Case
from orchestrator.routing.explaining import explain
from orchestrator.routing.live import Live, Vitals
from orchestrator.routing.planning import plan_of
from orchestrator.routing.scores import MOST_CANDIDATES, Candidate, Scores, scores
from orchestrator.work.pressure import Pressure, Squeeze
from tests.unit.routing.cases import CATALOG, EVERYONE, FOUR, case, market, request, target


def told(case: Case) -> Scores:
    return scores(plan_of(case).seats, case)


def reasons(candidates: tuple[Candidate, ...]) -> dict[str, str | None]:
    return {str(one.target): one.why_not for one in candidates}


def test_a_seat_tells_who_sits_there_and_why_nobody_else_does() -> None:
    found = told(case("openai", "google", "anthropic", "azure"))

    assert reasons(found.candidates[0]) == {
        "openai/gpt-6.1-terra": None,
        "google/gemini-3.8-flash": "it sits on seat 1",
        "anthropic/claude-sonnet-5-5": "it sits on seat 2",
        "azure/gpt-6.1-terra": "it is the same model as seat 0 has",
        "openai/gpt-6-luna": "it scores 0.210 less",
        "openai/gpt-5.6-luna": "it scores 0.228 less",
    }


def test_the_strategy_its_weights_and_all_scores_are_told() -> None:
    found = told(case(*FOUR))

    assert (found.strategy, found.because) == ("preference", "as policy balanced does")
    assert sum(found.weights.model_dump().values()) == 1
    marks = [one.score for one in found.ranking]
    assert marks == sorted(marks, reverse=True)


def test_a_model_that_is_out_of_order_says_so() -> None:
    live = Live({target("google/gemini-3.8-flash"): Vitals(is_open=True)})
    wish = replace(case("google", panel={"size": 1}), live=live)

    found = told(wish)

    assert reasons(found.candidates[0])["google/gemini-3.8-flash"] == "its circuit is open"
    assert str(found.ranking[-1].target) == "google/gemini-3.8-flash"


def test_a_better_score_that_stands_back_behind_a_preference_says_so() -> None:
    found = told(case(*FOUR, panel={"size": 1}, routing={"preferred_provider": "google"}))

    why = reasons(found.candidates[0])
    assert why["openai/gpt-6.1-terra"] == "it scores 0.014 more, but google is preferred"
    assert why["anthropic/claude-sonnet-5-5"] == "it scores 0.014 less"
    assert [one.score for one in found.ranking] == sorted((one.score for one in found.ranking), reverse=True)


def test_named_models_leave_the_others_no_reason_but_that() -> None:
    found = told(case(*FOUR, panel={"models": ["openai/gpt-6.1-terra", "openai/gpt-6-astra"]}))

    assert set(reasons(found.candidates[0]).values()) == {None, "the request names its models"}
    assert set(reasons(found.candidates[1]).values()) == {"the request names its models"}


def test_built_in_models_that_are_preferred_leave_the_others_no_reason_but_that() -> None:
    found = told(case(*FOUR, routing={"preferred_provider": "extractive"}))

    assert set(reasons(found.candidates[0]).values()) == {"extractive is preferred"}


def test_where_nobody_can_be_asked_nobody_is_scored() -> None:
    found = told(case())

    assert (found.ranking, set(found.candidates)) == ((), {()})


def test_an_explanation_scores_what_the_policy_would_ask_that_the_plan_was_made_with() -> None:
    wish = case(*FOUR, policy="quality")
    made = plan_of(wish, Squeeze(pressure=Pressure.SAVE, because="97 % is used"))

    found = explain(made, wish)

    assert found.scores.because == "as policy aggressive does"
    assert {CATALOG.model(one.target).tier for one in found.scores.ranking} == {"economy"}
    assert {one.code for one in found.rejected if CATALOG.model(one.target).tier == "premium"} <= {
        "no-key",
        "retired",
        "on-its-way-out",
        "other-tier",
    }


def test_models_that_are_rejected_for_a_strict_preference_or_their_circuit_say_so() -> None:
    strict = case(*FOUR, allow_substitution=False, routing={"preferred_provider": "google"})
    dead = target("anthropic/claude-opus-5-5")
    alone = replace(
        case("openai", "anthropic", panel={"size": 1}, allow_substitution=False, policy="quality"),
        live=Live({dead: Vitals(calls=9, faults=9)}),
    )

    of_strict = {one.target: one for one in explain(plan_of(strict), strict).rejected}
    of_alone = {one.target: one for one in explain(plan_of(alone), alone).rejected}

    assert of_strict[target("openai/gpt-6.1-terra")].code == "not-preferred"
    assert of_strict[target("openai/gpt-6.1-terra")].reason == "google is preferred, and allow_substitution is false"
    assert (of_alone[dead].code, of_alone[dead].reason) == ("out-of-order", "it failed 9 of its last 9 calls")


@given(
    keys=st.sets(st.sampled_from(EVERYONE)),
    policy=st.sampled_from(["aggressive", "balanced", "quality"]),
    size=st.none() | st.integers(1, 2),
    preferred=st.none() | st.sampled_from(EVERYONE),
    strategy=st.none() | st.sampled_from(["preference", "performance", "cost", "round-robin"]),
)
def test_every_seat_says_of_each_of_its_candidates_but_the_one_that_sits_why_not(
    keys: set[str], policy: str, size: int | None, preferred: str | None, strategy: str | None
) -> None:
    wish = request(policy=policy, panel={"size": size}, routing={"preferred_provider": preferred, "strategy": strategy})
    made = Case(wish, market(*keys))

    found = told(made)

    for seat, candidates in zip(plan_of(made).seats, found.candidates, strict=True):
        assert len(candidates) <= MOST_CANDIDATES
        assert [one.target for one in candidates if one.why_not is None] in ([], [seat.asked])
        assert not any("preferred" in (one.why_not or "") and preferred is None for one in candidates)
