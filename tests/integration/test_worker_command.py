"""`python -m workers`: the two errands, and wrong words."""

import subprocess
import sys

import pytest
from sqlalchemy import select

from orchestrator.storage.engine import Database
from orchestrator.storage.tables import api_keys
from orchestrator.tenancy.keys import authenticate
from orchestrator.tenancy.scopes import SCOPES, TENANT_SCOPES
from tests.servers import PEPPER
from workers.key_errand import Wish, wish


def run(environment: dict[str, str], *arguments: str) -> "subprocess.CompletedProcess[str]":
    command = [sys.executable, "-P", "-m", "workers", *arguments]
    return subprocess.run(command, env=environment, capture_output=True, text=True, timeout=60, check=False)


def test_a_new_tenant_gets_a_key_that_opens_the_house(environment: dict[str, str], database: Database) -> None:
    first, second = (run(environment, "key", "globex").stdout.strip() for _ in range(2))

    with database.tenant("") as connection:
        owners = {authenticate(connection, key, PEPPER).tenant for key in (first, second)}
    assert first != second
    assert len(owners) == 1


@pytest.mark.parametrize(
    ("words", "scopes"),
    [
        ((), set(SCOPES) - {"ops"}),
        (("--scopes", "read"), {"read"}),
        (("--scopes", "admin,ops", "--expires-in-s", "3600"), {"admin", "ops"}),
    ],
)
def test_a_key_may_do_what_a_tenant_does_for_itself_and_more_only_when_it_is_named(
    environment: dict[str, str], database: Database, words: tuple[str, ...], scopes: set[str]
) -> None:
    key = run(environment, "key", "globex", *words).stdout.strip()

    with database.tenant("") as connection:
        assert authenticate(connection, key, PEPPER).scopes == scopes
    with database.system() as connection:
        ends = connection.execute(select(api_keys.c.expires_at - api_keys.c.created_at)).scalar_one()
    assert (ends is None) is ("--expires-in-s" not in words)
    assert ends is None or abs(ends.total_seconds() - 3600) < 60


def test_migrating_a_database_that_is_up_to_date_changes_nothing(environment: dict[str, str]) -> None:
    done = run(environment, "migrate")

    assert (done.returncode, done.stdout) == (0, "")


def test_a_wrong_word_is_told_what_would_be_right(environment: dict[str, str]) -> None:
    for wrong in ([], ["nonsense"], ["ask", "synthesis"], ["key"], ["key", " "], ["key", "acme", "--scopes", "root"]):
        done = run(environment, *wrong)

        assert done.returncode == 2
        assert "usage: python -m workers" in done.stderr
        assert "Traceback" not in done.stderr


def test_missing_settings_are_named_and_never_shown(environment: dict[str, str]) -> None:
    environment.pop("MEETINGMIND_KEY_PEPPER")

    done = run(environment, "migrate")

    assert done.returncode == 1
    assert "MEETINGMIND_KEY_PEPPER" in done.stderr
    assert environment["DATABASE_URL"] not in done.stderr
    assert "Traceback" not in done.stderr


@pytest.mark.parametrize(
    ("words", "found"),
    [
        (["acme"], Wish("acme", TENANT_SCOPES, None)),
        ([" acme "], Wish("acme", TENANT_SCOPES, None)),
        (["acme", "--scopes", "ops,read"], Wish("acme", ("read", "ops"), None)),
        (["acme", "--expires-in-s", "60"], Wish("acme", TENANT_SCOPES, 60)),
        (["acme", "--expires-in-s", "60", "--scopes", "read"], Wish("acme", ("read",), 60)),
        ([], None),
        (["--scopes", "read"], None),
        (["acme", "--scopes"], None),
        (["acme", "--scopes", ""], None),
        (["acme", "--scopes", "read,read"], None),
        (["acme", "--scopes", "read,all"], None),
        (["acme", "--scopes", "read", "--scopes", "ops"], None),
        (["acme", "--expires-in-s", "0"], None),
        (["acme", "--expires-in-s", "-1"], None),
        (["acme", "--expires-in-s", "9" * 30], None),
        (["acme", "--for", "ever"], None),
    ],
)
def test_the_words_after_key_are_read_whole_or_not_at_all(words: list[str], found: Wish | None) -> None:
    assert wish(words) == found
