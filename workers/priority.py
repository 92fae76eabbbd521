"""Which processes go first where the cores are what is short."""

import os
from contextlib import suppress
from pathlib import Path
from typing import Final

AUTOGROUP: Final = Path("/proc/self/autogroup")


def step_back(niceness: int) -> None:
    """Let the other processes of this machine go before this one, by so much (0 to 19, as `nice` has it).

    Linux shares cores among sessions first where it groups them by itself (sched(7), "The autogroup feature"); then a
    process that leads a session of its own moves that as well, and one that shares a terminal's leaves it alone.
    """
    os.nice(niceness)
    if niceness and AUTOGROUP.exists() and os.getsid(0) == os.getpid():
        with suppress(OSError):  # some kernels show the file and take nothing
            AUTOGROUP.write_text(str(niceness))
