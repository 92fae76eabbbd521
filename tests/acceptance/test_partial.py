"""What a job's seats have found is read while it runs, by pollers, the client and the command line."""

import asyncio
import json
from collections import Counter
from collections.abc import Iterator
from typing import Any

import httpx
import pytest

from api.async_client import AsyncClient
from api.client import Client
from api.partial_schemas import PartialView
from api.schemas import JobView
from orchestrator.analysis.items import KINDS
from orchestrator.storage.tables import candidates
from tests.acceptance.conftest import Town
from tests.acceptance.processes import Product, until
from tests.acceptance.test_cli import run
from tests.acceptance.test_events import key_of
from tests.acceptance.test_jobs import MEETING, THREE, rows
from tests.servers import new_tenant

SLOW = [model.partition("/")[2] for model in THREE["models"][1:]]
NEVER_MS = 100_000  # longer than any test lasts


@pytest.fixture
def client(town: Town) -> Client:
    return Client(town.product.url, key_of(town.product))


@pytest.fixture
def under_way(town: Town) -> Iterator[str]:
    """A job of whose three seats one has answered; the others will not before the test is over."""
    for model in SLOW:
        town.emulator.order("latency", model=model, median_ms=NEVER_MS)
    job = str(town.product.submit(transcript=MEETING, panel=THREE, deadline_s=600)["id"])
    until(lambda: partial(town.product, job)["seats_answered"] == 1, "one seat has answered")
    yield job
    town.product.http.post(f"/v1/jobs/{job}/cancel")


def partial(product: Product, job: str) -> dict[str, Any]:
    answer = product.http.get(f"/v1/jobs/{job}/partial")
    assert answer.status_code == 200, answer.text
    found: dict[str, Any] = answer.json()
    return found


def verified(town: Town, job: str) -> Counter[tuple[str, int, str]]:
    """Kind, seat and id of each verified item of the stored candidates."""
    return Counter(
        (kind, row.seat, item["id"])
        for row in rows(town.database, candidates, job)
        for kind in KINDS
        for item in row.document[kind]
        if item["verified"]
    )


def named(found: dict[str, Any]) -> Counter[tuple[str, int, str]]:
    return Counter((kind, one["seat"], one["id"]) for kind in KINDS for item in found[kind] for one in item["named"])


def told(town: Town, job: str) -> Counter[tuple[str, int, str]]:
    """The same by the job's events."""
    events = town.product.http.get("/v1/events", params={"limit": 1_000}).json()["data"]
    mine = [one["data"] for one in events if one["job_id"] == job and one["type"] == "items.found"]
    return Counter((kind, data["seat"], item) for data in mine for kind, ids in data["items"].items() for item in ids)


def test_verified_items_are_read_while_others_are_still_asked(town: Town, under_way: str) -> None:
    job = under_way

    found = partial(town.product, job)

    whole = town.product.job(job)
    assert (found["object"], found["job_id"], found["status"]) == ("partial", job, "running")
    assert (found["synthesized"], found["seats_answered"], found["seats_total"]) == (False, 1, 3)
    assert found["label"] == "not synthesised yet: what 1 of 3 seats found, each item proved, none decided on"
    assert found["progress"] == 0.25
    assert found["version"] <= whole["version"]
    assert "partial" not in json.dumps(whole)
    assert named(found) == verified(town, job) == told(town, job)
    said = {f"u{place}": line.partition(": ")[2] for place, line in enumerate(MEETING["content"].splitlines(), 1)}
    items = [item for kind in KINDS for item in found[kind]]
    assert items
    assert all(item["verified"] and item["seats"] == [0] for item in items)
    for piece in (piece for item in items for piece in item["evidence"]):
        assert piece["quote"] in " ".join(said[name] for name in piece["utterances"])


def test_a_poller_waits_for_the_next_version_and_is_told_when_there_is_none(town: Town, under_way: str) -> None:
    job = under_way
    address = f"/v1/jobs/{job}/partial"

    def unchanged() -> tuple[httpx.Response, httpx.Response] | None:
        """A look, and one that waited in vain for another version: a busy machine may lose a lease in between."""
        one = town.product.http.get(address)
        other = town.product.http.get(address, params={"wait_s": 1}, headers={"If-None-Match": one.headers["ETag"]})
        return (one, other) if other.status_code == 304 else None

    first, same = until(unchanged, "nothing happens for a second")
    known = {"If-None-Match": first.headers["ETag"]}
    assert town.product.http.post(f"/v1/jobs/{job}/cancel").status_code == 200
    ended = town.product.http.get(address, params={"wait_s": 60}, headers=known)

    assert first.headers["ETag"] == f'"{first.json()["version"]}"'
    assert (same.content, same.headers["ETag"]) == (b"", first.headers["ETag"])
    assert (ended.status_code, ended.json()["status"], ended.json()["progress"]) == (200, "canceled", 1.0)
    assert ended.json()["label"].startswith("never synthesised")
    assert named(ended.json()) == named(first.json())


def test_a_job_that_has_succeeded_sends_on_to_its_result(town: Town, client: Client) -> None:
    job = town.product.end_of(town.product.submit(transcript=MEETING, panel=THREE)["id"])

    answer = town.product.http.get(f"/v1/jobs/{job['id']}/partial", params={"wait_s": 60})

    assert (answer.status_code, answer.headers["Location"]) == (303, f"/v1/jobs/{job['id']}")
    assert client.partial(job["id"]) == client.get(job["id"])


def test_what_the_result_keeps_was_found_before_under_its_name(town: Town, client: Client) -> None:
    town.emulator.order("latency", model=SLOW[0], median_ms=1_500)
    job = str(town.product.submit(transcript=MEETING, panel=THREE)["id"])
    seen: list[PartialView] = []
    while isinstance(found := client.partial(job, seen[-1] if seen else None, wait_s=5), PartialView):
        seen.append(found)

    assert found.status == "succeeded"
    assert found.result is not None
    assert [one.version for one in seen] == sorted(one.version for one in seen)
    stored = verified(town, job)
    for one in seen:
        document = one.model_dump(mode="json")
        assert named(document) <= stored
        for kind in KINDS:
            assert len({item["id"] for item in document[kind]}) == len(document[kind])
    assert told(town, job) == stored
    names = {(kind, seat, item.partition("-")[0]) for kind, seat, item in stored}
    for kind in KINDS:
        for item in found.result.of(kind):
            assert any((kind, seat, item.id.partition("-")[0]) in names for seat in item.seats)


def test_strangers_and_those_who_come_after_an_erasure_read_nothing(town: Town, under_way: str) -> None:
    job = under_way
    stranger = new_tenant(town.database, "globex")
    address = f"{town.product.url}/v1/jobs/{job}/partial"

    foreign = httpx.get(address, headers={"Authorization": f"Bearer {stranger.key}"}, params={"wait_s": 5})
    nobody = httpx.get(address)
    unknown = town.product.http.get(f"/v1/jobs/job_{'0' * 26}/partial")
    assert town.product.http.delete(f"/v1/jobs/{job}").status_code == 202
    gone = town.product.http.get(address, headers={"If-None-Match": "*"})

    assert [answer.status_code for answer in (foreign, nobody, unknown, gone)] == [404, 401, 404, 410]
    assert gone.json()["code"] == "erased"


def test_both_clients_and_the_command_line_show_it(town: Town, client: Client, under_way: str) -> None:
    job = under_way
    where = ("--url", town.product.url, "--key", key_of(town.product))

    async def awaited() -> PartialView | JobView:
        async with AsyncClient(town.product.url, key_of(town.product)) as other:
            return await other.partial(job)

    found = client.partial(job)
    people, programs = run("show", job, "--partial", *where), run("show", job, "--partial", "--json", *where)
    both = run("show", job, "--partial", "--wait", *where)

    assert isinstance(found, PartialView)
    for other in (asyncio.run(awaited()), PartialView.model_validate_json(programs.stdout)):
        assert other.model_copy(update={"version": found.version}) == found
    assert (people.returncode, programs.returncode, both.returncode) == (0, 0, 2)
    assert "what 1 of 3 seats found" in " ".join(people.stdout.split())
