"""The product and the emulator: one running pair for the tests of a module that leave it whole, or one's own."""

from collections.abc import Callable, Iterator
from contextlib import ExitStack
from dataclasses import dataclass
from pathlib import Path
from typing import TypeAlias

import pytest
from playwright.sync_api import Browser
from redis import Redis

from orchestrator.broker import redis_py_url
from orchestrator.storage.engine import Database, connect
from tests.acceptance.browsers import chromium
from tests.acceptance.processes import Emulator, Processes, Product, closing
from tests.acceptance.receivers_in_node import Node, receiver_in_node
from tests.servers import Addresses, Tenant, environment_of, fresh_database, fresh_prefix, impatient, new_tenant


@dataclass(frozen=True)
class Town:
    """A running product whose providers are a running emulator, and its rows. `redis_prefix` is of its keys."""

    product: Product
    emulator: Emulator
    database: Database
    redis: "Redis"
    redis_prefix: str

    def forget(self) -> None:
        """The emulator's script and books as new, and the gate's memory of what it went through."""
        self.emulator.order("reset")
        for kind in ("circuit", "limit", "permits"):
            for key in self.redis.scan_iter(match=f"{self.redis_prefix}{kind}*"):
                self.redis.delete(key)


Build: TypeAlias = Callable[..., Town]


@pytest.fixture(scope="module")
def build_town(addresses: Addresses, template: str, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Build]:
    """Makes a running town; the arguments are the providers' part of the environment, as the emulator gives it."""
    with ExitStack() as stack:

        def build(providers: Callable[[Emulator], dict[str, str]], **more: str) -> Town:
            folder = tmp_path_factory.mktemp("town")
            url = stack.enter_context(fresh_database(addresses, template))
            prefix = stack.enter_context(fresh_prefix(addresses))
            settings = impatient(addresses, url, prefix)
            database = stack.enter_context(closing(connect(url, pool_size=2, name="test")))
            redis = stack.enter_context(Redis.from_url(redis_py_url(addresses.redis_url)))
            emulator = stack.enter_context(closing(Emulator(folder)))
            processes = Processes(folder, environment_of(settings) | providers(emulator) | more)
            product = stack.enter_context(closing(Product(processes, new_tenant(database, "acme").key)))
            return Town(product.start(), emulator, database, redis, prefix)

        yield build


@pytest.fixture(scope="module")
def _running(build_town: Build) -> Town:
    return build_town(lambda emulator: emulator.environment)


@pytest.fixture
def town(_running: Town) -> Town:
    """The module's pair, with nothing remembered."""
    _running.forget()
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


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    """The system's, for the tests of a module."""
    with chromium() as running:
        yield running


@pytest.fixture(scope="module")
def node(tmp_path_factory: pytest.TempPathFactory) -> Node:
    """The system's, with the library for webhooks, for the tests of a module."""
    return receiver_in_node(tmp_path_factory.mktemp("node"))
