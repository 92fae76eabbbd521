"""What a gateway's word is worth: only with its secret, from its address, and whole."""

import re
from ipaddress import ip_network
from typing import Final

import pytest
from pydantic import SecretStr
from starlette.requests import HTTPConnection

from api.gateway import HEADERS, Gateway, gateway
from orchestrator.tenancy.keys import BadKey, Principal

SHARED: Final = "what a gateway and a house share " * 2
TENANT: Final = "ten_06a9k3v0x1q8h5t2n7c4e0m9zr"
INSIDE: Final = "10.0.3.7"
GOOD: Final = dict(zip(HEADERS, (SHARED, TENANT, "submit read"), strict=True))
HOUSE: Final = Gateway(SecretStr(SHARED), (ip_network("10.0.3.0/28"), ip_network("fd00::/64")))


def asked(headers: dict[str, str], peer: str | None = INSIDE, *more: tuple[str, str]) -> HTTPConnection:
    written = [(name.encode(), value.encode()) for name, value in (*headers.items(), *more)]
    return HTTPConnection({"type": "http", "headers": written, "client": None if peer is None else (peer, 4711)})


@pytest.mark.parametrize("peer", [INSIDE, "10.0.3.0", "fd00::7"])
def test_the_gateways_word_is_taken(peer: str) -> None:
    assert HOUSE.claimed(asked(GOOD, peer)) == Principal(
        tenant=TENANT, key_id=f"gateway:{TENANT}", scopes=frozenset({"submit", "read"}), environment="live"
    )


@pytest.mark.parametrize("peer", ["10.0.3.16", "10.0.2.255", "127.0.0.1", "fd01::7", "testclient", "", None])
def test_nobody_elsewhere_has_the_gateways_word(peer: str | None) -> None:
    with pytest.raises(BadKey):
        HOUSE.claimed(asked(GOOD, peer))


@pytest.mark.parametrize("name", HEADERS)
@pytest.mark.parametrize("wrong", [None, "nobody", "ten_none", SHARED[:-1], "submit everything", "ä"])
def test_one_wrong_header_is_enough_to_be_refused(name: str, wrong: str | None) -> None:
    headers = {**GOOD, name: wrong}

    with pytest.raises(BadKey):
        HOUSE.claimed(asked({key: value for key, value in headers.items() if value is not None}))


def test_a_caller_without_scopes_may_nothing() -> None:
    assert HOUSE.claimed(asked({**GOOD, HEADERS[2]: ""})).scopes == frozenset()


@pytest.mark.parametrize("name", HEADERS)
def test_a_header_that_comes_twice_is_refused(name: str) -> None:
    with pytest.raises(BadKey):
        HOUSE.claimed(asked(GOOD, INSIDE, (name, GOOD[name])))


def test_a_request_with_any_of_the_headers_is_judged_by_them_alone() -> None:
    assert all(HOUSE.speaks(asked({name: "x"})) for name in HEADERS)
    assert not HOUSE.speaks(asked({"authorization": "Bearer x"}))


def test_without_a_secret_there_is_no_gateway() -> None:
    assert gateway(None, ()) is None
    assert gateway(SecretStr(SHARED), HOUSE.networks) == HOUSE


def test_neither_the_secret_nor_its_length_is_shown() -> None:
    assert not re.search("share", repr(HOUSE))
