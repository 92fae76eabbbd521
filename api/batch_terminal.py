"""A batch for people: its line while it runs, and its sentence at the end. Pure."""

from typing import Final

from rich import box
from rich.console import ConsoleRenderable, Group
from rich.table import Table
from rich.text import Text

from api.batch_schemas import ENDED, BatchPage, BatchView, LineErrorView
from orchestrator.meeting.cleaning import clean

_BAR: Final = 24
_MINUTE_S: Final = 60
_HOUR_S: Final = 3_600


def line(batch: BatchView) -> str:
    """How far it is: a bar, counts, what it has cost, and when it may be done."""
    full = round(batch.progress * _BAR)
    bar = "#" * full + "." * (_BAR - full)
    done = batch.counts.succeeded + batch.counts.failed + batch.counts.canceled + batch.counts.expired
    told = f"[{bar}] {batch.progress:4.0%}  {done} of {batch.jobs} jobs"
    if bad := _bad(batch):
        told += f", {bad}"
    told += f"  ${batch.cost.spent_usd}"
    if batch.status in {"paused", "canceling"}:
        return f"{told}  {batch.status}"
    return told if batch.eta_s is None else f"{told}  about {duration(batch.eta_s)} left"


def end(batch: BatchView) -> str:
    """What it came to."""
    told = f"{batch.id} is {batch.status}: {batch.counts.succeeded} of {batch.jobs + batch.refused} succeeded"
    bad = _bad(batch)
    return f"{told}, {bad}. Cost: ${batch.cost.spent_usd}" if bad else f"{told}. Cost: ${batch.cost.spent_usd}"


def standing(batch: BatchView) -> str:
    """How it stands at this moment, be it under way or at its end."""
    return end(batch) if batch.status in ENDED else f"{batch.id} is {batch.status}: {line(batch)}"


def batches(page: BatchPage) -> ConsoleRenderable:
    """A page of the list, one row a batch."""
    if not page.data:
        return Text("There are no batches. Hand one in: meetingmind batch DIR|FILE.ndjson")
    table = Table(box=box.SIMPLE_HEAD, pad_edge=False, header_style="dim")
    for column in ("Batch", "Status", "Created", "Done", "Succeeded", "Spent"):
        table.add_column(column, no_wrap=True)
    for one in page.data:
        counts = f"{one.counts.succeeded} of {one.jobs + one.refused}"
        created = one.created_at[:19].replace("T", " ")
        table.add_row(one.id, one.status, created, f"{one.progress:.0%}", counts, f"${one.cost.spent_usd}")
    more = (
        [Text(f"More: meetingmind batches list --cursor {page.next_cursor}", style="dim")] if page.next_cursor else []
    )
    return Group(table, *more)


def refusal(error: LineErrorView) -> str:
    """A line that became no job, and why."""
    name = f" ({error.custom_id})" if error.custom_id else ""
    return clean(f"Line {error.line}{name} was refused: {error.error.get('detail') or error.error.get('title')}")


def duration(seconds: float) -> str:
    """In the unit that fits, without false precision."""
    if seconds < _MINUTE_S:
        return f"{seconds:.0f} s"
    return f"{seconds / _MINUTE_S:.0f} min" if seconds < _HOUR_S else f"{seconds / _HOUR_S:.1f} h"


def succeeded(batch: BatchView) -> bool:
    """Whether each line became a job that succeeded."""
    return not batch.refused and batch.counts.succeeded == batch.jobs


def _bad(batch: BatchView) -> str:
    found = {name: getattr(batch.counts, name) for name in ("failed", "expired", "canceled")}
    found["refused"] = batch.refused
    return ", ".join(f"{count} {name}" for name, count in found.items() if count)
