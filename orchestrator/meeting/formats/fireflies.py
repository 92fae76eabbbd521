"""Fireflies: the answer to a GraphQL query for a transcript with its sentences. Times are seconds. Pure.

Source: Fireflies, "API Documentation", "GraphQL API", `Transcript` and `Sentence`.
"""

from collections.abc import Mapping
from typing import Final

from pydantic import JsonValue

from orchestrator.meeting.formats.nodes import Node, lookup, names_by_id
from orchestrator.meeting.formats.spoken import Spoken, voice

WHAT: Final = 'Fireflies JSON: "data", in it "transcript", in it "sentences" with "text" and "speaker_name"'

_WRAPPINGS: Final = (("data", "transcript"), ("transcript",), ())


def fits(document: JsonValue) -> bool:
    """Whether a document can only be Fireflies'."""
    return any(isinstance(lookup(document, *path, "sentences", 0, "speaker_name"), str) for path in _WRAPPINGS)


def read(document: JsonValue) -> list[Spoken]:
    """Read the sentences in the order of the file."""
    found = Node(document)
    for key in ("data", "transcript"):
        found = found.at(key) if found.at(key).value is not None else found
    names = names_by_id(found.at("speakers").value)
    return [_spoken(row, names) for row in found.at("sentences").rows()]


def _spoken(row: Node, names: Mapping[str, str]) -> Spoken:
    label = row.at("speaker_id").name() or ""
    speaker = row.at("speaker_name").name() or names.get(label) or voice(label)
    times = row.at("start_time").duration(), row.at("end_time").duration()
    return Spoken(row.said("text", "raw_text"), speaker, *times, row.at("index").name()).in_order()
