"""Follows one stream while it comes: keeps its bytes, sees whether it gets on and where it ends. Pure.

Bytes alone are no progress: a provider or a proxy may keep a dead stream alive with pings and comments for ever.
Source: shared design page providers.md, sections 7.2 and 7.3.
"""

from providers.sse import Parser
from providers.wire import Dialect, Pace, WireReply


class StreamWatch:
    """One exchange's. `timeout_s` is how long it may go without progress, from the first byte of the request on."""

    def __init__(self, dialect: Dialect, timeout_s: float) -> None:
        self.timeout_s = timeout_s
        self._dialect = dialect
        self._parser = Parser()
        self._head: WireReply | None = None
        self._body = bytearray()
        self._parsed = 0

    def follows(self, head: WireReply) -> bool:
        """Whether the answer that begins so is a stream; a refusal is none, nor what comes as JSON after all."""
        if 200 <= head.status < 300 and not _is_json(head):
            self._head = head
        return self._head is not None

    def take(self, chunk: bytes) -> Pace:
        """What the next bytes mean, decoded ones; after the end none need be given."""
        self._body += chunk
        # Without a line's end no event can be complete. A line as long as the cap may come in chunks of two bytes: kept
        # apart until it ends, they would be a hundred megabytes.
        if b"\n" not in chunk and b"\r" not in chunk:
            return Pace.NOISE
        fresh = bytes(self._body[self._parsed :])
        self._parsed = len(self._body)
        paces = [self._dialect.pace(event) for event in self._parser.feed(fresh)]
        return next((pace for pace in (Pace.END, Pace.PROGRESS) if pace in paces), Pace.NOISE)

    def so_far(self) -> WireReply | None:
        """The answer with what has come of its body; None: no stream has begun."""
        return None if self._head is None else self._head.model_copy(update={"body": bytes(self._body)})


def _is_json(head: WireReply) -> bool:
    kind = head.headers.get("content-type", "").partition(";")[0].strip().lower()
    return kind == "application/json" or kind.endswith("+json")
