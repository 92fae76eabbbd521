"""The reader of the examples: a folder, a running service, and things of theirs in it that examples may name."""

import json
import os
import re
import shutil
import signal
import subprocess
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Final, NoReturn
from urllib.parse import urlsplit

import pytest

from ops.drills.receiver import Receiver
from orchestrator.settings import inherited_environment
from tests.acceptance.conftest import Town
from tests.acceptance.processes import says_something
from tests.acceptance.test_cli import environment
from tests.documents import contract
from tests.documents.commands import inside
from tests.documents.scenes import searched
from tests.documents.shell import filled, words

PATIENCE_S: Final = 100.0
# Real curl, made to fail where the service refuses, and to tell what it asked and what came.
CURLRC: Final = r"""
fail-with-body
max-time = 60
write-out = "%{stderr}asked %{method} %{url_effective} %{http_code} %{content_type}\n"
"""
ASKED: Final = re.compile(r"^asked (\w+) (\S+) (\d+) ?(\S*)", re.MULTILINE)
LATER: Final = re.compile(r"(--until )(\d{4}-\d\d-\d\d)")
ENDLESS: Final = re.compile(r"--follow\b")  # runs until Ctrl-C


@dataclass(frozen=True)
class Ran:
    """A statement that has run: `status` of its end, and what it said."""

    statement: str
    status: int
    out: str
    errors: str


@dataclass(frozen=True)
class Reader:
    """`values` is what the placeholders of examples stand for here."""

    town: Town
    receiver: Receiver
    values: Mapping[str, str]

    @property
    def key(self) -> str:
        return self.values["mm_dev_..."]

    def environment(self, folder: Path, *, inside_a_container: bool = False) -> dict[str, str]:
        """A user's shell; or that of a container, which has the settings of the service."""
        (folder / ".curlrc").write_text(CURLRC, "utf-8")
        service = self.town.product.processes.environment if inside_a_container else {}
        return {
            **environment(),
            **service,
            "PATH": searched(inherited_environment().get("PATH", os.defpath)),
            "HOME": str(folder),
            "CURL_HOME": str(folder),
            "URL": self.town.product.url,
            "KEY": self.key,
            "MEETINGMIND_URL": self.town.product.url,
            "MEETINGMIND_API_KEY": self.key,
        }

    def run(self, statement: str, folder: Path, before: str = "") -> Ran:
        """Run it in the folder, after the statements `before` that only set variables."""
        line = _in_time(filled(statement, self.values))
        if words(line)[0] == "curl":
            _find_curl()
        within = words(line)[:2] == ["docker", "compose"]
        script = " ".join(inside(words(line))) if within else line
        program = subprocess.Popen(
            ["bash", "-euo", "pipefail", "-c", f"{filled(before, self.values)}\n{script}"],
            cwd=folder,
            env=self.environment(folder, inside_a_container=within),
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            encoding="utf-8",
            start_new_session=True,
        )
        if ENDLESS.search(line):
            _stop_when_it_says_something(program)
        try:
            out, errors = program.communicate(timeout=PATIENCE_S)
        except subprocess.TimeoutExpired:
            os.killpg(program.pid, signal.SIGKILL)
            program.communicate()
            _fail(f"not within {PATIENCE_S:g} s: {statement}")
        return Ran(line, program.returncode, out, errors)


def assert_went_well(ran: Ran, folder: Path) -> None:
    """Status 0 (or that of a Ctrl-C), no traceback, and answers of the service as its contract has them."""
    whole = f"{ran.statement}\n{ran.out[-3000:]}\n{ran.errors[-3000:]}"
    assert ran.status in ({0, 130} if ENDLESS.search(ran.statement) else {0}), whole
    assert "Traceback" not in ran.out + ran.errors, whole
    asked = ASKED.findall(ran.errors)
    assert bool(asked) == (words(ran.statement)[0] == "curl"), whole
    for method, url, status, kind in asked:
        _assert_is_the_contracts(method, urlsplit(url).path, int(status), kind, _written(ran, folder))


def _assert_is_the_contracts(method: str, path: str, status: int, kind: str, body: str) -> None:
    assert contract.operation(method, path), f"the contract has no {method} {path}"
    if kind.startswith("application/json"):
        schema = contract.answer_schema(method, path, status)
        assert schema is not None, f"the contract has no {status} of {method} {path}"
        assert contract.violations(json.loads(body), schema) == []
    assert body


def _written(ran: Ran, folder: Path) -> str:
    """What came: on stdout, or in the file that it was sent to."""
    line = words(ran.statement)
    return (folder / line[line.index(">") + 1]).read_text("utf-8") if ">" in line else ran.out


def _in_time(statement: str) -> str:
    """With a day that lies ahead, as the day of the example did."""
    return LATER.sub(lambda hit: hit[1] + f"{datetime.now(UTC) + timedelta(days=26):%Y-%m-%d}", statement)


def _find_curl() -> None:
    """Without it a test fails in CI, and elsewhere says why it is skipped; likewise `installed` in browsers.py."""
    if shutil.which("curl") is None:
        reason = "NO EXAMPLE OF CURL WAS RUN: it is not installed (Debian: apt install curl)"
        if inherited_environment().get("CI"):
            pytest.fail(reason)
        pytest.skip(reason)


def _stop_when_it_says_something(program: "subprocess.Popen[str]") -> None:
    spoke = says_something(program.stdout, PATIENCE_S)
    os.killpg(program.pid, signal.SIGINT)
    assert spoke, "it said nothing"


def _fail(words: str) -> NoReturn:
    raise AssertionError(words)
