"""Where parts begin says all of them: they are made again from a few numbers, whatever becomes of the rules."""

from hypothesis import given
from hypothesis import strategies as st

from orchestrator.meeting import cuts
from orchestrator.meeting.segments import Part, Span, split
from orchestrator.meeting.transcript import Transcript, Utterance
from orchestrator.work.parts import WHOLE, Border, calls

MEETING = Transcript(
    utterances=tuple(Utterance(id=f"s{n}", text=text) for n, text in enumerate(("one two", "three", "four five six")))
)


def span(place: int, start: int, end: int) -> Span:
    return Span(place=place, start=start, end=end)


def test_a_meeting_that_is_not_cut_is_one_part() -> None:
    whole = Part(spans=(span(0, 0, 7), span(1, 0, 5), span(2, 0, 13)))

    assert cuts.borders([whole]) == WHOLE
    assert cuts.parts(WHOLE, MEETING) == (whole,)
    assert calls(WHOLE) == 1


def test_parts_within_utterances_are_found_again_with_what_is_shown_before_them() -> None:
    parts = (
        Part(spans=(span(0, 0, 7), span(1, 0, 5), span(2, 0, 5))),
        Part(spans=(span(2, 5, 10),), context=(span(1, 0, 5), span(2, 0, 5))),
        Part(spans=(span(2, 10, 13),), context=(span(2, 5, 10),)),
    )

    cut = cuts.borders(parts)

    assert cut[1] == Border(place=2, start=5, shown_place=1, shown_start=0)
    assert cuts.parts(cut, MEETING) == parts
    assert calls(cut) == 3


def test_a_part_that_ends_with_an_utterance_goes_no_further() -> None:
    cut = cuts.borders((Part(spans=(span(0, 0, 7),)), Part(spans=(span(1, 0, 5), span(2, 0, 13)))))

    first, second = cuts.parts(cut, MEETING)

    assert (first.spans, first.context) == ((span(0, 0, 7),), ())
    assert second.spans == (span(1, 0, 5), span(2, 0, 13))


@given(
    st.lists(st.text(alphabet="ab. ", min_size=1, max_size=60), min_size=1, max_size=12),
    st.integers(min_value=16, max_value=80),
    st.integers(min_value=0, max_value=3),
)
def test_any_split_is_made_again_from_its_borders(texts: list[str], budget: int, context: int) -> None:
    meeting = Transcript(utterances=tuple(Utterance(id=f"s{n}", text=text) for n, text in enumerate(texts)))

    parts = split(meeting, budget, lambda utterance: len(utterance.text), context=context)

    assert cuts.parts(cuts.borders(parts), meeting) == parts
