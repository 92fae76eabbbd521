"""The time of the house is PostgreSQL's, whatever the machine takes it for."""

from datetime import UTC, datetime, timedelta, tzinfo

import pytest
from structlog.testing import capture_logs

from orchestrator.storage import clock as clock_room
from orchestrator.storage.clock import HouseClock
from orchestrator.storage.engine import Database, connect
from tests.integration.provider_in_test import until

HOUR = timedelta(hours=1)
NEAR = timedelta(seconds=30)  # however busy this machine is


class LateClock(datetime):
    """A machine an hour behind."""

    @classmethod
    def now(cls, tz: tzinfo | None = None) -> datetime:  # type: ignore[override]
        return datetime.now(tz) - HOUR


@pytest.fixture
def lying(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(clock_room, "datetime", LateClock)


@pytest.mark.usefixtures("lying")
def test_a_machine_that_is_off_goes_by_the_database_and_says_so_once(database: Database) -> None:
    clock = HouseClock(database)

    with capture_logs() as logs:
        first = clock.now()
        clock.set()

    assert abs(first - datetime.now(UTC)) < NEAR
    assert first.utcoffset() == timedelta(0)
    assert [(line["event"], line["seconds"]) for line in logs if abs(line["seconds"] + 3600) < 30] == [
        ("clock.off", logs[0]["seconds"])
    ]


@pytest.mark.usefixtures("lying")
def test_while_nothing_has_been_heard_it_is_the_machines_time() -> None:
    nowhere = connect("postgresql://nobody@127.0.0.1:1/none", pool_size=1, name="test", patience_s=0.1)

    assert abs(HouseClock(nowhere).now() + HOUR - datetime.now(UTC)) < NEAR
    nowhere.close()


def test_between_two_words_the_steady_clock_goes_on(database: Database) -> None:
    steady_s = [100.0]
    clock = HouseClock(database, lambda: steady_s[0])
    first = clock.now()

    steady_s[0] += 5.0

    assert clock.now() - first == timedelta(seconds=5)


def test_a_word_that_took_long_is_worth_less_than_what_is_known(database: Database) -> None:
    steady_s = [0.0]

    def slow() -> float:
        steady_s[0] += 2.0
        return steady_s[0]

    quick = HouseClock(database, lambda: steady_s[0])
    known = quick.set()
    quick._steady = slow

    assert quick.set() == known


def test_it_is_set_again_by_itself(database: Database, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(clock_room, "SET_EVERY_S", 0.01)
    clock = HouseClock(database)
    clock.start()
    first = clock.set()

    until(lambda: clock._word != first, within_s=20)
    clock.stop()
    clock.stop()
