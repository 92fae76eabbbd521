"""The checker has teeth: of a run that kept every promise it finds nothing, and each doctored one it finds."""

from collections.abc import Callable
from dataclasses import replace
from typing import Any

import pytest

from ops.drills.storm import judging
from ops.drills.storm.evidence import Evidence, Job
from ops.drills.storm.upstream import Log, Posted, Seen
from orchestrator.work.attempts import AttemptState
from orchestrator.work.jobs import JobStatus
from tests.unit.drills.witnesses import BEGAN, PLAIN, call, sound, story


def with_job(**changes: Any) -> Callable[[Evidence], Evidence]:
    def doctor(evidence: Evidence) -> Evidence:
        return replace(evidence, jobs={**evidence.jobs, "j1": replace(evidence.jobs["j1"], **changes)})

    return doctor


def with_calls(*calls: Any) -> Callable[[Evidence], Evidence]:
    return lambda evidence: replace(evidence, calls=(*evidence.calls, *calls))


def without_job(evidence: Evidence) -> Evidence:
    return replace(evidence, jobs={name: job for name, job in evidence.jobs.items() if name != "j1"})


def with_stranger(evidence: Evidence) -> Evidence:
    jobs: dict[str, Job] = {**evidence.jobs, "j3": replace(evidence.jobs["j1"], id="j3")}
    return replace(evidence, jobs=jobs)


TWO_ENDS = story("j1", *PLAIN, "job.succeeded")

DOCTORED: list[tuple[str, str, Callable[[Evidence], Evidence]]] = [
    ("accepted means ended", "it is running", with_job(status=JobStatus.RUNNING)),
    ("accepted means ended", "no row knows it", without_job),
    ("one key, one job", "belongs to no key", with_stranger),
    ("one key, one job", "its row says j2", lambda evidence: replace(evidence, keys={"k1": "j2", "k2": "j2"})),
    ("one synthesis", "its story has 2 ends", with_job(events=TWO_ENDS, version=len(TWO_ENDS))),
    ("one synthesis", "has 0 results", with_job(results=0)),
    ("one synthesis", "has 2 results", with_job(results=2)),
    ("one synthesis", "has 1 results", with_job(status=JobStatus.FAILED)),
    ("one synthesis", "never synthesised", with_job(events=story("j1", *PLAIN[:4], "job.succeeded"), version=5)),
    ("one story", "its story the numbers", with_job(version=7)),
    ("one story", "its row is", with_job(version=7)),
    ("one story", "closes with job.succeeded", with_job(status=JobStatus.EXPIRED)),
    ("the books agree", "the ledger has 99", with_calls(call("c9", "j1", booked=99))),
    ("the books agree", "the bank says 101", with_calls(call("c9", "j1", billed=101))),
    (
        "the books agree",
        "its bound is 400",
        with_calls(call("c9", "j1", state=AttemptState.AMBIGUOUS, unknown=True)),
    ),
    (
        "the books agree",
        "above its bound",
        with_calls(call("c9", "j1", state=AttemptState.AMBIGUOUS, cost=400, booked=400, billed=401, unknown=True)),
    ),
    ("the books agree", "of which no row knows", lambda evidence: replace(evidence, strangers={"c8": 5})),
    ("paid once", "seat 0 paid 2 calls", with_calls(call("c9", "j1"))),
    ("paid once", "seat 0 paid 3 calls", with_calls(call("c9", "j2"))),
    ("paid once", "went out 2 times", with_calls(call("c9", "j1", billed=0, cost=0, booked=0, requests=2))),
    ("within bounds", "its bound was 99", with_job(bound=99)),
    ("within bounds", "90 by its seats", with_job(of_seats=90)),
    ("within bounds", "90 by the ledger", with_job(of_ledger=90)),
    ("at rest", "is still sent", with_calls(call("c9", "j1", state=AttemptState.SENT, billed=0))),
    ("at rest", "c9 is still held", lambda evidence: replace(evidence, holds=("c9",))),
]


def found(evidence: Evidence, log: Log) -> list[tuple[str, str]]:
    return [(finding.promise, finding.what) for finding in judging.judge(evidence, log)]


def test_of_a_run_that_kept_every_promise_nothing_is_found() -> None:
    run = sound()

    assert found(run.evidence, run.log) == []
    assert judging.repeats(run.evidence.calls) == 1


@pytest.mark.parametrize(("promise", "words", "doctor"), DOCTORED)
def test_a_doctored_run_is_found_out(promise: str, words: str, doctor: Callable[[Evidence], Evidence]) -> None:
    run = sound()

    broken = found(doctor(run.evidence), run.log)

    assert any(name == promise and words in what for name, what in broken), broken


def test_a_reader_who_was_answered_with_a_fault_of_ours_is_a_finding() -> None:
    run = sound()

    broken = found(run.evidence, replace(run.log, wrong_reads=[("j1", 500)]))

    assert broken == [("one story", "a reader was answered 500")]


@pytest.mark.parametrize(
    ("promise", "words", "posted", "seen"),
    [
        ("one key, one job", "told of 2 jobs", [Posted("k1", BEGAN, 0.1, 202, job="j2")], []),
        ("one key, one job", "was answered 500", [Posted("k1", BEGAN, 0.1, 500)], []),
        ("one key, one job", "not when to come back", [Posted("k1", BEGAN, 0.1, 503)], []),
        ("one story", "version 6, then 5", [], [Seen("j1", 5, "running", result=False)]),
        ("one story", "a reader saw failed", [], [Seen("j1", 6, "failed", result=False)]),
        ("one story", "a reader saw succeeded", [], [Seen("j1", 6, "succeeded", result=False)]),
    ],
)
def test_what_a_client_saw_is_held_against_the_rows(
    promise: str, words: str, posted: list[Posted], seen: list[Seen]
) -> None:
    run = sound()

    broken = found(run.evidence, Log(posted=[*run.log.posted, *posted], seen=[*run.log.seen, *seen]))

    assert [(name, words in what) for name, what in broken if name == promise][:1] == [(promise, True)], broken


def test_a_call_of_unknown_fate_that_was_known_after_all_still_excuses_one_repeat() -> None:
    run = sound()
    known = tuple(
        replace(one, state=AttemptState.ANSWERED, cost=100, booked=100) if one.unknown else one
        for one in run.evidence.calls
    )

    assert found(replace(run.evidence, calls=known), run.log) == []


def test_an_answer_of_no_use_excuses_the_call_that_replaced_it() -> None:
    run = sound()
    useless = call("c9", "j1", unusable=True)

    assert found(replace(run.evidence, calls=(*run.evidence.calls, useless)), run.log) == []


def test_each_part_that_a_seat_is_asked_about_is_paid_once() -> None:
    run = sound()
    parts = tuple(call(f"p{part}", "j1", part=part, booked=0, billed=0, cost=0) for part in (1, 2))
    paid = tuple(replace(one, billed=100) for one in parts)

    assert list(judging.paid_twice((*run.evidence.calls, *paid))) == []
    assert len(list(judging.paid_twice((*paid, replace(paid[1], id="p3"))))) == 1
