"""`drill`: the user's own configuration against scripted faults, and what their users would have seen and paid.

Providers, order and limits are the user's; the providers' addresses are those of the emulator, and the keys are made
up: no real key leaves the shell and nothing is paid. The stack is one of its own, in a folder that is thrown away.
"""

import sys
from collections.abc import Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Final

from api import drill_report, terminal
from api.cli import drills, emulation, stacks
from api.cli.demonstration import SAMPLE
from api.cli.exits import FAILED, USAGE, Told, tell
from api.client import Client, NotInTime, Trouble
from api.drill_report import Outcome
from api.schemas import JobView
from orchestrator.settings import inherited_environment, load_catalog, provider_keys
from providers.calls import JsonObject
from providers.catalog import Catalog

CLIENTS: Final = 4  # jobs that are under way at a time
LATENCY_MS: Final = 300.0
PATIENCE_S: Final = 30.0  # beyond the job's own deadline: a job that has not ended by then is reported as stuck


def run(name: str, *, jobs: int, deadline_s: float, policy: str, extractive: bool) -> None:
    """Play the scenario and print what came of it. Exits with 1 if a job was lost or the books do not agree."""
    if name not in drills.SCENARIOS:
        listed = "\n".join(f"  {known:18}{one.story}" for known, one in drills.SCENARIOS.items())
        raise Told(f"Name one of these scenarios:\n{listed}", code=USAGE)
    scenario = drills.SCENARIOS[name]
    catalog = load_catalog()
    tiers = _tiers(catalog)
    tell(scenario.story)
    tell(f"Providers, in your order: {', '.join(tiers)}. All of them are emulated; nothing is paid.")
    wish: JsonObject = {"deadline_s": deadline_s, "policy": policy, "allow_extractive": extractive}
    with emulation.started(latency_ms=LATENCY_MS) as emulator, _stack(catalog, tiers, emulator.url) as notice:
        for what, order in scenario.orders([emulation.PERSONAS[tier] for tier in tiers]):
            emulator.order(what, order)
        outcomes = _play(notice, jobs, wish, deadline_s)
        told = drill_report.read(outcomes, emulator.requests(), emulator.billed_micro_usd())
    terminal.console(sys.stdout).print(drill_report.shown(told))
    if not told.is_sound:
        sys.exit(FAILED)


def _tiers(catalog: Catalog) -> tuple[str, ...]:
    """The providers that the user has keys for and the emulator can play; without any key, those of the brief."""
    playable = [card.id for card in catalog.providers if card.id in emulation.PERSONAS]
    keyed = provider_keys(catalog)
    return tuple(name for name in playable if name in keyed) or tuple(playable[:4])


@contextmanager
def _stack(catalog: Catalog, tiers: Sequence[str], emulator_url: str) -> Iterator[stacks.Notice]:
    with (
        TemporaryDirectory(prefix="meetingmind-drill-") as folder,
        stacks.started(Path(folder), _environment(catalog, tiers, emulator_url)) as notice,
    ):
        yield notice


def _environment(catalog: Catalog, tiers: Sequence[str], emulator_url: str) -> dict[str, str]:
    """The user's environment without their servers and keys, with the emulator's addresses in place."""
    mine = inherited_environment()
    for name in ("DATABASE_URL", "REDIS_URL", "MEETINGMIND_DATA_DIR", "MEETINGMIND_KEY_PEPPER"):
        mine.pop(name, None)
    for card in catalog.providers:
        mine.pop(card.key_variable, None)
        mine.pop(card.base_url_variable, None)
    for tier in tiers:
        card = catalog.provider(tier)
        mine[card.key_variable] = f"drill-{tier}"
        mine[card.base_url_variable] = emulator_url + emulation.PATHS[tier]
    return mine


def _play(notice: stacks.Notice, jobs: int, wish: JsonObject, deadline_s: float) -> list[Outcome]:
    text = SAMPLE.read_text("utf-8")
    request: JsonObject = {"transcript": {"format": "vtt", "content": text}, **wish}

    def one(number: int) -> Outcome:
        client = Client(notice.url, notice.api_key)
        try:
            job = client.submit(request, idempotency_key=f"drill-{number}")
            return Outcome(job=_ended(client, job, deadline_s))
        except Trouble as trouble:
            return Outcome(trouble=str(trouble))
        finally:
            client.close()

    with ThreadPoolExecutor(max_workers=CLIENTS) as pool:
        return list(pool.map(one, range(jobs)))


def _ended(client: Client, job: JobView, deadline_s: float) -> JobView:
    try:
        return client.wait(job.id, deadline_s + PATIENCE_S)
    except NotInTime as late:
        return late.job
