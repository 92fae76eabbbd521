"""How a command ends: with a sentence and a code, never with a traceback for anything foreseeable.

0 all is well; 1 a job failed, or something was refused or cannot be reached; 2 the command was wrong (a missing file,
an unknown option); 128 + n the signal n came, so 130 for Ctrl-C.
"""

import errno
import os
import signal
import sys
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from types import FrameType
from typing import Final, NoReturn

FAILED: Final = 1
USAGE: Final = 2
_NO_OUTPUT: Final = frozenset((errno.ENOSPC, errno.EDQUOT, errno.EFBIG, errno.EIO))  # a disk is full, or broken
_SIGNALS: Final = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)


class Told(Exception):
    """Ends the command with a sentence on stderr."""

    def __init__(self, sentence: str, *, code: int = FAILED) -> None:
        super().__init__(sentence)
        self.sentence = sentence
        self.code = code


class Stopped(BaseException):
    """A signal asked us to stop. No `Exception`, so that no library in between takes it for a failure of its own."""

    def __init__(self, number: int) -> None:
        super().__init__(number)
        self.code = 128 + number


def tell(sentence: str) -> None:
    """Say something on stderr, which is for people."""
    with suppress(OSError):
        sys.stderr.write(f"{sentence}\n")
        sys.stderr.flush()


@contextmanager
def plainly() -> Iterator[None]:
    """Run a command so that each foreseeable end is a sentence and a code."""
    for number in _SIGNALS:
        signal.signal(number, _stop)
    for stream in (sys.stdout, sys.stderr):
        # A terminal that cannot show a letter shows a question mark; it is no reason to fail.
        getattr(stream, "reconfigure", lambda **_: None)(errors="replace")
    try:
        yield
        sys.stdout.flush()
    except Told as told:
        tell(told.sentence)
        sys.exit(told.code)
    except BrokenPipeError:
        _leave_quietly(128 + signal.SIGPIPE)
    except OSError as error:
        if error.errno not in _NO_OUTPUT:
            raise
        tell(f"The output cannot be written: {os.strerror(error.errno)}.")
        _leave_quietly(FAILED)
    except Stopped as stopped:
        sys.exit(stopped.code)


def _stop(number: int, _frame: FrameType | None) -> NoReturn:
    """The first signal unwinds the command; from then on it is stopping, in bounded time, and hears no other."""
    for each in _SIGNALS:
        signal.signal(each, signal.SIG_IGN)
    raise Stopped(number)


def _leave_quietly(code: int) -> NoReturn:
    """Nobody takes our output. Point stdout elsewhere, or the interpreter complains while it closes it."""
    os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
    sys.exit(code)
