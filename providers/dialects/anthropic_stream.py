"""Puts the events of a Messages stream together to the answer that would have come whole. Pure.

Whatever is cut off, doubled, out of order or unknown is put together as far as it goes; `Told` says how far that was.
Source: shared design page providers.md, sections 1.2 and 7.3.
"""

from typing import Final, NamedTuple

from pydantic import JsonValue

from providers import sse
from providers.calls import JsonObject
from providers.dialects.documents import as_object, clean, parse
from providers.sse import Event
from providers.wire import Pace

# An event that is not here is of a later time and means nothing to us.
_PACES: Final[dict[str, Pace]] = {
    "message_start": Pace.PROGRESS,
    "content_block_start": Pace.PROGRESS,
    "content_block_delta": Pace.PROGRESS,
    "content_block_stop": Pace.PROGRESS,
    "message_delta": Pace.PROGRESS,
    "message_stop": Pace.END,
    "error": Pace.END,
}


class _Growth(NamedTuple):
    """How a block of one type grows: what the type of its deltas is, and their field."""

    delta: str
    field: str


_GROWTHS: Final[dict[str, _Growth]] = {
    "text": _Growth("text_delta", "text"),
    "thinking": _Growth("thinking_delta", "thinking"),
    "tool_use": _Growth("input_json_delta", "partial_json"),
}
_TYPE_OF_DELTA: Final[dict[str, str]] = {growth.delta: block for block, growth in _GROWTHS.items()}


class Told(NamedTuple):
    """What a stream said.

    `message` has the shape of a whole answer; its usage lacks `output_tokens` unless a count was told at the end: the
    one at the start is a placeholder. `begun` and `ended` are whether the message was. `error` is the body that
    it broke off with, `stray` what was no event.
    """

    message: JsonObject
    begun: bool
    ended: bool
    error: bytes | None
    stray: bytes


def fold(body: bytes) -> Told:
    """Read all events up to the end of the message, an error, or one that cannot be read."""
    events, stray = sse.events(body)
    answer = _Answer()
    for event in events:
        kind = _kind(event)
        if kind == "error":
            return answer.told(error=event.data.encode())
        data = parse(event.data.encode())
        # A piece is missing here, so what follows would be an answer with a hole.
        if kind in _PACES and not isinstance(data, dict):
            return answer.told()
        if kind == "message_stop":
            return answer.told(ended=True)
        answer.take(kind, as_object(data))
    # The edge breaks a stream off with a bare error body now and then.
    error = stray if as_object(parse(stray)).get("error") else None
    return answer.told(error=error, stray=stray)


def pace(event: Event) -> Pace:
    """A ping says that the connection lives; nothing of it says that the model does."""
    return _PACES.get(_kind(event), Pace.NOISE)


def _kind(event: Event) -> str:
    """The name of the line `event:`, or, where a proxy has dropped these lines, the type inside."""
    return event.name or clean(as_object(parse(event.data.encode())).get("type"))


class _Block:
    """A content block and the pieces by which it has grown."""

    def __init__(self, start: JsonObject) -> None:
        self.start = start
        self._growth = _GROWTHS.get(clean(start.get("type")))
        self._pieces: list[str] = []

    def grow(self, delta: JsonObject) -> None:
        if self._growth is not None and delta.get("type") == self._growth.delta:
            self._pieces.append(clean(delta.get(self._growth.field)))

    def whole(self) -> JsonObject:
        written = "".join(self._pieces)
        if self._growth is None or not written:
            return self.start
        if self._growth.field == "partial_json":
            read = parse(written.encode())
            return self.start | {"input": read if isinstance(read, dict) else written}
        return self.start | {self._growth.field: clean(self.start.get(self._growth.field)) + written}


class _Answer:
    """The message so far."""

    def __init__(self) -> None:
        self._begun = False
        self._fields: JsonObject = {}
        self._usage: JsonObject = {}
        self._blocks: dict[JsonValue, _Block] = {}

    def take(self, kind: str, data: JsonObject) -> None:
        delta = as_object(data.get("delta"))
        if kind == "message_start":
            # A second one has been seen: it says what the first did. Blocks that have come by then stay.
            self._begun = True
            message = _said(as_object(data.get("message")))
            self._fields |= message
            self._usage |= _said(as_object(message.get("usage"))) | {"output_tokens": None}
        elif kind == "content_block_start":
            self._blocks[_place(data)] = _Block(as_object(data.get("content_block")))
        elif kind == "content_block_delta":
            start: JsonObject = {"type": _TYPE_OF_DELTA.get(clean(delta.get("type")))}
            self._blocks.setdefault(_place(data), _Block(start)).grow(delta)
        elif kind == "message_delta":
            self._fields |= _said(delta)
            self._usage |= _said(as_object(data.get("usage")))  # counts are running totals

    def told(self, *, ended: bool = False, error: bytes | None = None, stray: bytes = b"") -> Told:
        content: list[JsonValue] = [block.whole() for block in self._blocks.values()]
        message = self._fields | {"content": content, "usage": self._usage}
        return Told(message, begun=self._begun, ended=ended, error=error, stray=stray)


def _said(fields: JsonObject) -> JsonObject:
    """The fields that say something: a null takes nothing back."""
    return {name: value for name, value in fields.items() if value is not None}


def _place(data: JsonObject) -> int:
    index = data.get("index")
    return index if isinstance(index, int) else -1
