"""Who waits for a new connection is let go as soon as PostgreSQL has fallen silent, and not by the driver's limit."""

import threading
import time

import psycopg
import pytest

from ops.drills.link import REQUESTS_LOST, Link, postgres_target, postgres_through
from orchestrator.errors import Unavailable
from orchestrator.storage import connecting
from orchestrator.storage.engine import connect

DRIVERS_LIMIT_S = 3.0  # `connect_timeout` of the engine


def test_who_is_connecting_is_let_go_with_all_others(database_url: str) -> None:
    with Link(postgres_target(database_url), REQUESTS_LOST) as link:
        far = connect(postgres_through(link, database_url), pool_size=1, name="test through a link")
        silent = threading.Timer(0.3, far.fall_silent)
        silent.start()
        began = time.monotonic()

        with pytest.raises(Unavailable):
            far.ping()

        took_s = time.monotonic() - began
        link.mend()
        far.be_heard()
        version = far.ping()
        far.close()

    assert 0.2 < took_s < DRIVERS_LIMIT_S - 1
    assert version


def test_a_connection_that_comes_too_late_is_closed(database_url: str) -> None:
    plain = database_url.replace("+psycopg", "")
    go_on, made = threading.Event(), list[connecting.Connected]()

    def slowly() -> connecting.Connected:
        go_on.wait(10)
        made.append(psycopg.connect(plain))
        return made[0]

    with pytest.raises(psycopg.OperationalError, match="does not answer"):
        connecting.connect(slowly, lambda: True)
    go_on.set()
    deadline = time.monotonic() + 10
    while not (made and made[0].closed) and time.monotonic() < deadline:
        time.sleep(0.01)

    assert made[0].closed


def test_what_connecting_raises_is_raised_where_the_connection_was_wanted() -> None:
    def refused() -> connecting.Connected:
        raise psycopg.OperationalError("refused")

    with pytest.raises(psycopg.OperationalError, match="refused"):
        connecting.connect(refused, lambda: False)
