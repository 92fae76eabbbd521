"""What the command `replay` does: one job anew over its stored answers, waited for and shown."""

import sys
from dataclasses import dataclass
from pathlib import Path

from api.cli import work
from api.cli.errands import give_up, print_end
from api.cli.exits import FAILED, USAGE, Told
from api.cli.options import Where
from api.cli.servers import connected
from api.client import Trouble
from api.comparing import PATIENCE_S


@dataclass(frozen=True)
class Replay:
    """What was typed; None where it is silent. The service judges it."""

    strategy: str
    seats: str | None = None
    quorum: int | None = None
    allow_calls: bool = False
    max_cost_usd: str | None = None


def run(job_id: str, wish: Replay, where: Where, *, as_json: bool) -> None:
    """Print the end of the replay. Ends with 1 if it was refused or has failed."""
    seats = None if wish.seats is None else _numbers(wish.seats)
    with connected(where, start=False) as link:
        try:
            made = link.client.replay(
                job_id,
                wish.strategy,
                seats=seats,
                quorum=wish.quorum,
                allow_calls=wish.allow_calls,
                max_cost_usd=wish.max_cost_usd,
            )
            ended = work.Ended(Path(), link.client.wait(made.id, PATIENCE_S))
        except Trouble as trouble:
            give_up(trouble)
    print_end(ended, as_json=as_json)
    if not ended.succeeded:
        sys.exit(FAILED)


def _numbers(typed: str) -> list[int]:
    """Raises Told: they are no numbers of seats; a usage error."""
    parts = [part.strip() for part in typed.split(",")]
    if not all(part.isascii() and part.isdecimal() for part in parts):
        raise Told(f"{typed!r} names no seats; write their numbers with commas, such as 0,2.", code=USAGE)
    return [int(part) for part in parts]
