"""Laws that hold for every strategy of the table that asks nobody."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from orchestrator.analysis.items import KINDS, Candidate
from orchestrator.synthesis import STRATEGIES
from orchestrator.synthesis.flow import Inputs, Synthesis, drive
from tests.unit.analysis.samples import PLACES, candidate, item, panels, seated


def run(strategy: str, panel: dict[int, Candidate]) -> Synthesis:
    inputs = Inputs(candidates=panel, places=PLACES, quorum=len(panel))
    found = drive(STRATEGIES[strategy].strategy(inputs), [])
    assert isinstance(found, Synthesis)
    return found


@pytest.mark.parametrize(
    ("strategy", "min_seats", "max_seats", "quorums"),
    [("single", 1, 1, {1: 1}), ("consensus", 2, None, {2: 2, 3: 2, 4: 3, 5: 3})],
)
def test_planning_finds_each_strategys_rule(
    strategy: str, min_seats: int, max_seats: int | None, quorums: dict[int, int]
) -> None:
    rule = STRATEGIES[strategy]

    assert (rule.min_seats, rule.max_seats) == (min_seats, max_seats)
    assert {seats: rule.default_quorum(seats) for seats in quorums} == quorums


@pytest.mark.parametrize("strategy", STRATEGIES)
@given(panel=panels())
def test_nothing_is_invented(strategy: str, panel: dict[int, Candidate]) -> None:
    found = run(strategy, panel)

    assert found.summary in {one.summary for one in panel.values()}
    for kind in KINDS:
        brought = [one for given_by in panel.values() for one in given_by.of(kind)]
        pieces = {piece for one in brought for piece in one.evidence}
        for one in found.of(kind):
            assert one.text in {other.text for other in brought}
            assert set(one.evidence) <= pieces
            assert one.owner is None or one.owner in {other.owner for other in brought}
            assert one.due is None or one.due in {other.due for other in brought}


@pytest.mark.parametrize("strategy", STRATEGIES)
@given(panel=panels())
def test_every_item_names_seats_that_were_read_and_has_an_id_of_its_own(
    strategy: str, panel: dict[int, Candidate]
) -> None:
    found = run(strategy, panel)

    assert set(found.seats) <= set(panel)
    for kind in KINDS:
        assert all(one.seats and set(one.seats) <= set(found.seats) for one in found.of(kind))
        assert len({one.id for one in found.of(kind)}) == len(found.of(kind))


@pytest.mark.parametrize("strategy", STRATEGIES)
@given(panel=panels())
def test_the_same_inputs_give_the_same_synthesis(strategy: str, panel: dict[int, Candidate]) -> None:
    turned = dict(reversed(panel.items()))

    assert run(strategy, panel).model_dump_json() == run(strategy, turned).model_dump_json()


@pytest.mark.parametrize("strategy", STRATEGIES)
@given(panel=panels(min_seats=1, max_seats=1), seats=st.integers(1, 5))
def test_copies_of_a_candidate_make_that_candidate(strategy: str, panel: dict[int, Candidate], seats: int) -> None:
    original = panel[0]

    found = run(strategy, {seat: seated(original, seat) for seat in range(seats)})

    assert (found.language, found.summary) == (original.language, original.summary)
    for kind in KINDS:
        assert len(found.of(kind)) == len(original.of(kind))
        for one, was in zip(found.of(kind), original.of(kind), strict=True):
            assert one.confidence >= was.confidence
            assert one.model_copy(update={"seats": (0,), "confidence": was.confidence}) == was


def test_a_single_seats_word_is_its_candidate_as_it_is() -> None:
    first, second = seated(candidate(item("Ship", "s1"), language="de"), 4), seated(candidate(item("Hire", "s2")), 7)

    found = run("single", {7: second, 4: first})

    assert found.seats == (4,)
    assert (found.language, found.summary, found.decisions) == ("de", first.summary, first.decisions)
