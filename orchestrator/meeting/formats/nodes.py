"""Values in a JSON document of a stranger, each with its place, so that a refusal can name it. Pure.

Places are JSON pointers (RFC 6901). A missing field counts as null: vendors leave out what they do not know.
"""

import re
from dataclasses import dataclass
from typing import Final

from pydantic import JsonValue

from orchestrator.errors import UnparseableTranscript
from providers.calls import JsonObject

_DECIMAL: Final = re.compile(r"[0-9]{1,12}(?:\.[0-9]{1,12})?")
_NANO: Final = 1e-9


@dataclass(frozen=True, slots=True)
class Node:
    """A value and its place. What reads it as something else than it is raises UnparseableTranscript."""

    value: JsonValue
    pointer: str = ""

    def at(self, *keys: str) -> "Node":
        """The first of these members that is there, else the first as null; of an object only."""
        row = self.object()
        key = next((key for key in keys if key in row), keys[0])
        return Node(row.get(key), f"{self.pointer}/{key}")

    def object(self) -> JsonObject:
        if not isinstance(self.value, dict):
            raise self.refusal("an object")
        return self.value

    def rows(self) -> list["Node"]:
        """The elements of an array, in order."""
        if not isinstance(self.value, list):
            raise self.refusal("an array")
        return [Node(row, f"{self.pointer}/{place}") for place, row in enumerate(self.value)]

    def text(self) -> str:
        """A string; "" for null."""
        if self.value is None:
            return ""
        if not isinstance(self.value, str):
            raise self.refusal("a string")
        return self.value

    def said(self, *keys: str) -> str:
        """The text of a row. It must be there, if only as null: a row without it is another format's."""
        if not any(key in self.object() for key in keys):
            raise self.at(*keys).refusal("a string")
        return self.at(*keys).text()

    def name(self) -> str | None:
        """A string or a whole number as text; None for null."""
        if isinstance(self.value, int) and not isinstance(self.value, bool):
            return str(self.value)
        if self.value is None or isinstance(self.value, str):
            return self.value
        raise self.refusal("a string, a whole number or null")

    def seconds(self) -> float | None:
        """A number of seconds from 0; None for null."""
        return self._number("seconds from 0, or null")

    def milliseconds(self) -> float | None:
        """A number of milliseconds from 0, in seconds; None for null."""
        number = self._number("milliseconds from 0, or null")
        return None if number is None else number / 1000

    def duration(self) -> float | None:
        """Seconds in any spelling: 1.2, "1.2", "1.2s", or Google's {"seconds": 1, "nanos": 200000000}."""
        if isinstance(self.value, dict):
            whole, nanos = self.at("seconds").duration(), self.at("nanos").seconds()
            return (whole or 0.0) + (nanos or 0.0) * _NANO
        if isinstance(self.value, str):
            digits = self.value.strip().removesuffix("s")
            if not _DECIMAL.fullmatch(digits):
                raise self.refusal('seconds from 0, such as "1.25" or "1.25s", or null')
            return float(digits)
        return self.seconds()

    def refusal(self, expected: str) -> UnparseableTranscript:
        """The error to raise here."""
        return UnparseableTranscript(f"{self.pointer or 'the document'} must be {expected}")

    def _number(self, expected: str) -> float | None:
        value = self.value
        if value is None:
            return None
        if isinstance(value, bool) or not isinstance(value, int | float) or not 0 <= value < float("inf"):
            raise self.refusal(expected)
        return float(value)


def lookup(document: JsonValue, *path: str | int) -> JsonValue:
    """What stands at the end of a path; None where it breaks off, whatever the document is."""
    value = document
    for step in path:
        if isinstance(value, dict) and isinstance(step, str):
            value = value.get(step)
        elif isinstance(value, list) and isinstance(step, int) and step < len(value):
            value = value[step]
        else:
            return None
    return value


def names_by_id(speakers: JsonValue) -> dict[str, str]:
    """The names in a table of `{id, name}`; what else `speakers` may hold at one vendor or the other says nothing."""
    rows = speakers if isinstance(speakers, list) else []
    pairs = [(row.get("id"), row.get("name")) for row in rows if isinstance(row, dict)]
    found = {str(key): name for key, name in pairs if isinstance(key, str | int) and isinstance(name, str)}
    return {key: name for key, name in found.items() if name.strip()}
