"""The URL of a webhook taken apart, once, by rules that leave no two readings. Pure.

| of the URL | rule |
|---|---|
| scheme | https; http only into a network that an operator has named |
| user, password, fragment | none |
| host | a name of letters, digits, hyphens and dots, at least one dot (an international one in its xn-- form) |
| address | as RFC 3986 spells one, in a network that an operator has named |
| port | 443; any other only into such a network |
| rest | printable ASCII, no backslash |
"""

import re
from collections.abc import Collection
from typing import Final

from orchestrator.delivery.addresses import Address, Network, is_allowed, parsed
from orchestrator.errors import InvalidRequest
from providers.calls import Value

MOST_CHARACTERS: Final = 2_000
HTTPS_PORT: Final = 443
HTTP_PORT: Final = 80
MOST_PORT: Final = 65_535

_PRINTABLE: Final = re.compile(r"[!-\[\]-~]+")  # ASCII without space, controls and the backslash
_URL: Final = re.compile(
    r"(?P<scheme>https?)://(?P<host>\[[0-9a-f:.]+\]|[^\[\]:/?@]+)(?::(?P<port>[0-9]{1,5}))?(?P<path>(?:[/?].*)?)",
    re.IGNORECASE,
)
_LABEL: Final = re.compile(r"(?!-)[a-z0-9-]{1,63}(?<!-)")
_NUMBER: Final = re.compile(r"(0x[0-9a-f]*|[0-9]+)")  # a last label like this makes resolvers read an address
MOST_NAME: Final = 253


class Endpoint(Value):
    """Where to send. `host` as it stands in a certificate; `target` is path and query. `bare`: without TLS."""

    host: str
    port: int
    target: str
    bare: bool

    @property
    def authority(self) -> str:
        """As the Host header names it."""
        shown = f"[{self.host}]" if ":" in self.host else self.host
        usual = HTTP_PORT if self.bare else HTTPS_PORT
        return shown if self.port == usual else f"{shown}:{self.port}"

    @property
    def needs_permission(self) -> bool:
        """Whether it may only lead into a network that an operator has named."""
        return self.bare or self.port != HTTPS_PORT


def endpoint(url: str, allowed: Collection[Network], *, pointer: str = "/url") -> Endpoint:
    """Take a URL apart.

    Args:
        allowed: networks that an operator has named; with none, only public https on its own port.
        pointer: of the field that holds it.

    Raises:
        InvalidRequest: it is none that we send to; the message says what to mend.
    """
    if len(url) > MOST_CHARACTERS or not _PRINTABLE.fullmatch(url):
        raise InvalidRequest(f"A URL of up to {MOST_CHARACTERS:,} printable ASCII characters.", pointer=pointer)
    parts = _URL.fullmatch(url)
    if "@" in url.partition("//")[2].partition("/")[0] or "#" in url:
        raise InvalidRequest("The URL must have no user, password or fragment.", pointer=pointer)
    if parts is None or (parts["scheme"].lower() == "http" and not allowed):
        raise InvalidRequest("The URL must begin with https:// and name a host.", pointer=pointer)
    bare, host = parts["scheme"].lower() == "http", parts["host"].strip("[]").lower()
    _require_host(host, allowed, pointer)
    usual = HTTP_PORT if bare else HTTPS_PORT
    found = Endpoint(
        host=host,
        port=int(parts["port"] or usual),
        target=parts["path"] if parts["path"].startswith("/") else f"/{parts['path']}",
        bare=bare,
    )
    if found.needs_permission and not allowed:
        raise InvalidRequest("The URL must use port 443.", pointer=pointer)
    if not 0 < found.port <= MOST_PORT:
        raise InvalidRequest("There is no such port.", pointer=pointer)
    return found


def require_reach(found: Endpoint, address: Address, allowed: Collection[Network]) -> None:
    """Hold an endpoint against the address that was found for it.

    Raises:
        InvalidRequest: without TLS, or on another port, only networks that were named are reached.
    """
    if found.needs_permission and not is_allowed(address, allowed):
        raise InvalidRequest(
            "Outside of the networks that were allowed a URL must be https on port 443.", pointer="/url"
        )


def _require_host(host: str, allowed: Collection[Network], pointer: str) -> None:
    address = parsed(host)
    if address is not None:
        if not is_allowed(address, allowed):
            raise InvalidRequest("The URL must name a host, not an address.", pointer=pointer)
        return
    labels = host.split(".")
    well_formed = len(host) <= MOST_NAME and len(labels) > 1 and all(_LABEL.fullmatch(label) for label in labels)
    if not well_formed or _NUMBER.fullmatch(labels[-1]):
        raise InvalidRequest("The URL must name a host such as hooks.example.com.", pointer=pointer)
