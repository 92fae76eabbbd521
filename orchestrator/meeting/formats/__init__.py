"""The readers by the format names of the HTTP contract. A new format is one room and one row."""

from collections.abc import Callable, Mapping
from typing import Final, TypeAlias

from orchestrator.meeting.formats import captions, native_json, speaker_lines
from orchestrator.meeting.formats.spoken import Spoken

Reader: TypeAlias = Callable[[str], list[Spoken]]

READERS: Final[Mapping[str, Reader]] = {
    "vtt": captions.read,
    "srt": captions.read,
    "text": speaker_lines.read,
    "json": native_json.read,
}
