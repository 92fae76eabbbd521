"""What people see in a terminal: jobs, seats and analyses as rich renderables. Pure but for `Watch`.

Whatever a model or a speaker said passes through `clean`: a terminal would obey its escape characters. Texts are built
as `Text`, never as rich markup, so that "[bold]" in a meeting stays what was said.
"""

import time
from collections.abc import Callable, Iterator, Sequence
from datetime import datetime
from typing import IO, Final

from rich import box
from rich.console import Console, ConsoleRenderable, Group
from rich.live import Live
from rich.padding import Padding
from rich.table import Table
from rich.text import Text

from api import wording
from api.client import Problem
from api.schemas import TERMINAL, JobPage, JobView, SeatView
from orchestrator.analysis.items import Evidence, Item, Kind
from orchestrator.meeting.cleaning import clean

_STYLES: Final[dict[str, str]] = {
    "succeeded": "green",
    "answered": "green",
    "failed": "red",
    "expired": "red",
    "canceled": "yellow",
    "running": "cyan",
    "synthesizing": "cyan",
}
_WHOLE: Final = frozenset(
    ("Job", "Status", "Created", "Spent", "Seat", "Time", "Cost")
)  # columns whose words are never broken
_WIDTH: Final = 100  # longer lines are hard to read


def console(file: IO[str]) -> Console:
    """A console that takes texts as they are: no markup, no emoji codes, no colours for numbers."""
    found = Console(file=file, markup=False, emoji=False, highlight=False)
    found.width = min(found.width, _WIDTH)
    return found


def said(text: str, style: str = "") -> Text:
    """Text from outside, safe to print."""
    return Text(clean(text), style=style)


def status(word: str) -> Text:
    return Text(word, style=_STYLES.get(word, ""))


def analysis(job: JobView, name: str = "Analysis") -> ConsoleRenderable:
    """The whole of a job: label, what it lacks, summary, items with evidence, cost and times.

    `name` is its headline where the meeting has no title.
    """
    return Group(*_head(job, name), *_result(job), *_foot(job))


def seats(job: JobView) -> Table:
    """One row a seat, with how it stands."""
    table = _table("Seat", "Model", "Stands", "Time", "Cost")
    for seat in job.seats:
        table.add_row(str(seat.seat), _model(seat), _seat_status(seat), _seconds(seat.latency_s), _cost(seat))
    return table


def jobs(page: JobPage) -> ConsoleRenderable:
    """A page of the list of jobs."""
    if not page.data:
        return Text("There are no jobs that fit.")
    table = _table("Job", "Status", "Created", "Spent", "Reference")
    for job in page.data:
        table.add_row(
            job.id,
            status(job.status),
            job.created_at[:19].replace("T", " "),
            wording.dollars(job.cost.spent_usd),
            said(job.reference or (f"replay of {job.replay_of}" if job.replay_of else "")),
        )
    more = [Text(f"More: --cursor {page.next_cursor}", style="dim")] if page.next_cursor else []
    return Group(table, *more)


def problem(refusal: Problem) -> ConsoleRenderable:
    """A refusal: what is wrong, where, and the id under which the log has more."""
    lines = [said(str(refusal))]
    lines += [said(f"  {pointer or '(whole body)'}: {message}") for pointer, message in refusal.errors]
    line, bound = refusal.document.get("line"), refusal.document.get("bound_usd")
    lines += [Text(f"  line {line}")] if isinstance(line, int) else []
    lines += [said(f"  the plan may cost up to {wording.dollars(bound)}")] if isinstance(bound, str) else []
    begins = refusal.document.get("resets_at")
    lines += [said(f"  the budget begins anew at {begins}")] if isinstance(begins, str) else []
    lines += [said(f"  request {refusal.request_id}", "dim")] if refusal.request_id else []
    return Group(*lines)


class Watch:
    """Shows a job as it moves: a live table in a terminal, otherwise one plain line for each change of a seat."""

    def __init__(self, out: Console, clock: Callable[[], float] = time.monotonic) -> None:
        self._out = out
        self._clock = clock
        self._seen: tuple[JobView, str, str] | None = None
        self._since_s = 0.0
        self._shown: set[tuple[str, str]] = set()
        # Where the cursor cannot move, a table that moves would show nothing.
        moves = out.is_terminal and not out.is_dumb_terminal
        self._live = Live(console=out, get_renderable=self._picture, transient=True) if moves else None

    def __enter__(self) -> "Watch":
        return self

    def __exit__(self, *_: object) -> None:
        self.pause()

    def pause(self) -> None:
        """Take the live table away, so that something lasting can be printed; `see` brings it back."""
        if self._live:
            self._live.stop()

    def see(self, job: JobView, name: str = "", found: str = "") -> None:
        """Show this version of the job; `name` tells it from others, `found` is what there is to say of its items."""
        if self._seen is None or self._seen[0].id != job.id:
            self._since_s = self._clock()
        self._seen = job, name, found
        if self._live:
            self._live.start()
            self._live.refresh()
            return
        for line in (*progress_lines(job), *filter(None, (found,))):
            if (job.id, line) not in self._shown:
                self._shown.add((job.id, line))
                self._out.print(said(f"{name}: {line}" if name else line), soft_wrap=True)

    def _picture(self) -> ConsoleRenderable:
        """Made anew several times a second, so that a reader sees the time pass."""
        if self._seen is None:
            return Text()
        job, name, found = self._seen
        passed = f"{self._clock() - self._since_s:.0f} s"
        state = ", ".join(filter(None, (wording.STATUS_WORDS[job.status], passed, found)))
        return Group(said(f"{name or job.id}: {state}"), seats(job))


def progress_lines(job: JobView) -> Iterator[str]:
    """What there is to say about a job on its way, a line each; a line that was said before stays the same."""
    until = f", not before {job.not_before}" if job.not_before and job.status == "queued" else ""
    state = f"job: {wording.STATUS_WORDS[job.status]}{until}"
    if job.status not in TERMINAL:
        yield state
    for seat in job.seats:
        if seat.status == "running":
            part = f", part {seat.parts_answered + 1} of {seat.parts}" if seat.parts > 1 else ""
            yield clean(f"seat {seat.seat}: asking {seat.served or seat.asked}, attempt {seat.attempts}{part}")
        elif seat.status in ("answered", "failed"):
            took = f" in {wording.duration(seat.latency_s)}" if seat.latency_s is not None else ""
            why = f" ({seat.reason})" if seat.reason else ""
            yield clean(f"seat {seat.seat}: {seat.served or seat.asked} {seat.status}{took}{why}")
    if job.status in TERMINAL:
        yield state


def _head(job: JobView, name: str) -> Iterator[ConsoleRenderable]:
    yield said(job.context.title or name, "bold")
    yield Text.assemble(
        "Label: ", said(job.label or wording.STATUS_WORDS[job.status], "yellow" if job.degraded else "")
    )
    for lost in job.degradations:
        seat = "" if lost.seat is None else f"seat {lost.seat}: "
        yield said(f"  less than asked for: {seat}{lost.detail}", "yellow")
    if job.redaction is not None:
        yield said(f"  {wording.hidden(job.redaction)}")
    if job.error is not None:
        yield said(f"{job.error.get('title') or 'Failed'}: {job.error.get('detail') or 'no more is known'}", "red")


def _result(job: JobView) -> Iterator[ConsoleRenderable]:
    if job.result is None:
        return
    yield _title("Summary")
    yield _indented(said(job.result.summary.text))
    for bullet in job.result.summary.bullets:
        yield _listed("-", said(bullet))
    answered = sum(seat.status == "answered" for seat in job.seats)
    for kind, title in wording.KIND_TITLES.items():
        yield from items(kind, title, job.result.of(kind), answered)
    if job.result.possibly_missed:
        yield _title(f"Possibly missed ({len(job.result.possibly_missed)})")
        for one in job.result.possibly_missed:
            yield _listed("-", said(f"“{one.quote}” ({one.cue}; {', '.join(one.utterances)})"))


def items(kind: Kind, title: str, found: Sequence[Item], answered: int) -> Iterator[ConsoleRenderable]:
    """The items of one kind with their evidence, of so many seats that answered."""
    yield _title(f"{title} ({len(found)})")
    for number, item in enumerate(found, start=1):
        yield _listed(f"{number}.", said(item.text, "bold"))
        if kind == "action_items":
            yield _indented(_owner_and_due(item), 5)
        for proof in item.evidence:
            yield _indented(_quote(proof), 5)
        doubt = "" if item.verified else "; NOT VERIFIED: the model pointed here, and was not borne out"
        yield Padding(
            Text(f"{wording.backing(item, answered)}, confidence {item.confidence:.0%}{doubt}", "dim"), (0, 5)
        )


def _owner_and_due(item: Item) -> Text:
    owner = said(item.owner.name) if item.owner else Text("nobody named", "dim")
    due = said(wording.due(item.due)) if item.due else Text("no date said", "dim")
    return Text.assemble("Owner: ", owner, "   Due: ", due)


def _quote(proof: Evidence) -> Text:
    when = f"[{wording.clock(proof.start_s)}] " if proof.start_s is not None else ""
    return Text.assemble(when, said(f"“{proof.quote}”", "italic"))


def _foot(job: JobView) -> Iterator[ConsoleRenderable]:
    yield _title("How it was made")
    yield _indented(seats(job))
    yield _indented(said(f"Strategy: {job.strategy.ran or job.strategy.asked}. {job.strategy.reason}"))
    if job.result is not None:
        yield _indented(Text(f"Quality by checks: {100 * job.result.quality.score:.0f} of 100"))
    spent, bound = wording.dollars(job.cost.spent_usd), wording.dollars(job.cost.bound_usd)
    yield _indented(Text(f"Cost: {spent} (the plan could not have passed {bound})"))
    yield _indented(Text(f"Time: {times(job)}"))
    if job.not_before:
        yield _indented(Text(f"Not before: {job.not_before}"))


def times(job: JobView) -> str:
    """How long the job stood in the queue, how long its slowest seat took, and all of it; from its moment on, if it was
    handed in for one.
    """
    begun = max(datetime.fromisoformat(at) for at in (job.created_at, job.not_before) if at)
    slowest_s = max((seat.latency_s for seat in job.seats if seat.latency_s is not None), default=None)
    parts = {
        "queued": _between(begun, job.started_at),
        "slowest seat": slowest_s,
        "from request to result": _between(begun, job.finished_at),
    }
    return ", ".join(f"{name} {wording.duration(took)}" for name, took in parts.items() if took is not None)


def _between(start: datetime, end: str | None) -> float | None:
    return None if end is None else max(0.0, (datetime.fromisoformat(end) - start).total_seconds())


def _title(text: str) -> Padding:
    return Padding(Text(text, style="bold cyan"), (1, 0, 0, 0), expand=False)


def _indented(what: ConsoleRenderable, left: int = 2) -> Padding:
    return Padding(what, (0, 0, 0, left), expand=False)


def _listed(mark: str, text: Text) -> Padding:
    """A mark and a text whose further lines stand under its first."""
    row = Table.grid(padding=(0, 1))
    row.add_row(mark, text)
    return _indented(row)


def _table(*columns: str) -> Table:
    table = Table(box=box.SIMPLE_HEAD, pad_edge=False, header_style="dim")
    for column in columns:
        table.add_column(column, no_wrap=column in _WHOLE, overflow="fold")
    return table


def _model(seat: SeatView) -> Text:
    if seat.served and seat.served != seat.asked:
        return said(f"{seat.served} (instead of {seat.asked})")
    return said(seat.asked)


def _seat_status(seat: SeatView) -> Text:
    failovers = f", {wording.count(seat.failovers, 'failover')}" if seat.failovers else ""
    reason = f": {seat.reason}" if seat.reason else ""
    parts = f", {seat.parts_answered} of {seat.parts} parts" if seat.parts > 1 else ""
    return said(f"{seat.status}{parts}{failovers}{reason}", _STYLES.get(seat.status, ""))


def _seconds(latency_s: float | None) -> str:
    return "" if latency_s is None else wording.duration(latency_s)


def _cost(seat: SeatView) -> str:
    return wording.dollars(seat.cost_usd)
