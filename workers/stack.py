"""The whole product on one machine in one command: `python -P -m workers.stack`.

It is up until Ctrl-C or SIGTERM, then everything ends. Exit status: 0 after a stop, 1 when it could not start, 2 when
the command line or the port is at fault.
"""

import argparse
import sys
from pathlib import Path

from workers.errors import AlreadyRunning, CannotStart, Interrupted, PortTaken
from workers.supervision import StopRequests


def main() -> int:
    """Run the stack until it is told to stop; returns the exit status."""
    given = _parser().parse_args()
    try:
        with StopRequests() as stop_requests:
            _run(given, stop_requests)
    except PortTaken as error:
        return _fail(str(error), status=2)
    except CannotStart as error:
        return _fail(f"{error} Log: {error.log}" if error.log else str(error))
    except (AlreadyRunning, OSError) as error:
        return _fail(str(error))
    except Interrupted:
        return 0
    return 0


def _run(given: argparse.Namespace, stop_requests: StopRequests) -> None:
    # Imported here: this takes a second, and a Ctrl-C in it must be a stop like any other.
    from orchestrator import settings  # noqa: PLC0415 - see above
    from workers import assembly  # noqa: PLC0415 - see above

    if stop_requests.count:
        raise Interrupted
    settings.require_fitting()  # before servers are made that no process could use
    database_url, redis_url = settings.given_servers()
    options = assembly.Options(
        data_dir=given.data_dir or settings.given_data_dir() or assembly.CHECKOUT / ".meetingmind",
        port=given.port,
        as_json=given.json,
        database_url=database_url,
        redis_url=redis_url,
        environment=settings.inherited_environment(),
    )
    assembly.run(options, stop_requests, out=sys.stdout, tell=_tell)


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="meetingmind up", description="Run MeetingMind on this machine.")
    parser.add_argument("--data-dir", type=Path, help="where its data live (default: .meetingmind in the checkout)")
    parser.add_argument("--port", type=_port, help="of the API (default: 8787, or any free one)")
    parser.add_argument("--json", action="store_true", help="print one line of JSON when it is up")
    return parser


def _port(text: str) -> int:
    if not (text.isascii() and text.isdigit() and 0 < int(text) < 65_536):
        raise argparse.ArgumentTypeError("a port is a number from 1 to 65535")
    return int(text)


def _tell(sentence: str) -> None:
    sys.stderr.write(sentence + "\n")
    sys.stderr.flush()


def _fail(sentence: str, *, status: int = 1) -> int:
    _tell(f"meetingmind: {sentence}")
    return status


if __name__ == "__main__":
    sys.exit(main())
