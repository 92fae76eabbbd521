"""Plain text and Markdown: turns that open with a name, in the spellings that products and people use. Pure.

    Ann: hello                  [00:01:02] Ann: hello        Ann (00:01:02): hello      [Ann] hello
    **Ann** (0:12): hello       Ann  0:12                    Ann
                                hello                        0:12
                                                             hello

Lines without a name continue the turn above. A text in which nobody is named is read line by line.
"""

import re
from collections.abc import Iterator, Sequence
from typing import Final, NamedTuple

from orchestrator.meeting.formats import cutting, labels
from orchestrator.meeting.formats.labels import Label, Stamp
from orchestrator.meeting.formats.spoken import Spoken

_LONG_LINE_CHARACTERS: Final = 1_000  # above, a line is a text without line ends, of no use as a piece of evidence
_PASSAGE_CHARACTERS: Final = 400  # about half a minute of speech
_SENTENCE_ENDS: Final = (".", "!", "?", "…", "。", "！", "？")
# Lines that products add and nobody said: Otter, Google Meet.
_BOILERPLATE: Final = re.compile(
    r"[\s*_]*(?:Transcribed by https?://otter\.ai|(?:Transcription|Meeting) ended after [0-9:]+.*"
    r"|This editable transcript was computer generated and might contain errors\..*)[\s*_]*",
    re.IGNORECASE,
)
_TRANSCRIPT_HEADING: Final = re.compile(r"[\s#*_]*transcript[\s*_:]*", re.IGNORECASE)


class _Line(NamedTuple):
    """A line with words in it. `opens`: a turn could start here, since a paragraph or a sentence does."""

    text: str
    label: Label | None
    opens: bool
    start_s: float | None = None
    end_s: float | None = None


def read(content: str) -> list[Spoken]:
    """Read the turns in the order of the file; never refuses, since any text is text."""
    rows = cutting.lines(content)
    found = _lines(rows)
    turns = _turns(found)
    if not turns:
        return [spoken for line in found for spoken in _unnamed(line)]
    heading = _heading(rows)
    if heading is None:
        return turns
    below = _turns(_lines(rows[heading + 1 :]))
    # A heading with few turns below it is no heading, but a line that somebody said.
    return below if _named(below) > _named(turns) / 2 else turns


def _named(turns: Sequence[Spoken]) -> int:
    return sum(turn.speaker is not None for turn in turns)


def _heading(rows: Sequence[str]) -> int | None:
    """The place of a line that says "Transcript": title, attendees and notes may stand above it."""
    return next((place for place, row in enumerate(rows) if _TRANSCRIPT_HEADING.fullmatch(row)), None)


def _lines(rows: Sequence[str]) -> list[_Line]:
    found: list[_Line] = []
    clock_s = None  # the time that last stood alone on its line
    above = ""
    for row in rows:
        stamp = labels.stamp(row)
        if not row.strip() or _BOILERPLATE.fullmatch(row):
            above = ""
        elif stamp and not stamp.rest.strip():
            clock_s = stamp.start_s
            if found and above and not found[-1].label and labels.could_be_name(above):
                found[-1] = found[-1]._replace(label=Label(above.strip(" \t#*_"), "", clock_s), opens=True)
            above = ""
        else:
            found.append(_line(row, stamp, clock_s, above))
            above = row
    return found


def _line(row: str, stamp: Stamp | None, clock_s: float | None, above: str) -> _Line:
    label = labels.parse(row)
    opens = label is not None or not above or above.rstrip().endswith(_SENTENCE_ENDS)
    if stamp and stamp.bracketed:
        return _Line(stamp.rest, label, opens, stamp.start_s, stamp.end_s)
    return _Line(row, label, opens, clock_s)


def _unnamed(line: _Line) -> Iterator[Spoken]:
    long = len(line.text) > _LONG_LINE_CHARACTERS
    for text in cutting.passages(line.text, _PASSAGE_CHARACTERS) if long else (line.text,):
        yield Spoken(text, None, line.start_s, line.end_s)


def _turns(lines: Sequence[_Line]) -> list[Spoken]:
    names = labels.speakers([line.label for line in lines if line.opens])
    heads = [(place, line.label) for place, line in enumerate(lines) if line.label and line.label.name in names]
    ends = [*(place for place, _ in heads), len(lines)][1:]
    turns = [_turn(label, lines[place:end]) for (place, label), end in zip(heads, ends, strict=True)]
    return _preamble(lines, heads) + turns


def _preamble(lines: Sequence[_Line], heads: Sequence[tuple[int, Label]]) -> list[Spoken]:
    """Where turns carry times, what stands above the first is a title; elsewhere somebody may have said it."""
    if not heads or heads[0][1].start_s is not None:
        return []
    return [spoken for line in lines[: heads[0][0]] for spoken in _unnamed(line)]


def _turn(label: Label, lines: Sequence[_Line]) -> Spoken:
    start_s = lines[0].start_s if label.start_s is None else label.start_s
    text = "\n".join((label.rest, *(line.text for line in lines[1:])))
    return Spoken(text, label.name, start_s, label.end_s)
