"""What PostgreSQL's own log says of a failed sync, and which stores are found to have lied about their disk."""

from dataclasses import replace
from pathlib import Path

import pytest

from ops.drills.storm import disks, failing_syncs
from ops.drills.storm.disks import Hit
from ops.drills.storm.plan import Kind
from ops.drills.storm.recovery import Away
from tests.unit.drills.witnesses import at

HIT = Hit(Kind.LOG_SYNC, at(1.0), calls=1)
EARLIER = "2026-01-01 00:00:00.100 UTC [10] LOG:  database system is ready to accept connections\n"
PANIC = (
    '2026-01-01 00:00:01.250 UTC [12] PANIC:  could not fdatasync file "000000010000000000000001": Input/output error\n'
)
EMPTY = "2026-01-01 00:00:01.500 UTC [10] LOG:  all server processes terminated; reinitializing\n"
REFUSED = "2026-01-01 00:00:02.000 UTC [31] FATAL:  the database system is in recovery mode\n"
READY = "2026-01-01 00:00:04.750 UTC [10] LOG:  database system is ready to accept connections\n"


def test_it_is_away_from_the_end_of_its_last_process_until_it_is_ready() -> None:
    found = disks.told(HIT, EARLIER + PANIC + EMPTY + REFUSED + READY)

    assert found == replace(HIT, panicked=True, away=Away(str(HIT.kind), at(1.5), at(4.75)))
    assert found.away is not None
    assert found.away.lasted_s == 3.25


def test_a_server_that_ends_whole_is_away_from_its_panic_on() -> None:
    found = disks.told(HIT, PANIC + READY)

    assert found.away == Away(str(HIT.kind), at(1.25), at(4.75))


@pytest.mark.parametrize(
    ("log", "panicked"), [("", False), (EARLIER, False), (PANIC, True), (EARLIER + PANIC + EMPTY + REFUSED, True)]
)
def test_it_has_not_come_back_before_it_says_so(log: str, *, panicked: bool) -> None:
    assert disks.told(HIT, log) == replace(HIT, panicked=panicked)


def test_a_store_that_went_on_or_stayed_away_or_was_never_struck_is_told_of() -> None:
    away = Away("", at(1.0), at(2.0))
    sound = replace(HIT, panicked=True, away=away)
    redis = Hit(Kind.REDIS_SYNC, at(1.0), calls=1, away=away)

    assert [*disks.lies([sound, redis])] == []
    assert [*disks.lies([replace(sound, panicked=False)])] == [
        f"{Kind.LOG_SYNC}: 1 syncs failed, and PostgreSQL went on"
    ]
    assert [*disks.lies([replace(redis, away=None)])] == [f"{Kind.REDIS_SYNC}: valkey did not come back"]
    assert [*disks.lies([replace(sound, calls=0)])] == [f"{Kind.LOG_SYNC}: nothing was synced, so nothing was struck"]


def test_strace_tells_which_calls_it_spoiled_and_when(tmp_path: Path) -> None:
    record = tmp_path / "record"
    assert failing_syncs.spoiled(record).calls == 0

    record.write_text(
        "472   1767225601.250000 fdatasync(7)   = 0\n"
        "472   1767225601.500000 fdatasync(7)   = -1 EIO (Input/output error) (INJECTED)\n"
        "473   1767225601.600000 <... fdatasync resumed>) = -1 EIO (Input/output error) (INJECTED)\n"
    )

    found = failing_syncs.spoiled(record)
    assert (found.at, found.calls) == (at(1.5), 2)
