"""What is likely enough by votes and proof is kept, in the words that are best borne out."""

from itertools import permutations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from orchestrator.analysis.evidence import UNPROVED
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
    ("with_it", "without_it", "confidence", "kept"),
    [
        (1, 0, 0.0, True),
        (1, 1, 0.3, True),
        (1, 1, 0.2, False),
        (1, 2, 0.4, True),
        (1, 2, 0.3, False),
        (1, 4, 0.6, True),
        (1, 4, 0.5, False),
        (1, 8, 0.9, False),
        (2, 3, 0.1, True),
    ],
)
def test_an_item_of_one_seat_needs_the_better_proof_the_more_seats_lack_it(
    with_it: int, without_it: int, confidence: float, kept: bool
) -> None:
    one = SHIP.model_copy(update={"confidence": confidence})

    found = run(*[candidate(one)] * with_it, *[candidate()] * without_it)

    assert bool(texts(found)) == kept


@pytest.mark.parametrize(("places", "kept"), [(("s2", "s2"), True), (("s2", "s3"), True), (("s2", "s20"), False)])
def test_votes_count_more_when_their_proofs_lie_together(places: tuple[str, str], kept: bool) -> None:
    one, other = (item("The beta ships on Friday", place) for place in places)

    found = run(candidate(one), candidate(other), candidate(), candidate(), candidate())

    assert bool(texts(found)) == kept


def test_where_the_proofs_of_a_panel_never_meet_the_votes_decide() -> None:
    panel = [candidate(item("The beta ships on Friday", f"s{place}")) for place in (2, 8, 14, 20)]

    assert texts(run(*panel, candidate())) == ["The beta ships on Friday"]


def test_a_seats_weight_counts() -> None:
    panel = candidate(SHIP.model_copy(update={"confidence": 0.3})), candidate(), candidate()

    assert texts(run(*panel)) == []
    assert texts(run(*panel, weights={0: 4.0})) == ["The beta ships on Friday"]


def test_a_seats_record_counts_in_the_kind_that_it_is_of() -> None:
    doubtful = SHIP.model_copy(update={"confidence": 0.3})
    both = candidate(doubtful).model_copy(update={"risks": (doubtful,)})
    panel = {seat: seated(one, seat) for seat, one in enumerate((both, candidate(), candidate()))}

    found = drive(consensus(Inputs(candidates=panel, places=PLACES, quorum=1, records={0: {"risks": 4.0}})), [])

    assert isinstance(found, Synthesis)
    assert found.decisions == ()
    assert [one.text for one in found.risks] == ["The beta ships on Friday"]


@pytest.mark.parametrize(
    ("with_it", "without_it", "expected"),
    [(1, 0, 0.6311), (1, 1, 0.581), (2, 0, 0.9227), (2, 1, 0.9063), (3, 0, 0.9914)],
)
def test_confidence_is_what_votes_proof_and_agreement_make_likely(
    with_it: int, without_it: int, expected: float
) -> None:
    found = run(*[candidate(SHIP)] * with_it, *[candidate()] * without_it)

    assert found.decisions[0].confidence == expected


def test_who_contradicts_the_words_that_were_chosen_does_not_back_them() -> None:
    two, three = item("Hire 2 testers", "s2"), item("Hire 3 testers", "s2", "s3")

    found = run(candidate(two), candidate(three), candidate(item("They hire two testers", "s2")))

    (one,) = found.decisions
    assert one.seats == (0, 2)
    assert {name for piece in one.evidence for name in piece.utterances} == {"s2"}


def test_a_detail_that_the_proof_has_wins_over_one_that_it_lacks() -> None:
    right = item("Ann posts the minutes", "s2", quote="I, Ann, post the minutes")
    wrong = item("Bob posts the minutes", "s2", quote="post the minutes")

    found = run(candidate(right), candidate(wrong))

    assert texts(found) == ["Ann posts the minutes"]


@pytest.mark.parametrize("order", list(permutations(range(3))))
def test_the_best_proved_wording_is_told_with_the_proof_of_all(order: tuple[int, ...]) -> None:
    seats = [
        candidate(item("The beta ships on Friday", "s2", confidence=0.5)),
        candidate(item("They ship the beta Friday", "s3", "s2", confidence=0.7)),
        candidate(),
    ]

    found = run(*(seats[number] for number in order))

    (one,) = found.decisions
    assert one.text == "They ship the beta Friday"
    assert one.id == seats[1].decisions[0].id
    assert [piece.utterances for piece in one.evidence] == [("s2",), ("s3",)]
    assert one.seats == tuple(sorted((order.index(0), order.index(1))))


def test_what_is_not_proved_is_no_likelier_for_being_repeated() -> None:
    claimed = candidate(SHIP.model_copy(update={"verified": False, "confidence": UNPROVED}))

    for panel in ([claimed] * 5, [candidate(SHIP), claimed], [claimed, candidate(SHIP), candidate(SHIP)]):
        one = run(*panel).decisions[0]
        assert not one.verified
        assert one.confidence <= UNPROVED


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


def test_shared_items_whose_words_nobody_bears_out_are_left_out_unless_all_back_them() -> None:
    one = item("Ann posts minutes", "s2", quote="minutes")
    other = item("The minutes, whoever finally publishes them", "s2", quote="minutes")

    assert texts(run(candidate(one), candidate(other)))
    assert texts(run(candidate(one), candidate(other), candidate())) == []
    assert texts(run(candidate(one), candidate(one), candidate())) == ["Ann posts minutes"]
