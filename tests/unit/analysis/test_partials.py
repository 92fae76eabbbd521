"""What has been found so far: all that is verified, each matter once, nothing decided."""

from collections import Counter
from itertools import permutations

from hypothesis import given
from hypothesis import strategies as st

from orchestrator.analysis.items import KINDS, Candidate, Due, Item, Owner
from orchestrator.analysis.partials import MOST_NAMED, Named, news, so_far
from orchestrator.synthesis import STRATEGIES
from orchestrator.synthesis.flow import Inputs, Synthesis, drive
from tests.unit.analysis.samples import PLACES, candidate, item, panels, seated

SHIP = item("The beta ships on Friday", "s2")
HIRE = item("Hire two testers", "s5")


def panel(*candidates: Candidate) -> dict[int, Candidate]:
    return {seat: seated(one, seat) for seat, one in enumerate(candidates)}


def partly_proved(panels: dict[int, Candidate], lies: set[int]) -> dict[int, Candidate]:
    """The same panel, of whose items every so many are not verified."""

    def marked(seat: int, items: tuple[Item, ...]) -> tuple[Item, ...]:
        return tuple(one.model_copy(update={"verified": (seat + place) not in lies}) for place, one in enumerate(items))

    return {
        seat: one.model_copy(update={kind: marked(seat, one.of(kind)) for kind in KINDS})
        for seat, one in panels.items()
    }


def name(item_id: str) -> str:
    """An id without the number by which items of one proof are told apart."""
    return item_id.partition("-")[0]


def test_what_two_seats_have_stands_once_with_both_and_the_proof_of_both() -> None:
    other = item("The beta ships on Friday", "s3", confidence=0.5)

    (found,) = so_far(panel(candidate(SHIP), candidate(other)), PLACES)["decisions"]

    assert (found.text, found.seats, found.verified) == (SHIP.text, (0, 1), True)
    assert found.named == (Named(seat=0, id=SHIP.id), Named(seat=1, id=other.id))
    assert {place for piece in found.evidence for place in piece.utterances} == {"s2", "s3"}


def test_an_item_that_a_synthesis_would_drop_is_there_as_nothing_is_decided() -> None:
    weak = HIRE.model_copy(update={"confidence": 0.1})

    found = so_far(panel(candidate(weak), *[candidate()] * 4), PLACES)["decisions"]

    assert [one.text for one in found] == [HIRE.text]


def test_rival_readings_of_one_matter_are_items_of_their_own() -> None:
    rivals = [item(f"The budget is {amount} euros", "s4") for amount in (5_000, 5_000, 7_000)]

    found = so_far(panel(*map(candidate, rivals)), PLACES)["decisions"]

    assert [(one.text, one.seats) for one in found] == [
        ("The budget is 5000 euros", (0, 1)),
        ("The budget is 7000 euros", (2,)),
    ]


def test_owner_due_and_confidence_are_those_of_the_seat_whose_words_are_shown() -> None:
    one = HIRE.model_copy(update={"owner": Owner(name="Ann"), "due": Due(text="soon"), "confidence": 0.7})
    other = HIRE.model_copy(update={"owner": Owner(name="Bo"), "confidence": 0.4})

    (found,) = so_far(panel(candidate(other), candidate(one)), PLACES)["decisions"]

    assert (found.owner, found.due, found.confidence) == (one.owner, one.due, 0.7)


def test_nobody_has_answered_yet() -> None:
    assert so_far({}, PLACES) == dict.fromkeys(KINDS, ())


@given(panels(max_seats=4), st.sets(st.integers(0, 5)))
def test_each_verified_item_of_each_seat_is_in_exactly_one_and_no_other_is(
    panels: dict[int, Candidate], lies: set[int]
) -> None:
    mixed = partly_proved(panels, lies)

    for kind, found in so_far(mixed, PLACES).items():
        proved = Counter((seat, one.id) for seat in mixed for one in mixed[seat].of(kind) if one.verified)
        assert Counter((one.seat, one.id) for item in found for one in item.named) == proved
        assert all(item.verified and item.seats == tuple(one.seat for one in item.named) for item in found)
        assert len({item.id for item in found}) == len(found)


@given(panels(max_seats=4))
def test_the_order_of_the_seats_does_not_matter(panels: dict[int, Candidate]) -> None:
    def told(order: tuple[int, ...]) -> list[list[tuple[str, str]]]:
        found = so_far({place: seated(panels[seat], place) for place, seat in enumerate(order)}, PLACES)
        return [[(one.id, one.text) for one in found[kind]] for kind in KINDS]

    first, *others = [told(order) for order in permutations(sorted(panels))]

    assert all(other == first for other in others)


@given(panels(min_seats=2, max_seats=4), st.sampled_from(["consensus", "expertise"]))
def test_an_item_that_a_synthesis_over_the_same_seats_keeps_has_its_words_and_its_name_before(
    panels: dict[int, Candidate], strategy: str
) -> None:
    made = drive(STRATEGIES[strategy].strategy(Inputs(candidates=panels, places=PLACES, quorum=1)), [])
    assert isinstance(made, Synthesis)

    for kind, found in so_far(panels, PLACES).items():
        known = Counter((name(one.id), one.text) for one in found)
        assert Counter((name(one.id), one.text) for one in made.of(kind)) <= known


@given(panels(min_seats=2, max_seats=4))
def test_an_item_that_is_kept_was_told_under_its_name_by_one_of_its_seats(panels: dict[int, Candidate]) -> None:
    made = drive(STRATEGIES["consensus"].strategy(Inputs(candidates=panels, places=PLACES, quorum=1)), [])
    assert isinstance(made, Synthesis)

    told = {(seat, kind, name(one.id)) for seat in panels for kind in KINDS for one in panels[seat].of(kind)}
    for kind in KINDS:
        assert all(any((seat, kind, name(one.id)) in told for seat in one.seats) for one in made.of(kind))


@given(panels(max_seats=1), st.sets(st.integers(0, 3)))
def test_the_news_of_a_seat_are_ids_and_counts_of_what_is_verified(
    panels: dict[int, Candidate], lies: set[int]
) -> None:
    (one,) = partly_proved(panels, lies).values()

    told = news(7, one.model_dump(mode="json"))

    expected = {kind: [item.id for item in one.of(kind) if item.verified] for kind in KINDS}
    by_kind = {kind: ids for kind, ids in expected.items() if ids}
    counts = {kind: len(ids) for kind, ids in by_kind.items()}
    assert told == ({"seat": 7, "counts": counts, "items": by_kind} if by_kind else None)


def test_an_event_names_no_more_items_than_one_answer_holds_and_counts_all() -> None:
    many = [item(f"word{number}", "s1").model_copy(update={"id": f"itm_{number}"}) for number in range(MOST_NAMED + 7)]

    told = news(0, candidate(*many).model_dump(mode="json"))

    assert told is not None
    assert told["counts"] == {"decisions": MOST_NAMED + 7}
    assert told["items"] == {"decisions": [one.id for one in many[:MOST_NAMED]]}
