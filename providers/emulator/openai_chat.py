"""Checks a Chat Completions request as the vendor does. Pure.

Source: shared design page providers.md, section 1.1 (fields, efforts) and section 10 (what is refused and how).
"""

import json
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Final

from pydantic import JsonValue

from providers.emulator.models import Model
from providers.emulator.personas import Persona
from providers.emulator.prefixes import is_wished
from providers.emulator.refusals import Reason, Refusal, context_too_long, unparsable
from providers.emulator.strictness import complaint, is_name
from providers.emulator.tokens import count, count_prompt
from providers.emulator.tool_use import Tool, demanded

DEFAULT_EFFORT: Final = "medium"
IMAGE_TOKENS: Final = 765  # of an image at high or automatic detail; the page has no figure, so that this one is ours
SMALL_IMAGE_TOKENS: Final = 85  # at low detail

_TIERS: Final = frozenset({"auto", "default", "flex", "scale", "priority", "fast"})

_ROLES: Final = frozenset({"developer", "system", "user", "assistant", "tool"})
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
    texts = _texts(body.get("messages"))
    images = _images(body.get("messages"), model)
    effort = _effort(body, model)
    if persona.refuses_conflicts:
        _effort_conflicts(body, effort)
    schema, json_only = _response_format(body.get("response_format"))
    speechless = json_only and not any("json" in text.lower() for text in texts)
    if speechless and persona.wants_json_word:
        raise _refuse("'messages' must contain the word 'json' in some form.", None, "messages")
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


def _refuse(message: str, code: str | None, param: str) -> Refusal:
    return Refusal(Reason(400, message, code=code, param=param))


def _model(body: dict[str, JsonValue], persona: Persona) -> Model:
    name = body.get("model")
    if not isinstance(name, str) or not name:
        raise _refuse("you must provide a model parameter", "missing_required_parameter", "model")
    model = persona.find_model(name)
    if model is None:
        raise Refusal(persona.unknown_model(name))
    return model


def _takes_max_tokens(persona: Persona, model: Model) -> bool:
    return persona.takes_max_tokens or not model.reasons


def _known_fields(body: dict[str, JsonValue], persona: Persona, model: Model) -> None:
    unknown = sorted(body.keys() - _FIELDS)
    if unknown and persona.strict_fields:
        raise _refuse(f"Unknown parameter: '{unknown[0]}'.", "unknown_parameter", unknown[0])
    if "max_tokens" in body and not _takes_max_tokens(persona, model):
        raise _refuse(
            "Unsupported parameter: 'max_tokens' is not supported with this model. "
            "Use 'max_completion_tokens' instead.",
            "unsupported_parameter",
            "max_tokens",
        )


def _texts(messages: JsonValue) -> tuple[str, ...]:
    if not isinstance(messages, list):
        raise _refuse("Missing required parameter: 'messages'.", "missing_required_parameter", "messages")
    if not messages:
        raise _refuse(
            "Invalid 'messages': empty array. Expected an array with minimum length 1.", "empty_array", "messages"
        )
    return tuple(_text(message, f"messages[{place}]") for place, message in enumerate(messages))


def _text(message: JsonValue, where: str) -> str:
    if not isinstance(message, dict) or message.get("role") not in _ROLES:
        raise _refuse(f"Invalid value for '{where}.role'.", "invalid_value", f"{where}.role")
    content = message.get("content")
    if isinstance(content, str):
        return content
    if isinstance(content, list) and content:
        return "\n".join(_parts(content, f"{where}.content"))
    if content is None and message.get("role") == "assistant" and message.get("tool_calls"):
        return ""
    raise _refuse(
        f"Invalid value for '{where}.content': expected a string or an array of parts.",
        "invalid_type",
        f"{where}.content",
    )


def _parts(parts: list[JsonValue], where: str) -> Iterable[str]:
    for part in parts:
        kind = part.get("type") if isinstance(part, dict) else None
        text = part.get("text") if isinstance(part, dict) else None
        if kind == "text" and isinstance(text, str):
            yield text
        elif kind != "image_url" or not _is_image(part):
            raise _refuse(f"Invalid value for '{where}': unknown content part.", "invalid_value", where)


def _is_image(part: JsonValue) -> bool:
    image = part.get("image_url") if isinstance(part, dict) else None
    address = image.get("url") if isinstance(image, dict) else None
    return isinstance(address, str) and address.startswith(("https://", "http://", "data:image/"))


def _images(messages: JsonValue, model: Model) -> int:
    """Tokens of all images; also what else a model may not take."""
    total = 0
    for place, message in enumerate(messages if isinstance(messages, list) else ()):
        if not isinstance(message, dict):
            continue
        if message.get("role") in ("system", "developer") and not model.takes_system:
            where = f"messages[{place}].role"
            raise _refuse(f"{where}: this model does not support the system role.", None, where)
        content = message.get("content")
        for part in content if isinstance(content, list) else ():
            total += _image_tokens(part, model)
    return total


def _image_tokens(part: JsonValue, model: Model) -> int:
    image = part.get("image_url") if isinstance(part, dict) else None
    if not isinstance(image, dict):
        return 0
    if not model.sees:
        raise _refuse("This model does not take images.", "invalid_value", "messages")
    return SMALL_IMAGE_TOKENS if image.get("detail") == "low" else IMAGE_TOKENS


def _max_tokens(body: dict[str, JsonValue]) -> int | None:
    for name in ("max_completion_tokens", "max_tokens"):
        value = body.get(name)
        if value is None:
            continue
        if not isinstance(value, int) or isinstance(value, bool) or value < 1:
            raise _refuse(f"Invalid '{name}': expected an integer of at least 1.", "integer_below_min_value", name)
        return value
    return None


def _effort(body: dict[str, JsonValue], model: Model) -> str:
    value = body.get("reasoning_effort")
    if value is None:
        return DEFAULT_EFFORT if model.reasons else "none"
    if not isinstance(value, str) or value not in model.efforts:
        allowed = ", ".join(f"'{effort}'" for effort in model.efforts)
        raise _refuse(
            f"Unsupported value: 'reasoning_effort' does not support '{value}' with this model. "
            f"Supported values are: {allowed}.",
            "unsupported_value",
            "reasoning_effort",
        )
    return value


def _effort_conflicts(body: dict[str, JsonValue], effort: str) -> None:
    if effort == "none":
        return
    for name in _SAMPLING:
        if body.get(name) not in (None, 1):
            raise _refuse(
                f"Unsupported value: '{name}' does not support {body[name]} with this model. "
                "Only the default (1) value is supported.",
                "unsupported_value",
                name,
            )
    if body.get("tools"):
        raise _refuse("Function tools are not supported while reasoning.", "unsupported_parameter", "tools")


def _response_format(value: JsonValue) -> tuple[dict[str, JsonValue] | None, bool]:
    kind = value.get("type") if isinstance(value, dict) else None
    if value is None or kind == "text":
        return None, False
    if kind == "json_object":
        return None, True
    named = value.get("json_schema") if isinstance(value, dict) else None
    if kind != "json_schema" or not isinstance(named, dict):
        raise _refuse("Invalid value for 'response_format'.", "invalid_value", "response_format")
    return _schema(named), False


def _schema(named: dict[str, JsonValue]) -> dict[str, JsonValue]:
    name, schema = named.get("name"), named.get("schema")
    if not isinstance(name, str) or not is_name(name):
        where = "response_format.json_schema.name"
        raise _refuse(f"Invalid '{where}': 1 to 64 letters, digits, '_' or '-'.", "invalid_value", where)
    reason = complaint(schema) if named.get("strict") is True else None
    if reason or not isinstance(schema, dict):
        raise _refuse(
            f"Invalid schema for response_format '{name}': {reason or 'schema must be an object.'}",
            "invalid_json_schema",
            "response_format",
        )
    return schema


def _tier(value: JsonValue, persona: Persona) -> str:
    """The tier that will serve: the one asked for where it is sold, otherwise the default one."""
    known = value is None or (isinstance(value, str) and value in _TIERS)
    if persona.strict_fields and not known:
        raise _refuse(f"Invalid value: '{value}' for 'service_tier'.", "invalid_value", "service_tier")
    return value if isinstance(value, str) and value in persona.tiers else "default"
