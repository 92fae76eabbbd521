"""A worker of this process and the provider that it asks."""

from collections.abc import Iterator

import pytest

from orchestrator.settings import Settings
from tasks.resources import Resources
from tests.acceptance.processes import Emulator, closing
from tests.integration.workers_in_test import opened


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
