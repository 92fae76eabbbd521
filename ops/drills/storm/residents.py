"""Processes that may be killed, frozen and kept away, and that are started again at once when they have died.

All of it happens in the main thread: the kernel ties a child to the thread that started it, and ends it with that.
"""

import os
import signal
import threading
import time
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from subprocess import Popen
from typing import Final

from workers import children
from workers.children import Program
from workers.errors import CannotStart, Interrupted
from workers.folders import Folders
from workers.supervision import StopRequests

START_S: Final = 90.0  # on a machine that is busy with other things
STOP_S: Final = 10.0
POLL_S: Final = 0.05


@dataclass(frozen=True)
class Death:
    """A process that ended although nobody had ended it."""

    name: str
    code: int


@dataclass
class _Resident:
    """`away_s`: how long it shall stay away after its next death; times are monotonic. `doomed`: its end is wanted."""

    program: Program
    process: "Popen[bytes] | None" = None
    away_s: float = 0.0
    due_at: float = 0.0
    thaw_at: float | None = None
    doomed: bool = False

    def lives(self) -> bool:
        return self.process is not None and self.process.poll() is None


class Residents:
    """`returned` is told the name of a process that was started again."""

    def __init__(self, place: Folders, requests: StopRequests, returned: Callable[[str], None]) -> None:
        self.deaths: list[Death] = []
        self._place = place
        self._requests = requests
        self._returned = returned
        self._all: dict[str, _Resident] = {}
        self._pause = threading.Event()  # never set: a wait that lets signals in

    def add(self, name: str, program: Program) -> None:
        """Start it; raises CannotStart."""
        self._all[name] = _Resident(program)
        self._start(self._all[name])

    def await_ready(self) -> None:
        """Wait until all of them serve.

        Raises:
            CannotStart: one ended or took too long.
            Interrupted: the user asked to stop.
        """
        for name, resident in self._all.items():
            if not self._wait(lambda resident=resident: self._is_ready(resident), START_S):  # type: ignore[misc]
                raise CannotStart(f"{name} did not start.", log=self.log(name))

    def log(self, name: str) -> Path:
        return self._place.log(name)

    def pid(self, name: str) -> int | None:
        """None: it is away."""
        resident = self._all[name]
        return resident.process.pid if resident.process is not None and resident.lives() else None

    def serves(self, name: str) -> bool:
        """Whether it lives and does its work; False: it is away, or has yet to come up."""
        resident = self._all[name]
        if resident.process is None or not resident.lives():
            return False
        return resident.program.is_ready(resident.process.pid)

    def kill(self, name: str) -> None:
        self._end(self._all[name], signal.SIGKILL)

    def stop(self, name: str, sign: signal.Signals, away_s: float) -> bool:
        """End it, wait until it is gone, and keep it away. False: it was away already."""
        resident = self._all[name]
        if not resident.lives():
            return False
        resident.away_s = away_s
        self._end(resident, sign)
        return self._wait(lambda: not resident.lives(), STOP_S)

    def freeze(self, name: str, for_s: float) -> None:
        """Stop it in its tracks; one that is frozen already stays so for the longer time."""
        resident = self._all[name]
        if resident.process is not None and resident.lives():
            resident.process.send_signal(signal.SIGSTOP)
            resident.thaw_at = max(resident.thaw_at or 0.0, time.monotonic() + for_s)

    def tend(self) -> None:
        """Start what has died, thaw what is due: to be called all the time.

        Raises:
            Interrupted: the user asks to stop.
        """
        if self._requests.count:
            raise Interrupted
        now = time.monotonic()
        for name, resident in self._all.items():
            if resident.thaw_at is not None and now >= resident.thaw_at:
                self._thaw(resident)
            if resident.process is None:
                if now >= resident.due_at:
                    self._start(resident)
                    self._returned(name)
            elif (code := resident.process.poll()) is not None:
                self._bury(name, resident, code)

    def calm(self) -> None:
        """Nobody is frozen or kept away any longer."""
        for resident in self._all.values():
            self._thaw(resident)
            resident.away_s = resident.due_at = 0.0

    def end(self) -> None:
        """End all of them, the last one first, each with whatever it has started."""
        for resident in reversed([*self._all.values()]):
            if resident.process is not None:
                if resident.lives():
                    resident.process.send_signal(resident.program.stop_signal)
                    resident.process.send_signal(signal.SIGCONT)
                    self._wait(lambda resident=resident: not resident.lives(), STOP_S)  # type: ignore[misc]
                with suppress(ProcessLookupError):
                    os.killpg(resident.process.pid, signal.SIGKILL)
                resident.process.wait()
            children.end_leftover(self._place.processes / resident.program.name, patience_s=2.0)

    def _start(self, resident: _Resident) -> None:
        resident.process = children.start(resident.program, self._place)
        resident.thaw_at, resident.doomed = None, False

    def _bury(self, name: str, resident: _Resident, code: int) -> None:
        if not resident.doomed:
            self.deaths.append(Death(name, code))
        resident.process, resident.thaw_at = None, None
        resident.due_at, resident.away_s = time.monotonic() + resident.away_s, 0.0

    def _end(self, resident: _Resident, sign: signal.Signals) -> None:
        if resident.process is not None and resident.lives():
            resident.doomed = True
            resident.process.send_signal(sign)

    def _thaw(self, resident: _Resident) -> None:
        if resident.thaw_at is not None and resident.process is not None and resident.lives():
            resident.process.send_signal(signal.SIGCONT)
        resident.thaw_at = None

    def _is_ready(self, resident: _Resident) -> bool:
        if self._requests.count:
            raise Interrupted
        if resident.process is None or not resident.lives():
            raise CannotStart(f"{resident.program.name} ended.", log=self.log(resident.program.name))
        return resident.program.is_ready(resident.process.pid)

    def _wait(self, look: Callable[[], bool], within_s: float) -> bool:
        ends_at = time.monotonic() + within_s
        while not look():
            if time.monotonic() > ends_at:
                return False
            self._pause.wait(POLL_S)
        return True
