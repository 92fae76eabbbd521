"""Reads what strangers wrote: what is missing, null or of another kind is nothing, and no document fails. Pure.

All dialects stand on this room, which knows no vendor.

Source: shared design page providers.md, sections 1.1 and 7.3.
"""

import json
import re
from typing import Final

from pydantic import JsonValue

from providers.calls import JsonObject

MAX_TEXT_CHARACTERS: Final = 2_000  # of what a provider says, as much as phrases are looked for in

_UNSEEN: Final = re.compile(r"<(style|script)\b.*?</\1\s*>|<[^<>]{0,500}>", re.IGNORECASE | re.DOTALL)


def parse(body: bytes) -> JsonValue:
    """Read JSON, whatever the content type says and however much white space comes first; None if it is none."""
    try:
        document: JsonValue = json.loads(body.decode("utf-8-sig", "replace"))
    except (ValueError, RecursionError):
        return None
    return document


def as_object(value: JsonValue) -> JsonObject:
    """The value if it is an object, else an empty one."""
    return value if isinstance(value, dict) else {}


def as_objects(value: JsonValue) -> tuple[JsonObject, ...]:
    """The objects of a list; none if it is no list."""
    return tuple(entry for entry in value if isinstance(entry, dict)) if isinstance(value, list) else ()


def text(value: JsonValue) -> str:
    """A string as it stands; "" for anything else."""
    return value if isinstance(value, str) else ""


def clean(value: JsonValue) -> str:
    """A string that can be stored: no NUL, no lone surrogates; "" for anything that is not a string.

    The halves of a pair that stand side by side become the character they are: two pieces of a stream may bring them.
    """
    return text(value).replace("\x00", "").encode("utf-16-le", "surrogatepass").decode("utf-16-le", "replace")


def plain(body: bytes) -> str:
    """What a body says that is not JSON: a gateway's page, mostly."""
    page = body[: 4 * MAX_TEXT_CHARACTERS].decode("utf-8", "replace").replace("\x00", "")
    return " ".join(_UNSEEN.sub(" ", page).split())
