"""Links that open one result: theirs, until their time, and nothing else."""

from datetime import UTC, datetime, timedelta
from urllib.parse import parse_qsl, urlsplit

import pytest
from hypothesis import given
from hypothesis import strategies as st

from orchestrator.tenancy.result_links import Link, ResultLinks

PEPPER = "a pepper for tests alone"
NOW = datetime(2026, 11, 28, 9, 30, 0, 250_000, tzinfo=UTC)
LINKS = ResultLinks(PEPPER, lasts_s=3_600)
GOOD = Link(tenant="ten_a", job="job_a", until=int(NOW.timestamp()) + 60)


def signature_of(link: Link, links: ResultLinks = LINKS) -> str:
    url = links.url(link.tenant, link.job, datetime.fromtimestamp(link.until, UTC))
    return dict(parse_qsl(urlsplit(url).query))["signature"]


def test_a_link_says_what_it_opens_and_is_known_by_another_process() -> None:
    url = urlsplit(LINKS.url("ten_a", "job_a", LINKS.until(NOW)))
    said = dict(parse_qsl(url.query))

    assert url.path == "/v1/results"
    signature = said.pop("signature")
    assert said == {"tenant": "ten_a", "job": "job_a", "until": str(int(NOW.timestamp()) + 3_600)}
    assert ResultLinks(PEPPER, lasts_s=1).is_ours(
        Link(tenant="ten_a", job="job_a", until=int(said["until"])), signature
    )


def test_it_begins_with_the_address_that_the_outside_knows() -> None:
    links = ResultLinks(PEPPER, base="https://meetings.example.com/api", lasts_s=60)

    assert links.url("ten_a", "job_a", NOW).startswith("https://meetings.example.com/api/v1/results?")


@pytest.mark.parametrize(
    "other",
    [
        Link(tenant="ten_b", job="job_a", until=GOOD.until),
        Link(tenant="ten_a", job="job_b", until=GOOD.until),
        Link(tenant="ten_a", job="job_a", until=GOOD.until + 1),
        Link(tenant="ten_a\njob_a", job="", until=GOOD.until),
    ],
)
def test_a_signature_is_of_one_tenant_job_and_time(other: Link) -> None:
    assert LINKS.is_ours(GOOD, signature_of(GOOD))
    assert not LINKS.is_ours(other, signature_of(GOOD))
    assert signature_of(other) != signature_of(GOOD)


def test_under_another_pepper_no_link_is_left() -> None:
    other = ResultLinks("another pepper for tests", lasts_s=60)

    assert not LINKS.is_ours(GOOD, signature_of(GOOD, other))


@given(st.text(max_size=60), st.text(max_size=60))
def test_whatever_is_made_up_is_none_of_ours_and_breaks_nothing(tenant: str, signature: str) -> None:
    assert not LINKS.is_ours(Link(tenant=tenant, job="job_a", until=1), signature)


def test_a_link_lasts_as_long_as_was_asked_for_and_no_longer_than_the_house_allows() -> None:
    whole = NOW.replace(microsecond=0)

    assert LINKS.until(NOW) == whole + timedelta(hours=1)
    assert LINKS.until(NOW, 60) == whole + timedelta(minutes=1)
    assert LINKS.until(NOW, 1e9) == whole + timedelta(hours=1)
