"""Anthropic's Message Batches: many Messages requests at half the price, within a day. Over `batch_engine`.

A request of a batch is looked at when its time comes, never when the batch is made: a bad one ends as `errored`. A rule
whose `match.endpoint` is `batch_item` strikes single requests, by model or by their `custom_id` as `call_id`.
Source: shared design page providers.md, section 3.2.
"""

import re
import secrets
from collections.abc import Iterator
from dataclasses import replace
from datetime import datetime
from typing import Final

from providers.emulator import anthropic_exchange as exchange
from providers.emulator import anthropic_refusals as refusals
from providers.emulator.anthropic_answers import whole
from providers.emulator.anthropic_messages import check
from providers.emulator.batch_engine import Batch, Fate, Phase, course_of
from providers.emulator.chat_answers import JsonObject, dump
from providers.emulator.parcels import Parcel
from providers.emulator.refusals import Reason, Refusal
from providers.emulator.visits import Ending, Visit, record

MAX_REQUESTS: Final = 100_000
MAX_PAGE: Final = 1_000
DIALECT: Final = "anthropic"

_ID = re.compile(r"[a-zA-Z0-9_-]{1,64}")
_NOT_IN_A_BATCH: Final = ("stream", "speed")
_STATUS: Final[dict[Phase, str]] = {
    Phase.WAITING: "in_progress",
    Phase.RUNNING: "in_progress",
    Phase.CANCELING: "canceling",
}
_RESULTS: Final[dict[Fate, str]] = {Fate.CANCELED: "canceled", Fate.EXPIRED: "expired"}


def create(visit: Visit) -> Parcel:
    """Answer `POST /v1/messages/batches`."""

    def made() -> JsonObject:
        items = _items(exchange.body_of(visit))
        batch = Batch(
            id=f"msgbatch_{secrets.token_hex(12)}",
            owner=visit.caller.key,
            made_at=visit.arrived,
            size=len(items),
            about={"custom_ids": [name for name, _ in items]},
            course=replace(course_of(visit.fault), fails=False),  # this vendor refuses requests, never a batch
        )

        def perform(place: int, at: datetime) -> JsonObject:
            return _line(visit, *items[place], at)

        return _shown(visit, visit.batches.open(DIALECT, batch, perform))

    return exchange.attend(visit, made)


def show(visit: Visit, batch_id: str) -> Parcel:
    """Answer `GET /v1/messages/batches/ID`."""
    return exchange.attend(visit, lambda: _shown(visit, _find(visit, batch_id)))


def cancel(visit: Visit, batch_id: str) -> Parcel:
    """Answer `POST /v1/messages/batches/ID/cancel`."""

    def canceled() -> JsonObject:
        batch = _find(visit, batch_id)
        if batch.phase(visit.arrived) not in _STATUS:
            raise refusals.invalid(f"Batch {batch_id} cannot be canceled: it has ended.")
        return _shown(visit, visit.batches.cancel(DIALECT, batch, visit.arrived))

    return exchange.attend(visit, canceled)


def delete(visit: Visit, batch_id: str) -> Parcel:
    """Answer `DELETE /v1/messages/batches/ID`."""

    def deleted() -> JsonObject:
        batch = _ended(visit, batch_id, "deleted")
        visit.batches.results(DIALECT, batch, visit.arrived)  # what was done stays booked
        visit.batches.remove(DIALECT, batch)
        return {"id": batch_id, "type": "message_batch_deleted"}

    return exchange.attend(visit, deleted)


def list_all(visit: Visit) -> Parcel:
    """Answer `GET /v1/messages/batches`, the newest first."""

    def listed() -> JsonObject:
        asked = visit.request.query_params
        limit = asked.get("limit", "20")
        if not limit.isdigit() or not 1 <= int(limit) <= MAX_PAGE:
            raise refusals.invalid(f"limit: Input should be between 1 and {MAX_PAGE}")
        mine = visit.batches.of(DIALECT, visit.caller.key)
        names = [batch.id for batch in mine]
        if (after := asked.get("after_id")) in names:
            mine = mine[names.index(str(after)) + 1 :]
        elif (before := asked.get("before_id")) in names:
            mine = mine[: names.index(str(before))][-int(limit) :]
        page = mine[: int(limit)]
        ends = {"first_id": page[0].id, "last_id": page[-1].id} if page else {"first_id": None, "last_id": None}
        return {"data": [_shown(visit, batch) for batch in page], "has_more": len(mine) > len(page), **ends}

    return exchange.attend(visit, listed)


def results(visit: Visit, batch_id: str) -> Parcel:
    """Answer `GET /v1/messages/batches/ID/results`: lines of JSON, in any order."""

    def lines() -> bytes:
        batch = _ended(visit, batch_id, "read")
        return b"".join(dump(line) + b"\n" for line in _lines(visit, batch))

    return exchange.attend(visit, lines)


def _lines(visit: Visit, batch: Batch) -> Iterator[JsonObject]:
    done = visit.batches.results(DIALECT, batch, visit.arrived)
    names = batch.about["custom_ids"]
    for place in batch.delivered(visit.arrived):
        fate = batch.fate(place, visit.arrived)
        if place in done:
            yield done[place]
        elif isinstance(names, list):
            yield {"custom_id": names[place], "result": {"type": _RESULTS[fate]}}


def _items(body: JsonObject) -> list[tuple[str, JsonObject]]:
    listed = body.get("requests")
    if not isinstance(listed, list) or not 1 <= len(listed) <= MAX_REQUESTS:
        raise refusals.invalid(f"requests: List should have between 1 and {MAX_REQUESTS} items")
    items: dict[str, JsonObject] = {}
    for place, item in enumerate(listed):
        name = item.get("custom_id") if isinstance(item, dict) else None
        params = item.get("params") if isinstance(item, dict) else None
        if not isinstance(name, str) or not _ID.fullmatch(name):
            raise refusals.invalid(f"requests.{place}.custom_id: String should match pattern '^[a-zA-Z0-9_-]{{1,64}}$'")
        if not isinstance(params, dict):
            raise refusals.invalid(f"requests.{place}.params: Field required")
        if name in items:
            raise refusals.invalid(f"requests.{place}.custom_id: custom_id must be unique in a batch")
        items[name] = params
    return list(items.items())


def _line(visit: Visit, custom_id: str, params: JsonObject, at: datetime) -> JsonObject:
    """Answer one request of a batch, and book it."""
    model = params.get("model")
    caller = replace(
        visit.caller,
        call_id=custom_id,
        endpoint="batch_item",
        model=model if isinstance(model, str) else "",
    )
    item = replace(
        visit,
        request_id=f"req_{secrets.token_hex(8)}",
        arrived=at,
        caller=caller,
        body=params,
        rule=visit.script.take(caller),
    )
    try:
        return {"custom_id": custom_id, "result": _succeeded(item)}
    except Refusal as refusal:
        reason = refusal.reason
        record(item, Ending(reason.status, error_code=refusals.type_of(reason.status), attended=False))
        return {
            "custom_id": custom_id,
            "result": {"type": "errored", "error": refusals.error_body(reason, item.request_id)},
        }


def _succeeded(item: Visit) -> JsonObject:
    params = exchange.body_of(item)
    if reason := refusals.SCRIPTED.get(item.fault):
        raise Refusal(reason)
    if extra := next((name for name in _NOT_IN_A_BATCH if name in params), None):
        raise refusals.invalid(f"{extra}: not allowed in a batch")
    request = check(params, exchange.version_of(item), exchange.today(item))
    if request.max_tokens == 0:
        raise refusals.invalid("max_tokens: 0 is not allowed in a batch")
    made, spoken, kept = exchange.compose(item, request)
    made = replace(made, service_tier="batch")
    item.cache.write((item.caller.key, request.model.id), kept, item.arrived)
    cost = exchange.price(item, made)
    if cost:
        item.bank.charge(item.request_id, item.caller.call_id, cost)
    record(item, Ending(200, request, made, billed_micro_usd=cost, planted=spoken.planted, attended=False))
    return {"type": "succeeded", "message": whole(made)}


def _find(visit: Visit, batch_id: str) -> Batch:
    batch = visit.batches.find(DIALECT, visit.caller.key, batch_id)
    if batch is None:
        raise Refusal(Reason(404, f"Message batch {batch_id} not found"))
    return batch


def _ended(visit: Visit, batch_id: str, verb: str) -> Batch:
    batch = _find(visit, batch_id)
    if batch.phase(visit.arrived) in _STATUS:
        raise refusals.invalid(f"Batch {batch_id} cannot be {verb} before it has ended.")
    return batch


def _shown(visit: Visit, batch: Batch) -> JsonObject:
    now = visit.arrived
    ended = batch.phase(now) not in _STATUS
    root = f"{visit.request.url.scheme}://{visit.request.headers.get('host', '')}"
    base = visit.request.url.path.partition("/v1/messages")[0]
    return {
        "id": batch.id,
        "type": "message_batch",
        "processing_status": _STATUS.get(batch.phase(now), "ended"),
        "request_counts": _counts(visit, batch, ended=ended),
        "created_at": _time(batch.made_at),
        "expires_at": _time(batch.expires_at),
        "ended_at": _time(batch.ends_at) if ended else None,
        "archived_at": None,
        "cancel_initiated_at": _time(batch.cancel_asked_at) if batch.cancel_asked_at else None,
        "results_url": f"{root}{base}/v1/messages/batches/{batch.id}/results" if ended else None,
    }


def _counts(visit: Visit, batch: Batch, *, ended: bool) -> JsonObject:
    """All stand in `processing` until the end."""
    if not ended:
        return {"processing": batch.size, "succeeded": 0, "errored": 0, "canceled": 0, "expired": 0}
    tally = batch.tally(visit.arrived)
    done = visit.batches.results(DIALECT, batch, visit.arrived).values()
    good = sum(1 for line in done if isinstance(row := line["result"], dict) and row["type"] == "succeeded")
    return {
        "processing": 0,
        "succeeded": good,
        "errored": len(done) - good,
        "canceled": tally[Fate.CANCELED],
        "expired": tally[Fate.EXPIRED],
    }


def _time(at: datetime) -> str:
    return at.strftime("%Y-%m-%dT%H:%M:%SZ")
