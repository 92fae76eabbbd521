"""Whom a replay has for its strategy's questions: who replied before, and models that are planned as for a new job."""

from collections.abc import Mapping, Sequence
from dataclasses import replace

import pytest

from orchestrator.errors import MaxCostTooLow
from orchestrator.routing.callers import callers
from orchestrator.routing.case import Case
from orchestrator.routing.constraints import Constraints
from orchestrator.routing.consultation import ONE_MODEL, Consulted, consult
from orchestrator.routing.sums import sums
from orchestrator.synthesis import STRATEGIES
from orchestrator.synthesis.flow import Question, Role
from orchestrator.work.seats import ANALYST, SeatPlan
from tests.unit.routing.cases import CATALOG, EVERYONE, market, request, target

ANSWERED = ("openai/gpt-6-luna", "openai/gpt-6.1-terra")
MICRO = 1_000_000


def seat(number: int, role: str, *ladder: str) -> SeatPlan:
    rungs = tuple(map(target, ladder))
    return SeatPlan(seat=number, role=role, asked=rungs[0], ladder=rungs)


PANEL = tuple(seat(number, ANALYST, model) for number, model in enumerate(ANSWERED))


def ask(role: Role, count: int) -> list[Question]:
    return [
        Question(role=role, name=f"{role}-{n}", messages=(), schema_name="s", json_schema={}, max_output_tokens=10)
        for n in range(count)
    ]


def replay(*reachable: str, **fields: str) -> Case:
    asks = {name: rule.asks for name, rule in STRATEGIES.items()}
    return Case(request(**fields), market(*(reachable or EVERYONE)), asks=asks)


def consulted(
    strategy: str,
    questions: Sequence[Question],
    known: Mapping[int, SeatPlan] | None = None,
    *,
    of: Case | None = None,
    panel: Sequence[SeatPlan] = PANEL,
) -> Consulted:
    return consult(strategy, questions, known or {}, panel, of or replay())


def families(plans: Sequence[SeatPlan]) -> list[str]:
    return [CATALOG.model(plan.ladder[0]).family for plan in plans]


@pytest.mark.parametrize(("strategy", "role", "count"), [("hierarchical", "lead", 1), ("competitive", "judge", 3)])
def test_whoever_is_to_be_asked_is_planned_and_paid_as_for_a_new_job(strategy: str, role: Role, count: int) -> None:
    of = replay()

    found = consulted(strategy, ask(role, count), of=of)

    assert found.callers == callers(strategy, PANEL, of)
    assert (len(found.callers), found.asks, found.reused, found.notes) == (count, True, (), ())
    costs = sums((), found.callers, of.market)
    assert (found.needed_micro_usd, found.expected_micro_usd) == costs
    assert found.bound_micro_usd == costs.bound_micro_usd > 0


def test_whoever_replied_before_stands_in_his_place_and_costs_nothing() -> None:
    lead = seat(7, "lead", "google/gemini-3-pro", "openai/gpt-6-astra")

    found = consulted("hierarchical", ask("lead", 1), {0: lead})

    assert (found.callers, found.reused, found.asks) == ((lead,), (0,), False)
    assert (found.needed_micro_usd, found.expected_micro_usd, found.bound_micro_usd) == (0, 0, 0)
    assert found.notes == ("a question has been asked before, and the stored reply counts",)


def test_judges_beside_those_who_replied_before_are_of_other_families() -> None:
    first = consulted("competitive", ask("judge", 3)).callers

    found = consulted("competitive", ask("judge", 3), {1: first[0]})

    assert found.callers[1] == first[0]
    assert len(set(families(found.callers))) == len(found.callers)
    assert (found.reused, found.asks) == ((1,), True)
    assert found.needed_micro_usd == sums((), (found.callers[0], *found.callers[2:]), replay().market).needed_micro_usd


def test_several_stored_replies_are_told() -> None:
    judges = consulted("competitive", ask("judge", 3)).callers

    found = consulted("competitive", ask("judge", 3), {0: judges[0], 2: judges[2]})

    assert found.notes == ("2 questions have been asked before, and the stored replies count",)


def test_where_models_run_out_the_first_questions_alone_have_somebody() -> None:
    """The n-th question goes to the n-th of those who are ready, so none may be passed over."""
    first, last = seat(8, "judge", "google/gemini-3-pro"), seat(9, "judge", "anthropic/claude-fable-5-2")

    found = consulted("competitive", ask("judge", 3), {0: first, 2: last}, of=replay("extractive"))

    assert (found.callers, found.reused, found.asks) == ((first,), (0,), False)


def test_a_model_that_has_left_the_catalog_may_have_replied() -> None:
    gone = seat(4, "judge", "openai/gpt-of-yore")

    found = consulted("competitive", ask("judge", 2), {0: gone})

    assert found.callers[0] == gone
    assert len(found.callers) == 2


def test_without_a_question_nobody_is_paid_and_those_at_hand_are_named() -> None:
    found = consulted("hierarchical", [])

    assert [plan.role for plan in found.callers] == ["lead"]
    assert (found.asks, found.needed_micro_usd, found.bound_micro_usd, found.notes) == (False, 0, 0, ())


@pytest.mark.parametrize(
    ("of", "said"),
    [
        (replay(policy="aggressive"), "nobody reviews or judges, as policy aggressive pays for none of it"),
        (replay("extractive"), "nobody reviews or judges, as no other model fit for it can be asked"),
        (replace(replay(), market=replace(market(*EVERYONE), multi_model=False)), ONE_MODEL),
        (
            replace(replay(), market=market(*EVERYONE, constraints=Constraints(regions=frozenset({"mars"})))),
            "nobody reviews or judges, as no other model fit for it can be asked",
        ),
    ],
    ids=["policy", "keys", "one model", "regions"],
)
def test_where_nobody_can_be_asked_the_reason_is_told(of: Case, said: str) -> None:
    found = consulted("hierarchical", ask("lead", 1), of=of)

    assert (found.callers, found.asks, found.notes) == ((), False, (said,))


def test_where_one_model_alone_may_be_asked_a_stored_reply_counts_all_the_same() -> None:
    lead = seat(7, "lead", "openai/gpt-6-astra")
    of = replace(replay(), market=replace(market(*EVERYONE), multi_model=False))

    found = consulted("hierarchical", ask("lead", 1), {0: lead}, of=of)

    assert (found.callers, found.notes) == ((lead,), ("a question has been asked before, and the stored reply counts",))
    assert consulted("consensus", [], of=of).notes == ()


def test_a_panel_of_built_in_models_is_reviewed_by_nobody() -> None:
    found = consulted("hierarchical", ask("lead", 1), panel=[seat(0, ANALYST, "extractive/cue-rules")])

    assert found.callers == ()


def test_what_may_cost_more_than_is_allowed_is_refused_with_the_worst_case() -> None:
    needed = consulted("hierarchical", ask("lead", 1)).needed_micro_usd

    with pytest.raises(MaxCostTooLow, match="without allow_calls it costs nothing") as caught:
        consulted("hierarchical", ask("lead", 1), of=replay(max_cost_usd=f"{(needed - 1) / MICRO:.6f}"))
    just = consulted("hierarchical", ask("lead", 1), of=replay(max_cost_usd=f"{needed / MICRO:.6f}"))
    ample = consulted("hierarchical", ask("lead", 1), of=replay(max_cost_usd=f"{needed * 9 / MICRO:.6f}"))

    assert caught.value.bound_micro_usd == needed
    assert (just.bound_micro_usd, ample.bound_micro_usd) == (needed, 2 * needed)


def test_a_stored_reply_needs_no_money() -> None:
    lead = seat(7, "lead", "openai/gpt-6-astra")

    assert consulted("hierarchical", ask("lead", 1), {0: lead}, of=replay(max_cost_usd="0")).callers == (lead,)
