"""Finding the stack of a folder."""

import fcntl
import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

from api.cli import stacks


def ended_process() -> int:
    child = subprocess.Popen([sys.executable, "-c", ""])
    child.wait()
    return child.pid


def note(folder: Path, pid: int) -> None:
    told = {"url": "http://127.0.0.1:1", "api_key": "mm_dev_x", "data_dir": str(folder), "pid": pid}
    (folder / "stack.json").write_text(json.dumps(told))


def test_a_stack_whose_process_lives_is_found(tmp_path: Path) -> None:
    note(tmp_path, os.getpid())

    assert stacks.running(tmp_path) == stacks.Notice("http://127.0.0.1:1", "mm_dev_x", tmp_path)


def test_a_stack_whose_process_has_ended_is_not_running(tmp_path: Path) -> None:
    note(tmp_path, ended_process())

    assert stacks.running(tmp_path) is None


@pytest.mark.parametrize(
    "text", ["", "[]", "null", "{}", '{"pid": "x"}', '{"pid": 1}', '{"pid": null, "url": 1}', "\x00"]
)
def test_a_damaged_notice_is_no_stack(text: str, tmp_path: Path) -> None:
    (tmp_path / "stack.json").write_text(text)

    assert stacks.running(tmp_path) is None


def test_a_folder_is_held_while_somebody_has_its_lock(tmp_path: Path) -> None:
    with (tmp_path / "lock").open("a") as lock:
        free = stacks.is_held(tmp_path)
        fcntl.flock(lock, fcntl.LOCK_EX)

        assert not free
        assert stacks.is_held(tmp_path)


def test_a_folder_that_is_not_there_is_held_by_nobody(tmp_path: Path) -> None:
    assert not stacks.is_held(tmp_path / "none")
