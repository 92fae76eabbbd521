"""`python -m api [--host H] [--port N]`: one API process, until SIGTERM or SIGINT."""

import argparse
import asyncio
import contextlib
import sys
import time
from typing import Final

import uvicorn
from fastapi import FastAPI

from api import crowd, edge, socket_links
from api.app import build
from api.crowd import Crowd
from api.given_back import share_one_arena
from api.socket_links import SocketLink
from orchestrator import broker, failpoints, logs, readiness
from orchestrator.safety import examination
from orchestrator.safety.start import StartCheck
from orchestrator.settings import Settings, from_environment, load_catalog, provider_keys

DEFAULT_PORT: Final = 8787
# How long a thread that computes keeps the interpreter from the event loop: a fifth of Python's own, since each answer
# that needs no thread waits for the loop several times.
SWITCH_S: Final = 0.001
DRAIN_S: Final = 20  # running requests get this long at a stop; a long poll is cut


class Server(uvicorn.Server):
    """Uvicorn, with the ready file, and with streams that end when the process shall."""

    def __init__(self, config: uvicorn.Config, app: FastAPI, settings: Settings) -> None:
        super().__init__(config)
        self._app = app
        self._settings = settings

    async def startup(self, sockets: list[object] | None = None) -> None:  # type: ignore[override]  # sockets: as given
        await super().startup(sockets)  # type: ignore[arg-type]
        if self.started:
            readiness.announce(self._settings.ready_file)

    async def shutdown(self, sockets: list[object] | None = None) -> None:  # type: ignore[override]  # sockets: as given
        self._app.state.house.streams.end()  # else they would be waited for until they are cut
        await super().shutdown(sockets)  # type: ignore[arg-type]


def main(arguments: list[str]) -> int:
    """Serve until told to stop. Exit code 1: the port could not be had.

    Raises:
        SystemExit: 78 for a setting that is unsafe; 1 for one that is missing or wrong.
    """
    given = _parser().parse_args(arguments)
    share_one_arena()
    settings = from_environment()
    logs.configure(process="api", level=settings.log_level, form=settings.log_format)
    failpoints.arm(settings.failpoints)
    sys.setswitchinterval(SWITCH_S)
    _refuse_unsafe(settings)
    connections = crowd.fitting(settings.connections, settings.pool_size)
    app = build(settings.model_copy(update={"connections": connections}))
    config = uvicorn.Config(
        app,
        host=given.host,
        port=given.port,
        log_config=None,
        access_log=False,
        server_header=False,
        proxy_headers=False,  # whom a request comes from is the peer, and not what a header says (`api/gateway.py`)
        http=edge.protocol(Crowd(connections, time.monotonic)),
        ws=SocketLink,
        ws_max_size=socket_links.MOST_AT_ONCE,
        ws_ping_interval=socket_links.PING_EVERY_S,
        ws_ping_timeout=socket_links.PING_EVERY_S,
        ws_per_message_deflate=False,  # it would cost each connection its memory, for events of some hundred bytes
        timeout_keep_alive=15,
        timeout_graceful_shutdown=DRAIN_S,
    )
    server = Server(config, app, settings)
    try:
        # Uvicorn's own choice of event loop: uvloop where it is installed.
        with contextlib.suppress(KeyboardInterrupt), asyncio.Runner(loop_factory=config.get_loop_factory()) as runner:
            runner.run(server.serve())
    finally:
        readiness.withdraw(settings.ready_file)
    return 0 if server.started else 1


def _refuse_unsafe(settings: Settings) -> None:
    catalog = load_catalog(settings)
    app = broker.build(
        settings.redis_url.get_secret_value(), settings.redis_prefix, catalog, task_events=False, produces_only=True
    )
    StartCheck(examination.subject(settings, app, provider_keys(catalog))).make()


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="python -m api", description=__doc__)
    parser.add_argument("--host", default="127.0.0.1", help="address to listen on (default: loopback only)")
    parser.add_argument("--port", type=int, default=DEFAULT_PORT, help=f"default: {DEFAULT_PORT}")
    return parser


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
