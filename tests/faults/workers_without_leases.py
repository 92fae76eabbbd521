"""An ask worker whose claims mind no lease, and which hears every message twice: for tests with teeth."""

import sys
from typing import Any

from sqlalchemy import Connection, update

from orchestrator.storage import seats
from orchestrator.storage.seats import SeatRow
from orchestrator.storage.tables import seats as table
from orchestrator.work.seats import OPEN, Bell, SeatStatus
from tasks import ask as asking
from workers import __main__ as workers


def claim(connection: Connection, job_id: str, seat: int, epoch: int, lease_s: float) -> SeatRow | None:
    """As `seats.claim`, but a seat that somebody holds is taken as well, under the epoch that it has."""
    row = (
        connection.execute(
            update(table)
            .where(table.c.job_id == job_id, table.c.seat == seat, table.c.status.in_(list(OPEN)))
            .values(
                status=SeatStatus.RUNNING,
                epoch=1,
                claims=1,
                attempts=table.c.attempts + 1,
                lease_until=seats._in(lease_s),
            )
            .returning(table)
        )
        .mappings()
        .one_or_none()
    )
    return None if row is None else SeatRow.model_validate(dict(row))


def twice(work: Any) -> Any:
    """Every delivery is followed by a second one, at once, in another thread."""
    import threading  # noqa: PLC0415 - in this wrapper alone

    def both(job: str, seat: int, epoch: int) -> bool | Bell:
        shadow = threading.Thread(target=_quietly, args=(work, job, seat, epoch))
        shadow.start()
        try:
            done: bool | Bell = work(job, seat, epoch)
        finally:
            shadow.join()
        return done

    return both


def _quietly(work: Any, job: str, seat: int, epoch: int) -> None:
    try:
        work(job, seat, epoch)
    except Exception as error:  # noqa: BLE001 - the second delivery may fail in any way; the first is what the test waits for
        sys.stderr.write(f"the second delivery ended in {type(error).__name__}\n")


if __name__ == "__main__":
    seats.claim = claim
    asking._work = twice(asking._work)
    sys.exit(workers.main(["ask"]))
