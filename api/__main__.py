"""`python -m api [--host H] [--port N]`: one API process, until SIGTERM or SIGINT."""

import argparse
import asyncio
import contextlib
import sys
from typing import Final

import uvicorn

from api.app import build
from orchestrator import broker, failpoints, logs, readiness
from orchestrator.safety import examination
from orchestrator.safety.start import StartCheck
from orchestrator.settings import Settings, from_environment, load_catalog, provider_keys

DEFAULT_PORT: Final = 8787
# Long polls and reads together; above it uvicorn answers 503 by itself before the process runs out of files.
MAX_CONNECTIONS: Final = 2_000
# How long a thread that computes keeps the interpreter from the event loop: a fifth of Python's own, since each answer
# that needs no thread waits for the loop several times.
SWITCH_S: Final = 0.001
DRAIN_S: Final = 20  # running requests get this long at a stop; a long poll is cut


class Server(uvicorn.Server):
    """Uvicorn, with the ready file and the address that it really got."""

    def __init__(self, config: uvicorn.Config, settings: Settings) -> None:
        super().__init__(config)
        self._settings = settings

    async def startup(self, sockets: list[object] | None = None) -> None:  # type: ignore[override]  # sockets: as given
        await super().startup(sockets)  # type: ignore[arg-type]
        if self.started:
            readiness.announce(self._settings.ready_file)


def main(arguments: list[str]) -> int:
    """Serve until told to stop. Exit code 1: the port could not be had.

    Raises:
        SystemExit: 78 for a setting that is unsafe; 1 for one that is missing or wrong.
    """
    given = _parser().parse_args(arguments)
    settings = from_environment()
    logs.configure(process="api", level=settings.log_level, form=settings.log_format)
    failpoints.arm(settings.failpoints)
    sys.setswitchinterval(SWITCH_S)
    _refuse_unsafe(settings)
    config = uvicorn.Config(
        build(settings),
        host=given.host,
        port=given.port,
        log_config=None,
        access_log=False,
        server_header=False,
        h11_max_incomplete_event_size=64 * 1024,
        limit_concurrency=MAX_CONNECTIONS,
        timeout_keep_alive=15,
        timeout_graceful_shutdown=DRAIN_S,
    )
    server = Server(config, settings)
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
