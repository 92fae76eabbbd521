"""Keeps an answer that is paid for while PostgreSQL is away: here for as long as is bearable, then sealed on disk.

What lies on the disk is booked by whatever process of this machine starts or looks next. Both ends are safe to repeat,
since an attempt is booked once. An answer that can be kept nowhere is told loudly, and its call is booked at its worst
case.
"""

import threading
import time
from collections.abc import Callable
from typing import Final, TypeVar

import structlog
from pydantic import AliasChoices, Field

from orchestrator.errors import Unavailable
from providers.calls import JsonObject, Reply, Value
from tasks import parted, recording, resources, settling
from tasks.spool import Spool, SpoolError
from tasks.work import Account, Paid

log = structlog.get_logger()

KEPT_HERE_S: Final = 120.0
FIRST_PAUSE_S: Final = 0.1
LONGEST_PAUSE_S: Final = 2.0
LOOK_EVERY_S: Final = 30.0

Booked = TypeVar("Booked")


class Kept(Value):
    """A paid answer with all that booking it needs. `document` is what was read in it; `error` why it is of no use.

    An older release wrote the document of an analyst as `candidate`.
    """

    paid: Paid
    reply: Reply
    latency_s: float
    document: JsonObject | None = Field(default=None, validation_alias=AliasChoices("document", "candidate"))
    error: JsonObject | None = None

    def book(self, account: Account) -> bool:
        """Returns whether that closed the panel. Raises Unavailable."""
        if self.document is None:
            recording.unusable(self.paid, account, self.reply, self.error or {})
            return False
        if self.paid.part is not None:
            parted.answered(self.paid, account, self.reply, self.document, self.paid.part, latency_s=self.latency_s)
            return False
        return recording.answered(self.paid, account, self.reply, self.document, latency_s=self.latency_s)


def book(kept: Kept, account: Account, *, on_wait: Callable[[], None]) -> bool:
    """Book the answer, however long PostgreSQL takes to come back; returns whether that closed the panel.

    Args:
        on_wait: called once, before the first wait: let go of what others could use meanwhile.

    Raises:
        Unavailable: it is away for too long, or this process is to end; the answer lies on the disk.
    """
    try:
        return patiently(lambda: kept.book(account), on_wait=on_wait)
    except Unavailable:
        _lay_down(kept)
        raise


def patiently(step: Callable[[], Booked], *, on_wait: Callable[[], None] = lambda: None) -> Booked:
    """Run a transaction again until PostgreSQL is there, for two minutes at most; not when this process is to end.

    Raises:
        Unavailable: that was not long enough.
    """
    stopping = resources.current().stopping
    ends_at, pause_s, waited = time.monotonic() + KEPT_HERE_S, FIRST_PAUSE_S, False
    while True:
        try:
            return step()
        except Unavailable:
            if stopping.is_set() or time.monotonic() + pause_s > ends_at:
                raise
        if not waited:
            log.warning("money.kept", why="PostgreSQL is away", for_s=KEPT_HERE_S)
            on_wait()
            waited = True
        stopping.wait(pause_s)
        pause_s = min(LONGEST_PAUSE_S, 2 * pause_s)


def _lay_down(kept: Kept) -> None:
    spool = resources.current().spool
    paid = kept.paid
    if spool is None:
        log.error("money.answer_lost", attempt=paid.call_id, why="MEETINGMIND_SPOOL_DIR is not set")
        return
    try:
        spool.put(tenant=paid.tenant, job=paid.claim.job, attempt=paid.call_id, document=kept.model_dump(mode="json"))
    except SpoolError as error:
        log.exception("money.answer_lost", attempt=paid.call_id, why=str(error))
    else:
        log.warning("money.laid_down", attempt=paid.call_id)


class Replayer:
    """A thread that books what lies on this machine's disk: at once, and every half minute from then on."""

    def __init__(self, spool: Spool, stopping: threading.Event) -> None:
        self._spool = spool
        self._stopping = stopping
        self._thread = threading.Thread(target=self._run, name="replay", daemon=True)

    def start(self) -> None:
        self._thread.start()

    def stop(self) -> None:
        """Waits for the answer under way. `stopping` must be set."""
        if self._thread.is_alive():
            self._thread.join(timeout=5.0)

    def _run(self) -> None:
        while not self._stopping.is_set():
            replay(self._spool)
            self._stopping.wait(LOOK_EVERY_S)


def replay(spool: Spool) -> int:
    """Book what lies in the spool; returns how many answers were. What cannot be booked now stays."""
    done = 0
    try:
        for name in spool.waiting():
            done += _replay_file(spool, name)
    except Unavailable as error:
        log.warning("money.replay_put_off", error=error.message)
    except SpoolError as error:
        log.exception("money.replay_failed", why=str(error))
    return done


def _replay_file(spool: Spool, name: str) -> bool:
    """One file that cannot be booked must not keep the others waiting. Raises Unavailable, SpoolError."""
    try:
        with spool.take(name) as document:
            if document is None:
                return False
            _replay_one(Kept.model_validate(document, strict=False))
    except (Unavailable, SpoolError):
        raise
    except Exception:
        log.exception("money.replay_failed", file=name)
        return False
    return True


def _replay_one(kept: Kept) -> None:
    account = Account()
    closed = kept.book(account)
    if account.cost_micro_usd is not None:
        settling.settle({kept.paid.call_id: account.cost_micro_usd})
    if account.corrected:
        settling.set_anew()
    if closed:
        resources.current().dispatch.ring(kept.paid.claim.job)
    log.info("money.replayed", attempt=kept.paid.call_id)
