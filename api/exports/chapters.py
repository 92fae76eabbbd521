"""The export as chapters of the recording (WebVTT): each topic from when it is first spoken of to the next one.

A player takes it as `<track kind="chapters">`. Sources: W3C, WebVTT: The Web Video Text Tracks Format, sections 1.4
(chapters do not overlap), 4.1 (the file) and 4.2 (what is escaped).
"""

from collections.abc import Iterator
from itertools import pairwise
from typing import Final

from api import wording
from api.exports.material import Material
from orchestrator.analysis.items import Item
from orchestrator.meeting.cleaning import clean

# As references: no tag begins, and no cue's arrow stands in what was said.
_ESCAPED: Final = str.maketrans({"&": "&amp;", "<": "&lt;", ">": "&gt;"})
SHORTEST_MS: Final = 1_000  # the last topic may begin with the last word, and a cue must end after it begins


def write(material: Material) -> str:
    timed: dict[int, list[str]] = {}
    for item in material.analysis.topics:
        if (start_ms := _start_ms(item)) is not None:
            timed.setdefault(start_ms, []).append(_text(item.text))
    untimed = len(material.analysis.topics) - sum(map(len, timed.values()))
    return "\n".join([*_head(material, untimed), *_chapters(timed, material)])


def _head(material: Material, untimed: int) -> Iterator[str]:
    more = f" Not here: {wording.count(untimed, 'topic')} without a time." if untimed else ""
    yield from ("WEBVTT", "", f"NOTE {_text(material.title)}: {_text(material.caution)}.{more}", "")


def _chapters(timed: dict[int, list[str]], material: Material) -> Iterator[str]:
    """What begins at the same moment is one chapter."""
    starts = sorted(timed)
    for start_ms, end_ms in pairwise([*starts, *(_end_ms(last, material) for last in starts[-1:])]):
        yield from (f"{_clock(start_ms)} --> {_clock(end_ms)}", "; ".join(timed[start_ms]), "")


def _end_ms(last_ms: int, material: Material) -> int:
    known_s = material.transcript.duration_s if material.transcript else None
    return max(round((known_s or 0.0) * 1000), last_ms + SHORTEST_MS)


def _start_ms(item: Item) -> int | None:
    return min((round(proof.start_s * 1000) for proof in item.evidence if proof.start_s is not None), default=None)


def _text(words: str) -> str:
    return clean(words).translate(_ESCAPED)


def _clock(time_ms: int) -> str:
    """`01:02:03.450`, and as many hours as it takes."""
    minutes, within_ms = divmod(time_ms, 60_000)
    return f"{minutes // 60:02}:{minutes % 60:02}:{within_ms // 1000:02}.{within_ms % 1000:03}"
