"""What the command `compare` does: replays of jobs under several strategies, side by side."""

import sys
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Final

from api import compare_terminal, terminal
from api.cli import work
from api.cli.errands import give_up, print_line
from api.cli.exits import FAILED, USAGE, Told
from api.cli.options import Where
from api.cli.servers import connected
from api.client import Client, Problem, Trouble
from api.comparing import Comparison, Replayed, compare

EVERY: Final = "all"


def run(job_ids: Sequence[str], strategies: str, where: Where, *, allow_calls: bool, as_json: bool) -> None:
    """Print each job's comparison, and the means if there are several. Ends with 1 if one could not be made whole."""
    with connected(where, start=False) as link:
        try:
            chosen = _chosen(strategies, link.client.strategies())
        except Trouble as trouble:
            give_up(trouble)
        found: list[Comparison | Problem] = []
        for outcome in _compared(link.client, job_ids, chosen, allow_calls=allow_calls):
            found.append(outcome)
            _print(job_ids[len(found) - 1], outcome, as_json=as_json)
    made = [one for one in found if isinstance(one, Comparison)]
    if len(made) > 1 and not as_json:
        terminal.console(sys.stdout).print(compare_terminal.means(made))
    if len(made) < len(found) or any(_failed(replay, strategies) for one in made for replay in one.replays):
        sys.exit(FAILED)


def _chosen(wanted: str, known: Sequence[str]) -> tuple[str, ...]:
    """The strategies that were named, each once; `all` are those that the service has.

    Raises:
        Told: it has no such strategy, or none was named; a usage error.
    """
    if wanted.strip() == EVERY:
        return tuple(known)
    named = tuple(dict.fromkeys(name.strip() for name in wanted.split(",") if name.strip()))
    unknown = [name for name in named if name not in known]
    if unknown or not named:
        what = f"There is no strategy {unknown[0]!r}" if unknown else "Name a strategy"
        raise Told(f"{what}; there are {', '.join(known)}, and `{EVERY}` for each of them.", code=USAGE)
    return named


def _compared(
    client: Client, job_ids: Sequence[str], strategies: Sequence[str], *, allow_calls: bool
) -> Iterator[Comparison | Problem]:
    for job_id in job_ids:
        try:
            yield compare(client, job_id, strategies, allow_calls=allow_calls)
        except Problem as problem:
            yield problem
        except Trouble as trouble:
            give_up(trouble)


def _print(job_id: str, outcome: Comparison | Problem, *, as_json: bool) -> None:
    if as_json:
        print_line(work.as_line(outcome) if isinstance(outcome, Comparison) else work.Ended(Path(), outcome).line)
    elif isinstance(outcome, Problem):
        terminal.console(sys.stderr).print(terminal.said(f"{job_id}: not compared"), terminal.problem(outcome))
    else:
        terminal.console(sys.stdout).print(compare_terminal.comparison(outcome), "")


def _failed(replay: Replayed, wanted: str) -> bool:
    """A strategy that does not fit a job is a failure only where it was asked for by name."""
    if replay.figures is None:
        return wanted.strip() != EVERY
    return replay.figures.status != "succeeded"
