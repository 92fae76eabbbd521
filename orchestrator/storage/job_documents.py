"""The Job of the HTTP contract as plain JSON, from a job's rows: what callers read, and what full webhooks carry.

Pure but for the rows it is given.
"""

from collections.abc import Sequence
from datetime import UTC, datetime
from decimal import Decimal
from typing import Final

from pydantic import JsonValue

from orchestrator.analysis.items import Analysis
from orchestrator.meeting.context import Attendee, Context, Finding
from orchestrator.routing import contexts, redacting
from orchestrator.routing.request import MICRO_PER_USD
from orchestrator.storage.jobs import JobRow
from orchestrator.storage.seats import SeatRow
from orchestrator.work.parts import calls
from orchestrator.work.seats import SeatStatus
from providers.calls import JsonObject, Usage

_PATHS: Final = ("events", "report", "timeline")
_MEETING: Final = ("type", "language", "industry", "title", "duration_s", "words")
_DEGRADATION: Final = ("code", "detail", "seat")
_PARTICIPANT: Final = ("name", "id", "speakers", "role")


def job(row: JobRow, seats: Sequence[SeatRow]) -> JsonObject:
    """All of it but its result, which is null here."""
    return {
        "id": row.id,
        "object": "job",
        "version": row.version,
        "status": row.status.value,
        "degraded": bool(row.degradations),
        "label": row.label,
        "degradations": [_members(one, _DEGRADATION) for one in row.degradations],
        "strategy": {"asked": row.strategy_asked, "ran": row.strategy_ran, "reason": row.strategy_reason},
        "policy": row.policy,
        "policy_planned": row.policy_planned or row.policy,
        "project": row.project,
        "priority": row.priority,
        "quorum": row.quorum,
        "context": context(row.context),
        "redaction": redaction(row.context),
        "seats": [_seat(seat) for seat in seats],
        "cost": {
            "bound_usd": usd(row.bound_micro_usd),
            "held_usd": usd(row.held_micro_usd),
            "expected_usd": usd(row.expected_micro_usd),
            "spent_usd": usd(row.spent_micro_usd),
        },
        "result": None,
        "error": row.error,
        "reference": row.reference,
        "tags": list(row.tags),
        "metadata": dict(row.metadata),
        "transcript_id": row.transcript_id,
        "batch_id": row.batch_id,
        "replay_of": row.replay_of,
        "created_at": moment(row.created_at),
        "started_at": maybe(row.started_at),
        "finished_at": maybe(row.finished_at),
        "deadline_at": moment(row.deadline_at),
        "not_before": maybe(row.not_before),
        "erased_at": maybe(row.erased_at),
        "links": {"self": f"/v1/jobs/{row.id}", **{name: f"/v1/jobs/{row.id}/{name}" for name in _PATHS}},
    }


def with_result(row: JobRow, seats: Sequence[SeatRow], result: JsonObject | None) -> JsonObject:
    """All of it."""
    analysis = None if result is None else Analysis.model_validate(result).model_dump(mode="json")
    return job(row, seats) | {"result": analysis}


def context(kept: JsonObject) -> JsonObject:
    """What a job keeps of its meeting. One of an older release has no `detected`: its participants are those whom the
    caller named.
    """
    found = contexts.found_in(kept)
    return {
        **{name: kept.get(name) for name in _MEETING},
        "participants": _named(kept) if found is None else [*map(_attendee, found.attendees)],
        "detected": None if found is None else detected(found),
    }


def redaction(kept: JsonObject) -> JsonObject | None:
    """What models are not shown, by kinds and counts; None: they are shown the meeting as it is."""
    counts = redacting.counts_in(kept)
    if counts is None:
        return None
    return {"terms": len(redacting.wish_in(kept).terms), "hidden": {str(kind): count for kind, count in counts.items()}}


def detected(found: Context) -> JsonObject:
    """What was found out of a meeting."""
    return {
        "type": _finding(found.type),
        "language": _finding(found.language),
        "industry": None if found.industry is None else _finding(found.industry),
        "speakers": found.speakers,
        "head_count": found.heads,
    }


def usd(micro: int) -> str:
    """Micro-dollars as the contract writes money: dollars with six places."""
    return f"{Decimal(micro) / MICRO_PER_USD:.6f}"


def moment(at: datetime) -> str:
    """RFC 3339 in UTC with milliseconds and Z."""
    return at.astimezone(UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")


def maybe(at: datetime | None) -> str | None:
    """The moment, if there was one."""
    return None if at is None else moment(at)


def _seat(row: SeatRow) -> JsonObject:
    usage = Usage.model_validate(row.usage)
    return {
        "seat": row.seat,
        "role": row.role,
        "asked": row.asked,
        "served": row.served,
        "provider": row.served.partition("/")[0] if row.served else None,
        "status": row.status.value,
        "attempts": row.attempts,
        "failovers": row.failovers,
        "reason": row.reason,
        "latency_s": row.latency_s,
        "cost_usd": usd(row.cost_micro_usd),
        "usage": {
            "input_tokens": usage.input_tokens,
            "cached_input_tokens": usage.cached_input_tokens,
            "output_tokens": usage.output_tokens,
            "reasoning_tokens": usage.reasoning_tokens,
        },
        "parts": calls(row.plan.cut),
        "parts_answered": len(row.parts_served) if row.cut else int(row.status is SeatStatus.ANSWERED),
    }


def _named(kept: JsonObject) -> list[JsonValue]:
    people = kept.get("participants")
    if not isinstance(people, list):
        return []
    return [{**_members(one, _PARTICIPANT), "speakers": [], "role": None} for one in people]


def _attendee(one: Attendee) -> JsonObject:
    return {
        "name": one.name or one.speakers[0],
        "id": one.id,
        "speakers": list(one.speakers),
        "role": None if one.role is None else _finding(one.role),
    }


def _finding(found: Finding) -> JsonObject:
    return {"value": found.value, "confidence": found.confidence, "because": list(found.because)}


def _members(one: object, names: Sequence[str]) -> JsonObject:
    return {name: one.get(name) for name in names} if isinstance(one, dict) else {}
