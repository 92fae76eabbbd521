"""A job's events as `text/event-stream`. Pure.

Source: WHATWG HTML, section "Server-sent events": an event ends with a blank line; `id` is what a reader that comes
back sends as `Last-Event-ID`; a line that begins with a colon is a comment.
"""

import re
from collections.abc import AsyncGenerator
from contextlib import aclosing
from typing import Final

from api.event_schemas import EventView
from api.problems import BadQuery

MEDIA_TYPE: Final = "text/event-stream"
RETRY_MS: Final = 1_000  # how long a reader that was cut off waits before it comes back

# What a stream begins with. It names no event; it makes proxies, and readers that wait for a first byte, go on.
GREETING: Final = f"retry: {RETRY_MS}\n\n".encode()
HEARTBEAT: Final = b":\n\n"

# Versions are integers of 32 bits.
_VERSION: Final = re.compile(r"0|[1-9][0-9]{0,9}")
_MOST: Final = 2**31 - 1


async def framed(told: AsyncGenerator[EventView | None, None]) -> AsyncGenerator[bytes, None]:
    """A stream's bytes. None: nothing happened for a while."""
    async with aclosing(told):
        yield GREETING
        async for event in told:
            yield HEARTBEAT if event is None else frame(event)


def frame(event: EventView) -> bytes:
    """The event's own JSON stands on one line: JSON writes line ends within texts as escapes."""
    return f"id: {event.version}\nevent: {event.type}\ndata: {event.model_dump_json()}\n\n".encode()


def seen(last_event_id: str | None) -> int:
    """The version that the reader saw last; 0 for one that begins.

    Raises:
        BadQuery: it is no number that a stream ever gave.
    """
    if not last_event_id:
        return 0  # as a browser sends it that has seen no id yet
    if not _VERSION.fullmatch(last_event_id) or int(last_event_id) > _MOST:
        raise BadQuery("Last-Event-ID must be the id of an event of this job's stream.")
    return int(last_event_id)
