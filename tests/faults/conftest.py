"""The town in which processes die."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from orchestrator.settings import Settings
from orchestrator.storage.engine import Database
from tests.acceptance.processes import Emulator, Processes, closing
from tests.faults.town import Town
from tests.servers import Tenant


@pytest.fixture
def town(
    tmp_path: Path, environment: dict[str, str], settings: Settings, database: Database, tenant: Tenant
) -> Iterator[Town]:
    failpoints = tmp_path / "failpoints"
    failpoints.mkdir()
    with closing(Emulator(tmp_path)) as emulator:
        named = {"MEETINGMIND_FAILPOINTS": str(failpoints), "MEETINGMIND_SPOOL_DIR": str(tmp_path / "spool")}
        processes = Processes(tmp_path, environment | emulator.environment | named)
        try:
            yield Town(processes, emulator, database, settings, tenant.id, failpoints)
        finally:
            for name in [*processes.running]:
                processes.kill(name)
