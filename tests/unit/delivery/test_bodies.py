"""The bytes of thin and full bodies."""

import json
from datetime import UTC, datetime
from typing import Final

import pytest

from orchestrator.delivery import bodies
from orchestrator.delivery.bodies import LeftOut
from providers.calls import JsonObject

AT: Final = datetime(2026, 11, 28, 9, 30, tzinfo=UTC)
THIN: Final = (
    b'{"data":{"degraded":false,"job_id":"job_1","links":{"events":"/v1/jobs/job_1/events",'
    b'"report":"/v1/jobs/job_1/report","self":"/v1/jobs/job_1","timeline":"/v1/jobs/job_1/timeline"},'
    b'"reference":"crm-4711","sequence":1207,"status":"succeeded","version":11},'
    b'"timestamp":"2026-11-28T09:30:00.000Z","type":"job.succeeded"}'
)
DATA: Final[JsonObject] = {
    "status": "succeeded",
    "degraded": False,
    **bodies.of_job("job_1", 11, "crm-4711"),
    "sequence": 1207,
}
JOB: Final[JsonObject] = {"id": "job_1", "label": "Über «4711» 会議"}


def test_a_thin_body_has_the_bytes_that_it_always_had() -> None:
    assert bodies.body("job.succeeded", AT, DATA) == THIN


def test_a_full_body_is_the_thin_one_and_the_job() -> None:
    found = json.loads(bodies.full("job.succeeded", AT, DATA, JOB, 10_000))

    assert found["data"].pop("job") == JOB
    assert found == json.loads(THIN)


def test_the_cap_is_in_bytes_and_a_body_of_just_so_many_is_whole() -> None:
    whole = bodies.full("job.succeeded", AT, DATA, JOB, 10_000)

    assert bodies.full("job.succeeded", AT, DATA, JOB, len(whole)) == whole
    cut = json.loads(bodies.full("job.succeeded", AT, DATA, JOB, len(whole) - 1))
    assert (cut["data"].pop("truncated"), cut["data"].pop("truncated_because")) == (True, "size")
    assert cut == json.loads(THIN)


@pytest.mark.parametrize("reason", LeftOut)
def test_a_body_without_its_job_says_so_and_why(reason: LeftOut) -> None:
    found = json.loads(bodies.full("job.failed", AT, DATA, reason, 10_000))["data"]

    assert (found["truncated"], found["truncated_because"]) == (True, reason)
    assert "job" not in found


def test_of_an_erased_job_there_are_ids_alone() -> None:
    assert bodies.of_erasure("job_1", 12) == {"job_id": "job_1", "version": 12}
