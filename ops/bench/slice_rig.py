"""What the bench of the slice drives: the emulator, and the product, which takes the emulator for OpenAI.

Both are processes of their own, on loopback, started here and ended here whatever happens; or a service that the user
named, whose emulator the user must name too if its books are to be read.
"""

import json
import os
import selectors
import signal
import subprocess
import sys
import time
from collections.abc import Iterator, Mapping, Sequence
from contextlib import closing, contextmanager, suppress
from dataclasses import dataclass, field
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Final

from pydantic import BaseModel

from api.cli import stacks
from orchestrator import settings
from providers.http import Http, open_http

CHECKOUT: Final = Path(__file__).resolve().parents[2]
START_S: Final = 90.0  # a first start makes a database
STOP_S: Final = 45.0  # the stack lets its children end in order, for up to 30 s
TIMEOUT_S: Final = 10.0


class NoRig(Exception):
    """Something did not start, or fell silent."""


class Statement(BaseModel):
    """What the emulator's bank says."""

    total_micro_usd: int


class Settled(BaseModel):
    """What the emulator's log says: the requests that it has answered, and how many wait."""

    requests: tuple[dict[str, object], ...]
    waiting: int


@dataclass(frozen=True)
class Books:
    """The emulator's own account: requests settled, micro-dollars billed."""

    requests: int
    billed_micro_usd: int

    def since(self, before: "Books") -> "Books":
        return Books(self.requests - before.requests, self.billed_micro_usd - before.billed_micro_usd)


class Emulator:
    """The emulator at an address; `pid` is None when somebody else started it."""

    def __init__(self, url: str, pid: int | None, http: Http) -> None:
        self.url = url
        self.pid = pid
        self._http = http

    @property
    def base_url(self) -> str:
        return f"{self.url}/v1"

    def books(self) -> Books:
        log = Settled.model_validate_json(self._http.get("/_control/log").body)
        if log.waiting:
            raise NoRig(f"{log.waiting} requests are still under way at the emulator.")
        bank = Statement.model_validate_json(self._http.get("/_control/bank").body)
        return Books(len(log.requests), bank.total_micro_usd)

    def vary(self, median_ms: float, sigma: float) -> None:
        """From now on its models take as long as real ones: lognormal around the median, no two calls the same."""
        order = json.dumps({"median_ms": median_ms, "sigma": sigma})
        self._http.post("/_control/latency", order.encode(), {"content-type": "application/json"})


@dataclass(frozen=True)
class Product:
    """Where jobs are posted. `pid` is the stack's, None for a service that the user named."""

    url: str
    key: str = field(repr=False)
    pid: int | None


@dataclass(frozen=True)
class Rig:
    """`emulator` is None when the product's providers are not known to us: then nobody can check the bill."""

    product: Product
    emulator: Emulator | None


@contextmanager
def rigged(latency_ms: float, emulator_url: str | None, more: Mapping[str, str] | None = None) -> Iterator[Rig]:
    """Start what has not been named, and end it.

    Args:
        more: settings of the stack that is started.

    Raises:
        NoRig: it did not start.
    """
    url, key = settings.given_server()
    if url and key:
        with _named_emulator(emulator_url) as emulator:
            yield Rig(Product(url.rstrip("/"), key, None), emulator)
        return
    with started_emulator(latency_ms) as emulator, _started_stack(emulator, more or {}) as product:
        yield Rig(product, emulator)


@contextmanager
def _named_emulator(url: str | None) -> Iterator[Emulator | None]:
    if url is None:
        yield None
        return
    with closing(open_http(url, {}, TIMEOUT_S)) as http:
        yield Emulator(url.rstrip("/"), None, http)


@contextmanager
def started_emulator(latency_ms: float) -> Iterator[Emulator]:
    """An emulator of its own, ended at the end.

    Raises:
        NoRig: it did not start.
    """
    argv = [sys.executable, "-P", "-m", "providers.emulator", "--port", "0", "--latency-ms", f"{latency_ms:g}"]
    with (
        _announced(argv, _environment({}), "the emulator") as (pid, said),
        closing(open_http(said["url"], {}, TIMEOUT_S)) as http,
    ):
        yield Emulator(said["url"], pid, http)


@contextmanager
def _started_stack(emulator: Emulator, more: Mapping[str, str]) -> Iterator[Product]:
    openai = {"OPENAI_API_KEY": "emulated", "OPENAI_BASE_URL": emulator.base_url}
    with (
        TemporaryDirectory(prefix="meetingmind-slice-", ignore_cleanup_errors=True) as folder,
        _announced(stacks.argv(Path(folder), "--json"), _environment({**more, **openai}), "the stack") as (pid, said),
    ):
        yield Product(said["url"], said["api_key"], pid)


def _environment(added: Mapping[str, str]) -> dict[str, str]:
    return {**settings.inherited_environment(), "PYTHONPATH": str(CHECKOUT), "PYTHONSAFEPATH": "1", **added}


@contextmanager
def _announced(argv: Sequence[str], environment: Mapping[str, str], name: str) -> Iterator[tuple[int, dict[str, str]]]:
    """A child that says in one line of JSON that it serves; it is ended at the end, its whole session if need be."""
    # A session of its own: Ctrl-C reaches us alone, and we end things in order.
    child = subprocess.Popen(
        argv, env=dict(environment), stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, start_new_session=True
    )
    try:
        yield child.pid, _first_word(child, name)
    finally:
        _end(child)


def _first_word(child: "subprocess.Popen[bytes]", name: str) -> dict[str, str]:
    deadline = time.monotonic() + START_S
    found = b""
    with selectors.DefaultSelector() as selector:
        if child.stdout is not None:
            selector.register(child.stdout, selectors.EVENT_READ)
        while b"\n" not in found and selector.select(max(0.0, deadline - time.monotonic())):
            chunk = os.read(child.stdout.fileno(), 65_536) if child.stdout else b""
            if not chunk:
                break
            found += chunk
    try:
        said: dict[str, str] = json.loads(found.partition(b"\n")[0])
    except ValueError:
        raise NoRig(f"{name} did not start; it says why above.") from None
    return said


def _end(child: "subprocess.Popen[bytes]") -> None:
    child.terminate()
    try:
        child.wait(STOP_S)
    except subprocess.TimeoutExpired:
        with suppress(ProcessLookupError):
            os.killpg(child.pid, signal.SIGKILL)
        child.wait()
    finally:
        if child.stdout:
            child.stdout.close()
