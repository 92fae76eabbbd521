"""`drill` and `emulator` as a user meets them: whole processes, and nothing of theirs outlives them."""

import json
import re
import signal
import socket
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from tests.acceptance.processes import until
from tests.acceptance.test_cli import COMMAND, environment

PATIENCE_S = 90.0  # a drill of a few jobs takes a quarter of a minute on two busy cores


@pytest.fixture
def room(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A temporary folder of the drill's own, so that what it leaves behind is seen."""
    return tmp_path_factory.mktemp("drill")


@contextmanager
def started(room: Path, *arguments: str, **keys: str) -> Iterator["subprocess.Popen[str]"]:
    """The command, under way. It is not left running, whatever the test finds."""
    command = subprocess.Popen(
        [*COMMAND, *arguments],
        env={**environment(), **keys, "TMPDIR": str(room)},
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        encoding="utf-8",
    )
    try:
        yield command
    finally:
        if command.poll() is None:
            command.send_signal(signal.SIGINT)
        command.communicate(timeout=PATIENCE_S)


def drilled(room: Path, *arguments: str, **keys: str) -> tuple[int, str, str]:
    """Exit code, stdout and stderr of a whole drill."""
    with started(room, "drill", *arguments, **keys) as command:
        out, errors = command.communicate(timeout=PATIENCE_S)
        assert "Traceback" not in out + errors
        return command.returncode, out, errors


def left_behind(room: Path) -> list[str]:
    """Files in the room, and processes that were started from it or work in it.

    A stack's lock on its port is a file that stays, for all stacks of a machine: it is empty and nobody's.
    """
    mark = str(room).encode()
    files = [str(path) for path in room.iterdir() if not re.search(r"-port-\d+$", path.name)]
    return files + [str(process) for process in Path("/proc").glob("[0-9]*") if mark in _told_by(process)]


def _told_by(process: Path) -> bytes:
    try:
        return (process / "cmdline").read_bytes() + (process / "environ").read_bytes()
    except OSError:
        return b""


def figures(page: str, provider: str) -> list[str]:
    """The row of a provider: calls, answered, refused, broke off, seats, billed."""
    found = re.search(rf"^  {provider} +(\d.*)$", page.split("would have been asked")[1], re.MULTILINE)
    assert found, page
    return found[1].split()


def test_with_three_of_four_down_every_job_succeeds_and_the_page_says_who_answered(room: Path) -> None:
    code, page, _ = drilled(room, "first-three-down", "--jobs", "3")

    assert code == 0, page
    assert "No provider key is set, so the usual ones are." in page
    assert "  succeeded         3 of 3 jobs, 3 degraded\n" in page
    calls, answered, refused, broke_off, seats, _ = figures(page, "anthropic")
    assert (calls, answered, refused, broke_off, seats) == ("9", "9", "0", "0", "9")
    assert [figures(page, name)[1] for name in ("aimlapi", "openai", "google")] == ["0", "0", "0"]
    assert "Verdict\nSound. Every job succeeded.\n" in page
    assert "are booked above the bill: of the calls that broke off" in " ".join(page.split())
    assert max(map(len, page.splitlines())) <= 80
    assert left_behind(room) == []


def test_the_users_keys_and_order_decide_who_plays_and_a_job_without_a_result_is_status_1(room: Path) -> None:
    code, page, errors = drilled(
        room,
        *("first-three-down", "--jobs", "2", "--no-extractive", "--deadline", "12"),
        OPENAI_API_KEY="a-key-of-mine",
        GOOGLE_API_KEY="another-key-of-mine",
        AZURE_OPENAI_API_KEY="one-more-key-of-mine",
        AZURE_OPENAI_BASE_URL="http://127.0.0.1:1",
        MEETINGMIND_FAILOVER_ORDER="google,openai",
    )

    assert code == 1
    assert "  google            is out of service" in page
    assert "  openai            closes every connection" in page
    assert "  aimlapi " not in page
    assert "Left out, since the emulator cannot play them: azure." in page
    assert "  succeeded         0 of 2 jobs" in page
    assert "Sound, but 2 of 2 jobs brought no result" in page
    assert "key-of-mine" not in page + errors
    assert left_behind(room) == []


@pytest.mark.parametrize(("sign", "status"), [(signal.SIGINT, 130), (signal.SIGTERM, 143)])
def test_ctrl_c_in_the_middle_ends_all_that_was_started(room: Path, sign: signal.Signals, status: int) -> None:
    with started(room, "drill", "slow-drip", "--jobs", "20") as command:
        assert command.stderr is not None
        for line in command.stderr:
            if line.startswith("Starting postgres" if sign is signal.SIGTERM else "Playing"):
                break
        assert left_behind(room)

        command.send_signal(sign)
        out, errors = command.communicate(timeout=PATIENCE_S)

    assert (command.returncode, out) == (status, "")
    assert "Traceback" not in errors
    assert left_behind(room) == []


@pytest.mark.parametrize("arguments", [(), ("nonsense",), ("truncated", "--policy", "free")])
def test_a_wrong_wish_is_a_usage_error_that_lists_what_there_is(room: Path, arguments: tuple[str, ...]) -> None:
    code, page, errors = drilled(room, *arguments)

    assert (code, page) == (2, "")
    assert "half-rate-limit" in errors or "aggressive, balanced, quality" in errors
    assert left_behind(room) == []


def test_a_provider_that_cannot_be_kept_from_its_real_address_ends_the_drill(room: Path, tmp_path: Path) -> None:
    mine = tmp_path / "mine.toml"
    mine.write_text(
        '[[providers]]\nid = "cellar"\nname = "Ours"\ndialect = "openai_chat"\nbase_url = "http://127.0.0.1:2/v1"\n'
    )

    code, page, errors = drilled(room, "truncated", MEETINGMIND_CATALOG=str(mine))

    assert (code, page) == (2, "")
    assert "A drill cannot keep cellar from its real address." in errors
    assert left_behind(room) == []


def test_the_emulator_says_where_it_listens_and_ends_in_order(room: Path) -> None:
    with started(room, "emulator") as command:
        assert command.stdout is not None
        url = str(json.loads(command.stdout.readline())["url"])
        host, port = url.removeprefix("http://").split(":")
        socket.create_connection((host, int(port)), timeout=5).close()

        command.send_signal(signal.SIGINT)

        assert command.wait(10) == 0
    until(lambda: not left_behind(room), "the emulator has gone")


def test_a_port_that_is_taken_is_a_usage_error(room: Path) -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
        with started(room, "emulator", "--port", str(port)) as command:
            out, errors = command.communicate(timeout=PATIENCE_S)

    assert (command.returncode, out) == (2, "")
    assert errors.startswith(f"Port {port} cannot be had: ")
