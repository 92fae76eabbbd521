"""Each component of the quality score is a formula that a reader can check."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from orchestrator.analysis import quality
from orchestrator.analysis.items import KINDS, Analysis, Candidate, Item, Kind, Provenance, Quality, Summary
from tests.unit.analysis.samples import PLACES, candidate, item, panels


def several(*seats: int, text: str = "x") -> Item:
    return item(text, "s1").model_copy(update={"seats": seats})


@pytest.mark.parametrize(
    ("candidates", "expected"),
    [
        ([candidate()], 0.5),
        ([candidate(item("x", "s1"))], 1.0),
        ([candidate(item("x", "s1"), dropped=1)], 0.5),
        ([candidate(dropped=3)], 0.0),
        ([candidate(item("x", "s1"), item("y", "s2").model_copy(update={"verified": False}))], 0.5),
        ([candidate(item("x", "s1"), item("y", "s2")), candidate(item("x", "s1"), dropped=1)], 0.75),
    ],
)
def test_evidence_is_the_share_of_claims_that_were_proved(candidates: list[Candidate], expected: float) -> None:
    assert quality.evidence(candidates) == expected


@pytest.mark.parametrize(
    ("items", "seats", "expected"),
    [
        ([], 3, 0.5),
        ([several(0)], 1, 0.5),
        ([several(0, 1, 2)], 3, 1.0),
        ([several(0, 1, 2), several(0)], 3, 2 / 3),
    ],
)
def test_agreement_is_how_many_seats_have_an_item(items: list[Item], seats: int, expected: float) -> None:
    assert quality.agreement(items, seats) == pytest.approx(expected)


@pytest.mark.parametrize(
    ("items", "expected"),
    [
        ({}, 0.5),
        ({"decisions": [item("We ship on Friday", "s1")]}, 1.0),
        ({"decisions": [item("We ship on Friday", "s1"), item("Hire two testers", "s1")]}, 1.0),
        ({"decisions": [item("We ship on Friday", "s1"), item("We ship Friday", "s1")]}, 0.0),
        ({"decisions": [item("We ship on Friday", "s1"), item("We will ship on Friday", "s9")]}, 0.0),
        ({"decisions": [item("Ship", "s1"), item("Ship it", "s1"), item("Hire two testers", "s4")]}, 1 / 3),
        ({"decisions": [item("We ship on Friday", "s1"), item("We do not ship on Friday", "s1")]}, 1.0),
        ({"decisions": [item("We ship on Friday", "s1")], "risks": [item("We ship on Friday", "s1")]}, 1.0),
    ],
)
def test_duplicates_are_items_of_one_kind_that_say_the_same(items: dict[Kind, list[Item]], expected: float) -> None:
    assert quality.unrepeated(items) == pytest.approx(expected)


@pytest.mark.parametrize(
    ("items", "utterances", "expected"),
    [
        ([], 20, 0.0),
        ([item("x", "s1", "s2")], 20, 0.1),
        ([item("x", "s1"), item("y", "s3")], 20, 0.2),
        ([item("x", *(f"s{n}" for n in range(1, 21)))], 20, 1.0),
        ([item("x", "s2")], 4, 0.25),
        ([item("x", "s1")], 1, 1.0),
    ],
)
def test_coverage_is_the_share_of_stretches_that_are_quoted(
    items: list[Item], utterances: int, expected: float
) -> None:
    places = {f"s{place + 1}": place for place in range(utterances)}

    assert quality.coverage(items, places) == expected


@pytest.mark.parametrize(("wanted", "expected"), [("en", 0.5), ("EN-gb", 0.5), ("de", 0.5), ("fr", 0.0)])
def test_language_is_the_share_of_seats_that_answered_in_it(wanted: str, expected: float) -> None:
    found = [candidate(language="en-US"), candidate(language="de"), candidate(language="und")]

    assert quality.language_share(found, wanted) == expected


def test_a_language_that_cannot_be_told_is_held_against_nobody() -> None:
    assert quality.language_share([candidate(language="und")], "en") == 0.5
    assert quality.language_share([candidate(language="nb"), candidate(language="no-NO")], "no") == 1.0


def test_the_score_is_the_weighted_mean_of_its_components() -> None:
    one = several(0, 1)
    found = [candidate(one, dropped=1), candidate(one, language="de")]
    places = {"s1": 0, "s2": 1}

    judged = quality.score({"decisions": [one]}, found, unreadable=1, places=places, language="en", spoken=None)

    assert judged.components == {
        "evidence": 0.6667,
        "schema": 0.6667,
        "agreement": 1.0,
        "duplicates": 1.0,
        "coverage": 0.5,
        "language": 0.5,
    }
    assert judged.score == pytest.approx(0.35 * 2 / 3 + 0.1 * 2 / 3 + 0.2 + 0.1 + 0.15 * 0.5 + 0.1 * 0.5, abs=1e-4)


@pytest.mark.parametrize(
    ("seats", "evidence", "score"), [([candidate()], 0.5, 0.525), ([candidate(item("x", "s1"))], 1.0, 0.7)]
)
def test_a_result_without_items_is_not_praised_for_what_nobody_could_look_at(
    seats: list[Candidate], evidence: float, score: float
) -> None:
    judged = quality.score({"decisions": ()}, seats, unreadable=0, places=PLACES, language="en", spoken=None)

    assert judged.components == {
        "evidence": evidence,
        "schema": 1.0,
        "agreement": 0.5,
        "duplicates": 0.5,
        "coverage": 0.0,
        "language": 1.0,
    }
    assert judged.score == score


def test_a_stored_result_of_an_older_release_is_still_a_result() -> None:
    stored = {"score": 0.91, "components": {"evidence": 1.0, "agreement": 0.74}}

    assert Quality.model_validate(stored).model_dump(mode="json") == stored


def test_the_known_language_counts_before_that_of_the_result() -> None:
    judged = quality.score({}, [candidate()], unreadable=0, places=PLACES, language="en", spoken="de")

    assert judged.components["language"] == 0.0


def test_an_analysis_gives_its_items_by_kind() -> None:
    one = several(0)
    items: dict[Kind, list[Item]] = {"decisions": [one]}
    judged = quality.score(items, [candidate(one)], unreadable=0, places=PLACES, language="en", spoken=None)
    whole = Analysis(
        language="en",
        summary=Summary(text="They met.", bullets=()),
        topics=(),
        decisions=(one,),
        action_items=(),
        risks=(),
        questions=(),
        quality=judged,
        provenance=Provenance(seats=(0,), strategy="single", prompt_version="1", catalog_version="1"),
    )

    assert (whole.of("decisions"), whole.of("risks")) == ((one,), ())


def test_the_weights_make_a_mean() -> None:
    assert sum(quality.WEIGHTS.values()) == pytest.approx(1)


@given(panels(), st.integers(0, 5))
def test_every_figure_lies_between_nothing_and_one(panel: dict[int, Candidate], unreadable: int) -> None:
    items = {kind: panel[0].of(kind) for kind in KINDS}

    judged = quality.score(items, panel.values(), unreadable=unreadable, places=PLACES, language="en", spoken=None)

    assert judged.components.keys() == quality.WEIGHTS.keys()
    assert all(0 <= value <= 1 for value in (judged.score, *judged.components.values()))
