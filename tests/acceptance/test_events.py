"""The tenant's feed and the jobs' streams through whole processes: resets, a killed API, strangers, command line."""

import asyncio
import json
from typing import Any

import httpx
import pytest
from sqlalchemy import text

from api.client import Client
from ops.drills.socket_readers import SocketReaders
from ops.drills.stream_readers import Readers
from orchestrator.storage.engine import Database
from tests.acceptance.conftest import Town
from tests.acceptance.processes import Product
from tests.acceptance.test_cli import run
from tests.acceptance.test_jobs import ALONE, MEETING, THREE
from tests.servers import new_tenant

JOBS = 10
STREAMS = 50
PATIENCE_S = 60.0
POOL = 24  # the API may open twice its pool of 12
STORY = [
    "job.queued",
    "job.started",
    *["seat.attempted"] * 3,
    *["seat.answered", "items.found"] * 3,
    "job.synthesizing",
    "job.succeeded",
]


def submit(product: Product, count: int = 1, **more: Any) -> list[str]:
    return [product.submit(transcript=MEETING, panel=THREE, **more)["id"] for _ in range(count)]


def key_of(product: Product) -> str:
    return str(product.http.headers["authorization"]).removeprefix("Bearer ")


@pytest.fixture
def client(town: Town) -> Client:
    return Client(town.product.url, key_of(town.product))


def words_of(document: object) -> str:
    return json.dumps(document, ensure_ascii=False)


def test_a_job_is_followed_from_its_beginning_to_its_end(town: Town, client: Client) -> None:
    (job,) = submit(town.product)

    told = list(client.stream(job))

    assert [one.version for one in told] == list(range(1, len(told) + 1))
    assert sorted(one.type for one in told) == sorted(STORY)
    assert (told[0].type, told[-1].type) == ("job.queued", "job.succeeded")
    assert told[-1].version == client.get(job).version
    answered = [one.data for one in told if one.type == "seat.answered"]
    seats = {seat.seat: seat for seat in client.get(job).seats}
    assert {data["seat"] for data in answered} == {0, 1, 2}
    assert all(data["cost_usd"] == seats[int(str(data["seat"]))].cost_usd for data in answered)
    assert all(f"{data['provider']}/{data['model']}" == seats[int(str(data["seat"]))].served for data in answered)
    assert not [
        line for line in MEETING["content"].splitlines() if line.partition(": ")[2] in words_of([*map(dict, told)])
    ]


def test_a_stream_has_the_headers_that_keep_it_flowing_and_goes_on_after_the_last_event(
    town: Town, client: Client
) -> None:
    (job,) = submit(town.product)
    whole = list(client.stream(job))
    path = f"/v1/jobs/{job}/events"

    later = town.product.http.get(path, headers={"Last-Event-ID": str(len(whole) - 1)})
    over = town.product.http.get(path, headers={"Last-Event-ID": str(len(whole))})
    wrong = [town.product.http.get(path, headers={"Last-Event-ID": wish}) for wish in ("-1", "x", "9" * 5_000, "99")]

    assert later.headers["content-type"] == "text/event-stream; charset=utf-8"
    assert (later.headers["cache-control"], later.headers["x-accel-buffering"]) == ("no-store", "no")
    assert [line for line in later.text.splitlines() if line.startswith("id:")] == [f"id: {len(whole)}"]
    assert (over.status_code, over.content) == (204, b"")
    assert [(answer.status_code, answer.json()["code"]) for answer in wrong] == [(422, "invalid-request")] * 4


def test_strangers_follow_nothing(town: Town, client: Client) -> None:
    (job,) = submit(town.product)
    stranger = new_tenant(town.database, "globex")
    path = f"{town.product.url}/v1/jobs/{job}/events"

    foreign = httpx.get(path, headers={"Authorization": f"Bearer {stranger.key}"})
    unknown = town.product.http.get(f"/v1/jobs/job_{'0' * 26}/events")
    nobody = httpx.get(path)

    assert [answer.status_code for answer in (foreign, unknown, nobody)] == [404, 404, 401]
    assert list(Client(town.product.url, stranger.key).events()) == []
    assert len(list(client.events())) > 0


def test_the_feed_has_every_event_of_every_job_without_a_gap(town: Town, client: Client) -> None:
    jobs = submit(town.product, 5)
    refused = town.product.submit(transcript=MEETING, panel=THREE, deadline_s=1, **ALONE)["id"]
    streamed = {job: [one.id for one in client.stream(job)] for job in (*jobs, refused)}

    pages = town.product.http.get("/v1/events", params={"limit": 7}).json()
    found = list(client.events())
    again = list(client.events(after=found[3].sequence))

    assert [one.sequence for one in found] == list(range(1, len(found) + 1))
    assert again == found[4:]
    assert [one["sequence"] for one in pages["data"]] == list(range(1, 8))
    assert pages["next"] == 7
    for job, ids in streamed.items():
        assert [one.id for one in found if one.job_id == job] == ids
    assert town.product.http.get("/v1/events", params={"after": 10**15}).json() == {"data": [], "next": 10**15}


@pytest.mark.parametrize("wrong", [{"after": -1}, {"after": "x"}, {"after": 2**63}, {"limit": 0}, {"limit": 1001}])
def test_what_no_feed_has_is_refused(town: Town, wrong: dict[str, object]) -> None:
    answer = town.product.http.get("/v1/events", params={name: str(value) for name, value in wrong.items()})

    assert (answer.status_code, answer.json()["code"]) == (422, "invalid-request")


def test_the_command_line_shows_the_feed_to_people_and_programs(town: Town, client: Client) -> None:
    (job,) = submit(town.product)
    list(client.stream(job))
    where = ("--url", town.product.url, "--key", key_of(town.product))
    found = list(client.events())

    people = run("events", *where)
    programs = run("events", "--json", "--after", str(found[-2].sequence), *where)

    assert (people.returncode, programs.returncode) == (0, 0)
    assert len(people.stdout.splitlines()) == len(found)
    assert f"job.succeeded      {job}" in people.stdout.splitlines()[-1]
    assert [json.loads(line) for line in programs.stdout.splitlines()] == [found[-1].model_dump(mode="json")]


@pytest.mark.parametrize("crowd", [Readers, SocketReaders])
def test_fifty_readers_that_are_cut_off_again_and_again_see_each_event_once_though_the_api_is_killed(
    with_emulator: Product, emulator: Any, database: Database, crowd: type[Readers]
) -> None:
    emulator.order("latency", median_ms=1_500)
    product = with_emulator.start()
    jobs = submit(product, JOBS)
    wanted = [jobs[place % JOBS] for place in range(STREAMS)]
    readers = crowd(product.url, key_of(product), seed=3, cut_after_s=(0.05, 0.6))
    most = 0

    async def course() -> list[Any]:
        nonlocal most
        following = asyncio.create_task(readers.follow_all(wanted, PATIENCE_S))
        await asyncio.sleep(0.4)
        product.processes.kill("api")
        product.processes.start("api", "api", "--port", str(product.port))
        while not following.done():
            most = max(most, await asyncio.to_thread(held_by_the_api, database))
            await asyncio.sleep(0.1)
        return await following

    told = asyncio.run(course())

    assert [one for one in told if not one.is_whole] == []
    versions = {job: product.job(job)["version"] for job in jobs}
    assert all(len(one.versions) == versions[one.job] for one in told)
    assert sum(one.resets for one in told) > 0
    assert most <= POOL


def held_by_the_api(database: Database) -> int:
    with database.system() as connection:
        count: int = connection.execute(
            text("SELECT count(*) FROM pg_stat_activity WHERE application_name = 'meetingmind api'")
        ).scalar_one()
    return count
