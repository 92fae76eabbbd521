"""A URL has one reading or none."""

from ipaddress import ip_address, ip_network

import pytest

from orchestrator.delivery.endpoints import Endpoint, endpoint, require_reach
from orchestrator.errors import InvalidRequest

NETWORKS = (ip_network("127.0.0.0/8"), ip_network("::1/128"))


@pytest.mark.parametrize(
    ("url", "host", "target"),
    [
        ("https://hooks.example.com", "hooks.example.com", "/"),
        ("HTTPS://Hooks.Example.COM/a/b?c=d", "hooks.example.com", "/a/b?c=d"),
        ("https://hooks.example.com:443/a@b", "hooks.example.com", "/a@b"),
        ("https://hooks.example.com?x=1", "hooks.example.com", "/?x=1"),
        ("https://xn--bcher-kva.example/a", "xn--bcher-kva.example", "/a"),
    ],
)
def test_a_public_url_is_taken_apart(url: str, host: str, target: str) -> None:
    found = endpoint(url, ())

    assert found == Endpoint(host=host, port=443, target=target, bare=False)
    assert found.authority == host
    assert not found.needs_permission


@pytest.mark.parametrize(
    "url",
    [
        "http://hooks.example.com/", "file:///etc/passwd", "gopher://hooks.example.com/", "data:,x",
        "//hooks.example.com/",
        "javascript:alert(1)", "hooks.example.com", "", "https://", "https:///x", "https://user:pw@hooks.example.com/",
        "https://hooks.example.com#@inside", "https://hooks.example.com/#x", "https://hooks.example.com\\@inside/",
        "https://hooks\t.example.com/", "https://hooks.example.com/\r\nX: y", "https://hooks.example.com:22/",
        "https://hooks.example.com:0/", "https://hooks.example.com:65536/", "https://hooks.example.com:x/",
        "https://127.0.0.1/", "https://2130706433/", "https://0x7f000001/", "https://0177.0.0.1/", "https://127.1/",
        "https://①②⑦.0.0.1/", "https://[::1]/", "https://[::ffff:127.0.0.1]/", "https://[64:ff9b::7f00:1]/",
        "https://[fe80::1%25eth0]/", "https://localhost/", "https://hooks.example.com./", "https://-a.example.com/",
        "https://a-.example.com/", "https://a..example.com/", f"https://{'a' * 64}.example.com/",
        f"https://{'a.' * 130}example.com/", "https://bücher.example/", f"https://hooks.example.com/{'a' * 2_000}",
        "https://hooks.example.0x7f/", "https://hooks_x.example.com/",
    ],
)  # fmt: skip
def test_what_has_two_readings_or_leads_inside_is_refused(url: str) -> None:
    with pytest.raises(InvalidRequest) as refusal:
        endpoint(url, ())

    assert refusal.value.pointer == "/url"


@pytest.mark.parametrize(
    ("url", "authority"),
    [
        ("http://127.0.0.1:8080/x", "127.0.0.1:8080"),
        ("http://127.0.0.1/x", "127.0.0.1"),
        ("https://[::1]:8443/x", "[::1]:8443"),
        ("http://hooks.inside.example:9000/", "hooks.inside.example:9000"),
    ],
)
def test_a_network_that_was_named_may_be_reached_by_any_port_without_tls(url: str, authority: str) -> None:
    found = endpoint(url, NETWORKS)

    assert found.authority == authority
    assert found.needs_permission
    require_reach(found, ip_address("127.0.0.1"), NETWORKS)
    with pytest.raises(InvalidRequest):
        require_reach(found, ip_address("8.8.8.8"), NETWORKS)


@pytest.mark.parametrize(
    "url", ["http://10.0.0.1/", "https://hooks.example.com:0/", "https://hooks.example.com:99999/"]
)
def test_another_network_and_no_port_are_refused_all_the_same(url: str) -> None:
    with pytest.raises(InvalidRequest):
        endpoint(url, NETWORKS)


def test_a_public_endpoint_needs_no_permission() -> None:
    require_reach(endpoint("https://hooks.example.com/", ()), ip_address("8.8.8.8"), ())
