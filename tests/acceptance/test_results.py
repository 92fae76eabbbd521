"""Links that open one result without a key: what they open, for how long, and where they leave no trace."""

from datetime import UTC, datetime, timedelta
from typing import Any
from urllib.parse import parse_qsl, urlencode, urlsplit

import httpx
import pytest

from api.client import Client, Problem
from orchestrator.tenancy.result_links import ResultLinks
from tests.acceptance.conftest import Town
from tests.acceptance.processes import until
from tests.acceptance.test_jobs import MEETING, THREE
from tests.servers import PEPPER, new_tenant

LINKS = ResultLinks(PEPPER, lasts_s=3_600)  # of another process than the API's


@pytest.fixture
def stranger(town: Town) -> Any:
    """Who has no key."""
    with httpx.Client(base_url=town.product.url, timeout=20) as found:
        yield found


@pytest.fixture
def job(town: Town) -> dict[str, Any]:
    return town.product.end_of(town.product.submit(transcript=MEETING, panel=THREE)["id"])


def key_of(town: Town) -> str:
    return str(town.product.http.headers["authorization"]).removeprefix("Bearer ")


def link_to(town: Town, job: dict[str, Any], **wish: float) -> str:
    answer = town.product.http.post(f"/v1/jobs/{job['id']}/result-url", json=wish)
    assert answer.status_code == 200, answer.text
    return str(answer.json()["url"])


def asked(url: str) -> dict[str, str]:
    return dict(parse_qsl(urlsplit(url).query))


def changed(url: str, **changes: str) -> str:
    return f"{urlsplit(url).path}?{urlencode({**asked(url), **changes})}"


def test_a_link_opens_the_result_of_its_job_and_nobody_may_keep_it(
    town: Town, stranger: httpx.Client, job: dict[str, Any]
) -> None:
    answer = stranger.get(link_to(town, job))

    assert answer.status_code == 200, answer.text
    found = answer.json()
    assert (found["job_id"], found["result"], found["label"]) == (job["id"], job["result"], job["label"])
    assert answer.headers["cache-control"] == "private, no-store"
    assert answer.headers["referrer-policy"] == "no-referrer"
    assert answer.headers["x-robots-tag"] == "noindex"


def test_a_link_lasts_as_long_as_it_says(town: Town, stranger: httpx.Client, job: dict[str, Any]) -> None:
    with Client(town.product.url, key_of(town)) as client:
        made = client.result_url(job["id"], expires_in_s=120)
        left = datetime.fromisoformat(made.expires_at) - datetime.now(UTC)
    tenant = asked(made.url)["tenant"]
    old = LINKS.url(tenant, job["id"], datetime.now(UTC) - timedelta(minutes=1))
    good = LINKS.url(tenant, job["id"], datetime.now(UTC) + timedelta(minutes=10))

    assert timedelta(0) < left <= timedelta(seconds=121)
    assert int(datetime.fromisoformat(made.expires_at).timestamp()) == int(asked(made.url)["until"])
    assert stranger.get(good).status_code == 200
    refused = stranger.get(old)
    assert (refused.status_code, refused.json()["code"]) == (410, "link-expired")
    assert refused.headers["cache-control"] == "private, no-store"


def test_whoever_changes_a_link_has_none(town: Town, stranger: httpx.Client, job: dict[str, Any]) -> None:
    good = link_to(town, job)
    other = town.product.submit(transcript=MEETING, panel=THREE)["id"]
    signature = asked(good)["signature"]
    foreign = new_tenant(town.database, "foreign").id

    for url in (
        changed(good, job=other),
        changed(good, tenant=foreign),
        changed(good, until=str(int(asked(good)["until"]) + 1)),
        changed(good, signature=signature[:-2] + ("AA" if signature[-2:] != "AA" else "BB")),
        changed(good, signature=""),
        changed(good, signature="é" * 20),
        changed(good, job="job_\x00"),
    ):
        answer = stranger.get(url)
        assert (answer.status_code, answer.json()["code"]) == (404, "not-found"), url
        assert answer.headers["referrer-policy"] == "no-referrer"
    for url in (changed(good, until="soon"), changed(good, signature="A" * 300), urlsplit(good).path):
        answer = stranger.get(url)
        assert (answer.status_code, answer.headers["cache-control"]) == (422, "private, no-store"), url


def test_a_signed_link_to_what_its_tenant_has_not_opens_nothing(
    town: Town, stranger: httpx.Client, job: dict[str, Any]
) -> None:
    foreign = new_tenant(town.database, "foreign").id
    soon = datetime.now(UTC) + timedelta(minutes=10)

    assert stranger.get(LINKS.url(foreign, job["id"], soon)).status_code == 404
    assert stranger.get(LINKS.url("", job["id"], soon)).status_code == 404


def test_neither_a_link_nor_a_refused_one_leaves_its_signature_in_a_log_or_an_answer(
    town: Town, stranger: httpx.Client, job: dict[str, Any]
) -> None:
    good = link_to(town, job)
    tenant = asked(good)["tenant"]
    old = LINKS.url(tenant, job["id"], datetime.now(UTC) - timedelta(minutes=1))
    wrong = changed(good, signature="canary-" + asked(good)["signature"][7:])
    unreadable = changed(good, until="soon", signature="canaryofnobody")
    answers = [stranger.get(url) for url in (good, old, wrong, unreadable)]
    stranger.request("DELETE", good)

    assert [answer.status_code for answer in answers] == [200, 410, 404, 422]
    logs = "".join(path.read_text("utf-8", "replace") for path in town.product.processes.folder.glob("*.log"))
    assert answers[0].headers["x-request-id"] in logs
    for url in (good, old, wrong, unreadable):
        signature = asked(url)["signature"]
        assert signature not in logs
        assert all(signature not in answer.text + str(answer.headers) for answer in answers)


def test_an_erased_job_is_gone_for_its_links_too(town: Town, stranger: httpx.Client, job: dict[str, Any]) -> None:
    good = link_to(town, job)
    town.product.http.delete(f"/v1/jobs/{job['id']}")

    answer = stranger.get(good)
    assert (answer.status_code, answer.json()["code"]) == (410, "erased")
    refused = town.product.http.post(f"/v1/jobs/{job['id']}/result-url", json={})
    assert (refused.status_code, refused.json()["code"]) == (410, "erased")


def test_of_a_job_without_a_result_there_is_no_link(town: Town) -> None:
    town.emulator.order("latency", median_ms=3_000)
    job = town.product.submit(transcript=MEETING, panel=THREE)["id"]
    until(lambda: town.emulator.waiting() == 3, "three calls wait for their answers")
    town.product.http.post(f"/v1/jobs/{job}/cancel")

    with Client(town.product.url, key_of(town)) as client, pytest.raises(Problem) as refusal:
        client.result_url(job)
    assert (refusal.value.status, refusal.value.code) == (409, "no-result")


@pytest.mark.parametrize("wish", [{"expires_in_s": 0}, {"expires_in_s": "60"}, {"forever": True}])
def test_what_is_no_time_is_refused(town: Town, wish: dict[str, Any]) -> None:
    answer = town.product.http.post(f"/v1/jobs/{'job_' + '0' * 26}/result-url", json=wish)

    assert (answer.status_code, answer.json()["code"]) == (422, "invalid-request")


def test_a_link_opens_so_often_and_others_open_all_the_same(
    town: Town, stranger: httpx.Client, job: dict[str, Any]
) -> None:
    other = town.product.end_of(town.product.submit(transcript=MEETING, panel=THREE)["id"])
    good, beside = link_to(town, job), link_to(town, other)
    assert stranger.get(good).status_code == 200
    # The bucket fills by one a second, and is asked faster than that on any machine.
    refused = until(lambda: next((one for one in (stranger.get(good),) if one.status_code != 200), None), "it is full")

    assert (refused.status_code, refused.json()["code"]) == (429, "rate-limited")
    assert 1 <= int(refused.headers["retry-after"]) <= 60
    assert refused.headers["cache-control"] == "private, no-store"
    assert stranger.get(beside).status_code == 200
