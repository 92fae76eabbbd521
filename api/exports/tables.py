"""The export as CSV: a row an item, for spreadsheets. RFC 4180 in UTF-8, with a head and without a byte order mark.

Whatever a stranger said may begin like a formula, and a spreadsheet would run it on the reader's machine. Such a cell
gets an apostrophe in front, by which spreadsheets know that it is text (OWASP, "CSV Injection").
"""

import csv
import io
from collections.abc import Iterable, Iterator
from typing import Final

from api.exports.material import Material, quoted
from orchestrator.analysis.items import Item, Kind
from orchestrator.meeting.cleaning import clean

COLUMNS: Final = (
    "kind",
    "number",
    "id",
    "text",
    "owner",
    "owner_id",
    "due",
    "due_date",
    "confidence",
    "verified",
    "seats",
    "quotes",
    "said_by",
    "utterances",
)
KINDS: Final[tuple[Kind, ...]] = ("action_items", "decisions", "questions", "risks", "topics")
BETWEEN: Final = " | "  # of several quotes in a cell
# The last four are what East Asian keyboards write for the first; some spreadsheets take them for the same.
_STARTS_A_FORMULA: Final = ("=", "+", "-", "@", "\t", "\r", "\n", "＝", "＋", "－", "＠")


def write(material: Material) -> str:
    out = io.StringIO(newline="")
    table = csv.writer(out, lineterminator="\r\n")
    table.writerow(COLUMNS)
    table.writerows(_rows(material))
    return out.getvalue()


def harmless(text: str) -> str:
    """The text of a cell, which no spreadsheet takes for a formula."""
    starts = text.startswith(_STARTS_A_FORMULA) or text.lstrip().startswith(_STARTS_A_FORMULA)
    return f"'{text}" if starts else text


def _rows(material: Material) -> Iterator[list[str]]:
    for kind in KINDS:
        for number, item in enumerate(material.analysis.of(kind), start=1):
            yield [harmless(cell) for cell in _row(kind, number, item, material)]


def _row(kind: Kind, number: int, item: Item, material: Material) -> Iterable[str]:
    owner, due = item.owner, item.due
    pieces = tuple(quoted(material, item))
    return (
        kind,
        str(number),
        item.id,
        clean(item.text),
        clean(owner.name) if owner else "",
        clean(owner.id or "") if owner else "",
        clean(due.text) if due else "",
        clean(due.date or "") if due else "",
        f"{item.confidence:.2f}",
        "true" if item.verified else "false",
        " ".join(map(str, item.seats)),
        BETWEEN.join(clean(quote) for quote, _ in pieces),
        BETWEEN.join(clean(where) for _, where in pieces),
        BETWEEN.join(clean(name) for proof in item.evidence for name in proof.utterances),
    )
