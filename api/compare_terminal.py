"""What people see of a job under several strategies: rich renderables. Pure.

Whatever a model or a speaker said passes through `terminal.said`.
"""

from collections.abc import Callable, Iterator, Sequence
from statistics import fmean
from typing import Final, TypeAlias

from rich import box
from rich.console import ConsoleRenderable, Group
from rich.padding import Padding
from rich.table import Table
from rich.text import Text

from api import wording
from api.comparing import Comparison, Figures, Replayed
from api.terminal import said
from orchestrator.analysis.differences import Both, Differences, Only
from orchestrator.analysis.items import Item, Kind

_SINGULAR: Final[dict[Kind, str]] = {
    "action_items": "action item",
    "decisions": "decision",
    "questions": "open question",
    "risks": "risk",
    "topics": "topic",
}
# The components of the quality by which strategies differ; the others tell of the seats.
_SHARES: Final = {
    "evidence": "Evidence",
    "agreement": "Agreement",
    "coverage": "Coverage",
    "duplicates": "Not repeated",
}

_Row: TypeAlias = tuple[str, Callable[[Figures], float | None], str]


def comparison(found: Comparison) -> ConsoleRenderable:
    """The figures side by side, what each replay is, and the items in which it differs from the job's own result."""
    return Group(
        said(found.own.job, "bold"),
        _figures(found),
        *_legend(found),
        *(part for replay in found.replays for part in _differences(replay, found.own)),
    )


def means(found: Sequence[Comparison]) -> ConsoleRenderable:
    """The means over several jobs; each strategy's over those that have a result under it."""
    columns = [("the jobs", [one.own for one in found])]
    for strategy in dict.fromkeys(replay.strategy for one in found for replay in one.replays):
        ran = [replay.figures for one in found for replay in one.replays if replay.strategy == strategy]
        columns.append((strategy, [figures for figures in ran if figures is not None]))
    table = _table("", *(name for name, _ in columns))
    table.add_row("Jobs", *(str(sum(figures.quality is not None for figures in some)) for _, some in columns))
    for title, tell, form in _ROWS:
        table.add_row(title, *(_mean(some, tell, form) for _, some in columns))
    return Group(said(f"Means over {wording.count(len(found), 'job')}", "bold"), table)


def _figures(found: Comparison) -> Table:
    columns = [found.own, *(replay.figures for replay in found.replays)]
    table = _table("", "the job", *(replay.strategy for replay in found.replays))
    for title, tell, form in _ROWS:
        table.add_row(title, *(_mean([figures] if figures else [], tell, form) for figures in columns))
    table.add_row("Cost", *("" if figures is None else wording.dollars(figures.cost_usd) for figures in columns))
    return table


def _count(kind: Kind) -> Callable[[Figures], float | None]:
    return lambda figures: figures.items.get(kind)


def _share(name: str) -> Callable[[Figures], float | None]:
    """None where there is no result, or one of a release that did not know the component."""
    return lambda figures: None if figures.quality is None else figures.quality.components.get(name)


def _quality(figures: Figures) -> float | None:
    return None if figures.quality is None else 100 * figures.quality.score


_ROWS: Final[tuple[_Row, ...]] = (
    *((title, _count(kind), "{:.3g}") for kind, title in wording.KIND_TITLES.items()),
    *((title, _share(name), "{:.0%}") for name, title in _SHARES.items()),
    ("Quality", _quality, "{:.0f}"),
)


def _mean(some: Sequence[Figures], tell: Callable[[Figures], float | None], form: str) -> str:
    known = [value for figures in some if (value := tell(figures)) is not None]
    return form.format(fmean(known)) if known else ""


def _legend(found: Comparison) -> Iterator[ConsoleRenderable]:
    yield _named("the job", found.own.label or wording.STATUS_WORDS[found.own.status])
    for replay in found.replays:
        if replay.figures is None:
            yield _named(replay.strategy, f"not possible: {_detail(replay)}", "yellow")
        elif replay.problem is not None:
            yield _named(replay.strategy, f"{replay.figures.status}: {_detail(replay)} ({replay.figures.job})", "red")
        else:
            yield _named(replay.strategy, f"{replay.figures.label} ({replay.figures.job})")


def _detail(replay: Replayed) -> str:
    return str((replay.problem or {}).get("detail") or "no more is known")


def _named(name: str, words: str, style: str = "") -> Text:
    return Text.assemble(said(f"{name}:", "dim"), " ", said(words, style))


def _differences(replay: Replayed, own: Figures) -> Iterator[ConsoleRenderable]:
    found = replay.differences
    if found is None:
        return
    yield Padding(said(f"{replay.strategy}, beside the job's own {own.strategy}", "bold cyan"), (1, 0, 0, 0))
    if replay.identical:
        yield _listed("=", said("the same result, byte for byte"))
    elif not (found.gone or found.new or found.changed):
        yield _listed("=", said(f"the same {wording.count(len(found.same), 'item')}; proof and figures differ"))
    else:
        yield from _lines(found)
        yield _listed("=", said(f"{wording.count(len(found.same), 'item')} alike", "dim"))


def _lines(found: Differences) -> Iterator[ConsoleRenderable]:
    for kind in wording.KIND_TITLES:
        yield from (_only("-", one, "red") for one in found.gone if one.kind == kind)
        yield from (_only("+", one, "green") for one in found.new if one.kind == kind)
        for both in found.changed:
            if both.kind == kind:
                yield from _changed(both)


def _only(mark: str, one: Only, style: str) -> ConsoleRenderable:
    about = _about(one.item) if one.kind == "action_items" else ""
    return _listed(mark, said(f"{_SINGULAR[one.kind]}: {one.item.text}{about}", style))


def _changed(both: Both) -> Iterator[ConsoleRenderable]:
    yield _listed("~", said(f"{_SINGULAR[both.kind]}: {both.before.text}", "yellow"))
    for part in both.parts:
        before, after = (_part(part, item) for item in (both.before, both.after))
        yield _listed(" ", said(f"now: {after}" if part == "text" else f"{part}: {before}, now {after}", "yellow"))


def _part(part: str, item: Item) -> str:
    match part:
        case "owner":
            return item.owner.name if item.owner else "nobody named"
        case "due":
            return wording.due(item.due) if item.due else "no date said"
    return item.text


def _about(item: Item) -> str:
    return f" ({_part('owner', item)}; {_part('due', item)})"


def _listed(mark: str, text: Text) -> ConsoleRenderable:
    """A mark and a text whose further lines stand under its first."""
    row = Table.grid(padding=(0, 1))
    row.add_row(f"  {mark}", text)
    return row


def _table(*columns: str) -> Table:
    table = Table(box=box.SIMPLE_HEAD, pad_edge=False, header_style="dim")
    for place, column in enumerate(columns):
        table.add_column(column, justify="right" if place else "left", overflow="fold")
    return table
