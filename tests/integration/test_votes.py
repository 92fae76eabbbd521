"""Where the rules are unsure of a meeting's type its seats say it in the answer that they give anyway; nobody else."""

import json
from collections import Counter
from dataclasses import replace

import pytest
from sqlalchemy import select

from orchestrator.analysis.items import Candidate
from orchestrator.analysis.prompt_texts import TYPE_QUESTION
from orchestrator.meeting.context import Finding
from orchestrator.routing import contexts, opinions
from orchestrator.routing.features import Features
from orchestrator.routing.replays import ReplayRequest
from orchestrator.steering import Steering
from orchestrator.storage import candidates, prompts, results
from orchestrator.storage.jobs import JobRow
from orchestrator.storage.record_tables import seat_records
from orchestrator.work.jobs import JobStatus
from providers.calls import JsonObject
from tasks import ask, synthesize
from tasks.resources import Resources
from tests.acceptance.processes import Emulator
from tests.integration.workers_in_test import THREE, job_of, request, seats_of
from tests.servers import Tenant
from tests.unit.meeting.spoken import MEETINGS

ALONE = {"allow_substitution": False, "allow_extractive": False, "strategy": "consensus"}
BUILT_IN = ("extractive/cue-rules", "extractive/central-sentences")
STANDUP = {"content": MEETINGS["standup", "en"].strip()}


class House:
    """A worker in this process, and jobs of one tenant."""

    def __init__(self, worker: Resources, tenant: str) -> None:
        self.worker = worker
        self.database = worker.database
        self.tenant = tenant

    def submit(self, *models: str, steering: Steering | None = None, **fields: object) -> str:
        dispatch = self.worker.dispatch
        here = dispatch if steering is None else replace(dispatch, steering=steering)
        return here.submit(self.tenant, request(*(models or THREE), **{**ALONE, **fields})).job_id

    def end(self, job: str) -> JobRow:
        for seat in seats_of(self.database, job):
            ask.ask(job=job, seat=seat.seat, epoch=0)
        return self.synthesized(job)

    def synthesized(self, job: str) -> JobRow:
        synthesize.synthesize(job=job)
        row = job_of(self.database, job)
        assert row.status is JobStatus.SUCCEEDED
        return row

    def replay(self, job: str, **fields: object) -> JobRow:
        wish = ReplayRequest.model_validate_json(json.dumps({"strategy": "consensus", **fields}))
        return self.synthesized(self.worker.dispatch.replay(self.tenant, job, wish).job_id)

    def closing(self, job: str) -> str:
        with self.database.tenant_of(job) as connection:
            words = prompts.read(connection, job)
        assert words is not None
        return words.closing

    def votes(self, job: str) -> dict[int, str | None]:
        with self.database.tenant_of(job) as connection:
            found = candidates.read(connection, job)
        return {seat: Candidate.model_validate(document).meeting_type for seat, document in found.items()}

    def result(self, job: str) -> JsonObject | None:
        with self.database.tenant_of(job) as connection:
            return results.read_result(connection, job)

    def recorded_as(self, job: str) -> set[str]:
        with self.database.tenant_of(job) as connection:
            found = select(seat_records.c.meeting_type).where(seat_records.c.job_id == job)
            return set(connection.execute(found).scalars())


@pytest.fixture
def house(worker: Resources, emulator: Emulator, tenant: Tenant) -> House:
    return House(worker, tenant.id)


def kind(row: JobRow) -> Finding:
    context = contexts.found_in(row.context)
    assert context is not None
    return context.type


def test_the_seats_of_an_unsure_meeting_say_its_type_without_a_further_call(house: House, emulator: Emulator) -> None:
    job = house.submit()
    ruled = kind(job_of(house.database, job))

    ended = house.end(job)

    votes = [vote for vote in house.votes(job).values() if vote]
    asked = emulator.requests()
    assert len(votes) == len(asked) == 3
    assert len({one["form_digest"] for one in asked}) == 1
    assert ruled.confidence < opinions.UNSURE_BELOW
    assert kind(ended) == opinions.resolve(ruled, votes) != ruled
    assert ended.context["type"] == kind(ended).value
    for vote, count in Counter(votes).items():
        assert any(f"{count} of 3 seats say" in one and one.endswith(vote) for one in kind(ended).because)
    assert house.recorded_as(job) == {kind(ended).value}


def test_the_question_stands_in_the_words_that_the_job_keeps_and_in_their_version(house: House) -> None:
    job = house.submit()

    assert TYPE_QUESTION in house.closing(job)
    assert job_of(house.database, job).prompt_version.endswith("/general+type")


@pytest.mark.parametrize(
    ("fields", "features"),
    [
        ({"transcript": STANDUP}, Features()),
        ({"meeting": {"type": "sales"}}, Features()),
        ({"meeting": {"type": "war council"}}, Features()),
        ({"policy": "aggressive"}, Features()),
        ({}, Features(context_aware_routing=False)),
    ],
    ids=["rules are sure", "told", "told in a word of their own", "policy saves", "switched off"],
)
def test_nobody_is_asked_where_the_rules_are_sure_the_caller_says_it_the_policy_saves_or_it_is_off(
    house: House, emulator: Emulator, fields: dict[str, object], features: Features
) -> None:
    unsure = house.submit()
    house.end(unsure)
    [asked_of_all] = {one["form_digest"] for one in emulator.requests()}
    emulator.order("reset")
    job = house.submit(steering=Steering(features=features), **fields)
    ruled = kind(job_of(house.database, job))

    ended = house.end(job)

    assert TYPE_QUESTION not in house.closing(job)
    assert asked_of_all not in {one["form_digest"] for one in emulator.requests()}
    assert set(house.votes(job).values()) == {None}
    assert kind(ended) == ruled
    assert house.recorded_as(job) == {ended.context["type"]}


def test_built_in_models_have_no_vote(house: House) -> None:
    job = house.submit(*BUILT_IN, allow_extractive=True)
    ruled = kind(job_of(house.database, job))

    ended = house.end(job)

    assert TYPE_QUESTION in house.closing(job)
    assert set(house.votes(job).values()) == {None}
    assert kind(ended) == ruled
    assert house.recorded_as(job) == {ruled.value}


def test_a_replay_has_the_same_bytes_and_type_and_one_of_some_seats_says_what_these_say(house: House) -> None:
    job = house.submit()
    ruled = kind(job_of(house.database, job))
    ended = house.end(job)

    again = house.replay(job)
    of_again = house.replay(again.id)
    alone = house.replay(job, strategy="single", seats=[1])

    assert house.result(again.id) == house.result(of_again.id) == house.result(job)
    assert again.context == of_again.context == ended.context
    [vote] = [vote for vote in house.votes(alone.id).values() if vote]
    assert kind(alone) == opinions.resolve(ruled, [vote])
    assert house.recorded_as(again.id) == set()


def test_a_retry_sends_the_same_question(house: House, emulator: Emulator) -> None:
    emulator.order("faults", match={"model": "gpt-6-luna"}, fault="400")
    job = house.submit(THREE[0], strategy="single")
    ask.ask(job=job, seat=0, epoch=0)
    synthesize.synthesize(job=job)
    assert job_of(house.database, job).status is JobStatus.FAILED
    emulator.order("reset")

    house.worker.dispatch.retry(house.tenant, job)
    seat = seats_of(house.database, job)[0]
    ask.ask(job=job, seat=0, epoch=seat.epoch)
    ended = house.synthesized(job)

    [vote] = [vote for vote in house.votes(job).values() if vote]
    assert f"1 of 1 seats says {vote}" in kind(ended).because
