"""A worker of this process, or workers as processes, and the provider that they ask."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from orchestrator.settings import Settings
from orchestrator.storage.engine import Database
from tasks.resources import Resources
from tests.acceptance.processes import Emulator, closing
from tests.integration.workers_in_test import Work, at_work, opened
from tests.servers import Tenant


@pytest.fixture(scope="module")
def _running(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Emulator]:
    with closing(Emulator(tmp_path_factory.mktemp("emulator"))) as emulator:
        yield emulator


@pytest.fixture
def emulator(_running: Emulator) -> Emulator:
    _running.order("reset")
    return _running


@pytest.fixture
def worker(settings: Settings, emulator: Emulator) -> Iterator[Resources]:
    with opened(settings, **emulator.environment) as held:
        yield held


@pytest.fixture
def work(
    tmp_path: Path,
    environment: dict[str, str],
    settings: Settings,
    emulator: Emulator,
    database: Database,
    tenant: Tenant,
) -> Iterator[Work]:
    """No worker yet: a test starts those that it wants."""
    with at_work(tmp_path, environment, settings, emulator, database, tenant.id) as made:
        yield made
