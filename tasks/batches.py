"""What is left to do of what callers wished for their batches, where the process that began it is gone."""

from typing import Final

import structlog

from orchestrator.batches.amending import Amending
from tasks import resources

log = structlog.get_logger()

ABANDONED_AFTER_S: Final = 24 * 3_600.0  # the time within which a caller goes on with an upload that broke
ENDING_S: Final = 2.0  # of a round's fifteen seconds


def settle(batch: tuple[str, str]) -> None:
    """Tell its jobs what their caller wishes; those that only wait are ended as far as the time goes."""
    tenant, batch_id = batch
    done = Amending(resources.current().dispatch).settle(tenant, batch_id, ENDING_S)
    log.info("batch.settled", batch=batch_id, done=done)


def close(batch: tuple[str, str]) -> None:
    """Nobody brings its last lines any more."""
    tenant, batch_id = batch
    Amending(resources.current().dispatch).close(tenant, batch_id)
    log.info("batch.closed", batch=batch_id)
