"""One call through the gate: its hold and its admission, the call itself, and what both learn from it.

The gate is asked before anything is sent, and in the same breath the call's worst case is held on every budget that it
counts in. Both are told in every case how it went, so that no permit and no hold is kept by a call that is over. What a
call came to, its rows say: the hold is settled by that alone, once it is committed, and where the process dies before,
by the reconciler. The built-in models need none of this: they run here.
"""

import time
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from typing import Final

import structlog

from orchestrator import failpoints
from orchestrator.routing import redacting
from orchestrator.routing.failover import MAX_AMBIGUOUS, MAX_BILLED_CALLS
from orchestrator.routing.market import EXTRACTIVE
from providers.calls import Call, Reply
from providers.errors import (
    Canceled,
    DeadlineExceeded,
    ProviderError,
    QuotaExhausted,
    Refused,
    Saturated,
    Unauthenticated,
    Withheld,
)
from providers.gate.passes import NotAgreed, Pass, Transition
from providers.sockets import Cancel
from tasks import circuit_news, markets, recording, resources, settling
from tasks.purses import Purse
from tasks.recording import HeldBefore
from tasks.work import Work

log = structlog.get_logger()

# A permit comes free within the time of a call; a moment's wait here is cheaper than a way through rows and queue.
SHORT_WAIT_S: Final = 1.0
PATIENCE_S: Final = 3.0
PERMIT_MARGIN_S: Final = 10.0  # above the call's own deadline: who is killed gives its permit back after that
FAIR_TIMEOUT_S: Final = 30.0  # a sound provider has answered by then; the operator's own timeout counts whatever it is
MOST_HOLDS: Final = 5  # each new one means that the counters were set anew between hold and departure
_BYTES_PER_TOKEN: Final = 4  # for the token bucket, which the answer's own figure corrects


@contextmanager
def passage(work: Work, cancel: Cancel) -> Iterator["Passage"]:
    """The way to the seat's target and back. What the block books, the hold is settled at when it ends."""
    way = Passage(work, cancel)
    try:
        yield way
    finally:
        way.close()


class Passage:
    """Made by `passage`, used by one thread."""

    def __init__(self, work: Work, cancel: Cancel) -> None:
        self._work = work
        self._cancel = cancel
        self._purse = Purse(work)
        self._entered: Pass | None = None
        self._judged: Reply | ProviderError = Canceled("the call was given up", provider=work.seat.target.provider)

    def ask(self) -> Reply | ProviderError:
        """Put the seat's call to its target. Every failure is a value; nothing was sent where gate or budget refused.

        Raises:
            Unavailable: PostgreSQL went away before the call could leave; nothing was sent.
        """
        if self._work.seat.target.provider == EXTRACTIVE:
            return self._call(key=0)
        barred = _barred(self._work)
        if barred is not None:
            return barred
        for _ in range(MOST_HOLDS):
            try:
                entered = self._enter()
                return self._judge(entered)
            except HeldBefore:
                continue
            except ProviderError as error:
                return error
        return _withheld(self._work, "the counters of budgets are being set anew", final=False)

    def give_up_permit(self) -> None:
        """Leave the gate before the rows are written: they keep us waiting. The hold stays."""
        if self._entered is not None:
            _tell(resources.current().gate.leave(self._entered, self._judged))
            self._entered = None

    def close(self) -> None:
        """Leave the gate and settle the hold, in one trip where both are to be done."""
        settlement = self._purse.settlement()
        if self._entered is not None:
            _tell(resources.current().gate.leave(self._entered, self._judged, companion=settlement))
        elif settlement is not None:
            settling.settle({self._work.call.call_id: self._work.account.cost_micro_usd or 0})
        if self._work.account.corrected:
            settling.set_anew()

    def _enter(self) -> Pass:
        """Raises NotAdmitted, or Canceled while waiting for a permit."""
        ends_at = time.monotonic() + PATIENCE_S
        while True:
            try:
                self._entered = self._ask_gate()
            except NotAgreed as refusal:
                self._purse.mend(refusal.told)  # or raises Withheld
            except Saturated as error:
                if error.retry_after_s > SHORT_WAIT_S or time.monotonic() >= ends_at:
                    raise
                if self._cancel.wait(error.retry_after_s):
                    raise Canceled("canceled while waiting for a permit", provider=error.provider) from None
            else:
                _tell(self._entered.transitions)
                self._purse.held(self._entered.told)
                failpoints.reach("attempt.held")
                return self._entered

    def _ask_gate(self) -> Pass:
        here, call, target = resources.current(), self._work.call, self._work.seat.target
        return here.gate.enter(
            target,
            here.key_names.get(target.provider, ()),
            call.call_id,
            tokens=_tokens(call),
            ttl_s=call.timeout_s + PERMIT_MARGIN_S,
            companion=self._purse.wish(),
        )

    def _judge(self, entered: Pass) -> Reply | ProviderError:
        began = time.monotonic()
        outcome = self._call(key=entered.key)
        self._judged = _judged(outcome, self._work.call, took_s=time.monotonic() - began)
        if isinstance(outcome, (Unauthenticated, QuotaExhausted)):
            log.error("provider.key_parked", provider=entered.target.provider, key=entered.key_name, code=outcome.code)
        return outcome

    def _call(self, *, key: int) -> Reply | ProviderError:
        """Raises HeldBefore: nothing was sent."""
        work = self._work
        try:
            return resources.current().client.ask(
                work.seat.target, work.call, cancel=self._cancel, on_sent=lambda: recording.sent(work), key=key
            )
        except ProviderError as error:
            return error


def _judged(outcome: Reply | ProviderError, call: Call, *, took_s: float) -> Reply | ProviderError:
    """What the gate shall make of it: a job in a hurry must not open a circuit for all the others."""
    hurried = isinstance(outcome, DeadlineExceeded) and call.timeout_s < FAIR_TIMEOUT_S and took_s >= call.timeout_s
    return Canceled("the job left too little time to judge the provider by") if hurried else outcome


def _barred(work: Work) -> ProviderError | None:
    """Why the call is not made, whatever gate and budget would say; None: it may be."""
    forbidden = markets.why_forbidden(work.job, work.seat.target)
    if forbidden is not None:
        # The house, or its catalog, has become stricter since the job was planned.
        return Refused(f"its provider {forbidden}", provider=work.seat.target.provider)
    missing = redacting.lacks(work.job.context, resources.current().dispatch.steering.redaction)
    if missing:
        # No words of such a job may leave the house, as its hints were written with nothing hidden.
        why = f"the house hides {', '.join(missing)} from models now, and the job was posted without"
        return Refused(why, provider=work.seat.target.provider)
    if work.intended.ambiguous >= MAX_AMBIGUOUS:
        return _withheld(work, "the fate of its calls is unknown, and no further one is paid", final=True)
    if work.intended.billed >= MAX_BILLED_CALLS:
        # Its last holder was lost with the last call that the seat may pay for.
        return _withheld(work, "it has paid for as many calls as a seat may", final=True)
    return None


def _withheld(work: Work, why: str, *, final: bool) -> Withheld:
    return Withheld(why, reason=why, retry_after_s=1.0, final=final, provider=work.seat.target.provider)


def _tokens(call: Call) -> int:
    return sum(len(message.text) for message in call.messages) // _BYTES_PER_TOKEN + call.max_output_tokens


def _tell(transitions: Iterable[Transition]) -> None:
    for change in transitions:
        circuit_news.tell(change)
