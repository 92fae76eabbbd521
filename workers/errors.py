"""What keeps the stack from starting; each message is a sentence for the person at the terminal.

StackError
├── CannotStart       something is missing or failed: mend it, then start again (with the log that says more)
├── AlreadyRunning    another stack holds this data folder: use that one, at `url`
├── PortTaken         the port asked for is in use: ask for another
└── Interrupted       the user changed their mind while it was starting; not a failure
"""

from pathlib import Path


class StackError(Exception):
    """Base."""


class CannotStart(StackError):
    """`log` is the file that tells more, None where the sentence says all."""

    def __init__(self, message: str, *, log: Path | None = None) -> None:
        super().__init__(message)
        self.log = log


class AlreadyRunning(StackError):
    """`url` is None while the other one has not finished starting."""

    def __init__(self, data_dir: Path, url: str | None) -> None:
        where = f"at {url}" if url else "and is still starting"
        super().__init__(f"A stack on {data_dir} is already running {where}. Stop it, or name another --data-dir.")
        self.url = url


class PortTaken(StackError):
    def __init__(self, port: int) -> None:
        super().__init__(f"Port {port} is in use. Name another with --port, or leave it out to get a free one.")
        self.port = port


class Interrupted(StackError):
    pass
