"""A generateContent request, from its arrival to the parcel that answers it; bank and log are written before a byte.

What is billed: an answer that was worked out, whether or not it arrives whole. Refusals and errors cost nothing.
"""

import asyncio
import json
from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import UTC, date
from typing import Final

from pydantic import JsonValue

from providers.emulator import gemini_faults as faults
from providers.emulator import gemini_refusals as refusals
from providers.emulator.admission import let_in
from providers.emulator.answers import Answer, Question, answer
from providers.emulator.chat_answers import JsonObject, dump
from providers.emulator.endings import admit, delivered, refused
from providers.emulator.gemini_answers import Response, chunks, events, read_prompt, response, whole
from providers.emulator.gemini_generate import GenerateRequest, check
from providers.emulator.gemini_models import GeminiTokens, cost_micro_usd, served
from providers.emulator.gemini_prompt import CachedPrompt
from providers.emulator.gemini_shapes import camel
from providers.emulator.limit_words import gemini_details, said
from providers.emulator.limits import OverLimit
from providers.emulator.parcels import Parcel, parcel
from providers.emulator.prompt_cache import Prefix
from providers.emulator.refusals import Reason, Refusal
from providers.emulator.script import UNBILLED
from providers.emulator.visits import Asked, Ending, Sold, Visit, record

_BROKEN: Final = refusals.error_body(Reason(503, "The model is overloaded. Please try again later."))
FAILURE: Final = json.dumps(_BROKEN, indent=2).encode() + b"\n"  # bare and of many lines, as it comes in mid-stream
JSON: Final = "application/json; charset=UTF-8"


@dataclass(frozen=True)
class Used:
    """What a request used that was no conversation."""

    model_served: Sold
    tokens: GeminiTokens
    cost_micro_usd: int


async def generate(visit: Visit, *, stream: bool) -> Parcel:
    """Answer `:generateContent` and `:streamGenerateContent`."""
    visit.log.waiting += 1
    try:
        return await _answer(visit, _accept(visit, stream=stream))
    except Refusal as refusal:
        return refuse(visit, refusal.reason, in_list=stream and not _wants_events(visit))
    finally:
        visit.log.waiting -= 1


def count_tokens(visit: Visit) -> Parcel:
    """Answer `:countTokens`: free. The body holds `contents`, or a whole `generateContentRequest`."""

    def counted() -> JsonObject:
        body = {camel(name): value for name, value in body_of(visit).items()}
        inner = body.get("generateContentRequest", body)
        asked = accept(visit, inner if isinstance(inner, dict) else {})
        details: JsonValue = [{"modality": "TEXT", "tokenCount": asked.prompt_tokens}]
        held: JsonObject = {"cachedContentTokenCount": asked.held_tokens} if asked.held_tokens else {}
        return {"totalTokens": asked.prompt_tokens, "promptTokensDetails": details} | held

    return attend(visit, counted)


def attend(visit: Visit, work: Callable[[], JsonObject | Parcel]) -> Parcel:
    """Answer anything that is free and quick."""
    try:
        admit(visit, refusals.SCRIPTED, refusals.MISSING_KEY)
        done = work()
    except Refusal as refusal:
        return refuse(visit, refusal.reason)
    sent = delivered(visit, done if isinstance(done, Parcel) else told(done))
    record(visit, Ending(sent.status))
    return sent


def told(document: JsonObject, headers: dict[str, str] | None = None) -> Parcel:
    """A document on its way."""
    return parcel(200, headers or {}, dump(document), JSON)


def sell(visit: Visit, document: JsonObject, used: Used, asked: Asked | None = None) -> Parcel:
    """Answer something that costs money and is no conversation: book it and note it."""
    change = faults.BODIES.get(visit.fault)
    sent = delivered(visit, told(change(document, visit.args) if change else document))
    cost = 0 if visit.fault in UNBILLED else used.cost_micro_usd
    if cost:
        visit.bank.charge(visit.request_id, visit.caller.call_id, cost)
    record(visit, Ending(sent.status, asked, used, billed_micro_usd=cost))
    return sent


def refuse(visit: Visit, reason: Reason, *, in_list: bool = False) -> Parcel:
    """Say no. The wait stands in the body, where other vendors have a header."""
    reason = _with_wait(reason, visit)
    body = refusals.error_body(reason)
    return refused(visit, reason, [body] if in_list else body, {}, refusals.name_of(reason))


def compose(visit: Visit, request: GenerateRequest) -> tuple[Response, Answer, tuple[Prefix, ...]]:
    """What the model does; and the prefixes to remember once it has begun to answer."""
    model = served(request.model, today(visit))
    question = Question(model.id, request.texts, request.schema, request.json_only and request.schema is None)
    spoken = answer(question, visit.opening.seed, visit.script.mode(request.model.id))
    tokens, kept = read_prompt(request, visit.cache, visit.caller.key, visit.arrived)
    name = visit.request_id.removeprefix("req_")
    made = response(request, spoken.text, tokens, model, answer_id=name, created=visit.arrived)
    change = faults.OUTCOMES.get(visit.fault)
    return (change(made, request, visit.args) if change else made), spoken, kept


def price(visit: Visit, made: Response, *, batch: bool = False) -> int:
    """What is billed for it; batch and flex are half the price, and never a quarter."""
    if visit.fault in UNBILLED:
        return 0
    return cost_micro_usd(made.tokens, made.model_served, today(visit), half=batch or made.tier == "flex")


def body_of(visit: Visit) -> JsonObject:
    """The body.

    Raises:
        Refusal: 400, not a JSON object.
    """
    if visit.body is None:
        raise Refusal(refusals.UNPARSABLE)
    return visit.body


def today(visit: Visit) -> date:
    """The day of the visit at the vendor's."""
    return visit.arrived.astimezone(UTC).date()


def accept(visit: Visit, body: JsonObject, *, stream: bool = False) -> GenerateRequest:
    """The request, checked; the caches that it may name are those of this caller.

    Raises:
        Refusal: 400, 403 or 404, as the vendor would.
    """

    def find_cached(name: str) -> CachedPrompt | None:
        kept = visit.google.caches.find(name, visit.caller.key, visit.arrived)
        return kept.prompt if kept else None

    return check(body, visit.caller.model, today(visit), stream=stream, find_cached=find_cached)


def enter(visit: Visit, tokens: int) -> None:
    """Count the request against the limits.

    Raises:
        Refusal: 429 or 503, there is no room.
    """
    try:
        let_in(visit, tokens)
    except OverLimit as over:
        if over.status == 503:
            raise Refusal(refusals.SCRIPTED["503"]) from over
        raise Refusal(refusals.GoogleReason(429, said(over), details=tuple(gemini_details(over)))) from over


def _wants_events(visit: Visit) -> bool:
    return visit.request.query_params.get("alt") == "sse"


def _accept(visit: Visit, *, stream: bool) -> GenerateRequest:
    admit(visit, refusals.SCRIPTED, refusals.MISSING_KEY)
    return accept(visit, body_of(visit), stream=stream)


async def _answer(visit: Visit, request: GenerateRequest) -> Parcel:
    enter(visit, request.prompt_tokens)
    made, spoken, kept = compose(visit, request)
    await asyncio.sleep(visit.script.wait_s(request.model.id, visit.number))
    visit.cache.write((visit.caller.key, request.model.id), kept, visit.opening.now())
    cost = price(visit, made)
    sent = delivered(visit, _written(visit, request, made))
    if cost:
        visit.bank.charge(visit.request_id, visit.caller.call_id, cost)
    record(visit, Ending(sent.status, request, made, billed_micro_usd=cost, planted=spoken.planted))
    return sent


def _written(visit: Visit, request: GenerateRequest, made: Response) -> Parcel:
    row = faults.BODIES.get(visit.fault)

    def change(body: JsonObject) -> JsonObject:
        return row(body, visit.args) if row else body

    head = {"x-gemini-service-tier": made.tier}
    if not request.stream:
        return parcel(200, head, dump(change(whole(made))), JSON)
    pause_s = visit.script.latency(request.model.id).chunk_ms / 1000
    if _wants_events(visit):
        pieces = tuple(events(made, change))
        return Parcel(200, {"content-type": "text/event-stream"} | head, pieces, pause_s=pause_s, failure=FAILURE)
    listed = b",\r\n".join(dump(change(chunk)) for chunk in chunks(made))
    return Parcel(200, {"content-type": JSON} | head, (b"[", listed, b"]\n"), pause_s=pause_s, failure=FAILURE)


def _with_wait(reason: Reason, visit: Visit) -> Reason:
    args = visit.args
    wait_s = args.retry_after or (args.retry_after_date_s and f"{args.retry_after_date_s:g}")
    if not wait_s or not isinstance(reason, refusals.GoogleReason):
        return replace(reason, headers={})
    known = tuple(row for row in reason.details if not (isinstance(row, dict) and "retryDelay" in row))
    return replace(reason, headers={}, details=(*known, refusals.retry_info(f"{wait_s}s")))
