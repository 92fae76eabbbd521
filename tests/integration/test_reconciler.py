"""Who makes the rounds: one at a time, whoever else dies or stands still."""

import threading
from collections.abc import Callable, Iterator

import pytest
from sqlalchemy import text

from orchestrator.errors import Unavailable
from orchestrator.storage.engine import Database
from orchestrator.storage.locks import Lock
from orchestrator.storage.role import Role
from tasks.reconciler import Reconciler
from tests.integration.provider_in_test import until

SILENT_S = 0.5
PATIENCE_S = 20.0


@pytest.fixture
def roles(database_url: str) -> Iterator[Callable[[], Role]]:
    made: list[Role] = []

    def make() -> Role:
        made.append(Role(database_url, lock=Lock.RECONCILER, name="reconciler", silent_s=SILENT_S))
        return made[-1]

    yield make
    for role in made:
        role.give_up()


def test_who_is_silent_loses_the_part_and_who_speaks_keeps_it(roles: Callable[[], Role]) -> None:
    first, second = roles(), roles()
    assert first.take()
    spoke = threading.Event()

    def speak_on() -> None:
        for _ in range(10):
            first.keep()
            spoke.wait(SILENT_S / 5)

    speak_on()
    kept = second.take()
    until(second.take, within_s=PATIENCE_S)

    assert kept is False
    with pytest.raises(Unavailable):
        first.keep()
    with pytest.raises(Unavailable):
        first.keep()
    assert first.take() is False


def test_operators_see_who_plays_the_part(roles: Callable[[], Role], database: Database) -> None:
    assert roles().take()

    statement = (
        "SELECT application_name FROM pg_stat_activity JOIN pg_locks USING (pid)"
        " WHERE locktype = 'advisory' AND granted AND objid = :low"
    )
    with database.system() as connection:
        connection.execute(text("SET LOCAL role NONE"))
        (name,) = connection.execute(text(statement), {"low": Lock.RECONCILER & 0xFFFFFFFF}).scalars()

    assert name.startswith("meetingmind reconciler ")


def test_one_makes_the_rounds_and_another_goes_on_when_it_stops(roles: Callable[[], Role]) -> None:
    made: list[str] = []

    def rounds(name: str) -> Callable[[Callable[[], None]], None]:
        def make_round(keep: Callable[[], None]) -> None:
            keep()
            made.append(name)

        return make_round

    first, second = (Reconciler(roles(), rounds(name), every_s=0.05) for name in ("first", "second"))
    first.start()
    until(lambda: made.count("first") > 2, within_s=PATIENCE_S)
    second.start()
    until(lambda: made.count("first") > 8, within_s=PATIENCE_S)
    alone = "second" not in made

    first.stop()
    until(lambda: made.count("second") > 2, within_s=PATIENCE_S)
    second.stop()

    assert alone
    assert made.index("second") == len([name for name in made if name == "first"])


def test_a_round_that_breaks_is_followed_by_the_next(roles: Callable[[], Role]) -> None:
    made: list[None] = []

    def break_twice(_: Callable[[], None]) -> None:
        made.append(None)
        if len(made) == 1:
            raise RuntimeError("a defect")
        if len(made) == 2:
            raise Unavailable("PostgreSQL is away")

    thread = Reconciler(roles(), break_twice, every_s=0.05)
    thread.start()

    until(lambda: len(made) > 3, within_s=PATIENCE_S)
    thread.stop()
