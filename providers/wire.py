"""The border between our vocabulary and a vendor's bytes. A dialect is a pure codec; the client moves the bytes."""

from collections.abc import Mapping
from enum import Enum, auto
from typing import Final, Literal, Protocol

from providers.calls import Call, Effort, JsonObject, LimitReading, Reply, Value
from providers.catalog import ModelCard, ProviderCard
from providers.errors import ProviderError
from providers.sse import Event


class WireRequest(Value):
    """A POST, ready to send but for the key. `path` is relative to the provider's base URL."""

    path: str
    headers: dict[str, str]
    body: JsonObject


class WireReply(Value):
    """What came back. Header names are lower-case; `body` is decoded and within the size cap."""

    status: int
    headers: dict[str, str]
    body: bytes


EFFORTS: Final[tuple[Effort, ...]] = ("none", "minimal", "low", "medium", "high", "xhigh", "max")


def credentials(key: str, provider: ProviderCard) -> dict[str, str]:
    """The header that carries the key; none for an empty one, as a server of our own may want none."""
    if not key:
        return {}
    return {provider.key_header: f"Bearer {key}" if provider.key_header == "authorization" else key}


def effort(call: Call, model: ModelCard) -> Effort | Literal[""]:
    """The effort to send: the call's wish, or the one nearest to it that the model takes, the lower of two as near."""
    if call.effort is None or not model.efforts:
        return model.reasoning_effort
    wish = EFFORTS.index(call.effort)
    return min(model.efforts, key=lambda one: (abs(EFFORTS.index(one) - wish), EFFORTS.index(one)))


def json_output(provider: ProviderCard, model: ModelCard) -> Literal["schema", "object", "none"]:
    """How an answer in JSON is asked for: as the model's card says, or else the provider's."""
    return model.json_output or provider.json_output


class Pace(Enum):
    """What an event of a stream means for the watchdog: noise (a ping) is no progress, and after the end none comes."""

    NOISE = auto()
    PROGRESS = auto()
    END = auto()


class Dialect(Protocol):
    """One wire format. Every function is pure."""

    def encode(self, call: Call, provider: ProviderCard, model: ModelCard) -> WireRequest:
        """Write the call in the vendor's words, for a stream where `call.stream` is set."""
        ...

    def decode(self, reply: WireReply, call: Call) -> Reply:
        """Read a success that came whole.

        Raises:
            ProviderError: the body of a 2xx answer is an error, is empty, cut off or unreadable.
        """
        ...

    def decode_stream(self, reply: WireReply, call: Call) -> Reply:
        """Read a success that came as a stream; `reply.body` are all its bytes.

        Raises:
            Interrupted: the stream ends before the answer does; `usage` holds what had been counted by then, or an
                estimate.
            ProviderError: as `decode`, and for an error event in mid-stream.
        """
        ...

    def pace(self, event: Event) -> Pace:
        """What one event means for the watchdog."""
        ...

    def classify(self, reply: WireReply) -> ProviderError:
        """Name the failure of an answer whose status is not 2xx."""
        ...

    def limits(self, headers: Mapping[str, str]) -> tuple[LimitReading, ...]:
        """What any answer, good or bad, says of rate limits; empty where the vendor says nothing."""
        ...
