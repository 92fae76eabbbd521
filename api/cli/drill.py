"""`drill`: the user's own configuration against scripted faults, and what their users would have seen and paid.

Catalog, order and settings are the user's; the providers' addresses are those of the emulator, and the keys are made
up: no real key is used and nothing is paid. The stack is one of its own, in a folder that is thrown away.
"""

import sys
from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Final, get_args

from api import drill_report
from api.cli import casting, drills, emulation, inputs, stacks, work
from api.cli.casting import Cast
from api.cli.demonstration import SAMPLE
from api.cli.drills import WORKS, Scenario
from api.cli.errands import print_line
from api.cli.exits import FAILED, USAGE, Told, tell
from api.cli.options import Wishes
from api.client import Client, NotInTime, Trouble
from api.drill_report import Outcome, Stand
from api.schemas import JobView
from orchestrator.routing.policies import POLICIES
from orchestrator.routing.request import Policy
from orchestrator.settings import DEFAULT_PROVIDER_TIMEOUT_S, inherited_environment, load_catalog, provider_keys
from providers.catalog import Catalog

LATENCY_MS: Final = 300.0  # of every call, so that jobs overlap as they do in earnest


def run(name: str, wishes: Wishes, *, jobs: int, as_json: bool) -> None:
    """Play the scenario and print what came of it. Exits with 1 if a job did not succeed or the books do not hold."""
    scenario = _scenario(name)
    policy = _policy(wishes.policy)
    catalog = load_catalog()
    tell(f"Drill {name}: emulated providers, made-up keys, nothing is paid.")
    with emulation.started(latency_ms=LATENCY_MS) as emulator:
        cast = casting.cast(catalog, provider_keys(catalog), emulator.sold())
        parts = scenario.cast(cast.players, jobs * POLICIES[policy].panel)
        environment = casting.environment(inherited_environment(), catalog, cast.players, emulator.url)
        for what, order in drills.orders(parts):
            emulator.order(what, order)
        with _stack(environment) as notice:
            tell(f"Playing {jobs} jobs.")
            outcomes = _play(notice, wishes, jobs)
        told = drill_report.read(outcomes, emulator.requests(), {one.key: one.provider for one in cast.players})
    stands = [Stand(player.provider, part.words if part else WORKS) for player, part in parts]
    notes = (*_notes(cast), *_order_note(catalog, policy), *_terms(jobs, wishes, cast))
    play = drill_report.Play(name, scenario.story, stands, notes)
    if as_json:
        print_line(drill_report.line(told, play))
    else:
        sys.stdout.write(drill_report.shown(told, play))
    if not told.is_well:
        sys.exit(FAILED)


def _scenario(name: str) -> Scenario:
    if name in drills.SCENARIOS:
        return drills.SCENARIOS[name]
    listed = "\n".join(f"  {known:18}{one.story}" for known, one in drills.SCENARIOS.items())
    unknown = f"There is no scenario {name!r}. " if name else ""
    raise Told(f"{unknown}Name one of these:\n{listed}", code=USAGE)


def _policy(name: str | None) -> Policy:
    known: dict[str, Policy] = {policy: policy for policy in get_args(Policy)}
    if name not in known:
        raise Told(f"There is no policy {name!r}. Name one of these: {', '.join(known)}.", code=USAGE)
    return known[name]


def _notes(cast: Cast) -> Iterator[str]:
    """What the user should know of who plays and who does not."""
    if cast.left_out:
        yield f"Left out, since the emulator cannot play them: {', '.join(cast.left_out)}."
    if cast.down:
        yield f"Down throughout, since they want no key and nobody plays them: {', '.join(cast.down)}."
    if cast.is_usual:
        reason = "None of your providers can be played" if cast.left_out or cast.down else "No provider key is set"
        yield f"{reason}, so the usual ones are."


def _order_note(catalog: Catalog, policy: Policy) -> Iterator[str]:
    if POLICIES[policy].cheapest_first and not catalog.failover_order:
        yield f"Policy {policy} goes on to the cheapest provider first, whatever the order above."


def _terms(jobs: int, wishes: Wishes, cast: Cast) -> Iterator[str]:
    builtin = "may" if wishes.extractive else "may not"
    longest_s = max(player.timeout_s for player in cast.players)
    yield f"Jobs: {jobs}, policy {wishes.policy}, {wishes.deadline_s:g} s for each. Built-in models {builtin} stand in."
    yield (
        f"A call may take {longest_s:g} s here. In earnest your *_TIMEOUT holds,"
        f" {DEFAULT_PROVIDER_TIMEOUT_S:g} s unless set."
    )


@contextmanager
def _stack(environment: dict[str, str]) -> Iterator[stacks.Notice]:
    with (
        TemporaryDirectory(prefix="meetingmind-drill-", ignore_cleanup_errors=True) as folder,
        stacks.started(Path(folder), environment) as notice,
    ):
        yield notice


def _play(notice: stacks.Notice, wishes: Wishes, jobs: int) -> list[Outcome]:
    files = [inputs.read(SAMPLE)] * jobs
    with closing(Client(notice.url, notice.api_key)) as client, closing(work.analyze(client, files, wishes)) as ends:
        outcomes = [_outcome(ended.outcome) for ended in ends]
        return [_as_booked(client, outcome) for outcome in outcomes]


def _outcome(end: JobView | Trouble) -> Outcome:
    """A job that has not ended is still a job: it counts as stuck, not as turned away."""
    if isinstance(end, JobView):
        return Outcome(job=end)
    return Outcome(job=end.job) if isinstance(end, NotInTime) else Outcome(trouble=str(end))


def _as_booked(client: Client, outcome: Outcome) -> Outcome:
    """The job once more: what a call costs that was given up may be booked after the job's end."""
    return outcome if outcome.job is None else Outcome(job=client.get(outcome.job.id))
