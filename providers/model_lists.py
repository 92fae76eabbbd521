"""Reads the lists of models that providers give away free of charge. Pure.

Source: shared design page providers.md, sections 1.1 to 1.3: `data` with ids, or Google's `models` with resource names.
"""

import json
from collections.abc import Iterator
from typing import Final

from pydantic import JsonValue

from providers.calls import JsonObject
from providers.errors import BadReply
from providers.wire import WireReply

_LISTS: Final = (("data", "id"), ("models", "name"))  # where the entries are, and what names each


def read(reply: WireReply) -> tuple[str, ...]:
    """The ids, in the provider's order.

    Raises:
        BadReply: the body is no list of models.
    """
    document = _parse(reply.body)
    for field, name in _LISTS:
        entries = document.get(field)
        if isinstance(entries, list):
            return tuple(_ids(entries, name))
    raise BadReply("the body is no list of models", status=reply.status)


def _parse(body: bytes) -> JsonObject:
    try:
        document: JsonValue = json.loads(body.decode("utf-8-sig", "replace"))
    except (ValueError, RecursionError):
        return {}
    return document if isinstance(document, dict) else {}


def _ids(entries: list[JsonValue], name: str) -> Iterator[str]:
    for entry in entries:
        found = entry.get(name) if isinstance(entry, dict) else None
        if isinstance(found, str) and found:
            yield found.removeprefix("models/") if name == "name" else found
