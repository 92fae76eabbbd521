"""How Google writes lists and times."""

from datetime import datetime
from typing import Final

from pydantic import JsonValue

from providers.emulator.chat_answers import JsonObject
from providers.emulator.gemini_refusals import invalid
from providers.emulator.visits import Visit

MAX_PAGE: Final = 100


def page(visit: Visit, name: str, rows: list[JsonObject]) -> JsonObject:
    """The page of a list that was asked for; a page token is the number of rows before the page.

    Raises:
        Refusal: 400, size or token are no numbers.
    """
    asked = visit.request.query_params
    size, start = asked.get("pageSize", str(MAX_PAGE)), asked.get("pageToken", "0")
    if not size.isdigit() or not start.isdigit():
        raise invalid("Invalid page size or page token.")
    end = int(start) + min(int(size) or MAX_PAGE, MAX_PAGE)
    shown: list[JsonValue] = list(rows[int(start) : end])
    more: JsonObject = {"nextPageToken": str(end)} if end < len(rows) else {}
    return more | {name: shown}


def time(at: datetime) -> str:
    """A point in time, in UTC."""
    return at.strftime("%Y-%m-%dT%H:%M:%S.%fZ")
