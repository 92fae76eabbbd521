"""A request as it arrived, and the line that it leaves in the log."""

import secrets
from dataclasses import dataclass
from datetime import datetime
from typing import Final, Protocol

from starlette.requests import Request

from providers.emulator.bank import Bank
from providers.emulator.batch_engine import BatchStore
from providers.emulator.chat_answers import JsonObject
from providers.emulator.delivery import is_gone
from providers.emulator.draws import digest
from providers.emulator.files import FileStore
from providers.emulator.gemini_store import GoogleStore
from providers.emulator.limits import Limits
from providers.emulator.log import Entry, RequestLog, mask
from providers.emulator.openai_chat import parse
from providers.emulator.parcels import FaultArgs
from providers.emulator.personas import Persona, at
from providers.emulator.prompt_cache import PromptCache
from providers.emulator.refusals import Refusal
from providers.emulator.script import Caller, Rule, Script
from providers.emulator.state import Opening, State

# Where a vendor looks for the key before it looks at Authorization.
_KEY_HEADERS: Final = {"anthropic": "x-api-key", "azure": "api-key", "gemini": "x-goog-api-key"}
_FORMS: Final = ("response_format", "output_config", "generationConfig")  # where a schema stands, by dialect


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
    batches: BatchStore
    cache: PromptCache
    limits: Limits
    files: FileStore
    google: GoogleStore

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


class Asked(Protocol):
    """What the log wants to know of a request that was accepted, in any dialect."""

    @property
    def texts(self) -> tuple[str, ...]: ...

    @property
    def stream(self) -> bool: ...


class Counted(Protocol):
    """Tokens of the whole prompt and of the whole answer."""

    @property
    def prompt(self) -> int: ...

    @property
    def completion(self) -> int: ...


class Sold(Protocol):
    """The model that served."""

    @property
    def id(self) -> str: ...


class Told(Protocol):
    """What the log wants to know of an answer, in any dialect."""

    @property
    def model_served(self) -> Sold: ...

    @property
    def tokens(self) -> Counted: ...


@dataclass(frozen=True)
class Ending:
    """How a visit ended. `status` is None when no status line was sent; nobody waits for an item of a batch."""

    status: int | None
    checked: Asked | None = None
    result: Told | None = None
    error_code: str | None = None
    billed_micro_usd: int = 0
    planted: tuple[str, ...] = ()
    attended: bool = True


def arrive(request: Request, raw: bytes, state: State, *, endpoint: str, model: str = "") -> Visit:
    """Note who asks for what, and let the script choose the fault. `model` is given where the path names it."""
    body = _body(raw)
    if body is not None and (deployment := request.path_params.get("deployment")):
        body = body | {"model": str(deployment)}  # Azure's classic addresses: the path decides
    persona = at(request.url.path)
    caller = Caller(
        key=_key(request, persona.name),
        model=model or _model_name(body),
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
        batches=state.batches,
        cache=state.cache,
        limits=state.limits,
        files=state.files,
        google=state.google,
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
            fields=tuple(sorted(visit.body or ())),
            form_digest=digest(*(str((visit.body or {}).get(name)) for name in _FORMS)),
            stream=bool(checked and checked.stream),
            status=ending.status,
            error_code=ending.error_code,
            fault=visit.fault or None,
            model_served=result.model_served.id if result else None,
            prompt_tokens=result.tokens.prompt if result else 0,
            completion_tokens=result.tokens.completion if result else 0,
            billed_micro_usd=ending.billed_micro_usd,
            client_gone=ending.attended and is_gone(visit.request.scope),
            planted=ending.planted,
        )
    )


def _body(raw: bytes) -> JsonObject | None:
    try:
        return parse(raw) if raw else None
    except Refusal:
        return None


def _key(request: Request, persona: str) -> str:
    if key := request.headers.get(_KEY_HEADERS.get(persona, ""), "").strip():
        return key
    if persona == "gemini":
        return request.query_params.get("key", "")
    scheme, _, key = request.headers.get("authorization", "").partition(" ")
    return key.strip() if scheme.lower() == "bearer" else ""


def _model_name(body: JsonObject | None) -> str:
    """The model that a body names, however wrong the rest of it is: faults are scripted by model."""
    name = body.get("model") if body else None
    return name if isinstance(name, str) else ""
