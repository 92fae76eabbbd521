"""The API as a process alone, and tenants who call it: for what needs rows and no workers."""

from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import httpx

from orchestrator.storage import ledger
from orchestrator.storage.engine import Database, connect
from orchestrator.storage.ledger import Entry
from orchestrator.tenancy.keys import add_tenant, generate
from orchestrator.tenancy.scopes import Scope
from tests.acceptance.processes import Processes, Product, closing
from tests.servers import PEPPER, Addresses, Tenant, environment_of, fresh_database, fresh_prefix, impatient


@dataclass(frozen=True)
class Alone:
    """The API process alone, and its rows."""

    product: Product
    database: Database

    def tenant(self, *scopes: Scope) -> "Caller":
        key = generate("test")
        name = f"tenant {key[-8:]}"
        tenant = Tenant(id=add_tenant(self.database, name, key, PEPPER, scopes or ("read", "admin", "ops")), key=key)
        return Caller(tenant, self.product.http, self.database)


@dataclass(frozen=True)
class Caller:
    """A tenant with a key, and what it books."""

    tenant: Tenant
    http: httpx.Client
    database: Database

    def ask(self, path: str, method: str = "GET", **posted: Any) -> httpx.Response:
        headers = {"Authorization": f"Bearer {self.tenant.key}"}
        return self.http.request(method, path, headers=headers, json=posted or None)

    def read(self, path: str) -> Any:
        answer = self.ask(path)
        assert answer.status_code == 200, answer.text
        return answer.json()

    def put(self, scope: str, **posted: Any) -> Any:
        answer = self.ask(f"/v1/budgets/{scope}", "PUT", **posted)
        assert answer.status_code == 200, answer.text
        return answer.json()

    def book(self, *entries: Entry) -> None:
        with self.database.tenant(self.tenant.id) as connection:
            for one in entries:
                assert ledger.book(connection, one)


@contextmanager
def api_alone(addresses: Addresses, template: str, folder: Path, **more: str) -> Iterator[Alone]:
    """Run it on a database and a key prefix of its own; `more` settings as the environment has them."""
    with ExitStack() as stack:
        url = stack.enter_context(fresh_database(addresses, template))
        settings = impatient(addresses, url, stack.enter_context(fresh_prefix(addresses)))
        database = stack.enter_context(closing(connect(url, pool_size=2, name="test")))
        processes = Processes(folder, environment_of(settings) | more)
        product = stack.enter_context(closing(Product(processes, generate("test"))))
        processes.start("api", "api", "--port", str(product.port))
        processes.await_ready("api")
        yield Alone(product, database)
