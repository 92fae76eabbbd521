"""The readers by the format names of the HTTP contract. A new format is one room and one row."""

from collections.abc import Callable, Mapping
from typing import Final, TypeAlias

from orchestrator.meeting.formats import captions, json_shapes, nist, products, substation, tables
from orchestrator.meeting.formats.spoken import Spoken

Reader: TypeAlias = Callable[[str], list[Spoken]]

READERS: Final[Mapping[str, Reader]] = {
    # Kinds of file, whoever wrote them.
    "vtt": captions.read,
    "srt": captions.read,
    "sbv": captions.read,
    "text": products.read_text,
    "json": json_shapes.read,
    "csv": tables.read,
    "ass": substation.read,
    "stm": nist.read_stm,
    "ctm": nist.read_ctm,
    # The answers of recognisers.
    "assemblyai": json_shapes.reader("assemblyai"),
    "deepgram": json_shapes.reader("deepgram"),
    "whisper": json_shapes.reader("whisper"),
    "aws": json_shapes.reader("aws"),
    "google": json_shapes.reader("google"),
    # What meeting products give out, in several layouts each.
    "zoom": products.reader("zoom"),
    "teams": products.reader("teams"),
    "meet": products.reader("meet"),
    "otter": products.reader("otter"),
    "fireflies": products.reader("fireflies"),
    "rev": products.reader("rev"),
}
