"""Whom the emulator plays: differences between vendors of the same dialect, as rows. Pure.

Source: shared design page providers.md, sections 1.1 (OpenAI) and 1.4 to 1.7 (the others).
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import Final

from pydantic import JsonValue

from providers.emulator import (
    aimlapi,
    anthropic_refusals,
    azure,
    deepseek,
    gemini_refusals,
    limit_words,
    models,
    openrouter,
)
from providers.emulator.dress import PLAIN, Dress, JsonObject
from providers.emulator.limits import OverLimit, Standing
from providers.emulator.models import Model
from providers.emulator.prefixes import STANDARD, CacheRules
from providers.emulator.refusals import Reason, missing_key, unknown_model


@dataclass(frozen=True)
class Incident:
    """Where and when a refusal happened, for bodies that repeat it. `problem` asks for the newer of two bodies."""

    path: str
    request_id: str
    at: datetime
    problem: bool = False


@dataclass(frozen=True)
class Persona:
    """One vendor.

    `strict_fields`: unknown request fields are refused. `refuses_conflicts`: so are sampling parameters and function
    tools while the model reasons. `wants_json_word`: json_object without the word in the prompt is refused, not
    answered with blanks. `adapted` puts a request into the common dialect. `bases` are the addresses it answers at;
    `classic` is Azure's older one, where a path names the model. `tiers`: per cent of the price for each service
    tier that it sells.
    """

    name: str
    success_status: int
    strict_fields: bool
    takes_max_tokens: bool
    models_need_key: bool
    find_model: Callable[[str], Model | None]
    listed_models: tuple[str, ...]
    error_body: Callable[[Reason, Incident], JsonValue]
    bases: tuple[str, ...] = ()
    classic: str = ""
    refuses_conflicts: bool = True
    wants_json_word: bool = True
    adapted: Callable[[JsonObject], JsonObject] = lambda body: body
    shows_thoughts: Callable[[JsonObject], bool] = lambda _body: False
    dress: Dress = PLAIN
    openai_headers: bool = True
    own_headers: Callable[[str, str], dict[str, str]] = lambda _request_id, _call_id: {}
    failure: bytes = b""
    failed_after_start: Callable[[JsonObject], JsonObject] | None = None
    scripted: Mapping[str, Reason] = field(default_factory=dict)
    missing_key: Callable[[], Reason] = missing_key
    unknown_model: Callable[[str], Reason] = unknown_model
    tiers: Mapping[str, int] = field(default_factory=dict)
    percent: Callable[[Model, datetime], int] = lambda _model, _at: 100
    cache: CacheRules = STANDARD
    limit_headers: Callable[[Standing], dict[str, str]] = limit_words.no_headers
    retry_headers: Callable[[OverLimit], dict[str, str]] = lambda _over: {}


def _openai_error(reason: Reason, _incident: Incident) -> JsonValue:
    error: JsonObject = {
        "message": reason.message,
        "type": reason.type,
        "param": reason.param,
        "code": reason.code,
    }
    return {"error": error | reason.extra}


def _aimlapi_error(reason: Reason, incident: Incident) -> JsonValue:
    body = aimlapi.problem if incident.problem else aimlapi.older_error
    return body(reason, incident.path, incident.request_id, incident.at)


_TIERS: Final = {"default": 100, "scale": 100, "flex": 50, "priority": 200}
_OPENAI: Final = Persona(
    name="openai",
    success_status=200,
    strict_fields=True,
    takes_max_tokens=False,
    models_need_key=True,
    find_model=models.find,
    listed_models=tuple(models.MODELS),
    error_body=_openai_error,
    bases=("/v1", "/openai/v1"),
    tiers=_TIERS,
    limit_headers=limit_words.openai_headers,
    retry_headers=limit_words.openai_retry_headers,
)
_AZURE: Final = Persona(
    name="azure",
    success_status=200,
    strict_fields=True,
    takes_max_tokens=False,
    models_need_key=True,
    find_model=models.find,
    listed_models=tuple(models.MODELS),
    error_body=lambda reason, _incident: azure.error_body(reason),
    bases=("/azure/openai/v1",),
    classic="/azure/openai",
    adapted=azure.adapted,
    dress=azure.DRESS,
    own_headers=azure.headers,
    scripted=azure.SCRIPTED,
    missing_key=azure.denied,
    unknown_model=azure.unknown_deployment,
    tiers=_TIERS,
    limit_headers=limit_words.azure_headers,
    retry_headers=limit_words.openai_retry_headers,
)
_AIMLAPI: Final = Persona(
    name="aimlapi",
    success_status=201,
    strict_fields=False,
    takes_max_tokens=True,
    models_need_key=False,
    find_model=models.find_resold,
    listed_models=tuple(models.RESOLD),
    error_body=_aimlapi_error,
    bases=("/aimlapi/v1",),
    dress=aimlapi.DRESS,
    own_headers=aimlapi.headers,
    openai_headers=False,
)
_OPENROUTER: Final = Persona(
    name="openrouter",
    success_status=200,
    strict_fields=False,
    takes_max_tokens=True,
    models_need_key=False,
    find_model=models.find_routed,
    listed_models=tuple(models.ROUTED),
    error_body=lambda reason, _incident: openrouter.error_body(reason),
    bases=("/openrouter/api/v1", "/openrouter/v1"),
    refuses_conflicts=False,
    adapted=openrouter.adapted,
    shows_thoughts=openrouter.shows_thoughts,
    dress=openrouter.DRESS,
    openai_headers=False,
    failure=openrouter.FAILURE,
    failed_after_start=openrouter.failed_after_start,
    scripted=openrouter.SCRIPTED,
    percent=deepseek.percent,  # it passes the upstream's hours on; only DeepSeek has any
)
_DEEPSEEK: Final = Persona(
    name="deepseek",
    success_status=200,
    strict_fields=False,
    takes_max_tokens=True,
    models_need_key=True,
    find_model=models.find_deepseek,
    listed_models=tuple(models.DEEPSEEK),
    error_body=lambda reason, _incident: deepseek.error_body(reason),
    bases=("/deepseek", "/deepseek/v1", "/deepseek/beta"),
    refuses_conflicts=False,
    wants_json_word=False,
    adapted=deepseek.adapted,
    shows_thoughts=lambda _body: True,
    dress=deepseek.DRESS,
    openai_headers=False,
    scripted=deepseek.SCRIPTED,
    percent=deepseek.percent,
    cache=CacheRules(least_tokens=64, unit_tokens=64, ttl_s=6 * 3600.0),
)

# By the first segment of the path; the bare address plays OpenAI.
PERSONAS: Final[dict[str, Persona]] = {
    "": _OPENAI,
    "openai": _OPENAI,
    "azure": _AZURE,
    "aimlapi": _AIMLAPI,
    "openrouter": _OPENROUTER,
    "deepseek": _DEEPSEEK,
}


# The two dialects with doors of their own: here stand their names, and their words for a wrong address.
_ANTHROPIC: Final = replace(
    _OPENAI,
    name="anthropic",
    bases=(),
    error_body=lambda reason, incident: anthropic_refusals.error_body(reason, incident.request_id),
)
_GEMINI: Final = replace(
    _OPENAI, name="gemini", bases=(), error_body=lambda reason, _incident: gemini_refusals.error_body(reason)
)


_GOOGLES_OWN: Final = ("gemini", "v1beta", "upload", "download")


def at(path: str) -> Persona:
    """Who answers at this path."""
    first = path.split("/")[1]
    if first == "anthropic" or path.startswith("/v1/messages"):
        return _ANTHROPIC
    if first in _GOOGLES_OWN or (path.startswith("/v1/models/") and ":" in path):
        return _GEMINI
    return PERSONAS.get(first, _OPENAI)
