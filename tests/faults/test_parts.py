"""A worker may die anywhere in the midst of a seat's parts: none is lost, and none is paid twice beyond one repeat."""

from dataclasses import replace
from pathlib import Path

import pytest

from orchestrator import broker
from orchestrator.failpoints import Place
from orchestrator.work.attempts import AttemptState
from orchestrator.work.jobs import JobStatus
from orchestrator.work.seats import SeatStatus
from providers.catalog import load
from tests.acceptance import narrow
from tests.acceptance.processes import until
from tests.faults.town import Town, judged
from tests.integration.workers_in_test import dispatch_of, job_of, producer, request, seats_of

CATALOG = load(narrow.CATALOG)
MEETING = "transcripts/ami-ts3005d.json"
SLOW_MS = 400  # long enough to arm a place between two parts


@pytest.fixture
def house(town: Town, tmp_path: Path) -> Town:
    """A town whose one provider is narrow."""
    file = tmp_path / "narrow.toml"
    file.write_text(narrow.CATALOG, "utf-8")
    town.processes.environment |= {**narrow.providers(town.emulator), "MEETINGMIND_CATALOG": str(file)}
    return town


def submit(town: Town) -> str:
    settings = town.settings
    url = settings.redis_url.get_secret_value()
    celery = broker.build(url, settings.redis_prefix, CATALOG, task_events=False, produces_only=True)
    dispatch = dispatch_of(town.database, producer(settings), "acme")
    there = replace(dispatch, catalog=CATALOG, canvas=replace(dispatch.canvas, celery=celery))
    transcript = {"utterances": list(narrow.utterances(MEETING))}
    wish = request(
        narrow.RED, transcript=transcript, allow_extractive=False, allow_substitution=False, deadline_s=120.0
    )
    return there.submit(town.tenant, wish).job_id


def until_second_part(town: Town, job: str) -> None:
    until(
        lambda: seats_of(town.database, job)[0].parts_served and town.emulator.waiting() == 1,
        "the second part is under way",
    )


@pytest.mark.parametrize(
    ("place", "unknown"),
    [
        ("attempt.answered", 1),  # an answer is here, nothing of it is committed
        ("attempt.booked", 0),  # the part's answer is committed, nobody rings for the next
        ("seat.moved", 0),  # the ask for the next part stands in its queue
    ],
)
def test_a_worker_that_dies_between_parts_leaves_them_to_be_asked_once(house: Town, place: Place, unknown: int) -> None:
    house.emulator.order("latency", median_ms=SLOW_MS)
    house.start()
    job = submit(house)
    until_second_part(house, job)
    (house.failpoints / place).write_text("kill", "utf-8")

    calls = judged(house, [job])

    (seat,) = seats_of(house.database, job)
    assert house.deaths == 1
    assert job_of(house.database, job).status is JobStatus.SUCCEEDED
    assert (seat.status, len(seat.parts_served)) == (SeatStatus.ANSWERED, len(seat.plan.cut))
    states = [call.state for call in calls]
    assert states.count(AttemptState.ANSWERED) == len(seat.plan.cut)
    assert states.count(AttemptState.AMBIGUOUS) == unknown
    assert {call.part for call in calls} == set(range(1, len(seat.plan.cut) + 1))
