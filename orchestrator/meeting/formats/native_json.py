"""Our own JSON: `{"utterances": [{id, speaker, start_s, end_s, text}]}`. Pure.

Also `{"segments": [{id, speaker, start, end, text}], "speakers": [{id, name}]}`, as Whisper and its kin write, and the
same rows as a bare array or as JSON Lines. All fields but `text` may be missing or null; others are ignored. Rows
whose text is null or blank are left out. Under `utterances` the fields `start` and `end` are not ours: a vendor counts
them in milliseconds, and a wrong time is worse than none.
"""

import re
from collections.abc import Iterator, Mapping
from typing import Final, NamedTuple

from pydantic import JsonValue

from orchestrator.errors import UnparseableTranscript
from orchestrator.meeting.formats import strict_json
from orchestrator.meeting.formats.spoken import Spoken
from providers.calls import JsonObject

_SECOND_OBJECT: Final = re.compile(r"\}[ \t]*\r?\n\s*\{")


class _Shape(NamedTuple):
    """How a document names its times, in order of preference."""

    start: tuple[str, ...]
    end: tuple[str, ...]


_SHAPES: Final = {
    "utterances": _Shape(start=("start_s",), end=("end_s",)),
    "segments": _Shape(start=("start_s", "start"), end=("end_s", "end")),
}


def read(content: str) -> list[Spoken]:
    """Read the rows in the order of the file.

    Raises:
        UnparseableTranscript: broken JSON (with line and offset), or a value of the wrong type (with its pointer).
    """
    document = _document(content)
    if isinstance(document, list):
        return list(_rows(document, "", _SHAPES["segments"], names={}))
    if isinstance(document, dict):
        for key, shape in _SHAPES.items():
            if key in document:
                return list(_rows(document[key], f"/{key}", shape, _names(document.get("speakers"))))
    raise UnparseableTranscript('the JSON is no transcript: expected an object with "utterances" or "segments"')


def _document(content: str) -> JsonValue:
    try:
        return strict_json.parse(content)
    except UnparseableTranscript:
        # Several objects one below the other are JSON Lines; a broken document keeps its own error.
        if content.lstrip()[:1] == "{" and (second := _SECOND_OBJECT.search(content)) and _is_one(content, second):
            return strict_json.parse_lines(content)
        raise


def _is_one(content: str, second: re.Match[str]) -> bool:
    try:
        return isinstance(strict_json.parse(content[: second.start() + 1]), dict)
    except UnparseableTranscript:
        return False


def _rows(rows: JsonValue, pointer: str, shape: _Shape, names: Mapping[str, str]) -> Iterator[Spoken]:
    if not isinstance(rows, list):
        raise _wrong(pointer, "an array")
    for place, row in enumerate(rows):
        here = f"{pointer}/{place}"
        if not isinstance(row, dict):
            raise _wrong(here, "an object")
        if text := _text(row, here):
            speaker = _word(row, "speaker", here)
            start_s, end_s = _seconds(row, shape.start, here), _seconds(row, shape.end, here)
            if start_s is not None and end_s is not None and end_s < start_s:
                end_s = None
            yield Spoken(text, names.get(speaker or "", speaker), start_s, end_s, _word(row, "id", here))


def _text(row: JsonObject, pointer: str) -> str:
    text = row.get("text", 0)
    if text is None:
        return ""
    if not isinstance(text, str):
        raise _wrong(f"{pointer}/text", "a string")
    return text


def _word(row: JsonObject, key: str, pointer: str) -> str | None:
    value = row.get(key)
    if isinstance(value, int) and not isinstance(value, bool):
        return str(value)
    if value is None or isinstance(value, str):
        return value
    raise _wrong(f"{pointer}/{key}", "a string, a whole number or null")


def _seconds(row: JsonObject, keys: tuple[str, ...], pointer: str) -> float | None:
    key = next((key for key in keys if key in row), keys[0])
    value = row.get(key)
    if value is None:
        return None
    if isinstance(value, bool) or not isinstance(value, int | float) or not 0 <= value < float("inf"):
        raise _wrong(f"{pointer}/{key}", "seconds from 0, or null")
    return float(value)


def _names(speakers: JsonValue) -> dict[str, str]:
    """Names by id; what else `speakers` may hold at other vendors says nothing about ours."""
    rows = speakers if isinstance(speakers, list) else []
    found = {}
    for row in rows:
        if isinstance(row, dict) and isinstance(row.get("id"), str | int) and isinstance(row.get("name"), str):
            found[str(row["id"])] = str(row["name"])
    return {speaker: name for speaker, name in found.items() if name.strip()}


def _wrong(pointer: str, expected: str) -> UnparseableTranscript:
    return UnparseableTranscript(f"{pointer or 'the document'} must be {expected}")
