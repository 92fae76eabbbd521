"""Markup that acts, for pages that no markup should get into, and the trace that it leaves if it does."""

from typing import Final

from playwright.sync_api import Page

PWNED: Final = "document.documentElement.dataset.pwned = 'yes'"

RUNNING: Final = {
    "script": f"<script>{PWNED}</script>",
    "onerror": f'<img src="x" onerror="{PWNED}">',
    "onload": f'<svg onload="{PWNED}"></svg>',
}
INJECTED: Final = RUNNING | {
    "javascript": f'<a id="bait" href="javascript:{PWNED}">bait</a>',
    "frame": f'<iframe srcdoc="<script>parent.{PWNED}</script>"></iframe>',
    "outside": '<link rel="stylesheet" href="http://evil.example/x.css"><img src="http://evil.example/p.png">',
    "object": '<base href="http://evil.example/"><object data="http://evil.example/x"></object>',
}


def is_pwned(page: Page) -> bool:
    """Whether any of it ran."""
    return page.evaluate("document.documentElement.dataset.pwned") is not None
