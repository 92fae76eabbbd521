"""The chord, counted in rows: a Celery result backend that stores nothing and only rings the body.

Celery asks its result backend to count a chord's header tasks. Here the count is a fact of PostgreSQL: the transaction
that ends a panel's last seat closes the panel, and the task that ran it returns True. All that is left to do is to
publish the body. A redelivered header task finds its seat ended and the panel closed, and rings once more; the body's
compare-and-set lets one ring win. If nobody rings, the reconciler does.

Extension points of Celery 5.7 used, all public: `apply_chord`, `on_chord_part_return`, `store_result`, `get_task_meta`.
"""

from typing import Any

import structlog
from celery import maybe_signature
from celery.backends.base import BaseBackend

from orchestrator import failpoints

log = structlog.get_logger()


class RowsBackend(BaseBackend):
    """Keeps no result. `publishes` of a body that fail are logged and left to the reconciler."""

    supports_autoexpire = True  # nothing is kept, so beat need not send a sweep for it

    def apply_chord(self, header_result_args: Any, body: Any, **kwargs: Any) -> None:
        """Nothing to prepare: the rows exist before the header is published."""

    def on_chord_part_return(self, request: Any, state: str, result: Any, **kwargs: Any) -> None:
        """Publish the body if this header task's own transaction closed the panel, or found it closed."""
        if result is not True:
            return
        body = maybe_signature(request.chord, app=self.app)
        try:
            body.apply_async()
        except Exception as error:  # noqa: BLE001 - whatever the broker's trouble is, the reconciler rings later
            log.warning("chord.not_rung", task_id=request.id, error=type(error).__name__)
        failpoints.reach("chord.rung")

    def store_result(self, *args: Any, **kwargs: Any) -> None:
        """Rows are the truth; there is no second copy."""

    def get_task_meta(self, task_id: str, cache: bool = True) -> dict[str, Any]:  # noqa: FBT001, FBT002 - Celery's
        """Always unknown: nobody in this house waits on a Celery result."""
        return {"status": "PENDING", "result": None, "task_id": task_id}

    def as_uri(self, include_password: bool = True) -> str:  # noqa: FBT001, FBT002 - Celery's signature
        return "rows://"

    def cleanup(self) -> None:
        """Nothing is kept, nothing to sweep."""
