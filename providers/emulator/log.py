"""What was asked, in the order in which it was settled: append-only, keys masked."""

from dataclasses import asdict, dataclass
from typing import Final

from pydantic import JsonValue

_SHORT_KEY: Final = 12  # four characters of a shorter key would give too much of it away


def mask(key: str) -> str:
    """A key that people can tell apart and nobody can use."""
    return "***" if len(key) < _SHORT_KEY else f"***{key[-4:]}"


@dataclass(frozen=True)
class Entry:
    """One request. `status` is None when the connection ended before a status line.

    `fields` are the names that the request's body holds, `form_digest` names the form of answer that it asks for.
    `client_gone`: the other side had hung up by the time the answer was ready. `planted` are the texts of false or
    obeyed items, which a careful product must not let through.
    """

    request_id: str
    arrived_at: str
    duration_ms: int
    persona: str
    endpoint: str
    key: str
    model: str
    call_id: str
    prompt_digest: str
    fields: tuple[str, ...]
    form_digest: str
    stream: bool
    status: int | None
    error_code: str | None
    fault: str | None
    model_served: str | None
    prompt_tokens: int
    completion_tokens: int
    billed_micro_usd: int
    client_gone: bool
    planted: tuple[str, ...]


class RequestLog:
    """Entries and the number of requests that are still waiting for their answer."""

    def __init__(self) -> None:
        self._entries: list[Entry] = []
        self.waiting = 0

    def append(self, entry: Entry) -> None:
        self._entries.append(entry)

    def find(self, request_id: str) -> Entry | None:
        """The line of that request, if it has been settled."""
        return next((entry for entry in reversed(self._entries) if entry.request_id == request_id), None)

    def read(self) -> dict[str, JsonValue]:
        """The whole log as JSON: `requests`, oldest first, and `waiting`."""
        requests: list[JsonValue] = [
            asdict(entry) | {"planted": list(entry.planted), "fields": list(entry.fields)} for entry in self._entries
        ]
        return {"requests": requests, "waiting": self.waiting}
