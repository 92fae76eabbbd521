"""The tiers: a test's folder is its marker, and the unit tier cannot reach a socket.

`servers` marks the tests that need PostgreSQL and Redis: they are run again on those of the distribution.
"""

import socket
from pathlib import Path

import pytest
from hypothesis import settings

TIERS = ("unit", "integration", "acceptance", "faults", "house")
HERE = Path(__file__).parent

pytest_plugins = ("tests.servers",)

# Properties are judged by what comes out, not by this machine's clock. All else stays as it is, in CI too.
settings.register_profile("unhurried", settings.default, deadline=None)
settings.load_profile("unhurried")


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    for item in items:
        tier = item.path.relative_to(HERE).parts[0]
        if tier in TIERS:
            item.add_marker(tier)
        if "addresses" in getattr(item, "fixturenames", ()):
            item.add_marker("servers")


@pytest.fixture(autouse=True)
def _no_sockets_in_the_unit_tier(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> None:
    """A pure room that opens a connection is not pure."""
    if request.node.get_closest_marker("unit") is not None:

        def refuse(*_: object) -> None:
            raise AssertionError("the unit tier opens no connection")

        monkeypatch.setattr(socket.socket, "connect", refuse)
