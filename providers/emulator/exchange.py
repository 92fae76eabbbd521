"""One request, from its arrival to the parcel that answers it; bank and log are written before the first byte leaves.

What is billed: an answer that was worked out, whether or not it arrives whole. Refusals and errors cost nothing.
"""

import asyncio
from dataclasses import replace

from providers.emulator import parcels
from providers.emulator.admission import check_caller, let_in_or_refuse
from providers.emulator.chat_answers import JsonObject, dump, events
from providers.emulator.chat_work import Work, accepted, body, distort, sale, work_out
from providers.emulator.endings import delivered
from providers.emulator.limits import Standing
from providers.emulator.openai_chat import ChatRequest
from providers.emulator.parcels import Parcel, parcel
from providers.emulator.personas import Incident
from providers.emulator.refusals import Reason, Refusal
from providers.emulator.visits import Ending, Visit, record


async def converse(visit: Visit) -> Parcel:
    """Answer a Chat Completions request."""
    visit.log.waiting += 1
    try:
        check_caller(visit)
        checked = accepted(visit)
        return await _answer(visit, checked, let_in_or_refuse(visit, checked.prompt_tokens))
    except Refusal as refusal:
        return refuse(visit, refusal.reason)
    finally:
        visit.log.waiting -= 1


def list_models(visit: Visit) -> Parcel:
    """Answer `GET /models`: free, and the cheapest way to see whether a provider is alive."""
    try:
        check_caller(visit, key_needed=visit.persona.models_need_key)
    except Refusal as refusal:
        return refuse(visit, refusal.reason)
    return tell(
        visit,
        {
            "object": "list",
            "data": [
                {"id": model, "object": "model", "created": 1_790_000_000, "owned_by": "openai"}
                for model in visit.persona.listed_models
            ],
        },
    )


def tell(visit: Visit, document: JsonObject, status: int = 200) -> Parcel:
    """Send a document that costs nothing, and write the log's line."""
    sent = delivered(visit, parcel(status, headers(visit), dump(document)))
    record(visit, Ending(sent.status))
    return sent


def refuse(visit: Visit, reason: Reason) -> Parcel:
    """Send an error in the vendor's words, and write the log's line."""
    record(visit, Ending(reason.status, error_code=reason.code))
    lines = headers(visit) | reason.headers
    wait_s = (visit.args.delay_ms or 0.0) / 1000
    if reason.page:
        kind = "text/html; charset=UTF-8" if reason.page.startswith("<") else "text/plain"
        return replace(parcel(reason.status, lines, reason.page.encode(), kind), wait_s=wait_s)
    problem = visit.args.problem
    incident = Incident(visit.request.url.path, visit.request_id, visit.arrived, problem=problem)
    kind = "application/problem+json" if problem else "application/json"
    sent = parcel(reason.status, lines, dump(visit.persona.error_body(reason, incident)), kind)
    return replace(sent, wait_s=wait_s)


def headers(visit: Visit) -> dict[str, str]:
    """What stands on every answer of this vendor."""
    named = {"x-request-id": visit.request_id} | visit.persona.own_headers(visit.request_id, visit.caller.call_id)
    if not visit.persona.openai_headers:
        return named
    return named | {"openai-processing-ms": str(visit.elapsed_ms), "openai-version": "2020-10-01"}


async def _answer(visit: Visit, checked: ChatRequest, standing: Standing) -> Parcel:
    work = work_out(visit, checked)
    await asyncio.sleep(visit.script.wait_s(checked.model.id, visit.number))
    sent = delivered(visit, _written(visit, checked, work, standing))
    if work.cost_micro_usd:
        visit.bank.charge(visit.request_id, visit.caller.call_id, work.cost_micro_usd)
    ending = Ending(sent.status, checked, work.result, billed_micro_usd=work.cost_micro_usd, planted=work.planted)
    record(visit, ending)
    return sent


def _written(visit: Visit, checked: ChatRequest, work: Work, standing: Standing) -> Parcel:
    persona, till = visit.persona, sale(visit, work)
    lines = headers(visit) | persona.limit_headers(standing) | persona.dress.headers(till)
    if checked.stream:
        return _streamed(visit, checked, work, lines)
    lines |= persona.dress.whole_headers(till)
    return parcel(persona.success_status, lines, persona.dress.before_whole + dump(body(visit, work)))


def _streamed(visit: Visit, checked: ChatRequest, work: Work, lines: dict[str, str]) -> Parcel:
    persona, till = visit.persona, sale(visit, work)

    def change(chunk: JsonObject) -> JsonObject:
        plain = chunk if checked.obfuscated else {name: chunk[name] for name in chunk if name != "obfuscation"}
        return distort(visit, persona.dress.chunk(plain, till))

    extra = persona.dress.last(till)
    pieces = events(work.result, include_usage=checked.include_usage, extra=extra, change=change)
    return Parcel(
        persona.success_status,
        {"content-type": "text/event-stream; charset=utf-8"} | lines,
        (*persona.dress.before_stream, *pieces),
        pause_s=visit.script.latency(checked.model.id).chunk_ms / 1000,
        failure=persona.failure or parcels.FAILURE,
    )
