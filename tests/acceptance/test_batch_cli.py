"""`meetingmind batch` as a user meets it: a folder or a file, Ctrl-C in the middle, and the same command again."""

import json
import signal
import subprocess
from pathlib import Path
from typing import Any

import pytest

from tests.acceptance.conftest import Town
from tests.acceptance.processes import until
from tests.acceptance.test_cli import COMMAND, environment

PATIENCE_S = 120.0
JOBS = 60
ALONE = {"panel": {"models": ["openai/gpt-6-luna"]}, "allow_extractive": False, "allow_substitution": False}


def surroundings(town: Town) -> dict[str, str]:
    key = town.product.http.headers["authorization"].removeprefix("Bearer ")
    return {**environment(), "MEETINGMIND_URL": town.product.url, "MEETINGMIND_API_KEY": key}


def run(town: Town, *arguments: str | Path, command: str = "batch") -> "subprocess.CompletedProcess[str]":
    done = subprocess.run(
        [*COMMAND, command, *map(str, arguments)],
        env=surroundings(town),
        capture_output=True,
        encoding="utf-8",
        timeout=PATIENCE_S,
        check=False,
    )
    assert "Traceback" not in done.stdout + done.stderr
    return done


def read(path: Path) -> list[dict[str, Any]]:
    return [json.loads(line) for line in path.read_text("utf-8").splitlines()]


def line(number: int, **fields: Any) -> str:
    said = f"Ann: Let us decide on item {number} today.\nBob: I'll send the report on item {number} by Friday."
    return json.dumps({"custom_id": f"c{number}", "transcript": {"content": said}, **fields}) + "\n"


def test_a_folder_is_analyzed_and_its_results_stand_in_order(town: Town, tmp_path: Path) -> None:
    folder, out = tmp_path / "meetings", tmp_path / "out.ndjson"
    folder.mkdir()
    for name in ("b.txt", "a.txt", "c.txt"):
        (folder / name).write_text(f"Ann: We decide on {name}.\nBob: I'll send it by Friday.")

    done = run(town, folder, "--models", "extractive/cue-rules", "--strategy", "single", "--tag", "all", "-o", out)
    again = run(town, folder, "--models", "extractive/cue-rules", "--strategy", "single", "--tag", "all", "-o", out)

    found = read(out)
    assert (done.returncode, done.stdout) == (0, "")
    assert "3 of 3 succeeded" in done.stderr
    assert [(one["custom_id"], one["status"]) for one in found] == [
        (name, "succeeded") for name in ("a.txt", "b.txt", "c.txt")
    ]
    assert town.product.job(found[0]["job_id"])["tags"] == ["all"]
    assert (again.returncode, "whole already" in again.stderr) == (0, True)
    assert read(out) == found


def test_after_ctrl_c_the_same_command_goes_on_and_nothing_is_asked_twice(town: Town, tmp_path: Path) -> None:
    town.emulator.order("latency", median_ms=1_000)  # so that it is not over when the first results are there
    source, out = tmp_path / "jobs.ndjson", tmp_path / "out.ndjson"
    source.write_text("".join(line(number, **ALONE) for number in range(1, JOBS + 1)))

    first = subprocess.Popen(
        [*COMMAND, "batch", str(source), "-o", str(out)],
        env=surroundings(town),
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        encoding="utf-8",
    )
    until(lambda: out.exists() and out.stat().st_size > 0, "the first results are there", PATIENCE_S)
    first.send_signal(signal.SIGINT)
    _, told = first.communicate(timeout=PATIENCE_S)
    stopped_at = len(read(out)) if out.read_bytes().endswith(b"\n") else -1
    done = run(town, source, "-o", out, "--json")

    found = read(out)
    assert (first.returncode, "The same command goes on" in told) == (130, True), told
    assert 0 < stopped_at < JOBS
    assert done.returncode == 0, done.stderr
    assert [one["line"] for one in found] == list(range(1, JOBS + 1))
    assert [one["custom_id"] for one in found] == [f"c{number}" for number in range(1, JOBS + 1)]
    assert json.loads(done.stdout)["counts"]["succeeded"] == JOBS
    assert len(town.emulator.requests()) == JOBS


def test_lines_that_are_refused_are_told_and_end_the_command_with_1(town: Town, tmp_path: Path) -> None:
    source, out = tmp_path / "jobs.ndjson", tmp_path / "out.ndjson"
    source.write_text(line(1, panel={"models": ["extractive/cue-rules"]}, strategy="single") + "nonsense\n")

    done = run(town, source, "-o", out)
    whole = run(town, source, "-o", tmp_path / "whole.ndjson", "--atomic")

    assert done.returncode == 1
    assert "1 of 2 succeeded, 1 refused" in done.stderr
    assert [one["status"] for one in read(out)] == ["succeeded", "refused"]
    assert (whole.returncode, "not good" in whole.stderr) == (1, True)


@pytest.mark.parametrize("source", ["none.ndjson", "meeting.vtt"])
def test_what_is_nothing_to_hand_in_is_a_mistake(town: Town, tmp_path: Path, source: str) -> None:
    (tmp_path / "meeting.vtt").write_text("WEBVTT")

    assert run(town, tmp_path / source, "-o", tmp_path / "out").returncode == 2
    assert not (tmp_path / "out").exists()


def batches(town: Town, *arguments: str | Path) -> "subprocess.CompletedProcess[str]":
    return run(town, *arguments, command="batches")


def stands(town: Town, batch_id: str) -> dict[str, Any]:
    found: dict[str, Any] = town.product.http.get(f"/v1/batches/{batch_id}").json()
    return found


def handed_in(town: Town, count: int, **fields: Any) -> str:
    """A batch by another way than the command; the answer is its id."""
    answer = town.product.http.post(
        "/v1/batches",
        content="".join(line(number, **fields) for number in range(1, count + 1)) + "nonsense\n",
        headers={"content-type": "application/x-ndjson"},
    )
    return str(answer.json()["id"])


def test_a_batch_is_paused_resumed_canceled_and_retried(town: Town) -> None:
    town.emulator.order("latency", median_ms=60_000)  # so that nothing ends before it is canceled
    batch_id = handed_in(town, JOBS, **ALONE)

    paused, shown = batches(town, "pause", batch_id, "--json"), batches(town, "show", batch_id)
    resumed, canceled = batches(town, "resume", batch_id, "--json"), batches(town, "cancel", batch_id, "--json")
    assert json.loads(canceled.stdout)["status"] in {"canceling", "canceled"}
    until(lambda: stands(town, batch_id)["status"] == "canceled", "it is canceled", PATIENCE_S)
    town.forget()
    retried = batches(town, "retry", batch_id)
    until(lambda: stands(town, batch_id)["counts"]["succeeded"] == JOBS, "all have succeeded", PATIENCE_S)

    assert json.loads(paused.stdout)["status"] == "paused"
    assert f"{batch_id} is paused: [" in shown.stdout
    assert f"Line {JOBS + 1} was refused: " in shown.stdout
    assert json.loads(resumed.stdout)["status"] == "running"
    assert f"{batch_id} is " in retried.stdout
    assert [one.returncode for one in (paused, shown, resumed, canceled, retried)] == [0] * 5


def test_batches_are_listed_and_their_results_written(town: Town, tmp_path: Path) -> None:
    older, newer = (handed_in(town, 2, panel={"models": ["extractive/cue-rules"]}, strategy="single") for _ in "ab")
    until(lambda: stands(town, newer)["status"] == "finished", "it has ended", PATIENCE_S)

    listed, shown = batches(town, "--json"), batches(town, "list", "--limit", "1")
    printed, rest = batches(town, "results", newer), batches(town, "results", newer, "--after", "1")
    written = batches(town, "results", newer, "-o", tmp_path / "out")
    again = batches(town, "results", newer, "-o", tmp_path / "out")

    assert [json.loads(one)["id"] for one in listed.stdout.splitlines()][:2] == [newer, older]
    assert newer in shown.stdout
    assert "More: meetingmind batches list --cursor " in shown.stdout
    assert [json.loads(one)["status"] for one in printed.stdout.splitlines()] == ["succeeded", "succeeded", "refused"]
    assert rest.stdout.splitlines() == printed.stdout.splitlines()[1:]
    assert (tmp_path / "out").read_text("utf-8") == printed.stdout
    assert "Results: 3, the last of line 3" in written.stderr
    assert (again.returncode, "exists already" in again.stderr) == (2, True)


@pytest.mark.parametrize("command", ["show", "pause", "resume", "cancel", "retry", "results"])
def test_a_batch_that_is_not_there_is_a_sentence(town: Town, tmp_path: Path, command: str) -> None:
    output = ("-o", str(tmp_path / "out")) if command == "results" else ()

    done = batches(town, command, "bat_unknown", *output)

    assert (done.returncode, done.stdout) == (1, "")
    assert "There is no such batch" in done.stderr
    assert not (tmp_path / "out").exists()


def test_a_batch_that_has_ended_cannot_be_paused_and_options_in_front_are_refused(town: Town) -> None:
    batch_id = handed_in(town, 1, panel={"models": ["extractive/cue-rules"]}, strategy="single")
    until(lambda: stands(town, batch_id)["status"] == "finished", "it has ended", PATIENCE_S)

    late, lost = batches(town, "pause", batch_id), batches(town, "--json", "pause", batch_id)

    assert (late.returncode, late.stdout, "ended" in late.stderr) == (1, "", True)
    assert (lost.returncode, lost.stdout) == (2, "")
    assert lost.stderr == "Put the options behind `batches pause`.\n"
