"""Finds jobs that stand still and sets them going again. The only cure for messages that the broker lost.

Each case of a round is a bounded batch, and each row stands for itself, so that one bad row never starves the rest:

    an ask that has left its queue and that nobody claimed, or one that is due again -> published again
    a running seat whose lease ran out                  -> its attempts written off, the seat freed, asked again
    ... for the third time                              -> failed as poison
    a closed panel that nobody synthesised              -> rung again
    a job past its deadline                             -> expired
    a panel whose quorum has waited long enough         -> closed (see tasks/late.py)
    a call that a dead process left in an ended seat    -> written off
    a hold whose call is over, or was never written     -> settled
    a message that no process understood, when it is due -> sent again
    news that nobody announced                          -> delivered
    a circuit of whose change nobody told                -> told (see tasks/circuit_news.py)
    events that nobody has read                         -> numbered, so that their first reader need not
    a batch whose jobs do not all know what is wished   -> told (see tasks/batches.py)
    a batch whose last line never came                  -> closed
"""

import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Final, TypeVar

import structlog
from redis.exceptions import RedisError
from sqlalchemy import Connection

from orchestrator import failpoints, queues
from orchestrator.errors import DomainError, Unavailable
from orchestrator.routing.market import EXTRACTIVE
from orchestrator.standing import asks_in
from orchestrator.storage import attempts, batch_steps, feed, interventions, jobs, seats, standstill
from orchestrator.storage import returned as returned_rows
from orchestrator.storage.changes import Change
from orchestrator.storage.seats import Claim, SeatRow
from orchestrator.work.jobs import JobStatus
from orchestrator.work.seats import Ask, Bell, Reason, SeatStatus, is_poison
from providers.calls import JsonObject
from tasks import batches, circuit_news, late, recording, resources, returned, settling

log = structlog.get_logger()

BATCH: Final = 200  # rows of each case in one run; the next run is seconds away
RING_AGAIN_AFTER_S: Final = 5.0  # a body that is on its way gets this long

# A living process books a call that it has lost within a second or two of losing it.
LEASES_UNTIL_GONE: Final = 2.0

# Readers number what they read; until then it is no work of anybody's.
UNREAD_AFTER_S: Final = 5.0
MOST_NUMBERED: Final = 20 * feed.BATCH  # of one tenant in one round: about half a second

# A call is intended, held and settled within moments of its rows; what stands longer waits for nobody.
HELD_AT_LEAST_S: Final = 5.0
MOST_HOLDS: Final = 1_000

# A publish to a dead broker takes a second or more, and a job must not wait for its turn behind two hundred of those.
ROUND_S: Final = 15.0

Row = TypeVar("Row")


def reconcile(keep: Callable[[], None] = lambda: None) -> None:
    """One round. Safe at any time, in any number of processes: two at once only send more messages than they need.

    Each case is looked for when its turn has come: a job that has just expired is not asked again.

    Args:
        keep: called before each row; what it raises ends the round.

    Raises:
        Unavailable: PostgreSQL is away.
    """
    settings = resources.current().settings
    unclaimed_after_s, gone_after_s = settings.unclaimed_after_s, LEASES_UNTIL_GONE * settings.lease_s
    rows = _Rows(keep, ends_at=time.monotonic() + ROUND_S)
    rows.each(lambda found: standstill.overdue(found, BATCH), _expire)
    late.close_panels(BATCH)
    standing = _standing(unclaimed_after_s)
    rows.each(lambda found: standstill.unheard(found, unclaimed_after_s, standing, BATCH), _ask_again)
    rows.each(lambda found: standstill.unsynthesised(found, RING_AGAIN_AFTER_S, BATCH), _ring)
    rows.each(lambda found: standstill.left_behind(found, gone_after_s, BATCH), _write_off)
    _settle_holds()
    rows.each(lambda found: returned_rows.due(found, BATCH), returned.send_on)
    rows.each(lambda found: standstill.silent(found, RING_AGAIN_AFTER_S, BATCH), _announce)
    circuit_news.catch_up()
    rows.each(lambda found: feed.behind(found, UNREAD_AFTER_S, BATCH), _number)
    rows.each(lambda found: batch_steps.unsettled(found, BATCH), batches.settle)
    rows.each(lambda found: batch_steps.abandoned(found, batches.ABANDONED_AFTER_S, BATCH), batches.close)


@dataclass(frozen=True)
class _Rows:
    """How a round goes through what it finds."""

    keep: Callable[[], None]
    ends_at: float

    def each(self, look: Callable[[Connection], Sequence[Row]], act: Callable[[Row], None]) -> None:
        with resources.current().database.system() as connection:
            found = look(connection)
        if found:
            failpoints.reach("reconcile.found")
        for row in found:
            if time.monotonic() >= self.ends_at:
                log.warning("reconcile.out_of_time", case=act.__name__)
                return
            self.keep()
            _try(act, row)
            failpoints.reach("reconcile.midway")


def _try(act: Callable[[Row], None], row: Row) -> None:
    try:
        act(row)
    except Unavailable:
        raise
    except DomainError as error:
        log.warning("reconcile.row_failed", case=act.__name__, code=error.code, error=error.message)
    except Exception:
        log.exception("reconcile.row_failed", case=act.__name__)


def _standing(unclaimed_after_s: float) -> set[Ask] | None:
    """Asks that wait in their queues, of those queues in which one has waited for long. None: Redis is away."""
    here = resources.current()
    with here.database.system() as connection:
        places = standstill.unclaimed(connection, unclaimed_after_s)
    among = {queues.of_provider(_asked_at(provider), lane) for provider, lane in places}
    try:
        return {ask for queue in among for ask in asks_in(here.redis, f"{here.settings.redis_prefix}{queue}")}
    except RedisError as error:
        log.warning("reconcile.queues_unseen", error=type(error).__name__)
        return None


def _asked_at(provider: str) -> str:
    """Itself; who has left the catalog has no queue, and on any other the seat finds that out, and moves on."""
    has_queue = queues.of_provider(provider) in queues.table(resources.current().catalog)
    return provider if has_queue else EXTRACTIVE


def _ask_again(row: SeatRow) -> None:
    if row.status is SeatStatus.RUNNING and not _free(row):
        return
    here = resources.current()
    provider = _asked_at(row.target.provider)
    bell = Bell(job=row.job_id, seat=row.seat, provider=provider, epoch=row.epoch, lane=row.lane)
    if not here.dispatch.repeat_ask(bell):
        return
    with here.database.tenant_of(row.job_id) as connection:
        seats.mark_published(connection, [bell])
    log.info("reconcile.asked_again", job=row.job_id, seat=row.seat, provider=bell.provider)


def _free(row: SeatRow) -> bool:
    """Take a seat from a holder that is gone. True: it shall be asked again; False: it has ended, or was not free."""
    claim = Claim(job=row.job_id, seat=row.seat, epoch=row.epoch)
    with resources.current().database.tenant_of(row.job_id) as connection:
        if not interventions.take_from(connection, claim):
            return False
        came_to = recording.write_off_claim(connection, claim)
        poison = is_poison(row.claims)
        job = _count_out_as_poison(connection, claim) if poison else None
    settling.settle(came_to)
    if not poison:
        return True
    log.error("reconcile.poison", job=row.job_id, seat=row.seat)
    if job is not None and job.open_seats == 0:
        resources.current().dispatch.ring(row.job_id)
    return False


def _count_out_as_poison(connection: Connection, claim: Claim) -> Change | None:
    interventions.give_up(connection, claim, Reason.POISON)
    data: JsonObject = {"seat": claim.seat, "reason": Reason.POISON}
    return jobs.count_out(connection, claim.job, "seat.failed", data)


def _number(tenant: str) -> None:
    """Number what a tenant's events have come to, each batch in a transaction of its own."""
    for _ in range(0, MOST_NUMBERED, feed.BATCH):
        with resources.current().database.tenant(tenant) as connection:
            given = feed.number(connection)
        if given < feed.BATCH:
            return


def _ring(job_id: str) -> None:
    if resources.current().dispatch.ring(job_id):
        with resources.current().database.tenant_of(job_id) as connection:
            standstill.mark_rung(connection, job_id)
        log.info("reconcile.rung", job=job_id)


def _expire(job_id: str) -> None:
    here = resources.current()
    error = {"code": "deadline-exceeded", "detail": "The job was not finished by its deadline."}
    with here.database.tenant_of(job_id) as connection:
        interventions.cancel_open(connection, job_id)
        jobs.move(
            connection, job_id, JobStatus.EXPIRED, "job.expired", {}, finished_at=here.dispatch.now(), error=error
        )
    log.info("reconcile.expired", job=job_id)
    here.dispatch.announce(job_id)


def _write_off(lost: Claim) -> None:
    with resources.current().database.tenant_of(lost.job) as connection:
        came_to = recording.write_off_claim(connection, lost)
    settling.settle(came_to)
    log.info("reconcile.written_off", job=lost.job, seat=lost.seat)


def _settle_holds() -> None:
    """Settle by the rows what was held for calls that are over: their process died, or Redis did not hear it."""
    here = resources.current()
    try:
        held = here.counters.holds.standing_holds(HELD_AT_LEAST_S)[:MOST_HOLDS]
    except RedisError as error:
        log.warning("reconcile.holds_put_off", error=type(error).__name__)
        return
    if not held:
        return
    with here.database.system() as connection:
        known = attempts.costs(connection, held)
    over = {call_id: cost for call_id in held if (cost := known.get(call_id, 0)) is not None}
    settling.settle(over)
    if over:
        log.info("reconcile.settled", holds=len(over))


def _announce(job_id: str) -> None:
    if resources.current().dispatch.announce(job_id):
        with resources.current().database.tenant_of(job_id) as connection:
            standstill.mark_rung(connection, job_id)
