"""The product and the emulator: one running pair for the tests of a module that leave it whole, or one's own."""

from collections.abc import Iterator
from contextlib import ExitStack
from dataclasses import dataclass
from pathlib import Path

import pytest

from orchestrator.storage.engine import Database, connect
from tests.acceptance.processes import Emulator, Processes, Product, closing
from tests.servers import Addresses, Tenant, environment_of, fresh_database, fresh_prefix, impatient, new_tenant


@dataclass(frozen=True)
class Town:
    """A running product whose providers are a running emulator, and its rows."""

    product: Product
    emulator: Emulator
    database: Database


@pytest.fixture(scope="module")
def _running(addresses: Addresses, template: str, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Town]:
    folder = tmp_path_factory.mktemp("town")
    with ExitStack() as stack:
        url = stack.enter_context(fresh_database(addresses, template))
        settings = impatient(addresses, url, stack.enter_context(fresh_prefix(addresses)))
        database = stack.enter_context(closing(connect(url, pool_size=2, name="test")))
        emulator = stack.enter_context(closing(Emulator(folder)))
        processes = Processes(folder, environment_of(settings) | emulator.environment)
        product = stack.enter_context(closing(Product(processes, new_tenant(database, "acme").key)))
        yield Town(product.start(), emulator, database)


@pytest.fixture
def town(_running: Town) -> Town:
    """The module's pair, its emulator's script and books as new."""
    _running.emulator.order("reset")
    return _running


@pytest.fixture
def emulator(tmp_path: Path) -> Iterator[Emulator]:
    with closing(Emulator(tmp_path)) as running:
        yield running


@pytest.fixture
def processes(tmp_path: Path, environment: dict[str, str]) -> Iterator[Processes]:
    with closing(Processes(tmp_path, environment)) as running:
        yield running


@pytest.fixture
def product(processes: Processes, tenant: Tenant) -> Iterator[Product]:
    """Not yet started, so that a test can leave something out."""
    with closing(Product(processes, tenant.key)) as made:
        yield made


@pytest.fixture
def with_emulator(product: Product, emulator: Emulator) -> Product:
    """The product, which takes the emulator for its providers; not yet started."""
    product.processes.environment |= emulator.environment
    return product
