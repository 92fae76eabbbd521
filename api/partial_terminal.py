"""What a job's seats have found so far, as people see it in a terminal. Pure."""

from collections.abc import Iterator
from typing import Final

from rich.console import ConsoleRenderable, Group
from rich.text import Text

from api import terminal, wording
from api.partial_schemas import PartialView
from orchestrator.analysis.items import Item, Kind

_NOUNS: Final[dict[Kind, str]] = {
    "decisions": "decision",
    "action_items": "action item",
    "questions": "open question",
    "risks": "risk",
    "topics": "topic",
}


def partial(view: PartialView) -> ConsoleRenderable:
    """All items by kind, under a head that says that nothing is decided."""
    return Group(*_lines(view))


def counts(view: PartialView) -> str:
    """In one line: `3 decisions, 5 action items so far`; "" if there is nothing."""
    found = [wording.count(len(_of(view, kind)), noun) for kind, noun in _NOUNS.items() if _of(view, kind)]
    return f"{', '.join(found)} so far" if found else ""


def _lines(view: PartialView) -> Iterator[ConsoleRenderable]:
    state = f"{wording.STATUS_WORDS[view.status]}, {100 * view.progress:.0f} % done"
    yield Text.assemble(f"{view.job_id}: ", Text(state, style="bold"))
    yield terminal.said(f"Label: {view.label}", "yellow")
    for kind, title in wording.KIND_TITLES.items():
        if _of(view, kind):
            yield from terminal.items(kind, title, _of(view, kind), view.seats_answered)


def _of(view: PartialView, kind: Kind) -> tuple[Item, ...]:
    found: tuple[Item, ...] = getattr(view, kind)
    return found
