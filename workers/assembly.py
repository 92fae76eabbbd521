"""Puts the stack together: embedded servers, schema, API key, workers, beat and API, in this order.

DATABASE_URL or REDIS_URL name servers of the user's own; those are not started here.
"""

import json
import os
import sys
import traceback
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from secrets import token_urlsafe
from typing import Final, TextIO, get_args

from sqlalchemy.exc import OperationalError

from orchestrator import broker
from orchestrator.errors import Unavailable
from orchestrator.queues import Profile
from orchestrator.safety import examination, findings
from orchestrator.safety.findings import Verdict
from orchestrator.settings import examined_settings, load_catalog, provider_keys
from orchestrator.storage.migrate import upgrade
from orchestrator.tenancy.keys import ensure_key, generate
from orchestrator.tenancy.scopes import SCOPES
from workers import children, servers
from workers.children import Program
from workers.errors import CannotStart, StackError
from workers.folders import Folders, held, write_private
from workers.ports import HOST, chosen
from workers.supervision import StopRequests, Supervisor

CHECKOUT: Final = Path(__file__).resolve().parents[1]
# Name of the process -> profile. Two processes ask in all lanes: reading and checking answers computes, and one process
# has one core at a time (measured on two cores, paired, two runs: 25 and 40 ms of a job of three seats).
WORKERS: Final[dict[str, str]] = {"ask": "ask", "ask-2": "ask"} | {
    name: name for name in (*get_args(Profile), "beat") if name != "ask"
}


@dataclass(frozen=True)
class Credentials:
    """Made once for each data folder. The pepper protects stored key digests; the key is what the user calls with."""

    api_key: str = field(repr=False)
    pepper: str = field(repr=False)


@dataclass(frozen=True)
class Options:
    """What the user asks for. `port` is None for the usual one or any; `database_url` and `redis_url` for ours."""

    data_dir: Path
    port: int | None
    as_json: bool
    database_url: str | None
    redis_url: str | None
    environment: Mapping[str, str] = field(repr=False)


def run(options: Options, stop_requests: StopRequests, *, out: TextIO, tell: Callable[[str], None]) -> None:
    """Start everything, announce it on `out`, keep it running, and end it all whatever happens.

    `tell` is given a sentence for each step, and for what goes wrong while it runs.

    Raises:
        StackError: it did not come up, and nothing is left of it.
    """
    with held(options.data_dir) as folders, chosen(options.port) as port:
        folders.notice.unlink(missing_ok=True)
        for record in folders.processes.iterdir():
            if children.end_leftover(record):
                tell(f"Ended {record.name}, which an earlier stack had left running.")
        supervisor = Supervisor(folders, stop_requests, report=tell)
        try:
            notice, stores = _bring_up(options, port, folders, supervisor, tell)
            _announce(notice, stores, folders, out, as_json=options.as_json)
            supervisor.watch()
        except StackError:
            raise
        except Exception as error:
            raise _explained(error, folders) from error
        finally:
            tell("Stopping.")
            folders.notice.unlink(missing_ok=True)
            supervisor.stop()


def _bring_up(
    options: Options, port: int, folders: Folders, supervisor: Supervisor, tell: Callable[[str], None]
) -> tuple[dict[str, str], dict[str, str]]:
    """Servers, schema, key, processes, in this order. Returns what the user is told, and what `doctor` needs beside."""
    credentials = _credentials(folders, options.environment)
    database_url, redis_url = _start_servers(options, folders, supervisor, tell)
    tell("Preparing the database.")
    upgrade(database_url)
    # Who starts a house of their own runs it, too: the one key that is given `ops` without being asked.
    ensure_key(
        database_url,
        credentials.pepper,
        credentials.api_key,
        tenant_name="local",
        key_name="embedded stack",
        scopes=SCOPES,
    )
    _refuse_unsafe(database_url, redis_url)
    tell("Starting the workers and the API.")
    spool = options.environment.get("MEETINGMIND_SPOOL_DIR") or str(folders.spool)
    shared = _shared_environment(options.environment) | {
        "DATABASE_URL": database_url,
        "REDIS_URL": redis_url,
        "MEETINGMIND_KEY_PEPPER": credentials.pepper,
        "MEETINGMIND_LOG_FORMAT": "json",
        "MEETINGMIND_SPOOL_DIR": spool,
    }
    supervisor.start(
        [
            *(_program(name, ("-m", "workers", profile), shared, folders) for name, profile in WORKERS.items()),
            _program("api", ("-m", "api", "--port", str(port)), shared, folders),
        ]
    )
    notice = {"url": f"http://{HOST}:{port}", "api_key": credentials.api_key, "data_dir": str(folders.data)}
    return notice, {"database_url": database_url, "redis_url": redis_url, "spool_dir": spool}


def _start_servers(
    options: Options, folders: Folders, supervisor: Supervisor, tell: Callable[[str], None]
) -> tuple[str, str]:
    """Start those servers that the user has not named; returns the addresses of both."""
    database_url, redis_url = options.database_url, options.redis_url
    programs: list[Program] = []
    if database_url is None:
        if not (folders.data / "postgres").exists():
            tell(f"Making a PostgreSQL data folder in {folders.data}.")
        server = servers.postgres(folders)
        database_url = server.url
        programs.append(server.program)
    if redis_url is None:
        server = servers.valkey(folders)
        redis_url = server.url
        programs.append(server.program)
    if programs:
        tell(f"Starting {' and '.join(program.name for program in programs)}.")
        supervisor.start(programs)
    return database_url, redis_url


def _refuse_unsafe(database_url: str, redis_url: str) -> None:
    """Say it here, in a sentence: each process would refuse the same settings, in its own log.

    Raises:
        CannotStart: a setting is unsafe.
    """
    settings, catalog = examined_settings(), load_catalog()
    app = broker.build(redis_url, settings.redis_prefix, catalog, task_events=False, produces_only=True)
    found = examination.examine(
        examination.Subject(
            celery=app,
            database_url=database_url,
            redis_url=redis_url,
            redis_prefix=settings.redis_prefix,
            providers=provider_keys(catalog),
            spool_dir=settings.spool_dir,
            keeps_answers=False,  # a folder is named below
        )
    )
    unsafe = [f"{one.name}: {one.wrong}\n    {one.remedy}" for one in findings.of(Verdict.UNSAFE, found)]
    if unsafe:
        raise CannotStart("\n".join(["The settings are not safe.", *unsafe]))


def _program(name: str, arguments: tuple[str, ...], shared: Mapping[str, str], folders: Folders) -> Program:
    """One of our own processes: it makes its ready file when it serves."""
    ready_file = folders.runtime / f"{name}.ready"
    return Program(
        name=name,
        argv=(sys.executable, "-P", *arguments),
        environment={**shared, "MEETINGMIND_READY_FILE": str(ready_file)},
        is_ready=lambda _pid: ready_file.exists(),
        prepare=lambda: ready_file.unlink(missing_ok=True),
    )


def _shared_environment(environment: Mapping[str, str]) -> dict[str, str]:
    """The user's own, with this checkout's packages found first and nothing of the working directory imported."""
    path = os.pathsep.join(filter(None, (str(CHECKOUT), environment.get("PYTHONPATH"))))
    # No Flower listens here unless the user starts one, and its events are the dearest thing that a worker sends.
    quiet = {"MEETINGMIND_TASK_EVENTS": "false"}
    return {**quiet, **environment, "PYTHONPATH": path, "PYTHONSAFEPATH": "1"}


def _credentials(folders: Folders, environment: Mapping[str, str]) -> Credentials:
    """Read or make them. A pepper in the environment wins: a database that the user named may have keys under it."""
    path = folders.data / "credentials.json"
    if not path.exists():
        write_private(path, json.dumps({"api_key": generate("dev"), "pepper": token_urlsafe(32)}))
    try:
        kept = Credentials(**json.loads(path.read_text(encoding="utf-8")))
    except (ValueError, TypeError) as error:
        raise CannotStart(f"{path} is damaged. Remove it to get a new key.") from error
    return Credentials(kept.api_key, environment.get("MEETINGMIND_KEY_PEPPER") or kept.pepper)


def _announce(notice: dict[str, str], stores: dict[str, str], folders: Folders, out: TextIO, *, as_json: bool) -> None:
    """Tell the user, and whoever of this user's looks into the folder; addresses of stores may hold passwords."""
    write_private(folders.notice, json.dumps({**notice, **stores, "pid": os.getpid()}))
    out.write(json.dumps(notice) + "\n" if as_json else _welcome(notice, folders))
    out.flush()


def _welcome(notice: Mapping[str, str], folders: Folders) -> str:
    return (
        "\nMeetingMind is running.\n\n"
        f"  address   {notice['url']}\n"
        f"  API docs  {notice['url']}/docs\n"
        f"  API key   {notice['api_key']}\n"
        f"  data      {folders.data}\n"
        f"  logs      {folders.logs}\n\n"
        "Ctrl-C stops it; the data stay.\n"
    )


def _explained(error: Exception, folders: Folders) -> CannotStart:
    """Any other failure as a sentence; what only a programmer can read goes to a log."""
    log = folders.log("stack")
    with log.open("a", encoding="utf-8") as file:
        traceback.print_exception(error, file=file)
    if isinstance(error, OperationalError | Unavailable):
        return CannotStart("PostgreSQL could not be reached, or refused.", log=log)
    return CannotStart(f"The stack failed ({type(error).__name__}).", log=log)
