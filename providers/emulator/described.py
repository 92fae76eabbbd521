"""A JSON schema that is told in words: where a vendor takes none, callers write it into the prompt. Pure.

Source: shared design page providers.md, sections 1.6 and 9.1 (`json_object`, with the schema's text in the prompt).
"""

import json
import re
from collections.abc import Iterable, Iterator
from typing import Final

from pydantic import JsonValue

_MENTION: Final = re.compile(r"schema\b[^{]{0,200}(?=\{)", re.IGNORECASE)
_DECODER: Final = json.JSONDecoder()


def schema_in(texts: Iterable[str]) -> dict[str, JsonValue] | None:
    """The first schema of an object that stands behind the word schema; None if there is none."""
    return next((found for text in texts for found in _schemas(text)), None)


def _schemas(text: str) -> Iterator[dict[str, JsonValue]]:
    for mention in _MENTION.finditer(text):
        try:
            value, _end = _DECODER.raw_decode(text, mention.end())
        except (ValueError, RecursionError):
            continue
        if isinstance(value, dict) and value.get("type") == "object" and isinstance(value.get("properties"), dict):
            yield value
