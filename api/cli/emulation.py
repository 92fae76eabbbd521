"""The emulator as a child process, for the time of one command, and the orders that it takes."""

import json
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Final

from api.cli.exits import Told
from providers.calls import JsonObject
from providers.http import Http, open_http

# Catalog's name of a provider -> the emulator's, and where it answers.
PERSONAS: Final[dict[str, str]] = {
    "aimlapi": "aimlapi",
    "openai": "openai",
    "google": "gemini",
    "anthropic": "anthropic",
    "openrouter": "openrouter",
    "deepseek": "deepseek",
}
PATHS: Final[dict[str, str]] = {
    "aimlapi": "/aimlapi/v1",
    "openai": "/openai/v1",
    "google": "/gemini",
    "anthropic": "/anthropic",
    "openrouter": "/openrouter/api/v1",
    "deepseek": "/deepseek",
}
TIMEOUT_S: Final = 10.0


class Emulator:
    """A running emulator: script it, read its log and its bank."""

    def __init__(self, url: str, http: Http) -> None:
        self.url = url
        self._http = http

    def order(self, what: str, order: JsonObject) -> None:
        """Raises Told: the emulator does not take the order."""
        answer = self._http.post(f"/_control/{what}", json.dumps(order).encode(), {})
        if answer.status >= 300:
            raise Told(f"The emulator refused an order to {what}: {answer.body.decode('utf-8', 'replace')[:300]}")

    def requests(self) -> list[JsonObject]:
        """Every request that has been answered, oldest first."""
        found: list[JsonObject] = self._read("log")["requests"]  # type: ignore[assignment]  # the emulator's own shape
        return found

    def billed_micro_usd(self) -> int:
        total: int = self._read("bank")["total_micro_usd"]  # type: ignore[assignment]  # the emulator's own shape
        return total

    def _read(self, what: str) -> JsonObject:
        document: JsonObject = json.loads(self._http.get(f"/_control/{what}").body)
        return document


@contextmanager
def started(*, port: int = 0, latency_ms: float = 0.0) -> Iterator[Emulator]:
    """Start an emulator on a free port of loopback and end it with the block.

    Raises:
        Told: it did not come up.
    """
    child = subprocess.Popen(  # noqa: S603  our own interpreter and module, numbers as arguments
        argv(port, latency_ms), stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, start_new_session=True
    )
    try:
        url = _address(child)
        http = open_http(url, {}, TIMEOUT_S)
        try:
            yield Emulator(url, http)
        finally:
            http.close()
    finally:
        child.terminate()
        child.wait()


def argv(port: int, latency_ms: float) -> list[str]:
    """The command that runs an emulator."""
    options = ["--port", str(port), "--latency-ms", str(latency_ms)]
    return [sys.executable, "-P", "-m", "providers.emulator", *options]


def _address(child: "subprocess.Popen[bytes]") -> str:
    line = child.stdout.readline() if child.stdout else b""
    try:
        return str(json.loads(line)["url"])
    except (ValueError, KeyError, TypeError):
        raise Told("The emulator did not start.") from None
