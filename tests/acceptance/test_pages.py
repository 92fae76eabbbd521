"""Our pages as a reader's browser shows them: on a telephone, a tablet and a desk, by day, at night and on paper."""

import re
from itertools import pairwise
from itertools import product as every

import pytest
from playwright.sync_api import Browser, Page

from api import pages
from tests.acceptance.browsers import ADDRESS, Scheme, installed, sheets, shown
from tests.acceptance.gallery import PAGES
from tests.acceptance.injections import INJECTED, RUNNING, is_pwned
from tests.unit.api.test_report_page import HOSTILE

HEADERS = {"content-security-policy": pages.POLICY}
WIDTHS = (360, 768, 1280)
SCHEMES: tuple[Scheme, ...] = ("light", "dark")
A4 = (595, 842)  # points
PAPER_PX = 665  # what the margins of the style leave of 210 mm


@pytest.fixture(scope="module")
def texts() -> dict[str, str]:
    """Each page of the gallery, written once."""
    return {name: write() for name, write in PAGES.items()}


def in_sight(page: Page, selector: str) -> bool:
    found: bool = page.evaluate(
        """(selector) => {
          const box = document.querySelector(selector).getBoundingClientRect();
          return box.top > -1 && box.top < innerHeight;
        }""",
        selector,
    )
    return found


# Layout


@pytest.mark.parametrize("name", PAGES)
def test_a_page_fits_every_window_asks_for_nothing_and_complains_of_nothing(
    browser: Browser, texts: dict[str, str], name: str
) -> None:
    with shown(browser, texts[name], HEADERS) as sight:
        for width, scheme in every(WIDTHS, SCHEMES):
            sight.become(width, scheme)
            sight.keep(f"{name}-{width}-{scheme}")

            assert (width, scheme, sight.sideways()) == (width, scheme, [])
            assert sight.page.evaluate("document.documentElement.scrollWidth") <= width
        assert (sight.console, sight.asked_for, sight.dialogs) == ([], [ADDRESS], [])


@pytest.mark.parametrize("name", PAGES)
def test_every_word_and_every_shape_stands_out_from_its_ground(
    browser: Browser, texts: dict[str, str], name: str
) -> None:
    with shown(browser, texts[name], HEADERS) as sight:
        sight.page.evaluate("document.querySelectorAll('details').forEach((one) => { one.open = true; })")
        for scheme in SCHEMES:
            sight.become(1280, scheme)

            assert (scheme, sight.faint()) == (scheme, [])


def test_the_two_schemes_are_two(browser: Browser, texts: dict[str, str]) -> None:
    def ground(scheme: Scheme) -> str:
        with shown(browser, texts["whole"], HEADERS) as sight:
            sight.become(1280, scheme)
            colour: str = sight.page.evaluate("getComputedStyle(document.documentElement).backgroundColor")
            return colour

    assert ground("light") != ground("dark")


def test_a_faint_word_and_a_wide_box_would_be_found(browser: Browser) -> None:
    text = "<!doctype html><body><p style='color:#bbb'>faint</p><div style='width:900px'>wide</div>"

    with shown(browser, text, {}, 768) as sight:
        assert sight.faint() == ["1.92: faint"]
        assert sight.sideways() == ["DIV: wide"]


def test_without_a_browser_nothing_is_passed_in_silence(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PATH", "")

    monkeypatch.setenv("CI", "true")
    with pytest.raises(pytest.fail.Exception, match="NO PAGE WAS LOOKED AT"):
        installed()
    monkeypatch.delenv("CI")
    with pytest.raises(pytest.skip.Exception, match="NO PAGE WAS LOOKED AT"):
        installed()


# Reading it without eyes, or without a mouse


@pytest.mark.parametrize("name", PAGES)
def test_a_page_has_its_landmarks_and_its_heads_in_order(browser: Browser, texts: dict[str, str], name: str) -> None:
    with shown(browser, texts[name], HEADERS) as sight:
        count = {mark: sight.page.locator(f"body > {mark}").count() for mark in ("header", "main", "footer")}
        heads = sight.page.eval_on_selector_all("h1, h2, h3", "(all) => all.map((one) => Number(one.tagName[1]))")
        lang = sight.page.evaluate("document.documentElement.lang")
        title = sight.page.title()

    assert count == {"header": 1, "main": 1, "footer": 1}
    assert heads[0] == 1
    assert heads.count(1) == 1
    assert all(after - before <= 1 for before, after in pairwise(heads))
    assert lang == "en"
    assert title


@pytest.mark.parametrize("name", PAGES)
def test_every_picture_has_a_name_and_every_region_that_scrolls_can_be_reached(
    browser: Browser, texts: dict[str, str], name: str
) -> None:
    with shown(browser, texts[name], HEADERS, 360) as sight:
        nameless = sight.page.locator("svg:not([aria-hidden=true]):not([role=img][aria-label])").count()
        unreachable = sight.page.locator(".scroll:not([tabindex='0'][role=region][aria-label])").count()
        headless = sight.page.locator("table:not(:has(th[scope=col]))").count()

    assert (nameless, unreachable, headless) == (0, 0, 0)


def test_the_first_stop_of_the_keyboard_leads_past_the_head(browser: Browser, texts: dict[str, str]) -> None:
    with shown(browser, texts["long"], HEADERS) as sight:
        sight.page.keyboard.press("Tab")
        skip = sight.page.locator(":focus")
        assert (skip.inner_text(), skip.is_visible()) == ("Skip to the content", True)

        sight.page.keyboard.press("Enter")

        assert in_sight(sight.page, "#content")


def test_the_picture_of_agreement_is_there_as_a_table_without_a_script(browser: Browser, texts: dict[str, str]) -> None:
    with shown(browser, texts["whole"], HEADERS) as sight:
        table = sight.page.locator("details table").first
        assert not table.is_visible()

        sight.page.locator("details > summary").click()

        assert table.is_visible()
        assert "1. Write the notes\tno\tyes" in table.inner_text()


# Links


def test_every_proof_leads_to_the_words_that_were_said_and_they_lead_back(
    browser: Browser, texts: dict[str, str]
) -> None:
    with shown(browser, texts["whole"], HEADERS) as sight:
        page = sight.page
        proofs = page.locator("blockquote:has(.places a)")
        assert proofs.count() >= 4
        for proof in proofs.all():
            quote = proof.locator("p").inner_text()
            links = proof.locator(".places a").all()
            said = []
            for link in links:
                link.click()
                assert in_sight(page, ":target")
                said.append(page.locator(":target p").inner_text())
            assert quote.strip("\u201c\u201d ") in " ".join(said)

        page.locator("#u3 .proves a").first.click()
        assert "Write the notes" in page.locator(":target").inner_text()
        assert sight.asked_for == [ADDRESS]


@pytest.mark.parametrize("name", PAGES)
def test_no_link_leads_off_the_page_or_to_nowhere(browser: Browser, texts: dict[str, str], name: str) -> None:
    with shown(browser, texts[name], HEADERS) as sight:
        links = sight.page.eval_on_selector_all(
            "a",
            "(all) => all.map((one) => [one.getAttribute('href'), one.pathname, !!document.querySelector(one.hash)])",
        )

    assert links
    assert [href for href, path, there in links if not (href.startswith("#") and path == "/" and there)] == []


# Attacks


def test_what_is_hostile_is_read_and_never_run(browser: Browser, texts: dict[str, str]) -> None:
    with shown(browser, texts["attacked"], HEADERS) as sight:
        elements = sight.page.locator(
            "script, img, iframe, object, embed, form, input, a[href^='javascript' i]"
        ).count()

        assert elements == 0
        assert " ".join(HOSTILE) in sight.words
        assert (sight.dialogs, sight.console, sight.asked_for) == ([], [], [ADDRESS])


@pytest.mark.parametrize("injected", INJECTED.values(), ids=INJECTED)
@pytest.mark.parametrize("headers", [HEADERS, {}], ids=["served", "from a disk"])
def test_were_markup_to_get_through_the_policy_would_stop_it(
    browser: Browser, texts: dict[str, str], injected: str, headers: dict[str, str]
) -> None:
    """The second wall behind the escaping: put into the page as it is, with the header and with the page's own."""
    text = texts["whole"].replace("</main>", f"{injected}</main>")
    assert injected in text

    with shown(browser, text, headers) as sight:
        for bait in sight.page.locator("#bait").all():
            bait.click()
        sight.page.wait_for_load_state("networkidle")

        assert not is_pwned(sight.page)
        assert sight.got_out == []
        assert any("Content Security Policy" in line for line in sight.console)


@pytest.mark.parametrize("injected", RUNNING.values(), ids=RUNNING)
def test_without_the_policy_the_same_would_run(browser: Browser, texts: dict[str, str], injected: str) -> None:
    bare = re.sub(r"<meta http-equiv[^>]*>", "", texts["whole"]).replace("</main>", f"{injected}</main>")

    with shown(browser, bare, {}) as sight:
        sight.page.wait_for_load_state("networkidle")

        assert is_pwned(sight.page)


# Paper


@pytest.mark.parametrize("name", PAGES)
def test_a_page_prints_on_sheets_of_a4_with_nothing_cut_off(browser: Browser, texts: dict[str, str], name: str) -> None:
    with shown(browser, texts[name], HEADERS, PAPER_PX) as sight:
        sight.page.emulate_media(media="print", color_scheme="dark")
        wide, faint = sight.sideways(), sight.faint()
        ground = sight.page.evaluate("getComputedStyle(document.documentElement).backgroundColor")
        pdf = sight.printed(name)

    assert (wide, faint) == ([], [])
    assert ground == "rgb(255, 255, 255)"  # also when it is night
    assert set(sheets(pdf)) == {A4}
    assert 1 <= len(sheets(pdf)) <= {"long": 40, "attacked": 8}.get(name, 4)
