"""`demo`: the whole way of a meeting, from file to report page, for someone who sees it for the first time."""

import sys
import time
from collections.abc import Sequence
from contextlib import ExitStack, closing
from pathlib import Path
from typing import Final

from api import terminal, wording
from api.cli import errands, inputs, leaving, work
from api.cli.exits import FAILED, tell
from api.cli.options import Where, Wishes
from api.cli.servers import Link, connected
from api.schemas import JobView
from orchestrator.settings import load_catalog, provider_keys

SAMPLE: Final = Path(__file__).parents[1] / "samples" / "ami-es2005a.vtt"
SAMPLE_TITLE: Final = "Kick-off: designing a remote control (AMI ES2005a, CC BY 4.0)"


def run(paths: Sequence[Path], where: Where, *, as_json: bool) -> None:
    """Analyze the files, or the shipped meeting, and show all that came of it."""
    begun_s = time.monotonic()
    files = [inputs.read(path) for path in paths or [SAMPLE]]
    wishes = Wishes(title=None if paths else SAMPLE_TITLE)
    with connected(where, start=True) as link:
        if link.own:
            tell(f"The stack is up after {wording.duration(time.monotonic() - begun_s)}. {_models_in_use()}")
        succeeded = _show_all(link, files, wishes, where, as_json=as_json)
    if not succeeded:
        sys.exit(FAILED)


def _show_all(
    link: Link, files: Sequence[inputs.TranscriptFile], wishes: Wishes, where: Where, *, as_json: bool
) -> bool:
    succeeded = True
    with ExitStack() as stack:
        watch = None if as_json else stack.enter_context(terminal.Watch(terminal.console(sys.stdout)))
        wait = errands.watching(link, watch, several=len(files) > 1) if watch else None
        leave = leaving.leave(link, where)
        for ended in stack.enter_context(closing(work.analyze(link.client, files, wishes, wait=wait, leave=leave))):
            if watch:
                watch.pause()
            errands.print_end(ended, as_json=as_json)
            if isinstance(ended.outcome, JobView):
                page = link.data_dir / "reports" / f"{ended.outcome.id}.html"
                errands.write_report(link.client, ended.outcome, page)
            succeeded = succeeded and ended.succeeded
    return succeeded


def _models_in_use() -> str:
    """One sentence on who will answer, and how to have others."""
    cards = load_catalog()
    keyed = provider_keys(cards)
    if keyed:
        return f"Providers with a key: {', '.join(keyed)}."
    variables = [card.key_variable for card in cards.providers if card.key_variable]
    return (
        "No provider key is set, so the built-in extractive models answer;"
        f" to ask real ones, set {variables[0]} or another provider's key and run this again."
    )
