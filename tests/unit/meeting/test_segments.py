"""A transcript in parts: nothing lost, nothing doubled, each within its budget, and borders where the talk allows."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from orchestrator.meeting.segments import CONTEXT_SHARE, Part, TooSmall, shown, split
from orchestrator.meeting.transcript import Transcript, Utterance


def characters(utterance: Utterance) -> int:
    return len(utterance.text)


def line(utterance: Utterance) -> int:
    """A size that grows in steps and has a part that no cutting makes smaller, as a line of a prompt has."""
    return 3 + -(-len(utterance.text.encode()) // 4)


def meeting(*utterances: tuple[str | None, float | None, str]) -> Transcript:
    return Transcript(
        utterances=tuple(
            Utterance(id=f"s{number}", speaker=speaker, start_s=start_s, text=text)
            for number, (speaker, start_s, text) in enumerate(utterances)
        )
    )


def texts(transcript: Transcript, parts: tuple[Part, ...]) -> list[list[str]]:
    return [[shown(transcript, span).text for span in part.spans] for part in parts]


def test_what_fits_is_one_part_without_context() -> None:
    transcript = meeting(("A", None, "x" * 5), ("B", None, "y" * 5))

    (part,) = split(transcript, 10, characters, context=3)

    assert [shown(transcript, span) for span in part.spans] == list(transcript.utterances)
    assert (part.context, part.places) == ((), frozenset((0, 1)))


def test_parts_are_as_few_as_fit_and_about_equal() -> None:
    transcript = meeting(*(("A" if n % 2 else "B", None, "x" * 10) for n in range(12)))

    parts = split(transcript, 100, characters)

    assert [len(part.spans) for part in parts] == [6, 6]


def test_many_short_sentences_fill_a_part_together() -> None:
    transcript = meeting(("A", 1.0, "We go. " * 40))

    [first, *_rest] = texts(transcript, split(transcript, 112, characters))

    assert first == ["We go. " * 14]


@pytest.mark.parametrize(
    "utterances",
    [
        [("A", None, "word " * 8)] * 9 + [("B", None, "word " * 8)] * 3,
        [("A", float(n), "word " * 8) for n in range(9)] + [("A", 30.0 + n, "word " * 8) for n in range(3)],
        [("A", None, "pricing customers discount invoice")] * 9 + [("A", None, "holidays weather kitchen lunches")] * 3,
    ],
)
def test_a_part_ends_where_speaker_time_or_topic_change(utterances: list[tuple[str, float | None, str]]) -> None:
    transcript = meeting(*utterances)

    parts = split(transcript, 400, characters)

    assert [len(part.spans) for part in parts] == [9, 3]


def test_a_change_of_speaker_outweighs_any_pause() -> None:
    transcript = meeting(*(("A" if n < 7 else "B", 100.0 * max(0, n - 7), "x" * 10) for n in range(12)))

    assert [len(part.spans) for part in split(transcript, 100, characters)] == [7, 5]


def test_an_utterance_that_is_too_large_is_cut_after_sentences_and_keeps_its_name() -> None:
    transcript = meeting(("A", 1.0, "Hi."), ("B", 2.0, "We ship it. Then we rest. And you?  Yes."), ("A", 3.0, "No."))

    parts = split(transcript, 15, characters)

    assert texts(transcript, parts) == [["Hi.", "We ship it. "], ["Then we rest. "], ["And you?  Yes."], ["No."]]
    assert [[shown(transcript, span).id for span in part.spans] for part in parts] == [
        ["s0", "s1"],
        ["s1"],
        ["s1"],
        ["s2"],
    ]


@pytest.mark.parametrize(
    ("text", "pieces"),
    [
        ("we ship it today", ["we ", "ship ", "it ", "today"]),
        ("wwwwwwwwwwww", ["wwwww", "wwwww", "ww"]),
        ("我们发布。今天。", ["我们发布。", "今天。"]),
    ],
)
def test_without_sentences_words_are_kept_whole_and_without_words_characters(text: str, pieces: list[str]) -> None:
    transcript = meeting(("A", None, text))

    assert [part for (part,) in texts(transcript, split(transcript, 5, characters))] == pieces


def test_the_context_is_the_end_of_the_part_before_and_not_to_be_cited() -> None:
    transcript = meeting(*((f"P{n}", None, "x" * 10) for n in range(20)))

    first, *others = split(transcript, 160, characters, context=2)

    assert first.context == ()
    assert [[span.place for span in part.context] for part in others] == [
        [part.spans[0].place - 2, part.spans[0].place - 1] for part in others
    ]
    assert all(part.places.isdisjoint({span.place for span in part.context}) for part in others)


def test_a_budget_below_one_character_is_refused() -> None:
    with pytest.raises(TooSmall, match="too small for one character of utterance 2"):
        split(meeting(("A", None, "x"), ("B", None, "yy")), 1, lambda one: 1 if one.text == "x" else 2)


TEXT = st.lists(
    st.sampled_from(["we", "ship", "it.", "Why?", "山田。", "discount", "lunches!", "  ", "é"]), min_size=1, max_size=40
).map(" ".join)
MEETINGS = st.lists(
    st.tuples(st.sampled_from(["A", "B", None]), st.none() | st.floats(0, 500), TEXT), min_size=1, max_size=30
).map(lambda found: meeting(*found))


@given(MEETINGS, st.integers(8, 400), st.integers(0, 4))
def test_nothing_is_lost_or_doubled_and_each_part_fits(transcript: Transcript, budget: int, context: int) -> None:
    parts = split(transcript, budget, line, context=context)

    spans = [span for part in parts for span in part.spans]
    said = [
        "".join(shown(transcript, span).text for span in spans if span.place == place)
        for place in range(len(transcript.utterances))
    ]
    assert said == [one.text for one in transcript.utterances]
    assert spans == sorted(spans, key=lambda span: (span.place, span.start))
    assert all(span.start < span.end for span in spans)
    for part in parts:
        around = sum(line(shown(transcript, span)) for span in part.context)
        assert part.spans
        assert around + sum(line(shown(transcript, span)) for span in part.spans) <= budget
        assert around <= budget // CONTEXT_SHARE
    assert split(transcript, budget, line, context=context) == parts


@given(MEETINGS, st.integers(8, 400))
def test_only_an_utterance_that_is_too_large_alone_is_cut(transcript: Transcript, budget: int) -> None:
    for part in split(transcript, budget, line):
        for span in part.spans:
            whole = transcript.utterances[span.place]
            assert (span.start, span.end) == (0, len(whole.text)) or line(whole) > budget


@given(MEETINGS, st.integers(8, 400), st.integers(1, 4))
def test_a_context_is_what_stands_directly_before_its_part(transcript: Transcript, budget: int, context: int) -> None:
    before = ""
    for part in split(transcript, budget, line, context=context):
        assert len(part.context) <= context
        assert before.endswith("".join(shown(transcript, span).text for span in part.context))
        before += "".join(shown(transcript, span).text for span in part.spans)


@given(MEETINGS, st.integers(40, 400))
def test_parts_are_few(transcript: Transcript, budget: int) -> None:
    """At worst each border leaves room for the utterance that did not fit, and for what made a good border."""
    total = sum(line(one) for one in transcript.utterances)

    assert len(split(transcript, budget, line)) <= 1 + 2.5 * total / budget
