"""The export as chapters: by the letters of WebVTT, and read back by our own reader of captions."""

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from api.exports import chapters
from api.exports.material import Material
from orchestrator.analysis.items import Evidence, Item
from tests.unit.api.exporting import material, poisoned
from tests.unit.api.meetings import analysis, item
from tests.unit.api.test_report_page import HOSTILE


def topic(text: str, *starts_s: float | None) -> Item:
    proofs = tuple(Evidence(utterances=("u1",), quote="ship", start_s=start_s) for start_s in starts_s)
    return item(text, ("u1",), "ship").model_copy(update={"evidence": proofs})


def written(*topics: Item) -> list[str]:
    return chapters.write(material(analysis(topics=topics))).split("\n")


def test_a_topic_is_a_chapter_from_its_first_word_to_the_next_topic() -> None:
    assert written(topic("Notes", 61.5, 65.0), topic("Release", 30.0, 2.25)) == [
        "WEBVTT",
        "",
        "NOTE Release planning: consensus of 2.",
        "",
        "00:00:02.250 --> 00:01:01.500",
        "Release",
        "",
        "00:01:01.500 --> 00:01:05.000",
        "Notes",
        "",
    ]


def test_topics_that_begin_together_are_one_chapter() -> None:
    assert written(topic("Notes", 1.0), topic("Release", 1.0004), topic("Rest", 2.0))[4:7] == [
        "00:00:01.000 --> 00:00:02.000",
        "Notes; Release",
        "",
    ]


def test_a_topic_with_the_last_word_lasts_a_second() -> None:
    assert written(topic("Notes", 65.0))[4] == "00:01:05.000 --> 00:01:06.000"


def test_without_a_transcript_the_last_chapter_lasts_a_second() -> None:
    whole = material(analysis(topics=(topic("Notes", 3.0),))).model_copy(update={"transcript": None})

    assert "00:00:03.000 --> 00:00:04.000" in chapters.write(whole)


@pytest.mark.parametrize(
    ("start_s", "clock"), [(0.0, "00:00:00.000"), (59.9996, "00:01:00.000"), (360_000.5, "100:00:00.500")]
)
def test_times_have_hours_as_many_as_it_takes(start_s: float, clock: str) -> None:
    assert written(topic("Notes", start_s))[4].startswith(f"{clock} --> ")


def test_topics_without_a_time_are_left_out_and_counted() -> None:
    found = written(topic("Notes", None), topic("Release", 1.0))

    assert found[2] == "NOTE Release planning: consensus of 2. Not here: 1 topic without a time."
    assert "Notes" not in found


def test_a_meeting_without_times_has_no_chapters() -> None:
    assert written(topic("Notes", None), topic("Release")) == [
        "WEBVTT",
        "",
        "NOTE Release planning: consensus of 2. Not here: 2 topics without a time.",
        "",
    ]


def timed(whole: Material) -> Material:
    """All that a stranger said, with times."""
    topics = tuple(
        one.model_copy(update={"evidence": tuple(p.model_copy(update={"start_s": 4.0}) for p in one.evidence)})
        for one in whole.analysis.topics
    )
    return whole.model_copy(update={"analysis": whole.analysis.model_copy(update={"topics": topics})})


@given(st.text(min_size=1))
@example("\n\n00:00:00.000 --> 00:00:09.000\nnot said")
@example(" ".join(HOSTILE)[:200])
@example("<b>&amp;")
def test_what_was_said_becomes_no_cue_and_no_markup(text: str) -> None:
    found = chapters.write(timed(poisoned(text))).split("\n")

    assert len(found) == 7
    assert [line for line in found if "-->" in line] == ["00:00:04.000 --> 00:00:05.000"]
    assert not set("<>") & set("".join(found[:4] + found[5:]))
