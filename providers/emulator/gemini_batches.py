"""Google's batches: many generateContent requests of one model at half the price. Over `batch_engine`.

What came in as a file is answered in a file, which is there once the batch has ended.
Source: shared design page providers.md, section 3.3.
"""

import secrets
from dataclasses import replace
from datetime import datetime
from typing import Final

from pydantic import JsonValue

from providers.emulator import gemini_exchange as exchange
from providers.emulator.batch_engine import DAY_S, Batch, Fate, Phase, course_of
from providers.emulator.chat_answers import JsonObject, dump
from providers.emulator.gemini_batch_items import items, perform, under
from providers.emulator.gemini_files import KEPT, keep
from providers.emulator.gemini_generate import find_model
from providers.emulator.gemini_pages import page, time
from providers.emulator.gemini_store import GoogleFile
from providers.emulator.parcels import Parcel
from providers.emulator.refusals import Reason, Refusal
from providers.emulator.visits import Visit

DIALECT: Final = "gemini"
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
_FILE: Final = "_file"  # where a batch remembers the id of its file of answers


def create(visit: Visit) -> Parcel:
    """Answer `POST /models/ID:batchGenerateContent`."""

    def made() -> JsonObject:
        model = find_model(visit.caller.model, exchange.today(visit))
        asked = under(exchange.body_of(visit), "batch")
        source = items(visit, under(asked, "inputConfig"))
        batch = Batch(
            id=secrets.token_hex(12),
            owner=visit.caller.key,
            made_at=visit.arrived,
            size=len(source.items),
            about={"displayName": asked.get("displayName", ""), "model": f"models/{model.id}"},
            course=course_of(visit.fault, WINDOW_S),
        )
        if source.from_file:
            batch = replace(batch, about=batch.about | {_FILE: f"batch-{batch.id}"})

        def answered(place: int, at: datetime) -> JsonObject:
            return perform(visit, source.items[place], at)

        return _shown(visit, visit.batches.open(DIALECT, batch, answered))

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
    """Answer `GET /batches`, the newest first."""
    mine = visit.batches.of(DIALECT, visit.caller.key)
    return exchange.attend(visit, lambda: page(visit, "operations", [_shown(visit, batch) for batch in mine]))


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
        **{label: value for label, value in batch.about.items() if label != _FILE},
        "state": f"BATCH_STATE_{_STATES[phase]}",
        "createTime": time(batch.made_at),
        "updateTime": time(min(now, batch.ends_at)),
        "batchStats": _stats(visit, batch),
    }
    if phase in _OPEN:
        return {"name": name, "metadata": metadata}
    metadata["endTime"] = time(batch.ends_at)
    shown: JsonObject = {"name": name, "metadata": metadata, "done": True}
    if phase is Phase.FAILED:
        return shown | {"error": {"code": 3, "message": "The batch is not valid."}}
    output = _output(visit, batch)
    metadata["output"] = output
    return shown | {"response": {"@type": f"{_TYPE}Output"} | output}


def _output(visit: Visit, batch: Batch) -> JsonObject:
    """The answers of what was done, or the name of the file that they stand in."""
    done = visit.batches.results(DIALECT, batch, visit.arrived)
    lines = [done[place] for place in batch.delivered(visit.arrived) if place in done]
    file_id = batch.about.get(_FILE)
    if not isinstance(file_id, str):
        listed: list[JsonValue] = list(lines)
        return {"inlinedResponses": {"inlinedResponses": listed}}
    if not visit.google.files.has_known(file_id):  # written once: whoever deletes it does not get it back
        _publish(visit, batch, file_id, lines)
    return {"responsesFile": f"files/{file_id}"}


def _publish(visit: Visit, batch: Batch, file_id: str, lines: list[JsonObject]) -> None:
    until = batch.ends_at + KEPT
    content = b"".join(dump(line) + b"\n" for line in lines)
    keep(visit, GoogleFile(file_id, file_id, "application/jsonl", batch.ends_at, until, content, generated=True))


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
