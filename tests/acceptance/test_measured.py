"""What models say of a meeting's type, and what became of what they said, seen from outside: whole processes."""

from collections import Counter
from typing import Any

import pytest

from orchestrator.meeting.context import MEETING_TYPES
from orchestrator.storage.tables import candidates
from tests.acceptance.conftest import Build, Town
from tests.acceptance.processes import until
from tests.acceptance.test_jobs import MEETING, rows
from tests.unit.emulator.prompts import transcript

# Enough utterances for eight items of each kind: a record is made of forty of one kind.
LONG = {"utterances": [one.model_dump(mode="json") for one in transcript(90).utterances]}
OF_TYPE = {"type": "design"}
# One of each wire format, and a reseller: each has rules of its own for the schema that an answer must have.
FOUR = {
    "models": [
        "openai/gpt-6-luna",
        "google/gemini-3.8-flash",
        "anthropic/claude-sonnet-5-5",
        "aimlapi/openai/gpt-6.1-terra",
    ]
}
JOBS = 7


@pytest.fixture(scope="module")
def _running(build_town: Build) -> Town:
    return build_town(lambda emulator: emulator.all_tiers)


@pytest.fixture
def town(_running: Town) -> Town:
    _running.forget()
    return _running


def first(town: Town) -> dict[str, Any]:
    """The plan of one seat for such a meeting."""
    answer = town.product.http.post("/v1/plans", json={"transcript": LONG, "meeting": OF_TYPE, "panel": {"size": 1}})
    assert answer.status_code == 200, answer.text
    made: dict[str, Any] = answer.json()
    return made


def test_of_an_unsure_meeting_the_job_says_what_its_seats_say_and_no_call_was_made_for_it(town: Town) -> None:
    product = town.product
    posted = product.submit(transcript=MEETING, panel=FOUR, strategy="consensus", allow_substitution=False)

    job = product.end_of(posted["id"])

    before, after = posted["context"]["detected"]["type"], job["context"]["detected"]["type"]
    votes = Counter(row.document["meeting_type"] for row in rows(town.database, candidates, job["id"]))
    assert before["confidence"] < 0.6
    assert sum(votes.values()) == len(town.emulator.requests()) == 4
    assert votes.keys() <= {*MEETING_TYPES}
    for kind, count in votes.items():
        assert f"{count} of 4 seats {'says' if count == 1 else 'say'} {kind}" in after["because"]
    assert after["because"][-len(before["because"]) :] == before["because"]
    assert job["context"]["type"] == after["value"] == votes.most_common(1)[0][0]
    assert f"{votes[after['value']]} of 4 seats say" in product.http.get(f"/v1/jobs/{job['id']}/report").text


def test_a_caller_who_says_the_type_has_the_last_word(town: Town) -> None:
    product = town.product

    job = product.end_of(product.submit(transcript=MEETING, panel=FOUR, meeting={"type": "war council"})["id"])

    assert job["context"]["type"] == "war council"
    assert job["context"]["detected"]["type"]["because"] == ["told by the caller"]


def test_a_model_that_invents_its_items_is_passed_over_by_the_next_plans_and_they_show_why(town: Town) -> None:
    product, before = town.product, first(town)
    inventor = str(before["seats"][0]["asked"])
    for name in {
        inventor.partition("/")[2],
        inventor.rpartition("/")[2],
    }:  # a reseller's models have the vendor's names
        town.emulator.order("mode", model=name, mode="hallucinating", rate=1)
    wish = {"transcript": LONG, "meeting": OF_TYPE, "panel": {"size": 3}, "strategy": "consensus"}
    jobs = [product.submit(**wish)["id"] for _ in range(JOBS)]
    assert {product.end_of(job)["status"] for job in jobs} == {"succeeded"}

    after = until(
        lambda: made if (made := first(town))["seats"][0]["asked"] != inventor else None,
        "the plans go by what became of the models' items",
    )

    scores = {one["target"]: one for one in after["routing"]["scores"]}
    now = str(after["seats"][0]["asked"])
    assert {one["record"] for one in before["routing"]["scores"]} == {None}
    assert scores[inventor]["record"] < 0.5 < scores[now]["record"]
    assert any("its record in such meetings" in words for words in scores[inventor]["against"])
