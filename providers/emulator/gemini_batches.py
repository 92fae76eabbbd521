"""Google's batches: many generateContent requests of one model at half the price. Over `batch_engine`.

A rule whose `match.endpoint` is `batch_item` strikes single requests, by model or by their key as `call_id`.
Source: shared design page providers.md, section 3.3.
"""

import secrets
from dataclasses import replace
from datetime import datetime
from typing import Final

from pydantic import JsonValue

from providers.emulator import gemini_exchange as exchange
from providers.emulator import gemini_refusals as refusals
from providers.emulator.batch_engine import DAY_S, Batch, Fate, Phase, course_of
from providers.emulator.chat_answers import JsonObject
from providers.emulator.gemini_answers import whole
from providers.emulator.gemini_generate import check, find_model
from providers.emulator.gemini_shapes import camel
from providers.emulator.parcels import Parcel
from providers.emulator.refusals import Reason, Refusal
from providers.emulator.visits import Ending, Visit, record

DIALECT: Final = "gemini"
MAX_PAGE: Final = 100
WINDOW_S: Final = 2 * DAY_S  # a day is the aim, the end comes after two

_STATES: Final[dict[Phase, str]] = {
    Phase.WAITING: "PENDING",
    Phase.RUNNING: "RUNNING",
    Phase.CANCELING: "RUNNING",
    Phase.ENDED: "SUCCEEDED",
    Phase.CANCELED: "CANCELLED",
    Phase.EXPIRED: "EXPIRED",
    Phase.FAILED: "FAILED",
}
_OPEN: Final = (Phase.WAITING, Phase.RUNNING, Phase.CANCELING)
_TYPE: Final = "type.googleapis.com/google.ai.generativelanguage.v1main.GenerateContentBatch"

_Item = tuple[JsonObject, JsonObject]


def create(visit: Visit) -> Parcel:
    """Answer `POST /models/ID:batchGenerateContent`."""

    def made() -> JsonObject:
        model = find_model(visit.caller.model, exchange.today(visit))
        asked = _object(exchange.body_of(visit), "batch")
        items = _items(asked)
        batch = Batch(
            id=secrets.token_hex(12),
            owner=visit.caller.key,
            made_at=visit.arrived,
            size=len(items),
            about={"displayName": asked.get("displayName", ""), "model": f"models/{model.id}"},
            course=course_of(visit.fault, WINDOW_S),
        )

        def perform(place: int, at: datetime) -> JsonObject:
            return _answered(visit, *items[place], at)

        return _shown(visit, visit.batches.open(DIALECT, batch, perform))

    return exchange.attend(visit, made)


def show(visit: Visit) -> Parcel:
    """Answer `GET /batches/ID`."""
    return exchange.attend(visit, lambda: _shown(visit, _find(visit)))


def cancel(visit: Visit) -> Parcel:
    """Answer `POST /batches/ID:cancel`; a batch that has ended stays as it is."""

    def canceled() -> JsonObject:
        visit.batches.cancel(DIALECT, _find(visit), visit.arrived)
        return {}

    return exchange.attend(visit, canceled)


def delete(visit: Visit) -> Parcel:
    """Answer `DELETE /batches/ID`."""

    def deleted() -> JsonObject:
        batch = _find(visit)
        visit.batches.results(DIALECT, batch, visit.arrived)  # what was done stays booked
        visit.batches.remove(DIALECT, batch)
        return {}

    return exchange.attend(visit, deleted)


def list_all(visit: Visit) -> Parcel:
    """Answer `GET /batches`, the newest first; a page token is the number of batches before the page."""

    def listed() -> JsonObject:
        asked = visit.request.query_params
        size, start = asked.get("pageSize", str(MAX_PAGE)), asked.get("pageToken", "0")
        if not size.isdigit() or not start.isdigit():
            raise refusals.invalid("Invalid page size or page token.")
        mine = visit.batches.of(DIALECT, visit.caller.key)
        end = int(start) + min(int(size) or MAX_PAGE, MAX_PAGE)
        more: JsonObject = {"nextPageToken": str(end)} if end < len(mine) else {}
        return more | {"operations": [_shown(visit, batch) for batch in mine[int(start) : end]]}

    return exchange.attend(visit, listed)


def _items(asked: JsonObject) -> list[_Item]:
    source = _object(asked, "inputConfig")
    if "fileName" in source:
        raise Refusal(Reason(404, f"Requested entity was not found: {source['fileName']}"))
    listed = _object(source, "requests").get("requests")
    if not isinstance(listed, list) or not listed:
        raise refusals.invalid("* BatchGenerateContentRequest.batch.input_config.requests: must not be empty.")
    return [_item(row, place) for place, row in enumerate(listed)]


def _item(row: JsonValue, place: int) -> _Item:
    request = row.get("request") if isinstance(row, dict) else None
    if not isinstance(row, dict) or not isinstance(request, dict):
        raise refusals.invalid(f"* BatchGenerateContentRequest.batch.input_config.requests[{place}]: no request.")
    metadata = row.get("metadata")
    return request, metadata if isinstance(metadata, dict) else {}


def _object(body: JsonObject, name: str) -> JsonObject:
    """The object of that name, in either spelling, its own names in camelCase."""
    value = {camel(key): part for key, part in body.items()}.get(name)
    return {camel(key): part for key, part in value.items()} if isinstance(value, dict) else {}


def _answered(visit: Visit, request: JsonObject, metadata: JsonObject, at: datetime) -> JsonObject:
    """Answer one request of a batch, and book it."""
    key = metadata.get("key")
    caller = replace(visit.caller, call_id=key if isinstance(key, str) else "", endpoint="batch_item")
    item = replace(
        visit,
        request_id=f"req_{secrets.token_hex(8)}",
        arrived=at,
        caller=caller,
        body=request,
        rule=visit.script.take(caller),
    )
    told: JsonObject = {"metadata": metadata} if metadata else {}
    try:
        return {"response": _succeeded(item)} | told
    except Refusal as refusal:
        reason = refusal.reason
        record(item, Ending(reason.status, error_code=refusals.name_of(reason), attended=False))
        return {"error": refusals.batch_error(reason)} | told


def _succeeded(item: Visit) -> JsonObject:
    if reason := refusals.SCRIPTED.get(item.fault):
        raise Refusal(reason)
    request = check(exchange.body_of(item), item.caller.model, exchange.today(item))
    made, spoken, kept = exchange.compose(item, request)
    item.cache.write((item.caller.key, request.model.id), kept, item.arrived)
    cost = exchange.price(item, made, batch=True)
    if cost:
        item.bank.charge(item.request_id, item.caller.call_id, cost)
    record(item, Ending(200, request, made, billed_micro_usd=cost, planted=spoken.planted, attended=False))
    return whole(made)


def _find(visit: Visit) -> Batch:
    name = visit.request.path_params["batch"]
    batch = visit.batches.find(DIALECT, visit.caller.key, name)
    if batch is None:
        raise Refusal(Reason(404, f"Requested entity was not found: batches/{name}"))
    return batch


def _shown(visit: Visit, batch: Batch) -> JsonObject:
    """The operation; the answers stand in it once it has ended."""
    now, name = visit.arrived, f"batches/{batch.id}"
    phase = batch.phase(now)
    metadata: JsonObject = {
        "@type": _TYPE,
        "name": name,
        **batch.about,
        "state": f"BATCH_STATE_{_STATES[phase]}",
        "createTime": _time(batch.made_at),
        "updateTime": _time(min(now, batch.ends_at)),
        "batchStats": _stats(visit, batch),
    }
    if phase in _OPEN:
        return {"name": name, "metadata": metadata}
    metadata["endTime"] = _time(batch.ends_at)
    shown: JsonObject = {"name": name, "metadata": metadata, "done": True}
    if phase is Phase.FAILED:
        return shown | {"error": {"code": 3, "message": "The batch is not valid."}}
    output: JsonObject = {"inlinedResponses": {"inlinedResponses": _delivered(visit, batch)}}
    metadata["output"] = output
    return shown | {"response": {"@type": f"{_TYPE}Output"} | output}


def _delivered(visit: Visit, batch: Batch) -> list[JsonValue]:
    """The answers of what was done."""
    done = visit.batches.results(DIALECT, batch, visit.arrived)
    return [done[place] for place in batch.delivered(visit.arrived) if place in done]


def _stats(visit: Visit, batch: Batch) -> JsonObject:
    """Counts, which Google writes as text."""
    done = visit.batches.results(DIALECT, batch, visit.arrived).values()
    bad = sum(1 for line in done if "error" in line)
    figures = {
        "requestCount": batch.size,
        "successfulRequestCount": len(done) - bad,
        "failedRequestCount": bad,
        "pendingRequestCount": batch.tally(visit.arrived)[Fate.WAITING],
    }
    return {name: str(figure) for name, figure in figures.items()}


def _time(at: datetime) -> str:
    return at.strftime("%Y-%m-%dT%H:%M:%S.%fZ")
