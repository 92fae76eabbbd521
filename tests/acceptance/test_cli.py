"""The command line as a user meets it: whole processes, judged by stdout, stderr and exit code."""

import json
import re
import select
import signal
import subprocess
import sys
import threading
from collections.abc import Callable, Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import pytest

from api.schemas import JobView
from orchestrator.meeting.reading import read
from orchestrator.meeting.transcript import Transcript
from orchestrator.settings import inherited_environment
from providers import catalog
from tests.unit.api.meetings import job

CHECKOUT = Path(__file__).resolve().parents[2]
SAMPLE = CHECKOUT / "api" / "samples" / "ami-es2005a.vtt"
COMMAND = (sys.executable, "-P", "-m", "api.cli")
PATIENCE_S = 100.0  # a first start on a busy machine with two cores
NO_STACK = "No service is running here."

Finished = subprocess.CompletedProcess[str]
Run = Callable[..., Finished]


def environment() -> dict[str, str]:
    """A user's shell without keys (the tests spend nothing) and without a service or servers of theirs."""
    keys = {card.key_variable for card in catalog.load().providers}
    ours = {"DATABASE_URL", "REDIS_URL"}
    kept = {
        name: value
        for name, value in inherited_environment().items()
        if name not in keys | ours and not name.startswith("MEETINGMIND_")
    }
    return {**kept, "PYTHONPATH": str(CHECKOUT), "PYTHONSAFEPATH": "1"}


def run(*arguments: str | Path) -> Finished:
    """Run a command to its end. Whatever comes of it, a traceback is never for users."""
    done = subprocess.run(
        [*COMMAND, *map(str, arguments)],
        env=environment(),
        capture_output=True,
        encoding="utf-8",
        timeout=PATIENCE_S,
        check=False,
    )
    assert "Traceback" not in done.stdout + done.stderr
    return done


@pytest.fixture(scope="module")
def stack(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    """A stack that `up` runs; the fixture is its folder."""
    folder = tmp_path_factory.mktemp("stack")
    with (folder / "stderr").open("wb") as errors:
        up = subprocess.Popen(
            [*COMMAND, "up", "--json", "--data-dir", str(folder / "data")],
            env=environment(),
            stdout=subprocess.PIPE,
            stderr=errors,
        )
    assert up.stdout is not None
    try:
        ready, _, _ = select.select([up.stdout], [], [], PATIENCE_S)
        assert ready, (folder / "stderr").read_text()
        assert json.loads(up.stdout.readline()).keys() == {"url", "api_key", "data_dir"}
        yield folder / "data"
    finally:
        up.send_signal(signal.SIGINT)
        status = up.wait(60)
        up.stdout.close()
    assert status == 0


@pytest.fixture
def on(stack: Path) -> Run:
    """Runs a command against the stack."""
    return lambda *arguments: run(*arguments, "--data-dir", stack)


@pytest.fixture(scope="module")
def sample() -> Transcript:
    return read(SAMPLE.read_text(encoding="utf-8"), "auto")


def only_line(done: Finished) -> str:
    assert done.stdout.endswith("\n")
    (line,) = done.stdout.splitlines()
    return line


def test_analyze_prints_the_job_on_one_line_and_nothing_else(on: Run, sample: Transcript) -> None:
    done = on("analyze", "--json", SAMPLE)

    whole = JobView.model_validate_json(only_line(done))
    assert done.returncode == 0
    assert whole.status == "succeeded"
    assert whole.result is not None
    assert whole.result.action_items or whole.result.decisions
    for item in (*whole.result.action_items, *whole.result.decisions, *whole.result.topics):
        for proof in item.evidence:
            said = " ".join(sample.by_id[name].text for name in proof.utterances)
            assert proof.quote in said


def test_analyze_for_people_shows_the_analysis_and_writes_the_report(on: Run, tmp_path: Path) -> None:
    page = tmp_path / "deep" / "report.html"

    done = on("analyze", SAMPLE, "--report", page, "--title", "The remote control")

    assert done.returncode == 0
    assert "The remote control" in done.stdout
    assert "How it was made" in done.stdout
    assert f"Report: {page}" in done.stderr
    assert page.read_text(encoding="utf-8").startswith("<!doctype html>")


def test_several_files_answer_in_their_order_and_one_refusal_fails_the_whole(on: Run, tmp_path: Path) -> None:
    empty, binary, good = tmp_path / "empty.txt", tmp_path / "binary.vtt", tmp_path / "good.txt"
    empty.write_bytes(b"")
    binary.write_bytes(b"%PDF-1.7\n" + bytes(range(256)) * 40)
    good.write_text("Ann: I will send the draft by Friday.\nBen: Agreed, we ship on Monday.\n")

    done = on("analyze", "--json", good, empty, binary, SAMPLE)

    lines = [json.loads(line) for line in done.stdout.splitlines()]
    assert done.returncode == 1
    assert [line.get("object") or line["code"] for line in lines] == [
        "job",
        "empty-transcript",
        "unparseable-transcript",
        "job",
    ]


def test_a_file_over_the_limit_is_refused_by_the_service_plainly(on: Run, tmp_path: Path) -> None:
    large = tmp_path / "large.txt"
    large.write_text("Ann: We agreed to ship the release on Friday.\n" * 140_000)

    done = on("analyze", "--json", large)

    assert done.returncode == 1
    assert json.loads(only_line(done))["code"] == "too-large"


def test_a_wish_that_cannot_be_met_is_told_with_its_place(on: Run) -> None:
    done = on("analyze", SAMPLE, "--strategy", "magic")

    assert done.returncode == 1
    assert done.stdout == ""
    assert "/strategy" in done.stderr
    assert "not analyzed" in done.stderr


def test_a_plan_shows_what_a_job_would_be_and_leaves_none(on: Run) -> None:
    before = on("jobs", "--json").stdout

    shown, told = on("plan", SAMPLE), on("plan", "--json", SAMPLE, "--panel-size", "1")

    plan = json.loads(only_line(told))
    assert (shown.returncode, told.returncode) == (0, 0)
    assert "never costs more than" in shown.stdout
    assert (plan["object"], len(plan["seats"]), plan["admitted"]) == ("plan", 1, True)
    assert on("jobs", "--json").stdout == before


def test_a_plan_of_what_is_no_transcript_is_refused_plainly(on: Run, tmp_path: Path) -> None:
    binary = tmp_path / "binary.vtt"
    binary.write_bytes(b"%PDF-1.7\n" + bytes(range(256)) * 40)

    done = on("plan", binary)

    assert (done.returncode, done.stdout) == (1, "")
    assert "cannot be read" in done.stderr


def test_a_wrong_key_is_a_problem_and_not_shown(on: Run) -> None:
    wrong = "mm_dev_" + "x" * 32

    done = on("analyze", "--json", SAMPLE, "--key", wrong)

    assert done.returncode == 1
    assert json.loads(only_line(done))["status"] == 401
    assert wrong not in done.stdout + done.stderr


def test_a_job_can_be_handed_in_listed_and_shown(on: Run) -> None:
    job_id = only_line(on("submit", SAMPLE, "--reference", "crm-4711", "--tag", "weekly"))

    listed = on("jobs", "--reference", "crm-4711", "--tag", "weekly", "--json")
    shown = on("show", job_id, "--json")

    assert json.loads(only_line(listed))["id"] == job_id
    assert JobView.model_validate_json(only_line(shown)).reference == "crm-4711"


def test_a_job_that_has_ended_cannot_be_canceled(on: Run) -> None:
    ended = JobView.model_validate_json(only_line(on("analyze", "--json", SAMPLE)))

    done = on("cancel", ended.id)

    assert (done.returncode, done.stdout) == (1, "")
    assert "already ended" in done.stderr


def test_a_job_that_succeeded_cannot_be_retried(on: Run) -> None:
    ended = JobView.model_validate_json(only_line(on("analyze", "--json", SAMPLE)))

    refused = on("retry", ended.id)

    assert (refused.returncode, refused.stdout) == (1, "")
    assert "already ended as succeeded" in refused.stderr


@pytest.mark.parametrize("command", ["show", "cancel", "retry"])
def test_an_unknown_id_is_a_sentence(on: Run, command: str) -> None:
    done = on(command, "job_unknown")

    assert done.returncode == 1
    assert done.stdout == ""
    assert "Not found" in done.stderr


def test_doctor_tells_versions_and_health_and_no_secret(on: Run, stack: Path) -> None:
    done = on("doctor")

    assert done.returncode == 0
    assert re.search(r"^ *celery +5\.7", done.stdout, re.MULTILINE)
    assert re.search(r"^ *Health +ready", done.stdout, re.MULTILINE)
    assert re.search(r"^ *redis +\d+\.\d+\.\d+", done.stdout, re.MULTILINE)
    for line in ("redis-evicts +ok +maxmemory-policy: noeviction", "postgres-does-not-sync +ok +fsync: on"):
        assert re.search(rf"^ *{line}", done.stdout, re.MULTILINE), line
    for verdict in ("warns", "unsafe", "away", "not asked"):
        assert not re.search(rf"^ *\S+ +{verdict} ", done.stdout, re.MULTILINE), verdict
    assert json.loads((stack / "stack.json").read_text())["api_key"] not in done.stdout


@pytest.mark.parametrize("command", [("submit", SAMPLE), ("jobs",), ("show", "job_1"), ("cancel", "job_1")])
def test_without_a_service_a_command_says_how_to_have_one(command: tuple[str, ...], tmp_path: Path) -> None:
    done = run(*command, "--data-dir", tmp_path)

    assert (done.returncode, done.stdout) == (1, "")
    assert NO_STACK in done.stderr


@pytest.mark.parametrize("command", ["analyze", "submit", "demo"])
def test_a_missing_file_is_a_usage_error_before_anything_is_started(command: str, tmp_path: Path) -> None:
    done = run(command, tmp_path / "none.vtt", "--data-dir", tmp_path / "data")

    assert (done.returncode, done.stdout) == (2, "")
    assert done.stderr == f"There is no file {tmp_path / 'none.vtt'}.\n"
    assert not (tmp_path / "data").exists()


def test_a_folder_is_a_usage_error(tmp_path: Path) -> None:
    done = run("analyze", "--json", tmp_path, "--data-dir", tmp_path / "data")

    assert (done.returncode, done.stdout) == (2, "")
    assert done.stderr == f"{tmp_path} is a folder. Name the transcript files in it.\n"


@pytest.mark.parametrize(
    "arguments",
    [("analyze",), ("nonsense",), ("jobs", "--limit", "0"), ("jobs", "--url", "http://127.0.0.1:1"), ("test",)],
)
def test_a_wrong_command_line_is_a_usage_error(arguments: tuple[str, ...]) -> None:
    done = run(*arguments)

    assert (done.returncode, done.stdout) == (2, "")
    assert done.stderr


def test_a_service_that_is_not_there_is_a_sentence() -> None:
    done = run("jobs", "--url", "http://127.0.0.1:1", "--key", "mm_dev_x")

    assert done.returncode == 1
    assert "No answer from http://127.0.0.1:1" in done.stderr


def test_help_names_every_command() -> None:
    done = run("--help")

    assert done.returncode == 0
    work = ("demo", "up", "submit", "analyze", "plan", "jobs", "show", "cancel", "retry", "costs", "budgets")
    for command in (*work, "test", "drill", "emulator", "doctor"):
        assert re.search(rf"^ +{command} ", done.stdout, re.MULTILINE), command


def test_help_is_quick_because_nothing_heavy_is_imported() -> None:
    code = (
        "import sys, api.cli.commands; print(*{'pydantic', 'httpx', 'rich', 'tenacity', 'jinja2'} & set(sys.modules))"
    )

    done = subprocess.run(
        [sys.executable, "-P", "-c", code], env=environment(), capture_output=True, text=True, check=True
    )

    assert done.stdout.strip() == ""


class Slow(BaseHTTPRequestHandler):
    """A service on the wire whose jobs never end, so that somebody loses patience."""

    canceled: threading.Event
    asked: threading.Event

    def do_GET(self) -> None:
        self.asked.set()
        self._answer(200)

    def do_POST(self) -> None:
        self.rfile.read(int(self.headers["content-length"]))
        if self.path.endswith("/cancel"):
            self.canceled.set()
        self._answer(202)

    def _answer(self, status: int) -> None:
        body = job(status="running", result=None, finished_at=None).model_dump_json().encode()
        self.send_response(status)
        self.send_header("content-length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *_: object) -> None:
        """Stay silent: the test's own output is what matters."""


@pytest.fixture
def slow() -> Iterator[ThreadingHTTPServer]:
    Slow.canceled, Slow.asked = threading.Event(), threading.Event()
    server = ThreadingHTTPServer(("127.0.0.1", 0), Slow)
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    yield server
    server.shutdown()
    server.server_close()
    thread.join()


@pytest.mark.parametrize(("sign", "status"), [(signal.SIGINT, 130), (signal.SIGTERM, 143)])
def test_ctrl_c_stops_waiting_and_cancels_the_job(slow: ThreadingHTTPServer, sign: signal.Signals, status: int) -> None:
    url = f"http://127.0.0.1:{slow.server_port}"
    waiting = subprocess.Popen(
        [*COMMAND, "analyze", str(SAMPLE), "--url", url, "--key", "mm_dev_x"],
        env=environment(),
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        encoding="utf-8",
    )
    assert Slow.asked.wait(30)

    waiting.send_signal(sign)
    out, errors = waiting.communicate(timeout=30)

    assert (waiting.returncode, out) == (status, "")
    assert Slow.canceled.is_set()
    assert "Canceled job_1." in errors
    assert "Traceback" not in errors


def test_ctrl_c_stops_the_stack_that_the_command_started(tmp_path: Path) -> None:
    folder = tmp_path / "data"
    starting = subprocess.Popen(
        [*COMMAND, "analyze", str(SAMPLE), "--data-dir", str(folder)],
        env=environment(),
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        encoding="utf-8",
    )
    assert starting.stderr is not None
    assert starting.stderr.readline()  # the stack's first word: it is on its way

    starting.send_signal(signal.SIGINT)
    out, errors = starting.communicate(timeout=60)

    assert (starting.returncode, out) == (130, "")
    assert "Traceback" not in errors
    assert not (folder / "stack.json").exists()
    assert run("jobs", "--data-dir", folder).returncode == 1
    left = subprocess.run(["ps", "-A", "-o", "args="], capture_output=True, text=True, check=True).stdout
    assert str(folder) not in left


def test_the_demo_shows_everything_and_leaves_nothing_running(tmp_path: Path) -> None:
    done = run("demo", "--data-dir", tmp_path)

    assert done.returncode == 0
    assert "No provider key is set, so the built-in extractive models answer" in done.stderr
    for word in ("seat 0:", "Label:", "Summary", "Action items", "Owner:", "Cost: $0.00", "Time: queued"):
        assert word in done.stdout
    (page,) = (tmp_path / "reports").glob("job_*.html")
    assert f"Report: {page}" in done.stderr
    assert NO_STACK in run("jobs", "--data-dir", tmp_path).stderr
