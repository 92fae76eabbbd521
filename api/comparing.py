"""One job under several strategies: a replay under each, and in what its items differ from the job's own result.

A user of the client, like everything on this side of the contract.
"""

import time
from collections.abc import Callable, Sequence
from typing import Final

from api.client import Client, Problem
from api.schemas import JobStatus, JobView, Shown
from orchestrator.analysis.differences import Differences, differences
from orchestrator.analysis.items import KINDS, Kind, Quality
from providers.calls import JsonObject

PATIENCE_S: Final = 330.0  # a replay has 300 s, and is ended by the service soon after
ROOM_TRIES: Final = 30  # a second each: a tenant's other replays end within moments
TOO_MANY_REQUESTS: Final = 429
OF_ONE_STRATEGY: Final = frozenset({402, 422})  # there is no money for its calls, or it does not fit the job


class Figures(Shown):
    """What a job came to. `items` is empty and `quality` null where it has no result."""

    job: str
    status: JobStatus
    strategy: str
    label: str | None
    items: dict[Kind, int]
    quality: Quality | None
    cost_usd: str


class Replayed(Shown):
    """A job under one strategy: what the replay came to, or the problem why there is none.

    `identical`: its result is the job's own, byte for byte. `differences` is null where one of both has no result.
    """

    strategy: str
    figures: Figures | None
    problem: JsonObject | None
    identical: bool
    differences: Differences | None


class Comparison(Shown):
    """A job and its replays."""

    own: Figures
    replays: tuple[Replayed, ...]


def compare(
    client: Client,
    job_id: str,
    strategies: Sequence[str],
    *,
    allow_calls: bool = False,
    sleep: Callable[[float], None] = time.sleep,
) -> Comparison:
    """Replay a job under each strategy and wait for the ends; `allow_calls`: they may ask leads and judges.

    A strategy that does not fit the job, or for which there is no money, is told in its place.

    Raises:
        Trouble: there is no such job, it cannot be replayed, or the service does not answer.
    """
    own = client.get(job_id)
    made = [(strategy, _replay(client, job_id, strategy, allow_calls, sleep)) for strategy in strategies]
    ended = [(strategy, _ended(client, outcome)) for strategy, outcome in made]
    return Comparison(own=figures(own), replays=tuple(_replayed(own, strategy, outcome) for strategy, outcome in ended))


def figures(job: JobView) -> Figures:
    """What a job came to."""
    return Figures(
        job=job.id,
        status=job.status,
        strategy=job.strategy.ran or job.strategy.asked,
        label=job.label,
        items={} if job.result is None else {kind: len(job.result.of(kind)) for kind in KINDS},
        quality=None if job.result is None else job.result.quality,
        cost_usd=job.cost.spent_usd,
    )


def _replay(
    client: Client,
    job_id: str,
    strategy: str,
    allow_calls: bool,  # noqa: FBT001  handed on
    sleep: Callable[[float], None],
) -> JobView | Problem:
    """The replay under way, or the problem of a strategy that does not fit."""
    for _ in range(ROOM_TRIES):
        try:
            return client.replay(job_id, strategy, allow_calls=allow_calls)
        except Problem as problem:
            if problem.status in OF_ONE_STRATEGY:
                return problem
            if problem.status != TOO_MANY_REQUESTS:
                raise
        sleep(1.0)
    return client.replay(job_id, strategy, allow_calls=allow_calls)


def _ended(client: Client, outcome: JobView | Problem) -> JobView | Problem:
    return client.wait(outcome.id, PATIENCE_S) if isinstance(outcome, JobView) else outcome


def _replayed(own: JobView, strategy: str, outcome: JobView | Problem) -> Replayed:
    if isinstance(outcome, Problem):
        return Replayed(strategy=strategy, figures=None, problem=outcome.document, identical=False, differences=None)
    both = own.result is not None and outcome.result is not None
    return Replayed(
        strategy=strategy,
        figures=figures(outcome),
        problem=outcome.error,
        identical=both and own.model_dump_json(include={"result"}) == outcome.model_dump_json(include={"result"}),
        differences=differences(own.result, outcome.result) if own.result and outcome.result else None,
    )
