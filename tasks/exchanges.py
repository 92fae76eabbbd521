"""One call through the gate: admission, the call itself, and what the gate learns from it.

The gate is asked before anything is sent, and told in every case how it went, so that a permit is never kept by a call
that is over. The built-in models need none: they run here.
"""

import time
from collections.abc import Iterable
from typing import Final

import structlog

from orchestrator.routing.planning import EXTRACTIVE
from providers.calls import Call, Reply, Target
from providers.errors import Canceled, DeadlineExceeded, ProviderError, QuotaExhausted, Saturated, Unauthenticated
from providers.gate.passes import Pass, Transition
from providers.sockets import Cancel
from tasks import recording, resources
from tasks.recording import Work

log = structlog.get_logger()

# A permit comes free within the time of a call; a moment's wait here is cheaper than a way through rows and queue.
SHORT_WAIT_S: Final = 1.0
PATIENCE_S: Final = 3.0
PERMIT_MARGIN_S: Final = 10.0  # above the call's own deadline: who is killed gives its permit back after that
FAIR_TIMEOUT_S: Final = 30.0  # a sound provider has answered by then; the operator's own timeout counts whatever it is
_BYTES_PER_TOKEN: Final = 4  # for the token bucket, which the answer's own figure corrects


def exchange(work: Work, cancel: Cancel) -> Reply | ProviderError:
    """Put the seat's call to its target. Every failure is a value; nothing was sent where the gate refused."""
    target = work.seat.target
    if target.provider == EXTRACTIVE:
        return _call(work, cancel, key=0)
    try:
        entered = _enter(target, work.call, cancel)
    except ProviderError as error:
        return error
    outcome: Reply | ProviderError = Canceled("the call was given up", provider=target.provider)
    began = time.monotonic()
    try:
        outcome = _call(work, cancel, key=entered.key)
    finally:
        # Also when PostgreSQL went away under the call: the outcome is then none of the provider's making.
        judged = _judged(outcome, work.call, took_s=time.monotonic() - began)
        _tell(resources.current().gate.leave(entered, judged))
    if isinstance(outcome, (Unauthenticated, QuotaExhausted)):
        log.error("provider.key_parked", provider=target.provider, key=entered.key_name, code=outcome.code)
    return outcome


def _enter(target: Target, call: Call, cancel: Cancel) -> Pass:
    """Raises NotAdmitted, or Canceled while waiting for a permit."""
    here = resources.current()
    ends_at = time.monotonic() + PATIENCE_S
    while True:
        try:
            entered = here.gate.enter(
                target,
                here.key_names.get(target.provider, ()),
                call.call_id,
                tokens=_tokens(call),
                ttl_s=call.timeout_s + PERMIT_MARGIN_S,
            )
        except Saturated as error:
            if error.retry_after_s > SHORT_WAIT_S or time.monotonic() >= ends_at:
                raise
            if cancel.wait(error.retry_after_s):
                raise Canceled("canceled while waiting for a permit", provider=target.provider) from None
        else:
            _tell(entered.transitions)
            return entered


def _call(work: Work, cancel: Cancel, *, key: int) -> Reply | ProviderError:
    here = resources.current()
    try:
        return here.client.ask(
            work.seat.target, work.call, cancel=cancel, on_sent=lambda: recording.sent(work), key=key
        )
    except ProviderError as error:
        return error


def _judged(outcome: Reply | ProviderError, call: Call, *, took_s: float) -> Reply | ProviderError:
    """What the gate shall make of it: a job in a hurry must not open a circuit for all the others."""
    hurried = isinstance(outcome, DeadlineExceeded) and call.timeout_s < FAIR_TIMEOUT_S and took_s >= call.timeout_s
    return Canceled("the job left too little time to judge the provider by") if hurried else outcome


def _tokens(call: Call) -> int:
    return sum(len(message.text) for message in call.messages) // _BYTES_PER_TOKEN + call.max_output_tokens


def _tell(transitions: Iterable[Transition]) -> None:
    for change in transitions:
        log.warning(
            "provider.circuit", target=str(change.target), before=change.before, after=change.after, why=change.why
        )
