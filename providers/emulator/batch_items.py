"""One request of a batch of the OpenAI family, answered when its time comes, at half the price.

A rule whose `match.endpoint` is `batch_item` strikes single requests, by model or by their `custom_id` as `call_id`.
"""

import secrets
from dataclasses import replace
from datetime import datetime
from typing import Final

from providers.emulator import embeddings
from providers.emulator.admission import check_caller
from providers.emulator.bank import cost_micro_usd
from providers.emulator.chat_answers import JsonObject
from providers.emulator.chat_work import accepted, body, work_out
from providers.emulator.personas import Incident
from providers.emulator.refusals import Reason, Refusal
from providers.emulator.visits import Ending, Visit, record

HALF_PERCENT: Final = 50
CHAT: Final = "/v1/chat/completions"
EMBEDDINGS: Final = "/v1/embeddings"


def perform(visit: Visit, custom_id: str, endpoint: str, asked: JsonObject, at: datetime) -> JsonObject:
    """The line of the results that answers one request; it is logged and billed here."""
    item = _item(visit, custom_id, asked, at)
    try:
        check_caller(item)
        document = _answered(item, endpoint)
        status = 200
    except Refusal as refusal:
        document, status = _refused(item, refusal.reason, endpoint), refusal.reason.status
    response: JsonObject = {"status_code": status, "request_id": item.request_id, "body": document}
    return line(custom_id, response, None)


def line(custom_id: str, response: JsonObject | None, error: JsonObject | None) -> JsonObject:
    """A line of an output or error file."""
    return {"id": f"batch_req_{secrets.token_hex(12)}", "custom_id": custom_id, "response": response, "error": error}


def _item(visit: Visit, custom_id: str, asked: JsonObject, at: datetime) -> Visit:
    model = asked.get("model")
    caller = replace(
        visit.caller, call_id=custom_id, endpoint="batch_item", model=model if isinstance(model, str) else ""
    )
    request_id = f"req_{secrets.token_hex(8)}"
    rule = visit.script.take(caller)
    return replace(visit, request_id=request_id, arrived=at, caller=caller, body=asked, rule=rule)


def _answered(item: Visit, endpoint: str) -> JsonObject:
    if endpoint == EMBEDDINGS:
        return _embedded(item)
    checked = accepted(item)
    if checked.stream:
        raise Refusal(Reason(400, "A request of a batch cannot be streamed.", code="invalid_value", param="stream"))
    work = work_out(item, checked, lane_percent=HALF_PERCENT)
    _book(item, work.cost_micro_usd)
    record(
        item,
        Ending(200, checked, work.result, billed_micro_usd=work.cost_micro_usd, planted=work.planted, attended=False),
    )
    return body(item, work)


def _embedded(item: Visit) -> JsonObject:
    request = embeddings.check(item.body)
    used = embeddings.used(request)
    cost = cost_micro_usd(used.tokens, used.model_served, item.arrived.date(), HALF_PERCENT)
    _book(item, cost)
    record(item, Ending(200, request, used, billed_micro_usd=cost, attended=False))
    return embeddings.whole(request, item.opening.seed)


def _book(item: Visit, cost_micro_usd: int) -> None:
    if cost_micro_usd:
        item.bank.charge(item.request_id, item.caller.call_id, cost_micro_usd)


def _refused(item: Visit, reason: Reason, endpoint: str) -> JsonObject:
    record(item, Ending(reason.status, error_code=reason.code, attended=False))
    said = item.persona.error_body(reason, Incident(endpoint, item.request_id, item.arrived))
    return said if isinstance(said, dict) else {}
