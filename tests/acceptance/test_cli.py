"""The command line as a user meets it: whole processes, judged by stdout, stderr and exit code."""

import json
import re
import shlex
import signal
import subprocess
import sys
import threading
from collections.abc import Callable, Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import pytest

from api.comparing import Comparison
from api.schemas import JobStatus, JobView
from orchestrator.meeting.reading import read
from orchestrator.meeting.transcript import Transcript
from orchestrator.settings import inherited_environment
from orchestrator.synthesis import STRATEGIES
from providers import catalog
from tests.acceptance.processes import says_something
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
        assert says_something(up.stdout, PATIENCE_S), (folder / "stderr").read_text()
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


def test_analyze_tells_how_each_seat_fares_where_there_is_no_terminal(on: Run, tmp_path: Path) -> None:
    good = tmp_path / "good.txt"
    good.write_text("Ann: I will send the draft by Friday.\nBen: Agreed, we ship on Monday.\n")

    one, two = on("analyze", SAMPLE, "--strategy", "consensus"), on("analyze", SAMPLE, good)
    told = on("analyze", SAMPLE, "--json")

    for seat in range(2):
        assert re.search(rf"^seat {seat}: extractive/\S+ answered in ", one.stderr, re.MULTILINE)
    assert one.stderr.splitlines()[-1] == "job: finished"
    for name in (SAMPLE.name, good.name):
        assert f"{name}: job: finished" in two.stderr.splitlines()
    assert told.stderr == ""


def test_in_a_terminal_the_seats_are_shown_in_place(stack: Path) -> None:
    command = shlex.join([*COMMAND, "analyze", str(SAMPLE), "--data-dir", str(stack)])

    done = subprocess.run(
        ["script", "--quiet", "--return", "--command", command, "/dev/null"],
        env=environment() | {"TERM": "xterm", "COLUMNS": "100"},
        stdin=subprocess.DEVNULL,
        capture_output=True,
        timeout=PATIENCE_S,
        check=False,
    )

    shown = done.stdout.decode()
    assert done.returncode == 0
    assert re.search(r"job_\w+: (asking the panel|waiting for its turn|finished), \d+ s", shown)
    assert "\x1b[1A" in shown  # the cursor went up: what follows is written over the table
    assert "How it was made" in shown


def test_a_job_is_waited_for(on: Run) -> None:
    job_id = only_line(on("submit", SAMPLE))

    told, shown = on("show", job_id, "--wait", "--json"), on("show", job_id, "--wait")

    assert JobView.model_validate_json(only_line(told)).status == "succeeded"
    assert (told.returncode, told.stderr, shown.returncode) == (0, "", 0)
    assert shown.stderr.splitlines()[-1] == "job: finished"


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


def test_a_job_is_exported_to_a_file_or_to_stdout(on: Run, tmp_path: Path) -> None:
    ended = JobView.model_validate_json(only_line(on("analyze", "--json", SAMPLE)))
    file = tmp_path / "deep" / "items.csv"

    written, printed = on("export", ended.id, "-o", file), on("export", ended.id, "--format", "json")

    assert (written.returncode, written.stdout) == (0, "")
    assert f"Export: {file}" in written.stderr
    assert file.read_bytes().startswith(b"kind,number,id,text,")
    assert json.loads(printed.stdout)["result"] == json.loads(ended.model_dump_json())["result"]


def test_an_export_that_cannot_be_is_told_plainly(on: Run, tmp_path: Path) -> None:
    ended = JobView.model_validate_json(only_line(on("analyze", "--json", SAMPLE)))

    unknown, unnamed = on("export", ended.id, "--format", "xlsx"), on("export", ended.id)
    nobody = on("export", "job_none", "--format", "md")
    folder = on("export", ended.id, "--format", "md", "-o", tmp_path)

    assert [done.returncode for done in (unknown, unnamed, nobody, folder)] == [2, 2, 1, 1]
    assert "There is no format 'xlsx': --format md, csv, ics, vtt, json." in unknown.stderr
    assert "Say which format: --format md, csv, ics, vtt, json." in unnamed.stderr
    assert "no such job" in nobody.stderr
    assert "cannot be written" in folder.stderr


def test_jobs_are_compared_under_every_strategy_at_no_cost(on: Run) -> None:
    asked = ("analyze", "--json", SAMPLE, "--strategy", "consensus")  # auto goes by what the stack has seen so far
    first, second = (JobView.model_validate_json(only_line(on(*asked))) for _ in range(2))

    told = on("compare", "--json", "--strategies", "all", first.id, second.id)
    shown = on("compare", "--strategies", "consensus, single", first.id, second.id)

    assert (told.returncode, shown.returncode) == (0, 0)
    for line, own in zip(told.stdout.splitlines(), (first, second), strict=True):
        found = Comparison.model_validate_json(line)
        ran = {replay.strategy: replay for replay in found.replays}
        assert (found.own.job, set(ran)) == (own.id, set(STRATEGIES))
        assert [ran[name].identical for name in ("consensus", "single")] == [True, False]
        assert {replay.figures and replay.figures.cost_usd for replay in found.replays} == {"0.000000"}
        assert ran["single"].differences is not None
        assert ran["single"].differences.gone
    assert re.search(r"the job +consensus +single", shown.stdout)
    assert "the same result, byte for byte" in shown.stdout
    assert "Means over 2 jobs" in shown.stdout
    assert shown.stderr == ""


def test_what_cannot_be_compared_is_told_and_the_rest_is_compared(on: Run) -> None:
    good = JobView.model_validate_json(only_line(on("analyze", "--json", SAMPLE)))
    lone = JobView.model_validate_json(only_line(on("analyze", "--json", SAMPLE, "--strategy", "single")))

    told = on("compare", "--json", "--strategies", "single", "job_unknown", good.id)
    shown = on("compare", "job_unknown")
    every, named = on("compare", lone.id), on("compare", "--strategies", "consensus", lone.id)

    lines = [json.loads(line) for line in told.stdout.splitlines()]
    assert told.returncode == 1
    assert [line.get("code") for line in lines] == ["not-found", None]
    assert (shown.returncode, shown.stdout) == (1, "")
    assert "job_unknown: not compared" in shown.stderr
    assert "Not found" in shown.stderr
    assert "not possible: consensus needs at least 2 seats" in every.stdout
    assert (every.returncode, named.returncode) == (0, 1)


def test_a_replay_is_waited_for_and_shown(on: Run) -> None:
    own = JobView.model_validate_json(only_line(on("analyze", "--json", "--strategy", "consensus", SAMPLE)))

    told = on("replay", own.id, "--strategy", "single", "--seats", "1", "--quorum", "1", "--allow-calls", "--json")
    shown = on("replay", own.id, "--strategy", "consensus", "--max-cost", "0")

    made = JobView.model_validate_json(only_line(told))
    assert (told.returncode, shown.returncode) == (0, 0)
    assert (made.replay_of, made.status, [seat.seat for seat in made.seats]) == (own.id, "succeeded", [1])
    assert made.cost.spent_usd == "0.000000"
    assert own.label is not None
    assert own.label in " ".join(shown.stdout.split())


@pytest.mark.parametrize(
    ("typed", "code", "said"),
    [
        (("job_unknown", "--strategy", "single"), 1, "There is no such job"),
        (("job_unknown", "--strategy", "single", "--seats", "first"), 2, "'first' names no seats"),
        (("job_unknown",), 2, "--strategy"),
    ],
)
def test_a_replay_that_cannot_be_is_told(on: Run, typed: tuple[str, ...], code: int, said: str) -> None:
    done = on("replay", *typed)

    assert (done.returncode, done.stdout) == (code, "")
    assert said in done.stderr


def test_what_may_become_of_items_and_where_a_meeting_may_go_is_said_in_options(on: Run) -> None:
    wishes = ("--unverified", "mark", "--routing", "cost", "--regions", "eu,us", "--zero-retention", "--pinned")

    planned = json.loads(only_line(on("plan", "--json", SAMPLE, *wishes)))
    analyzed = JobView.model_validate_json(only_line(on("analyze", "--json", SAMPLE, *wishes)))
    refused = on("submit", SAMPLE, "--unverified", "keep", "--prefer", "nobody")

    assert planned["admitted"]
    assert analyzed.status == "succeeded"
    assert refused.returncode == 1
    assert "/unverified" in refused.stderr


def test_a_strategy_that_the_service_has_not_is_a_usage_error(on: Run) -> None:
    done = on("compare", "--strategies", "magic", "job_unknown")

    assert (done.returncode, done.stdout) == (2, "")
    assert (
        done.stderr == f"There is no strategy 'magic'; there are {', '.join(STRATEGIES)}, and `all` for each of them.\n"
    )


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


def test_doctor_tells_programs_the_same(on: Run) -> None:
    told = json.loads(only_line(on("doctor", "--json")))

    assert told["healthy"] is True
    assert {"what": "Health", "is": "ready"} in told["facts"]
    assert {"redis-evicts", "postgres-does-not-sync"} <= {check["name"] for check in told["checks"]}


def test_what_is_set_can_be_read_by_programs(on: Run, tmp_path: Path) -> None:
    text = tmp_path / "standup.txt"
    text.write_text("Look for blockers.")

    limited, lifted = on("budgets", "set", "tenant", "--limit", "900", "--json"), on("budgets", "resume", "--json")
    removed = on("budgets", "remove", "tenant", "--json")
    put, taken_back = on("templates", "set", "standup", text, "--json"), on("templates", "reset", "standup", "--json")
    hook = json.loads(only_line(on("webhooks", "add", "https://example.com/hook", "--json")))["id"]
    deleted = on("webhooks", "remove", hook, "--json")

    assert [json.loads(only_line(one))["limit_usd"] for one in (limited, removed)] == ["900.000000", None]
    assert json.loads(only_line(lifted)) == {"resumed": False}
    assert "Look for blockers." in only_line(put)
    assert "Look for blockers." not in only_line(taken_back)
    assert json.loads(only_line(deleted)) == {"id": hook, "deleted": True}


@pytest.mark.parametrize(
    "command", [("submit", SAMPLE), ("jobs",), ("show", "job_1"), ("cancel", "job_1"), ("compare", "job_1")]
)
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


@pytest.mark.parametrize("command", ["--help", "completion bash", "jobs --help"])
def test_output_that_nobody_takes_is_no_reason_for_a_traceback(command: str) -> None:
    piped = subprocess.run(
        ["bash", "-c", f"{shlex.join(COMMAND)} {command} | true; exit ${{PIPESTATUS[0]}}"],
        env=environment(),
        capture_output=True,
        text=True,
        check=False,
    )
    with Path("/dev/full").open("wb") as full:
        filled = subprocess.run(
            [*COMMAND, *command.split()], env=environment(), stdout=full, stderr=subprocess.PIPE, text=True, check=False
        )

    assert (piped.returncode in {0, 1, 141}, piped.stderr) == (True, "")
    assert (filled.returncode, filled.stderr) == (1, "The output cannot be written: No space left on device.\n")


@pytest.mark.parametrize(
    ("typed", "code", "said"),
    [
        (("show", "job_1", "--url", "notaurl", "--key", "k"), 2, "must begin with http"),
        (("show", "job_1", "--url", "http://[::1", "--key", "k"), 2, "cannot be right"),
        (("show", "job_1", "--url", "http://127.0.0.1:1", "--key", "käse"), 2, "characters that no key has"),
        (("show", "../j\nö", "--url", "http://127.0.0.1:1", "--key", "k"), 1, "No answer from"),
        (("analyze", "a" * 300), 2, "cannot be read: File name too long"),
        (("analyze", b"\xff\xfe.vtt"), 2, "There is no file"),
        (("costs", "--from", "2026-02-30"), 2, "--from wants a day"),
        (("budgets", "set", "tenant", "--limit", "1", "--override", "2"), 2, "--override and --until go together"),
        (("templates", "set", "nonsense", "-"), 2, "There is no type 'nonsense'"),
        (("feedback", "job_1", "nice"), 2, "There is no verdict 'nice'"),
        (("erase", "job_1"), 2, "Add --yes"),
        (("drill", "nonsense"), 2, "There is no scenario 'nonsense'"),
        (("batch", "none.ndjson"), 2, "There is no file none.ndjson"),
        (("batches", "pause", "bat_1"), 1, NO_STACK),
        (("batches", "--json", "pause", "bat_1"), 2, "Put the options behind"),
        (("plan", "/"), 2, "is a folder"),
        (("providers", "--reset"), 2, "Name the provider"),
        (("events", "--after", "-1"), 2, "--after"),
        (("replay", "job_1", "--strategy"), 2, "requires an argument"),
    ],
)
def test_a_users_mistake_is_a_sentence_and_a_code(
    typed: tuple[str | bytes, ...], code: int, said: str, tmp_path: Path
) -> None:
    done = subprocess.run(
        [*COMMAND, *typed],
        env=environment() | {"MEETINGMIND_DATA_DIR": str(tmp_path / "data")},
        stdin=subprocess.DEVNULL,
        capture_output=True,
        timeout=PATIENCE_S,
        check=False,
    )

    told = " ".join(done.stderr.decode("utf-8", "replace").split())
    assert (done.returncode, done.stdout) == (code, b"")
    assert said in told
    assert "Traceback" not in told
    assert not (tmp_path / "data").exists()


def test_a_service_that_is_not_there_is_a_sentence() -> None:
    done = run("jobs", "--url", "http://127.0.0.1:1", "--key", "mm_dev_x")

    assert done.returncode == 1
    assert "No answer from http://127.0.0.1:1" in done.stderr


def test_help_names_every_command() -> None:
    done = run("--help")

    assert done.returncode == 0
    work = ("demo", "up", "submit", "analyze", "plan", "jobs", "show", "cancel", "retry", "costs", "budgets")
    for command in (*work, "replay", "compare", "test", "drill", "emulator", "doctor"):
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
    status: JobStatus

    def do_GET(self) -> None:
        self.asked.set()
        self._answer(200)

    def do_POST(self) -> None:
        self.rfile.read(int(self.headers["content-length"]))
        if self.path.endswith("/cancel"):
            self.canceled.set()
        self._answer(202)

    def _answer(self, status: int) -> None:
        body = job(status=self.status, result=None, finished_at=None).model_dump_json().encode()
        self.send_response(status)
        self.send_header("content-length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *_: object) -> None:
        """Stay silent: the test's own output is what matters."""


@pytest.fixture
def slow() -> Iterator[ThreadingHTTPServer]:
    Slow.canceled, Slow.asked, Slow.status = threading.Event(), threading.Event(), "running"
    server = ThreadingHTTPServer(("127.0.0.1", 0), Slow)
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    yield server
    server.shutdown()
    server.server_close()
    thread.join()


@pytest.mark.parametrize(("sign", "status"), [(signal.SIGINT, 130), (signal.SIGTERM, 143)])
def test_ctrl_c_stops_waiting_and_says_how_to_go_on(
    slow: ThreadingHTTPServer, sign: signal.Signals, status: int
) -> None:
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
    assert not Slow.canceled.is_set()
    assert f"job_1 (ami-es2005a.vtt) goes on. Its result: meetingmind show --wait job_1 --url {url} --key ..." in errors
    assert f"To stop it instead: meetingmind cancel job_1 --url {url}" in errors
    assert "Traceback" not in errors


def test_a_job_that_is_waited_for_and_does_not_succeed_ends_the_command_with_1(slow: ThreadingHTTPServer) -> None:
    there = ("--url", f"http://127.0.0.1:{slow.server_port}", "--key", "mm_dev_x")
    Slow.status = "canceled"

    waited, shown = run("show", "job_1", "--wait", *there), run("show", "job_1", *there)
    canceled, retried = run("cancel", "job_1", "--json", *there), run("retry", "job_1", "--json", *there)

    assert (waited.returncode, shown.returncode) == (1, 0)
    for done in (canceled, retried):
        assert JobView.model_validate_json(only_line(done)).id == "job_1"


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
