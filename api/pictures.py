"""The geometry of the report's two pictures: which seats agree on which item, and when each call ran. Pure."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Final, Literal, TypeAlias

from orchestrator.analysis.items import KINDS, Analysis, Item, Kind
from providers.calls import Value

BarTone: TypeAlias = Literal["waiting", "good", "bad", "unsure", "own"]

CELL_PX: Final = 18
COLUMNS_PER_BLOCK: Final = 16  # 16 cells and their row labels still fit a telephone that is 390 px wide
ROW_LABEL_PX: Final = 24
BAR_UNITS: Final = 1000  # width of the drawing that every bar of the waterfall shares
MIN_BAR_UNITS: Final = 4  # a call of no length is still seen


class Cell(Value):
    """One seat's vote on one item, at its place in the block."""

    x: int
    y: int
    named: bool


class Column(Value):
    """One item: its tooltip and a cell for each seat."""

    title: str
    cells: tuple[Cell, ...]


class RowLabel(Value):
    text: str
    y: int


class Block(Value):
    """The items of one kind, at most `COLUMNS_PER_BLOCK` of them, over the seats."""

    title: str
    alt: str
    width_px: int
    height_px: int
    rows: tuple[RowLabel, ...]
    columns: tuple[Column, ...]


class Bar(Value):
    """One stage on the time line. `x` and `width` count in `BAR_UNITS`."""

    label: str
    detail: str
    tone: BarTone
    state: str
    x: int
    width: int
    start_s: float
    length_s: float


class Stage(Value):
    """What a bar is drawn from; `ended_at` None means that it still runs."""

    label: str
    detail: str
    state: str
    tone: BarTone
    started_at: datetime
    ended_at: datetime | None


def agreement(analysis: Analysis, seats: Sequence[int], titles: Mapping[Kind, str]) -> tuple[Block, ...]:
    """Draw, for each kind that has items, a grid of items x seats; a full cell means that the seat named the item.

    The kinds stand in the order of `titles`.
    """
    return tuple(
        _block(title, place, analysis.of(kind)[place : place + COLUMNS_PER_BLOCK], seats)
        for kind, title in titles.items()
        for place in range(0, len(analysis.of(kind)), COLUMNS_PER_BLOCK)
    )


def shared_items(analysis: Analysis) -> tuple[int, int]:
    """How many items more than one seat named, and how many items there are."""
    items = [item for kind in KINDS for item in analysis.of(kind)]
    return sum(len(item.seats) > 1 for item in items), len(items)


def waterfall(stages: Sequence[Stage], begin: datetime, end: datetime) -> tuple[Bar, ...]:
    """Lay the stages on one time line from `begin` to `end`, earliest first."""
    whole_s = max((end - begin).total_seconds(), 0.001)
    return tuple(_bar(stage, begin, end, whole_s) for stage in sorted(stages, key=lambda stage: stage.started_at))


def _block(title: str, first: int, items: Sequence[Item], seats: Sequence[int]) -> Block:
    named = sum(len(set(item.seats) & set(seats)) for item in items)
    return Block(
        title=title if first == 0 else f"{title}, from {first + 1}",
        alt=f"{title}: {len(items)} items, {len(seats)} seats; {named} of {len(items) * len(seats)} cells are full.",
        width_px=ROW_LABEL_PX + CELL_PX * len(items),
        height_px=CELL_PX * len(seats),
        rows=tuple(RowLabel(text=str(seat), y=CELL_PX * row + CELL_PX - 5) for row, seat in enumerate(seats)),
        columns=tuple(_column(first + n, n, item, seats) for n, item in enumerate(items)),
    )


def _column(number: int, column: int, item: Item, seats: Sequence[int]) -> Column:
    x = ROW_LABEL_PX + CELL_PX * column
    return Column(
        title=f"{number + 1}. {item.text}",
        cells=tuple(Cell(x=x, y=CELL_PX * row, named=seat in item.seats) for row, seat in enumerate(seats)),
    )


def _bar(stage: Stage, begin: datetime, end: datetime, whole_s: float) -> Bar:
    start_s = _within((stage.started_at - begin).total_seconds(), whole_s)
    stop_s = _within(((stage.ended_at or end) - begin).total_seconds(), whole_s)
    width = max(MIN_BAR_UNITS, round(BAR_UNITS * max(0.0, stop_s - start_s) / whole_s))
    return Bar(
        label=stage.label,
        detail=stage.detail,
        tone=stage.tone,
        state=stage.state,
        x=min(BAR_UNITS - width, round(BAR_UNITS * start_s / whole_s)),
        width=width,
        start_s=start_s,
        length_s=max(0.0, stop_s - start_s),
    )


def _within(seconds: float, whole_s: float) -> float:
    return min(max(seconds, 0.0), whole_s)
