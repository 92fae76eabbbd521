"""The stock application as processes that may die: a Redis, workers that are started again at once, a client.

Everything is tied to this process's life and ends with it, whatever happens.
"""

import os
import signal
import subprocess
import sys
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Final

from ops.bench import money_rig
from ops.bench.money_rig import Store
from ops.drills import stock_chord_tasks
from ops.drills.stock_chord_tasks import BODY_QUEUE, QUEUES, Pool, Wiring
from orchestrator.settings import inherited_environment
from workers import children, folders
from workers.children import Program
from workers.folders import Folders

CHECKOUT: Final = Path(__file__).resolve().parents[2]
CLIENT: Final = "client"
START_S: Final = 60.0
TAIL: Final = 3_000  # characters of a worker's log, when it does not start
POLL_S: Final = 0.05
UNACKED: Final = "unacked"  # kombu's hash of messages that were delivered and not acknowledged


class NoTown(Exception):
    """A worker or the client did not start."""


@dataclass
class Worker:
    """`frozen_until` is on the monotonic clock, None while it runs. `ended` counts the ends that we did not cause."""

    name: str
    program: Program
    process: "subprocess.Popen[bytes]"
    frozen_until: float | None = None
    ended: int = 0


@dataclass
class Town:
    """Workers and their store. Not for threads: a child's tie is to the thread that started it."""

    place: Folders
    store: Store
    wiring: Wiring
    workers: list[Worker] = field(default_factory=list)
    _client: "subprocess.Popen[bytes] | None" = None

    def start_workers(self, count: int) -> None:
        """Returns once all take messages.

        Raises:
            NoTown: one does not.
        """
        for number in range(1, count + 1):
            name = f"worker-{number}"
            program = self._program(name, "work")
            self.workers.append(Worker(name, program, children.start(program, self.place)))
        for worker in self.workers:
            self._await(worker.name, worker.process)

    def start_client(self, jobs: int, over_s: float) -> None:
        """Let the jobs be handed in, by a process of its own; returns when it begins.

        Raises:
            NoTown: it does not.
        """
        program = self._program(CLIENT, "publish", str(jobs), str(over_s))
        self._client = children.start(program, self.place)
        self._await(CLIENT, self._client)

    def client_is_done(self) -> bool:
        return self._client is not None and self._client.poll() is not None

    def look_after(self) -> None:
        """What a supervisor does, and the thaw of what has been frozen long enough."""
        for worker in self.workers:
            if worker.process.poll() is not None:
                worker.ended += 1
                self._start_again(worker)
            elif worker.frozen_until is not None and time.monotonic() >= worker.frozen_until:
                self.thaw(worker)

    def targets(self, *, frozen_too: bool) -> list[Worker]:
        """Workers that take messages, and on demand those that would if they were not frozen."""
        return [
            worker for worker in self.workers if self._is_up(worker) and (frozen_too or worker.frozen_until is None)
        ]

    def kill(self, worker: Worker) -> None:
        """Kill -9 of the worker and its children; a new one is started at once."""
        os.killpg(worker.process.pid, signal.SIGKILL)
        worker.process.wait()
        self._start_again(worker)

    def freeze(self, worker: Worker, for_s: float) -> None:
        os.killpg(worker.process.pid, signal.SIGSTOP)
        worker.frozen_until = time.monotonic() + for_s

    def thaw(self, worker: Worker) -> None:
        os.killpg(worker.process.pid, signal.SIGCONT)
        worker.frozen_until = None

    def left_in_redis(self) -> dict[str, int]:
        """Messages that wait in queues, and those that were delivered and never acknowledged."""
        with money_rig.client(self.store.url) as redis:
            found = {queue: redis.llen(queue) for queue in (*QUEUES, BODY_QUEUE)} | {UNACKED: redis.hlen(UNACKED)}
        return {name: count for name, count in found.items() if isinstance(count, int) and count}

    def close(self) -> None:
        """End every process, by the locks that they hold, so that one which was just being started is found too."""
        for name in (CLIENT, *(worker.name for worker in self.workers)):
            children.end_leftover(self.place.processes / name)
        for process in [worker.process for worker in self.workers] + ([self._client] if self._client else []):
            process.wait()
        self.store.kill()

    def _start_again(self, worker: Worker) -> None:
        worker.process = children.start(worker.program, self.place)
        worker.frozen_until = None

    def _is_up(self, worker: Worker) -> bool:
        return worker.process.poll() is None and self.wiring.ready(worker.name).exists()

    def _await(self, name: str, process: "subprocess.Popen[bytes]") -> None:
        deadline = time.monotonic() + START_S
        while not self.wiring.ready(name).exists():
            if time.monotonic() > deadline or process.poll() is not None:
                said = self.place.log(name).read_text("utf-8", "replace")[-TAIL:]
                raise NoTown(f"{name} did not start:\n{said}")
            time.sleep(POLL_S)

    def _program(self, name: str, role: str, *rest: str) -> Program:
        return Program(
            name=name,
            argv=(
                sys.executable,
                "-P",
                "-m",
                stock_chord_tasks.__name__,
                role,
                self.wiring.model_dump_json(),
                name,
                *rest,
            ),
            environment=_environment(),
            is_ready=lambda _pid: self.wiring.ready(name).exists(),
            prepare=lambda: self.wiring.ready(name).unlink(missing_ok=True),
            stop_signal=signal.SIGKILL,  # nothing of it is worth an orderly end
        )


@contextmanager
def opened(
    provider_url: str, *, pool: Pool, concurrency: int, visibility_timeout_s: float, workers: int
) -> Iterator[Town]:
    """A town whose workers take messages, in a folder that is gone afterwards.

    Raises:
        NoTown: a worker does not start.
    """
    with TemporaryDirectory(prefix="mm-stock-") as top, folders.held(Path(top) / "data") as place:
        store = Store(place)
        wiring = Wiring(
            redis_url=store.broker_url,
            provider_url=provider_url,
            folder=Path(top),
            pool=pool,
            concurrency=concurrency,
            visibility_timeout_s=visibility_timeout_s,
        )
        town = Town(place, store, wiring)
        try:
            store.start()
            town.start_workers(workers)
            yield town
        finally:
            town.close()


def _environment() -> Mapping[str, str]:
    """What the drill was given, but for settings of Celery's that would make the application another one."""
    given = {name: value for name, value in inherited_environment().items() if not name.startswith("CELERY")}
    return given | {"PYTHONPATH": str(CHECKOUT), "PYTHONSAFEPATH": "1"}
