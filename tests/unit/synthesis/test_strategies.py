"""Laws that hold for every strategy of the table, whatever the models beside the panel answer."""

from functools import partial

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from orchestrator.analysis import beside
from orchestrator.analysis.items import KINDS, Candidate, Item
from orchestrator.synthesis import STRATEGIES
from orchestrator.synthesis.flow import Needs, Question, Synthesis, drive
from tests.unit.analysis.samples import candidate, item, panels, seated
from tests.unit.synthesis.playing import DROP_ALL, EVERYBODY, Answer, any_answers, inputs, play, replies

strategies = pytest.mark.parametrize("strategy", STRATEGIES)
few = settings(max_examples=50)  # of five strategies each
voting = pytest.mark.parametrize("strategy", [name for name in STRATEGIES if name != "single"])


def run(strategy: str, panel: dict[int, Candidate], answers: list[Answer] | None = None) -> Synthesis:
    return asking(strategy, panel, answers)[0]


def asking(
    strategy: str, panel: dict[int, Candidate], answers: list[Answer] | None = None
) -> tuple[Synthesis, list[Question]]:
    return play(partial(STRATEGIES[strategy].strategy, inputs(panel)), answers or [])


@pytest.mark.parametrize(
    ("strategy", "min_seats", "max_seats", "asks"),
    [
        ("single", 1, 1, {}),
        ("consensus", 2, None, {}),
        ("expertise", 2, None, {}),
        ("hierarchical", 2, None, {"lead": 1}),
        ("competitive", 2, None, {"judge": 3}),
    ],
)
def test_planning_finds_each_strategys_rule(
    strategy: str, min_seats: int, max_seats: int | None, asks: dict[str, int]
) -> None:
    rule = STRATEGIES[strategy]

    assert (rule.min_seats, rule.max_seats, rule.asks) == (min_seats, max_seats, asks)
    assert {seats: rule.default_quorum(seats) for seats in (1, 2, 3, 4, 5)} == {1: 1, 2: 2, 3: 2, 4: 3, 5: 3}


def test_labels_have_words_and_losses_for_every_strategy_that_asks() -> None:
    asking_ones = {name for name, rule in STRATEGIES.items() if rule.asks}

    assert asking_ones <= beside._WORDS.keys() <= STRATEGIES.keys()
    assert beside._WORDS.keys() == beside._LOSSES.keys()


@strategies
@few
@given(panel=panels(), answers=any_answers())
def test_nothing_is_invented(strategy: str, panel: dict[int, Candidate], answers: list[Answer]) -> None:
    found = run(strategy, panel, answers)

    summaries = [one.summary for one in panel.values()]
    assert found.summary.text in {one.text for one in summaries}
    assert set(found.summary.bullets) <= {bullet for one in summaries for bullet in one.bullets}
    assert found.language in {"und", *(one.language for one in panel.values())}
    for kind in KINDS:
        brought = [one for given_by in panel.values() for one in given_by.of(kind)]
        pieces = {piece for one in brought for piece in one.evidence}
        for one in found.of(kind):
            assert one.text in {other.text for other in brought}
            assert name_of(one) in {name_of(other) for other in brought}
            assert set(one.evidence) <= pieces
            assert one.owner is None or one.owner in {other.owner for other in brought}
            assert one.due is None or one.due in {other.due for other in brought}


@strategies
@few
@given(panel=panels(), answers=any_answers())
def test_every_item_names_the_seats_that_have_it_and_has_an_id_of_its_own(
    strategy: str, panel: dict[int, Candidate], answers: list[Answer]
) -> None:
    found = run(strategy, panel, answers)

    assert set(found.seats) <= set(panel)
    for kind in KINDS:
        assert len({one.id for one in found.of(kind)}) == len(found.of(kind))
        for one in found.of(kind):
            assert one.seats
            assert list(one.seats) == sorted(set(one.seats))
            assert set(one.seats) <= set(found.seats)
            assert all(panel[seat].of(kind) for seat in one.seats)
            assert one.text in {mine.text for seat in one.seats for mine in panel[seat].of(kind)}


@strategies
@few
@given(panel=panels(), answers=any_answers())
def test_the_same_inputs_and_answers_give_the_same_synthesis(
    strategy: str, panel: dict[int, Candidate], answers: list[Answer]
) -> None:
    turned = dict(reversed(panel.items()))

    found, asked = asking(strategy, panel, answers)
    again, asked_again = asking(strategy, turned, answers)

    assert found.model_dump_json() == again.model_dump_json()
    assert asked == asked_again


@voting
@few
@given(
    made=panels(max_seats=4).flatmap(lambda panel: st.tuples(st.just(panel), st.permutations(list(panel)))),
    answers=any_answers(),
)
def test_the_order_of_seats_changes_nothing_but_their_numbers(
    strategy: str, made: tuple[dict[int, Candidate], list[int]], answers: list[Answer]
) -> None:
    panel, order = made
    moved = {order[seat]: seated(one, order[seat]) for seat, one in panel.items()}

    expected, asked = asking(strategy, panel, answers)
    found, asked_again = asking(strategy, moved, answers)

    assert asked == asked_again
    assert (found.summary, found.language) == (expected.summary, expected.language)
    for kind in KINDS:
        renumbered = tuple(
            one.model_copy(update={"seats": tuple(sorted(order[seat] for seat in one.seats))})
            for one in expected.of(kind)
        )
        assert found.of(kind) == renumbered


@strategies
@few
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


@strategies
@few
@given(panel=panels(min_seats=2), answers=st.just([DROP_ALL]) | any_answers())
def test_unanimity_is_kept(strategy: str, panel: dict[int, Candidate], answers: list[Answer]) -> None:
    shared = item("Everybody heard the whale sing", "s20", kind="decisions", confidence=0.9)
    agreed = {
        seat: seated(one.model_copy(update={"decisions": (*one.decisions, shared)}), seat)
        for seat, one in panel.items()
    }

    found = run(strategy, agreed, answers)

    (kept,) = [one for one in found.decisions if one.text == shared.text]
    assert kept.seats == found.seats
    assert kept.confidence >= shared.confidence


@strategies
@few
@given(panel=panels(), answers=any_answers(), leads=st.integers(0, 2), judges=st.integers(0, 5))
def test_no_more_is_asked_than_is_at_hand_and_the_rule_allows(
    strategy: str, panel: dict[int, Candidate], answers: list[Answer], leads: int, judges: int
) -> None:
    given_to = inputs(panel, at_hand={"lead": leads, "judge": judges})
    allowed = STRATEGIES[strategy].asks

    found, asked = play(partial(STRATEGIES[strategy].strategy, given_to), answers)

    assert (len(asked), len({one.name for one in asked})) == (found.asked, found.asked)
    assert found.heard <= found.asked
    for role in ("lead", "judge"):
        assert sum(one.role == role for one in asked) <= min(allowed.get(role, 0), given_to.at_hand[role])


@voting
@few
@given(panel=panels())
def test_an_item_has_one_name_under_every_strategy(strategy: str, panel: dict[int, Candidate]) -> None:
    names = {identity(kind, one): name_of(one) for kind in KINDS for one in run("consensus", panel).of(kind)}

    found = run(strategy, panel)

    same = {identity(kind, one): name_of(one) for kind in KINDS for one in found.of(kind)}
    assert all(same[key] == name for key, name in names.items() if key in same)


def identity(kind: str, one: Item) -> tuple[object, ...]:
    """What makes an item the same item: of which kind, proved by what, had by whom."""
    return kind, one.evidence, one.seats


def name_of(one: Item) -> str:
    """An id without the number that tells it from others of its list."""
    return one.id.partition("-")[0]


@strategies
@few
@given(panel=panels(), answers=any_answers())
def test_a_replay_over_the_stored_replies_asks_nobody_and_is_the_same(
    strategy: str, panel: dict[int, Candidate], answers: list[Answer]
) -> None:
    found, asked = asking(strategy, panel, answers)
    stored = [replies(answers[: len(asked)])] if asked else []

    replayed = drive(STRATEGIES[strategy].strategy(inputs(panel, at_hand=EVERYBODY)), stored)

    assert replayed == found


@strategies
@few
@given(panel=panels(), answers=any_answers())
def test_what_is_asked_together_depends_on_no_answer_of_the_round(
    strategy: str, panel: dict[int, Candidate], answers: list[Answer]
) -> None:
    """So they can be asked in parallel, and be known again whichever of them came back."""
    found, asked = asking(strategy, panel, answers)
    _, without = asking(strategy, panel, [])

    first = drive(STRATEGIES[strategy].strategy(inputs(panel)), [])

    assert asked == without == (list(first.questions) if isinstance(first, Needs) else [])
    assert len({one.model_dump_json() for one in asked}) == len(asked) == found.asked


@strategies
@few
@given(panel=panels(), leads=st.integers(0, 1), judges=st.integers(0, 3))
def test_with_fewer_at_hand_the_first_of_the_same_questions_are_asked(
    strategy: str, panel: dict[int, Candidate], leads: int, judges: int
) -> None:
    """A reply that is stored is of use to a replay with other models at hand."""
    _, asked = asking(strategy, panel)
    fewer = inputs(panel, at_hand={"lead": leads, "judge": judges})

    _, of_fewer = play(partial(STRATEGIES[strategy].strategy, fewer), [])

    assert of_fewer == asked[: len(of_fewer)]


def test_a_single_seats_word_is_its_candidate_as_it_is() -> None:
    first, second = seated(candidate(item("Ship", "s1"), language="de"), 4), seated(candidate(item("Hire", "s2")), 7)

    found = run("single", {7: second, 4: first})

    assert found.seats == (4,)
    assert (found.language, found.summary, found.decisions) == ("de", first.summary, first.decisions)
