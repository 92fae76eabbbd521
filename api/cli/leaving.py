"""What becomes of jobs whose command is stopped: they go on, and it is said how to come back to them.

In a stack that was started for the command nobody would go on with them until it is started anew, and then they would
be paid unawares. There they are canceled.
"""

import shlex
from collections.abc import Iterator
from functools import partial

from api.cli import work
from api.cli.exits import tell
from api.cli.options import Where
from api.cli.servers import Link


def leave(link: Link, where: Where) -> work.Leave:
    return work.canceling(link.client) if link.own else partial(_say_how_to_go_on, where)


def _say_how_to_go_on(where: Where, left: work.Left) -> None:
    for sentence in sentences(where, left):
        tell(sentence)


def sentences(where: Where, left: work.Left) -> Iterator[str]:
    """How to come back to what is left, a line each."""
    there = _there(where)
    for path, job_id in left.jobs:
        yield f"{job_id} ({path.name}) goes on. Its result: meetingmind show --wait {job_id}{there}"
    if left.jobs:
        yield f"To stop it instead: meetingmind cancel {left.jobs[0][1] if len(left.jobs) == 1 else 'ID'}{there}"
    if left.unsure is not None:
        yield f"{left.unsure.name} was just being handed in; whether it was: meetingmind jobs{there}"
    if left.unsent:
        yield f"Not handed in: {', '.join(path.name for path in left.unsent)}"


def _there(where: Where) -> str:
    """The options that name the service, as they were typed; a key stays with whoever typed it."""
    url = f" --url {shlex.quote(where.url)} --key ..." if where.url else ""
    return url + (f" --data-dir {shlex.quote(str(where.data_dir))}" if where.data_dir else "")
