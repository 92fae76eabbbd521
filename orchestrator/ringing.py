"""Hands the messages of a job to the broker. Where it is away, time is lost and no job: the reconciler sends again."""

from collections.abc import Iterable
from dataclasses import dataclass

import structlog

from orchestrator.canvas import Canvas
from orchestrator.work.seats import Bell

log = structlog.get_logger()


@dataclass(frozen=True, kw_only=True)
class Ringing:
    """Sends what `canvas` builds."""

    canvas: Canvas

    def publish(self, job_id: str, bells: Iterable[Bell]) -> bool:
        """Hand the whole canvas to the broker. False: the broker is away, and the reconciler will do it."""
        return self._send(job_id, self.canvas.panel(job_id, bells))

    def repeat_ask(self, bell: Bell) -> bool:
        """Publish one seat's ask again."""
        return self._send(bell.job, self.canvas.repeated_ask(bell))

    def ring(self, job_id: str) -> bool:
        """Publish the ending of a job whose panel has closed; the compare-and-set in it lets one ring win."""
        return self._send(job_id, self.canvas.ending(job_id))

    def announce(self, job_id: str) -> bool:
        """Publish the delivery of a job's news."""
        return self._send(job_id, self.canvas.deliver(job_id))

    def _send(self, job_id: str, signature) -> bool:  # type: ignore[no-untyped-def]  # celery has no types
        try:
            signature.apply_async()
        except Exception as error:  # noqa: BLE001 - whatever ails the broker, the rows are safe and the job goes on later
            log.warning("dispatch.not_published", job=job_id, error=type(error).__name__)
            return False
        return True
