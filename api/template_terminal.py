"""What people see of templates in a terminal: rich renderables. Pure."""

from rich import box
from rich.console import ConsoleRenderable, Group
from rich.table import Table

from api.template_schemas import PreviewView, TemplatesView, TemplateView
from api.terminal import said


def templates(view: TemplatesView) -> ConsoleRenderable:
    """One row a type: whose text is in force, and its first line."""
    table = Table(box=box.SIMPLE_HEAD, pad_edge=False, header_style="dim")
    for name in ("Type", "Whose", "Version", "Looks for"):
        table.add_column(name, overflow="fold")
    for one in view.data:
        first = one.instruction.partition("\n")[0]
        table.add_row(said(one.meeting_type), said(_whose(one)), said(one.version), said(first))
    return table


def template(view: TemplateView) -> ConsoleRenderable:
    """One with its whole text."""
    head = said(f"{view.meeting_type}: {_whose(view)}, {view.version}", "bold")
    return Group(head, *(said(line) for line in view.instruction.splitlines()))


def preview(view: PreviewView) -> ConsoleRenderable:
    """The messages one below the other, and about how long they are."""
    shown: list[ConsoleRenderable] = []
    for message in view.messages:
        shown += [said(f"--- {message.role}", "dim"), *(said(line) for line in message.text.splitlines())]
    return Group(*shown, said(f"--- {view.version}, about {view.prompt_tokens:,} tokens", "dim"))


def _whose(view: TemplateView) -> str:
    if view.ours:
        return "ours"
    return "yours" if view.applies_to == view.meeting_type else f"yours for {view.applies_to}"
