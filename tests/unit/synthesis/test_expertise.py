"""Each seat is heard most in the kinds that it is measurably best at."""

from collections.abc import Mapping

import pytest

from orchestrator.analysis.items import KINDS, Candidate, Due, Kind, Owner
from orchestrator.synthesis.consensus import consensus
from orchestrator.synthesis.expertise import expertise
from orchestrator.synthesis.flow import Inputs, Synthesis, drive
from tests.unit.analysis.samples import PLACES, candidate, item
from tests.unit.synthesis.playing import panel

SHIP = item("The beta ships on Friday", "s2", confidence=0.8)
SHIP_TOO = item("They ship the beta Friday", "s2", confidence=0.6)
HIRE = item("Hire two testers", "s5", confidence=0.3)
ANN, BO = Owner(name="Ann Lee", id="u1"), Owner(name="Bo")
FRIDAY, SOON = Due(text="Friday", date="2026-11-27"), Due(text="soon")


def run(candidates: Mapping[int, Candidate], records: Mapping[int, Mapping[Kind, float]]) -> Synthesis:
    found = drive(expertise(Inputs(candidates=candidates, places=PLACES, quorum=1, records=records)), [])
    assert isinstance(found, Synthesis)
    return found


def decided(found: Synthesis) -> list[str]:
    return [one.text for one in found.decisions]


@pytest.mark.parametrize(
    ("factor", "kept"),
    [(0.5, []), (1.0, []), (2.0, ["Hire two testers"]), (4.0, ["Hire two testers"])],
)
def test_a_seat_that_outweighs_the_others_decides_alone(factor: float, kept: list[str]) -> None:
    found = run(panel(candidate(HIRE), candidate(), candidate()), {0: {"decisions": factor}})

    assert decided(found) == kept


def test_what_the_one_that_knows_lacks_is_believed_less() -> None:
    seats = panel(candidate(), candidate(HIRE), candidate(HIRE))

    (doubted,), (plain,) = (run(seats, {0: {"decisions": factor}}).decisions for factor in (1.9, 1.0))

    assert doubted.confidence < plain.confidence


def test_a_record_in_one_kind_says_nothing_of_another() -> None:
    seats = panel(candidate(HIRE), candidate(), candidate())

    assert decided(run(seats, {0: {"risks": 4.0}})) == []


def test_an_item_is_told_by_the_seat_that_knows_most_and_keeps_its_name_and_proof() -> None:
    seats = panel(candidate(SHIP), candidate(SHIP_TOO))

    by_proof, by_record = run(seats, {}), run(seats, {1: {"decisions": 1.5}})

    assert decided(by_proof) == ["The beta ships on Friday"]
    assert decided(by_record) == ["They ship the beta Friday"]
    assert by_record.decisions[0].id == by_proof.decisions[0].id
    assert by_record.decisions[0].evidence == by_proof.decisions[0].evidence
    assert by_record.decisions[0].seats == (0, 1)


def test_where_votes_tie_the_one_that_knows_says_who_and_when() -> None:
    one, other, third = (
        candidate().model_copy(update={"action_items": (SHIP.model_copy(update={"owner": owner, "due": due}),)})
        for owner, due in ((ANN, FRIDAY), (BO, SOON), (BO, SOON))
    )

    tied = run(panel(one, other, third), {0: {"action_items": 2.0}})
    even = run(panel(one, other), {})

    assert (tied.action_items[0].owner, tied.action_items[0].due) == (ANN, FRIDAY)
    assert tied.action_items[0].seats == (0, 1, 2)
    assert (even.action_items[0].owner, even.action_items[0].due) == (None, None)


def test_a_panel_without_records_keeps_what_a_consensus_keeps() -> None:
    seats = panel(candidate(SHIP, HIRE), candidate(SHIP_TOO), candidate(HIRE, language="de"))
    plain = drive(consensus(Inputs(candidates=seats, places=PLACES, quorum=1)), [])
    assert isinstance(plain, Synthesis)

    found = run(seats, {})

    assert (found.summary, found.language, found.seats) == (plain.summary, plain.language, plain.seats)
    for kind in KINDS:
        assert found.of(kind) == plain.of(kind)
