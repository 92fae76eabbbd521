"""Child processes: started, watched, started again, and never left behind."""

import os
import signal
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from workers import children
from workers.children import LONGEST_LOG_BYTES, Program
from workers.errors import AlreadyRunning, CannotStart, Interrupted
from workers.folders import Folders, held
from workers.supervision import StopRequests, Supervisor, pause_s

CHECKOUT = Path(__file__).resolve().parents[2]

# A supervisor of its own, for tests that kill it: one child, whose shell script is the second argument.
LONE_SUPERVISOR = """
import sys
from pathlib import Path
from workers.children import Program
from workers.folders import held
from workers.supervision import StopRequests, Supervisor

with StopRequests() as stop_requests, held(Path(sys.argv[1])) as folders:
    supervisor = Supervisor(folders, stop_requests, report=print)
    supervisor.start([Program("child", ("/bin/sh", "-c", sys.argv[2]), {"PATH": "/usr/bin:/bin"}, lambda pid: True)])
    print("up", flush=True)
    supervisor.watch()
"""


@pytest.fixture
def folders() -> Iterator[Folders]:
    with tempfile.TemporaryDirectory() as folder, held(Path(folder)) as opened:
        yield opened


@pytest.fixture
def stop_requests() -> Iterator[StopRequests]:
    with StopRequests() as requests:
        yield requests


@pytest.fixture
def told() -> list[str]:
    return []


@pytest.fixture
def supervisor(folders: Folders, stop_requests: StopRequests, told: list[str]) -> Iterator[Supervisor]:
    made = Supervisor(folders, stop_requests, report=told.append)
    yield made
    stop_requests.count = 2
    made.stop()


def shell(name: str, script: str, is_ready: Callable[[int], bool] = lambda _pid: True) -> Program:
    return Program(name, ("/bin/sh", "-c", script), {"PATH": "/usr/bin:/bin"}, is_ready)


def exists(path: Path) -> Callable[[int], bool]:
    return lambda _pid: path.exists()


def within(seconds: float, condition: Callable[[], bool]) -> bool:
    deadline = time.monotonic() + seconds
    while not condition():
        if time.monotonic() > deadline:
            return False
        time.sleep(0.02)
    return True


def is_gone(pid: int) -> bool:
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return True
    return False


def read_pid(path: Path) -> int:
    assert within(10, lambda: path.exists() and path.read_text().endswith("\n"))
    return int(path.read_text())


def test_children_of_a_stage_start_together(supervisor: Supervisor, folders: Folders) -> None:
    seen = [folders.data / name for name in ("one", "other")]
    each_waits_for_the_other = "echo > {0}; until [ -e {1} ]; do sleep 0.02; done; echo > {0}.met; exec sleep 60"

    supervisor.start(
        [
            shell(path.name, each_waits_for_the_other.format(path, peer), exists(path.with_suffix(".met")))
            for path, peer in zip(seen, reversed(seen), strict=True)
        ],
        deadline_s=10,
    )

    assert all(path.with_suffix(".met").exists() for path in seen)


def test_a_child_that_ends_while_starting_is_reported_at_once_with_its_log(
    supervisor: Supervisor, folders: Folders
) -> None:
    with pytest.raises(CannotStart, match=r"broken ended while it was starting \(exit status 3\)") as refused:
        supervisor.start([shell("broken", "echo the reason; exit 3", lambda _pid: False)], deadline_s=30)

    assert refused.value.log == folders.log("broken")
    assert folders.log("broken").read_text() == "the reason\n"


def test_a_child_that_is_not_ready_in_time_is_reported(supervisor: Supervisor) -> None:
    with pytest.raises(CannotStart, match=r"slow was not ready within 0\.2 s"):
        supervisor.start([shell("slow", "exec sleep 60", lambda _pid: False)], deadline_s=0.2)


def test_a_program_that_is_not_there_is_reported(supervisor: Supervisor) -> None:
    with pytest.raises(CannotStart, match="absent could not be run"):
        supervisor.start([Program("absent", ("/nonexistent",), {}, lambda _pid: True)])


def test_a_stop_request_ends_the_wait_for_readiness(supervisor: Supervisor, stop_requests: StopRequests) -> None:
    os.kill(os.getpid(), signal.SIGTERM)

    with pytest.raises(Interrupted):
        supervisor.start([shell("slow", "exec sleep 60", lambda _pid: False)])

    assert stop_requests.count == 1


def test_a_child_that_dies_is_started_again_and_reported(
    supervisor: Supervisor, folders: Folders, stop_requests: StopRequests, told: list[str]
) -> None:
    starts = folders.data / "starts"
    supervisor.start([shell("mortal", f"echo x >> {starts}; exec sleep 60")])
    assert within(10, starts.exists)
    first = int((folders.processes / "mortal").read_text().split()[0])

    def kill_and_wait() -> None:
        os.kill(first, signal.SIGKILL)
        within(20, lambda: len(starts.read_text().splitlines()) == 2)
        stop_requests.count = 1

    threading.Thread(target=kill_and_wait).start()
    supervisor.watch()

    assert len(starts.read_text().splitlines()) == 2
    assert len(told) == 1
    assert told[0].startswith("mortal ended (by SIGKILL); it is started again in 0.5 s.")


@pytest.mark.parametrize(("deaths", "pause"), [(1, 0.5), (2, 1.0), (3, 2.0), (6, 16.0), (7, 30.0), (10_000, 30.0)])
def test_the_pause_before_a_new_start_doubles_up_to_half_a_minute(deaths: int, pause: float) -> None:
    assert pause_s(deaths) == pause


def test_later_stages_are_ended_before_the_stages_that_they_stand_on(supervisor: Supervisor, folders: Folders) -> None:
    order = folders.data / "order"
    ready = [folders.data / f"{name}.up" for name in ("server", "worker")]
    script = "trap 'echo {0} >> {1}; exit' TERM; echo > {2}; while :; do sleep 0.02; done"
    for path in ready:
        supervisor.start([shell(path.stem, script.format(path.stem, order, path), exists(path))])

    supervisor.stop()

    assert order.read_text().split() == ["worker", "server"]


def test_a_second_request_ends_even_a_child_that_will_not_listen(
    supervisor: Supervisor, folders: Folders, stop_requests: StopRequests
) -> None:
    ready = folders.data / "up"
    script = f"trap '' TERM; echo > {ready}; while :; do sleep 0.02; done"
    supervisor.start([shell("deaf", script, lambda _pid: ready.exists())])
    pid = int((folders.processes / "deaf").read_text().split()[0])
    stop_requests.count = 2

    began = time.monotonic()
    supervisor.stop()

    assert is_gone(pid)
    assert time.monotonic() - began < 10  # the patience after a single request is 30


def test_what_a_child_started_itself_does_not_outlive_the_stop(supervisor: Supervisor, folders: Folders) -> None:
    record = folders.data / "grandchild"
    supervisor.start([shell("parent", f"sleep 300 & echo $! > {record}; wait")])
    grandchild = read_pid(record)

    supervisor.stop()

    assert within(5, lambda: is_gone(grandchild))


def test_a_killed_supervisor_takes_its_child_along_where_the_kernel_is_linux(tmp_path: Path) -> None:
    record = tmp_path / "pid"
    lone = start_lone_supervisor(tmp_path, f"echo $$ > {record}; exec sleep 300")
    child = read_pid(record)

    lone.kill()
    lone.wait()

    if sys.platform != "linux":  # elsewhere nobody tells the child; the next supervisor ends it
        with held(tmp_path / "data") as folders:
            children.end_leftover(folders.processes / "child")
    assert within(5, lambda: is_gone(child))


def test_the_next_supervisor_ends_what_a_killed_one_left_behind(tmp_path: Path) -> None:
    record = tmp_path / "pid"
    lone = start_lone_supervisor(tmp_path, f"trap '' TERM; echo $$ > {record}; while :; do sleep 0.02; done")
    child = read_pid(record)
    lone.kill()
    lone.wait()
    was_left_behind = not is_gone(child)

    with held(tmp_path / "data") as folders:
        ended = children.end_leftover(folders.processes / "child", patience_s=0.3)

    assert was_left_behind
    assert ended
    assert within(5, lambda: is_gone(child))


def test_the_process_id_of_a_stranger_is_not_touched(folders: Folders) -> None:
    with subprocess.Popen(["sleep", "300"], start_new_session=True) as stranger:
        record = folders.processes / "gone"
        record.write_text(f"{stranger.pid} {int(signal.SIGTERM)}\n")

        ended = children.end_leftover(record)

        assert not ended
        assert stranger.poll() is None
        stranger.kill()


def test_a_data_folder_has_one_stack_and_the_second_is_told_where_the_first_answers(folders: Folders) -> None:
    folders.notice.write_text('{"url": "http://127.0.0.1:1234"}')

    with pytest.raises(AlreadyRunning, match=r"already running at http://127\.0\.0\.1:1234"), held(folders.data):
        pass


def test_a_log_that_has_grown_too_long_is_set_aside_while_its_child_goes_on_writing(folders: Folders) -> None:
    log = folders.log("talker")
    with log.open("ab") as file:
        file.write(b"x" * (LONGEST_LOG_BYTES + 1))
        file.flush()

        children.bound_log(log)
        file.write(b"later\n")

    assert log.read_bytes() == b"later\n"
    assert log.with_suffix(".log.1").stat().st_size == LONGEST_LOG_BYTES + 1


def start_lone_supervisor(folder: Path, script: str) -> "subprocess.Popen[bytes]":
    lone = subprocess.Popen(
        [sys.executable, "-c", LONE_SUPERVISOR, folder / "data", script],
        env={"PYTHONPATH": str(CHECKOUT), "PATH": "/usr/bin:/bin"},
        stdout=subprocess.PIPE,
    )
    assert lone.stdout is not None
    with lone.stdout as out:
        assert out.readline() == b"up\n"
    return lone
