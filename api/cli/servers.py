"""Which service a command talks to: the one named, a stack that runs here, or one started for the command."""

import time
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, ExitStack, contextmanager
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Final

from api.cli import stacks
from api.cli.exits import USAGE, Told, tell
from api.cli.options import Where
from api.client import Client
from orchestrator.settings import given_data_dir, given_server

CHECKOUT: Final = Path(__file__).resolve().parents[2]
LOOK_EVERY_S: Final = 0.1
NOBODY: Final = (
    "No service is running here. Start one with `meetingmind up`, or name one with --url and --key"
    " (MEETINGMIND_URL and MEETINGMIND_API_KEY in the environment)."
)


@dataclass(frozen=True)
class Link:
    """An open way to a service, and how to open `another`. `own` is true when it runs for this command alone."""

    client: Client
    another: Callable[[], AbstractContextManager[Client]]
    data_dir: Path
    own: bool


def data_dir(where: Where) -> Path:
    """The folder of the local stack: as told, else where `up` keeps it, in the checkout."""
    return (where.data_dir or given_data_dir() or CHECKOUT / ".meetingmind").expanduser()


@contextmanager
def connected(where: Where, *, start: bool) -> Iterator[Link]:
    """Open the way to the service; with `start`, start a stack if there is none, and stop it at the end.

    Raises:
        Told: there is no service and none may be started, or the options do not fit together.
    """
    with ExitStack() as stack:
        found = named(where)
        own = found is None and start
        if own:
            notice = stack.enter_context(_started(data_dir(where)))
            found = notice.url, where.key or notice.api_key
        if found is None:
            raise Told(NOBODY)
        another = partial(_opened, *found)
        yield Link(stack.enter_context(another()), another, data_dir(where), own=own)


def named(where: Where) -> tuple[str, str] | None:
    """Address and key of a service that exists already: by options, environment or the folder of a stack.

    Raises:
        Told: an address without a key.
    """
    url, key = given_server()
    url, key = where.url or url, where.key or key
    if url is not None:
        if key is None:
            raise Told("An address needs a key: give --key, or MEETINGMIND_API_KEY in the environment.", code=USAGE)
        return url, key
    notice = stacks.running(data_dir(where))
    return None if notice is None else (notice.url, where.key or notice.api_key)


@contextmanager
def _started(folder: Path) -> Iterator[stacks.Notice]:
    """A stack of our own, or the one that somebody else was just starting on the same folder."""
    with ExitStack() as stack:
        try:
            notice = stack.enter_context(stacks.started(folder))
        except stacks.NotStarted:
            if not stacks.is_held(folder):
                raise
            tell("Waiting for that stack.")
            notice = _awaited(folder)
        yield notice


def _awaited(folder: Path) -> stacks.Notice:
    deadline = time.monotonic() + stacks.START_TIMEOUT_S
    while stacks.is_held(folder) and time.monotonic() < deadline:
        notice = stacks.running(folder)
        if notice is not None:
            return notice
        time.sleep(LOOK_EVERY_S)
    raise Told("That stack did not come up. Try again.")


@contextmanager
def _opened(url: str, key: str) -> Iterator[Client]:
    try:
        client = Client(url, key)
    except ValueError as error:
        raise Told(f"The address or the key cannot be right: {error}.", code=USAGE) from None
    try:
        yield client
    finally:
        client.close()
