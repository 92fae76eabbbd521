"""The port that the API of an embedded stack listens on."""

import fcntl
import os
import socket
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Final

from workers.errors import PortTaken

HOST: Final = "127.0.0.1"
USUAL_PORT: Final = 8787


@contextmanager
def chosen(asked: int | None) -> Iterator[int]:
    """The port asked for; else the usual one, if no other stack has it or is about to; else any that is free.

    The API takes its port seconds after it was found free. A lock keeps two stacks that start together apart.

    Raises:
        PortTaken: the one asked for is in use.
    """
    if asked is not None:
        if not _is_free(asked):
            raise PortTaken(asked)
        yield asked
        return
    record = Path(tempfile.gettempdir()) / f"meetingmind-{os.geteuid()}-port-{USUAL_PORT}"
    lock = os.open(record, os.O_RDWR | os.O_CREAT | os.O_NOFOLLOW | os.O_CLOEXEC, 0o600)
    try:
        yield USUAL_PORT if _lock(lock) and _is_free(USUAL_PORT) else _any_free()
    finally:
        os.close(lock)


def _lock(descriptor: int) -> bool:
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        return False
    return True


def _is_free(port: int) -> bool:
    with socket.socket() as trial:
        # As the server itself does: connections of a predecessor that are still fading do not count.
        trial.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            trial.bind((HOST, port))
        except OSError:
            return False
        return True


def _any_free() -> int:
    with socket.socket() as trial:
        trial.bind((HOST, 0))
        port: int = trial.getsockname()[1]
        return port
