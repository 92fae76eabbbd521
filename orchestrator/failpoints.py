"""Named places at which a run of faults may strike, so that what a crash leaves behind is seen and not imagined.

Off unless a composition root arms them (`MEETINGMIND_FAILPOINTS` names a folder). A place then looks for a file of its
name there and takes it away, so that of many processes one is struck, once. The file says how:

    kill             the process dies, and no clean-up of any kind runs; an empty file says the same
    freeze           the whole process stops, until somebody sends it SIGCONT
    raise            an exception that nobody expects
    cut HOST:PORT    wait until whoever listens there hangs up; what he cuts meanwhile is his affair
"""

import os
import signal
import socket
from contextlib import suppress
from pathlib import Path
from typing import Final, Literal, TypeAlias

Place: TypeAlias = Literal[
    "api.committed",  # a job is committed, its asks are not published
    "api.published",  # its asks are published, the caller knows nothing
    "api.before_response",  # the answer is made and has not left
    "cancel.committed",  # a cancel is committed, nobody has been told
    "erase.committed",  # an erasure is committed, nobody has been told
    "retry.committed",  # a job is open again, nothing is published
    "requeue.midway",  # some of the jobs that were meant go on, others do not yet
    "replay.committed",  # a replay is stored, its synthesis is not rung
    "batch.begun",  # a batch is committed, no line of it is
    "batch.taken",  # some lines are committed, those after them are not
    "batch.stepped",  # some of its jobs know what their caller wishes, others do not
    "dispatch.released",  # jobs whose moment has come wait for their turn, and none is marked
    "dispatch.marked",  # waiting jobs are marked as let go, and none is published
    "dispatch.published",  # one of them is published, others may not be
    "worker.popped",  # a message was taken from the broker, its task has not begun
    "message.kept",  # a newer message lies in PostgreSQL and is not acknowledged
    "attempt.before_intended",  # the seat is claimed, in a transaction that has not been committed
    "attempt.intended",  # the intention is committed, nothing is held
    "attempt.held",  # gate and budgets have let the call in
    "attempt.sent",  # the departure is committed, no byte has left
    "attempt.answered",  # the answer is here, nothing of it is committed
    "attempt.useless",  # an answer of no use is booked, nothing is decided about its seat
    "attempt.booked",  # it is committed, the hold stands
    "seat.done",  # the seat has ended and its hold is settled, the message is not acknowledged
    "seat.moved",  # its ask stands on the next provider's queue, the old one is not acknowledged
    "chord.rung",  # the synthesis is rung, the last ask is not acknowledged
    "late.closed",  # a panel is closed without its late seats, the synthesis is not rung
    "synthesis.claimed",  # the synthesis is claimed, nothing is made
    "synthesis.asked",  # its question to a lead or judge is committed, the ask is not published
    "synthesis.written",  # result and end are committed, nobody has been told
    "delivery.marked",  # news are marked as announced, in a transaction that has not been committed
    "hook.posted",  # a webhook was sent, what came of it is not written
    "reconcile.found",  # rows that need help have been read, none has been helped
    "reconcile.midway",  # one of them has been helped, others have not
    "counters.raised",  # a new generation of counters is in PostgreSQL's transaction, Redis has the old one
    "migrate.midway",  # a migration has run, in a transaction that has not been committed
]

_folder: list[Path] = []
KILL: Final = signal.SIGKILL
CUT_WITHIN_S: Final = 10.0


class Struck(Exception):
    """What a place raises that was told to."""


def arm(folder: Path | None) -> None:
    """Let places of this process be struck from now on, as files in the folder say; None: none is."""
    _folder[:] = [] if folder is None else [folder]


def reach(place: Place) -> None:
    """Be struck here if that is wanted. Costs one look at an empty list otherwise.

    Raises:
        Struck: it was told to.
    """
    order = _order(_folder[0], place) if _folder else None
    if order is not None:
        _obey(place, order)


def _order(folder: Path, place: str) -> str | None:
    """What the place's file says; the process that takes it away first is the one that is meant."""
    mine = folder / f"{place}.{os.getpid()}"
    try:
        (folder / place).rename(mine)
    except FileNotFoundError:
        return None
    said = mine.read_text("utf-8").strip()
    mine.unlink()
    return said


def _obey(place: str, order: str) -> None:
    match order.split():
        case [] | ["kill"]:
            os.kill(os.getpid(), KILL)
        case ["freeze"]:
            os.kill(os.getpid(), signal.SIGSTOP)
        case ["cut", address]:
            host, _, port = address.rpartition(":")
            with suppress(OSError), socket.create_connection((host, int(port)), timeout=CUT_WITHIN_S) as wire:
                wire.recv(1)
        case _:
            raise Struck(f"{place} was told: {order}")
