"""A model's record moves its weight slowly, within bounds, and not at all where there is none."""

from collections.abc import Sequence

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import ValidationError

from orchestrator.analysis.items import KINDS, Item, Kind
from orchestrator.analysis.records import (
    LEAST,
    MOST,
    PRIOR_ITEMS,
    Tally,
    established,
    factor,
    records,
    standings,
    tally,
)
from tests.unit.analysis.samples import candidate, item

POOL = Tally(brought=900, kept=600, refused=100)  # six in ten

COUNTS = st.tuples(st.integers(0, 500), st.integers(0, 500), st.integers(0, 500)).map(
    lambda drawn: Tally(brought=drawn[0] + drawn[1], kept=drawn[0], refused=drawn[2])
)


@pytest.mark.parametrize(
    ("brought", "kept", "refused", "expected"),
    [
        (0, 0, 0, 1.0),
        (1, 1, 0, 1.042),
        (5, 5, 0, 1.208),
        (5, 0, 0, 0.762),
        (5, 0, 5, 0.616),
        (100, 60, 0, 1.001),
        (100, 80, 0, 1.927),
        (100, 80, 50, 0.807),
        (1_000, 950, 0, 4.0),
        (1_000, 50, 0, 0.25),
    ],
)
def test_little_data_moves_little_and_much_no_further_than_the_bounds(
    brought: int, kept: int, refused: int, expected: float
) -> None:
    assert factor(Tally(brought=brought, kept=kept, refused=refused), POOL) == expected


def test_nobody_keeps_more_than_was_brought() -> None:
    with pytest.raises(ValidationError, match="no more items can be kept"):
        Tally(brought=1, kept=2)


@given(COUNTS)
def test_a_model_without_a_record_is_average_in_any_pool(pool: Tally) -> None:
    assert factor(Tally(), pool) == 1.0


@given(COUNTS, COUNTS)
def test_a_factor_lies_within_its_bounds(own: Tally, pool: Tally) -> None:
    assert LEAST <= factor(own, pool) <= MOST


@given(COUNTS, COUNTS)
def test_what_is_kept_raises_a_factor_and_what_is_refused_lowers_it(own: Tally, pool: Tally) -> None:
    praised = own.model_copy(update={"brought": own.brought + 9, "kept": own.kept + 9})
    refused = own.model_copy(update={"refused": own.refused + 9})

    assert factor(praised, pool) >= factor(own, pool) >= factor(refused, pool)


def test_each_seat_has_the_factors_of_its_model_for_the_kinds_that_it_claimed() -> None:
    good, bad = Tally(brought=100, kept=90), Tally(brought=100, kept=30)
    tallies: dict[str, dict[Kind, Tally]] = {
        "a": {"decisions": good, "risks": bad},
        "b": {"decisions": bad, "risks": good, "topics": Tally()},
        "quiet": {"topics": Tally()},
    }

    found = records({0: "a", 1: "b", 2: "quiet", 3: "new", 4: "a"}, tallies)

    assert found.keys() == {0, 1, 4}
    assert found[0] == found[4] == {"decisions": found[1]["risks"], "risks": found[1]["decisions"]}
    assert found[0]["decisions"] > 1 > found[0]["risks"]


@given(st.dictionaries(st.sampled_from("abc"), COUNTS, min_size=1))
def test_the_order_in_which_models_were_counted_does_not_matter(drawn: dict[str, Tally]) -> None:
    tallies: dict[str, dict[Kind, Tally]] = {model: {"risks": tally} for model, tally in drawn.items()}

    assert records({0: "a"}, tallies) == records({0: "a"}, dict(reversed(tallies.items())))


def test_what_became_of_a_seats_items_is_told_by_the_seats_that_the_results_items_name() -> None:
    mine = candidate(item("Ship", "s1"), item("Hire", "s2"), item("Move", "s3"))
    ship = item("Ship", "s1").model_copy(update={"seats": (0, 1)})
    nothing: dict[Kind, Sequence[Item]] = dict.fromkeys(KINDS, ())

    kept = {**nothing, "decisions": (ship, item("Hire", "s2", seat=1))}

    assert tally(mine, 0, kept)["decisions"] == Tally(brought=3, kept=1)
    assert tally(mine, 1, kept)["decisions"] == Tally(brought=3, kept=2)
    assert tally(mine, 0, kept)["risks"] == Tally()


def test_what_had_no_proof_was_refused_whether_it_was_left_out_or_marked() -> None:
    marked = item("Hire", "s2").model_copy(update={"verified": False})
    mine = candidate(item("Ship", "s1"), marked).model_copy(update={"refused": {"decisions": 2, "risks": 1}})
    nothing: dict[Kind, Sequence[Item]] = dict.fromkeys(KINDS, ())

    found = tally(mine, 0, {**nothing, "decisions": (item("Ship", "s1"), marked)})

    assert found["decisions"] == Tally(brought=1, kept=1, refused=3)
    assert found["risks"] == Tally(refused=1)
    assert found["topics"] == Tally()


def test_a_record_is_worth_going_by_once_its_claims_of_some_kind_outweigh_what_is_presumed() -> None:
    short: dict[Kind, Tally] = {kind: Tally(brought=PRIOR_ITEMS - 1, kept=3) for kind in KINDS}
    enough: dict[Kind, Tally] = {"risks": Tally(brought=PRIOR_ITEMS - 5, refused=5), "topics": Tally(brought=1)}

    assert established({"short": short, "enough": enough, "none": {}}) == {"enough"}
    assert established({}) == frozenset()


def test_an_average_model_stands_in_the_middle_and_one_without_a_record_nowhere() -> None:
    usual = Tally(brought=100, kept=60)

    found = standings({"a": {"risks": usual}, "b": {"risks": usual}, "new": {"risks": Tally(brought=3, kept=3)}})

    assert found.keys() == {"a", "b"}
    assert found["a"] == found["b"] == pytest.approx(0.5, abs=0.01)


def test_who_invents_stands_lower_though_as_much_of_what_it_proved_was_kept() -> None:
    honest, inventing = Tally(brought=100, kept=60), Tally(brought=100, kept=60, refused=100)

    found = standings({"honest": {"risks": honest}, "inventing": {"risks": inventing}})

    assert found["honest"] > 0.6
    assert found["inventing"] < 0.45


def test_kinds_of_which_less_is_kept_do_not_lower_those_that_bring_them() -> None:
    """Of topics nine in ten are kept, of questions three, whoever brings them."""
    topics, questions = Tally(brought=200, kept=180), Tally(brought=200, kept=60)

    found = standings({"a": {"topics": topics}, "b": {"questions": questions}, "c": {"topics": topics}})

    assert found["a"] == pytest.approx(found["b"], abs=0.01)


_TALLIES = st.dictionaries(st.sampled_from("abc"), st.dictionaries(st.sampled_from(KINDS), COUNTS, max_size=5))


@given(_TALLIES)
def test_a_standing_is_of_an_established_model_lies_within_its_bounds_and_hangs_on_no_order(
    drawn: dict[str, dict[Kind, Tally]],
) -> None:
    found = standings(drawn)

    shuffled = {model: dict(reversed(kinds.items())) for model, kinds in reversed(drawn.items())}
    assert found == standings(shuffled)
    assert found.keys() == established(drawn)
    assert all(LEAST / (1 + LEAST) <= standing <= MOST / (1 + MOST) for standing in found.values())
