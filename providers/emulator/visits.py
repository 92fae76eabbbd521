"""A request as it arrived, and the line that it leaves in the log."""

import secrets
from dataclasses import dataclass
from datetime import datetime

from starlette.requests import Request

from providers.emulator.bank import Bank
from providers.emulator.chat_answers import JsonObject, Outcome
from providers.emulator.delivery import is_gone
from providers.emulator.draws import digest
from providers.emulator.log import Entry, RequestLog, mask
from providers.emulator.openai_chat import ChatRequest, parse
from providers.emulator.parcels import FaultArgs
from providers.emulator.personas import Persona, at
from providers.emulator.refusals import Refusal
from providers.emulator.script import Caller, Rule, Script
from providers.emulator.state import Opening, State


@dataclass(frozen=True)
class Visit:
    """A request with the script, log and bank that were current when it came: a reset must not mix two tests.

    `body` is None when it is not a JSON object. `rule` is the fault that the script chose for it.
    """

    request: Request
    number: int
    request_id: str
    arrived: datetime
    persona: Persona
    caller: Caller
    body: JsonObject | None
    rule: Rule | None
    opening: Opening
    script: Script
    log: RequestLog
    bank: Bank

    @property
    def fault(self) -> str:
        """The name of the fault, or nothing."""
        return self.rule.fault if self.rule else ""

    @property
    def args(self) -> FaultArgs:
        """The knobs of the fault."""
        return self.rule.args if self.rule else FaultArgs()

    @property
    def elapsed_ms(self) -> int:
        """How long it has been here."""
        return round((self.opening.now() - self.arrived).total_seconds() * 1000)


@dataclass(frozen=True)
class Ending:
    """How a visit ended. `status` is None when no status line was sent."""

    status: int | None
    checked: ChatRequest | None = None
    result: Outcome | None = None
    error_code: str | None = None
    billed_micro_usd: int = 0
    planted: tuple[str, ...] = ()


def arrive(request: Request, raw: bytes, state: State, *, endpoint: str) -> Visit:
    """Note who asks for what, and let the script choose the fault."""
    body = _body(raw)
    persona = at(request.url.path)
    caller = Caller(
        key=_key(request),
        model=_model_name(body),
        call_id=request.headers.get("x-client-request-id", ""),
        persona=persona.name,
        endpoint=endpoint,
    )
    return Visit(
        request=request,
        number=next(state.numbers),
        request_id=f"req_{secrets.token_hex(8)}",
        arrived=state.opening.now(),
        persona=persona,
        caller=caller,
        body=body,
        rule=state.script.take(caller),
        opening=state.opening,
        script=state.script,
        log=state.log,
        bank=state.bank,
    )


def record(visit: Visit, ending: Ending) -> None:
    """Write the visit's line."""
    checked, result = ending.checked, ending.result
    visit.log.append(
        Entry(
            request_id=visit.request_id,
            arrived_at=visit.arrived.isoformat(),
            duration_ms=visit.elapsed_ms,
            persona=visit.persona.name,
            endpoint=visit.caller.endpoint,
            key=mask(visit.caller.key),
            model=visit.caller.model,
            call_id=visit.caller.call_id,
            prompt_digest=digest(*checked.texts) if checked else "",
            stream=bool(checked and checked.stream),
            status=ending.status,
            error_code=ending.error_code,
            fault=visit.fault or None,
            model_served=result.model_served.id if result else None,
            prompt_tokens=result.tokens.prompt if result else 0,
            completion_tokens=result.tokens.completion if result else 0,
            billed_micro_usd=ending.billed_micro_usd,
            client_gone=is_gone(visit.request.scope),
            planted=ending.planted,
        )
    )


def _body(raw: bytes) -> JsonObject | None:
    try:
        return parse(raw) if raw else None
    except Refusal:
        return None


def _key(request: Request) -> str:
    scheme, _, key = request.headers.get("authorization", "").partition(" ")
    return key.strip() if scheme.lower() == "bearer" else ""


def _model_name(body: JsonObject | None) -> str:
    """The model that a body names, however wrong the rest of it is: faults are scripted by model."""
    name = body.get("model") if body else None
    return name if isinstance(name, str) else ""
