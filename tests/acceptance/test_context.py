"""A meeting's context as a caller sees it: in the Job, in the plan, in the report, with either feature off."""

from collections.abc import Iterator
from typing import Any

import pytest

from tests.acceptance.callers import Alone, Caller, api_alone
from tests.servers import Addresses
from tests.unit.meeting.spoken import MEETINGS

STANDUP = {"transcript": {"content": MEETINGS["standup", "en"].strip()}}


@pytest.fixture(scope="module")
def alone(addresses: Addresses, template: str, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Alone]:
    with api_alone(addresses, template, tmp_path_factory.mktemp("api")) as running:
        yield running


@pytest.fixture(scope="module")
def plain(addresses: Addresses, template: str, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Alone]:
    """The API of a house that has both features switched off."""
    off = {"FEATURE_CONTEXT_AWARE_ROUTING": "false", "FEATURE_MULTI_MODEL_SYNTHESIS": "false"}
    with api_alone(addresses, template, tmp_path_factory.mktemp("api"), **off) as running:
        yield running


def submitted(caller: Caller, **fields: Any) -> dict[str, Any]:
    answer = caller.ask("/v1/jobs", "POST", **{**STANDUP, **fields})
    assert answer.status_code == 202, answer.text
    job: dict[str, Any] = caller.read(f"/v1/jobs/{answer.json()['id']}")
    return job


def test_a_job_shows_what_was_found_out_of_its_meeting_and_why(alone: Alone) -> None:
    context = submitted(alone.tenant("submit", "read"), meeting={"title": "Weekly"})["context"]

    assert (context["type"], context["language"], context["industry"]) == ("standup", "en", None)
    assert context["detected"]["type"]["value"] == "standup"
    assert 0.5 < context["detected"]["type"]["confidence"] < 1
    assert any('"no blockers"' in reason for reason in context["detected"]["type"]["because"])
    assert context["detected"]["head_count"] == len(context["participants"]) == 4


def test_what_the_caller_says_of_the_meeting_stands(alone: Alone) -> None:
    told = {"type": "war council", "language": "en-GB", "participants": [{"name": "Ida Roe", "id": "u-1"}]}

    context = submitted(alone.tenant("submit", "read"), meeting=told)["context"]

    assert (context["type"], context["language"]) == ("war council", "en-GB")
    assert context["detected"]["type"] == {
        "value": "war council",
        "confidence": 1.0,
        "because": ["told by the caller"],
    }
    assert {"name": "Ida Roe", "id": "u-1", "speakers": ["Ida Roe"], "role": None} in context["participants"]


def test_a_plan_and_a_report_tell_it_too(alone: Alone) -> None:
    caller = alone.tenant("submit", "read")

    planned = caller.ask("/v1/plans", "POST", **STANDUP).json()
    page = caller.ask(f"/v1/jobs/{submitted(caller)['id']}/report").text

    assert planned["context"]["type"]["value"] == "standup"
    assert planned["context"]["language"]["value"] == "en"
    assert "<li>standup</li>" in page
    assert "<li>English</li>" in page
    assert "Type: standup, " in page


def test_switched_off_every_meeting_is_general_and_every_plan_has_one_seat_and_both_say_why(plain: Alone) -> None:
    job = submitted(plain.tenant("submit", "read"), strategy="consensus", panel={"size": 2})

    assert job["context"]["type"] == "general"
    assert job["context"]["detected"]["type"]["because"] == ["context-aware routing is off"]
    assert len(job["seats"]) == 1
    assert job["strategy"]["asked"] == "consensus"
    assert job["strategy"]["reason"] == "multi-model synthesis is off here, so one model is asked"
