"""Named places at which a run of faults may end the process, so that what a crash leaves behind is seen and not
imagined.

Off unless a composition root arms them (`MEETINGMIND_FAILPOINTS` names a folder): a place then dies, once, if a file of
its name lies in that folder; the file is taken away first, so that of many processes one dies and its successor lives
on.
"""

import os
import signal
from pathlib import Path
from typing import Final, Literal, TypeAlias

Place: TypeAlias = Literal[
    "attempt.before_intended",  # the seat is claimed, in a transaction that has not been committed
    "attempt.intended",  # the intention is committed, nothing is held
    "attempt.held",  # gate and budgets have let the call in
    "attempt.sent",  # the departure is committed, no byte has left
    "attempt.answered",  # the answer is here, nothing of it is committed
    "attempt.booked",  # it is committed, the hold stands
]

_folder: list[Path] = []
KILL: Final = signal.SIGKILL  # no clean-up of any kind runs


def arm(folder: Path) -> None:
    """Let places of this process die from now on, as files in the folder say."""
    _folder[:] = [folder]


def reach(place: Place) -> None:
    """Die here if that is wanted. Costs one look at an empty list otherwise."""
    if not _folder:
        return
    try:
        (_folder[0] / place).unlink()
    except FileNotFoundError:
        return
    os.kill(os.getpid(), KILL)
