"""What docker-compose.yml mounts and starts, run here for real: PostgreSQL's login, the broker's rules, Flower's lock.

Only the images and the networks are left untried.
"""

import os
import re
import shutil
import socket
import subprocess
import sys
import time
from base64 import b64encode
from collections.abc import Callable, Iterator
from http.client import HTTPConnection
from pathlib import Path
from urllib.parse import urlsplit

import psycopg
import pytest
from psycopg import sql
from redis import Redis
from redis.backoff import NoBackoff
from redis.exceptions import AuthenticationError, NoPermissionError
from redis.retry import Retry
from sqlalchemy.engine import URL, make_url

from orchestrator import broker
from orchestrator.canvas import Canvas
from orchestrator.safety import postgres_reading, postgres_rules, redis_reading, redis_rules
from orchestrator.safety.findings import Verdict
from orchestrator.seal import Seal
from orchestrator.storage.engine import connect, driver_url
from orchestrator.storage.migrate import upgrade
from orchestrator.tenancy.keys import add_tenant, authenticate, generate
from orchestrator.work.seats import Bell
from providers import catalog as catalogs
from tests.house import compose
from tests.house.checkout import ROOT
from tests.servers import PEPPER, Addresses
from workers.servers import _valkey_program

DEADLINE_S = 20.0
PASSWORD = "letters4and5digits"
LOGIN = "house_test_login"


def until(ask: Callable[[], bool], deadline_s: float = DEADLINE_S) -> None:
    """Wait until the question is answered with yes."""
    end = time.monotonic() + deadline_s
    while not ask():
        assert time.monotonic() < end, f"not within {deadline_s:g} s"
        time.sleep(0.05)


# --- PostgreSQL: ops/docker/login.sql


@pytest.fixture
def login_url(addresses: Addresses) -> Iterator[str]:
    """The database and the login as login.sql makes them, under a name of the test's own."""
    admin = make_url(driver_url(addresses.database_url)).set(drivername="postgresql", database="postgres")
    first, second = _login_script().split("\\connect " + LOGIN)
    with _session(admin) as connection:
        _drop(connection)
        _run(connection, first)
        with _session(admin.set(database=LOGIN)) as inside:
            _run(inside, second)
        yield admin.set(username=LOGIN, password=PASSWORD, database=LOGIN).render_as_string(hide_password=False)
        _drop(connection)


def _session(url: URL) -> "psycopg.Connection[tuple[object, ...]]":
    return psycopg.connect(url.render_as_string(hide_password=False), autocommit=True)


def _login_script() -> str:
    """The script with psql's part of it done: the password filled in, comments gone, names of our own."""
    script = (ROOT / "ops/docker/login.sql").read_text()
    asks = "\\getenv password MEETINGMIND_DB_PASSWORD\n"
    assert asks in script
    script = re.sub(r"--.*", "", script.replace(asks, "")).replace(":'password'", f"'{PASSWORD}'")
    return re.sub(r"\bmeetingmind\b", LOGIN, script)


def _run(connection: "psycopg.Connection[tuple[object, ...]]", script: str) -> None:
    for statement in filter(None, map(str.strip, script.split(";"))):
        connection.execute(statement.encode())


def _drop(connection: "psycopg.Connection[tuple[object, ...]]") -> None:
    connection.execute(sql.SQL("DROP DATABASE IF EXISTS {} WITH (FORCE)").format(sql.Identifier(LOGIN)))
    connection.execute(sql.SQL("DROP ROLE IF EXISTS {}").format(sql.Identifier(LOGIN)))


@pytest.fixture
def roles_of_the_house(addresses: Addresses, login_url: str) -> None:
    """On a server where the roles exist already another login owns them; the operator then grants them, as here."""
    admin = make_url(driver_url(addresses.database_url)).set(drivername="postgresql", database="postgres")
    with psycopg.connect(admin.render_as_string(hide_password=False), autocommit=True) as connection:
        for role in ("meetingmind_app", "meetingmind_system"):
            found = connection.execute("SELECT 1 FROM pg_roles WHERE rolname = %s", [role]).fetchone()
            if found:
                grant = sql.SQL("GRANT {} TO {} WITH ADMIN OPTION")
                connection.execute(grant.format(sql.Identifier(role), sql.Identifier(LOGIN)))


@pytest.mark.usefixtures("roles_of_the_house")
def test_the_login_of_the_containers_can_make_the_schema_and_work_in_it_and_is_no_superuser(login_url: str) -> None:
    upgrade(login_url)
    database = connect(login_url, pool_size=1, name="test")
    key = generate("test")

    tenant = add_tenant(database, "acme", key, PEPPER)

    with database.tenant("") as connection:
        assert authenticate(connection, key, PEPPER).tenant == tenant
    database.close()
    with psycopg.connect(login_url) as plain:
        row = plain.execute("SELECT rolsuper, rolbypassrls FROM pg_roles WHERE rolname = current_user").fetchone()
        assert row == (False, False)
        assert plain.execute("SELECT count(*) FROM jobs").fetchone() == (0,)
        assert plain.execute("SELECT count(*) FROM api_keys").fetchone() == (0,), "rows are seen without a role"


@pytest.mark.usefixtures("roles_of_the_house")
def test_a_start_finds_the_login_of_the_containers_safe(login_url: str) -> None:
    upgrade(login_url)

    found = {one.name: one.verdict for one in postgres_rules.findings(postgres_reading.read(login_url))}

    assert found == dict.fromkeys(found, Verdict.OK)


# --- Redis: ops/redis


# The server that ships with us, and Redis itself where it is installed, as it is in CI.
SERVERS = [str(_valkey_program()), *filter(None, [shutil.which("redis-server")])]


@pytest.fixture(scope="module", params=SERVERS, ids=[Path(program).name for program in SERVERS])
def guarded(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """A server on the files of ops/redis, joined as the command in docker-compose.yml joins them; its socket."""
    folder = tmp_path_factory.mktemp("redis")
    place = folder.parent / f"{folder.name}.sock"  # a socket's path may have 107 bytes
    configuration = (ROOT / "ops/redis/redis.conf").read_text().replace("dir /data\n", f"dir {folder}\n")
    users = (ROOT / "ops/redis/users.acl").read_text().replace("PASSWORD", PASSWORD)
    here = f"\nport 0\nbind 127.0.0.1\nunixsocket {place}\n"
    server = subprocess.Popen([request.param, "-"], stdin=subprocess.PIPE, stdout=subprocess.DEVNULL)
    try:
        assert server.stdin is not None
        server.stdin.write((configuration + users + here).encode())
        server.stdin.close()
        until(lambda: place.exists() or server.poll() is not None)
        assert server.poll() is None, "the server does not take the files"
        yield str(place)
    finally:
        server.terminate()
        server.wait(DEADLINE_S)


def test_the_command_of_the_container_joins_both_files_and_the_password() -> None:
    command = compose.read((ROOT / "docker-compose.yml").read_text()).services["redis"].command
    script = (
        command[2]
        .replace("$$", "$")
        .replace("exec redis-server -", "cat")
        .replace("/etc/meetingmind", str(ROOT / "ops/redis"))
    )

    joined = subprocess.run(
        [*command[:2], script],
        env={"PATH": os.defpath, "REDISCLI_AUTH": PASSWORD},
        capture_output=True,
        text=True,
        check=True,
    ).stdout

    assert f"user meetingmind on >{PASSWORD} " in joined
    assert "user default off" in joined
    assert "appendonly yes" in joined
    assert "PASSWORD" not in joined


def test_the_broker_lets_the_house_publish_and_consume(guarded: str) -> None:
    catalog = catalogs.load()
    url = f"redis+socket://meetingmind:{PASSWORD}@{guarded}?virtual_host=0"
    app = broker.build(url, "", catalog, task_events=False)
    bells = [Bell(job="job_0", seat=0, provider="extractive")]

    Canvas(app, Seal("a pepper for tests alone")).panel("job_0", bells).apply_async()

    with app.connection_for_read() as connection, connection.SimpleQueue("ask.extractive") as queue:
        message = queue.get(timeout=5)
        message.ack()
    assert message.headers["task"] == "meetingmind.ask"


def test_the_broker_keeps_messages_and_refuses_rather_than_forgets(guarded: str) -> None:
    with Redis(unix_socket_path=guarded, username="meetingmind", password=PASSWORD) as redis:
        found = {**redis.info("persistence"), **redis.info("memory")}

    assert found["aof_enabled"] == 1
    assert found["maxmemory_policy"] == "noeviction"
    assert found["maxmemory"] == 512 * 1024 * 1024


@pytest.mark.parametrize("command", ["CONFIG GET *", "KEYS *", "FLUSHALL", "SHUTDOWN", "ACL LIST", "MONITOR"])
def test_the_broker_lets_nobody_do_what_only_an_administrator_needs(guarded: str, command: str) -> None:
    with (
        Redis(unix_socket_path=guarded, username="meetingmind", password=PASSWORD) as redis,
        pytest.raises(NoPermissionError),
    ):
        redis.execute_command(*command.split())


def test_the_broker_lets_the_house_have_its_file_written_anew(guarded: str) -> None:
    with Redis(unix_socket_path=guarded, username="meetingmind", password=PASSWORD) as redis:
        redis.bgrewriteaof()

        until(lambda: redis.info("persistence")["aof_rewrites"] == 1)


def test_a_start_finds_the_broker_safe_and_says_what_its_rules_hide(guarded: str) -> None:
    facts = redis_reading.read(f"redis+socket://meetingmind:{PASSWORD}@{guarded}?virtual_host=0", "")

    found = {one.name: one.verdict for one in redis_rules.findings(facts)}
    assert found.pop("redis-drops-idle-connections") is Verdict.WARNS  # CONFIG is not for the house's login
    assert set(found.values()) == {Verdict.OK}


def test_the_broker_answers_nobody_without_a_password(guarded: str) -> None:
    once = Retry(NoBackoff(), 0)
    with Redis(unix_socket_path=guarded, retry=once) as redis, pytest.raises(AuthenticationError):
        redis.ping()


# --- Flower


@pytest.fixture(scope="module")
def flower(addresses: Addresses) -> Iterator[str]:
    """Flower, started by the command and the environment of docker-compose.yml, on a free port; its address."""
    service = compose.read((ROOT / "docker-compose.yml").read_text()).services["flower"]
    with socket.socket() as trial:
        trial.bind(("127.0.0.1", 0))
        port = trial.getsockname()[1]
    given = {
        name: compose.filled(value, {"FLOWER_BASIC_AUTH": "ann:secret"}) for name, value in service.environment.items()
    }
    given |= {"CELERY_BROKER_URL": addresses.redis_url, "FLOWER_ADDRESS": "127.0.0.1", "FLOWER_PORT": str(port)}
    program = subprocess.Popen(
        [Path(sys.executable).parent / service.command[0], *service.command[1:]],
        env={**given, "PATH": os.defpath},
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    )
    address = f"http://127.0.0.1:{port}"
    try:
        until(lambda: status(f"{address}/healthcheck") == 200)
        yield address
    finally:
        program.terminate()
        program.wait(DEADLINE_S)


def status(url: str, *, method: str = "GET", login: str = "") -> int:
    """The answer's status; 0 while nobody answers."""
    headers = {"Authorization": "Basic " + b64encode(login.encode()).decode()} if login else {}
    address = urlsplit(url)
    connection = HTTPConnection(address.hostname or "", address.port, timeout=5)
    try:
        connection.request(method, address.path, headers=headers)
        return connection.getresponse().status
    except OSError:
        return 0
    finally:
        connection.close()


PAGES = ("/", "/workers", "/tasks", "/broker", "/api/workers", "/api/tasks", "/api/queues/length")


def test_flower_shows_nothing_to_whoever_does_not_log_in(flower: str) -> None:
    assert {page: status(flower + page) for page in PAGES} == dict.fromkeys(PAGES, 401)
    assert status(f"{flower}/workers", login="ann:wrong") == 401


def test_flower_shows_its_pages_to_whoever_does(flower: str) -> None:
    assert status(f"{flower}/workers", login="ann:secret") == 200


@pytest.mark.parametrize(
    "path", ["/api/worker/shutdown/any", "/api/task/revoke/any", "/api/task/async-apply/meetingmind.ask"]
)
def test_flower_changes_nothing_even_for_whoever_does(flower: str, path: str) -> None:
    assert status(flower + path, method="POST", login="ann:secret") in {401, 403, 404, 405}
