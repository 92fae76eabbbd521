"""`up` and `emulator`: the program itself takes this process's place, so that signals and exit code are its own."""

import os
import socket
import sys
from pathlib import Path

from api.cli import emulation, servers, stacks
from api.cli.exits import USAGE, Told
from api.cli.options import Where


def up(data_dir: Path | None, port: int | None, *, as_json: bool) -> None:
    """Become the stack. Does not return."""
    folder = servers.data_dir(Where(data_dir=data_dir))
    options = ["--json"] * as_json + (["--port", str(port)] if port is not None else [])
    os.execv(sys.executable, stacks.argv(folder, *options))  # noqa: S606  no shell is wanted: our own module


def emulator(port: int, latency_ms: float) -> None:
    """Become the emulator. Does not return.

    Raises:
        Told: the port cannot be had.
    """
    try:
        socket.create_server((emulation.HOST, port)).close()
    except OSError as error:
        reason = f"Port {port} cannot be had: {os.strerror(error.errno or 0)}."
        raise Told(f"{reason} Name another with --port, or leave it out to get a free one.", code=USAGE) from None
    os.execv(sys.executable, emulation.argv(port, latency_ms))  # noqa: S606  no shell is wanted: our own module
