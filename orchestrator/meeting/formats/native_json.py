"""Our own JSON: `{"utterances": [{id, speaker, start_s, end_s, text}]}`. Pure.

Also `{"segments": [{id, speaker, start, end, text}], "speakers": [{id, name}]}`, and the same rows as a bare array or
as JSON Lines. All fields but `text` may be missing or null; others are ignored. Rows whose text is null or blank are
left out. Under `utterances` the fields `start` and `end` are not ours: a vendor counts them in milliseconds, and a
wrong time is worse than none.
"""

from collections.abc import Iterator, Mapping
from typing import Final, NamedTuple

from pydantic import JsonValue

from orchestrator.meeting.formats.nodes import Node, lookup, names_by_id
from orchestrator.meeting.formats.spoken import Spoken

WHAT: Final = 'an object with "utterances" or "segments", or an array of such rows, each with "text"'


class _Shape(NamedTuple):
    """How a document names its times, in order of preference."""

    start: tuple[str, ...]
    end: tuple[str, ...]


_SHAPES: Final = {
    "utterances": _Shape(start=("start_s",), end=("end_s",)),
    "segments": _Shape(start=("start_s", "start"), end=("end_s", "end")),
}


def fits(document: JsonValue) -> bool:
    """Whether a document could be ours."""
    return isinstance(document, list) or (isinstance(document, dict) and any(key in document for key in _SHAPES))


def read(document: JsonValue) -> list[Spoken]:
    """Read the rows in the order of the file."""
    root = Node(document)
    if isinstance(document, list):
        return list(_spoken(root, _SHAPES["segments"], names={}))
    names = names_by_id(lookup(document, "speakers"))
    for key, shape in _SHAPES.items():
        if key in root.object():
            return list(_spoken(root.at(key), shape, names))
    raise root.refusal(WHAT)


def _spoken(rows: Node, shape: _Shape, names: Mapping[str, str]) -> Iterator[Spoken]:
    for row in rows.rows():
        if text := row.said("text"):
            speaker = row.at("speaker").name()
            start_s, end_s = row.at(*shape.start).seconds(), row.at(*shape.end).seconds()
            yield Spoken(text, names.get(speaker or "", speaker), start_s, end_s, row.at("id").name()).in_order()
