"""From a job's rows to Celery signatures, by task name: `chain(chord(asks, synthesize), deliver)`.

Messages carry ids and the number of their schema. What Flower and the events show of the arguments is the same ids,
written so that a person can follow one job.
"""

from collections.abc import Iterable
from typing import TypeAlias

from celery import Celery, chain, chord
from celery.canvas import Signature

from orchestrator import names, queues
from orchestrator.work.seats import Bell

Options: TypeAlias = dict[str, str]


def panel(app: Celery, job: str, bells: Iterable[Bell]) -> Signature:
    """The whole job: every seat in parallel on its provider's queue, then the synthesis, then the delivery."""
    header = [ask(app, bell) for bell in bells]
    return chain(chord(header, synthesize(app, job), app=app), deliver(app, job), app=app)


def ending(app: Celery, job: str) -> Signature:
    """What follows when a panel has closed; also the body that a repeated ask rings."""
    return chain(synthesize(app, job), deliver(app, job), app=app)


def ask(app: Celery, bell: Bell) -> Signature:
    return _signature(
        app,
        names.ASK,
        {"job": bell.job, "seat": bell.seat},
        queue=queues.of_provider(bell.provider, bell.lane),
        shown=f"{bell.job} seat {bell.seat}",
    )


def repeated_ask(app: Celery, bell: Bell) -> Signature:
    """An ask outside the first chord, with the same body: it rings the ending if it closes the panel."""
    return ask(app, bell).set(chord=ending(app, bell.job))


def synthesize(app: Celery, job: str) -> Signature:
    return _signature(app, names.SYNTHESIZE, {"job": job}, queue=queues.SYNTHESIS, shown=job)


def deliver(app: Celery, job: str) -> Signature:
    return _signature(app, names.DELIVER, {"job": job}, queue=queues.DELIVERY, shown=job)


def _signature(app: Celery, name: str, kwargs: dict[str, str | int], *, queue: str, shown: str) -> Signature:
    return app.signature(
        name,
        kwargs={**kwargs, "schema": names.MESSAGE_SCHEMA},
        immutable=True,  # nothing travels from task to task but the ring
        queue=queue,
        argsrepr="",
        kwargsrepr=shown,
    )
