"""Who comes in: scripted refusals, keys, and the limits in force, in the OpenAI family's words."""

from dataclasses import replace
from functools import partial

from providers.emulator.endings import told
from providers.emulator.limit_words import openai_reason
from providers.emulator.limits import OverLimit, Standing
from providers.emulator.refusals import SCRIPTED, Reason, Refusal
from providers.emulator.visits import Visit


def check_caller(visit: Visit, *, key_needed: bool = True) -> None:
    """Let the script and the key speak first.

    Raises:
        Refusal: a scripted one, or there is no key.
    """
    reason = visit.persona.scripted.get(visit.fault) or SCRIPTED.get(visit.fault)
    if reason:
        raise Refusal(_told(reason, visit))
    if key_needed and not visit.caller.key:
        raise Refusal(visit.persona.missing_key())


def let_in(visit: Visit, tokens: int) -> Standing:
    """Count a request against the limits of its persona or key; its place is free again once it is delivered.

    Raises:
        OverLimit: there is no room. Each dialect says so in its own way (`limit_words`).
    """
    caller = visit.caller
    standing = visit.limits.enter(caller.persona, caller.key, visit.request_id, tokens, visit.opening.now())
    visit.request.scope["state"]["leave"] = partial(visit.limits.leave, visit.request_id)
    return standing


def let_in_or_refuse(visit: Visit, tokens: int) -> Standing:
    """The same in the OpenAI family's words.

    Raises:
        Refusal: 429 or 503, with the headers that this vendor sends.
    """
    try:
        return let_in(visit, tokens)
    except OverLimit as over:
        headers = visit.persona.limit_headers(over.standing) | visit.persona.retry_headers(over)
        raise Refusal(replace(openai_reason(over), headers=headers)) from over


def _told(reason: Reason, visit: Visit) -> Reason:
    """A scripted refusal with the headers that this vendor sends and those that the rule adds."""
    unknown = visit.persona.limit_headers(Standing()) if reason.status == 429 else {}
    made = told(reason, visit)
    return replace(made, headers=unknown | reason.headers | made.headers)
