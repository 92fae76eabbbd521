"""What people see in a terminal of jobs that ended badly: rich renderables. Pure."""

from rich.console import ConsoleRenderable, Group
from rich.text import Text

from api import wording
from api.dead_letter_schemas import DeadLetterPage, DeadLetterView, RequeuedView, RequeueView
from api.terminal import said


def page(found: DeadLetterPage) -> ConsoleRenderable:
    """How many there are and why, then each with what was lost."""
    if not found.data:
        return Text("No job that fits ended badly.")
    newest = "" if found.counted_all else " (of the newest)"
    counts = [said(f"{one.jobs} {one.status}: {one.reason}{newest}", "bold") for one in found.counts]
    more = [Text(f"More: --cursor {found.next_cursor}", style="dim")] if found.next_cursor else []
    return Group(*counts, *map(_letter, found.data), *more)


def requeued(done: RequeueView) -> ConsoleRenderable:
    """How many go on, and why others do not."""
    would = sum(one.outcome == "would-requeue" for one in done.data)
    first = f"{would} would go on" if done.dry_run else f"{done.requeued} go on"
    refused = [said(f"  {one.job_id}: {_why(one)}") for one in done.data if one.problem is not None]
    more = [said("There are more: give the command again.")] if done.more else []
    return Group(
        said(f"{first}, {done.unchanged} stay as they are, {done.refused} are refused", "bold"), *refused, *more
    )


def _letter(one: DeadLetterView) -> Text:
    seats = wording.count(len(one.lost), "seat") + " without an answer"
    reasons = ", ".join(sorted({seat.reason for seat in one.lost if seat.reason}))
    erased = "; erased" if one.erased_at else ""
    return said(
        f"{one.job_id}  {one.status} {one.finished_at[:19].replace('T', ' ')}  {one.reason}: {seats}"
        f"{f' ({reasons})' if reasons else ''}, {wording.count(one.attempts, 'call')}{erased}"
    )


def _why(one: RequeuedView) -> str:
    problem = one.problem or {}
    return f"{problem.get('code')}: {problem.get('detail')}"
