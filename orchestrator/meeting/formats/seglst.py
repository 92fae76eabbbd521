"""SegLST: an array of segments as the CHiME challenges and meeteval write them. Pure.

Source: fgnt/meeteval, "README", section "File Formats", "Segment-wise Long-form Speech Transcription annotation".
"""

from typing import Final

from pydantic import JsonValue

from orchestrator.meeting.formats.nodes import Node, lookup
from orchestrator.meeting.formats.spoken import Spoken, voice

WHAT: Final = 'SegLST JSON: an array of objects with "session_id", "speaker", "start_time", "end_time" and "words"'


def fits(document: JsonValue) -> bool:
    """Whether a document can only be of this kind."""
    return isinstance(lookup(document, 0, "words"), str)


def read(document: JsonValue) -> list[Spoken]:
    """Read the segments in the order of the file, whichever session they are of."""
    return [_spoken(row) for row in Node(document).rows()]


def _spoken(row: Node) -> Spoken:
    times = row.at("start_time").duration(), row.at("end_time").duration()
    return Spoken(row.said("words"), voice(row.at("speaker").name()), *times).in_order()
