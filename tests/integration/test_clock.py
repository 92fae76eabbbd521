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


@pytest.mark.parametrize(
    ("said_s", "steady_s", "off_s", "better"),
    [
        (10.0, 10.0, 0.001, True),  # as near
        (10.0, 10.0, 0.5, False),  # it agrees, and tells less
        (10.4, 10.0, 0.5, False),  # it may be right, and so may what is known
        (10.6, 10.0, 0.5, True),  # both cannot be true
        (-3600.0, 10.0, 0.5, True),
        (61.0, 61.0, 0.5, True),  # what is known is old
    ],
)
def test_of_two_words_that_agree_the_nearer_counts_until_it_is_old(
    said_s: float, steady_s: float, off_s: float, better: bool
) -> None:
    at = datetime(2026, 11, 28, tzinfo=UTC)
    known = clock_room._Word(at, 0.0, 0.001)

    assert clock_room._Word(at + timedelta(seconds=said_s), steady_s, off_s).is_better_than(known) is better


def test_a_word_that_contradicts_what_is_known_counts_at_once(database: Database) -> None:
    steady_s = [0.0]
    clock = HouseClock(database, lambda: steady_s[0])
    clock.set()

    steady_s[0] += 30.0  # PostgreSQL's own clock has hardly moved: it was set back
    clock.set()

    assert abs(clock.now() - datetime.now(UTC)) < NEAR / 2


def test_it_is_set_again_by_itself(database: Database, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(clock_room, "SET_EVERY_S", 0.01)
    clock = HouseClock(database)
    clock.start()
    first = clock.set()

    until(lambda: clock._word != first, within_s=20)
    clock.stop()
    clock.stop()
