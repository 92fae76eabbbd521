"""An address is judged by what it is and by what it carries, never by how it is spelled."""

from ipaddress import ip_address, ip_network

import pytest
from hypothesis import given
from hypothesis import strategies as st

from orchestrator.delivery.addresses import InsideAddress, chosen, is_allowed, is_outside, parsed

INSIDE = (
    "127.0.0.1", "127.255.255.254", "0.0.0.1", "10.1.2.3", "172.16.0.1", "192.168.1.1", "169.254.169.254",
    "100.64.0.1", "100.100.100.200", "192.0.0.192", "192.0.2.1", "198.18.0.1", "203.0.113.5", "224.0.0.1",
    "240.0.0.1", "255.255.255.255", "192.88.99.1", "::1", "::", "::ffff:127.0.0.1", "::ffff:8.8.8.8", "::7f00:1",
    "64:ff9b::7f00:1", "64:ff9b::808:808", "64:ff9b:1::a00:1", "2002:7f00:1::", "2002:808:808::",
    "2001:0:4136:e378:8000:63bf:3fff:fdd2", "fe80::1", "fec0::1", "fd00:ec2::254", "fc00::1", "ff02::1",
    "2001:db8::1",
)  # fmt: skip
OUTSIDE = ("8.8.8.8", "93.184.216.34", "2606:2800:220:1:248:1893:25c8:1946", "2a00:1450:4001:81b::200e")


@pytest.mark.parametrize("text", INSIDE)
def test_what_is_inside_or_carries_an_address_is_not_outside(text: str) -> None:
    assert not is_outside(ip_address(text))


@pytest.mark.parametrize("text", OUTSIDE)
def test_the_public_internet_is_outside(text: str) -> None:
    assert is_outside(ip_address(text))
    assert chosen([text], ()) == (ip_address(text),)


@pytest.mark.parametrize(
    "text", ["127.1", "0x7f000001", "2130706433", "0177.0.0.1", "①②⑦.0.0.1", "fe80::1%eth0", "hooks.example", ""]
)
def test_only_whole_spellings_are_addresses(text: str) -> None:
    assert parsed(text) is None


@pytest.mark.parametrize(
    "found", [[], ["8.8.8.8", "10.0.0.1"], ["10.0.0.1", "8.8.8.8"], ["8.8.8.8", "fe80::1%2"], ["x"]]
)
def test_one_address_inside_spoils_all(found: list[str]) -> None:
    with pytest.raises(InsideAddress):
        chosen(found, ())


def test_a_network_that_was_named_is_allowed_and_no_other() -> None:
    networks = (ip_network("10.20.0.0/16"), ip_network("fd00:1::/64"))

    assert chosen(["10.20.3.4", "8.8.8.8"], networks) == (ip_address("10.20.3.4"), ip_address("8.8.8.8"))
    assert is_allowed(ip_address("fd00:1::7"), networks)
    with pytest.raises(InsideAddress):
        chosen(["10.21.0.1"], networks)


@given(st.ip_addresses(v=4))
def test_no_address_passes_in_a_wrapping(address: object) -> None:
    four = ip_address(str(address))
    wrappings = (f"::ffff:{four}", f"64:ff9b::{four}", f"::{four}")

    assert not any(is_outside(ip_address(text)) for text in wrappings)
    if four.is_private:
        assert not is_outside(four)
