"""The batches endpoints of OpenAI and Azure: requests from a file, answers into files, at half the price.

Source: shared design page providers.md, section 3.1. How a batch goes is `batch_engine`'s.
"""

import secrets
from collections.abc import Iterator
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Final

from pydantic import JsonValue

from providers.emulator import batch_items
from providers.emulator.batch_engine import Batch, Course, Fate, Phase, course_of
from providers.emulator.batch_lines import Flaw, Item, read
from providers.emulator.chat_answers import JsonObject, dump
from providers.emulator.files import File
from providers.emulator.openai_files import answered, found
from providers.emulator.parcels import Parcel
from providers.emulator.refusals import Reason, Refusal, unparsable
from providers.emulator.visits import Visit

ENDPOINTS: Final = (batch_items.CHAT, batch_items.EMBEDDINGS)
WINDOW: Final = "24h"
MAX_PAGE: Final = 100
FINALIZING_S: Final = 2.0  # between the last answer and the files
UNRUN: Final[dict[Fate, tuple[str, str]]] = {
    Fate.EXPIRED: ("batch_expired", "This request could not be executed before the completion window expired."),
    Fate.CANCELED: ("batch_cancelled", "This request was not executed, since the batch was cancelled."),
}

_STATUS: Final[dict[Phase, str]] = {
    Phase.WAITING: "validating",
    Phase.RUNNING: "in_progress",
    Phase.CANCELING: "cancelling",
    Phase.ENDED: "completed",
    Phase.CANCELED: "cancelled",
    Phase.EXPIRED: "expired",
    Phase.FAILED: "failed",
}
_CANCELABLE: Final = frozenset({"validating", "in_progress", "finalizing", "cancelling"})
_FINAL: Final = frozenset({"completed", "cancelled", "expired"})
_TOO_MANY_TOKENS: Final = Flaw("token_limit_exceeded", "The limit of enqueued tokens for this model is reached.")


async def create(visit: Visit) -> Parcel:
    """Answer `POST /batches`. Not idempotent, as at the vendor."""
    return answered(visit, lambda: _shown(visit, _made(visit)))


async def described(visit: Visit) -> Parcel:
    """Answer `GET /batches/ID`."""
    return answered(visit, lambda: _shown(visit, _found(visit)))


async def cancel(visit: Visit) -> Parcel:
    """Answer `POST /batches/ID/cancel`."""

    def canceled() -> JsonObject:
        batch = _found(visit)
        if (status := status_of(batch, visit.arrived)) not in _CANCELABLE:
            raise Refusal(Reason(409, f"Cannot cancel a batch with status '{status}'.", param="id"))
        return _shown(visit, visit.batches.cancel(visit.persona.name, batch, visit.arrived))

    return answered(visit, canceled)


async def listed(visit: Visit) -> Parcel:
    """Answer `GET /batches`, the newest first, a page at a time."""

    def page() -> JsonObject:
        rows, more = page_of(visit)
        data: list[JsonValue] = [_shown(visit, batch) for batch in rows]
        first, last = (rows[0].id, rows[-1].id) if rows else (None, None)
        return {"object": "list", "data": data, "first_id": first, "last_id": last, "has_more": more}

    return answered(visit, page)


def page_of(visit: Visit) -> tuple[list[Batch], bool]:
    """The batches after the one that the query names, and whether there are more.

    Raises:
        Refusal: 400, a limit that is no number from 1 to 100.
    """
    query = visit.request.query_params
    limit = query.get("limit", "20")
    if not limit.isdigit() or not 1 <= int(limit) <= MAX_PAGE:
        raise Refusal(Reason(400, f"Invalid 'limit': 1 to {MAX_PAGE}.", code="invalid_value", param="limit"))
    mine = visit.batches.of(visit.persona.name, visit.caller.key)
    names = [batch.id for batch in mine]
    if (after := query.get("after")) in names:
        mine = mine[names.index(str(after)) + 1 :]
    return mine[: int(limit)], len(mine) > int(limit)


def open_batch(visit: Visit, items: list[Item], flaws: list[Flaw], endpoint: str, about: JsonObject) -> Batch:
    """Take a batch up, with the course that the script has in mind for it."""
    course = course_of(visit.fault)
    if course.fails and not flaws:
        flaws = [_TOO_MANY_TOKENS]
    batch = Batch(
        id=f"batch_{secrets.token_hex(12)}",
        owner=visit.caller.key,
        made_at=visit.arrived,
        size=len(items),
        about=about | {"errors": [flaw.written() for flaw in flaws], "ids": [item.custom_id for item in items]},
        course=_course(course, failed=bool(flaws)),
    )

    def perform(place: int, at: datetime) -> JsonObject:
        return batch_items.perform(visit, items[place].custom_id, endpoint, items[place].body, at)

    return visit.batches.open(visit.persona.name, batch, perform)


def status_of(batch: Batch, now: datetime) -> str:
    """The vendor's word for where the batch stands."""
    phase = batch.phase(now)
    if phase is Phase.ENDED and now < batch.ends_at + timedelta(seconds=FINALIZING_S):
        return "finalizing"
    return _STATUS[phase]


def lines(visit: Visit, batch: Batch) -> Iterator[JsonObject]:
    """Every line of the results, good ones and others, in the order in which they are delivered."""
    done = visit.batches.results(visit.persona.name, batch, visit.arrived)
    names = batch.about["ids"]
    for place in batch.delivered(visit.arrived):
        if place in done:
            yield done[place]
        elif isinstance(names, list):
            code, message = UNRUN[batch.fate(place, visit.arrived)]
            yield batch_items.line(str(names[place]), None, {"code": code, "message": message})


def is_good(line: JsonObject) -> bool:
    """Whether a line belongs into the output file."""
    response = line["response"]
    return isinstance(response, dict) and response["status_code"] == 200


def counts(visit: Visit, batch: Batch) -> JsonObject:
    """`request_counts`."""
    done = visit.batches.results(visit.persona.name, batch, visit.arrived).values()
    good = sum(map(is_good, done))
    return {"total": batch.size, "completed": good, "failed": len(done) - good}


def used(visit: Visit, batch: Batch) -> JsonObject:
    """`usage`, the sum over all answers."""
    done = visit.batches.results(visit.persona.name, batch, visit.arrived).values()
    usages = [_usage(line) for line in done if is_good(line)]
    prompt = sum(_whole(usage, "prompt_tokens") for usage in usages)
    completion = sum(_whole(usage, "completion_tokens") for usage in usages)
    cached = sum(_whole(usage.get("prompt_tokens_details"), "cached_tokens") for usage in usages)
    reasoning = sum(_whole(usage.get("completion_tokens_details"), "reasoning_tokens") for usage in usages)
    return {
        "input_tokens": prompt,
        "input_tokens_details": {"cached_tokens": cached},
        "output_tokens": completion,
        "output_tokens_details": {"reasoning_tokens": reasoning},
        "total_tokens": prompt + completion,
    }


def seconds(at: datetime | None) -> int | None:
    """Unix seconds."""
    return None if at is None else int(at.timestamp())


def _course(course: Course, *, failed: bool) -> Course:
    return replace(course, fails=True) if failed else course


def _made(visit: Visit) -> Batch:
    body = visit.body
    if body is None:
        raise Refusal(unparsable())
    endpoint = body.get("endpoint")
    whole = endpoint if isinstance(endpoint, str) and endpoint.startswith("/v1/") else f"/v1{endpoint}"
    if whole not in ENDPOINTS:
        raise _refuse(f"Invalid 'endpoint': one of {', '.join(ENDPOINTS)}.", "endpoint")
    if body.get("completion_window") != WINDOW:
        raise _refuse(f"Invalid 'completion_window': only '{WINDOW}' is offered.", "completion_window")
    file = found(visit, str(body.get("input_file_id")))
    if file.purpose != "batch":
        raise _refuse("The file was not uploaded for this purpose.", "input_file_id")
    items, flaws = read(file.read(), str(endpoint))
    about: JsonObject = {
        "endpoint": endpoint,
        "input_file_id": file.id,
        "model": items[0].body.get("model") if items else None,
        "metadata": body.get("metadata"),
    }
    return open_batch(visit, items, flaws, whole, about)


def _found(visit: Visit) -> Batch:
    batch_id = str(visit.request.path_params["batch_id"])
    batch = visit.batches.find(visit.persona.name, visit.caller.key, batch_id)
    if batch is None:
        raise Refusal(Reason(404, f"No batch found with id '{batch_id}'.", param="id"))
    return batch


def _shown(visit: Visit, batch: Batch) -> JsonObject:
    now, about = visit.arrived, batch.about
    status = status_of(batch, now)
    flaws = about["errors"] if status == "failed" else None
    return {
        "id": batch.id,
        "object": "batch",
        "endpoint": about["endpoint"],
        "model": about["model"],
        "errors": {"object": "list", "data": flaws} if flaws else None,
        "input_file_id": about["input_file_id"],
        "completion_window": WINDOW,
        "status": status,
        "output_file_id": _file(visit, batch, status, good=True),
        "error_file_id": _file(visit, batch, status, good=False),
        **_times(batch, status, now),
        "request_counts": counts(visit, batch),
        "usage": used(visit, batch),
        "metadata": about["metadata"],
    }


def _times(batch: Batch, status: str, now: datetime) -> JsonObject:
    files_at = batch.ends_at + timedelta(seconds=FINALIZING_S)
    ran = now >= batch.starts_at and status != "failed"
    return {
        "created_at": seconds(batch.made_at),
        "in_progress_at": seconds(batch.starts_at) if ran else None,
        "expires_at": seconds(batch.expires_at),
        "finalizing_at": seconds(batch.ends_at) if status in ("finalizing", "completed") else None,
        "completed_at": seconds(files_at) if status == "completed" else None,
        "failed_at": seconds(batch.ends_at) if status == "failed" else None,
        "expired_at": seconds(batch.ends_at) if status == "expired" else None,
        "cancelling_at": seconds(batch.cancel_asked_at),
        "cancelled_at": seconds(batch.ends_at) if status == "cancelled" else None,
    }


def _file(visit: Visit, batch: Batch, status: str, *, good: bool) -> str | None:
    """The id of the output or error file, once there is one; it is written when somebody reads it."""
    if status not in _FINAL:
        return None
    kept = [line for line in lines(visit, batch) if is_good(line) is good]
    if not kept:
        return None
    kind = "output" if good else "error"
    file_id = f"file-{kind}-{batch.id.removeprefix('batch_')}"
    if visit.files.find(visit.caller.key, file_id) is None:
        content = b"".join(dump(line) + b"\n" for line in kept)
        made = File(
            file_id, visit.caller.key, f"{batch.id}_{kind}.jsonl", "batch_output", visit.arrived, lambda: content
        )
        visit.files.add(made)
    return file_id


def _usage(line: JsonObject) -> JsonObject:
    response = line["response"]
    body = response["body"] if isinstance(response, dict) else None
    usage = body.get("usage") if isinstance(body, dict) else None
    return usage if isinstance(usage, dict) else {}


def _whole(counted: JsonValue, name: str) -> int:
    value = counted.get(name) if isinstance(counted, dict) else None
    return value if isinstance(value, int) else 0


def _refuse(message: str, param: str) -> Refusal:
    return Refusal(Reason(400, message, code="invalid_value", param=param))
