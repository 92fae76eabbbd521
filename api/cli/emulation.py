"""The emulator as a child process, for the time of one command, and the orders that it takes."""

import json
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from typing import Final

from api.cli import stacks
from api.cli.exits import Told
from providers.calls import JsonObject
from providers.http import Http, open_http

HOST: Final = "127.0.0.1"
START_TIMEOUT_S: Final = 30.0  # a second usually; a busy machine takes a few
STOP_TIMEOUT_S: Final = 5.0
TIMEOUT_S: Final = 10.0  # for an answer of its control
SETTLE_S: Final = 10.0  # a call that its caller has given up is still written to the log, after its latency
POLL_S: Final = 0.1
KEY: Final = {"authorization": "Bearer drill"}  # its list of models wants one, and takes any


class Emulator:
    """A running emulator: script it, read its log and its bank. Everything raises Told if it does not answer."""

    def __init__(self, url: str, http: Http) -> None:
        self.url = url
        self._http = http

    def order(self, what: str, order: JsonObject) -> None:
        """Raises Told: the emulator does not take the order."""
        self._ask("POST", f"/_control/{what}", json.dumps(order).encode())

    def sold(self) -> frozenset[str]:
        """The models on the list of its bare address, where any provider of OpenAI's dialect can be played."""
        listed: list[JsonObject] = self._read("/v1/models")["data"]  # type: ignore[assignment]  # its own shape
        return frozenset(str(model["id"]) for model in listed)

    def requests(self) -> list[JsonObject]:
        """Every request, oldest first, once none is under way any more."""
        deadline = time.monotonic() + SETTLE_S
        log = self._read("/_control/log")
        while log["waiting"] and time.monotonic() < deadline:
            time.sleep(POLL_S)
            log = self._read("/_control/log")
        found: list[JsonObject] = log["requests"]  # type: ignore[assignment]  # its own shape
        return found

    def _read(self, path: str) -> JsonObject:
        document: JsonObject = json.loads(self._ask("GET", path))
        return document

    def _ask(self, method: str, path: str, body: bytes = b"") -> bytes:
        try:
            answer = self._http.post(path, body, {}) if method == "POST" else self._http.get(path)
        except (ConnectionError, TimeoutError) as error:
            raise Told(f"The emulator does not answer: {error}.") from None
        if answer.status >= 300:
            raise Told(f"The emulator refused {path}: {answer.body.decode('utf-8', 'replace')[:300]}")
        return answer.body


@contextmanager
def started(*, latency_ms: float = 0.0) -> Iterator[Emulator]:
    """Start an emulator on a free port of loopback and end it with the block.

    Raises:
        Told: it did not come up.
    """
    # A session of its own: Ctrl-C in the terminal reaches us alone, and we stop it after the stack.
    child = subprocess.Popen(  # noqa: S603  our own interpreter and module, numbers as arguments
        argv(0, latency_ms), stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, start_new_session=True
    )
    try:
        url = _address(child)
        http = open_http(url, KEY, TIMEOUT_S)
        try:
            yield Emulator(url, http)
        finally:
            http.close()
    finally:
        _stop(child)


def argv(port: int, latency_ms: float) -> list[str]:
    """The command that runs an emulator."""
    options = ["--port", str(port), "--latency-ms", str(latency_ms)]
    return [sys.executable, "-P", "-m", "providers.emulator", *options]


def _address(child: "subprocess.Popen[bytes]") -> str:
    line = stacks.first_line(child, time.monotonic() + START_TIMEOUT_S)
    try:
        return str(json.loads(line)["url"])
    except (ValueError, KeyError, TypeError):
        raise Told("The emulator did not start.") from None


def _stop(child: "subprocess.Popen[bytes]") -> None:
    with suppress(ProcessLookupError):
        child.terminate()
    try:
        child.wait(STOP_TIMEOUT_S)
    except subprocess.TimeoutExpired:
        child.kill()
        child.wait()
    finally:
        if child.stdout:
            child.stdout.close()
