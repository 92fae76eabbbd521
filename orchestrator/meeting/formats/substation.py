r"""(Advanced) SubStation Alpha: `Dialogue:` lines whose fields the `Format:` line above them names. Pure.

Overrides in braces go, `\N`, `\n` and `\h` are white space. `NTP` was the editor's own filling for an empty name.

Source: "Sub Station Alpha v4.00+ Script Format", section "The [Events] section".
"""

import re
from collections.abc import Iterator, Sequence
from typing import Final

from orchestrator.errors import UnparseableTranscript
from orchestrator.meeting.formats import cutting
from orchestrator.meeting.formats.clock import TIME, span
from orchestrator.meeting.formats.spoken import Spoken

_LINE: Final = re.compile(r"\s*(?P<kind>Format|Dialogue)\s*:(?P<rest>.*)", re.IGNORECASE)
_EVENTS: Final = re.compile(r"\s*\[Events\]\s*", re.IGNORECASE)
_OVERRIDE: Final = re.compile(r"\{[^{}]*\}")
_BREAK: Final = re.compile(r"\\[Nnh]")
_CLOCK: Final = re.compile(TIME)
_NOBODY: Final = ("", "NTP")
_FIELDS: Final = ("layer", "start", "end", "style", "name", "marginl", "marginr", "marginv", "effect", "text")


def is_heading(line: str) -> bool:
    """Whether a file of this kind begins here."""
    return line.strip().lower() == "[script info]"


def read(content: str) -> list[Spoken]:
    """Read the dialogue lines in the order of their starts.

    Raises:
        UnparseableTranscript: there is no section for events, or a dialogue line is broken; with its number.
    """
    lines = cutting.lines(content)
    events = next((place for place, line in enumerate(lines) if _EVENTS.fullmatch(line)), None)
    if events is None:
        raise UnparseableTranscript("line 1: expected SubStation Alpha, with a section [Events]", line=1)
    return sorted(_spoken(lines, events), key=lambda one: one.start_s or 0.0)


def _spoken(lines: Sequence[str], events: int) -> Iterator[Spoken]:
    fields: tuple[str, ...] = _FIELDS
    for number, line in enumerate(lines[events:], start=events + 1):
        found = _LINE.fullmatch(line)
        if found and found["kind"].lower() == "format":
            fields = tuple(name.strip().lower() for name in found["rest"].split(","))
        elif found:
            yield _dialogue(found["rest"], fields, number)


def _dialogue(rest: str, fields: tuple[str, ...], number: int) -> Spoken:
    """The text comes last, and its commas are its own."""
    row = dict(zip(fields, (value.strip() for value in rest.split(",", len(fields) - 1)), strict=False))
    start, end, text = (row.get(name, "") for name in ("start", "end", "text"))
    if not (_CLOCK.fullmatch(start) and _CLOCK.fullmatch(end)) or "text" not in row:
        expected = f"expected the fields {', '.join(fields)}, times such as 0:00:01.18"
        raise UnparseableTranscript(f"line {number}: {expected}", line=number)
    start_s, end_s = span(start, end)
    name = next((row[key] for key in ("name", "actor") if row.get(key, "") not in _NOBODY), None)
    return Spoken(_BREAK.sub(" ", _OVERRIDE.sub("", text)), name, start_s, end_s)
