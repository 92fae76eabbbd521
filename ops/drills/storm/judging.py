"""The checker: holds what the witnesses say against what was promised. Pure; every breach is a finding, with its job.

Promises, in the order of the table at the end:

    accepted means ended    each 202 names one job, which has one end, by its row and by its story
    one key, one job        whatever was posted how often under a key; and no job that nobody has
    one synthesis           one end in the story, one result if it succeeded, none otherwise
    one story               versions have no gaps, never go back for a reader, and the end that he saw is the row's
    the books agree         the bank is the ledger, to the micro-dollar, but for calls of unknown fate, at their bound
    paid once               a seat pays one call, and one more for one of unknown fate, or for each it could not read;
                            where it is asked in parts, that for each of them
    within bounds           a job costs what its seats and the ledger say, and never more than its bound
    at rest                 no call is open, and nothing is held
"""

from collections import Counter, defaultdict
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from typing import Final

from ops.drills.storm.evidence import Call, Evidence, Job
from ops.drills.storm.upstream import Log
from orchestrator.work.attempts import AttemptState
from orchestrator.work.jobs import TERMINAL, JobStatus

MOST_REPEATS: Final = 1  # of a seat, each after a call of unknown fate
FINE: Final = frozenset({202, 503})  # what a post may be answered here: nothing in it is wrong
_ENDS: Final = frozenset(f"job.{status}" for status in TERMINAL)
_OPEN: Final = frozenset({AttemptState.INTENDED, AttemptState.SENT})


@dataclass(frozen=True)
class Finding:
    """A promise that was broken."""

    promise: str
    what: str
    job: str | None = None

    def __str__(self) -> str:
        return f"{self.promise}: {self.what}" + (f" ({self.job})" if self.job else "")


def judge(evidence: Evidence, log: Log) -> tuple[Finding, ...]:
    """Everything that was broken, promise by promise."""
    return tuple(
        Finding(promise, what, job) for promise, check in PROMISES.items() for what, job in check(evidence, log)
    )


_Broken = Iterator[tuple[str, str | None]]


def accepted_means_ended(evidence: Evidence, log: Log) -> _Broken:
    for key, named in log.accepted().items():
        for job in named:
            row = evidence.jobs.get(job)
            if row is None:
                yield f"{key} was taken in, and no row knows it", job
            elif row.status not in TERMINAL:
                yield f"{key} was taken in, and it is {row.status}", job


def one_key_one_job(evidence: Evidence, log: Log) -> _Broken:
    accepted = log.accepted()
    for key, named in accepted.items():
        if len(named) > 1:
            yield f"{key} was told of {len(named)} jobs: {', '.join(sorted(named))}", None
        if evidence.keys.get(key) not in named:
            yield f"{key} was told of {', '.join(sorted(named))}, its row says {evidence.keys.get(key)}", None
    for row in evidence.jobs.keys() - set(evidence.keys.values()):
        yield "there is a job that belongs to no key", row
    for posted in log.posted:
        if posted.status is not None and posted.status not in FINE:
            yield f"{posted.key} was answered {posted.status}", posted.job
        if posted.status == 503 and posted.retry_after is None:
            yield f"{posted.key} was answered 503 and not when to come back", None


def one_synthesis(evidence: Evidence, log: Log) -> _Broken:  # noqa: ARG001 - all promises are asked alike
    for job in evidence.jobs.values():
        ends = [event for event in job.events if event.type in _ENDS]
        if job.status in TERMINAL and len(ends) != 1:
            yield f"its story has {len(ends)} ends", job.id
        wanted = int(job.status is JobStatus.SUCCEEDED)
        if job.results != wanted:
            yield f"it is {job.status} and has {job.results} results", job.id
        if job.status is JobStatus.SUCCEEDED and "job.synthesizing" not in {event.type for event in job.events}:
            yield "it succeeded and was never synthesised", job.id


def one_story(evidence: Evidence, log: Log) -> _Broken:
    for job in evidence.jobs.values():
        yield from _told(job)
    for job_id, status in log.wrong_reads:
        yield f"a reader was answered {status}", job_id
    last: dict[str, int] = {}
    for seen in log.seen:
        if seen.version < last.get(seen.job, 0):
            yield f"a reader saw version {last[seen.job]}, then {seen.version}", seen.job
        last[seen.job] = max(seen.version, last.get(seen.job, 0))
        row = evidence.jobs.get(seen.job)
        if row is None or seen.status not in TERMINAL:
            continue
        if (seen.status, seen.version, seen.result) != (row.status, row.version, row.results == 1):
            yield (
                f"a reader saw {seen.status} in version {seen.version}, its row is {row.status}, {row.version}",
                row.id,
            )


def the_books_agree(evidence: Evidence, log: Log) -> _Broken:  # noqa: ARG001 - all promises are asked alike
    yield from books(evidence.calls)
    for name, cost in evidence.strangers.items():
        yield f"the bank billed {cost} micro-dollars under {name or 'no id'}, of which no row knows", None


def paid_once(evidence: Evidence, log: Log) -> _Broken:  # noqa: ARG001 - all promises are asked alike
    yield from paid_twice(evidence.calls)


def within_bounds(evidence: Evidence, log: Log) -> _Broken:  # noqa: ARG001 - all promises are asked alike
    yield from over_bounds(evidence.jobs.values())


def at_rest(evidence: Evidence, log: Log) -> _Broken:  # noqa: ARG001 - all promises are asked alike
    for call in evidence.calls:
        if call.state in _OPEN:
            yield f"call {call.id} is still {call.state}", call.job
    for hold in evidence.holds:
        yield f"{hold} is still held", None


def books(calls: Iterable[Call]) -> _Broken:
    for call in calls:
        if call.booked != call.cost:
            yield f"call {call.id} cost {call.cost}, the ledger has {call.booked}", call.job
        if call.state is AttemptState.AMBIGUOUS:
            if call.cost != call.bound:
                yield f"call {call.id} of unknown fate is booked at {call.cost}, its bound is {call.bound}", call.job
            if call.billed > call.bound:
                yield f"call {call.id} was billed {call.billed}, above its bound of {call.bound}", call.job
        elif call.state not in _OPEN and call.cost != call.billed:
            yield f"call {call.id} is booked at {call.cost}, the bank says {call.billed}", call.job


def paid_twice(calls: Iterable[Call], repeats: int = MOST_REPEATS) -> _Broken:
    """What a seat paid beyond one call, one for a call of unknown fate (`repeats` at most), and those of no use."""
    for (job, seat, _part), its in _by_seat(calls).items():
        paid = sum(call.billed > 0 for call in its)
        unknown = min(repeats, sum(call.unknown for call in its))
        unusable = sum(call.unusable for call in its)
        if paid > 1 + unknown + unusable:
            yield f"seat {seat} paid {paid} calls; {unknown} of unknown fate, {unusable} of no use", job
        for call in its:
            if call.requests > 1:
                yield f"call {call.id} went out {call.requests} times", job


def repeats(calls: Iterable[Call]) -> int:
    """How many seats paid a second time in the declared window: after a call of unknown fate that was billed."""
    return sum(
        sum(call.billed > 0 for call in its) > 1 and any(call.unknown and call.billed for call in its)
        for its in _by_seat(calls).values()
    )


def over_bounds(rows: Iterable[Job]) -> _Broken:
    for job in rows:
        if job.spent > job.bound:
            yield f"it cost {job.spent}, its bound was {job.bound}", job.id
        if not job.spent == job.of_seats == job.of_ledger:
            yield f"it cost {job.spent} by its row, {job.of_seats} by its seats, {job.of_ledger} by the ledger", job.id


def _told(job: Job) -> _Broken:
    numbers = [event.sequence for event in job.events]
    if numbers != [*range(1, job.version + 1)]:
        yield f"its row has version {job.version}, its story the numbers {numbers}", job.id
    if job.status in TERMINAL and job.events and job.events[-1].type != f"job.{job.status}":
        yield f"it is {job.status}, its story closes with {job.events[-1].type}", job.id


def _by_seat(calls: Iterable[Call]) -> dict[tuple[str, int, int | None], list[Call]]:
    """By part, where a seat is asked about several."""
    found: defaultdict[tuple[str, int, int | None], list[Call]] = defaultdict(list)
    for call in calls:
        found[call.job, call.seat, call.part].append(call)
    return found


def ends(evidence: Evidence) -> Counter[str]:
    """Jobs by their state."""
    return Counter(str(job.status) for job in evidence.jobs.values())


PROMISES: Final[dict[str, Callable[[Evidence, Log], _Broken]]] = {
    "accepted means ended": accepted_means_ended,
    "one key, one job": one_key_one_job,
    "one synthesis": one_synthesis,
    "one story": one_story,
    "the books agree": the_books_agree,
    "paid once": paid_once,
    "within bounds": within_bounds,
    "at rest": at_rest,
}
