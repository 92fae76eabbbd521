"""Reads the lines of an uploaded batch, and says what is wrong with them as the vendor's validation does. Pure.

Source: shared design page providers.md, section 3.1.
"""

import json
from dataclasses import dataclass
from typing import Final

from pydantic import JsonValue

from providers.emulator.chat_answers import JsonObject

MAX_REQUESTS: Final = 50_000


@dataclass(frozen=True)
class Item:
    """One request of a batch."""

    custom_id: str
    body: JsonObject


@dataclass(frozen=True)
class Flaw:
    """Why the whole batch fails. `line` counts from 1; None concerns the file."""

    code: str
    message: str
    line: int | None = None
    param: str | None = None

    def written(self) -> JsonValue:
        """One row of the batch's `errors`."""
        return {"code": self.code, "line": self.line, "message": self.message, "param": self.param}


def read(content: bytes, endpoint: str) -> tuple[list[Item], list[Flaw]]:
    """The requests, in order; or what is wrong, and then no request may run."""
    rows = [row for row in content.split(b"\n") if row.strip()]  # on LF alone: U+2028 may stand in a text
    if not rows:
        return [], [Flaw("empty_file", "The input file is empty.")]
    if len(rows) > MAX_REQUESTS:
        return [], [Flaw("too_many_requests", f"At most {MAX_REQUESTS} requests are taken in a batch.")]
    items: list[Item] = []
    flaws: list[Flaw] = []
    for number, row in enumerate(rows, start=1):
        found = _read_line(row, number, endpoint)
        if isinstance(found, Item):
            items.append(found)
        else:
            flaws.append(found)
    return items, flaws or _together(items)


def _read_line(row: bytes, number: int, endpoint: str) -> Item | Flaw:
    try:
        parsed: JsonValue = json.loads(row)
    except ValueError:
        return Flaw("invalid_json_line", "This line is not parseable as valid JSON.", number)
    if not isinstance(parsed, dict):
        return Flaw("invalid_json_line", "This line is not a JSON object.", number)
    custom_id, body = parsed.get("custom_id"), parsed.get("body")
    if not isinstance(custom_id, str) or not custom_id:
        return Flaw("missing_required_parameter", "Missing required parameter: 'custom_id'.", number, "custom_id")
    if not isinstance(body, dict):
        return Flaw("missing_required_parameter", "Missing required parameter: 'body'.", number, "body")
    return _misdirected(parsed, number, endpoint) or Item(custom_id, body)


def _misdirected(parsed: JsonObject, number: int, endpoint: str) -> Flaw | None:
    if parsed.get("method") != "POST":
        return Flaw("invalid_method", "The method must be POST.", number, "method")
    if parsed.get("url") != endpoint:
        return Flaw("mismatched_url", f"The url does not match the batch's endpoint {endpoint}.", number, "url")
    return None


def _together(items: list[Item]) -> list[Flaw]:
    seen: set[str] = set()
    for number, item in enumerate(items, start=1):
        if item.custom_id in seen:
            said = f"The custom_id '{item.custom_id}' is used twice."
            return [Flaw("duplicate_custom_id", said, number, "custom_id")]
        seen.add(item.custom_id)
    models = {str(item.body.get("model")) for item in items}
    if len(models) > 1:
        return [Flaw("mismatched_model", "All requests of a batch must be for one model.", None, "model")]
    return []
