"""Checks a generateContent request as the vendor does. Pure.

Source: shared design page providers.md, section 1.3 (fields, thinking levels) and section 10 (what is refused).
"""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date
from typing import Final, TypeAlias

from pydantic import JsonValue

from providers.emulator.draws import digest
from providers.emulator.gemini_models import Gemini, find
from providers.emulator.gemini_prompt import CachedPrompt, Piece, read
from providers.emulator.gemini_refusals import invalid, too_long, unknown_model
from providers.emulator.gemini_shapes import JsonObject, plain_schema, shape, shapes
from providers.emulator.prompt_cache import Prefix
from providers.emulator.refusals import Reason, Refusal

TIERS: Final = ("standard", "flex", "priority")

_MODES: Final = ("AUTO", "ANY", "NONE", "VALIDATED")
_LEAST_TOKENS: Final = 1
_STANDS_IN_CACHE: Final = ("systemInstruction", "tools", "toolConfig")

FindCached: TypeAlias = Callable[[str], CachedPrompt | None]


@dataclass(frozen=True)
class Thinking:
    """How hard the model thinks (`NONE` for not at all), and whether it shows its thoughts."""

    level: str
    shown: bool = False


@dataclass(frozen=True)
class Functions:
    """What may be called. `forced`: the names of which one must be called now, empty when the model is free."""

    schemas: dict[str, JsonValue]
    forced: tuple[str, ...] = ()
    allowed: bool = True


@dataclass(frozen=True)
class GenerateRequest:
    """A request that passed. `schema` is None for free text; `begun` is how much of the answer an earlier hop gave.

    `held_tokens` of the prompt stand in a cache that the caller has named.
    """

    model: Gemini
    texts: tuple[str, ...]
    pieces: tuple[Piece, ...]
    max_tokens: int
    thinking: Thinking
    schema: JsonObject | None
    json_only: bool
    functions: Functions
    stop_sequences: tuple[str, ...]
    tier: str
    stream: bool
    begun: int = 0
    held_tokens: int = 0

    @property
    def prompt_tokens(self) -> int:
        """Everything that the model reads."""
        return sum(piece.tokens for piece in self.pieces)

    def prefixes(self) -> tuple[Prefix, ...]:
        """The prompt up to each of its parts but the last, as far as the vendor remembers such short ones at all."""
        name, tokens, found = "", 0, []
        for piece in self.pieces[:-1]:
            name, tokens = digest(name, piece.canon), tokens + piece.tokens
            if tokens >= self.model.cache_min_tokens:
                found.append(Prefix(name, tokens))
        return tuple(found)


def _none_cached(_name: str) -> CachedPrompt | None:
    return None


def check(
    body: JsonObject, model_name: str, today: date, *, stream: bool = False, find_cached: FindCached = _none_cached
) -> GenerateRequest:
    """Accept a request. `find_cached` knows the caches of this caller by name.

    Raises:
        Refusal: 400, 403 or 404, in the order in which the vendor looks.
    """
    model = find_model(model_name, today)
    asked = shape(body, "request", "request")
    if not asked.get("contents"):
        raise invalid("* GenerateContentRequest.contents: contents is not specified")
    cached = _cached(asked, model, find_cached)
    config = shape(asked.get("generationConfig"), "generationConfig", "generation_config")
    functions = _functions(cached.asked if cached else asked)
    texts, pieces = read(asked)
    schema, json_only = _answer_format(config)
    request = GenerateRequest(
        model=model,
        texts=(cached.texts if cached else ()) + texts,
        pieces=(cached.pieces if cached else ()) + pieces,
        max_tokens=_limit(config, model),
        thinking=_thinking(config.get("thinkingConfig"), model),
        schema=schema,
        json_only=json_only,
        functions=functions,
        stop_sequences=_stops(config.get("stopSequences")),
        tier=_tier(asked.get("serviceTier")),
        stream=stream,
        begun=_begun(asked.get("continuationToken"), model),
        held_tokens=cached.tokens if cached else 0,
    )
    if request.prompt_tokens > model.window_tokens:
        raise too_long(request.prompt_tokens, model.window_tokens)
    return request


def find_model(name: str, today: date) -> Gemini:
    """The model that a path names.

    Raises:
        Refusal: 404.
    """
    model = find(name, today)
    if model is None:
        raise unknown_model(name.removeprefix("models/"))
    return model


def _cached(asked: JsonObject, model: Gemini, find_cached: FindCached) -> CachedPrompt | None:
    name = asked.get("cachedContent")
    if name is None:
        return None
    cached = find_cached(name) if isinstance(name, str) else None
    if cached is None:
        raise Refusal(Reason(403, "CachedContent not found (or permission denied)"))
    if cached.model_id != model.id:
        raise invalid(
            f"Model used by GenerateContent request (models/{model.id}) and CachedContent (models/{cached.model_id}) "
            "has to be the same."
        )
    if any(asked.get(field) is not None for field in _STANDS_IN_CACHE):
        raise invalid(
            "CachedContent can not be used with GenerateContent request setting system_instruction, tools or "
            "tool_config. Move those values to CachedContent from GenerateContent request."
        )
    return cached


def _limit(config: JsonObject, model: Gemini) -> int:
    if config.get("candidateCount") not in (None, 1):
        raise invalid("Multiple candidates is not enabled for this model")
    value, most = config.get("maxOutputTokens"), model.max_output_tokens
    if value is None:
        return most
    if not isinstance(value, int) or isinstance(value, bool) or not _LEAST_TOKENS <= value <= most:
        raise invalid(
            f"Unable to submit request because it has a maxOutputTokens value of {value} but the supported range is "
            f"from {_LEAST_TOKENS} (inclusive) to {most + 1} (exclusive)."
        )
    return value


def _thinking(value: JsonValue, model: Gemini) -> Thinking:
    config = shape(value, "thinkingConfig", "generation_config.thinking_config")
    level, budget, shown = config.get("thinkingLevel"), config.get("thinkingBudget"), config.get("includeThoughts")
    if level is not None and budget is not None:
        raise invalid("You can only set only one of thinking budget and thinking level.")
    if budget is not None:
        if not isinstance(budget, int) or budget < -1:
            raise invalid("Invalid value at 'generation_config.thinking_config.thinking_budget'")
        return Thinking("NONE" if budget == 0 else model.default_level if budget == -1 else "LOW", shown is True)
    if level is None:
        return Thinking(model.default_level, shown is True)
    if not isinstance(level, str) or level.upper() not in model.levels:
        raise invalid(f"Thinking level {level} is not supported for this model.")
    return Thinking(level.upper(), shown is True)


def _answer_format(config: JsonObject) -> tuple[JsonObject | None, bool]:
    schema, older, kind = (config.get(name) for name in ("responseJsonSchema", "responseSchema", "responseMimeType"))
    if schema is not None and older is not None:
        raise invalid("Only one of response_schema and response_json_schema can be set.")
    wanted = schema if schema is not None else plain_schema(older)
    if wanted is None:
        return None, kind == "application/json"
    if kind != "application/json":
        raise invalid("Response schema is only supported with response mime type: 'application/json'")
    if not isinstance(wanted, dict):
        raise invalid("Invalid value at 'generation_config.response_json_schema': expected an object.")
    return wanted, True


def _functions(asked: JsonObject) -> Functions:
    schemas: dict[str, JsonValue] = {}
    for tool in shapes(asked.get("tools"), "tool", "tools"):
        for row in shapes(tool.get("functionDeclarations"), "functionDeclaration", "tools.function_declarations"):
            name = row.get("name")
            if not isinstance(name, str) or not name:
                raise invalid("* GenerateContentRequest.tools.function_declarations.name: Invalid function name.")
            schemas[name] = row.get("parametersJsonSchema") or plain_schema(row.get("parameters")) or {"type": "object"}
    config = shape(asked.get("toolConfig"), "toolConfig", "tool_config")
    calling = shape(config.get("functionCallingConfig"), "functionCallingConfig", "tool_config.function_calling_config")
    mode, names = calling.get("mode", "AUTO"), calling.get("allowedFunctionNames")
    if not isinstance(mode, str) or mode.upper() not in _MODES:
        raise invalid("Invalid value at 'tool_config.function_calling_config.mode'")
    allowed = [name for name in names if isinstance(name, str)] if isinstance(names, list) else list(schemas)
    if unknown := [name for name in allowed if name not in schemas]:
        raise invalid(f"Function calling config allowed_function_names contains unknown function {unknown[0]}.")
    if mode.upper() == "ANY" and not schemas:
        raise invalid("Function calling config is set without function_declarations.")
    return Functions(schemas, tuple(allowed[:1]) if mode.upper() == "ANY" else (), mode.upper() != "NONE")


def _stops(value: JsonValue) -> tuple[str, ...]:
    stops = tuple(stop for stop in _list(value) if isinstance(stop, str) and stop)
    if len(stops) > 5:  # the vendor's own limit
        raise invalid("The number of stop sequences must be at most 5.")
    return stops


def _tier(value: JsonValue) -> str:
    if value is None:
        return "standard"
    if not isinstance(value, str) or value.lower() not in TIERS:
        raise invalid(f"Invalid value at 'service_tier': \"{value}\"")
    return value.lower()


def _begun(token: JsonValue, model: Gemini) -> int:
    """A continuation token is `cont-` and the number of characters that were given so far."""
    if token is None:
        return 0
    given = token.removeprefix("cont-") if isinstance(token, str) else ""
    if not model.continues or not given.isdigit():
        raise invalid("Invalid continuation_token.")
    return int(given)


def _list(value: JsonValue) -> list[JsonValue]:
    return value if isinstance(value, list) else []
