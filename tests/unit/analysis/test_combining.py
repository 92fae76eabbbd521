"""The answers about all parts become one answer, and never one that lacks a part."""

from collections.abc import Mapping
from itertools import permutations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from orchestrator.analysis.combining import PartsMissing, combine, own_of
from orchestrator.analysis.identity import utterances
from orchestrator.analysis.items import KINDS, Candidate, Due, Item, Kind, Owner, Summary
from orchestrator.analysis.replies import MAX_BULLETS, MAX_SUMMARY_CHARACTERS
from orchestrator.meeting.context import MeetingType
from orchestrator.meeting.segments import Part, Span
from orchestrator.meeting.transcript import Transcript, Utterance
from tests.unit.analysis.samples import PLACES, candidate, candidates, item

MEETING = Transcript(utterances=tuple(Utterance(id=name, text=f"said in {name}") for name in PLACES))
SIZE = len(PLACES)


def parts(*borders: int) -> list[Part]:
    """Parts of the meeting that begin at these places, beside the first."""
    begins = zip([0, *borders], [*borders, SIZE], strict=True)
    return [Part(spans=tuple(Span(place=n, start=0, end=1) for n in range(first, end))) for first, end in begins]


def of(found: Candidate) -> list[str]:
    return [one.text for one in found.decisions]


def test_items_of_all_parts_stand_in_the_order_of_the_meeting() -> None:
    answers = {2: candidate(item("Hire two", "s15")), 1: candidate(item("Ship it", "s3"), item("Book it", "s9"))}

    assert of(combine(answers, parts(12), MEETING)) == ["Ship it", "Book it", "Hire two"]


def test_the_same_item_on_both_sides_of_a_border_is_one_with_the_proof_of_both() -> None:
    weak = item("Ship the release on Friday", "s12", confidence=0.4)
    strong = item("Ship the release this Friday", "s13", confidence=0.7)
    owned = weak.model_copy(update={"owner": Owner(name="Ann"), "due": Due(text="Friday")})

    (found,) = combine({1: candidate(owned), 2: candidate(strong)}, parts(12), MEETING).decisions

    assert (found.text, found.confidence, found.seats) == (strong.text, 0.7, (0,))
    assert utterances(found) == {"s12", "s13"}
    assert (found.owner, found.due) == (Owner(name="Ann"), Due(text="Friday"))
    assert found.id == item("x", *(f"said in {name}" for name in ("s12", "s13"))).id
    assert found.verified


@pytest.mark.parametrize(
    ("one", "other"),
    [
        (item("Ship the release on Friday", "s5"), item("Ship the release this Friday", "s20")),  # far from the border
        (item("Ship the release Friday", "s12"), item("Do not ship the release Friday", "s13")),
        (item("Ship 2 releases", "s12"), item("Ship 3 releases", "s13")),
        (item("Ship the release", "s12"), item("Hire two testers", "s13")),
    ],
)
def test_different_items_stay_apart_wherever_they_are(one: Item, other: Item) -> None:
    assert of(combine({1: candidate(one), 2: candidate(other)}, parts(12), MEETING)) == [one.text, other.text]


def test_the_same_words_far_apart_are_one_item() -> None:
    answers = {1: candidate(item("Ship it", "s2")), 2: candidate(item("SHIP it", "s20"))}

    (found,) = combine(answers, parts(12), MEETING).decisions

    assert utterances(found) == {"s2", "s20"}


def test_two_parts_of_one_utterance_may_both_prove_an_item() -> None:
    answers = {1: candidate(item("Ship it today", "s12")), 2: candidate(item("Ship it today then", "s12"))}
    planned = [*parts(12)[:1], Part(spans=(Span(place=11, start=5, end=9),))]

    assert len(combine(answers, planned, MEETING).decisions) == 1


@pytest.mark.parametrize(("present", "missing"), [((1, 3), (2,)), ((2,), (1, 3)), ((), (1, 2, 3))])
def test_a_missing_part_is_told_and_nothing_is_combined(present: tuple[int, ...], missing: tuple[int, ...]) -> None:
    answers = {number: candidate() for number in present}

    with pytest.raises(PartsMissing) as refusal:
        combine(answers, parts(8, 16), MEETING)

    assert (refusal.value.parts, refusal.value.planned) == (missing, 3)
    assert str(refusal.value).endswith("of 3")


def test_an_answer_that_nobody_planned_is_refused() -> None:
    with pytest.raises(ValueError, match="answers for 3 parts, of which 2 were planned"):
        combine(dict.fromkeys((1, 2, 3), candidate()), parts(8), MEETING)


@given(candidates())
def test_one_part_is_the_whole(found: Candidate) -> None:
    assert combine({1: found}, parts(), MEETING) is found


@pytest.mark.parametrize(
    ("languages", "expected"),
    [(("en", "de", "de"), "de"), (("en", "de"), "en"), (("und", "und", "fr"), "fr"), (("und", "und"), "und")],
)
def test_the_language_of_most_parts_wins_and_who_does_not_know_has_no_vote(
    languages: tuple[str, ...], expected: str
) -> None:
    answers = {number: candidate(language=language) for number, language in enumerate(languages, start=1)}

    assert combine(answers, parts(*range(1, len(languages))), MEETING).language == expected


def summarised(*found: Summary) -> Summary:
    answers = {number: Candidate(language="en", summary=one) for number, one in enumerate(found, start=1)}
    return combine(answers, parts(*range(1, len(found))), MEETING).summary


def test_summaries_are_told_one_after_the_other_and_bullets_without_repeats() -> None:
    found = summarised(
        Summary(text="They met.", bullets=("Ship it", "Hire two", "ship it")),
        Summary(text="", bullets=()),
        Summary(text="They left.", bullets=("SHIP it", "Rest")),
    )

    assert found == Summary(text="They met. They left.", bullets=("Ship it", "Hire two", "Rest"))


def test_long_summaries_are_cut_after_a_sentence_and_short_ones_leave_them_their_room() -> None:
    long = "We ship it. " * 1000

    found = summarised(
        Summary(text=long, bullets=()), Summary(text="They met.", bullets=()), Summary(text=long, bullets=())
    )

    first, last = found.text.split(" They met. ")
    assert MAX_SUMMARY_CHARACTERS - 40 < len(found.text) <= MAX_SUMMARY_CHARACTERS
    assert abs(len(first) - len(last)) < len("We ship it. ") + 2
    assert first.endswith("ship it.")
    assert last.endswith("ship it.")


def test_too_many_bullets_are_taken_by_turns_and_told_in_order() -> None:
    found = summarised(*(Summary(text="", bullets=tuple(f"{part}-{n}" for n in range(15))) for part in "abc"))

    assert len(found.bullets) == MAX_BULLETS
    assert found.bullets == (
        *(f"a-{n}" for n in range(7)),
        *(f"b-{n}" for n in range(7)),
        *(f"c-{n}" for n in range(6)),
    )


def test_summaries_of_thousands_of_parts_stay_within_the_cap() -> None:
    utterances_ = tuple(Utterance(id=f"u{n}", text="x") for n in range(6000))
    planned = [Part(spans=(Span(place=n, start=0, end=1),)) for n in range(6000)]
    answers = dict.fromkeys(range(1, 6001), candidate(summary="They met."))

    found = combine(answers, planned, Transcript(utterances=utterances_))

    assert len(found.summary.text) <= MAX_SUMMARY_CHARACTERS


BORDERS = st.sets(st.integers(1, 8), min_size=1, max_size=3).map(sorted)


@st.composite
def answered(draw: st.DrawFn) -> tuple[dict[int, Candidate], list[Part]]:
    """Parts, and for each an answer whose items are proved within it."""
    planned = parts(*draw(BORDERS))
    found = {number: draw(candidates()) for number in range(1, len(planned) + 1)}
    return {number: within(one, planned[number - 1].places) for number, one in found.items()}, planned


def within(found: Candidate, places: frozenset[int]) -> Candidate:
    kept: Mapping[str, tuple[Item, ...]] = {
        kind: tuple(one for one in found.of(kind) if {PLACES[name] for name in utterances(one)} <= places)
        for kind in KINDS
    }
    return found.model_copy(update=dict(kept))


@given(answered())
def test_every_text_and_every_proof_is_kept_or_within_one_that_says_the_same(
    found: tuple[dict[int, Candidate], list[Part]],
) -> None:
    answers, planned = found

    whole = combine(answers, planned, MEETING)

    for kind in KINDS:
        before = [one for answer in answers.values() for one in answer.of(kind)]
        after = whole.of(kind)
        assert len(after) <= len(before)
        assert {one.text for one in after} <= {one.text for one in before}
        assert {piece for one in after for piece in one.evidence} <= {piece for one in before for piece in one.evidence}
        assert len({one.id for one in after}) == len(after)
        firsts = [min(PLACES[name] for name in utterances(one)) for one in after]
        assert firsts == sorted(firsts)
        assert all(any(utterances(one) & utterances(other) for other in after) for one in before)
    assert whole.dropped == sum(answer.dropped for answer in answers.values())


@given(answered())
def test_the_order_in_which_answers_came_does_not_matter(found: tuple[dict[int, Candidate], list[Part]]) -> None:
    answers, planned = found

    for order in permutations(answers):
        assert combine({number: answers[number] for number in order}, planned, MEETING) == combine(
            answers, planned, MEETING
        )


@given(answered(), st.data())
def test_no_part_is_ever_left_out_in_silence(
    found: tuple[dict[int, Candidate], list[Part]], data: st.DataObject
) -> None:
    answers, planned = found
    lost = data.draw(st.sets(st.sampled_from(sorted(answers)), min_size=1))

    with pytest.raises(PartsMissing) as refusal:
        combine({number: one for number, one in answers.items() if number not in lost}, planned, MEETING)

    assert set(refusal.value.parts) == lost


@pytest.mark.parametrize(
    ("votes", "expected"),
    [
        (("sales", "support", "sales"), "sales"),
        (("sales", None, None), "sales"),
        (("sales", "support"), None),
        ((None, None), None),
    ],
)
def test_the_meetings_type_is_what_most_parts_vote_for(
    votes: tuple[MeetingType | None, ...], expected: MeetingType | None
) -> None:
    answers = {
        number: candidate().model_copy(update={"meeting_type": vote}) for number, vote in enumerate(votes, start=1)
    }

    assert combine(answers, parts(*range(1, len(votes))), MEETING).meeting_type == expected


def test_what_was_refused_of_all_parts_adds_up_by_kind() -> None:
    refused: tuple[dict[Kind, int], ...] = ({"risks": 2}, {"risks": 1, "topics": 4})
    answers = {n: candidate().model_copy(update={"refused": one}) for n, one in enumerate(refused, start=1)}

    assert combine(answers, parts(12), MEETING).refused == {"topics": 4, "risks": 3}


def test_the_answer_about_the_only_part_is_the_whole_answer_its_vote_included() -> None:
    found = candidate(item("Ship it", "s3")).model_copy(update={"meeting_type": "sales"})

    assert combine({1: found}, parts(), MEETING) is found


def test_what_others_alone_prove_is_left_to_them_and_counted() -> None:
    second = parts(12)[1]
    answer = candidate(item("Ship it", "s3"), item("Hire two", "s12", "s13"), item("Book it", "s15")).model_copy(
        update={"dropped": 1, "removed": {"item": 1}}
    )

    found = own_of(answer, second, MEETING)

    inside = {MEETING.utterances[place].id for place in second.places}
    assert of(found) == [one.text for one in answer.decisions if utterances(one) & inside] != of(answer)
    left = len(answer.decisions) - len(found.decisions)
    assert (found.dropped, found.removed) == (1 + left, {"item": 1, "outside": left})


def test_an_answer_that_keeps_to_its_part_is_left_as_it_is() -> None:
    answer = candidate(item("Ship it", "s3"))

    assert own_of(answer, parts(12)[0], MEETING) == answer


def test_what_the_parts_left_out_is_added_by_its_kind() -> None:
    one = candidate().model_copy(update={"dropped": 3, "removed": {"item": 2, "due": 1}})
    two = candidate().model_copy(update={"dropped": 2, "removed": {"item": 1, "outside": 1}})

    found = combine({1: one, 2: two}, parts(12), MEETING)

    assert (found.dropped, found.removed) == (5, {"due": 1, "item": 3, "outside": 1})
