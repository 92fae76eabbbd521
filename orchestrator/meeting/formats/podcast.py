"""The transcript JSON of Podcasting 2.0: segments with `body`, often a word each. Pure.

Source: Podcastindex-org/podcast-namespace, "transcripts/transcripts.md", section "JSON".
"""

from typing import Final

from pydantic import JsonValue

from orchestrator.meeting.formats import words
from orchestrator.meeting.formats.nodes import Node, lookup
from orchestrator.meeting.formats.spoken import Spoken
from orchestrator.meeting.formats.words import Word

WHAT: Final = 'Podcasting 2.0 JSON: an object with "segments", each with "startTime" and "body"'


def fits(document: JsonValue) -> bool:
    """Whether a document can only be of this kind."""
    return lookup(document, "segments", 0, "body") is not None


def read(document: JsonValue) -> list[Spoken]:
    """Join the segments to utterances."""
    return words.utterances(_word(row) for row in Node(document).at("segments").rows())


def _word(row: Node) -> Word:
    times = row.at("startTime").seconds(), row.at("endTime").seconds()
    return Word(row.said("body").strip(), row.at("speaker").name(), *times)
