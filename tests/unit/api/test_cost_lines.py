"""Costs as lines and bars: nothing is hidden, nothing is made up."""

from decimal import Decimal

from hypothesis import given
from hypothesis import strategies as st

from api import cost_lines
from orchestrator.money import savings as levers_of_savings
from tests.unit.api.accounts import costs, row, savings

AMOUNTS = st.integers(min_value=-(10**12), max_value=10**12).map(lambda micro: f"{Decimal(micro) / 1_000_000:.6f}")


def test_a_day_without_a_call_is_a_gap_in_the_plot() -> None:
    found = cost_lines.lines(costs())

    assert [(line.label, line.cost_usd, line.calls) for line in found] == [
        ("2026-11-03", "2.000000", 10),
        ("2026-11-04", "0.000000", 0),
        ("2026-11-05", "0.500000", 2),
    ]
    assert [line.share for line in found] == [1.0, 0.0, 0.25]


def test_tokens_are_told_as_read_and_written() -> None:
    (line,) = cost_lines.lines(costs(row("2026-11-03", "2.000000")))

    assert (line.tokens_in, line.tokens_out) == (1500, 42)


def test_other_groups_keep_their_order_and_those_without_a_name_are_called_so() -> None:
    view = costs(row("crm", "3.000000"), row(None, "2.000000"), row(None, "1.000000", groups=1_204), group_by="project")

    assert [line.label for line in cost_lines.lines(view)] == ["crm", "(no project)", "1,204 others"]


def test_no_rows_are_no_lines() -> None:
    assert cost_lines.lines(costs().model_copy(update={"data": ()})) == ()


def test_the_way_from_the_reference_to_the_price_paid_goes_lever_by_lever() -> None:
    found = cost_lines.steps(savings())

    assert [(step.label, step.begin, step.end, step.saves) for step in found] == [
        ("At anthropic/claude-opus-5-5", 0.0, 1.0, True),
        ("Other models", 0.2, 1.0, True),
        ("Calls that brought nothing", 0.2, 0.25, False),
        ("Paid", 0.0, 0.25, True),
    ]
    assert [step.whole for step in found] == [True, False, False, True]


def test_every_lever_has_a_name_and_they_stand_in_the_order_in_which_they_are_taken() -> None:
    assert tuple(cost_lines.LEVERS) == levers_of_savings.LEVERS


def test_a_lever_that_is_not_known_here_is_shown_under_its_own_name() -> None:
    found = cost_lines.steps(savings(levers={"quantum_leap": "7.500000"}))

    assert found[1].label == "Quantum leap"


@given(st.dictionaries(st.sampled_from(sorted(cost_lines.LEVERS)), AMOUNTS), AMOUNTS, AMOUNTS)
def test_a_bar_never_leaves_its_drawing(levers: dict[str, str], reference: str, actual: str) -> None:
    found = cost_lines.steps(savings(levers=levers, reference_usd=reference, actual_usd=actual))

    assert all(0 <= step.begin <= step.end <= 1 for step in found)


def test_the_summary_says_how_far_the_figures_can_be_trusted() -> None:
    view = costs(row("2026-11-03", "2.500000", calls=1_200, unknown_calls=1, estimated_calls=2))

    assert cost_lines.summary(view) == (
        "$2.50 for 1,200 calls, 2026-11-01 to 2026-11-30 (UTC)."
        " 1 call never told what became of it: booked at the most that it can have cost."
        " Of 2 calls the provider named no tokens; they were counted here."
    )


def test_what_a_lever_cost_is_added_and_what_it_saved_taken_off() -> None:
    assert cost_lines.taken_off("0.400000") == "-$0.40"
    assert cost_lines.taken_off("-0.020000") == "+$0.02"


def test_a_claim_is_a_sentence_and_tells_what_it_leaves_out() -> None:
    assert cost_lines.claim(savings()) == "Saved 75.0 %."
    assert cost_lines.claim(savings(left_out=3)) == (
        "Saved 75.0 %. Left out of these figures: 3 answers that cannot be compared."
    )


def test_without_a_reference_none_is_made_up() -> None:
    assert cost_lines.steps(savings(reference=None))[0].label == "At a reference"
