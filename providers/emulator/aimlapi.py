"""AIMLAPI: what an answer cost, and what will soon be gone. Pure.

Source: shared design page providers.md, section 1.7 and appendix A6.
"""

import re
from datetime import datetime
from typing import Final

from pydantic import JsonValue

from providers.emulator.dress import Dress, JsonObject, Sale
from providers.emulator.refusals import Reason

CREDITS_PER_MICRO_USD: Final = 2  # 2,000,000 credits for a dollar

_CALL_ID = re.compile(r"[A-Za-z0-9._:-]{1,128}")

# The shape is the vendor's; which models it names, and why, is invented.
DEPRECATIONS: Final[list[JsonValue]] = [
    {
        "id": "openai/gpt-5-6-luna",
        "aliases": ["openai/gpt-5.6-luna"],
        "status": "superseded",
        "deprecated_at": "2026-11-01",
        "shutdown_at": None,
        "replaced_by": "openai/gpt-6-luna",
        "reason": "A newer model of the same size is sold.",
    },
    {
        "id": "openai/gpt-4o",
        "aliases": [],
        "status": "deprecated",
        "deprecated_at": "2026-10-01",
        "shutdown_at": "2027-01-14",
        "replaced_by": "openai/gpt-6-luna",
        "reason": "The vendor withdraws it.",
    },
    {
        "id": "openai/gpt-3.5-turbo",
        "aliases": ["gpt-3.5-turbo"],
        "status": "withdrawn",
        "deprecated_at": "2026-04-01",
        "shutdown_at": "2026-10-23",
        "replaced_by": "openai/gpt-6-luna",
        "reason": "The vendor has withdrawn it.",
    },
]


def cost_report(cost_micro_usd: int) -> JsonValue:
    """The `meta` field."""
    usd = cost_micro_usd / 1_000_000
    return {"usage": {"credits_used": cost_micro_usd * CREDITS_PER_MICRO_USD, "usd_spent": usd}}


def cost_headers(cost_micro_usd: int) -> dict[str, str]:
    """The headers of a whole (not streamed) answer."""
    return {
        "x-aimlapi-credits-used": str(cost_micro_usd * CREDITS_PER_MICRO_USD),
        "x-aimlapi-usd-spent": f"{cost_micro_usd / 1_000_000:.6f}",
    }


def headers(request_id: str, call_id: str) -> dict[str, str]:
    """The billing id, and the caller's own id if it is well formed; others are dropped without a word."""
    echo = {"x-client-request-id": call_id} if _CALL_ID.fullmatch(call_id) else {}
    return echo | {"x-inference-id": request_id}


def older_error(reason: Reason, path: str, request_id: str, at: datetime) -> JsonValue:
    """The older of its two error bodies: the status is a string."""
    return {
        "message": reason.message,
        "path": path,
        "requestId": request_id,
        "statusCode": str(reason.status),
        "timestamp": at.isoformat(),
    }


def problem(reason: Reason, path: str, request_id: str, at: datetime) -> JsonValue:
    """The newer one, in the manner of problem+json."""
    title = reason.code or reason.type
    return {
        "title": title,
        "status": reason.status,
        "instance": path,
        "message": reason.message,
        "requestId": request_id,
        "timestamp": at.isoformat(),
        "error": {"name": title, "message": reason.message},
    }


def _last(sale: Sale) -> JsonObject:
    return {"meta": cost_report(sale.cost_micro_usd)}


DRESS: Final = Dress(
    whole=lambda body, sale: body | _last(sale),
    last=_last,
    whole_headers=lambda sale: cost_headers(sale.cost_micro_usd),
)
