"""The file by which a process tells its supervisor that it serves; both composition roots use it."""

from pathlib import Path


def announce(ready_file: Path | None) -> None:
    """Make the file: from now on this process does its work."""
    if ready_file is not None:
        ready_file.touch()


def withdraw(ready_file: Path | None) -> None:
    """Take it away. Safe to repeat."""
    if ready_file is not None:
        ready_file.unlink(missing_ok=True)
