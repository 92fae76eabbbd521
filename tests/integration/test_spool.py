"""The spool on a real disk: kept whole or not at all, handed out to one at a time, gone only when it was replayed."""

import errno
import json
import stat
import subprocess
import sys
from collections import Counter
from pathlib import Path

import pytest
from structlog.testing import capture_logs

from orchestrator.settings import inherited_environment
from providers.calls import JsonObject
from tasks.spool import Spool, SpoolBroken, SpoolError, SpoolFull, refusal
from tests.house.checkout import ROOT

PEPPER = "a pepper of the tests"
CANARY = "the-canary-sings-at-noon"
DEADLINE_S = 60.0

WRITERS_THAT_DIE = """
import json, os, random, signal, sys
from pathlib import Path
from tasks.spool import Spool

folder, pepper, kills = Path(sys.argv[1]), sys.argv[2], int(sys.argv[3])
chance = random.Random(5)
spool, told = Spool(folder, pepper), []
for writer in range(kills):
    reading, writing = os.pipe()
    child = os.fork()
    if child == 0:
        for number in range(1000):
            attempt = f"atm_{writer}x{number}"
            document = {"attempt": attempt, "text": "word " * 60_000}
            spool.put(tenant="ten_a", job="job_a", attempt=attempt, document=document)
            os.write(writing, f"{attempt}\\n".encode())
        os._exit(0)
    os.close(writing)
    with os.fdopen(reading, "rb") as lines:
        told += [lines.readline().decode().strip() for _ in range(chance.randint(1, 4))]
        for _ in range(chance.randint(0, 40_000)):
            pass  # so that the kill falls on any step of the write that is under way
        os.kill(child, signal.SIGKILL)
        _, status = os.waitpid(child, 0)
        assert os.waitstatus_to_exitcode(status) == -signal.SIGKILL
        told += lines.read().decode().split()
print(json.dumps(told))
"""

REPLAYER = """
import sys
from pathlib import Path
from tasks.spool import Spool

spool = Spool(Path(sys.argv[1]), sys.argv[2])
print("ready", flush=True)
sys.stdin.readline()
while names := spool.waiting():
    for name in names:
        with spool.take(name) as document:
            if document is not None:
                print(document["attempt"], flush=True)
"""

SMALL_DISK = """
import resource, sys
from pathlib import Path
from tasks.spool import Spool, SpoolFull

folder, pepper, most_bytes = Path(sys.argv[1]), sys.argv[2], int(sys.argv[3])
_, hard = resource.getrlimit(resource.RLIMIT_FSIZE)
resource.setrlimit(resource.RLIMIT_FSIZE, (most_bytes, hard))
try:
    spool = Spool(folder, pepper)
    print("open")
    spool.put(tenant="ten_a", job="job_a", attempt="atm_small", document={"text": "word"})
    print("small")
    spool.put(tenant="ten_a", job="job_a", attempt="atm_large", document={"text": "word" * 100_000})
except SpoolFull as error:
    print(error)
"""


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    return tmp_path / "data" / "spool"


@pytest.fixture
def spool(folder: Path) -> Spool:
    return Spool(folder, PEPPER)


def command(script: str, folder: Path, *arguments: str) -> list[str]:
    return [sys.executable, "-P", "-c", script, str(folder), PEPPER, *arguments]


def environment() -> dict[str, str]:
    return {**inherited_environment(), "PYTHONPATH": str(ROOT), "PYTHONSAFEPATH": "1"}


def run(script: str, folder: Path, *arguments: str) -> str:
    done = subprocess.run(
        command(script, folder, *arguments),
        env=environment(),
        capture_output=True,
        text=True,
        timeout=DEADLINE_S,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    return done.stdout


def put(spool: Spool, number: int = 1, **document: str) -> str:
    """The attempt that was put."""
    attempt = f"atm_{number:03}"
    spool.put(tenant="ten_a", job="job_a", attempt=attempt, document={"attempt": attempt, **document})
    return attempt


def replay(spool: Spool) -> list[JsonObject]:
    found = []
    for name in spool.waiting():
        with spool.take(name) as document:
            if document is not None:
                found.append(document)
    return found


def files(folder: Path) -> list[str]:
    """Every file in the folder and below."""
    return sorted(str(place.relative_to(folder)) for place in folder.rglob("*") if place.is_file())


def test_what_is_put_is_listed_handed_out_and_then_gone(spool: Spool, folder: Path) -> None:
    put(spool, 2, text="hire two")
    put(spool, 1, text="ship on friday")

    documents = replay(spool)

    assert documents == [
        {"attempt": "atm_001", "text": "ship on friday"},
        {"attempt": "atm_002", "text": "hire two"},
    ]
    assert spool.waiting() == []
    assert files(folder) == []


def test_it_waits_for_the_next_process(spool: Spool, folder: Path) -> None:
    put(spool)

    assert replay(Spool(folder, PEPPER)) == [{"attempt": "atm_001"}]


def test_only_its_user_can_look_in(spool: Spool, folder: Path) -> None:
    put(spool)

    assert stat.S_IMODE(folder.stat().st_mode) == 0o700
    assert stat.S_IMODE((folder / "rejected").stat().st_mode) == 0o700
    assert stat.S_IMODE((folder / spool.waiting()[0]).stat().st_mode) == 0o600


def test_an_attempt_that_is_put_again_waits_once(spool: Spool) -> None:
    put(spool, text="first")
    put(spool, text="second")

    assert replay(spool) == [{"attempt": "atm_001", "text": "second"}]


def test_what_is_put_again_while_it_is_replayed_stays(spool: Spool) -> None:
    put(spool, text="first")

    with spool.take(spool.waiting()[0]):
        put(spool, text="second")

    assert replay(spool) == [{"attempt": "atm_001", "text": "second"}]


def test_a_block_that_fails_keeps_the_file(spool: Spool) -> None:
    put(spool)
    name = spool.waiting()[0]

    with pytest.raises(OSError, match="the commit failed"), spool.take(name):
        raise OSError("the commit failed")

    assert spool.waiting() == [name]
    assert replay(spool) == [{"attempt": "atm_001"}]


def test_a_file_is_held_by_one_at_a_time(spool: Spool, folder: Path) -> None:
    put(spool)
    name = spool.waiting()[0]

    with spool.take(name) as mine, Spool(folder, PEPPER).take(name) as others, spool.take(name) as again:
        assert mine is not None
        assert others is None
        assert again is None

    assert spool.waiting() == []


def test_a_file_that_another_has_replayed_is_passed_over(spool: Spool) -> None:
    put(spool)
    name = spool.waiting()[0]
    replay(spool)

    with spool.take(name) as document:
        assert document is None


def test_processes_that_replay_at_once_hand_out_each_document_once(spool: Spool, folder: Path) -> None:
    attempts = [put(spool, number) for number in range(80)]
    replayers = [
        subprocess.Popen(
            command(REPLAYER, folder), env=environment(), stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
        )
        for _ in range(3)
    ]
    for one in replayers:
        assert one.stdout is not None
        assert one.stdout.readline() == "ready\n"

    for one in replayers:
        assert one.stdin is not None
        one.stdin.write("go\n")
        one.stdin.flush()
    told = [one.communicate(timeout=DEADLINE_S)[0].split() for one in replayers]

    assert [one.returncode for one in replayers] == [0, 0, 0]
    assert Counter(attempt for each in told for attempt in each) == Counter(attempts)
    assert spool.waiting() == []


def test_a_file_that_a_dead_writer_left_unfinished_is_not_listed_and_goes_at_the_next_start(
    spool: Spool, folder: Path
) -> None:
    put(spool)
    (folder / ".half.tmp").write_bytes(b'{"version":1,')

    assert spool.waiting() == ["atm_001.sealed"]
    Spool(folder, PEPPER)
    assert files(folder) == ["atm_001.sealed"]


def test_a_start_leaves_the_file_that_another_is_writing(
    spool: Spool, folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The second start falls between the first one's write and its rename."""
    rename = Path.replace

    def start_then_rename(place: Path, target: Path) -> Path:
        Spool(folder, PEPPER)
        return rename(place, target)

    monkeypatch.setattr(Path, "replace", start_then_rename)
    put(spool)

    assert replay(spool) == [{"attempt": "atm_001"}]


def test_whatever_is_listed_after_twenty_kills_is_whole_and_what_was_kept_is_listed(folder: Path) -> None:
    kept = json.loads(run(WRITERS_THAT_DIE, folder, "20"))

    documents = replay(Spool(folder, PEPPER))

    assert len(kept) >= 20
    assert set(kept) <= {document["attempt"] for document in documents}
    assert {document["text"] for document in documents} == {"word " * 60_000}
    assert files(folder) == []


def test_a_full_disk_is_named_and_leaves_nothing_of_the_file(folder: Path) -> None:
    told = run(SMALL_DISK, folder, "4096")

    assert told == f"open\nsmall\nThe spool in {folder} cannot be used: File too large.\n"
    assert files(folder) == ["atm_small.sealed"]
    assert replay(Spool(folder, PEPPER)) == [{"text": "word"}]


def test_a_disk_that_is_full_already_is_named_at_the_start(folder: Path) -> None:
    assert run(SMALL_DISK, folder, "0") == f"The spool in {folder} cannot be used: File too large.\n"
    assert files(folder) == []


@pytest.mark.parametrize(
    ("number", "kind"),
    [
        (errno.ENOSPC, SpoolFull),
        (errno.EDQUOT, SpoolFull),
        (errno.EROFS, SpoolBroken),
        (errno.EIO, SpoolBroken),
        (errno.EACCES, SpoolBroken),
    ],
)
def test_what_the_system_says_is_told_by_what_the_operator_has_to_do(number: int, kind: type[SpoolError]) -> None:
    assert type(refusal(OSError(number, "why"), Path("spool"))) is kind


def test_a_folder_that_is_gone_is_named_by_all_that_need_it(spool: Spool, folder: Path) -> None:
    put(spool)
    folder.rename(folder.with_name("elsewhere"))

    with pytest.raises(SpoolBroken, match=f"{folder} cannot be used: No such file"):
        put(spool, 2)
    with pytest.raises(SpoolBroken):
        spool.waiting()


def test_a_folder_that_is_a_file_is_refused_at_the_start(tmp_path: Path) -> None:
    (tmp_path / "spool").write_text("")

    with pytest.raises(SpoolBroken):
        Spool(tmp_path / "spool", PEPPER)


@pytest.mark.parametrize("what", ["another pepper", "damaged", "swapped", "no spool file"])
def test_a_file_that_does_not_open_is_set_aside_with_a_complaint_and_the_rest_goes_on(
    what: str, spool: Spool, folder: Path
) -> None:
    put(spool, 1, text=CANARY)
    put(Spool(folder, "another pepper") if what == "another pepper" else spool, 2, text=CANARY)
    victim = folder / "atm_002.sealed"
    whole = victim.read_bytes()
    foreign = (folder / "atm_001.sealed").read_bytes().partition(b"\n")[2]
    contents = {"damaged": whole[:-1], "swapped": whole.partition(b"\n")[0] + b"\n" + foreign, "no spool file": b""}
    victim.write_bytes(contents.get(what, whole))
    before = victim.read_bytes()

    with capture_logs() as logs:
        documents = replay(spool)

    (aside,) = files(folder)
    assert documents == [{"attempt": "atm_001", "text": CANARY}]
    assert aside.startswith("rejected/atm_002.")
    assert (folder / aside).read_bytes() == before
    assert [(line["event"], line["log_level"]) for line in logs] == [("spool.rejected", "error")]
    assert logs[0]["file"] == "atm_002.sealed"
    assert logs[0]["moved_to"] == str(folder / aside)
    assert CANARY not in repr(logs)


def test_a_rejected_file_can_be_moved_back_once_the_pepper_is_right(spool: Spool, folder: Path) -> None:
    put(spool)
    assert replay(Spool(folder, "another pepper")) == []
    (aside,) = (folder / "rejected").iterdir()

    aside.rename(folder / aside.name)

    assert replay(spool) == [{"attempt": "atm_001"}]


def test_a_rejected_file_never_writes_over_an_earlier_one(spool: Spool, folder: Path) -> None:
    for text in ("first", "second"):
        put(Spool(folder, "another pepper"), text=text)
        assert replay(spool) == []

    assert len(files(folder)) == 2


def test_no_word_of_an_answer_can_be_read_in_the_folder(spool: Spool, folder: Path) -> None:
    put(spool, 1, text=CANARY, reasoning=CANARY * 1000)
    put(Spool(folder, "another pepper"), 2, text=CANARY)
    with spool.take("atm_002.sealed"):
        pass

    held = b"".join(place.read_bytes() for place in folder.rglob("*") if place.is_file())

    assert len(files(folder)) == 2
    for word in (CANARY, "canary", "reasoning"):
        assert word.encode() not in held
        assert word.encode("utf-16-le") not in held
        assert word.encode().hex().encode() not in held
