"""Rows of older releases are read by this one."""

from orchestrator.analysis.items import Analysis, Candidate, Provenance, Quality, Summary
from tests.unit.analysis.samples import candidate, item


def test_a_candidate_without_what_was_removed_is_read() -> None:
    stored = candidate(item("We ship", "s1"), dropped=3).model_dump(mode="json")
    del stored["removed"]

    assert Candidate.model_validate(stored) == candidate(item("We ship", "s1"), dropped=3)


def test_a_candidate_without_refused_items_by_kind_and_without_a_vote_is_read() -> None:
    stored = candidate(item("We ship", "s1"), dropped=3).model_dump(mode="json")
    del stored["refused"], stored["meeting_type"]

    assert Candidate.model_validate(stored) == candidate(item("We ship", "s1"), dropped=3)


def test_a_candidate_is_read_back_as_it_was_stored() -> None:
    whole = candidate(item("We ship", "s1")).model_copy(update={"refused": {"risks": 2}, "meeting_type": "sales"})

    assert Candidate.model_validate(whole.model_dump(mode="json")) == whole


def test_an_analysis_without_what_may_have_been_missed_is_read() -> None:
    whole = Analysis(
        language="en",
        summary=Summary(text="They met.", bullets=()),
        topics=(),
        decisions=(item("We ship", "s1"),),
        action_items=(),
        risks=(),
        questions=(),
        quality=Quality(score=1, components={}),
        provenance=Provenance(seats=(0,), strategy="single", prompt_version="p", catalog_version="c"),
    )
    stored = whole.model_dump(mode="json")
    del stored["possibly_missed"]

    assert Analysis.model_validate(stored) == whole
