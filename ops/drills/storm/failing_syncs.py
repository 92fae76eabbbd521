"""Lets the next synced write of a process fail with EIO, from outside: strace is attached, spoils it, and lets go.

The call is not made at all, so the kernel loses nothing with it: what is on trial is what a program does that was told
so. Where strace is missing, or may not attach, nothing is struck, and `refusal` says why.
"""

import re
import shutil
import subprocess
import sys
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Final

PATIENCE_S: Final = 20.0  # for a write that has to be synced: under load it comes within a second
STEP_S: Final = 5.0
POLL_S: Final = 0.005  # short: each process whose first sync falls before strace lets go fails as well
PROGRAM: Final = "strace"
_INJECTED: Final = re.compile(r"^\d+\s+(?P<at>\d+\.\d+) .*\(INJECTED\)$", re.MULTILINE)


@dataclass(frozen=True)
class Spoiled:
    """When the first call failed, by the clock that PostgreSQL reads too, and how many did; None, 0: none was made."""

    at: datetime | None
    calls: int


def refusal() -> str | None:
    """Why nothing can be struck on this machine; None: it can."""
    if sys.platform != "linux":
        return "synced writes can be made to fail on Linux alone"
    if shutil.which(PROGRAM) is None:
        return f"{PROGRAM} is not installed (Debian: apt-get install {PROGRAM})"
    with subprocess.Popen([sys.executable, "-c", "input()"], stdin=subprocess.PIPE, stdout=subprocess.DEVNULL) as child:
        tracer = subprocess.Popen(
            [PROGRAM, "-qq", "-p", str(child.pid)],
            stdin=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
        )
        attached = _until(lambda: _tracer(child.pid) == tracer.pid or tracer.poll() is not None, STEP_S)
        may = attached and tracer.poll() is None
        _end(tracer)
        child.kill()
    if may:
        return None
    return f"{PROGRAM} may not attach to a process: run this as root, or set kernel.yama.ptrace_scope=0"


def spoil(
    pids: Sequence[int], call: str, record: Path, *, nth: int = 1, provoke: Callable[[], object] = lambda: None
) -> Spoiled:
    """Let the nth `call` (`fsync` or `fdatasync`) fail that one of these processes or their children to come makes.

    Others that make theirs in the milliseconds before strace has let go fail too, as on a disk that is broken.

    Args:
        record: a file for what strace says.
        nth: of each process by itself.
        provoke: run when strace has attached.
    """
    record.unlink(missing_ok=True)
    tracer = subprocess.Popen(
        [
            *(PROGRAM, "-f", "-qq", "-ttt", "-o", str(record), "-e", f"trace={call}"),
            *("-e", f"inject={call}:error=EIO:when={nth}"),
            *(word for pid in pids for word in ("-p", str(pid))),
        ],
        stdin=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
        start_new_session=True,  # a Ctrl-C is for the drill alone
    )
    try:
        _until(lambda: all(_tracer(pid) in {tracer.pid, None} for pid in pids), STEP_S)
        provoke()
        _until(lambda: spoiled(record).calls > 0 or tracer.poll() is not None, PATIENCE_S)
    finally:
        _end(tracer)
    return spoiled(record)


def spoiled(record: Path) -> Spoiled:
    """What strace has told so far."""
    told = _INJECTED.findall(record.read_text("utf-8", "replace")) if record.exists() else []
    return Spoiled(datetime.fromtimestamp(float(told[0]), UTC) if told else None, len(told))


def family(pid: int) -> list[int]:
    """A process and its children, itself first."""
    parents = {int(place.name): _status(int(place.name), "PPid") for place in Path("/proc").glob("[0-9]*")}
    return [pid, *(child for child, parent in parents.items() if parent == pid)]


def _tracer(pid: int) -> int | None:
    """Who traces it, 0 if nobody does; None: it has ended."""
    return _status(pid, "TracerPid")


def _status(pid: int, name: str) -> int | None:
    try:
        text = Path(f"/proc/{pid}/status").read_text()
    except OSError:
        return None
    return next((int(line.split()[1]) for line in text.splitlines() if line.startswith(f"{name}:")), None)


def _end(tracer: "subprocess.Popen[bytes]") -> None:
    """SIGTERM lets go of everybody in order; the kernel does so too if it must be SIGKILL."""
    tracer.terminate()
    try:
        tracer.wait(STEP_S)
    except subprocess.TimeoutExpired:
        tracer.kill()
        tracer.wait()


def _until(look: Callable[[], bool], within_s: float) -> bool:
    ends_at = time.monotonic() + within_s
    while not look():
        if time.monotonic() > ends_at:
            return False
        time.sleep(POLL_S)
    return True
