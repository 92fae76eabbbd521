"""OpenRouter's batches: requests inline in the order, answers inline in the batch once it has ended.

Source: shared design page providers.md, section 3.4.
"""

from typing import Final

from pydantic import JsonValue

from providers.emulator import batch_items, openrouter
from providers.emulator.batch_engine import Batch
from providers.emulator.batch_lines import Item
from providers.emulator.chat_answers import JsonObject
from providers.emulator.openai_batches import WINDOW, counts, lines, open_batch, page_of, seconds, status_of, used
from providers.emulator.openai_files import answered
from providers.emulator.parcels import Parcel
from providers.emulator.refusals import Reason, Refusal, unparsable
from providers.emulator.visits import Visit

_TERMINAL: Final = frozenset({"completed", "failed", "expired", "cancelled"})


async def create(visit: Visit) -> Parcel:
    """Answer `POST /batches` with 202."""
    return answered(visit, lambda: _shown(visit, _made(visit)), 202)


async def described(visit: Visit) -> Parcel:
    """Answer `GET /batches/ID`; results are in it once the batch has ended."""
    return answered(visit, lambda: _shown(visit, _found(visit)))


async def removed(visit: Visit) -> Parcel:
    """Answer `DELETE /batches/ID`."""

    def remove() -> JsonObject:
        batch = _found(visit)
        visit.batches.results(visit.persona.name, batch, visit.arrived)  # what was done stays booked
        visit.batches.remove(visit.persona.name, batch)
        return {"id": batch.id, "object": "batch", "deleted": True}

    return answered(visit, remove)


async def listed(visit: Visit) -> Parcel:
    """Answer `GET /batches`, by status if one is named."""

    def page() -> JsonObject:
        rows, more = page_of(visit)
        wanted = visit.request.query_params.get("status")
        shown = [_shown(visit, batch) for batch in rows if wanted in (None, status_of(batch, visit.arrived))]
        data: list[JsonValue] = [{name: row[name] for name in row if name != "results"} for row in shown]
        return {"object": "list", "data": data, "has_more": more}

    return answered(visit, page)


def _made(visit: Visit) -> Batch:
    body = visit.body
    if body is None:
        raise Refusal(unparsable())
    endpoint, model = body.get("endpoint"), body.get("model")
    if endpoint != batch_items.CHAT:
        raise Refusal(Reason(400, f"Batches of {endpoint} are not offered here."))
    if body.get("completion_window") != WINDOW:
        raise Refusal(Reason(400, f"completion_window must be {WINDOW}."))
    if not isinstance(model, str) or visit.persona.find_model(model.removesuffix(":batch")) is None:
        raise Refusal(visit.persona.unknown_model(str(model)))
    items = _items(body.get("requests"), model.removesuffix(":batch"))
    return open_batch(visit, items, [], batch_items.CHAT, {"endpoint": endpoint, "model": model})


def _items(requests: JsonValue, model: str) -> list[Item]:
    if not isinstance(requests, list) or not requests:
        raise Refusal(Reason(400, "requests must be an array of at least one request."))
    items: dict[str, Item] = {}
    for place, request in enumerate(requests):
        custom_id = request.get("custom_id") if isinstance(request, dict) else None
        body = request.get("body") if isinstance(request, dict) else None
        if not isinstance(custom_id, str) or not custom_id or custom_id in items or not isinstance(body, dict):
            raise Refusal(Reason(400, f"requests[{place}] needs a custom_id of its own and a body."))
        items[custom_id] = Item(custom_id, body | {"model": model})
    return list(items.values())


def _found(visit: Visit) -> Batch:
    batch_id = str(visit.request.path_params["batch_id"])
    batch = visit.batches.find(visit.persona.name, visit.caller.key, batch_id)
    if batch is None:
        raise Refusal(Reason(404, f"Batch {batch_id} not found."))
    return batch


def _shown(visit: Visit, batch: Batch) -> JsonObject:
    status = status_of(batch, visit.arrived)
    ended = status in _TERMINAL
    flaws = batch.about["errors"]
    first = flaws[0] if isinstance(flaws, list) and flaws else None
    message = first.get("message") if isinstance(first, dict) else None
    model = visit.persona.find_model(str(batch.about["model"]).removesuffix(":batch"))
    return {
        "id": batch.id,
        "object": "batch",
        "endpoint": batch.about["endpoint"],
        "model": batch.about["model"],
        "provider": openrouter.upstream(model) if model else None,
        "completion_window": WINDOW,
        "status": status,
        "created_at": seconds(batch.made_at),
        "expires_at": seconds(batch.expires_at),
        "finalized_at": seconds(batch.ends_at) if ended else None,
        "request_counts": counts(visit, batch),
        "usage": used(visit, batch),
        "error": {"message": message} if status == "failed" else None,
        "results": list(lines(visit, batch)) if ended and status != "failed" else None,
    }
