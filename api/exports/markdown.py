"""The export as Markdown (CommonMark, with the check boxes of GitHub's), for notes and wikis.

What was said in the meeting stays text, whatever it holds: no markup, no HTML, no link.
"""

import re
from collections.abc import Iterator, Sequence
from typing import Final

from api import wording
from api.exports.material import Material, quoted
from orchestrator.analysis.items import Item, Kind
from orchestrator.meeting.cleaning import clean

# As entities: programs that paste Markdown into HTML without reading it show these as text, too.
_ENTITIES: Final = str.maketrans({"&": "&amp;", "<": "&lt;", ">": "&gt;"})
_MARKS: Final = re.compile(r"[\\`*_\[\]~|$@]")
# Only what opens a heading, list, rule or table at the start of a line.
_OPENS_A_LINE: Final = re.compile(r"^(?:([#+=:-])|(\d{1,9})([.)]))")
_ADDRESS: Final = re.compile(r"(:)(?=//)|(?<=www)(\.)|(?<=mailto)(:)", re.IGNORECASE)


def write(material: Material) -> str:
    return "\n".join([*_head(material), *_summary(material), *_sections(material), ""])


def text(words: str) -> str:
    """Words as one line of Markdown that shows exactly them."""
    plain = _MARKS.sub(r"\\\g<0>", clean(words).translate(_ENTITIES))
    plain = _ADDRESS.sub(r"\\\g<0>", plain)
    return _OPENS_A_LINE.sub(_escaped_opening, plain)


def _escaped_opening(found: re.Match[str]) -> str:
    mark, number, after = found.groups()
    return f"\\{mark}" if mark else f"{number}\\{after}"


def _head(material: Material) -> Iterator[str]:
    job = material.job
    yield f"# {text(material.title)}"
    yield ""
    yield f"**{text(material.caution)}**"
    yield ""
    yield f"Job {job.id}, finished {job.finished_at or 'at an unknown time'}, {wording.dollars(job.cost.spent_usd)}."
    if job.reference:
        yield f"Reference: {text(job.reference)}"


def _summary(material: Material) -> Iterator[str]:
    yield ""
    yield "## Summary"
    yield ""
    yield text(material.analysis.summary.text)
    if material.analysis.summary.bullets:
        yield ""
        yield from (f"- {text(bullet)}" for bullet in material.analysis.summary.bullets)


def _sections(material: Material) -> Iterator[str]:
    for kind, title in wording.KIND_TITLES.items():
        items = material.analysis.of(kind)
        if items:
            yield from ("", f"## {title}", "", *_items(kind, items, material))


def _items(kind: Kind, items: Sequence[Item], material: Material) -> Iterator[str]:
    for item in items:
        yield f"- {'[ ] ' if kind == 'action_items' else ''}{text(item.text)}"
        for line in (*_facts(kind, item), *_quotes(item, material)):
            yield f"  - {line}"


def _facts(kind: Kind, item: Item) -> Iterator[str]:
    if kind == "action_items":
        yield f"Owner: {text(item.owner.name) if item.owner else 'nobody named'}"
        yield f"Due: {text(wording.due(item.due)) if item.due else 'no date said'}"


def _quotes(item: Item, material: Material) -> Iterator[str]:
    for quote, where in quoted(material, item):
        yield f"“{text(quote)}” ({text(where)})"
    seats = wording.backing(item, len(material.analysis.provenance.seats))
    doubt = "" if item.verified else "; quote not verified"
    yield f"{seats}, confidence {item.confidence:.0%}{doubt}"
