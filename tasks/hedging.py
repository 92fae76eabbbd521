"""A second call beside a slow one: the first answer is the seat's, the other call is cut and booked.

Off unless `MEETINGMIND_HEDGING` says so, and then for interactive jobs alone. Both calls stand under one claim and one
cancel: whoever has an answer ends the seat and cuts the other. Each has its own attempt, hold and place in the gate; a
call that the job's bound or a budget has no room for is not made.
"""

import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager

import structlog

from orchestrator.analysis.replies import UnreadableReply
from orchestrator.errors import DomainError
from orchestrator.routing import hedging as rules
from orchestrator.routing.market import EXTRACTIVE
from orchestrator.routing.rungs import usable
from orchestrator.storage import jobs
from providers.calls import Reply
from providers.errors import BadReply, ProviderError
from providers.sockets import Cancel
from tasks import exchanges, keeping, markets, preparing, recording, resources
from tasks.booking import shown
from tasks.keeping import Kept
from tasks.work import Work

log = structlog.get_logger()


class Beside:
    """The second call of one seat, if there is one. `closed`: its answer closed the panel."""

    def __init__(self, work: Work, cancel: Cancel) -> None:
        self.closed = False
        self._work = work
        self._cancel = cancel
        self._over = threading.Event()
        self._thread: threading.Thread | None = None

    def watch(self, after_s: float) -> None:
        self._thread = threading.Thread(target=self._run, args=(after_s,), name="hedge", daemon=True)
        self._thread.start()

    def settle(self, outcome: Reply | ProviderError) -> None:
        """The first call is over: what is not under way begins no more, and a call that has lost is cut.

        Where the first call failed, the second is waited for: it may still end the seat.
        """
        self._over.set()
        if isinstance(outcome, Reply) and self._thread is not None:
            self._cancel.cancel()
        self.join()

    def join(self) -> None:
        if self._thread is not None:
            self._thread.join()

    def _run(self, after_s: float) -> None:
        if self._over.wait(after_s) or self._cancel.canceled:
            return
        try:
            second = _second(self._work)
            if second is not None:
                self.closed = _ask(second, self._cancel)
        except DomainError as error:
            log.warning("hedge.not_made", code=error.code, error=error.message)
        except Exception:
            log.exception("hedge.not_made")  # the first call goes on; what this one left, the reconciler books


@contextmanager
def beside(work: Work, cancel: Cancel) -> Iterator[Beside]:
    """Watches over a call that is about to be made."""
    here = resources.current()
    second = Beside(work, cancel)
    target = work.seat.target
    wanted = here.settings.hedging and work.job.priority == "interactive" and target.provider != EXTRACTIVE
    if wanted and work.part is None:  # its time depends on how long the part is, and the next one has to wait anyhow
        after_s = here.hedges.begin(target)
        if after_s is not None:
            second.watch(after_s)
    try:
        yield second
    finally:
        second.join()


def _second(work: Work) -> Work | None:
    """Intend the second call, where there is somebody to ask, and the share and the bound have room for it."""
    here = resources.current()
    with here.database.tenant(work.job.tenant_id) as connection:
        room = work.job.bound_micro_usd - jobs.spent(connection, work.job.id) - work.bound_micro_usd
        market = markets.market(work.job, work.call.messages)
        rung = rules.second_rung(work.seat.plan, work.seat.rung, usable(work.seat.plan, market, room))
        if rung is None or not here.hedges.take():
            return None
        row = work.seat.model_copy(update={"rung": rung})
        return preparing.prepare(connection, row, jobs.read(connection, work.job.id), hedge=True)


def _ask(work: Work, cancel: Cancel) -> bool:
    """Make the call and book what comes of it; an answer cuts the other call. Returns whether that closed the panel."""
    log.info("hedge.asked", job=work.job.id, seat=work.seat.seat, target=str(work.seat.target))
    with exchanges.passage(work, cancel) as way:
        began = time.monotonic()
        outcome = way.ask()
        took_s = time.monotonic() - began
        if isinstance(outcome, ProviderError):
            keeping.patiently(lambda: recording.lost(work, outcome), on_wait=way.give_up_permit)
            return False
        try:
            document = preparing.read(work, outcome).model_dump(mode="json")
        except UnreadableReply as error:
            bad = BadReply(error.message, provider=work.seat.target.provider)
            useless = Kept(paid=work.paid, reply=outcome, latency_s=took_s, error=shown(bad))
            return keeping.book(useless, work.account, on_wait=way.give_up_permit)
        cancel.cancel()
        kept = Kept(paid=work.paid, reply=outcome, latency_s=took_s, document=document)
        return keeping.book(kept, work.account, on_wait=way.give_up_permit)
