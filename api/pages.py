"""Pages for people: self-contained HTML from a template, with everything escaped.

No script and nothing from outside, so that a page lives under `POLICY`, which it carries with it: a page that was saved
to a disk has no header any more. Whatever a stranger said is plain text: hidden and direction-changing
characters are taken out, nothing becomes a link or markup.
"""

from functools import cache
from pathlib import Path
from typing import Final

from jinja2 import Environment, FileSystemLoader, StrictUndefined, Template
from markupsafe import Markup

from orchestrator.meeting.cleaning import clean

POLICY: Final = "default-src 'none'; style-src 'unsafe-inline'; img-src data:; base-uri 'none'; form-action 'none'"

# What a browser may do with a page of ours: show it. In a frame of somebody's it could be drawn over.
HEADERS: Final = {
    "Content-Security-Policy": f"{POLICY}; frame-ancestors 'none'",
    "X-Content-Type-Options": "nosniff",
    "Referrer-Policy": "no-referrer",
}


@cache
def template(name: str) -> Template:
    """The template of that name, which fails on a value that it was not given."""
    environment = Environment(
        loader=FileSystemLoader(Path(__file__).with_name("templates")),
        autoescape=True,
        undefined=StrictUndefined,
        finalize=_shown,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    environment.globals["policy"] = POLICY
    return environment.get_template(name)


def _shown(value: object) -> object:
    """Every text on a page passes here, so that no field can be forgotten. Markup is the template's own.

    It trims, too: a template must write the spaces between two expressions itself.
    """
    return clean(value) if isinstance(value, str) and not isinstance(value, Markup) else value
