"""What real servers say of themselves, and that our processes refuse to start on settings that are not safe."""

import json
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any
from uuid import uuid4

import psycopg
import pytest
from psycopg import sql
from pydantic import SecretStr
from redis import Redis
from sqlalchemy.engine import URL, make_url

from ops.drills.link import BLACK_HOLE, CUT, Link, redis_target, redis_through
from orchestrator import broker
from orchestrator.broker import redis_py_url
from orchestrator.errors import Unavailable
from orchestrator.safety import examination, postgres_reading, redis_reading, redis_rules
from orchestrator.safety.findings import Finding, Verdict
from orchestrator.safety.postgres_rules import Power
from orchestrator.safety.redis_rules import RedisFacts
from orchestrator.settings import Settings, provider_keys
from orchestrator.storage.engine import driver_url
from providers import catalog as catalogs
from tests.acceptance.processes import Processes, until
from tests.integration.workers_in_test import broker_of_our_own, elsewhere
from tests.servers import Addresses, environment_of

REFUSED = 78
PATIENCE_S = 60.0
UNHEARD_OF_S = 12.0  # far above what an examination of stores that do not answer may take
PASSWORD = "letters4and5digits"


@pytest.fixture(scope="module")
def own_redis(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """A Valkey of these tests' own; its address."""
    with broker_of_our_own(tmp_path_factory.mktemp("redis")) as own:
        own.start()
        yield own.url


@contextmanager
def set_to(redis_url: str, setting: str, value: str) -> Iterator[Redis]:
    """The server has this setting for the time of the block."""
    with Redis.from_url(redis_py_url(redis_url), decode_responses=True) as administrator:
        before = administrator.config_get(setting)[setting]
        administrator.config_set(setting, value)
        try:
            yield administrator
        finally:
            administrator.config_set(setting, before)


@contextmanager
def administering(database_url: str) -> Iterator[Any]:
    """Runs statements as the login that made the database."""
    url = make_url(driver_url(database_url)).set(drivername="postgresql")
    with psycopg.connect(url.render_as_string(hide_password=False), autocommit=True) as connection:
        yield connection


def in_database(database_url: str) -> sql.Identifier:
    return sql.Identifier(make_url(database_url).database or "")


def examined(settings: Settings, **changed: Any) -> dict[str, Finding]:
    """Every finding on a house with these settings, by name."""
    catalog = catalogs.load()
    app = broker.build(settings.redis_url.get_secret_value(), settings.redis_prefix, catalog, task_events=False)
    subject = examination.subject(settings, app, provider_keys(catalog, changed))
    return {one.name: one for one in examination.examine(subject)}


def started(environment: dict[str, str], *command: str) -> "subprocess.CompletedProcess[str]":
    """Run one of our processes to its end, which must come by itself."""
    return subprocess.run(
        [sys.executable, "-P", "-m", *command],
        env=environment,
        capture_output=True,
        text=True,
        timeout=PATIENCE_S,
        check=False,
    )


def refusals(done: "subprocess.CompletedProcess[str]") -> dict[str, dict[str, str]]:
    """The settings for which it refused to start, by name; a traceback is never for operators."""
    assert "Traceback" not in done.stderr
    lines = [json.loads(line) for line in done.stderr.splitlines() if line.startswith("{")]
    return {line["check"]: line for line in lines if line["event"] == "safety.refused"}


# Redis


def test_the_server_that_ships_with_us_is_well_in_every_check(own_redis: str) -> None:
    facts = redis_reading.read(own_redis, "mm:")

    assert facts == RedisFacts(
        version=facts.version,
        eviction="noeviction",
        most_bytes=512 * 1024 * 1024,
        is_appended=True,
        idle_timeout_s=0,
        unrouted=0,
    )
    assert {one.verdict for one in redis_rules.findings(facts)} == {Verdict.OK}


@pytest.mark.parametrize(
    ("setting", "value", "check", "verdict", "shown"),
    [
        ("maxmemory-policy", "allkeys-lru", "redis-evicts", Verdict.UNSAFE, "allkeys-lru"),
        ("maxmemory", "0", "redis-memory-unbounded", Verdict.WARNS, "0"),
        ("appendonly", "no", "redis-not-persistent", Verdict.WARNS, "off"),
        ("timeout", "300", "redis-drops-idle-connections", Verdict.WARNS, "300"),
    ],
)
def test_a_setting_of_redis_is_seen(
    settings: Settings, own_redis: str, setting: str, value: str, check: str, verdict: Verdict, shown: str
) -> None:
    with set_to(own_redis, setting, value):
        found = examined(elsewhere(settings, own_redis))

    assert (found[check].verdict, found[check].found) == (verdict, shown)


def test_messages_that_nobody_consumes_are_counted_whatever_their_priority(
    redis: "Redis", addresses: Addresses, redis_prefix: str
) -> None:
    redis.lpush(f"{redis_prefix}unrouted", "a", "b")
    redis.lpush(f"{redis_prefix}unrouted\x06\x169", "c")

    assert redis_reading.read(addresses.redis_url, redis_prefix).unrouted == 3


def test_a_login_that_may_ask_for_nothing_is_warned_and_not_refused(settings: Settings, own_redis: str) -> None:
    """Managed servers forbid CONFIG, and some INFO."""
    with Redis.from_url(redis_py_url(own_redis)) as administrator:
        administrator.execute_command("ACL", "SETUSER", "guest", "on", f">{PASSWORD}", "allkeys", "-@all", "+ping")
    path = redis_target(own_redis)

    found = examined(elsewhere(settings, f"redis+socket://guest:{PASSWORD}@{path}?virtual_host=0"))

    of_redis = [one for name, one in found.items() if name.startswith(("redis", "messages"))]
    assert len(of_redis) == 6
    assert {one.verdict for one in of_redis} == {Verdict.WARNS}
    assert {one.found for one in of_redis} == {"cannot be read"}


def test_a_redis_that_lets_nobody_in_is_away_and_says_why(settings: Settings, own_redis: str) -> None:
    path = redis_target(own_redis)

    found = examined(elsewhere(settings, f"redis+socket://nobody:{PASSWORD}@{path}?virtual_host=0"))

    assert found["redis-away"].verdict is Verdict.AWAY
    assert "invalid username-password" in found["redis-away"].found
    assert PASSWORD not in str(found)


# PostgreSQL


def test_a_fresh_database_is_well(database_url: str) -> None:
    facts = postgres_reading.read(database_url)

    assert (facts.synchronous_commit, facts.standbys, facts.fsync, facts.full_page_writes) == ("on", "", True, True)
    assert facts.data_sync_retry is False
    assert facts.app_role is Power.PLAIN
    assert facts.unguarded == ()
    assert facts.version is not None
    assert facts.version >= 150_000


@pytest.mark.parametrize("scope", ["DATABASE", "ROLE"])
def test_a_commit_that_does_not_wait_is_seen_wherever_it_was_set(
    settings: Settings, database_url: str, scope: str
) -> None:
    with administering(database_url) as administrator:
        where = {
            "DATABASE": sql.SQL("DATABASE {}").format(in_database(database_url)),
            "ROLE": sql.SQL("ROLE CURRENT_USER IN DATABASE {}").format(in_database(database_url)),
        }[scope]
        administrator.execute(sql.SQL("ALTER {} SET synchronous_commit = off").format(where))

    found = examined(settings)["postgres-not-synchronous"]

    assert (found.verdict, found.found) == (Verdict.UNSAFE, "off")


def test_a_table_whose_security_is_not_forced_is_named(settings: Settings, database_url: str) -> None:
    with administering(database_url) as administrator:
        administrator.execute("ALTER TABLE seats NO FORCE ROW LEVEL SECURITY")
        administrator.execute("ALTER TABLE tenants DISABLE ROW LEVEL SECURITY")

    found = examined(settings)["postgres-tables-unguarded"]

    assert (found.verdict, found.found) == (Verdict.UNSAFE, "seats, tenants")


@pytest.fixture
def login(database_url: str) -> Iterator[URL]:
    """The address of the database for a login that owns nothing and inherits nothing."""
    name = f"login_{uuid4().hex[:8]}"
    with administering(database_url) as administrator:
        role = sql.Identifier(name)
        administrator.execute(sql.SQL("CREATE ROLE {} LOGIN NOINHERIT PASSWORD {}").format(role, PASSWORD))
        administrator.execute(sql.SQL("GRANT meetingmind_app, meetingmind_system TO {}").format(role))
        yield make_url(driver_url(database_url)).set(username=name, password=PASSWORD)
        administrator.execute(sql.SQL("DROP ROLE {}").format(role))


@pytest.mark.parametrize(
    ("change", "power"),
    [
        ("NOINHERIT", Power.PLAIN),
        ("BYPASSRLS", Power.BYPASSRLS),
        ("SUPERUSER", Power.SUPERUSER),
    ],
)
def test_the_power_of_a_login_is_seen(database_url: str, login: URL, change: str, power: Power) -> None:
    with administering(database_url) as administrator:
        administrator.execute(sql.SQL("ALTER ROLE {} {}").format(sql.Identifier(login.username or ""), sql.SQL(change)))

    assert postgres_reading.read(login.render_as_string(hide_password=False)).login is power


def test_a_login_that_inherits_the_role_that_sees_all_is_seen(database_url: str, login: URL) -> None:
    with administering(database_url) as administrator:
        role = sql.Identifier(login.username or "")
        administrator.execute(sql.SQL("ALTER ROLE {} INHERIT").format(role))
        administrator.execute(sql.SQL("REVOKE meetingmind_system FROM {}").format(role))
        administrator.execute(sql.SQL("GRANT meetingmind_system TO {}").format(role))

    assert postgres_reading.read(login.render_as_string(hide_password=False)).login is Power.INHERITS


def test_an_address_that_is_none_is_told_without_its_password() -> None:
    for wrong in (f"nonsense:{PASSWORD}", f"postgresql://me:{PASSWORD}@127.0.0.1:1/none", "mysql://x"):
        with pytest.raises(Unavailable) as told:
            postgres_reading.read(wrong)
        assert PASSWORD not in told.value.message
        assert told.value.message
    with pytest.raises(Unavailable, match="not one of Redis"):
        redis_reading.read(f"http://me:{PASSWORD}@127.0.0.1:1/", "mm:")


# The start of a process


def test_a_worker_refuses_a_redis_that_evicts_by_name_and_with_its_remedy(settings: Settings, own_redis: str) -> None:
    with set_to(own_redis, "maxmemory-policy", "allkeys-lru"):
        done = started(environment_of(elsewhere(settings, own_redis)), "workers", "ask")

    assert done.returncode == REFUSED
    assert refusals(done).keys() == {"redis-evicts"}
    assert "allkeys-lru" in refusals(done)["redis-evicts"]["wrong"]
    assert "CONFIG SET maxmemory-policy noeviction" in refusals(done)["redis-evicts"]["remedy"]


@pytest.mark.parametrize("command", [("api", "--port", "0"), ("workers", "maintenance"), ("workers", "beat")])
def test_every_process_refuses_a_database_that_forgets_commits(
    environment: dict[str, str], database_url: str, command: tuple[str, ...]
) -> None:
    with administering(database_url) as administrator:
        administrator.execute(
            sql.SQL("ALTER DATABASE {} SET synchronous_commit = off").format(in_database(database_url))
        )

    done = started(environment, *command)

    assert done.returncode == REFUSED
    assert refusals(done).keys() == {"postgres-not-synchronous"}


@pytest.mark.parametrize(
    ("variable", "value", "check"),
    [
        ("CELERY_BROKER_URL", f"redis://:{PASSWORD}@127.0.0.1:1/0", "broker-elsewhere"),
        ("CELERY_RESULT_BACKEND", "cache+memory://", "chords-not-in-rows"),
        ("OPENAI_TIMEOUT", "3600", "visibility-timeout"),
    ],
)
def test_a_variable_that_breaks_celery_is_refused(
    environment: dict[str, str], variable: str, value: str, check: str
) -> None:
    done = started(environment | {"OPENAI_API_KEY": "sk-none", variable: value}, "workers", "ask")

    assert done.returncode == REFUSED
    assert refusals(done).keys() == {check}
    assert PASSWORD not in done.stderr


def test_a_worker_waits_for_a_redis_that_is_away_and_says_that_the_check_was_put_off(
    settings: Settings, tmp_path: Path, tmp_path_factory: pytest.TempPathFactory
) -> None:
    with broker_of_our_own(tmp_path_factory.mktemp("redis")) as own:
        processes = Processes(tmp_path, environment_of(elsewhere(settings, own.url)))
        try:
            processes.start("worker", "workers", "maintenance")
            until(lambda: "safety.put_off" in processes.log("worker"), "the check was put off")
            own.start()
            processes.await_ready("worker")

            lines = [json.loads(line) for line in processes.log("worker").splitlines() if line.startswith("{")]
            assert [line["check"] for line in lines if line["event"] == "safety.put_off"] == ["redis-away"]
        finally:
            processes.close()


def test_a_check_that_was_put_off_is_made_when_the_store_is_there(
    settings: Settings, own_redis: str, tmp_path: Path
) -> None:
    with set_to(own_redis, "maxmemory-policy", "allkeys-lru"), Link(redis_target(own_redis), CUT) as link:
        processes = Processes(tmp_path, environment_of(elsewhere(settings, redis_through(link))))
        try:
            processes.start("worker", "workers", "maintenance")
            until(lambda: "safety.put_off" in processes.log("worker"), "the check was put off")
            link.mend()

            assert processes.running["worker"].wait(PATIENCE_S) == REFUSED
            assert '"check": "redis-evicts"' in processes.log("worker")
        finally:
            processes.close()


def test_stores_that_do_not_answer_hold_a_start_up_for_seconds_alone(settings: Settings, addresses: Addresses) -> None:
    """The link is open and silent, as of a host that died without a word."""
    with Link(redis_target(addresses.redis_url), BLACK_HOLE) as silent:
        stores = {
            "redis_url": SecretStr(redis_through(silent)),
            "database_url": SecretStr(f"postgresql://nobody@127.0.0.1:{silent.port}/nothing"),
        }
        began = time.monotonic()
        found = examined(settings.model_copy(update=stores))
        took_s = time.monotonic() - began

    assert {name for name, one in found.items() if one.verdict is Verdict.AWAY} == {"redis-away", "postgres-away"}
    assert took_s < UNHEARD_OF_S
