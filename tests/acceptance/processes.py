"""The product as processes, seen from outside: start, freeze, kill; ask over HTTP; read the emulator's books."""

import json
import select
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import IO, Any, Self, TypeVar

import httpx

from orchestrator.settings import inherited_environment

PATIENCE_S = 30.0
POLL_S = 0.05

Found = TypeVar("Found")


def until(look: Callable[[], Found | None], what: str, within_s: float = PATIENCE_S) -> Found:
    """The first thing that `look` finds; fails with `what` if that takes too long."""
    deadline = time.monotonic() + within_s
    while time.monotonic() < deadline:
        found = look()
        if found:
            return found
        time.sleep(POLL_S)
    raise AssertionError(f"not within {within_s:g} s: {what}")


def says_something(stream: IO[Any] | None, within_s: float = PATIENCE_S) -> bool:
    """Whether a child has written or has closed its side in time. select() takes no descriptor above 1,023."""
    assert stream is not None
    poll = select.poll()
    poll.register(stream, select.POLLIN | select.POLLHUP)
    return bool(poll.poll(within_s * 1_000))


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port


@dataclass
class Processes:
    """A set of child processes with one environment. Their output stands in `folder/NAME.log`."""

    folder: Path
    environment: dict[str, str]
    running: dict[str, "subprocess.Popen[bytes]"] = field(default_factory=dict)

    def start(self, name: str, *command: str, **environment: str) -> None:
        """Start `python -P -m command` and return at once."""
        ready = self.folder / f"{name}.ready"
        ready.unlink(missing_ok=True)
        with (self.folder / f"{name}.log").open("ab") as log:
            self.running[name] = subprocess.Popen(
                [sys.executable, "-P", "-m", *command],
                env={**self.environment, **environment, "MEETINGMIND_READY_FILE": str(ready)},
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=subprocess.STDOUT,
                start_new_session=True,
            )

    def await_ready(self, *names: str) -> None:
        for name in names:
            until(lambda name=name: self._is_ready(name), f"{name} is ready\n{self.log(name)[-3000:]}")  # type: ignore[misc]

    def kill(self, name: str) -> None:
        """Kill -9, and wait until it is gone."""
        process = self.running.pop(name)
        process.kill()
        process.wait()

    def stop(self, name: str, within_s: float = PATIENCE_S) -> int:
        """SIGTERM; the exit code."""
        process = self.running.pop(name)
        process.terminate()
        return process.wait(within_s)

    def log(self, name: str) -> str:
        return (self.folder / f"{name}.log").read_text("utf-8", "replace")

    def close(self) -> None:
        for process in self.running.values():
            process.send_signal(signal.SIGCONT)
            process.terminate()
        for process in self.running.values():
            try:
                process.wait(10)
            except subprocess.TimeoutExpired:
                process.kill()
                process.wait()
        self.running.clear()

    def _is_ready(self, name: str) -> bool:
        code = self.running[name].poll()
        assert code is None, f"{name} ended with {code}\n{self.log(name)[-3000:]}"
        return (self.folder / f"{name}.ready").exists()


WORKERS = ("ask", "synthesis", "delivery", "maintenance", "beat")


class Product:
    """API, workers and beat, with a client whose key is good."""

    def __init__(self, processes: Processes, key: str) -> None:
        self.processes = processes
        self.port = free_port()
        self.url = f"http://127.0.0.1:{self.port}"
        self.http = httpx.Client(
            base_url=self.url, headers={"Authorization": f"Bearer {key}"}, timeout=70.0, trust_env=False
        )

    def start(self, *without: str) -> Self:
        self.processes.start("api", "api", "--port", str(self.port))
        self.start_workers(*without)
        self.processes.await_ready("api")
        return self

    def start_workers(self, *without: str) -> None:
        wanted = [name for name in WORKERS if name not in without]
        for name in wanted:
            self.processes.start(name, "workers", name)
        self.processes.await_ready(*wanted)

    def submit(self, **fields: Any) -> dict[str, Any]:
        answer = self.http.post("/v1/jobs", json=fields)
        assert answer.status_code == 202, answer.text
        job: dict[str, Any] = answer.json()
        return job

    def job(self, job_id: str, wait_s: float = 0) -> dict[str, Any]:
        answer = self.http.get(f"/v1/jobs/{job_id}", params={"wait_s": wait_s})
        assert answer.status_code == 200, answer.text
        job: dict[str, Any] = answer.json()
        return job

    def end_of(self, job_id: str, within_s: float = PATIENCE_S) -> dict[str, Any]:
        """The job once it has ended."""
        ended = {"succeeded", "failed", "canceled", "expired"}
        return until(
            lambda: job if (job := self.job(job_id, wait_s=2))["status"] in ended else None,
            f"{job_id} has ended",
            within_s,
        )

    def close(self) -> None:
        self.http.close()
        self.processes.close()


class Emulator:
    """The emulator as a process of its own, and its books."""

    def __init__(self, folder: Path) -> None:
        self._process = subprocess.Popen(
            [sys.executable, "-P", "-m", "providers.emulator", "--port", "0"],
            env={
                **inherited_environment(),
                "PYTHONPATH": str(Path(__file__).resolve().parents[2]),
                "PYTHONSAFEPATH": "1",
            },
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=(folder / "emulator.log").open("ab"),
        )
        assert self._process.stdout is not None
        self.url: str = json.loads(self._process.stdout.readline())["url"]
        self._http = httpx.Client(base_url=self.url, timeout=10, trust_env=False)

    @property
    def environment(self) -> dict[str, str]:
        """Keys and addresses by which the product takes the emulator for two providers."""
        return {
            "OPENAI_API_KEY": "emulated-openai-key",
            "OPENAI_BASE_URL": f"{self.url}/v1",
            "AIMLAPI_API_KEY": "emulated-aimlapi-key",
            "AIMLAPI_BASE_URL": f"{self.url}/aimlapi/v1",
        }

    @property
    def all_tiers(self) -> dict[str, str]:
        """Keys and addresses by which the product takes it for the four tiers of the default ladder."""
        return self.environment | {
            "OPENAI_BASE_URL": f"{self.url}/openai/v1",
            "GOOGLE_API_KEY": "emulated-google-key",
            "GOOGLE_BASE_URL": f"{self.url}/gemini",
            "ANTHROPIC_API_KEY": "emulated-anthropic-key",
            "ANTHROPIC_BASE_URL": f"{self.url}/anthropic",
        }

    def order(self, what: str, **order: Any) -> None:
        answer = self._http.post(f"/_control/{what}", json=order)
        assert answer.status_code < 300, answer.text

    def requests(self) -> list[dict[str, Any]]:
        """Every request for an answer that is settled, oldest first; the product's free looks are left out."""
        found: list[dict[str, Any]] = self._http.get("/_control/log").json()["requests"]
        return [request for request in found if request["endpoint"] != "models"]

    def waiting(self) -> int:
        """How many requests wait for their answer now."""
        count: int = self._http.get("/_control/log").json()["waiting"]
        return count

    def billed_micro_usd(self) -> int:
        total: int = self._http.get("/_control/bank").json()["total_micro_usd"]
        return total

    def close(self) -> None:
        self._http.close()
        self._process.terminate()
        self._process.wait(10)


@contextmanager
def closing(thing: Found) -> Iterator[Found]:
    try:
        yield thing
    finally:
        thing.close()  # type: ignore[attr-defined]  # everything here has one
