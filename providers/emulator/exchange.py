"""One request, from its arrival to the parcel that answers it; bank and log are written before the first byte leaves.

What is billed: an answer that was worked out, whether or not it arrives whole. Refusals and errors cost nothing.
"""

import asyncio
from dataclasses import replace
from datetime import timedelta
from email.utils import format_datetime

from providers.emulator import distortions, parcels
from providers.emulator.answers import Question, answer
from providers.emulator.bank import cost_micro_usd
from providers.emulator.chat_answers import JsonObject, Outcome, dump, events, outcome, whole
from providers.emulator.openai_chat import ChatRequest, check
from providers.emulator.parcels import Parcel, parcel
from providers.emulator.personas import Incident, cost_headers, cost_report
from providers.emulator.refusals import SCRIPTED, Reason, Refusal, missing_key, unparsable
from providers.emulator.script import UNBILLED
from providers.emulator.visits import Ending, Visit, record


async def converse(visit: Visit) -> Parcel:
    """Answer a Chat Completions request."""
    visit.log.waiting += 1
    try:
        return await _answer(visit, _admit_chat(visit))
    except Refusal as refusal:
        return _refuse(visit, refusal.reason)
    finally:
        visit.log.waiting -= 1


def list_models(visit: Visit) -> Parcel:
    """Answer `GET /models`: free, and the cheapest way to see whether a provider is alive."""
    try:
        _admit(visit, key_needed=visit.persona.models_need_key)
    except Refusal as refusal:
        return _refuse(visit, refusal.reason)
    rows: JsonObject = {
        "object": "list",
        "data": [
            {"id": model, "object": "model", "created": 1_790_000_000, "owned_by": "openai"}
            for model in visit.persona.listed_models
        ],
    }
    sent = _on_the_wire(visit, parcel(200, _headers(visit), dump(rows)))
    record(visit, Ending(sent.status))
    return sent


def _admit(visit: Visit, *, key_needed: bool) -> None:
    reason = SCRIPTED.get(visit.fault)
    if reason:
        raise Refusal(_told(reason, visit))
    if key_needed and not visit.caller.key:
        raise Refusal(missing_key())


def _admit_chat(visit: Visit) -> ChatRequest:
    _admit(visit, key_needed=True)
    if visit.body is None:
        raise Refusal(unparsable())
    return check(visit.body, visit.persona)


async def _answer(visit: Visit, checked: ChatRequest) -> Parcel:
    question = Question(checked.model.id, checked.texts, checked.schema, checked.json_only)
    said = answer(question, visit.opening.seed, visit.script.mode(checked.model.id))
    result = _distorted(visit, _outcome(visit, checked, said.text))
    cost = _cost_micro_usd(visit, result)
    await asyncio.sleep(visit.script.wait_s(checked.model.id, visit.number))
    sent = _on_the_wire(visit, _written(visit, checked, result, cost))
    if cost:
        visit.bank.charge(visit.request_id, visit.caller.call_id, cost)
    record(visit, Ending(sent.status, checked, result, billed_micro_usd=cost, planted=said.planted))
    return sent


def _cost_micro_usd(visit: Visit, result: Outcome) -> int:
    if visit.fault in UNBILLED:
        return 0
    return cost_micro_usd(result.tokens, result.model_served, visit.arrived.date())


def _outcome(visit: Visit, checked: ChatRequest, text: str) -> Outcome:
    created = int(visit.arrived.timestamp())
    return outcome(checked, text, answer_id=f"chatcmpl-{visit.request_id.removeprefix('req_')}", created=created)


def _distorted(visit: Visit, result: Outcome) -> Outcome:
    change = distortions.OUTCOMES.get(visit.fault)
    return change(result, visit.args, visit.persona.find_model) if change else result


def _written(visit: Visit, checked: ChatRequest, result: Outcome, cost: int) -> Parcel:
    extra: JsonObject = {"meta": cost_report(cost)} if visit.persona.reports_cost else {}
    row = distortions.BODIES.get(visit.fault)

    def change(body: JsonObject) -> JsonObject:
        return row(body, visit.args) if row else body

    if checked.stream:
        pieces = tuple(events(result, include_usage=checked.include_usage, extra=extra, change=change))
        head = {"content-type": "text/event-stream; charset=utf-8"} | _headers(visit)
        pause_s = visit.script.latency(checked.model.id).chunk_ms / 1000
        return Parcel(visit.persona.success_status, head, pieces, pause_s=pause_s)
    headers = _headers(visit) | (cost_headers(cost) if visit.persona.reports_cost else {})
    return parcel(visit.persona.success_status, headers, dump(change(whole(result) | extra)))


def _on_the_wire(visit: Visit, sent: Parcel) -> Parcel:
    change = parcels.FAULTS.get(visit.fault)
    return change(sent, visit.args) if change else sent


def _refuse(visit: Visit, reason: Reason) -> Parcel:
    record(visit, Ending(reason.status, error_code=reason.code))
    headers = _headers(visit) | reason.headers
    wait_s = (visit.args.delay_ms or 0.0) / 1000
    if reason.page:
        page = parcel(reason.status, headers, reason.page.encode(), "text/html; charset=UTF-8")
        return replace(page, wait_s=wait_s)
    incident = Incident(visit.request.url.path, visit.request_id, visit.arrived)
    return replace(parcel(reason.status, headers, dump(visit.persona.error_body(reason, incident))), wait_s=wait_s)


def _told(reason: Reason, visit: Visit) -> Reason:
    """A scripted refusal with what the rule adds: waits, words, or the caller's own key."""
    args = visit.args
    until = args.retry_after_date_s
    date = None if until is None else format_datetime(visit.arrived + timedelta(seconds=until), usegmt=True)
    retry = None if args.should_retry is None else str(args.should_retry).lower()
    lines = {"retry-after": args.retry_after or date, "retry-after-ms": args.retry_after_ms, "x-should-retry": retry}
    headers = {name: value for name, value in lines.items() if value is not None}
    secret = visit.request.headers.get("authorization", "")
    return replace(reason, message=(args.message or reason.message).replace("{authorization}", secret), headers=headers)


def _headers(visit: Visit) -> dict[str, str]:
    headers = {"x-request-id": visit.request_id}
    if not visit.persona.reports_cost:
        return headers | {"openai-processing-ms": str(visit.elapsed_ms), "openai-version": "2020-10-01"}
    echo = {"x-client-request-id": visit.caller.call_id} if visit.caller.call_id else {}
    return headers | echo | {"x-inference-id": visit.request_id}
