"""The report as the service sends it, of a meeting in which everything is tried, in a reader's browser."""

from collections.abc import Iterator
from typing import Any

import pytest
from playwright.sync_api import Browser, Route

from api import pages
from tests.acceptance.attacks import ATTACKS, GLOSSARY, TITLES, utterances
from tests.acceptance.browsers import Scheme, Sight, window
from tests.acceptance.conftest import Build, Town
from tests.acceptance.injections import INJECTED, is_pwned

NARROW_PX = 360  # a small telephone


@pytest.fixture(scope="module")
def attacked(town_of_attacks: Town) -> dict[str, Any]:
    """One meeting in which every attack is tried, read by models that obey it."""
    lines = [line for attack in ATTACKS.values() for line in attack]
    submitted = town_of_attacks.product.submit(
        transcript={"utterances": utterances(tuple(lines))},
        meeting={"title": TITLES[0], "language": "en", "glossary": list(GLOSSARY)},
        reference=TITLES[1],
        unverified="mark",
    )
    return town_of_attacks.product.end_of(submitted["id"])


@pytest.fixture(scope="module")
def town_of_attacks(build_town: Build) -> Town:
    made = build_town(lambda emulator: emulator.environment)
    made.emulator.order("mode", mode="compromised", rate=0.3)
    return made


@pytest.fixture
def served(browser: Browser, town_of_attacks: Town, attacked: dict[str, Any]) -> Iterator[Sight]:
    """The report as the service sends it."""
    key = town_of_attacks.product.http.headers["authorization"]
    with window(browser, extra_http_headers={"authorization": key}) as sight:
        yield sight


def test_the_report_that_the_service_sends_is_whole_and_quiet(
    served: Sight, town_of_attacks: Town, attacked: dict[str, Any]
) -> None:
    url = f"{town_of_attacks.product.url}{attacked['links']['report']}"

    answer = served.page.goto(url)
    served.keep("served")

    assert answer is not None
    assert (answer.status, attacked["status"]) == (200, "succeeded")
    assert answer.headers["content-security-policy"] == f"{pages.POLICY}; frame-ancestors 'none'"
    assert (served.console, served.asked_for, served.dialogs) == ([], [url], [])
    assert TITLES[0] in served.words
    assert "<script>alert(1)</script><img src=x onerror=alert(2)>" in served.words
    assert served.page.locator("script, img, iframe, form, input").count() == 0
    assert served.page.locator(".places a").count() > 0
    assert served.page.locator("table.waterfall tbody tr").count() >= 5
    assert served.sideways() == []


def test_a_script_in_the_report_that_the_service_sends_would_not_run(
    served: Sight, town_of_attacks: Town, attacked: dict[str, Any]
) -> None:
    url = f"{town_of_attacks.product.url}{attacked['links']['report']}"

    def inject(route: Route) -> None:
        answer = route.fetch()
        route.fulfill(response=answer, body=answer.text().replace("</main>", f"{''.join(INJECTED.values())}</main>"))

    served.page.route(url, inject)
    served.page.goto(url)
    served.page.locator("#bait").click()

    assert not is_pwned(served.page)
    assert any("Content Security Policy" in line for line in served.console)


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_the_page_of_the_contract_is_read_without_a_key_and_fetches_nothing(
    browser: Browser, town_of_attacks: Town, scheme: Scheme
) -> None:
    url = f"{town_of_attacks.product.url}/docs"

    with window(browser) as sight:
        sight.become(NARROW_PX, scheme)
        answer = sight.page.goto(url)
        sight.keep(f"docs-{scheme}")

        assert answer is not None
        assert answer.status == 200
        assert (sight.console, sight.asked_for, sight.dialogs) == ([], [url], [])
        assert "POST /v1/jobs" in sight.words
        assert (sight.sideways(), sight.faint()) == ([], [])
