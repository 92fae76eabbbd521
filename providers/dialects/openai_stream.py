"""Puts a streamed Chat Completions answer together into the document that a whole one would have been. Pure.

Fragments come in order; a chunk may have no choices at all (Azure's first, and the one with the usage), so that
nothing is taken for granted but that it is an object.

Source: shared design page providers.md, sections 1.1, 1.4 to 1.7 and 7.3; appendix A2, A3 and A6.
"""

from collections.abc import Iterable

from providers.calls import JsonObject
from providers.dialects.documents import as_object, as_objects, clean, parse
from providers.dialects.openai_documents import arguments, error_in, first_choice, written
from providers.sse import Event
from providers.wire import Pace

_DONE = "[DONE]"
_TEXTS = ("content", "refusal", "reasoning", "reasoning_content")
_WRITTEN = (*_TEXTS, "reasoning_details", "tool_calls")
# Of the fields around the choices, the last that says something holds: usage is a running total where it comes often.
_AROUND = ("model", "service_tier", "usage", "meta")


class Joined:
    """A stream, as far as it came.

    `error` is the chunk that tells of a failure, if one does; `unreadable` is set if an event before the finish was no
    chunk, as one that was cut off is.
    """

    def __init__(self, events: Iterable[Event]) -> None:
        self.error: JsonObject | None = None
        self.unreadable = False
        self._around: JsonObject = {}
        self._finish: JsonObject = {}
        self._texts: dict[str, list[str]] = {name: [] for name in _TEXTS}
        self._tool_calls: dict[int, _ToolCall] = {}
        for event in events:
            if not self._take(event):
                break

    @property
    def finished(self) -> bool:
        """Whether the model said that it had ended. Some servers send "" where it has not."""
        return bool(clean(self._finish.get("finish_reason")))

    def document(self) -> JsonObject:
        """The answer, in the shape of a whole one."""
        return {**self._around, "choices": [{"index": 0, **self._finish, "message": self.message()}]}

    def message(self) -> JsonObject:
        """What the model wrote."""
        message: JsonObject = {name: _whole(parts) for name, parts in self._texts.items()}
        if self._tool_calls:
            message["tool_calls"] = [self._tool_calls[index].whole() for index in sorted(self._tool_calls)]
        return message

    def _take(self, event: Event) -> bool:
        """Add an event; False if the stream ends with it."""
        data = event.data.strip()
        if not data:
            return True
        if data == _DONE:
            return False
        chunk = _chunk(event)
        if chunk is None:
            self.unreadable = not self.finished
            return self.finished
        choice = first_choice(chunk)
        self._around |= {name: chunk[name] for name in _AROUND if chunk.get(name)}
        self._add(as_object(choice.get("delta")))
        self._finish |= {name: choice[name] for name in ("finish_reason", "native_finish_reason") if choice.get(name)}
        self.error = error_in(chunk)
        return self.error is None

    def _add(self, delta: JsonObject) -> None:
        for name, parts in self._texts.items():
            parts.append(written(delta.get(name)))
        for fragment in as_objects(delta.get("tool_calls")):
            self._add_to_tool_call(fragment)

    def _add_to_tool_call(self, fragment: JsonObject) -> None:
        """Join by index; where a server leaves it out, a fragment with an id opens the next call."""
        index = fragment.get("index")
        if not isinstance(index, int):
            last = max(self._tool_calls, default=-1)
            index = last + 1 if fragment.get("id") or last < 0 else last
        self._tool_calls.setdefault(index, _ToolCall()).add(fragment)


class _ToolCall:
    def __init__(self) -> None:
        self._id = ""
        self._name = ""
        self._arguments: list[str] = []

    def add(self, fragment: JsonObject) -> None:
        function = as_object(fragment.get("function"))
        self._id = self._id or clean(fragment.get("id"))
        self._name = self._name or clean(function.get("name"))  # some servers repeat it in every fragment
        self._arguments.append(arguments(function))

    def whole(self) -> JsonObject:
        return {"id": self._id, "function": {"name": self._name, "arguments": _whole(self._arguments)}}


def pace(event: Event) -> Pace:
    """What one event means for the watchdog. Azure's filter results and a role alone are no progress."""
    data = event.data.strip()
    if data == _DONE:
        return Pace.END
    chunk = _chunk(event) or {}
    if error_in(chunk) is not None:
        return Pace.END
    choice = first_choice(chunk)
    delta = as_object(choice.get("delta"))
    moved = chunk.get("usage") or choice.get("finish_reason") or any(delta.get(name) for name in _WRITTEN)
    return Pace.PROGRESS if moved else Pace.NOISE


def _chunk(event: Event) -> JsonObject | None:
    """The object of an event; None if it is none. What an event named error holds is an error, whatever its shape."""
    chunk = parse(event.data.encode())
    if event.name == "error" and not as_object(chunk).get("error"):
        return {"error": chunk or event.data}
    return chunk if isinstance(chunk, dict) else None


def _whole(fragments: list[str]) -> str:
    """The fragments as one text. A server that counts in UTF-16 may cut a character into two escapes."""
    return "".join(fragments).encode("utf-16-le", "surrogatepass").decode("utf-16-le", "replace")
