"""Documents by the name that a caller gives them: plain text, and what meeting products write. Pure.

Products give out captions, or text with speakers, in layouts that they share with others. A caller who names one is
told when the content is not of a kind that it writes.
"""

from collections.abc import Callable, Mapping
from typing import Final, NamedTuple

from orchestrator.errors import UnparseableTranscript
from orchestrator.meeting.formats import captions, json_shapes, speaker_lines, tables
from orchestrator.meeting.formats.detection import KINDS, detect, is_surely_captions
from orchestrator.meeting.formats.spoken import Spoken


class _Product(NamedTuple):
    """`kinds`: what `detect` may say of its files; `what` completes "expected ..."."""

    what: str
    kinds: Mapping[str, Callable[[str], list[Spoken]]]


_CAPTIONS: Final = {"vtt": captions.read, "srt": captions.read}
_TEXT: Final = {"text": speaker_lines.read}
_PRODUCTS: Final[Mapping[str, _Product]] = {
    "zoom": _Product("a Zoom transcript: WebVTT, or lines that name their speakers", _CAPTIONS | _TEXT),
    "teams": _Product("a Teams transcript: WebVTT, or text with names and times", _CAPTIONS | _TEXT),
    "meet": _Product("a Google Meet transcript: text with names, or captions", _CAPTIONS | _TEXT),
    "otter": _Product("an Otter export: text with names and times, or SubRip", _CAPTIONS | _TEXT),
    "fireflies": _Product(
        "a Fireflies transcript: JSON with sentences, captions, a table, or text with names",
        _CAPTIONS | _TEXT | {"json": json_shapes.reader("fireflies"), "csv": tables.read},
    ),
    "rev": _Product(
        "a Rev transcript: JSON with monologues, captions, or text with names",
        _CAPTIONS | _TEXT | {"json": json_shapes.reader("rev")},
    ),
}


def read_text(content: str) -> list[Spoken]:
    """Read plain text, and refuse what is laid out for machines: its fields would be taken for speech.

    Captions that stand somewhere inside a text, and JSON that is no transcript, are text.
    """
    kind = detect(content)
    if kind == "srt" and not is_surely_captions(content):
        kind = "text"
    if kind == "json" and not json_shapes.is_known(content):
        kind = "text"
    if kind != "text":
        raise UnparseableTranscript(f'expected plain text; this is {KINDS[kind]}, which "auto" would read', line=1)
    return speaker_lines.read(content)


def reader(name: str) -> Callable[[str], list[Spoken]]:
    """What reads one product's documents and refuses all else."""
    product = _PRODUCTS[name]

    def read(content: str) -> list[Spoken]:
        kind = detect(content)
        if kind not in product.kinds:
            raise UnparseableTranscript(f"expected {product.what}; this is {KINDS[kind]}", line=1)
        found = product.kinds[kind](content)
        if kind == "text" and found and not any(one.speaker for one in found):
            raise UnparseableTranscript(f"expected {product.what}; no line of the text names a speaker", line=1)
        return found

    return read
