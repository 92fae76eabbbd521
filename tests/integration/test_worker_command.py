"""`python -m workers`: the two errands, and wrong words."""

import subprocess
import sys

from orchestrator.storage.engine import Database
from orchestrator.tenancy.keys import authenticate
from tests.servers import PEPPER


def run(environment: dict[str, str], *arguments: str) -> "subprocess.CompletedProcess[str]":
    command = [sys.executable, "-P", "-m", "workers", *arguments]
    return subprocess.run(command, env=environment, capture_output=True, text=True, timeout=60, check=False)


def test_a_new_tenant_gets_a_key_that_opens_the_house(environment: dict[str, str], database: Database) -> None:
    first, second = (run(environment, "key", "globex").stdout.strip() for _ in range(2))

    with database.tenant("") as connection:
        owners = {authenticate(connection, key, PEPPER).tenant for key in (first, second)}
    assert first != second
    assert len(owners) == 1


def test_migrating_a_database_that_is_up_to_date_changes_nothing(environment: dict[str, str]) -> None:
    done = run(environment, "migrate")

    assert (done.returncode, done.stdout) == (0, "")


def test_a_wrong_word_is_told_what_would_be_right(environment: dict[str, str]) -> None:
    for wrong in ([], ["nonsense"], ["ask", "synthesis"], ["key"], ["key", " "]):
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
