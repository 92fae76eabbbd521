"""Who may import whom: the contracts of pyproject.toml hold, and each of them bites."""

import shutil
import subprocess
import sys
import tomllib
from pathlib import Path

import pytest

from tests.house.checkout import PACKAGES, ROOT

DEADLINE_S = 60

# Contract, the file that is changed, what is added to it. Each is the smallest breach of that law.
BREACHES = [
    ("storeys", "providers/calls.py", "import orchestrator.ids"),
    ("storeys", "tasks/deliver.py", "import workers.profiles"),
    ("storeys", "workers/profiles.py", "import api.schemas"),
    ("storeys", "api/views.py", "import workers.profiles"),
    ("rooms", "orchestrator/work/jobs.py", "import orchestrator.storage.jobs"),
    ("rooms", "orchestrator/utils.py", '"""A stray room."""'),
    ("by-name", "api/views.py", "import tasks.resources"),
    ("by-name", "orchestrator/dispatch.py", "def late():\n    import tasks.ask"),
    ("api-asks-nobody", "api/views.py", "import providers.client"),
    ("api-asks-nobody", "api/views.py", "import providers.transport"),
    ("vocabulary", "orchestrator/canvas.py", "import providers.transport"),
    ("vocabulary", "orchestrator/canvas.py", "import providers.waits"),
    ("library-rooms", "providers/catalog.py", "import providers.masking"),
    ("library-rooms", "providers/misc.py", '"""A stray room."""'),
    ("pure", "orchestrator/work/jobs.py", "import celery"),
    ("pure", "orchestrator/routing/failover.py", "import sqlalchemy.exc"),
    ("pure", "orchestrator/meeting/reading.py", "import time"),
    ("pure", "orchestrator/meeting/reading.py", "import os.path"),
    ("pure", "providers/dialects/openai_chat.py", "import providers.sockets"),
    ("library", "providers/client.py", "import sqlalchemy"),
    ("strategies", "orchestrator/synthesis/consensus.py", "import orchestrator.synthesis.single"),
    ("strategies", "orchestrator/synthesis/loudest.py", '"""A strategy that no law knows."""'),
    ("dialects", "providers/dialects/unheard_of.py", '"""A dialect that no law knows."""'),
    ("second-author", "providers/emulator/app.py", "import providers.dialects.openai_chat"),
    ("second-author", "providers/emulator/app.py", "import providers.calls"),
    ("no-emulator", "tasks/ask.py", "import providers.emulator.bank"),
    ("no-emulator", "providers/client.py", "import providers.emulator.bank"),
    ("one-seam", "api/client.py", "import httpx"),
    ("one-seam", "providers/client.py", "import httpcore"),
    ("no-circles", "orchestrator/names.py", "import orchestrator.canvas"),
    ("no-circles", "providers/extractive/words.py", "import providers.extractive.tidy"),
]


def lint(folder: Path, *, contract: str | None = None) -> subprocess.CompletedProcess[str]:
    limit = ["--contract", contract] if contract else []
    return subprocess.run(
        [Path(sys.executable).parent / "lint-imports", "--no-logo", "--no-cache", *limit],
        cwd=folder,
        capture_output=True,
        text=True,
        timeout=DEADLINE_S,
        check=False,
        env={"PYTHONPATH": str(folder), "PYTHONSAFEPATH": "1", "COLUMNS": "200"},
    )


@pytest.fixture(scope="module")
def copied(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A copy of the five packages and their laws, so that the checkout itself is never touched."""
    folder = tmp_path_factory.mktemp("copy")
    for package in PACKAGES:
        shutil.copytree(ROOT / package, folder / package, ignore=shutil.ignore_patterns("__pycache__"))
    shutil.copy(ROOT / "pyproject.toml", folder)
    return folder


def test_the_house_keeps_every_contract() -> None:
    found = lint(ROOT)

    assert found.returncode == 0, found.stdout + found.stderr
    assert " 0 broken." in found.stdout


def test_an_unchanged_copy_keeps_them_too_so_that_a_breach_is_what_breaks(copied: Path) -> None:
    found = lint(copied)

    assert found.returncode == 0, found.stdout + found.stderr


@pytest.mark.parametrize(("contract", "room", "breach"), BREACHES, ids=[f"{b[0]}: {b[1]}: {b[2]}" for b in BREACHES])
def test_a_breach_is_caught_by_the_contract_that_forbids_it(
    copied: Path, contract: str, room: str, breach: str
) -> None:
    place = copied / room
    before = place.read_text() if place.exists() else None
    place.write_text(f"{before or ''}\n{breach}\n")
    try:
        found = lint(copied, contract=contract)
    finally:
        place.unlink() if before is None else place.write_text(before)

    assert found.returncode == 1, found.stdout + found.stderr
    assert "Contracts: 0 kept, 1 broken." in found.stdout


def test_every_contract_is_broken_by_some_breach() -> None:
    settings = tomllib.loads((ROOT / "pyproject.toml").read_text())

    assert {contract["id"] for contract in settings["tool"]["importlinter"]["contracts"]} == {
        row[0] for row in BREACHES
    }
