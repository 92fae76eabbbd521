"""The places on disk that a stack owns: its data folder, and a short private folder for sockets.

A socket's path may have 107 bytes on Linux and 103 on macOS, and a data folder may lie deep. So sockets stand in the
system's temporary folder, in one folder for each data folder and user.
"""

import fcntl
import hashlib
import json
import os
import re
import shutil
import stat
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from workers.errors import AlreadyRunning, CannotStart

NOTICE: Final = "stack.json"
LONGEST_BASE: Final = 60  # bytes; leaves 43 of macOS's 103 for our folder's and the socket's own names
PLAIN_PATH: Final = re.compile(r"[A-Za-z0-9/._-]+")  # a path that no URL has to quote


@dataclass(frozen=True)
class Folders:
    """`data` outlives the stack; `runtime` may be emptied whenever the stack is down."""

    data: Path
    runtime: Path

    @property
    def logs(self) -> Path:
        return self.data / "logs"

    @property
    def processes(self) -> Path:
        """One file for each child: locked while any process of that child lives."""
        return self.data / "processes"

    @property
    def spool(self) -> Path:
        """Where answers that are paid for wait while PostgreSQL is away."""
        return self.data / "spool"

    @property
    def notice(self) -> Path:
        """What a running stack tells others about itself: url, api_key, pid, data_dir."""
        return self.data / NOTICE

    def log(self, name: str) -> Path:
        return self.logs / f"{name}.log"


@contextmanager
def held(data_dir: Path) -> Iterator[Folders]:
    """Make the folders that are missing, private to this user, and keep every other stack off them.

    The kernel lets go when this process ends, however it ends.

    Raises:
        AlreadyRunning: another stack holds this data folder.
        CannotStart: there can be no such data folder, or the runtime folder's name is taken by something not ours.
        OSError: the disk refuses.
    """
    try:
        data_dir.mkdir(mode=0o700, parents=True, exist_ok=True)
    except (FileExistsError, NotADirectoryError):
        raise CannotStart(f"{data_dir} cannot be the data folder: a file is in its place.") from None
    except OSError as error:
        raise CannotStart(f"{data_dir} cannot be the data folder: {error.strerror}.") from None
    data = data_dir.resolve()
    with (data / "lock").open("a") as lock:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            raise AlreadyRunning(data, _url_of(data / NOTICE)) from None
        folders = Folders(data=data, runtime=_runtime_folder(data))
        for folder in (folders.logs, folders.processes, folders.spool):
            folder.mkdir(mode=0o700, exist_ok=True)
        try:
            yield folders
        finally:
            shutil.rmtree(folders.runtime, ignore_errors=True)


def write_private(path: Path, text: str) -> None:
    """Put a whole file in place, readable by this user alone; a reader sees the old one or the new one."""
    fresh = path.with_name(f".{path.name}.new")
    fresh.unlink(missing_ok=True)
    descriptor = os.open(fresh, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    with os.fdopen(descriptor, "w", encoding="utf-8") as file:
        file.write(text)
        file.flush()
        os.fsync(file.fileno())
    fresh.replace(path)


def _runtime_folder(data: Path) -> Path:
    """Make or accept the folder for sockets. Its parent is open to all, so a folder laid there by others is refused."""
    base = Path(tempfile.gettempdir())
    if len(os.fsencode(base)) > LONGEST_BASE or not PLAIN_PATH.fullmatch(str(base)):
        base = Path("/tmp")  # noqa: S108 - what stands in it is checked below
    name = hashlib.sha256(os.fsencode(data)).hexdigest()[:10]
    folder = base / f"meetingmind-{os.geteuid()}-{name}"
    folder.mkdir(mode=0o700, exist_ok=True)
    found = folder.lstat()
    if not stat.S_ISDIR(found.st_mode) or found.st_uid != os.geteuid():
        raise CannotStart(
            f"{folder} does not belong to this user, so no socket is put there. Remove it, then try again."
        )
    folder.chmod(0o700)
    return folder


def _url_of(notice: Path) -> str | None:
    try:
        url = json.loads(notice.read_text(encoding="utf-8"))["url"]
    except (OSError, ValueError, KeyError, TypeError):
        return None
    return url if isinstance(url, str) else None
