"""From a job's rows to Celery signatures, by task name: `chain(chord(asks, synthesize), deliver)`.

Messages carry ids, the seat's epoch and the number of their schema, under a seal. What Flower and the events show of
the arguments is the same ids, written so that a person can follow one job.
"""

from collections.abc import Iterable
from dataclasses import dataclass

from celery import Celery, chain, chord
from celery.canvas import Signature

from orchestrator import names, queues
from orchestrator.seal import Seal
from orchestrator.work.seats import Bell


@dataclass(frozen=True)
class Canvas:
    """Builds what `celery` sends, sealed."""

    celery: Celery
    seal: Seal

    def panel(self, job: str, bells: Iterable[Bell]) -> Signature:
        """The whole job: every seat in parallel on its provider's queue, then the synthesis, then the delivery."""
        header = [self.ask(bell) for bell in bells]
        body = chord(header, self.synthesize(job), app=self.celery)
        return chain(body, self.deliver(job), app=self.celery)

    def ending(self, job: str) -> Signature:
        """What follows when a panel has closed; also the body that a repeated ask rings."""
        return chain(self.synthesize(job), self.deliver(job), app=self.celery)

    def ask(self, bell: Bell) -> Signature:
        return self._signature(
            names.ASK,
            {"job": bell.job, "seat": bell.seat, "epoch": bell.epoch},
            queue=queues.of_provider(bell.provider, bell.lane),
            shown=f"{bell.job} seat {bell.seat}",
        )

    def repeated_ask(self, bell: Bell) -> Signature:
        """An ask outside the first chord, with the same body: it rings the ending if it closes the panel."""
        return self.ask(bell).set(chord=self.ending(bell.job))

    def synthesize(self, job: str) -> Signature:
        return self._signature(names.SYNTHESIZE, {"job": job}, queue=queues.SYNTHESIS, shown=job)

    def deliver(self, job: str) -> Signature:
        return self._signature(names.DELIVER, {"job": job}, queue=queues.DELIVERY, shown=job)

    def _signature(self, name: str, arguments: dict[str, str | int], *, queue: str, shown: str) -> Signature:
        return self.celery.signature(
            name,
            kwargs=sealed(self.seal, name, arguments),
            immutable=True,  # nothing travels from task to task but the ring
            queue=queue,
            argsrepr="",
            kwargsrepr=shown,
        )


def sealed(seal: Seal, name: str, arguments: dict[str, str | int]) -> dict[str, str | int]:
    """The keyword arguments of a message as it travels."""
    return seal.on(name, {**arguments, "schema": names.MESSAGE_SCHEMA})
