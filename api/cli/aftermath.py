"""What the commands `erase` and `feedback` do."""

import sys
from typing import Final, NamedTuple, get_args

import typer

from api import aftermath_terminal, terminal
from api.cli.errands import give_up, print_line
from api.cli.exits import USAGE, Told
from api.cli.options import Where
from api.cli.servers import connected
from api.cli.work import as_line
from api.client import Trouble
from orchestrator.analysis.items import Verdict

_VERDICTS: Final[tuple[Verdict, ...]] = get_args(Verdict)


class Said(NamedTuple):
    """What was typed."""

    job_id: str
    verdict: str
    item_id: str | None
    text: str | None
    score: float | None


def erase(job_id: str, where: Where, *, sure: bool, as_json: bool) -> None:
    """Erase a job once the user is sure of it, and print what was done."""
    if not sure:
        _make_sure(job_id)
    with connected(where, start=False) as link:
        try:
            view = link.client.erase(job_id)
        except Trouble as trouble:
            give_up(trouble)
    if as_json:
        print_line(as_line(view))
    else:
        terminal.console(sys.stdout).print(aftermath_terminal.erasure(view))


def feedback(said: Said, where: Where, *, as_json: bool) -> None:
    """Hand in what somebody says of a result."""
    verdict = _verdict(said.verdict)
    with connected(where, start=False) as link:
        try:
            view = link.client.feedback(said.job_id, verdict, item_id=said.item_id, text=said.text, score=said.score)
        except Trouble as trouble:
            give_up(trouble)
    if as_json:
        print_line(as_line(view))
    else:
        terminal.console(sys.stdout).print(aftermath_terminal.feedback(view))


def _make_sure(job_id: str) -> None:
    """Raises Told: the user is not, or there is nobody to ask."""
    if not sys.stdin.isatty():
        raise Told(f"Erasing {job_id} cannot be undone. Add --yes if that is what you want.", code=USAGE)
    if not typer.confirm(f"Erase everything that was said in {job_id}? This cannot be undone.", err=True):
        raise Told("Nothing was erased.")


def _verdict(word: str) -> Verdict:
    found = next((verdict for verdict in _VERDICTS if verdict == word), None)
    if found is None:
        raise Told(f"There is no verdict {word!r}; there are {', '.join(_VERDICTS)}.", code=USAGE)
    return found
