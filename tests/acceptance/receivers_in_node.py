"""A receiver of webhooks that is written in Node, with the standardwebhooks library as npm has it.

The library's version and content are pinned by the lock file beside `verify.mjs`; where npm gets it from is npm's own
setting.
"""

import base64
import json
import os
import shutil
import subprocess
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final, NoReturn

import pytest

from ops.drills.receiver import Received

SOURCE: Final = Path(__file__).with_name("node")
FILES: Final = ("package.json", "package-lock.json", "verify.mjs")
PROGRAMS: Final = ("node", "npm")
INSTALL_S: Final = 60.0
VERIFY_S: Final = 30.0


@dataclass(frozen=True)
class Node:
    """`folder` holds the script and the library."""

    program: str
    folder: Path

    def verified(self, requests: Iterable[tuple[str, Received]]) -> list[dict[str, Any]]:
        """What the library makes of each request under that secret: `event`, or `refused` with the reason."""
        asked = [
            {"secret": secret, "headers": one.headers, "body": base64.b64encode(one.body).decode()}
            for secret, one in requests
        ]
        done = subprocess.run(
            [self.program, self.folder / "verify.mjs"],
            input=json.dumps(asked),
            capture_output=True,
            text=True,
            timeout=VERIFY_S,
            check=False,
        )
        assert done.returncode == 0, done.stderr
        found: list[dict[str, Any]] = json.loads(done.stdout)
        return found


def installed() -> tuple[str, str]:
    """Where node and npm are. Without them a test fails in CI, and elsewhere says why it is skipped."""
    node, npm = (shutil.which(name) for name in PROGRAMS)
    if node is None or npm is None:
        _without("node and npm are not installed (Debian: apt install nodejs npm)")
    return node, npm


def receiver_in_node(folder: Path) -> Node:
    """Install the library into that folder, as the lock file has it and with no script of its own run."""
    node, npm = installed()
    for name in FILES:
        shutil.copy(SOURCE / name, folder)
    done = subprocess.run(
        [npm, "ci", "--ignore-scripts", "--no-audit", "--no-fund", "--no-update-notifier"],
        cwd=folder,
        capture_output=True,
        text=True,
        timeout=INSTALL_S,
        check=False,
    )
    if done.returncode != 0:
        _without(f"npm could not install standardwebhooks: {done.stderr[-500:]}")
    return Node(node, folder)


def _without(reason: str) -> NoReturn:
    told = f"NO SIGNATURE WAS CHECKED IN NODE: {reason}"
    if os.environ.get("CI"):  # noqa: TID251  the runner's own mark, no setting of the product's
        pytest.fail(told)
    pytest.skip(told)
