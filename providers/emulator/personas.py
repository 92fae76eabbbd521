"""Whom the emulator plays: differences between vendors of the same dialect, as rows. Pure.

Source: shared design page providers.md, sections 1.1 (OpenAI) and 1.7 (AIMLAPI).
"""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from typing import Final

from pydantic import JsonValue

from providers.emulator import models
from providers.emulator.models import Model
from providers.emulator.refusals import Reason

CREDITS_PER_MICRO_USD: Final = 2  # AIMLAPI sells 2,000,000 credits for a dollar


@dataclass(frozen=True)
class Incident:
    """Where and when a refusal happened, for error bodies that repeat it."""

    path: str
    request_id: str
    at: datetime


@dataclass(frozen=True)
class Persona:
    """One vendor. `strict_fields`: unknown request fields are refused. `reports_cost`: answers say what they cost."""

    name: str
    success_status: int
    strict_fields: bool
    takes_max_tokens: bool
    models_need_key: bool
    reports_cost: bool
    find_model: Callable[[str], Model | None]
    listed_models: tuple[str, ...]
    error_body: Callable[[Reason, Incident], JsonValue]


def _openai_error(reason: Reason, _incident: Incident) -> JsonValue:
    return {"error": {"message": reason.message, "type": reason.type, "param": reason.param, "code": reason.code}}


def _aimlapi_error(reason: Reason, incident: Incident) -> JsonValue:
    return {
        "message": reason.message,
        "path": incident.path,
        "requestId": incident.request_id,
        "statusCode": str(reason.status),
        "timestamp": incident.at.isoformat(),
    }


def cost_report(cost_micro_usd: int) -> JsonValue:
    """AIMLAPI's `meta` field."""
    usd = cost_micro_usd / 1_000_000
    return {"usage": {"credits_used": cost_micro_usd * CREDITS_PER_MICRO_USD, "usd_spent": usd}}


def cost_headers(cost_micro_usd: int) -> dict[str, str]:
    """AIMLAPI's headers of a whole (not streamed) answer."""
    return {
        "x-aimlapi-credits-used": str(cost_micro_usd * CREDITS_PER_MICRO_USD),
        "x-aimlapi-usd-spent": f"{cost_micro_usd / 1_000_000:.6f}",
    }


_OPENAI: Final = Persona(
    name="openai",
    success_status=200,
    strict_fields=True,
    takes_max_tokens=False,
    models_need_key=True,
    reports_cost=False,
    find_model=models.find,
    listed_models=tuple(models.MODELS),
    error_body=_openai_error,
)
_AIMLAPI: Final = Persona(
    name="aimlapi",
    success_status=201,
    strict_fields=False,
    takes_max_tokens=True,
    models_need_key=False,
    reports_cost=True,
    find_model=models.find_resold,
    listed_models=tuple(models.RESOLD),
    error_body=_aimlapi_error,
)

# By the first segment of the path; the bare address plays OpenAI.
PERSONAS: Final[dict[str, Persona]] = {"": _OPENAI, "openai": _OPENAI, "aimlapi": _AIMLAPI}


def at(path: str) -> Persona:
    """Who answers at this path."""
    return PERSONAS.get(path.split("/")[1], _OPENAI)
