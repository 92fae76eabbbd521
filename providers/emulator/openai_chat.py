"""Checks a Chat Completions request as the vendor does. Pure.

Source: shared design page providers.md, section 1.1 (fields, efforts) and section 10 (what is refused and how).
"""

import json
from dataclasses import dataclass
from typing import Final

from pydantic import JsonValue

from providers.emulator.models import Model
from providers.emulator.openai_messages import image_tokens, read
from providers.emulator.personas import Persona
from providers.emulator.prefixes import is_wished
from providers.emulator.refusals import Refusal, bad_request, context_too_long, unparsable
from providers.emulator.strictness import complaint, is_name
from providers.emulator.tokens import count, count_prompt
from providers.emulator.tool_use import Tool, demanded

DEFAULT_EFFORT: Final = "medium"
_TIERS: Final = frozenset({"auto", "default", "flex", "scale", "priority", "fast"})

_SAMPLING: Final = ("temperature", "top_p")  # 1 is the default and always allowed
_FIELDS: Final = frozenset(
    """model messages max_tokens max_completion_tokens reasoning_effort verbosity temperature top_p response_format
    tools tool_choice parallel_tool_calls stream stream_options service_tier prompt_cache_key prompt_cache_options
    prompt_cache_retention seed stop n store metadata safety_identifier user frequency_penalty presence_penalty
    logit_bias logprobs top_logprobs modalities prediction web_search_options""".split()
)


@dataclass(frozen=True)
class ChatRequest:
    """A request that passed. `schema` is None for free text; `prompt_tokens` is what will be billed as input.

    `calls` are the tools that the answer must call. `blanks`: the vendor answers this one with white space.
    `obfuscated`: chunks carry noise. `cached`: the caller has prompt caching in mind; `end_user` keeps the caches of
    one key apart.
    """

    model: Model
    texts: tuple[str, ...]
    prompt_tokens: int
    max_tokens: int | None
    effort: str
    schema: dict[str, JsonValue] | None
    json_only: bool
    stream: bool
    include_usage: bool
    service_tier: str
    calls: tuple[Tool, ...] = ()
    shows_thoughts: bool = False
    blanks: bool = False
    obfuscated: bool = True
    cached: bool = False
    end_user: str = ""


def parse(raw: bytes) -> dict[str, JsonValue]:
    """Read the body.

    Raises:
        Refusal: 400, not a JSON object.
    """
    try:
        body = json.loads(raw)
    except ValueError as error:
        raise Refusal(unparsable()) from error
    if not isinstance(body, dict):
        raise Refusal(unparsable())
    return body


def check(body: dict[str, JsonValue], persona: Persona) -> ChatRequest:
    """Accept a request.

    Raises:
        Refusal: 400 or 404, in the order in which the vendor looks.
    """
    body = persona.adapted(body)
    model = _model(body, persona)
    _known_fields(body, persona, model)
    texts = read(body.get("messages"))
    images = image_tokens(body.get("messages"), model)
    effort = _effort(body, model)
    if persona.refuses_conflicts:
        _effort_conflicts(body, effort, model)
    schema, json_only = _response_format(body.get("response_format"))
    speechless = json_only and not any("json" in text.lower() for text in texts)
    if speechless and persona.wants_json_word:
        raise bad_request("'messages' must contain the word 'json' in some form.", None, "messages")
    calls = demanded(body)
    tools = body.get("tools")
    prompt_tokens = count_prompt(texts) + images + (count(json.dumps(tools)) if tools else 0)
    if prompt_tokens > model.window_tokens:
        raise Refusal(context_too_long(model.window_tokens, prompt_tokens))
    options = body.get("stream_options")
    return ChatRequest(
        model=model,
        texts=texts,
        prompt_tokens=prompt_tokens,
        max_tokens=_max_tokens(body),
        effort=effort,
        schema=schema,
        json_only=json_only,
        stream=body.get("stream") is True,
        include_usage=isinstance(options, dict) and options.get("include_usage") is True,
        service_tier=_tier(body.get("service_tier"), persona),
        calls=calls,
        shows_thoughts=persona.shows_thoughts(body),
        blanks=speechless,
        obfuscated=not (isinstance(options, dict) and options.get("include_obfuscation") is False),
        cached=is_wished(body),
        end_user=str(body.get("user_id", "")),
    )


def _model(body: dict[str, JsonValue], persona: Persona) -> Model:
    name = body.get("model")
    if not isinstance(name, str) or not name:
        raise bad_request("you must provide a model parameter", "missing_required_parameter", "model")
    model = persona.find_model(name)
    if model is None:
        raise Refusal(persona.unknown_model(name))
    return model


def _takes_max_tokens(persona: Persona, model: Model) -> bool:
    return persona.takes_max_tokens or not model.reasons


def _known_fields(body: dict[str, JsonValue], persona: Persona, model: Model) -> None:
    unknown = sorted(body.keys() - _FIELDS)
    if unknown and persona.strict_fields:
        raise bad_request(f"Unknown parameter: '{unknown[0]}'.", "unknown_parameter", unknown[0])
    if "max_tokens" in body and not _takes_max_tokens(persona, model):
        raise bad_request(
            "Unsupported parameter: 'max_tokens' is not supported with this model. "
            "Use 'max_completion_tokens' instead.",
            "unsupported_parameter",
            "max_tokens",
        )


def _max_tokens(body: dict[str, JsonValue]) -> int | None:
    for name in ("max_completion_tokens", "max_tokens"):
        value = body.get(name)
        if value is None:
            continue
        if not isinstance(value, int) or isinstance(value, bool) or value < 1:
            raise bad_request(f"Invalid '{name}': expected an integer of at least 1.", "integer_below_min_value", name)
        return value
    return None


def _effort(body: dict[str, JsonValue], model: Model) -> str:
    value = body.get("reasoning_effort")
    if value is None:
        return DEFAULT_EFFORT if model.reasons else "none"
    if not isinstance(value, str) or value not in model.efforts:
        allowed = ", ".join(f"'{effort}'" for effort in model.efforts)
        raise bad_request(
            f"Unsupported value: 'reasoning_effort' does not support '{value}' with this model. "
            f"Supported values are: {allowed}.",
            "unsupported_value",
            "reasoning_effort",
        )
    return value


def _effort_conflicts(body: dict[str, JsonValue], effort: str, model: Model) -> None:
    if effort == "none":
        return
    for name in _SAMPLING:
        if body.get(name) not in (None, 1):
            raise bad_request(
                f"Unsupported value: '{name}' does not support {body[name]} with this model. "
                "Only the default (1) value is supported.",
                "unsupported_value",
                name,
            )
    if body.get("tools") and not model.tools_while_reasoning:
        raise bad_request("Function tools are not supported while reasoning.", "unsupported_parameter", "tools")


def _response_format(value: JsonValue) -> tuple[dict[str, JsonValue] | None, bool]:
    kind = value.get("type") if isinstance(value, dict) else None
    if value is None or kind == "text":
        return None, False
    if kind == "json_object":
        return None, True
    named = value.get("json_schema") if isinstance(value, dict) else None
    if kind != "json_schema" or not isinstance(named, dict):
        raise bad_request("Invalid value for 'response_format'.", "invalid_value", "response_format")
    return _schema(named), False


def _schema(named: dict[str, JsonValue]) -> dict[str, JsonValue]:
    name, schema = named.get("name"), named.get("schema")
    if not isinstance(name, str) or not is_name(name):
        where = "response_format.json_schema.name"
        raise bad_request(f"Invalid '{where}': 1 to 64 letters, digits, '_' or '-'.", "invalid_value", where)
    reason = complaint(schema) if named.get("strict") is True else None
    if reason or not isinstance(schema, dict):
        raise bad_request(
            f"Invalid schema for response_format '{name}': {reason or 'schema must be an object.'}",
            "invalid_json_schema",
            "response_format",
        )
    return schema


def _tier(value: JsonValue, persona: Persona) -> str:
    """The tier that will serve: the one asked for where it is sold, otherwise the default one."""
    known = value is None or (isinstance(value, str) and value in _TIERS)
    if persona.strict_fields and not known:
        raise bad_request(f"Invalid value: '{value}' for 'service_tier'.", "invalid_value", "service_tier")
    return value if isinstance(value, str) and value in persona.tiers else "default"
