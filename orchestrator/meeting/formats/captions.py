"""Captions: WebVTT and SubRip, and SubViewer whose times stand as `0:00:01.000,0:00:02.000`. Pure.

One reader for all, since files carry each other's habits under any name. It is lenient where the meaning is plain and
refuses a broken time line, with its number. No caption library is used: webvtt-py gives whole seconds and no lines.

Sources: W3C, "WebVTT: The Web Video Text Tracks Format", section "WebVTT file structure"; Microsoft Graph,
"callTranscript", whose cue ids end in segment/part.
"""

import re
from collections.abc import Iterator, Sequence
from typing import Final, NamedTuple

from orchestrator.errors import UnparseableTranscript
from orchestrator.meeting.formats import cue_text, cutting, labels, rolling
from orchestrator.meeting.formats.clock import EXACT_TIME, TIME, span
from orchestrator.meeting.formats.labels import Label
from orchestrator.meeting.formats.spoken import Spoken

_TIMES: Final = re.compile(rf"\s*({TIME})\s*-->\s*({TIME})(?:\s.*)?")
# SubViewer's comma, and arrows that lost a part. Alone on a line, two times to the millisecond can mean nothing else.
_LOOSE_TIMES: Final = re.compile(rf"\s*({EXACT_TIME})\s*(?:,|→|-{{1,3}}>?)\s*({EXACT_TIME})\s*")
_SIGNATURE: Final = "WEBVTT"
_ASIDE: Final = re.compile(r"(?:NOTE|STYLE|REGION)(?:\s|$)")
_NUMBER_OR_GUID: Final = re.compile(r"\s*(?:[0-9]+|[0-9a-fA-F]{8}(?:-[0-9a-fA-F]{4}){3}-[0-9a-fA-F]{12}\S{0,20})\s*")
_SEGMENT_PART: Final = re.compile(r"(?P<segment>.+/[0-9]+)-[0-9]+")
_EXPECTED: Final = "a time line such as 00:00:01.000 --> 00:00:02.500"


class _Line(NamedTuple):
    number: int
    text: str


class _Cue(NamedTuple):
    id: str | None
    start_s: float
    end_s: float | None
    lines: list[str]


class _Part(NamedTuple):
    cue: _Cue
    voice: str | None
    lines: list[str]


def read(content: str) -> list[Spoken]:
    """Read the cues in the order of their starts, without repetitions; a cue with several voices gives several.

    Raises:
        UnparseableTranscript: a time line is broken, or there is text and no time line at all; with its line.
    """
    cues = sorted(_without_repeats(_cues(list(_blocks(content)))), key=lambda cue: cue.start_s)
    parts = [_Part(cue, voiced.voice, cutting.lines(voiced.text)) for cue in cues for voiced in _voices(cue)]
    return rolling.unroll(_joined(_spoken(parts)))


def is_time_line(line: str) -> bool:
    """Whether captions could start their cue here; broken times count, so that the reader can name them."""
    return _found(line) is not None or _is_broken(line)


def _blocks(content: str) -> Iterator[list[_Line]]:
    """Groups of lines between blank ones. A number alone joins the time line below: some tools write a gap there."""
    block: list[_Line] = []
    for number, text in enumerate([*cutting.lines(content), ""], start=1):
        if text.strip():
            block.append(_Line(number, text))
        elif block and not (len(block) == 1 and block[0].text.strip().isdigit()):
            yield block
            block = []
    if block:
        yield block


def _cues(blocks: Sequence[list[_Line]]) -> list[_Cue]:
    cues: list[_Cue] = []
    stray = None
    for block in blocks:
        if _ASIDE.match(block[0].text):
            continue
        before, found = _block_cues(block)
        if cues:
            cues[-1].lines.extend(before)  # a blank line inside a cue: what follows still belongs to it
        elif not block[0].text.startswith(_SIGNATURE):
            stray = stray or block[0].number
        cues.extend(found)
    if stray and not cues:
        raise UnparseableTranscript(f"no cue was found: expected {_EXPECTED}", line=stray)
    return cues


def _block_cues(block: Sequence[_Line]) -> tuple[list[str], list[_Cue]]:
    """The lines before the block's first cue, and its cues."""
    before: list[str] = []
    cues: list[_Cue] = []
    for line in block:
        lines = cues[-1].lines if cues else before
        times = _times(line)
        if times is None:
            lines.append(line.text)
            continue
        # The line above the times names the cue; without a blank line above it only if it looks like a name.
        named = lines and (not cues or _NUMBER_OR_GUID.fullmatch(lines[-1]))
        name = lines.pop().strip() if named else None
        cues.append(_Cue(name, *times, []))
    return before, cues


def _times(line: _Line) -> tuple[float, float | None] | None:
    if found := _found(line.text):
        return span(found[1], found[2])
    if _is_broken(line.text):
        raise UnparseableTranscript(f"line {line.number}: the times are broken; expected {_EXPECTED}", line=line.number)
    return None


def _found(line: str) -> re.Match[str] | None:
    return _TIMES.fullmatch(line) or _LOOSE_TIMES.fullmatch(line)


def _is_broken(line: str) -> bool:
    start, arrow, _ = line.partition("-->")
    return bool(arrow) and start.lstrip()[:1].isdigit() and ":" in start


def _without_repeats(cues: Sequence[_Cue]) -> list[_Cue]:
    """Nobody says the same twice in the same instant: such cues come from tools that write each state of a screen."""
    kept: dict[tuple[float, float | None, str], _Cue] = {}
    for cue in cues:
        kept.setdefault((cue.start_s, cue.end_s, "\n".join(cue.lines)), cue)
    return list(kept.values())


def _voices(cue: _Cue) -> list[cue_text.Voiced]:
    return cue_text.parts("\n".join(cue.lines))


def _spoken(parts: Sequence[_Part]) -> list[Spoken]:
    """Split the parts without a voice at the lines that name a speaker."""
    names = labels.speakers([place for part in parts if not part.voice for place in _places(part.lines)])
    return [spoken for part in parts for spoken in _turns(part, names)]


def _places(lines: Sequence[str]) -> Iterator[Label | None]:
    yield labels.parse(lines[0])
    yield from filter(None, map(labels.parse, lines[1:]))


def _turns(part: _Part, names: frozenset[str]) -> Iterator[Spoken]:
    speaker, said = part.voice, list[str]()
    for line in part.lines:
        label = None if part.voice else labels.parse(line)
        if label and label.name in names:
            yield from _turn(part.cue, speaker, said)
            speaker, said = label.name, [label.rest]
        else:
            said.append(line)
    yield from _turn(part.cue, speaker, said)


def _turn(cue: _Cue, speaker: str | None, said: Sequence[str]) -> Iterator[Spoken]:
    if text := "\n".join(said).strip():
        yield Spoken(text, speaker, cue.start_s, cue.end_s, cue.id)


def _joined(captions: Sequence[Spoken]) -> list[Spoken]:
    """Join the parts of a Teams segment (`GUID/15-0`, `GUID/15-1`), which other speakers may come between."""
    groups: dict[tuple[str, str | None] | int, list[Spoken]] = {}
    for place, caption in enumerate(captions):
        part = _SEGMENT_PART.fullmatch(caption.id or "")
        key = (part["segment"], caption.speaker) if part else place
        groups.setdefault(key, []).append(caption._replace(id=part["segment"]) if part else caption)
    return [
        parts[0]._replace(text="\n".join(part.text for part in parts), end_s=parts[-1].end_s)
        for parts in groups.values()
    ]
