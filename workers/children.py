"""One child process: started in a session of its own, logged, bound to our life, and found again if we die.

Two ties hold a child to its supervisor. On Linux the kernel sends it its stop signal when the supervisor dies, even by
kill -9. Everywhere the child and whatever it starts inherit an open, locked file: as long as that lock is held, some
process of the child lives, and the next supervisor knows whom to end. A process id alone could by then be a stranger's.
"""

import ctypes
import fcntl
import os
import shutil
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Mapping
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import Final

from workers.errors import CannotStart
from workers.folders import Folders
from workers.identity import OURSELVES, Identity

LONGEST_LOG_BYTES: Final = 10_000_000  # hours of a busy worker; with the one kept before it, 20 MB a child
PR_SET_PDEATHSIG: Final = 1  # linux/prctl.h
POLL_S: Final = 0.05

_libc = ctypes.CDLL(None, use_errno=True)  # loaded here: nothing may be loaded between fork and exec


def nothing() -> None:
    """Prepare nothing."""


@dataclass(frozen=True)
class Program:
    """What to run and how to tell that it serves. `environment` is whole: nothing else is inherited.

    `is_ready` is given the process id; `prepare` runs before each start; `stop_signal` asks for an orderly end.
    """

    name: str
    argv: tuple[str, ...]
    environment: Mapping[str, str] = field(repr=False)
    is_ready: Callable[[int], bool]
    prepare: Callable[[], None] = nothing
    stop_signal: signal.Signals = signal.SIGTERM
    identity: Identity = OURSELVES


def start(program: Program, folders: Folders) -> "subprocess.Popen[bytes]":
    """Start the program; its output is appended to its log. Call from the main thread: the kernel's tie is to a thread.

    Raises:
        CannotStart: an older process of the same name will not end, or the program cannot be run.
    """
    end_leftover(folders.processes / program.name)
    program.prepare()
    bound_log(folders.log(program.name))
    tie = _take(folders.processes / program.name)
    try:
        with folders.log(program.name).open("ab") as log:
            return subprocess.Popen(  # noqa: S603 - the stack's own table of programs
                program.argv,
                env=dict(program.environment),
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=subprocess.STDOUT,
                start_new_session=True,  # Ctrl-C in the terminal is for the supervisor alone
                pass_fds=(tie,),
                user=program.identity.user,
                group=program.identity.group,
                extra_groups=None if program.identity.user is None else [],
                preexec_fn=_tie_to_us(program, tie),  # noqa: PLW1509 - a supervisor has one thread
            )
    except (OSError, subprocess.SubprocessError) as error:
        raise CannotStart(f"{program.name} could not be run: {error}.", log=folders.log(program.name)) from error
    finally:
        os.close(tie)


def end_leftover(record: Path, *, patience_s: float = 10.0) -> bool:
    """End what an earlier supervisor left running under this record; True if there was something.

    Raises:
        CannotStart: it survives even SIGKILL.
    """
    if not is_alive(record):
        return False
    group, stop_signal = _read(record)
    for sign in (stop_signal, signal.SIGKILL):
        with suppress(ProcessLookupError):
            os.killpg(group, sign)
        if _wait_until(lambda: not is_alive(record), patience_s):
            return True
    raise CannotStart(f"Process {group}, of an earlier run, does not end. End it by hand, then start again.")


def is_alive(record: Path) -> bool:
    """Whether any process of that child lives, itself or one it started."""
    try:
        tie = _take(record)
    except BlockingIOError:
        return True
    os.close(tie)
    return False


def bound_log(log: Path) -> None:
    """Move a log that has grown too long aside, in place: whoever appends to it goes on doing so."""
    if log.exists() and log.stat().st_size > LONGEST_LOG_BYTES:
        shutil.copyfile(log, log.with_suffix(".log.1"))
        os.truncate(log, 0)


def _take(record: Path) -> int:
    """Open and lock the record.

    Raises:
        BlockingIOError: a process holds it.
    """
    tie = os.open(record, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
    try:
        fcntl.flock(tie, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BaseException:
        os.close(tie)
        raise
    return tie


def _read(record: Path) -> tuple[int, signal.Signals]:
    group, stop_signal = record.read_text().split()
    return int(group), signal.Signals(int(stop_signal))


def _tie_to_us(program: Program, tie: int) -> Callable[[], None]:
    """What the child does between fork and exec."""
    us = os.getpid()
    stop_signal = int(program.stop_signal)
    enter = program.identity.enter

    def before_exec() -> None:
        os.ftruncate(tie, 0)
        os.pwrite(tie, f"{os.getpid()} {stop_signal}\n".encode(), 0)
        enter()
        # After every change of identity, since such a change unties.
        if sys.platform == "linux":
            _libc.prctl(PR_SET_PDEATHSIG, stop_signal, 0, 0, 0)
            if os.getppid() != us:  # it died before the knot was made
                os._exit(1)

    return before_exec


def _wait_until(condition: Callable[[], bool], patience_s: float) -> bool:
    deadline = time.monotonic() + patience_s
    while not condition():
        if time.monotonic() > deadline:
            return False
        time.sleep(POLL_S)
    return True
