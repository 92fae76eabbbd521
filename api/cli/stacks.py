"""A stack for the time of one command: started as a child, stopped before the command ends."""

import fcntl
import json
import os
import selectors
import signal
import subprocess
import sys
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import Final

from api.cli.exits import Told

START_TIMEOUT_S: Final = 90.0  # a first start makes a database; on a slow disk that takes a while
STOP_TIMEOUT_S: Final = 25.0  # the stack gives its own children less than that, then ends them


class NotStarted(Told):
    pass


@dataclass(frozen=True)
class Notice:
    """What a running stack tells about itself; of stores and spool only in the file that its user alone can read."""

    url: str
    api_key: str
    data_dir: Path
    database_url: str | None = field(default=None, repr=False)
    redis_url: str | None = field(default=None, repr=False)
    spool_dir: Path | None = None


def argv(data_dir: Path, *options: str) -> list[str]:
    """The command that runs a stack. `-P` keeps the current folder from shadowing our packages."""
    return [sys.executable, "-P", "-m", "workers.stack", "--data-dir", str(data_dir), *options]


def running(data_dir: Path) -> Notice | None:
    """The stack that runs on this folder, if there is one."""
    try:
        text = (data_dir / "stack.json").read_text(encoding="utf-8")
        if not _is_alive(int(json.loads(text)["pid"])):
            return None
        return _notice(text)
    except (OSError, ValueError, KeyError, TypeError):
        return None


@contextmanager
def started(data_dir: Path, environment: Mapping[str, str] | None = None) -> Iterator[Notice]:
    """Start a stack and stop it at the end. It tells its progress, and why it failed, on our stderr.

    Args:
        environment: what it is given in place of our own environment.

    Raises:
        NotStarted: it ended before it was up, or did not come up in time.
    """
    # A session of its own: Ctrl-C in the terminal reaches us alone, and we stop it in order.
    child = subprocess.Popen(  # noqa: S603  our own interpreter and module; the folder is one argument
        argv(data_dir, "--json"),
        env=environment,
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        start_new_session=True,
    )
    try:
        yield _first_word(child)
    finally:
        _stop(child)


def is_held(data_dir: Path) -> bool:
    """Whether some stack holds this folder, be it up or still starting. Not to be asked while one of ours starts."""
    try:
        with (data_dir / "lock").open("rb") as lock:
            fcntl.flock(lock, fcntl.LOCK_SH | fcntl.LOCK_NB)
    except BlockingIOError:
        return True
    except OSError:
        return False
    return False


def _first_word(child: "subprocess.Popen[bytes]") -> Notice:
    line = first_line(child, time.monotonic() + START_TIMEOUT_S)
    try:
        return _notice(line.decode("utf-8"))
    except (ValueError, KeyError, TypeError):
        raise NotStarted("The local stack did not start.") from None


def first_line(child: "subprocess.Popen[bytes]", deadline: float) -> bytes:
    """The first line of its stdout; what there is of it when it ends or the deadline passes."""
    pipe = child.stdout
    if pipe is None:
        return b""
    found = bytearray()
    with selectors.DefaultSelector() as selector:
        selector.register(pipe, selectors.EVENT_READ)
        while b"\n" not in found and selector.select(max(0.0, deadline - time.monotonic())):
            chunk = os.read(pipe.fileno(), 65_536)
            if not chunk:
                break
            found += chunk
    return bytes(found.partition(b"\n")[0])


def _stop(child: "subprocess.Popen[bytes]") -> None:
    """Ask it to stop; if it does not within its time, end it and whatever is left of its session."""
    with suppress(ProcessLookupError):
        child.terminate()
    try:
        child.wait(STOP_TIMEOUT_S)
    except subprocess.TimeoutExpired:
        with suppress(ProcessLookupError):
            os.killpg(child.pid, signal.SIGKILL)
        child.wait()
    finally:
        if child.stdout:
            child.stdout.close()


def _notice(text: str) -> Notice:
    found = json.loads(text)
    return Notice(
        url=str(found["url"]),
        api_key=str(found["api_key"]),
        data_dir=Path(found["data_dir"]),
        database_url=found.get("database_url"),
        redis_url=found.get("redis_url"),
        spool_dir=Path(found["spool_dir"]) if "spool_dir" in found else None,
    )


def _is_alive(pid: int) -> bool:
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    except PermissionError:
        return True
    return True
