"""The body of a webhook: made once for an event, sent byte for byte the same in every attempt. Pure.

It is thin: ids, state and links, no word of a meeting. A receiver that wants more asks with its own key, or is one
whose owner chose full bodies: those have the whole Job in the message that it has ended, as it was then, if that fits.

| of an endpoint with full bodies | in `data` |
|---|---|
| the end of a job | `job` |
| the same, and the body would be larger than the house allows | `truncated`: true, `truncated_because`: "size" |
| the same, and the job has gone on since, by a retry | `truncated`: true, `truncated_because`: "changed" |
| the same, and the job was erased since | `truncated`: true, `truncated_because`: "erased" |
| anything else | as it is when thin |
"""

import json
from datetime import datetime
from enum import StrEnum
from typing import Final, Literal, TypeAlias

from providers.calls import JsonObject, Value

Payload: TypeAlias = Literal["thin", "full"]

PATHS: Final = ("self", "events", "report", "timeline")


class LeftOut(StrEnum):
    """Why the job is not in a full body."""

    SIZE = "size"
    CHANGED = "changed"
    ERASED = "erased"


class Manner(Value):
    """What an endpoint's owner chose of its bodies. `result_url`: with a link that opens the result without a key."""

    payload: Payload = "thin"
    result_url: bool = False


def full(event_type: str, at: datetime, data: JsonObject, job: JsonObject | LeftOut, most_bytes: int) -> bytes:
    """The bytes to be kept for who wants the job, too: without it if they would be more than `most_bytes`."""
    if not isinstance(job, LeftOut):
        whole = body(event_type, at, {**data, "job": job})
        if len(whole) <= most_bytes:
            return whole
        job = LeftOut.SIZE
    return body(event_type, at, {**data, "truncated": True, "truncated_because": job.value})


def body(event_type: str, at: datetime, data: JsonObject) -> bytes:
    """The bytes to be kept.

    Args:
        at: when the event happened, in UTC.
        data: what the event is about; keys are sorted, so that the same event always has the same bytes.
    """
    document = {
        "data": data,
        "timestamp": at.isoformat(timespec="milliseconds").replace("+00:00", "Z"),
        "type": event_type,
    }
    return json.dumps(document, ensure_ascii=False, separators=(",", ":"), sort_keys=True).encode()


def of_job(job_id: str, version: int, reference: str | None) -> JsonObject:
    """What stands in the data of each event of a job. `version` is the job's after the event: it never goes back."""
    return {"job_id": job_id, "version": version, "reference": reference, "links": links(job_id)}


def of_erasure(job_id: str, version: int) -> JsonObject:
    """What is told of an erased job: ids, and nothing that leads to more."""
    return {"job_id": job_id, "version": version}


def links(job_id: str) -> JsonObject:
    """Paths below the service's own address, which a receiver knows."""
    base = f"/v1/jobs/{job_id}"
    return {name: base if name == "self" else f"{base}/{name}" for name in PATHS}
