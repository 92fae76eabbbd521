"""The page of costs: groups with their bars, days as a plot, and the way from the reference's price to what was paid.

Self-contained; see `pages.py` for what a page may hold.
"""

from collections.abc import Sequence
from decimal import Decimal
from typing import Final, Literal, TypeAlias

from api import cost_lines, pages, wording
from api.cost_lines import Line, Step
from api.money_schemas import CostsView
from providers.calls import Value

UNITS: Final = 1000  # the width of every drawing, which the page stretches to its own
MIN_UNITS: Final = 3  # what is not nothing is seen
GRIDLINES: Final = (0, 250, 500, 750)

Tone: TypeAlias = Literal["good", "bad", "own"]


class Row(Line):
    """A line with the width of its bar."""

    width: int


class Column(Value):
    """One day of the plot; `y` counts down from the top."""

    title: str
    x: int
    y: int
    width: int
    height: int


class Section(Value):
    """The costs by one kind of group. `columns` is empty where they are not days."""

    anchor: str
    title: str
    head: str
    summary: str
    lines: tuple[Row, ...]
    columns: tuple[Column, ...]
    most_usd: str


class StepRow(Value):
    label: str
    amount: str
    tone: Tone
    x: int
    width: int


def render(views: Sequence[CostsView]) -> str:
    """Write the page.

    Args:
        views: of the same days, each grouped in its own way; at least one.
    """
    first = views[0]
    return pages.template("costs.html.j2").render(
        w=wording,
        first=first.first,
        last=first.last,
        total_usd=first.total_usd,
        calls=sum(row.calls for row in first.data),
        sections=tuple(_section(view) for view in views),
        savings=first.savings,
        claim=cost_lines.claim(first.savings),
        steps=tuple(_step(step) for step in cost_lines.steps(first.savings)),
        units=UNITS,
        gridlines=GRIDLINES,
    )


def _section(view: CostsView) -> Section:
    lines = cost_lines.lines(view)
    return Section(
        anchor=f"by-{view.group_by}",
        title=f"By {view.group_by}",
        head=cost_lines.HEADS[view.group_by],
        summary=cost_lines.summary(view),
        lines=tuple(Row(**dict(line), width=_units(line.share)) for line in lines),
        columns=_columns(lines) if view.group_by == "day" else (),
        most_usd=max((line.cost_usd for line in lines), key=Decimal, default="0.000000"),
    )


def _columns(lines: Sequence[Line]) -> tuple[Column, ...]:
    """As wide as the days are many, with a tenth of each left free between them."""
    days = max(1, len(lines))
    edges = [round(UNITS * place / days) for place in range(days + 1)]
    return tuple(
        Column(
            title=f"{line.label}: {wording.dollars(line.cost_usd)}",
            x=begin,
            y=UNITS - _units(line.share),
            width=max(1, end - begin - (end - begin) // 10),
            height=_units(line.share),
        )
        for line, begin, end in zip(lines, edges, edges[1:], strict=False)
    )


def _step(step: Step) -> StepRow:
    x, end = round(UNITS * step.begin), round(UNITS * step.end)
    width = max(MIN_UNITS, end - x)
    tone: Tone = "own" if step.whole else "good" if step.saves else "bad"
    amount = wording.dollars(step.amount_usd) if step.whole else cost_lines.taken_off(step.amount_usd)
    return StepRow(label=step.label, amount=amount, tone=tone, x=min(x, UNITS - width), width=width)


def _units(share: float) -> int:
    return max(MIN_UNITS, round(UNITS * share)) if share > 0 else 0
