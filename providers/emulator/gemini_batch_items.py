"""The requests of Google's batches: read from the body or from a file, answered one by one at half the price.

A rule whose `match.endpoint` is `batch_item` strikes single requests, by model or by their key as `call_id`.
Source: shared design page providers.md, section 3.3.
"""

import json
import secrets
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Final

from pydantic import JsonValue

from providers.emulator import gemini_exchange as exchange
from providers.emulator import gemini_refusals as refusals
from providers.emulator.chat_answers import JsonObject
from providers.emulator.gemini_answers import whole
from providers.emulator.gemini_files import find
from providers.emulator.gemini_shapes import camel
from providers.emulator.refusals import Refusal
from providers.emulator.visits import Ending, Visit, record

_INPUT: Final = "* BatchGenerateContentRequest.batch.input_config"


@dataclass(frozen=True)
class Item:
    """One request. `label` is what its answer bears: the metadata that came with it, or its key in a file."""

    request: JsonObject
    key: str
    label: JsonObject


@dataclass(frozen=True)
class Source:
    """Everything that a batch is asked. `from_file`: it came as a file, and the answers go into one."""

    items: tuple[Item, ...]
    from_file: bool


def items(visit: Visit, config: JsonObject) -> Source:
    """The requests of an `inputConfig`.

    Raises:
        Refusal: 400 or 404.
    """
    name = config.get("fileName")
    if isinstance(name, str):
        lines = [line for line in find(visit, name).content.split(b"\n") if line.strip()]
        found = [_of_line(line, number) for number, line in enumerate(lines, start=1)]
    else:
        listed = under(config, "requests").get("requests")
        rows = listed if isinstance(listed, list) else []
        found = [_of_row(row, place) for place, row in enumerate(rows)]
    if not found:
        raise refusals.invalid(f"{_INPUT}.requests: must not be empty.")
    return Source(tuple(found), from_file=isinstance(name, str))


def under(body: JsonObject, name: str) -> JsonObject:
    """The object of that name, in either spelling, its own names in camelCase; an empty one if there is none."""
    value = {camel(key): part for key, part in body.items()}.get(name)
    return {camel(key): part for key, part in value.items()} if isinstance(value, dict) else {}


def perform(visit: Visit, asked: Item, at: datetime) -> JsonObject:
    """Answer one request, and book it."""
    caller = replace(visit.caller, call_id=asked.key, endpoint="batch_item")
    item = replace(
        visit,
        request_id=f"req_{secrets.token_hex(8)}",
        arrived=at,
        caller=caller,
        body=asked.request,
        rule=visit.script.take(caller),
    )
    try:
        return {"response": _succeeded(item)} | asked.label
    except Refusal as refusal:
        reason = refusal.reason
        record(item, Ending(reason.status, error_code=refusals.name_of(reason), attended=False))
        return {"error": refusals.batch_error(reason)} | asked.label


def _of_row(row: JsonValue, place: int) -> Item:
    request = row.get("request") if isinstance(row, dict) else None
    if not isinstance(row, dict) or not isinstance(request, dict):
        raise refusals.invalid(f"{_INPUT}.requests[{place}]: no request.")
    metadata = row.get("metadata")
    label: JsonObject = {"metadata": metadata} if isinstance(metadata, dict) and metadata else {}
    key = metadata.get("key") if isinstance(metadata, dict) else None
    return Item(request, key if isinstance(key, str) else "", label)


def _of_line(line: bytes, number: int) -> Item:
    try:
        row = json.loads(line)
    except ValueError as error:
        raise refusals.invalid(f"{_INPUT}.file_name: line {number} is no JSON.") from error
    request = row.get("request") if isinstance(row, dict) else None
    key = row.get("key") if isinstance(row, dict) else None
    if not isinstance(request, dict) or not isinstance(key, str):
        raise refusals.invalid(f"{_INPUT}.file_name: line {number} has no key or no request.")
    return Item(request, key, {"key": key})


def _succeeded(item: Visit) -> JsonObject:
    if reason := refusals.SCRIPTED.get(item.fault):
        raise Refusal(reason)
    request = exchange.accept(item, exchange.body_of(item))
    made, spoken, kept = exchange.compose(item, request)
    item.cache.write((item.caller.key, request.model.id), kept, item.arrived)
    cost = exchange.price(item, made, batch=True)
    if cost:
        item.bank.charge(item.request_id, item.caller.call_id, cost)
    record(item, Ending(200, request, made, billed_micro_usd=cost, planted=spoken.planted, attended=False))
    return whole(made)
