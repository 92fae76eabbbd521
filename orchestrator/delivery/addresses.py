"""Which addresses a webhook may be sent to: those of the outside world, and the networks that an operator named. Pure.

A name says nothing: what is judged is the address that is connected to. `is_global` of the standard library is not
enough: some ranges of the outside carry an inside address within them, which a gateway would unwrap, and in some an
inside is at home all the same:

| range | carries, or is home to |
|---|---|
| ::ffff:0:0/96, ::/96 | an IPv4 address (RFC 4291, section 2.5.5) |
| 64:ff9b::/96, 64:ff9b:1::/48 | an IPv4 address behind NAT64 (RFC 6052, RFC 8215) |
| 2002::/16, 2001::/32 | an IPv4 address behind 6to4 and Teredo (RFC 3056, RFC 4380) |
| fec0::/10 | a site of old (RFC 3879) |
| 192.88.99.0/24 | the relays of 6to4 (RFC 7526) |
| 192.0.0.0/24 | protocols of the network itself (RFC 6890); a cloud's metadata at 192.0.0.192 |
"""

from collections.abc import Iterable
from ipaddress import IPv4Address, IPv4Network, IPv6Address, IPv6Network, ip_address, ip_network
from typing import Final, TypeAlias

Address: TypeAlias = IPv4Address | IPv6Address
Network: TypeAlias = IPv4Network | IPv6Network

_SPECIAL: Final[tuple[Network, ...]] = tuple(
    ip_network(text)
    for text in (
        "::/96",
        "::ffff:0:0/96",
        "64:ff9b::/96",
        "64:ff9b:1::/48",
        "2002::/16",
        "2001::/32",
        "fec0::/10",
        "192.88.99.0/24",
        "192.0.0.0/24",
    )
)


class InsideAddress(Exception):
    """Nothing is sent there. The message names no address: who asks might learn how our networks look."""


def parsed(text: str) -> Address | None:
    """The address that a text spells in full; None: it is a name, or spelled as no address should be.

    One with a zone (`fe80::1%eth0`) is of this link alone, and so is none.
    """
    try:
        return None if "%" in text else ip_address(text)
    except ValueError:
        return None


def is_allowed(address: Address, allowed: Iterable[Network]) -> bool:
    """Whether an operator has named its network."""
    return any(address.version == network.version and address in network for network in allowed)


def is_outside(address: Address) -> bool:
    """Whether it is of the outside world, and nothing else by a detour."""
    special = any(address.version == network.version and address in network for network in _SPECIAL)
    return address.is_global and not special and not address.is_multicast and not address.is_reserved


def chosen(found: Iterable[str], allowed: Iterable[Network]) -> tuple[Address, ...]:
    """The addresses that may be connected to, of all that a name has, in their order: all or none.

    One that is inside spoils all: who answers with both means to have the wrong one picked some day.

    Raises:
        InsideAddress: there is none, or one of them is inside.
    """
    networks = tuple(allowed)
    judged: list[Address] = []
    for text in found:
        address = parsed(text)
        if address is None or not (is_outside(address) or is_allowed(address, networks)):
            raise InsideAddress("the host has an address that is not of the public internet")
        judged.append(address)
    if not judged:
        raise InsideAddress("the host has no address")
    return tuple(judged)
