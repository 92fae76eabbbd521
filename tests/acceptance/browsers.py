"""A reader's browser: the system's chromium, driven by Playwright, which brings none of its own.

What it sees is written as pictures into the folder that SCREENSHOTS names, if it names one.
"""

import os
import re
import shutil
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Final, Literal, TypeAlias

import pytest
from playwright.sync_api import Browser, Dialog, FloatRect, Page, Request, Route, sync_playwright

Scheme: TypeAlias = Literal["light", "dark"]

NAMES: Final = ("chromium", "chromium-browser", "google-chrome")
ADDRESS: Final = "http://page.example/"  # of a page that stands on no server
HEIGHT: Final = 900
MOST_PX: Final = 6000  # of a page's height in a picture; a taller one takes a browser many seconds
EYES: Final = Path(__file__).with_name("eyes.js")


@dataclass
class Sight:
    """A page in a window, and what it did while it was looked at.

    `asked_for` has each address that the page wanted, `got_out` those that nothing in the browser stopped.
    """

    page: Page
    console: list[str] = field(default_factory=list)
    asked_for: list[str] = field(default_factory=list)
    got_out: list[str] = field(default_factory=list)
    dialogs: list[str] = field(default_factory=list)

    @property
    def words(self) -> str:
        return " ".join(self.page.inner_text("body").split())

    def become(self, width: int, scheme: Scheme) -> None:
        """As wide as that, by day or at night."""
        self.page.set_viewport_size({"width": width, "height": HEIGHT})
        self.page.emulate_media(color_scheme=scheme)

    def sideways(self) -> list[str]:
        """What hangs out of the window on the right."""
        found: list[str] = self.page.evaluate("eyes.sideways()")
        return found

    def faint(self) -> list[str]:
        """Words, and shapes with a meaning, that are hard to tell from what is behind them."""
        found: list[str] = self.page.evaluate("[...eyes.faint(), ...eyes.dim()]")
        return found

    def close(self, dialog: Dialog) -> None:
        self.dialogs.append(dialog.message)
        dialog.dismiss()

    def keep(self, name: str) -> None:
        """Keep a picture of the page, as much of it as anybody looks at, where pictures are wanted."""
        if (folder := pictures()) is not None:
            high: int = self.page.evaluate("document.documentElement.scrollHeight")
            wide: int = self.page.evaluate("innerWidth")
            part: FloatRect = {"x": 0, "y": 0, "width": wide, "height": min(high, MOST_PX)}
            self.page.screenshot(path=folder / f"{name}.png", full_page=True, clip=part)

    def printed(self, name: str) -> bytes:
        """The page on paper, as a PDF; kept where pictures are wanted."""
        pdf = self.page.pdf(prefer_css_page_size=True, print_background=True)
        if (folder := pictures()) is not None:
            (folder / f"{name}.pdf").write_bytes(pdf)
        return pdf


def pictures() -> Path | None:
    """The folder for pictures; None where none are wanted."""
    named = os.environ.get("SCREENSHOTS")  # noqa: TID251  of the runner, no setting of the product's
    if not named:
        return None
    Path(named).mkdir(parents=True, exist_ok=True)
    return Path(named)


def installed() -> str:
    """Where the system's chromium is. Without one a test fails in CI, and elsewhere says why it is skipped."""
    found = next((place for name in NAMES if (place := shutil.which(name))), None)
    if found is None:
        reason = f"NO PAGE WAS LOOKED AT: none of {', '.join(NAMES)} is installed (Debian: apt install chromium)"
        if os.environ.get("CI"):  # noqa: TID251  the runner's own mark, no setting of the product's
            pytest.fail(reason)
        pytest.skip(reason)
    return found


@contextmanager
def chromium() -> Iterator[Browser]:
    place = installed()
    with sync_playwright() as driver:
        # Shared memory is small in a container; the browser takes a folder for it then.
        browser = driver.chromium.launch(executable_path=place, args=["--disable-dev-shm-usage"])
        try:
            yield browser
        finally:
            browser.close()


@contextmanager
def window(browser: Browser, width: int = 1280, **context: Any) -> Iterator[Sight]:
    """An empty window that notes what its page says, asks for and pops up."""
    with browser.new_context(viewport={"width": width, "height": HEIGHT}, **context) as made:
        made.add_init_script(path=EYES)
        sight = Sight(made.new_page())
        sight.page.on("console", lambda message: sight.console.append(f"{message.type}: {message.text}"))
        sight.page.on("pageerror", lambda error: sight.console.append(f"thrown: {error}"))
        sight.page.on("request", lambda request: sight.asked_for.append(request.url))
        sight.page.on("dialog", sight.close)
        yield sight


@contextmanager
def shown(browser: Browser, text: str, headers: Mapping[str, str], width: int = 1280) -> Iterator[Sight]:
    """A page, as if a server had sent it with these headers. Nothing else in the world answers."""
    with window(browser, width) as sight:

        def answer(route: Route, request: Request) -> None:
            if request.url == ADDRESS:
                route.fulfill(body=text, headers={"content-type": "text/html; charset=utf-8", **headers})
            else:
                sight.got_out.append(request.url)
                route.abort()

        sight.page.route("**/*", answer)
        sight.page.goto(ADDRESS)
        yield sight


def sheets(pdf: bytes) -> list[tuple[int, int]]:
    """Width and height of each sheet of a PDF, in points."""
    boxes = re.findall(rb"/MediaBox\s*\[\s*0 0 ([\d.]+) ([\d.]+)\s*\]", pdf)
    return [(round(float(wide)), round(float(high))) for wide, high in boxes]
