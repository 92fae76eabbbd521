"""Keeps a stack's child processes running: starts them together, restarts what dies, leaves nothing behind.

Children start in stages, servers before those who need them, and stop in the opposite order. Everything happens in the
main thread: a child's death tie is to the thread that started it.
"""

import os
import signal
import subprocess
import time
from collections.abc import Callable, Sequence
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from types import FrameType
from typing import Final, Self

from workers import children
from workers.children import Program
from workers.errors import CannotStart, Interrupted
from workers.folders import Folders

START_DEADLINE_S: Final = 60.0
STOP_PATIENCE_S: Final = 30.0  # a worker may let a call finish that is already paid for
HURRIED_PATIENCE_S: Final = 1.0  # after a second Ctrl-C; rows and files survive a kill
FIRST_PAUSE_S: Final = 0.5
LONGEST_PAUSE_S: Final = 30.0  # a child that cannot live is tried twice a minute
STEADY_S: Final = 60.0  # having lived this long, a child's earlier deaths are forgotten
LOG_CHECK_S: Final = 60.0
POLL_S: Final = 0.05


class StopRequests:
    """Counts SIGINT, SIGTERM and SIGHUP while it is entered; the second one means: hurry."""

    SIGNALS: Final = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)

    def __init__(self) -> None:
        self.count = 0
        self._before: dict[signal.Signals, Callable[[int, FrameType | None], object] | int | None] = {}

    def __enter__(self) -> Self:
        for sign in self.SIGNALS:
            if sign is signal.SIGHUP and signal.getsignal(sign) is signal.SIG_IGN:
                continue  # started with nohup, to outlive its terminal
            self._before[sign] = signal.signal(sign, self._note)
        return self

    def __exit__(self, *_: object) -> None:
        for sign, before in self._before.items():
            signal.signal(sign, before)

    def _note(self, _number: int, _frame: FrameType | None) -> None:
        self.count += 1


@dataclass
class Watched:
    """A child as its supervisor sees it; `process` is None between a death and the next start."""

    program: Program
    process: "subprocess.Popen[bytes] | None" = None
    started_at: float = 0.0
    ready: bool = False
    deaths: int = 0
    due_at: float = 0.0
    code: int | None = None

    def is_ready(self) -> bool:
        if not self.ready and self.process is not None:
            self.ready = self.program.is_ready(self.process.pid)
        return self.ready

    def has_died(self) -> bool:
        if self.process is None:
            return False
        self.code = self.process.poll()
        return self.code is not None


def pause_s(deaths: int) -> float:
    """How long to wait before the next start, after so many deaths in a row: 0.5, 1, 2 ... 30."""
    return float(min(LONGEST_PAUSE_S, FIRST_PAUSE_S * 2.0 ** min(deaths - 1, 16)))


class Supervisor:
    """`report` is told in sentences what happens to children while they are watched."""

    def __init__(self, folders: Folders, stop_requests: StopRequests, report: Callable[[str], None]) -> None:
        self._folders = folders
        self._stop_requests = stop_requests
        self._report = report
        self._stages: list[list[Watched]] = []

    def start(self, programs: Sequence[Program], *, deadline_s: float = START_DEADLINE_S) -> None:
        """Start these together, as the next stage, and return when all of them serve.

        Raises:
            CannotStart: one ended or was not ready in time. `stop` ends those that run.
            Interrupted: the user asked to stop.
        """
        stage = [Watched(program) for program in programs]
        self._stages.append(stage)
        for watched in stage:
            self._start(watched)
        deadline = time.monotonic() + deadline_s
        while waiting := [watched for watched in stage if not watched.is_ready()]:
            self._refuse_if_hopeless(waiting, deadline, deadline_s)
            time.sleep(POLL_S)

    def watch(self) -> None:
        """Restart what dies, until the user asks to stop."""
        logs_due_at = time.monotonic() + LOG_CHECK_S
        while not self._stop_requests.count:
            for watched in self._all():
                self._tend(watched)
            if time.monotonic() > logs_due_at:
                logs_due_at = time.monotonic() + LOG_CHECK_S
                for watched in self._all():
                    children.bound_log(self._log(watched))
            time.sleep(POLL_S)

    def stop(self) -> None:
        """End every child, last stage first. Safe to call twice, and after a failed start."""
        while self._stages:
            self._stop_stage(self._stages[-1])
            self._stages.pop()

    def _all(self) -> list[Watched]:
        return [watched for stage in self._stages for watched in stage]

    def _log(self, watched: Watched) -> Path:
        return self._folders.log(watched.program.name)

    def _start(self, watched: Watched) -> None:
        watched.process = children.start(watched.program, self._folders)
        watched.started_at = time.monotonic()
        watched.ready = False

    def _refuse_if_hopeless(self, waiting: list[Watched], deadline: float, deadline_s: float) -> None:
        if self._stop_requests.count:
            raise Interrupted
        for watched in waiting:
            name, log = watched.program.name, self._log(watched)
            if watched.has_died():
                raise CannotStart(f"{name} ended while it was starting ({_manner(watched.code)}).", log=log)
            if time.monotonic() > deadline:
                raise CannotStart(f"{name} was not ready within {deadline_s:g} s.", log=log)

    def _tend(self, watched: Watched) -> None:
        now = time.monotonic()
        if watched.process is None:
            if now >= watched.due_at:
                self._restart(watched)
        elif watched.has_died():
            self._expect_restart(watched, f"ended ({_manner(watched.code)})")
        elif not watched.is_ready() and now > watched.started_at + START_DEADLINE_S:
            _signal_group(watched.process, signal.SIGKILL)
            watched.process.wait()
            self._expect_restart(watched, f"was not ready within {START_DEADLINE_S:g} s")

    def _restart(self, watched: Watched) -> None:
        try:
            self._start(watched)
        except CannotStart as error:
            self._expect_restart(watched, f"did not start: {error}")

    def _expect_restart(self, watched: Watched, what: str) -> None:
        now = time.monotonic()
        watched.deaths = 1 if now - watched.started_at > STEADY_S else watched.deaths + 1
        watched.process, watched.due_at = None, now + pause_s(watched.deaths)
        self._report(
            f"{watched.program.name} {what}; it is started again in {pause_s(watched.deaths):g} s. "
            f"Log: {self._log(watched)}"
        )

    def _stop_stage(self, stage: list[Watched]) -> None:
        running = [(watched, watched.process) for watched in stage if watched.process is not None]
        for watched, process in running:
            if process.poll() is None:
                process.send_signal(watched.program.stop_signal)
        began = time.monotonic()
        while any(process.poll() is None for _, process in running):
            patience_s = STOP_PATIENCE_S if self._stop_requests.count < 2 else HURRIED_PATIENCE_S
            if time.monotonic() - began > patience_s:
                break
            time.sleep(POLL_S)
        for watched, process in running:
            if process.poll() is None:
                _signal_group(process, signal.SIGKILL)
                process.wait()
            # What a child started itself may outlive it; its record tells.
            children.end_leftover(self._folders.processes / watched.program.name, patience_s=2.0)


def _signal_group(process: "subprocess.Popen[bytes]", sign: signal.Signals) -> None:
    with suppress(ProcessLookupError):
        os.killpg(process.pid, sign)


def _manner(code: int | None) -> str:
    if code is not None and code < 0:
        return f"by {signal.Signals(-code).name}"
    return f"exit status {code}"
