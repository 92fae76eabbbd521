"""What the drills of batches hand in, how they judge memory, and how they tell one call from another."""

import json
from dataclasses import replace
from itertools import islice
from pathlib import Path

import pytest

from ops.drills.batches import books, jobs, meetings
from ops.drills.batches.memory import Memory
from ops.drills.batches.standing import OfBatch
from ops.drills.storm.evidence import Call
from orchestrator.work.attempts import AttemptState
from tests.unit.drills.witnesses import call


def write(folder: Path, name: str, utterances: int) -> None:
    segments = [{"speaker": "s1", "text": f"word {number}\nof {name}"} for number in range(utterances)]
    document = {"speakers": [{"id": "s1", "name": "Ann"}], "segments": segments}
    (folder / name).write_text(json.dumps(document))


@pytest.fixture
def corpus(tmp_path: Path) -> Path:
    found = tmp_path / "corpus"
    found.mkdir()
    write(found, "a.json", 400)
    write(found, "b.json", 90)
    for name in ("index.json", "a.gold.json"):
        (found / name).write_text("{}")
    return found


def test_pieces_are_of_all_meetings_by_turns_each_another_one_and_the_same_in_every_run(corpus: Path) -> None:
    found = list(islice(meetings.pieces(corpus), 40))

    assert found == list(islice(meetings.pieces(corpus), 40))
    assert [name.partition("-")[2] for name, _ in found] == ["a", "b"] * 20
    assert len({text for name, text in found if name.endswith("a")}) == 20
    assert sorted(name for name, _ in found) == [name for name, _ in found]
    assert all(text.splitlines()[0].startswith("Ann: word ") for _, text in found)


def test_a_folder_has_one_file_for_each_in_the_order_of_names(corpus: Path, tmp_path: Path) -> None:
    size = meetings.write_folder(tmp_path / "jobs", corpus, 5)

    found = sorted((tmp_path / "jobs").iterdir())
    assert [path.name for path in found] == ["00000-a.txt", "00001-b.txt", "00002-a.txt", "00003-b.txt", "00004-a.txt"]
    assert size == sum(path.stat().st_size for path in found)


def test_a_large_batch_has_the_size_that_was_asked_for_and_never_more(corpus: Path, tmp_path: Path) -> None:
    jobs.write(tmp_path / "jobs.ndjson", corpus, 50, 200_000)

    lines = (tmp_path / "jobs.ndjson").read_bytes().splitlines(keepends=True)
    made = [json.loads(line) for line in lines]
    assert {len(line) for line in lines} == {200_000 // 50}
    assert [job["custom_id"] for job in made] == [f"m{number:05}" for number in range(1, 51)]
    assert len({job["transcript"]["content"] for job in made}) == 50
    assert all(len(job["transcript"]["content"]) > 3_000 for job in made)
    assert list(jobs.read(tmp_path / "jobs.ndjson", 7)) == lines[:7]


def test_one_line_of_a_hundred_is_spoiled_where_the_drill_expects_it() -> None:
    lines = list(jobs.spoiled(b"good" for _ in range(1_050)))

    found = jobs.bad(1_050)
    assert (
        [number for number, line in enumerate(lines, 1) if line != b"good"] == list(found) == [*range(100, 1_001, 100)]
    )
    assert set(found.values()) == {"malformed-json", "invalid-request", "unknown-model", "empty-transcript"}


def test_memory_has_grown_by_what_the_later_half_needs_above_the_first_quarter() -> None:
    flat, leaky = [50.0, 90.0, 80.0, 85.0, 90.0, 91.0, 80.0, 85.0], [50.0, 60.0, 70.0, 80.0, 90.0, 100.0, 110.0, 120.0]
    memory = Memory({}, {"flat": flat, "leaky": leaky, "short": [1.0, 900.0]})

    assert [memory.grown_mb(name) for name in ("flat", "leaky", "short", "unknown")] == [1.0, 60.0, 0.0, 0.0]


@pytest.mark.parametrize(
    ("changes", "whole"),
    [({}, True), ({"jobs": 96}, False), ({"owned": 98}, False), ({"lines": 99}, False), ({"refused": 2}, False)],
)
def test_a_batch_is_whole_when_each_good_line_is_one_job_of_its_own(changes: dict[str, int], *, whole: bool) -> None:
    rows = replace(OfBatch(lines=100, made=97, jobs=97, refused=3, owned=97), **changes)

    assert rows.is_whole(100, refused=3) is whole


KINDS = {
    "used": call("c1", "j1"),
    "of no use": call("c2", "j1", unusable=True),
    "unknown": call("c3", "j2", state=AttemptState.AMBIGUOUS, cost=400, booked=400, unknown=True),
    "refused": call("c4", "j3", state=AttemptState.REFUSED, cost=0, booked=0, billed=0),
    "never left": call("c5", "j3", state=AttemptState.REFUSED, cost=0, booked=0, billed=0, requests=0),
    "open": call("c6", "j4", state=AttemptState.SENT, cost=0, booked=0, billed=0),
}


@pytest.mark.parametrize("word", KINDS)
def test_each_call_has_its_word(word: str) -> None:
    assert books.kind(KINDS[word]) == word


def test_what_was_asked_is_told_by_kind_and_looks_at_models_are_about_no_call() -> None:
    calls = [KINDS["of no use"], replace(KINDS["used"], id="c9"), KINDS["refused"]]

    account = books.account(calls, {"chat": 3, "models": 4}, {}, banked=200)

    assert (account.calls, account.requests) == ({"of no use": 1, "used": 1, "refused": 1},) * 2
    assert (account.banked, account.booked, account.broken) == (200, 200, ())
    assert any("looks: 4 requests" in line for line in account.told())


@pytest.mark.parametrize(
    ("calls", "endpoints", "strangers", "banked", "told"),
    [
        ([call("c1", "j1"), call("c2", "j1")], {"chat": 2}, {}, 200, "seat 0 paid 2 calls"),
        ([call("c1", "j1", requests=2)], {"chat": 2}, {}, 100, "went out 2 times"),
        ([call("c1", "j1")], {"chat": 2}, {}, 100, "1 requests for an answer are of no call"),
        ([call("c1", "j1")], {"chat": 1}, {"x": 5}, 100, "5 micro-dollars under x"),
        ([call("c1", "j1")], {"chat": 1}, {}, 105, "the bank has 105 micro-dollars, the ledger 100"),
        ([call("c1", "j1", billed=90)], {"chat": 1}, {}, 100, "the bank says 90"),
        ([KINDS["open"]], {"chat": 1}, {}, 0, "1 calls are left as under way"),
    ],
    ids=str,
)
def test_books_that_do_not_agree_are_told(
    calls: list[Call], endpoints: dict[str, int], strangers: dict[str, int], banked: int, told: str
) -> None:
    found = books.account(calls, endpoints, strangers, banked).broken

    assert any(told in line for line in found), found
