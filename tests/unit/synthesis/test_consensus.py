"""What the seats agree on is kept, in the words and with the proof of the best."""

from itertools import permutations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from orchestrator.analysis.items import KINDS, Candidate, Due, Item, Owner
from orchestrator.synthesis.consensus import consensus
from orchestrator.synthesis.flow import Inputs, Synthesis, drive
from tests.unit.analysis.samples import PLACES, candidate, item, panels, seated

SHIP = item("The beta ships on Friday", "s2")
HIRE = item("Hire two testers", "s5", confidence=0.8)
ANN, BO = Owner(name="Ann Lee", id="u1"), Owner(name="Bo")


def run(*panel: Candidate, weights: dict[int, float] | None = None) -> Synthesis:
    """The consensus of candidates, seated in order."""
    seats = {seat: seated(one, seat) for seat, one in enumerate(panel)}
    found = drive(consensus(Inputs(candidates=seats, places=PLACES, quorum=1, weights=weights or {})), [])
    assert isinstance(found, Synthesis)
    return found


def acting(*items: Item) -> Synthesis:
    """The consensus of seats that each bring one action item."""
    return run(*(candidate().model_copy(update={"action_items": (one,)}) for one in items))


def texts(found: Synthesis) -> list[str]:
    return [one.text for one in found.decisions]


@pytest.mark.parametrize(
    ("with_it", "without_it", "kept"),
    [(1, 0, True), (1, 1, True), (1, 2, False), (2, 1, True), (1, 3, False), (2, 2, True), (2, 3, False), (3, 2, True)],
)
def test_an_item_needs_half_of_the_seats(with_it: int, without_it: int, kept: bool) -> None:
    found = run(*[candidate(SHIP)] * with_it, *[candidate(HIRE)] * without_it)

    assert ("The beta ships on Friday" in texts(found)) == kept


def test_a_seats_weight_counts() -> None:
    panel = candidate(SHIP), candidate(), candidate()

    assert texts(run(*panel)) == []
    assert texts(run(*panel, weights={0: 2.0})) == ["The beta ships on Friday"]


@pytest.mark.parametrize(
    ("with_it", "without_it", "expected"),
    [(1, 0, 0.6), (1, 1, 0.3), (2, 0, 0.7), (2, 1, 0.4667), (3, 0, 0.7333)],
)
def test_confidence_is_support_and_the_gap_that_agreement_closes(
    with_it: int, without_it: int, expected: float
) -> None:
    found = run(*[candidate(SHIP)] * with_it, *[candidate()] * without_it)

    assert found.decisions[0].confidence == expected


@pytest.mark.parametrize("order", list(permutations(range(3))))
def test_the_best_proved_wording_is_told_with_the_proof_of_all(order: tuple[int, ...]) -> None:
    seats = [
        candidate(item("The beta ships on Friday", "s2", confidence=0.5)),
        candidate(item("They ship the beta Friday", "s3", "s2", confidence=0.7)),
        candidate(HIRE),
    ]

    found = run(*(seats[number] for number in order))

    (one,) = found.decisions
    assert one.text == "They ship the beta Friday"
    assert one.id == seats[1].decisions[0].id
    assert [piece.utterances for piece in one.evidence] == [("s2",), ("s3",)]
    assert one.seats == tuple(sorted((order.index(0), order.index(1))))


def test_an_item_is_verified_when_all_its_seats_are() -> None:
    doubtful = SHIP.model_copy(update={"verified": False})

    assert run(candidate(SHIP), candidate(SHIP)).decisions[0].verified
    assert not run(candidate(SHIP), candidate(doubtful)).decisions[0].verified


@pytest.mark.parametrize(
    ("owners", "expected"),
    [
        ([None, None], None),
        ([ANN, None, None], ANN),
        ([ANN, ANN, BO], ANN),
        ([ANN, BO], None),
        ([ANN, Owner(name="Friday")], Owner(name="Friday")),
        ([Owner(name="beta"), Owner(name="Friday")], None),
    ],
)
def test_the_owner_is_voted_on(owners: list[Owner | None], expected: Owner | None) -> None:
    one = item("The beta ships on Friday", "s2", quote="the beta ships on Friday")

    found = acting(*(one.model_copy(update={"owner": owner}) for owner in owners))

    assert found.action_items[0].owner == expected


def test_votes_weigh_as_much_as_their_seats() -> None:
    owners = [ANN, ANN, BO]
    panel = [
        candidate().model_copy(update={"action_items": (SHIP.model_copy(update={"owner": one}),)}) for one in owners
    ]

    found = run(*panel, weights={2: 2.5})

    assert found.action_items[0].owner == BO


FRIDAY, BY_FRIDAY = Due(text="Friday", date="2026-11-27"), Due(text="by Friday", date="2026-11-27")


@pytest.mark.parametrize(
    ("dues", "expected"),
    [
        ([None, None], None),
        ([FRIDAY, None], FRIDAY),
        ([FRIDAY, BY_FRIDAY], BY_FRIDAY),
        ([FRIDAY, BY_FRIDAY, Due(text="soon")], BY_FRIDAY),
        ([Due(text="Soon"), Due(text="soon"), FRIDAY], Due(text="Soon")),
        ([FRIDAY, Due(text="soon")], None),
    ],
)
def test_the_due_day_is_voted_on(dues: list[Due | None], expected: Due | None) -> None:
    found = acting(*(SHIP.model_copy(update={"due": due}) for due in dues))

    assert found.action_items[0].due == expected


def test_the_summary_is_the_one_most_like_the_others() -> None:
    odd = candidate(summary="Cats are nice.")
    near, nearer = candidate(summary="The beta ships Friday."), candidate(summary="The beta ships on Friday, Bo said.")

    found = run(odd, near, nearer, candidate(summary="Bo said the beta ships."))

    assert found.summary.text == "The beta ships on Friday, Bo said."


def test_an_empty_summary_is_the_last_choice() -> None:
    assert run(candidate(summary=""), candidate(summary="They met.")).summary.text == "They met."


@pytest.mark.parametrize(
    ("languages", "expected"),
    [
        (["en", "de", "en"], "en"),
        (["en", "de"], "de"),
        (["und", "und", "fr"], "fr"),
        (["und"], "und"),
    ],
)
def test_the_language_is_voted_on(languages: list[str], expected: str) -> None:
    assert run(*(candidate(language=language) for language in languages)).language == expected


@given(panels(max_seats=4).flatmap(lambda panel: st.tuples(st.just(panel), st.permutations(list(panel)))))
def test_the_order_of_seats_changes_nothing_but_their_numbers(made: tuple[dict[int, Candidate], list[int]]) -> None:
    panel, order = made
    moved = [panel[order.index(seat)] for seat in range(len(order))]

    found, expected = run(*moved), run(*panel.values())

    for kind in KINDS:
        renumbered = tuple(
            one.model_copy(update={"seats": tuple(sorted(order[seat] for seat in one.seats))})
            for one in expected.of(kind)
        )
        assert found.of(kind) == renumbered
    assert (found.summary, found.language) == (expected.summary, expected.language)


@given(panels(min_seats=2))
def test_unanimity_is_kept(panel: dict[int, Candidate]) -> None:
    shared = item("Everybody heard the whale sing", "s20", kind="decisions", confidence=0.9)
    agreed = [one.model_copy(update={"decisions": (*one.decisions, shared)}) for one in panel.values()]

    found = run(*agreed)

    (kept,) = [one for one in found.decisions if one.text == shared.text]
    assert kept.seats == tuple(range(len(panel)))
    assert kept.confidence >= shared.confidence
