"""The body of a webhook: made once for an event, sent byte for byte the same in every attempt. Pure.

It is thin: ids, state and links, no word of a meeting. A receiver that wants more asks with its own key.
"""

import json
from datetime import datetime
from typing import Final

from providers.calls import JsonObject

PATHS: Final = ("self", "events", "report", "timeline")


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


def links(job_id: str) -> JsonObject:
    """Paths below the service's own address, which a receiver knows."""
    base = f"/v1/jobs/{job_id}"
    return {name: base if name == "self" else f"{base}/{name}" for name in PATHS}
