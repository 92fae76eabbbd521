"""The whole product in one command, seen from outside: it comes up, answers, and leaves nothing behind."""

import json
import os
import signal
import stat
import subprocess
import sys
import time
import urllib.error
import urllib.request
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest

from orchestrator.settings import inherited_environment
from tests.acceptance.processes import says_something
from workers.children import is_alive

CHECKOUT = Path(__file__).resolve().parents[2]
OURS = ("DATABASE_URL", "REDIS_URL", "MEETINGMIND_DATA_DIR", "MEETINGMIND_KEY_PEPPER")
START_S = 90.0  # generous: a busy machine with two cores
TRANSCRIPT = "Ann: We ship the release on Friday.\nBen: I will write the notes by Thursday.\n"


@dataclass(frozen=True)
class Stack:
    """A running stack: its supervisor, what it announced and how long that took."""

    process: "subprocess.Popen[bytes]"
    url: str
    api_key: str
    data_dir: Path
    start_s: float

    def descendants(self) -> set[int]:
        """The processes below the supervisor, as the system sees them."""
        table = subprocess.run(["ps", "-A", "-o", "pid=,ppid="], capture_output=True, text=True, check=True).stdout
        parents = {int(pid): int(parent) for pid, parent in (line.split() for line in table.splitlines())}
        found = {self.process.pid}
        while more := {pid for pid, parent in parents.items() if parent in found} - found:
            found |= more
        return found - {self.process.pid}

    def ask(self, path: str, body: dict[str, object] | None = None) -> tuple[int, dict[str, object]]:
        data = None if body is None else json.dumps(body).encode()
        headers = {"Authorization": f"Bearer {self.api_key}", "Content-Type": "application/json"}
        try:
            with urllib.request.urlopen(urllib.request.Request(self.url + path, data, headers), timeout=10) as answer:  # noqa: S310 - loopback, http
                return answer.status, json.loads(answer.read())
        except urllib.error.HTTPError as refusal:
            return refusal.code, json.loads(refusal.read())

    def end(self, sign: signal.Signals) -> int:
        self.process.send_signal(sign)
        return self.process.wait(60)


def command(data_dir: Path, *options: str) -> list[str]:
    return [sys.executable, "-P", "-m", "workers.stack", "--data-dir", str(data_dir), *options]


def environment() -> dict[str, str]:
    """As a user's shell would give it, without the servers that a test run may name."""
    kept = {name: value for name, value in inherited_environment().items() if name not in OURS}
    return {**kept, "PYTHONPATH": str(CHECKOUT)}


def start(data_dir: Path, *options: str) -> Stack:
    began = time.monotonic()
    with (data_dir.parent / f"{data_dir.name}.stderr").open("ab") as errors:
        process = subprocess.Popen(
            command(data_dir, "--json", *options),
            env=environment(),
            cwd=data_dir.parent,
            stdout=subprocess.PIPE,
            stderr=errors,
        )
    assert process.stdout is not None
    line = process.stdout.readline() if says_something(process.stdout, START_S) else b""
    if not line:
        process.terminate()
        process.wait(60)
        pytest.fail(f"the stack did not come up: {Path(errors.name).read_text()}")
    told = json.loads(line)
    assert set(told) == {"url", "api_key", "data_dir"}
    return Stack(process, told["url"], told["api_key"], Path(told["data_dir"]), time.monotonic() - began)


def refused(data_dir: Path, *options: str, **told: str) -> "subprocess.CompletedProcess[str]":
    return subprocess.run(
        command(data_dir, *options), env=environment() | told, capture_output=True, text=True, timeout=60, check=False
    )


def is_gone(pid: int) -> bool:
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return True
    return False


def within(seconds: float, condition: Callable[[], bool]) -> bool:
    deadline = time.monotonic() + seconds
    while not condition():
        if time.monotonic() > deadline:
            return False
        time.sleep(0.05)
    return True


@pytest.fixture
def up() -> Iterator[Callable[..., Stack]]:
    """Starts stacks, and ends those that a test leaves running."""
    started: list[Stack] = []

    def make(data_dir: Path, *options: str) -> Stack:
        started.append(start(data_dir, *options))
        return started[-1]

    yield make
    for stack in started:
        if stack.process.poll() is None:
            stack.end(signal.SIGTERM)
        if stack.process.stdout:
            stack.process.stdout.close()


@pytest.fixture(scope="module")
def shared(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Stack]:
    """One stack for the tests that only look at it."""
    stack = start(tmp_path_factory.mktemp("shared") / "data")
    yield stack
    stack.end(signal.SIGTERM)
    if stack.process.stdout:
        stack.process.stdout.close()


def test_it_answers_as_soon_as_it_says_that_it_is_up(shared: Stack) -> None:
    status, _ = shared.ask("/health/ready")

    assert status == 200


def test_its_key_opens_the_api_and_another_does_not(shared: Stack) -> None:
    stranger = Stack(shared.process, shared.url, "mm_dev_" + "x" * 43, shared.data_dir, 0.0)

    assert shared.ask("/v1/jobs")[0] == 200
    assert stranger.ask("/v1/jobs")[0] == 401


def test_only_its_user_can_read_the_key_and_the_data(shared: Stack) -> None:
    notice = json.loads((shared.data_dir / "stack.json").read_text())

    assert notice["pid"] == shared.process.pid
    assert notice["api_key"] == shared.api_key
    for name, mode in (
        ("stack.json", 0o600),
        ("credentials.json", 0o600),
        ("postgres", 0o700),
        ("logs", 0o700),
        ("spool", 0o700),
    ):
        assert stat.S_IMODE((shared.data_dir / name).stat().st_mode) == mode, name


def test_a_second_stack_on_its_data_is_refused_and_told_its_address(shared: Stack) -> None:
    answer = refused(shared.data_dir)

    assert answer.returncode == 1
    assert f"is already running at {shared.url}" in answer.stderr
    assert "Traceback" not in answer.stderr
    assert shared.ask("/health/ready")[0] == 200


def test_a_busy_port_is_refused_before_anything_is_started(shared: Stack, tmp_path: Path) -> None:
    port = shared.url.rpartition(":")[2]

    answer = refused(tmp_path / "data", "--port", port)

    assert answer.returncode == 2
    assert f"Port {port} is in use" in answer.stderr
    assert not (tmp_path / "data" / "postgres").exists()


def test_a_file_is_no_data_folder(tmp_path: Path) -> None:
    (tmp_path / "data").write_text("a letter", "utf-8")

    answer = refused(tmp_path / "data")

    assert (answer.returncode, "a file is in its place" in answer.stderr) == (1, True), answer.stderr
    assert (tmp_path / "data").read_text("utf-8") == "a letter"


def test_settings_that_do_not_fit_are_refused_before_anything_is_made(tmp_path: Path) -> None:
    answer = refused(tmp_path / "data", AI_MONTHLY_BUDGET="nonsense")

    assert (answer.returncode, "AI_MONTHLY_BUDGET" in answer.stderr) == (1, True), answer.stderr
    assert "nonsense" not in answer.stderr
    assert not (tmp_path / "data").exists()


def test_two_stacks_run_side_by_side(shared: Stack, up: Callable[..., Stack], tmp_path: Path) -> None:
    other = up(tmp_path / "data")

    assert other.url != shared.url
    assert other.api_key != shared.api_key
    assert other.ask("/v1/jobs")[0] == 200
    assert shared.ask("/v1/jobs")[0] == 200


def test_a_stop_leaves_no_process_and_a_new_start_finds_the_jobs(up: Callable[..., Stack], tmp_path: Path) -> None:
    first = up(tmp_path / "data")
    status, job = first.ask("/v1/jobs", {"transcript": {"format": "text", "content": TRANSCRIPT}})
    assert status == 202
    pids = first.descendants()
    assert len(pids) >= 8  # two servers, five workers, the API

    code = first.end(signal.SIGTERM)
    left = {pid for pid in pids if not is_gone(pid)}
    second = up(tmp_path / "data")

    assert code == 0
    assert not left
    assert second.api_key == first.api_key
    assert second.ask(f"/v1/jobs/{job['id']}")[0] == 200


def test_a_killed_supervisor_leaves_no_process_and_the_data_serve_again(
    up: Callable[..., Stack], tmp_path: Path
) -> None:
    first = up(tmp_path / "data")
    pids = first.descendants()
    assert len(pids) >= 8

    first.end(signal.SIGKILL)
    all_gone = within(30, lambda: all(is_gone(pid) for pid in pids))
    second = up(tmp_path / "data")

    assert all_gone
    assert second.ask("/v1/jobs")[0] == 200


def test_a_ctrl_c_while_it_starts_is_a_stop_like_any_other(tmp_path: Path) -> None:
    process = subprocess.Popen(
        command(tmp_path / "data"), env=environment(), stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True
    )
    assert process.stderr is not None
    said = ""
    while "Starting postgres" not in said:
        line = process.stderr.readline()
        assert line, said
        said += line

    process.send_signal(signal.SIGINT)
    out, rest = process.communicate(timeout=60)

    assert process.returncode == 0
    assert out == ""
    assert "Traceback" not in rest
    assert all(not is_alive(record) for record in (tmp_path / "data" / "processes").iterdir())


def test_a_start_that_fails_is_one_sentence_with_a_log_and_leaves_nothing(tmp_path: Path) -> None:
    answer = subprocess.run(
        command(tmp_path / "data"),
        env={**environment(), "DATABASE_URL": "postgresql://nobody@127.0.0.1:1/nothing"},
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )

    last = answer.stderr.strip().splitlines()[-1]
    assert answer.returncode == 1
    assert last == f"meetingmind: PostgreSQL could not be reached, or refused. Log: {tmp_path}/data/logs/stack.log"
    assert "Traceback" not in answer.stderr
    assert answer.stdout == ""
    assert not (tmp_path / "data" / "stack.json").exists()
