"""A Messages request, from its arrival to the parcel that answers it; bank and log are written before the first byte.

What is billed: an answer that was worked out, whether or not it arrives whole. Refusals and errors cost nothing.
"""

import asyncio
from collections.abc import Callable
from datetime import UTC, date, datetime, time
from typing import Final

from pydantic import JsonValue

from providers.emulator import anthropic_faults as faults
from providers.emulator import anthropic_refusals as refusals
from providers.emulator.admission import let_in
from providers.emulator.answers import Answer, Question, answer
from providers.emulator.anthropic_answers import OVERLOADED, Message, event, events, message, read_prompt, whole
from providers.emulator.anthropic_messages import MessagesRequest, check, check_version
from providers.emulator.chat_answers import JsonObject, dump
from providers.emulator.claude_models import MODELS, Claude, cost_micro_usd, find
from providers.emulator.endings import admit, delivered, refused
from providers.emulator.limit_words import anthropic_headers, retry_headers, said
from providers.emulator.limits import OverLimit, Standing
from providers.emulator.parcels import Parcel, parcel
from providers.emulator.prompt_cache import Prefix
from providers.emulator.refusals import Reason, Refusal
from providers.emulator.script import UNBILLED
from providers.emulator.visits import Ending, Visit, record

MAX_BYTES: Final = 32 << 20  # of a message; a batch may have more

_ORGANISATION: Final = "org-emulated"


async def converse(visit: Visit) -> Parcel:
    """Answer `POST /v1/messages`."""
    visit.log.waiting += 1
    try:
        return await _answer(visit, _accept(visit))
    except Refusal as refusal:
        return refuse(visit, refusal.reason)
    finally:
        visit.log.waiting -= 1


def count_tokens(visit: Visit) -> Parcel:
    """Answer `POST /v1/messages/count_tokens`: free."""

    def counted() -> JsonObject:
        body = body_of(visit)
        if extra := sorted(body.keys() & {"max_tokens", "stream"}):
            raise refusals.invalid(f"{extra[0]}: Extra inputs are not permitted")
        return {"input_tokens": check(body | {"max_tokens": 1}, version_of(visit), today(visit)).prompt_tokens}

    return attend(visit, counted)


def list_models(visit: Visit) -> Parcel:
    """Answer `GET /v1/models`: free, on one page."""

    def listed() -> JsonObject:
        rows: list[JsonValue] = [_model_row(model, today(visit)) for model in MODELS.values()]
        names = list(MODELS)
        return {"data": rows, "has_more": False, "first_id": names[0], "last_id": names[-1]}

    return attend(visit, listed)


def show_model(visit: Visit) -> Parcel:
    """Answer `GET /v1/models/ID`."""

    def shown() -> JsonObject:
        model = find(visit.caller.model, date.min)
        if model is None:
            raise refusals.unknown_model(visit.caller.model)
        return _model_row(model, today(visit))

    return attend(visit, shown)


def attend(visit: Visit, work: Callable[[], JsonObject | bytes]) -> Parcel:
    """Answer anything that is free and quick: with JSON, or with lines of it."""
    try:
        admit(visit, refusals.SCRIPTED, refusals.MISSING_KEY)
        version_of(visit)
        body = work()
    except Refusal as refusal:
        return refuse(visit, refusal.reason)
    whole_body = parcel(200, headers(visit), dump(body)) if isinstance(body, dict) else _lines(visit, body)
    sent = delivered(visit, whole_body)
    record(visit, Ending(sent.status))
    return sent


def refuse(visit: Visit, reason: Reason) -> Parcel:
    """Say no."""
    code = reason.code or refusals.type_of(reason.status)
    return refused(visit, reason, refusals.error_body(reason, visit.request_id), headers(visit), code)


def compose(visit: Visit, request: MessagesRequest) -> tuple[Message, Answer, tuple[Prefix, ...]]:
    """What the model does; and the prefixes to remember once it has begun to answer."""
    question = Question(request.model.id, request.texts, request.schema)
    spoken = answer(question, visit.opening.seed, visit.script.mode(request.model.id))
    tokens, kept = read_prompt(request, visit.cache, visit.caller.key, visit.arrived)
    made = message(request, spoken.text, tokens, message_id=f"msg_{visit.request_id.removeprefix('req_')}")
    change = faults.OUTCOMES.get(visit.fault)
    return (change(made, request, visit.args) if change else made), spoken, kept


def price(visit: Visit, made: Message) -> int:
    """What is billed for it."""
    return 0 if visit.fault in UNBILLED else cost_micro_usd(made.tokens, made.model_served, made.percents)


def body_of(visit: Visit) -> JsonObject:
    """The body.

    Raises:
        Refusal: 400, not a JSON object.
    """
    if visit.body is None:
        raise Refusal(refusals.UNPARSABLE)
    return visit.body


def version_of(visit: Visit) -> str:
    """The API version.

    Raises:
        Refusal: 400, none or an unknown one.
    """
    return check_version(visit.request.headers.get("anthropic-version"))


def today(visit: Visit) -> date:
    """The day of the visit at the vendor's."""
    return visit.arrived.astimezone(UTC).date()


def headers(visit: Visit, standing: Standing | None = None) -> dict[str, str]:
    """What every answer bears."""
    rows = {"request-id": visit.request_id, "anthropic-organization-id": _ORGANISATION}
    return rows | (anthropic_headers(standing, visit.opening.now()) if standing else {})


def _lines(visit: Visit, body: bytes) -> Parcel:
    return parcel(200, headers(visit), body, "application/x-jsonl")


def _accept(visit: Visit) -> MessagesRequest:
    admit(visit, refusals.SCRIPTED, refusals.MISSING_KEY)
    version = version_of(visit)
    if int(visit.request.headers.get("content-length", "0")) > MAX_BYTES:
        raise Refusal(refusals.TOO_LARGE)
    return check(body_of(visit), version, today(visit))


async def _answer(visit: Visit, request: MessagesRequest) -> Parcel:
    _enter(visit, request)
    made, spoken, kept = compose(visit, request)
    await asyncio.sleep(visit.script.wait_s(request.model.id, visit.number))
    visit.cache.write((visit.caller.key, request.model.id), kept, visit.opening.now())
    cost = price(visit, made)
    caller = visit.caller
    standing = visit.limits.write(caller.persona, caller.key, made.tokens.completion, visit.opening.now())
    sent = delivered(visit, _written(visit, request, made, headers(visit, standing)))
    if cost:
        visit.bank.charge(visit.request_id, visit.caller.call_id, cost)
    record(visit, Ending(sent.status, request, made, billed_micro_usd=cost, planted=spoken.planted))
    return sent


def _enter(visit: Visit, request: MessagesRequest) -> None:
    try:
        let_in(visit, request.prompt_tokens)
    except OverLimit as over:
        told = anthropic_headers(over.standing, visit.opening.now()) | retry_headers(over)
        status = 529 if over.status == 503 else over.status
        raise Refusal(Reason(status, said(over), headers=told)) from over


def _written(visit: Visit, request: MessagesRequest, made: Message, head: dict[str, str]) -> Parcel:
    row = faults.BODIES.get(visit.fault)

    def change(body: JsonObject) -> JsonObject:
        return row(body, visit.args) if row else body

    if not request.stream:
        return parcel(200, head, dump(change(whole(made))))
    pieces = tuple(events(made, change))
    head = {"content-type": "text/event-stream; charset=utf-8", "cache-control": "no-cache"} | head
    pause_s = visit.script.latency(request.model.id).chunk_ms / 1000
    return Parcel(200, head, pieces, pause_s=pause_s, failure=event(OVERLOADED))


def _model_row(model: Claude, day: date) -> JsonObject:
    retired = model.retires is not None and day >= model.retires
    return {
        "type": "model",
        "id": model.id,
        "display_name": model.name,
        "created_at": _midnight(model.released),
        "lifecycle": "retired" if retired else "deprecated" if model.retires else "active",
        "deprecated_at": None,
        "retires_at": _midnight(model.retires) if model.retires else None,
        "max_input_tokens": model.window_tokens,
        "max_tokens": model.max_output_tokens,
    }


def _midnight(day: date) -> str:
    return datetime.combine(day, time(), UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
