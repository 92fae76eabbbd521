"""`doctor` on servers that are named, and `up` on one that is not safe: judged by what is printed and by the code."""

import re
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import psycopg
import pytest
from psycopg import sql
from sqlalchemy.engine import make_url

from orchestrator.safety import celery_rules, postgres_rules, redis_rules
from orchestrator.settings import Settings, inherited_environment
from orchestrator.storage.engine import driver_url
from providers import catalog

CHECKOUT = Path(__file__).resolve().parents[2]
PATIENCE_S = 100.0
PASSWORD = "letters4and5digits"

Finished = subprocess.CompletedProcess[str]
Run = Callable[..., Finished]


@pytest.fixture
def run(settings: Settings, tmp_path: Path) -> Run:
    """Runs a command in a shell that names both servers and no provider; more variables by keyword."""
    keys = {card.key_variable for card in catalog.load().providers}
    kept = {
        name: value
        for name, value in inherited_environment().items()
        if name not in keys and not name.startswith(("MEETINGMIND_", "CELERY_"))
    }
    shell = kept | {
        "PYTHONPATH": str(CHECKOUT),
        "PYTHONSAFEPATH": "1",
        "DATABASE_URL": settings.database_url.get_secret_value(),
        "REDIS_URL": settings.redis_url.get_secret_value(),
        "MEETINGMIND_REDIS_PREFIX": settings.redis_prefix,
        "MEETINGMIND_SPOOL_DIR": str(tmp_path),
        "MEETINGMIND_DATA_DIR": str(tmp_path / "data"),
    }

    def run(*arguments: str, **variables: str) -> Finished:
        done = subprocess.run(
            [sys.executable, "-P", "-m", "api.cli", *arguments],
            env=shell | variables,
            capture_output=True,
            encoding="utf-8",
            timeout=PATIENCE_S,
            check=False,
        )
        assert "Traceback" not in done.stdout + done.stderr
        return done

    return run


@pytest.fixture
def forgetful(settings: Settings) -> None:
    """The database answers commits before they are on disk."""
    url = make_url(driver_url(settings.database_url.get_secret_value())).set(drivername="postgresql")
    with psycopg.connect(url.render_as_string(hide_password=False), autocommit=True) as administrator:
        database = sql.Identifier(url.database or "")
        administrator.execute(sql.SQL("ALTER DATABASE {} SET synchronous_commit = off").format(database))


def verdicts(done: Finished) -> dict[str, str]:
    """Check -> verdict, from the lined-up table."""
    return dict(re.findall(r"^ *([a-z-]+) +(ok|warns|unsafe|away|not asked) +\S", done.stdout, re.MULTILINE))


def test_every_check_is_printed_with_its_verdict_and_value(run: Run) -> None:
    done = run("doctor")

    names = {
        *(rule.name for rule in redis_rules.RULES),
        *(rule.name for rule in postgres_rules.RULES),
        *(rule.name for rule in celery_rules.RULES),
        "spool-not-set",
    }
    assert done.returncode == 0, done.stdout
    assert verdicts(done).keys() == names
    assert not {"unsafe", "away"} & set(verdicts(done).values())
    assert re.search(r"^ *redis-evicts +ok +maxmemory-policy: noeviction *$", done.stdout, re.MULTILINE)


@pytest.mark.usefixtures("forgetful")
def test_an_unsafe_setting_is_printed_with_its_remedy_and_fails_the_command(run: Run) -> None:
    done = run("doctor")

    assert done.returncode == 1
    assert [name for name, verdict in verdicts(done).items() if verdict == "unsafe"] == ["postgres-not-synchronous"]
    assert re.search(
        r"^postgres-not-synchronous: .*\(synchronous_commit off\).*\.\n +Set `synchronous_commit = on`",
        done.stdout,
        re.MULTILINE,
    )


def test_a_warning_is_printed_with_its_remedy_and_does_not_fail_the_command(run: Run) -> None:
    done = run("doctor", MEETINGMIND_SPOOL_DIR="")

    assert done.returncode == 0
    assert verdicts(done)["spool-not-set"] == "warns"
    assert re.search(r"^spool-not-set: .+\.\n +Set MEETINGMIND_SPOOL_DIR", done.stdout, re.MULTILINE)


@pytest.mark.parametrize(
    ("variable", "address", "check"),
    [
        ("REDIS_URL", f"redis://me:{PASSWORD}@127.0.0.1:1/0", "redis-away"),
        ("DATABASE_URL", f"postgresql://me:{PASSWORD}@127.0.0.1:1/none", "postgres-away"),
    ],
)
def test_a_store_that_is_away_is_told_with_its_remedy_and_without_its_password(
    run: Run, variable: str, address: str, check: str
) -> None:
    done = run("doctor", **{variable: address})

    assert done.returncode == 1
    assert [name for name, verdict in verdicts(done).items() if verdict == "away"] == [check]
    assert re.search(rf"^{check}: .+\.\n +Bring .+ up, or mend {variable}", done.stdout, re.MULTILINE)
    assert PASSWORD not in done.stdout + done.stderr


def test_without_servers_they_are_not_asked_and_nothing_fails(run: Run) -> None:
    done = run("doctor", DATABASE_URL="", REDIS_URL="")

    assert done.returncode == 0
    assert [name for name, verdict in verdicts(done).items() if verdict == "not asked"] == ["redis", "postgres"]


def test_celerys_own_variables_are_seen(run: Run) -> None:
    done = run("doctor", CELERY_BROKER_URL=f"redis://me:{PASSWORD}@127.0.0.1:1/0")

    assert done.returncode == 1
    assert verdicts(done)["broker-elsewhere"] == "unsafe"
    assert PASSWORD not in done.stdout + done.stderr


def test_a_wrong_option_is_a_usage_error(run: Run) -> None:
    done = run("doctor", "--nonsense")

    assert (done.returncode, done.stdout) == (2, "")


@pytest.mark.usefixtures("forgetful")
def test_a_stack_refuses_an_unsafe_server_in_a_sentence_and_leaves_nothing(run: Run, tmp_path: Path) -> None:
    done = run("up", "--json", REDIS_URL="")

    assert (done.returncode, done.stdout) == (1, "")
    assert "meetingmind: The settings are not safe.\npostgres-not-synchronous: " in done.stderr
    assert "Set `synchronous_commit = on`" in done.stderr
    assert not (tmp_path / "data" / "stack.json").exists()
