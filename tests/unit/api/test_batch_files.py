"""What `batch` reads, and how it goes on where an earlier run stopped."""

import json
from pathlib import Path

import pytest

from api.cli import batch_files
from api.cli.batch_files import Course, Source
from api.cli.exits import USAGE, Told
from api.cli.options import Wishes


def result(line: int, text: str = "") -> bytes:
    return json.dumps({"line": line, "custom_id": text, "job_id": None, "status": "refused"}).encode() + b"\n"


def test_a_folder_is_its_files_by_name_without_hidden_ones_and_those_that_are_no_text(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    for name, data in {"b.vtt": b"Ann: b", "a.txt": b"Ann: a", ".c": b"Ann: c", "d.txt": b"\x00\x01" * 40}.items():
        (tmp_path / name).write_bytes(data)
    (tmp_path / "folder").mkdir()

    found = [job for job in Source(tmp_path).jobs() if isinstance(job, dict)]

    assert [job["custom_id"] for job in found] == ["a.txt", "b.vtt"]
    assert found[0]["transcript"] == {"format": "auto", "content": "Ann: a"}
    assert "d.txt is left out" in capsys.readouterr().err


def test_a_file_is_its_lines_as_they_stand(tmp_path: Path) -> None:
    path = tmp_path / "jobs.ndjson"
    path.write_bytes(b'{"a": 1}\n\n{"b": 2}')

    assert list(Source(path).jobs()) == [b'{"a": 1}\n', b"\n", b'{"b": 2}']


@pytest.mark.parametrize("name", ["none.ndjson", "meeting.vtt", "empty"])
def test_what_is_nothing_to_hand_in_is_told(tmp_path: Path, name: str) -> None:
    (tmp_path / "meeting.vtt").write_bytes(b"WEBVTT")
    (tmp_path / "empty").mkdir()

    with pytest.raises(Told) as told:
        Source(tmp_path / name).check()

    assert told.value.code == USAGE


def test_a_course_is_kept_beside_the_output_and_found_again(tmp_path: Path) -> None:
    out = tmp_path / "out.ndjson"
    wanted = batch_files.meant(tmp_path, Wishes(strategy="single"), atomic=False)

    first = batch_files.course(out, wanted)
    batch_files.keep(out, first.model_copy(update={"batch_id": "bat_1"}))
    out.write_bytes(result(1))

    assert batch_files.course(out, wanted) == Course(
        idempotency_key=first.idempotency_key, meant=wanted, batch_id="bat_1"
    )
    assert batch_files.course(tmp_path / "other.ndjson", wanted).idempotency_key != first.idempotency_key


def test_a_run_goes_on_with_nothing_else_and_writes_over_nothing(tmp_path: Path) -> None:
    out, foreign, spoiled = tmp_path / "out", tmp_path / "foreign", tmp_path / "spoiled"
    wanted = batch_files.meant(tmp_path, Wishes(), atomic=False)
    batch_files.keep(out, batch_files.course(out, wanted))
    foreign.write_text("somebody's")
    (tmp_path / "spoiled.course").write_text("{")

    for path, meant in (
        (out, batch_files.meant(tmp_path, Wishes(), atomic=True)),
        (out, batch_files.meant(tmp_path, Wishes(policy="quality"), atomic=False)),
        (foreign, wanted),
        (spoiled, wanted),
    ):
        with pytest.raises(Told) as told:
            batch_files.course(path, meant)
        assert told.value.code == USAGE


@pytest.mark.parametrize(
    ("held", "line", "left"),
    [
        (b"", 0, b""),
        (result(1) + result(2), 2, result(1) + result(2)),
        (result(1) + result(2)[:-3], 1, result(1)),
        (result(1)[:-1], 0, b""),
        (result(1) + result(2, "x" * 200_000), 2, result(1) + result(2, "x" * 200_000)),
        (result(1, "y" * 200_000) + b"z" * 100_000, 1, result(1, "y" * 200_000)),
    ],
)
def test_the_last_whole_line_is_found_and_what_was_cut_off_is_taken_away(
    tmp_path: Path, held: bytes, line: int, left: bytes
) -> None:
    out = tmp_path / "out"
    out.write_bytes(held)

    assert batch_files.last_line(out) == line
    assert out.read_bytes() == left


def test_results_that_are_none_are_told(tmp_path: Path) -> None:
    out = tmp_path / "out"
    out.write_bytes(b"a letter\n")

    with pytest.raises(Told):
        batch_files.last_line(out)
    assert batch_files.last_line(tmp_path / "not there") == 0
