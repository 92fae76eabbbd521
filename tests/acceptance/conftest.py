"""The product and the emulator, running."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.acceptance.processes import Emulator, Processes, Product, closing
from tests.servers import Tenant


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
