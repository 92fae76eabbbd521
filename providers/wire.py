"""The border between our vocabulary and a vendor's bytes. A dialect is a pure codec; the client moves the bytes."""

from collections.abc import Mapping
from typing import Protocol

from providers.calls import Call, JsonObject, Reply, Value
from providers.catalog import ModelCard, ProviderCard
from providers.errors import ProviderError


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


class Dialect(Protocol):
    """One wire format. Every function is pure."""

    def encode(self, call: Call, provider: ProviderCard, model: ModelCard) -> WireRequest:
        """Write the call in the vendor's words."""
        ...

    def authorization(self, key: str) -> Mapping[str, str]:
        """The headers that carry the key."""
        ...

    def decode(self, reply: WireReply, call: Call) -> Reply:
        """Read a success.

        Raises:
            ProviderError: the body of a 2xx answer is an error, is empty, cut off or unreadable.
        """
        ...

    def classify(self, reply: WireReply) -> ProviderError:
        """Name the failure of an answer whose status is not 2xx."""
        ...
