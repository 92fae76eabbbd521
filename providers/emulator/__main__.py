"""Runs the emulator on loopback: `python -m providers.emulator --port 0` prints `{"url": ...}` once it listens."""

import argparse
import json
import resource
import signal
import socket
import sys
from collections.abc import Sequence
from datetime import UTC, datetime
from types import FrameType
from typing import Final

import uvicorn

from providers.emulator.app import build
from providers.emulator.delivery import WitnessProtocol
from providers.emulator.script import Latency
from providers.emulator.state import Opening

HOST: Final = "127.0.0.1"  # it takes any key and obeys anybody: it must never listen further
BACKLOG: Final = 4_096  # a load test opens its connections all at once
MOST_FILES: Final = 65_536  # one a connection; the usual limit of 1,024 would be too few for a load test
KEEP_ALIVE_S: Final = 75  # longer than our client keeps an idle connection, as with the vendors' front ends


class Server(uvicorn.Server):
    """uvicorn, but it says where it listens and does not wait for slow answers when it stops."""

    async def startup(self, sockets: list[socket.socket] | None = None) -> None:
        await super().startup(sockets)
        for listening in sockets or ():
            sys.stdout.write(json.dumps({"url": f"http://{HOST}:{listening.getsockname()[1]}"}) + "\n")
        sys.stdout.flush()


def main(arguments: Sequence[str] | None = None) -> None:
    """Serve until a signal comes."""
    options = _options(arguments)
    for stop in (signal.SIGTERM, signal.SIGINT):
        signal.signal(stop, _leave)
    now, most = resource.getrlimit(resource.RLIMIT_NOFILE)
    resource.setrlimit(resource.RLIMIT_NOFILE, (max(now, min(most, MOST_FILES)), most))
    latency = Latency(median_ms=options.latency_ms)
    opening = Opening(seed=options.seed, latency=latency, now=lambda: datetime.now(UTC))
    with socket.create_server((HOST, options.port), backlog=BACKLOG) as listening:
        Server(_config(opening)).run(sockets=[listening])


def _config(opening: Opening) -> uvicorn.Config:
    return uvicorn.Config(
        build(opening),
        http=WitnessProtocol,
        ws="none",
        lifespan="off",
        backlog=BACKLOG,
        timeout_keep_alive=KEEP_ALIVE_S,
        timeout_graceful_shutdown=0,
        # Broken connections are this program's trade, and uvicorn would report each as an error. Mistakes of our own
        # are logged by the application itself.
        log_level="critical",
        access_log=False,
        server_header=False,
        date_header=False,  # `Dated` writes the emulator's own
    )


def _options(arguments: Sequence[str] | None) -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m providers.emulator", description=__doc__)
    parser.add_argument("--port", type=int, default=0, help="0 takes a free one")
    parser.add_argument("--latency-ms", type=float, default=0.0, help="median time to the first byte")
    parser.add_argument("--seed", type=int, default=0, help="another seed, other answers and other luck")
    return parser.parse_args(arguments)


def _leave(_signal: int, _frame: FrameType | None) -> None:
    raise SystemExit(0)


if __name__ == "__main__":
    main()
